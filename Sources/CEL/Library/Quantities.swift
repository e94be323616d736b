import Documents
import Quantities

extension CELType {
  static let quantity = CELType.opaque("kubernetes.Quantity", [])
}

extension Library {
  /// Kubernetes' quantities.
  static let quantities: [Function] = [
    Function("quantity", .string, returns: .quantity, in: availability, cost: .rounded(0, 0.1)) {
      text, frame in
      if let scaled = Quantity.parseScaled(text.utf8) {
        return frame.arena.box(.quantity, QuantityBox(scaled, text: text))
      }
      return switch Quantity.parse(text.utf8) {
      case .success(let quantity): frame.arena.quantity(quantity)
      case .failure(let error): frame.error(error.message)
      }
    },
    Function("isQuantity", .string, returns: .bool, in: availability, cost: .rounded(0, 0.1)) {
      text, _ in .bool(Quantity.isValid(text.utf8))
    },
    Function("sign", .quantity, returns: .int, in: availability) { value, _ in
      .int(Int64(value.quantity.signum))
    },
    Function("isInteger", on: .quantity, returns: .bool, in: availability) { value, _ in
      .bool(value.quantity.int64 != nil)
    },
    Function("asInteger", on: .quantity, returns: .int, in: availability) { value, frame in
      value.quantity.int64.map(Value.int) ?? frame.error("cannot convert value to integer")
    },
    Function("asApproximateFloat", on: .quantity, returns: .double, in: availability) { value, _ in
      .double(value.quantity.approximateDouble)
    },
    order("isGreaterThan", returns: .bool) { .bool($0 > 0) },
    order("isLessThan", returns: .bool) { .bool($0 < 0) },
    order("compareTo", returns: .int) { .int(Int64($0)) },
    Function("add", on: .quantity, .quantity, returns: .quantity, in: availability) {
      value, other, frame in frame.arena.quantity(value.quantity.adding(other.quantity))
    },
    Function("add", on: .quantity, .int, returns: .quantity, in: availability) {
      value, number, frame in
      frame.arena.quantity(value.quantity.adding(Quantity(number.intPayload)))
    },
    Function("sub", on: .quantity, .quantity, returns: .quantity, in: availability) {
      value, other, frame in frame.arena.quantity(value.quantity.subtracting(other.quantity))
    },
    Function("sub", on: .quantity, .int, returns: .quantity, in: availability) {
      value, number, frame in
      frame.arena.quantity(value.quantity.subtracting(Quantity(number.intPayload)))
    },
  ]

  private static let availability = Availability.all(kubernetesSince: 28)

  private static func order(
    _ name: String, returns type: CELType, _ body: @escaping @Sendable (Int) -> Value
  ) -> Function {
    Function(name, on: .quantity, .quantity, returns: type, in: availability) { left, right, _ in
      body(QuantityBox.order(left, right))
    }
  }
}

/// A quantity in a box: its amount where that is an integer and a power of ten, else its text.
private struct QuantityBox: BitwiseCopyable {
  var amount: Int64
  var scale: Int32
  var format: UInt8
  var isDecimal: Bool
  /// What it prints; `.absent` for its canonical form.
  var text: Value

  init(amount: Int64, scale: Int32, format: UInt8, isDecimal: Bool, text: Value) {
    self.amount = amount
    self.scale = scale
    self.format = format
    self.isDecimal = isDecimal
    self.text = text
  }

  /// A quantity read from a text, over the same memory.
  init(_ scaled: Quantity.Scaled, text: Value) {
    self.init(
      amount: scaled.value, scale: scaled.scale, format: scaled.format.rawValue, isDecimal: false,
      text: scaled.isTextKept ? text : .absent)
  }

  /// -1, 0 or 1.
  static func order(_ left: Value, _ right: Value) -> Int {
    if let first = left.unboxed(as: QuantityBox.self),
      let second = right.unboxed(as: QuantityBox.self),
      !first.isDecimal, !second.isDecimal, first.scale == second.scale
    {
      return first.amount < second.amount ? -1 : first.amount == second.amount ? 0 : 1
    }
    return left.quantity.order(to: right.quantity)
  }
}

extension Value {
  /// The quantity in a box; call it only on one.
  var quantity: Quantity {
    guard let box = unboxed(as: QuantityBox.self) else { return Quantity(0) }
    if box.isDecimal {
      return (try? Quantity.parse(box.text.utf8, asDecimal: true).get()) ?? Quantity(0)
    }
    return Quantity(
      value: box.amount, scale: box.scale,
      format: Quantity.Format(rawValue: box.format) ?? .decimalSI, text: box.text.asString)
  }
}

extension Arena {
  func quantity(_ quantity: Quantity) -> Value {
    if let (amount, scale) = quantity.scaledAmount {
      return box(
        .quantity,
        QuantityBox(
          amount: amount, scale: scale, format: quantity.format.rawValue, isDecimal: false,
          text: quantity.writtenText.map { string($0) } ?? .absent))
    }
    return box(
      .quantity,
      QuantityBox(
        amount: 0, scale: 0, format: quantity.format.rawValue, isDecimal: true,
        text: string(quantity.description)))
  }
}
