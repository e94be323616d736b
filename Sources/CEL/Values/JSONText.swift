import Documents

/// Reads and writes JSON between text and values of an arena.
struct JSONReader {
  /// How a number is taken.
  enum Numbers { case doubles, intsAndDoubles }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let arena: Arena
  private let numbers: Numbers
  private var position = 0

  /// The value of a whole JSON text (RFC 8259); nil if it is none, or nests over 200 deep.
  static func value(
    _ bytes: UnsafeBufferPointer<UInt8>, into arena: Arena, numbers: Numbers
  ) -> Value? {
    var reader = JSONReader(bytes: bytes, arena: arena, numbers: numbers)
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipBlanks()
    return reader.position == bytes.count ? value : nil
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, arena: Arena, numbers: Numbers) {
    self.bytes = bytes
    self.arena = arena
    self.numbers = numbers
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func word(_ text: StaticString, _ value: Value) -> Value? {
    let word = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[position...].starts(with: word) else { return nil }
    position += word.count
    return value
  }

  private mutating func value(depth: Int) -> Value? {
    skipBlanks()
    guard position < bytes.count, depth < 200 else { return nil }
    switch Unicode.Scalar(bytes[position]) {
    case "{": return object(depth: depth)
    case "[": return array(depth: depth)
    case "\"": return string()
    case "t": return word("true", .true)
    case "f": return word("false", .false)
    case "n": return word("null", .null)
    default: return number()
    }
  }

  private mutating func array(depth: Int) -> Value? {
    position += 1
    var elements: [Value] = []
    skipBlanks()
    if take("]") { return .emptyList }
    while true {
      guard let element = value(depth: depth + 1) else { return nil }
      elements.append(element)
      skipBlanks()
      if take("]") { return arena.list(elements) }
      guard take(",") else { return nil }
    }
  }

  private mutating func object(depth: Int) -> Value? {
    position += 1
    var entries: [MapEntry] = []
    var places = NameTable<Int>()
    skipBlanks()
    if take("}") { return .emptyMap }
    while true {
      skipBlanks()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\""), let key = string()
      else { return nil }
      skipBlanks()
      guard take(":"), let value = value(depth: depth + 1) else { return nil }
      if let known = places[key] {
        entries[known].value = value
      } else {
        places[key] = entries.count
        entries.append(MapEntry(key: key, value: value))
      }
      skipBlanks()
      if take("}") { return arena.map(entries) }
      guard take(",") else { return nil }
    }
  }

  private mutating func number() -> Value? {
    let start = position
    _ = take("-")
    let first = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    let digitCount = position - first
    guard digitCount == 1 || digitCount > 1 && bytes[first] != UInt8(ascii: "0") else { return nil }
    var isInt = true
    if take(".") {
      isInt = false
      let first = position
      while position < bytes.count, isDigit(bytes[position]) { position += 1 }
      guard position > first else { return nil }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInt = false
      position += 1
      if !take("-") { _ = take("+") }
      let first = position
      while position < bytes.count, isDigit(bytes[position]) { position += 1 }
      guard position > first else { return nil }
    }
    let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
    if isInt, numbers == .intsAndDoubles, let int = Parsing.int(text) { return .int(int) }
    return Double(String(decoding: text, as: UTF8.self)).flatMap { $0.isFinite ? .double($0) : nil }
  }

  private mutating func string() -> Value? {
    position += 1
    var result: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch Unicode.Scalar(byte) {
      case "\"":
        return String(validating: result, as: UTF8.self) == nil ? nil : arena.string(result)
      case "\\":
        guard let scalars = escape() else { return nil }
        result += scalars
      default:
        if byte < 0x20 { return nil }
        result.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard position < bytes.count else { return nil }
    let byte = bytes[position]
    position += 1
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": return [byte]
    case "b": return [0x08]
    case "f": return [0x0C]
    case "n": return [0x0A]
    case "r": return [0x0D]
    case "t": return [0x09]
    case "u": break
    default: return nil
    }
    guard var code = hexDigits() else { return nil }
    if code >> 10 == 0xD800 >> 10, take("\\"), take("u"), let low = hexDigits() {
      guard low >> 10 == 0xDC00 >> 10 else { return nil }
      code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
    }
    return Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
  }

  private mutating func hexDigits() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var result: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard isHexDigit(byte) else { return nil }
      result = result << 4 | (isDigit(byte) ? UInt32(byte) - 0x30 : UInt32(byte | 0x20) - 0x57)
    }
    position += 4
    return result
  }
}
