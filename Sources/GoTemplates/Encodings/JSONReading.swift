/// Reads one JSON value as Go's encoding/json does into `interface{}`: numbers are `float64`, the
/// last of two entries of the same key counts. Throws `FunctionError` in its words.
public func readJSON(_ bytes: [UInt8]) throws -> GoValue {
  try bytes.withUnsafeBufferPointer { bytes in
    var reader = JSONReading(bytes)
    let value = try reader.value(0)
    reader.skipBlanks()
    if reader.index < bytes.count { throw reader.unexpected("after top-level value") }
    return value
  }
}

private struct JSONReading {
  let bytes: UnsafeBufferPointer<UInt8>
  var index = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func skipBlanks() {
    while index < bytes.count, isSpace(bytes[index]) { index += 1 }
  }

  func unexpected(_ context: String) -> FunctionError {
    guard index < bytes.count else { return FunctionError("unexpected end of JSON input") }
    let (value, _) = decodeScalar(bytes, at: index)
    // The scanner sees bytes: what is not ASCII is quoted as the scalar of its first byte.
    var text: [UInt8] = [0x27]
    switch value {
    case 0x27: text += "\\'".utf8
    case 0x22: text.append(0x22)
    default: appendEscaped(value < 0x80 ? value : UInt32(bytes[index]), 0x27, false, to: &text)
    }
    text.append(0x27)
    return FunctionError("invalid character \(String(decoding: text, as: UTF8.self)) \(context)")
  }

  mutating func value(_ depth: Int) throws -> GoValue {
    guard depth < 1000 else { throw FunctionError("exceeded max depth", kind: .limit) }
    skipBlanks()
    guard index < bytes.count else { throw unexpected("") }
    switch bytes[index] {
    case 0x7B: return try object(depth)
    case 0x5B: return try array(depth)
    case 0x22: return .string(try string())
    case 0x74: return try literal("true", .bool(true))
    case 0x66: return try literal("false", .bool(false))
    case 0x6E: return try literal("null", .null)
    case 0x2D, 0x30...0x39: return .float(try number())
    default: throw unexpected("looking for beginning of value")
    }
  }

  private mutating func literal(_ word: String, _ value: GoValue) throws -> GoValue {
    for byte in word.utf8 {
      guard index < bytes.count, bytes[index] == byte else {
        throw unexpected("in literal \(word) (expecting '\(Character(UnicodeScalar(byte)))')")
      }
      index += 1
    }
    return value
  }

  private mutating func object(_ depth: Int) throws -> GoValue {
    index += 1
    let map = GoMap(reserving: 4)
    skipBlanks()
    if index < bytes.count, bytes[index] == 0x7D {
      index += 1
      return .map(map)
    }
    while true {
      skipBlanks()
      guard index < bytes.count, bytes[index] == 0x22 else {
        throw unexpected("looking for beginning of object key string")
      }
      let key = try string()
      skipBlanks()
      guard index < bytes.count, bytes[index] == 0x3A else { throw unexpected("after object key") }
      index += 1
      map[key] = try value(depth + 1)
      skipBlanks()
      guard index < bytes.count, bytes[index] == 0x2C || bytes[index] == 0x7D else {
        throw unexpected("after object key:value pair")
      }
      index += 1
      if bytes[index - 1] == 0x7D { return .map(map) }
    }
  }

  private mutating func array(_ depth: Int) throws -> GoValue {
    index += 1
    var elements: [GoValue] = []
    skipBlanks()
    if index < bytes.count, bytes[index] == 0x5D {
      index += 1
      return .list(GoList([]))
    }
    while true {
      elements.append(try value(depth + 1))
      skipBlanks()
      guard index < bytes.count, bytes[index] == 0x2C || bytes[index] == 0x5D else {
        throw unexpected("after array element")
      }
      index += 1
      if bytes[index - 1] == 0x5D { return .list(GoList(elements)) }
    }
  }

  private mutating func string() throws -> [UInt8] {
    index += 1
    let start = index
    while index < bytes.count, isCopied(bytes[index]) { index += 1 }
    var result = Array(UnsafeBufferPointer(rebasing: bytes[start..<index]))
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22 {
        index += 1
        return result
      }
      if byte < 0x20 { throw unexpected("in string literal") }
      if byte == 0x5C {
        try escape(&result)
      } else if byte < 0x80 {
        let start = index
        while index < bytes.count, isCopied(bytes[index]) { index += 1 }
        result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
      } else {
        let (value, length) = decodeScalar(bytes, at: index)
        appendScalar(value, to: &result)
        index += length
      }
    }
    throw unexpected("")
  }

  /// Whether a byte within a string stands for itself.
  @inline(__always)
  private func isCopied(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
  }

  private mutating func escape(_ result: inout [UInt8]) throws {
    index += 1
    guard index < bytes.count else { throw unexpected("") }
    switch bytes[index] {
    case 0x22, 0x5C, 0x2F: result.append(bytes[index])
    case 0x62: result.append(8)
    case 0x66: result.append(0xC)
    case 0x6E: result.append(0xA)
    case 0x72: result.append(0xD)
    case 0x74: result.append(9)
    case 0x75:
      index += 1
      let first = try unit()
      if (0xD800...0xDBFF).contains(first), index + 1 < bytes.count, bytes[index] == 0x5C,
        bytes[index + 1] == 0x75
      {
        let mark = index
        index += 2
        let second = try unit()
        if (0xDC00...0xDFFF).contains(second) {
          appendScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), to: &result)
        } else {
          appendScalar(0xFFFD, to: &result)
          index = mark
        }
      } else {
        appendScalar(first, to: &result)
      }
      return
    default: throw unexpected("in string escape code")
    }
    index += 1
  }

  private mutating func unit() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < bytes.count, let digit = digitValue(bytes[index]) else {
        throw unexpected("in \\u hexadecimal character escape")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  private mutating func digits() -> Int {
    let start = index
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
    return index - start
  }

  private mutating func number() throws -> Double {
    let start = index
    if bytes[index] == 0x2D {
      index += 1
      guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else {
        throw unexpected("in numeric literal")
      }
    }
    let isNegative = index > start
    if bytes[index] == 0x30 { index += 1 } else { _ = digits() }
    // Whole numbers that a float holds exactly.
    if index - start <= 15,
      index >= bytes.count || bytes[index] != 0x2E && bytes[index] | 0x20 != 0x65
    {
      var value = 0
      for byte in bytes[(isNegative ? start + 1 : start)..<index] {
        value = value * 10 + Int(byte & 0xF)
      }
      return isNegative ? -Double(value) : Double(value)
    }
    if index < bytes.count, bytes[index] == 0x2E {
      index += 1
      if digits() == 0 { throw unexpected("after decimal point in numeric literal") }
    }
    if index < bytes.count, bytes[index] | 0x20 == 0x65 {
      index += 1
      if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
      if digits() == 0 { throw unexpected("in exponent of numeric literal") }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw FunctionError("json: cannot unmarshal number \(text) into Go value of type float64")
    }
    return value
  }
}
