import Documents
import Glibc

/// `string.format`, in its two versions.
enum Formatting {
  static let functions: [Function] = [
    Function(
      "format", on: .string, .list(.dyn), returns: .string,
      in: Availability(inSpec: true, inKro: true, kubernetes: nil), cost: .traversal(of: 0)
    ) { text, arguments, frame in
      formatted(text, arguments, PlainFormat(), frame)
    },
    Function(
      "format", on: .string, .list(.dyn), returns: .string,
      in: .kubernetes(since: 29, inKro: false, inSpec: false), cost: .traversal(of: 0)
    ) { text, arguments, frame in
      formatted(text, arguments, LiteralFormat(), frame)
    },
  ]

  /// The digits after the point that a clause may ask for.
  private static let precisionLimit = 1000

  /// The text with each clause (`%s`, `%.2f` …) replaced by the next argument.
  private static func formatted(
    _ text: Value, _ arguments: Value, _ style: some FormatStyle, _ frame: Frame
  ) -> Value {
    let bytes = text.utf8
    var result: [UInt8] = []
    var next = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "%") else {
        result.append(bytes[index])
        index += 1
        continue
      }
      index += 1
      guard index < bytes.count else { return frame.error("unexpected end of string") }
      if bytes[index] == UInt8(ascii: "%") {
        result.append(bytes[index])
        index += 1
        continue
      }
      var precision: Int?
      if bytes[index] == UInt8(ascii: ".") {
        index += 1
        var digits = 0
        while index < bytes.count, isDigit(bytes[index]), digits <= precisionLimit {
          digits = digits * 10 + Int(bytes[index] - 0x30)
          index += 1
        }
        guard index < bytes.count, digits <= precisionLimit else {
          return frame.error("could not parse formatting clause: error while parsing precision")
        }
        precision = digits
      }
      guard let clause = Clause(rawValue: bytes[index]) else {
        let letter = String(
          decoding: bytes[index..<index + Characters.length(text, at: index)], as: UTF8.self)
        return frame.error(
          "could not parse formatting clause: unrecognized formatting clause \"\(letter)\"")
      }
      index += 1
      guard next < arguments.count else { return frame.error("index \(next) out of range") }
      let argument = arguments.elements[next]
      next += 1
      guard let part = style.text(clause, argument, precision, frame) else {
        return frame.error("error during formatting: " + clause.demand(argument))
      }
      result += part.utf8
      guard result.count <= Frame.stringLimit, frame.spend(1 + part.utf8.count / 8) else {
        return frame.error(.stepLimit)
      }
    }
    return frame.string(result)
  }
}

/// What stands after `%`.
enum Clause: UInt8 {
  case string = 0x73
  case decimal = 0x64
  case fixed = 0x66
  case scientific = 0x65
  case binary = 0x62
  case hexadecimal = 0x78
  case upperHexadecimal = 0x58
  case octal = 0x6F

  /// What is asked of an argument that does not fit.
  func demand(_ argument: Value) -> String {
    let found = TypeValues.type(of: argument).typeNameValue.asString ?? ""
    let demand =
      switch self {
      case .string:
        "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
          + "durations, and timestamps"
      case .decimal: "decimal clause can only be used on integers"
      case .fixed: "fixed-point clause can only be used on doubles"
      case .scientific: "scientific clause can only be used on doubles"
      case .binary: "only integers and bools can be formatted as binary"
      case .hexadecimal, .upperHexadecimal:
        "only integers, byte buffers, and strings can be formatted as hex"
      case .octal: "octal clause can only be used on integers"
      }
    return demand + ", was given " + found
  }
}

/// How values are written by `format`.
protocol FormatStyle {
  /// The text of an argument under a clause; nil if it cannot be.
  func text(_ clause: Clause, _ argument: Value, _ precision: Int?, _ frame: Frame) -> String?
}

extension FormatStyle {
  /// Integers in another base, and what else both versions have in common.
  func integerText(_ clause: Clause, _ argument: Value) -> String? {
    let radix =
      switch clause {
      case .binary: 2
      case .octal: 8
      case .hexadecimal, .upperHexadecimal: 16
      default: 10
      }
    let isUpper = clause == .upperHexadecimal
    switch argument.kind {
    case .int: return String(argument.intPayload, radix: radix, uppercase: isUpper)
    case .uint: return String(argument.payload, radix: radix, uppercase: isUpper)
    case .bool where clause == .binary: return argument.isTrue ? "1" : "0"
    case .string where radix == 16, .bytes where radix == 16:
      let digits = Array((isUpper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
      return String(
        decoding: argument.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
        as: UTF8.self)
    default: return nil
    }
  }

  func double(_ argument: Value) -> Double? {
    switch argument.kind {
    case .int: Double(argument.intPayload)
    case .uint: Double(argument.payload)
    case .double: argument.doublePayload
    default: nil
    }
  }
}

/// Version 2 (the specification, kro): nested values plain, as in `[a, 3.14]`.
struct PlainFormat: FormatStyle {
  func text(_ clause: Clause, _ argument: Value, _ precision: Int?, _ frame: Frame) -> String? {
    switch clause {
    case .string: return string(argument, frame, 0)
    case .decimal:
      return argument.isKind(.double)
        ? plain(argument.doublePayload) : integerText(clause, argument)
    case .fixed, .scientific:
      guard let number = double(argument) else { return nil }
      return special(number)
        ?? DecimalText.text(number, precision ?? 6, isScientific: clause == .scientific)
    default: return integerText(clause, argument)
    }
  }

  private func special(_ number: Double) -> String? {
    number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : nil
  }

  private func plain(_ number: Double) -> String { special(number) ?? DecimalText.plain(number) }

  private func string(_ value: Value, _ frame: Frame, _ depth: Int) -> String? {
    guard depth < Equality.maximumDepth, frame.spend(1) else { return nil }
    switch value.kind {
    case .null: return "null"
    case .bool: return value.isTrue ? "true" : "false"
    case .int: return "\(value.intPayload)"
    case .uint: return "\(value.payload)"
    case .double: return plain(value.doublePayload)
    case .string, .bytes: return String(decoding: value.utf8, as: UTF8.self)
    case .list:
      var parts: [String] = []
      for element in value.elements {
        guard let text = string(element, frame, depth + 1) else { return nil }
        parts.append(text)
      }
      return "[" + parts.joined(separator: ", ") + "]"
    case .map:
      var parts: [(String, String)] = []
      for entry in value.entries {
        guard let key = string(entry.key, frame, depth + 1),
          let text = string(entry.value, frame, depth + 1)
        else { return nil }
        parts.append((key, text))
      }
      parts.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
      return "{" + parts.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + "}"
    case .box: return BoxText.text(value)
    case .absent, .error: return nil
    }
  }
}

/// Version 1 (Kubernetes): nested values as literals of CEL, numbers as in English.
struct LiteralFormat: FormatStyle {
  func text(_ clause: Clause, _ argument: Value, _ precision: Int?, _ frame: Frame) -> String? {
    switch clause {
    case .string:
      switch argument.kind {
      case .double: return Numbers.text(argument.doublePayload)
      case .string, .bytes: return String(decoding: argument.utf8, as: UTF8.self)
      case .box: return BoxText.text(argument)
      default: return literal(argument, frame, 0)
      }
    case .decimal:
      if argument.isKind(.double) {
        let number = argument.doublePayload
        return number.isNaN
          ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : nil
      }
      return integerText(clause, argument)
    case .fixed:
      return argument.isKind(.double) ? fixed(argument.doublePayload, precision ?? 6) : nil
    case .scientific:
      return argument.isKind(.double) ? scientific(argument.doublePayload, precision ?? 6) : nil
    default: return integerText(clause, argument)
    }
  }

  private func special(_ number: Double) -> String? {
    number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-∞" : "∞") : nil
  }

  /// With a comma after each three digits of the whole part.
  private func fixed(_ number: Double, _ precision: Int) -> String {
    if let special = special(number) { return special }
    let text = DecimalText.text(number.magnitude, precision, isScientific: false)
    let whole = text.prefix { $0 != "." }
    var grouped = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    return (number.sign == .minus ? "-" : "") + grouped + text.dropFirst(whole.count)
  }

  /// `1.5×10⁰³`.
  private func scientific(_ number: Double, _ precision: Int) -> String {
    if let special = special(number) {
      return String(repeating: " ", count: max(0, precision - special.count)) + special
    }
    let text = DecimalText.text(number, precision, isScientific: true)
    guard let mark = text.firstIndex(of: "e") else { return text }
    let exponent = text[text.index(after: mark)...].compactMap { digit -> Character? in
      switch digit {
      case "-": "⁻"
      case "+": nil
      default: digit.wholeNumberValue.map { Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0] }
      }
    }
    return text[..<mark] + "×10" + String(exponent)
  }

  private func literal(_ value: Value, _ frame: Frame, _ depth: Int) -> String? {
    guard depth < Equality.maximumDepth, frame.spend(1) else { return nil }
    switch value.kind {
    case .null: return "null"
    case .bool: return value.isTrue ? "true" : "false"
    case .int: return "\(value.intPayload)"
    case .uint: return "\(value.payload)"
    case .double:
      let number = value.doublePayload
      if number.isNaN { return "\"NaN\"" }
      if number.isInfinite { return number < 0 ? "\"-Inf\"" : "\"+Inf\"" }
      return fixed(number, 6)
    case .string: return String(decoding: Characters.quoted(value.utf8), as: UTF8.self)
    case .bytes: return "b" + String(decoding: Characters.quoted(value.utf8), as: UTF8.self)
    case .list:
      var parts: [String] = []
      for element in value.elements {
        guard let text = literal(element, frame, depth + 1) else { return nil }
        parts.append(text)
      }
      return "[" + parts.joined(separator: ", ") + "]"
    case .map:
      var parts: [(String, String)] = []
      for entry in value.entries {
        guard let key = literal(entry.key, frame, depth + 1),
          let text = literal(entry.value, frame, depth + 1)
        else { return nil }
        parts.append((key, text))
      }
      parts.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
      return "{" + parts.map { "\($0.0):\($0.1)" }.joined(separator: ", ") + "}"
    case .box:
      guard let text = BoxText.text(value) else { return nil }
      switch value.boxKind {
      case .timestamp: return "timestamp(\"\(text)\")"
      case .duration: return "duration(\"\(text)\")"
      default: return text
      }
    case .absent, .error: return nil
    }
  }
}

/// The text of boxes that `%s` takes.
private enum BoxText {
  static func text(_ value: Value) -> String? {
    switch value.boxKind {
    case .timestamp: TimeText.text(of: value.instant)
    case .duration: TimeText.text(ofDuration: value.durationNanoseconds)
    case .type: value.typeNameValue.asString
    default: nil
    }
  }
}

/// Decimal text of doubles, correctly rounded.
enum DecimalText {
  /// With a given number of digits after the point; `isScientific` with an exponent, as C's `%e`.
  static func text(_ number: Double, _ precision: Int, isScientific: Bool) -> String {
    // The greatest double has 309 digits before the point.
    let capacity = precision + 330
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      let count = withVaList([Int32(truncatingIfNeeded: precision), number]) {
        vsnprintf(buffer.baseAddress, capacity, isScientific ? "%.*e" : "%.*f", $0)
      }
      return String(
        decoding: buffer.prefix(max(0, min(Int(count), capacity - 1))).lazy.map(
          UInt8.init(bitPattern:)),
        as: UTF8.self)
    }
  }

  /// The shortest digits that read back as the number, without an exponent.
  static func plain(_ number: Double) -> String {
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    let (digits, exponent) = Numbers.shortestDigits(number)
    let count = digits.utf8.count
    let text: String =
      exponent < 0
      ? "0." + String(repeating: "0", count: -exponent - 1) + digits
      : count <= exponent + 1
        ? digits + String(repeating: "0", count: exponent + 1 - count)
        : digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    return (number < 0 ? "-" : "") + text
  }
}
