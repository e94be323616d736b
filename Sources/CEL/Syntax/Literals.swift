import Documents

/// Reads the text of literals.
enum Literals {
  /// An integer literal's value; nil when it does not fit.
  static func int(_ digits: Slice<UnsafeBufferPointer<UInt8>>, isHex: Bool, isNegative: Bool)
    -> Int64?
  {
    guard let magnitude = uint(digits, isHex: isHex) else { return nil }
    if isNegative {
      return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }

  static func uint(_ digits: Slice<UnsafeBufferPointer<UInt8>>, isHex: Bool) -> UInt64? {
    var result: UInt64 = 0
    for byte in isHex ? digits.dropFirst(2) : digits {
      let digit = isDigit(byte) ? byte &- 0x30 : (byte | 0x20) &- 0x61 &+ 10
      let (product, overflow) = result.multipliedReportingOverflow(by: isHex ? 16 : 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      result = sum
    }
    return result
  }

  /// The value of a string or bytes literal, with its prefix and quotes.
  ///
  /// Text without escapes stays where it is: the value points into the source.
  static func string(
    _ lexer: Lexer, isBytes: Bool, into arena: Arena
  ) throws(CompileFailure.Issue) -> Value {
    let source = lexer.bytes
    var first = lexer.start
    var isRaw = false
    while source[first] != 0x22 && source[first] != 0x27 {
      if source[first] | 0x20 == UInt8(ascii: "r") { isRaw = true }
      first += 1
    }
    let quote = source[first]
    let isTriple =
      lexer.end - first >= 6 && source[first + 1] == quote && source[first + 2] == quote
    let range = isTriple ? first + 3..<lexer.end - 3 : first + 1..<lexer.end - 1
    if range.isEmpty { return isBytes ? Value(.bytes) : .emptyString }
    if isRaw || !source[range].contains(UInt8(ascii: "\\")) {
      guard let base = source.baseAddress else { return .emptyString }
      return isBytes
        ? .bytes(at: base + range.lowerBound, count: range.count)
        : .string(
          at: base + range.lowerBound, count: range.count,
          isASCII: isAllASCII(base + range.lowerBound, range.count))
    }
    let bytes = try unescaped(lexer, range, isBytes: isBytes)
    return isBytes ? arena.bytes(bytes) : arena.string(bytes)
  }

  private static func unescaped(
    _ lexer: Lexer, _ range: Range<Int>, isBytes: Bool
  ) throws(CompileFailure.Issue) -> [UInt8] {
    let source = lexer.bytes
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = source[position]
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        position += 1
        continue
      }
      let start = position
      let escape = position + 1 < range.upperBound ? source[position + 1] : 0
      position += 2
      if let plain = simpleEscape(escape) {
        result.append(plain)
        continue
      }
      var digits = 0
      var radix: UInt32 = 16
      switch escape {
      case UInt8(ascii: "x"), UInt8(ascii: "X"): digits = 2
      case UInt8(ascii: "u") where !isBytes: digits = 4
      case UInt8(ascii: "U") where !isBytes: digits = 8
      case UInt8(ascii: "0")...UInt8(ascii: "3"):
        (digits, radix) = (3, 8)
        position -= 1
      default: break
      }
      var code: UInt32 = 0
      var isGood = digits > 0 && position + digits <= range.upperBound
      if isGood {
        for digit in source[position..<position + digits] {
          let value = digitValue(digit)
          isGood = isGood && value < radix
          code = code &* radix &+ value
        }
        position += digits
      }
      if isGood, isBytes {
        result.append(UInt8(truncatingIfNeeded: code))
      } else if isGood, let scalar = Unicode.Scalar(code) {
        result.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
      } else {
        let end = min(max(position, start + 2), range.upperBound)
        throw lexer.issue(
          "'\(lexer.text(start..<end))' is no escape sequence of a \(isBytes ? "bytes" : "string") literal",
          start..<end, help: #"write '\\' for a backslash, or a raw literal: r'…'"#)
      }
    }
    return result
  }

  private static func digitValue(_ byte: UInt8) -> UInt32 {
    isDigit(byte) ? UInt32(byte) - 0x30 : isHexDigit(byte) ? UInt32(byte | 0x20) - 0x57 : 99
  }

  private static func simpleEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "a"): 0x07
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "v"): 0x0B
    case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"),
      UInt8(ascii: "`"):
      byte
    default: nil
    }
  }
}
