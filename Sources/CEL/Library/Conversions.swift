import Documents

extension Library {
  /// `int`, `uint`, `double`, `string`, `bytes`, `bool`, and of times `timestamp`, `duration`.
  static let conversions: [Function] = toNumbers + toText + toTimes

  private static let toNumbers: [Function] = [
    Function("int", .int, returns: .int) { value, _ in value },
    Function("int", .uint, returns: .int) { value, frame in
      Int64(exactly: value.payload).map(Value.int) ?? frame.error(.intOverflow)
    },
    Function("int", .double, returns: .int) { value, frame in
      // cel-go refuses both ends: a double there stands for a range that does not fit.
      let number = value.doublePayload
      guard number > -9_223_372_036_854_775_808.0, number < 9_223_372_036_854_775_807.0 else {
        return frame.error(.intOverflow)
      }
      return .int(Int64(number))
    },
    Function("int", .string, returns: .int) { value, frame in
      Parsing.int(value.utf8).map(Value.int)
        ?? frame.error("strconv.ParseInt: parsing \"\(value.asString ?? "")\": invalid syntax")
    },
    Function("int", .timestamp, returns: .int) { value, _ in .int(value.instant.seconds) },
    Function("int", .duration, returns: .int) { value, _ in .int(value.durationNanoseconds) },
    Function("uint", .uint, returns: .uint) { value, _ in value },
    Function("uint", .int, returns: .uint) { value, frame in
      UInt64(exactly: value.intPayload).map(Value.uint) ?? frame.error(.uintOverflow)
    },
    Function("uint", .double, returns: .uint) { value, frame in
      let number = value.doublePayload
      guard number >= 0, number < 18_446_744_073_709_551_615.0 else {
        return frame.error(.uintOverflow)
      }
      return .uint(UInt64(number))
    },
    Function("uint", .string, returns: .uint) { value, frame in
      Parsing.uint(value.utf8).map(Value.uint)
        ?? frame.error("strconv.ParseUint: parsing \"\(value.asString ?? "")\": invalid syntax")
    },
    Function("double", .double, returns: .double) { value, _ in value },
    Function("double", .int, returns: .double) { value, _ in .double(Double(value.intPayload)) },
    Function("double", .uint, returns: .double) { value, _ in .double(Double(value.payload)) },
    Function("double", .string, returns: .double) { value, frame in
      Parsing.double(value).map(Value.double)
        ?? frame.error("strconv.ParseFloat: parsing \"\(value.asString ?? "")\": invalid syntax")
    },
    Function("bool", .bool, returns: .bool) { value, _ in value },
    Function("bool", .string, returns: .bool) { value, frame in
      switch value.asString ?? "" {
      case "1", "t", "T", "true", "TRUE", "True": .true
      case "0", "f", "F", "false", "FALSE", "False": .false
      default: frame.error("type conversion error from 'string' to 'bool'")
      }
    },
  ]

  private static let toText: [Function] = [
    Function("string", .string, returns: .string) { value, _ in value },
    Function("string", .bool, returns: .string) { value, frame in
      frame.arena.string((value.isTrue ? "true" : "false") as StaticString)
    },
    Function("string", .int, returns: .string) { value, frame in
      frame.arena.string("\(value.intPayload)")
    },
    Function("string", .uint, returns: .string) { value, frame in
      frame.arena.string("\(value.payload)")
    },
    Function("string", .double, returns: .string) { value, frame in
      frame.arena.string(Numbers.text(value.doublePayload))
    },
    Function("string", .bytes, returns: .string, cost: .traversal(of: 0)) { value, frame in
      guard String(validating: value.utf8, as: UTF8.self) != nil else {
        return frame.error("invalid UTF-8 in bytes, cannot convert to string")
      }
      guard let start = value.utf8.baseAddress, value.count > 0 else { return .emptyString }
      return .string(
        at: start, count: value.count, isASCII: isAllASCII(start, value.count))
    },
    Function("string", .timestamp, returns: .string) { value, frame in
      frame.arena.string(TimeText.text(of: value.instant))
    },
    Function("string", .duration, returns: .string) { value, frame in
      frame.arena.string(TimeText.text(ofDuration: value.durationNanoseconds))
    },
    Function("bytes", .bytes, returns: .bytes) { value, _ in value },
    Function("bytes", .string, returns: .bytes, cost: .traversal(of: 0)) { value, _ in
      guard let start = value.utf8.baseAddress else { return Value(.bytes) }
      return .bytes(at: start, count: value.count)
    },
  ]

  private static let toTimes: [Function] = [
    Function("timestamp", .timestamp, returns: .timestamp) { value, _ in value },
    Function("timestamp", .string, returns: .timestamp) { value, frame in
      TimeText.instant(value.utf8).map(frame.arena.timestamp)
        ?? frame.error("parsing time \"\(value.asString ?? "")\" as RFC 3339: not a timestamp")
    },
    Function("timestamp", .int, returns: .timestamp) { value, frame in
      Calendar.isRepresentable(value.intPayload)
        ? frame.arena.timestamp(Instant(seconds: value.intPayload, nanoseconds: 0))
        : frame.error("timestamp overflow")
    },
    Function("duration", .duration, returns: .duration) { value, _ in value },
    Function("duration", .string, returns: .duration) { value, frame in
      TimeText.duration(value.utf8).map(Value.duration(nanoseconds:))
        ?? frame.error("time: invalid duration \"\(value.asString ?? "")\"")
    },
    Function("duration", .int, returns: .duration) { value, _ in
      .duration(nanoseconds: value.intPayload)
    },
  ]
}

/// Reads numbers as Go's `strconv` does.
enum Parsing {
  /// `[+-]digits` in base 10.
  static func int(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    let isNegative = text.first == UInt8(ascii: "-")
    let hasSign = isNegative || text.first == UInt8(ascii: "+")
    let digits = text.dropFirst(hasSign ? 1 : 0)
    guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
    return Literals.int(digits, isHex: false, isNegative: isNegative)
  }

  static func uint(_ text: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard !text.isEmpty, text.allSatisfy(isDigit) else { return nil }
    return Literals.uint(text[...], isHex: false)
  }

  /// A decimal or hexadecimal double, or `inf`, `infinity`, `nan` in any case; nil if it is none,
  /// or out of range.
  static func double(_ value: Value) -> Double? {
    let text = value.asString ?? ""
    guard value.isASCII, !text.isEmpty, text.utf8.count < 4096 else { return nil }
    let unsigned = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
    switch unsigned.lowercased() {
    case "inf", "infinity": return text.hasPrefix("-") ? -.infinity : .infinity
    case "nan": return unsigned.count == text.count ? .nan : nil
    default: break
    }
    guard let first = unsigned.utf8.first, isDigit(first) || first == UInt8(ascii: "."),
      unsigned.utf8.contains(where: isDigit), let number = Double(text), number.isFinite
    else { return nil }
    return number
  }
}
