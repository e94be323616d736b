import Documents
import Glibc

extension Library {
  /// The extension `math`, versions 0 to 2.
  static let math: [Function] = extremes + rounding + signs + bits

  /// `math.greatest` and `math.least` of up to 32 numbers, or of a list of them.
  private static let extremes: [Function] = [true, false].flatMap { isGreatest in
    (1...32).map { count in
      Function(
        isGreatest ? "math.greatest" : "math.least", Array(repeating: .dyn, count: count),
        returns: .dyn, in: .specOnly
      ) { arguments, frame in
        if count == 1, arguments[0].isKind(.list) {
          return extreme(arguments[0].elements, isGreatest, frame)
        }
        return extreme(arguments, isGreatest, frame)
      }
    }
  }

  private static func extreme(
    _ numbers: UnsafeBufferPointer<Value>, _ isGreatest: Bool, _ frame: Frame
  ) -> Value {
    guard var result = numbers.first else {
      let name = isGreatest ? "math.@max(list)" : "math.@min(list)"
      return frame.error("\(name) argument must not be empty")
    }
    guard Numbers.compare(result, result) != nil else {
      return frame.error(.noSuchOverload, result)
    }
    guard frame.spend(numbers.count) else { return frame.error(.stepLimit) }
    for number in numbers.dropFirst() {
      guard let order = Numbers.compare(result, number) else {
        return frame.error(.noSuchOverload, result, number)
      }
      if order == (isGreatest ? .less : .greater) { result = number }
    }
    return result
  }

  private static func ofDouble(
    _ name: String, _ body: @escaping @Sendable (Double) -> Double
  ) -> Function {
    Function(name, .double, returns: .double, in: .specOnly) { number, _ in
      .double(body(number.doublePayload))
    }
  }

  private static func test(
    _ name: String, _ body: @escaping @Sendable (Double) -> Bool
  ) -> Function {
    Function(name, .double, returns: .bool, in: .specOnly) { number, _ in
      .bool(body(number.doublePayload))
    }
  }

  private static let rounding: [Function] = [
    ofDouble("math.ceil") { $0.rounded(.up) },
    ofDouble("math.floor") { $0.rounded(.down) },
    ofDouble("math.round") { $0.rounded(.toNearestOrAwayFromZero) },
    ofDouble("math.trunc") { $0.rounded(.towardZero) },
    ofDouble("math.sqrt") { $0.squareRoot() },
    Function("math.sqrt", .int, returns: .double, in: .specOnly) { number, _ in
      .double(Double(number.intPayload).squareRoot())
    },
    Function("math.sqrt", .uint, returns: .double, in: .specOnly) { number, _ in
      .double(Double(number.payload).squareRoot())
    },
    test("math.isNaN") { $0.isNaN },
    test("math.isInf") { $0.isInfinite },
    test("math.isFinite") { $0.isFinite },
  ]

  private static let signs: [Function] = [
    Function("math.abs", .int, returns: .int, in: .specOnly) { number, frame in
      number.intPayload == .min ? frame.error(.intOverflow) : .int(abs(number.intPayload))
    },
    Function("math.abs", .uint, returns: .uint, in: .specOnly) { number, _ in number },
    ofDouble("math.abs") { $0.magnitude },
    Function("math.sign", .int, returns: .int, in: .specOnly) { number, _ in
      .int(number.intPayload.signum())
    },
    Function("math.sign", .uint, returns: .uint, in: .specOnly) { number, _ in
      .uint(min(number.payload, 1))
    },
    ofDouble("math.sign") { $0.isNaN || $0 == 0 ? $0 : $0 < 0 ? -1 : 1 },
  ]

  private static func bitwise(
    _ name: String, _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> [Function] {
    [
      Function(name, .int, .int, returns: .int, in: .specOnly) { left, right, _ in
        Value(.int, payload: body(left.payload, right.payload))
      },
      Function(name, .uint, .uint, returns: .uint, in: .specOnly) { left, right, _ in
        .uint(body(left.payload, right.payload))
      },
    ]
  }

  /// Shifts, of an int without regard to its sign.
  private static func shift(
    _ name: String, _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> [Function] {
    [CELType.int, .uint].map { type in
      Function(name, type, .int, returns: type, in: .specOnly) { number, count, frame in
        if count.intPayload < 0 {
          return frame.error("\(name)() negative offset: \(count.intPayload)")
        }
        return Value(number.kind, payload: body(number.payload, UInt64(count.intPayload)))
      }
    }
  }

  private static let bits: [Function] =
    bitwise("math.bitAnd") { $0 & $1 } + bitwise("math.bitOr") { $0 | $1 }
    + bitwise("math.bitXor") { $0 ^ $1 } + shift("math.bitShiftLeft") { $0 << $1 }
    + shift("math.bitShiftRight") { $0 >> $1 }
    + [CELType.int, .uint].map { type in
      Function("math.bitNot", type, returns: type, in: .specOnly) { number, _ in
        Value(number.kind, payload: ~number.payload)
      }
    }
}
