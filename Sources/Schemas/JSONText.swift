import Documents

/// Reads the JSON of a default: one value, strictly as RFC 8259 has it.
struct JSONText {
  private let bytes: [UInt8]
  private let arena: Arena
  private var position = 0

  /// Why a text is no JSON, and where in it.
  struct Failure: Error {
    var message: String
    /// A UTF-8 offset into the text.
    var offset: Int
  }

  /// The value of a text.
  static func value(_ text: String, in arena: Arena) -> Result<Value, Failure> {
    var reader = JSONText(bytes: Array(text.utf8), arena: arena)
    do throws(Failure) {
      let value = try reader.readValue(depth: 0)
      reader.skipSpace()
      guard reader.position == reader.bytes.count else {
        throw reader.failure("more text stands after the value")
      }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  private init(bytes: [UInt8], arena: Arena) {
    self.bytes = bytes
    self.arena = arena
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ message: String) -> Failure {
    Failure(message: message, offset: position)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func readValue(depth: Int) throws(Failure) -> Value {
    skipSpace()
    guard depth < 100 else { throw failure("the value is nested too deeply") }
    switch next {
    case UInt8(ascii: "{"): return try readMap(depth: depth)
    case UInt8(ascii: "["): return try readList(depth: depth)
    case UInt8(ascii: "\""): return try readString()
    case UInt8(ascii: "t"): return try readWord("true", .true)
    case UInt8(ascii: "f"): return try readWord("false", .false)
    case UInt8(ascii: "n"): return try readWord("null", .null)
    case nil: throw failure("the value ends too soon")
    default: return try readNumber()
    }
  }

  private mutating func readWord(_ word: String, _ value: Value) throws(Failure) -> Value {
    guard bytes[position...].starts(with: word.utf8) else {
      throw failure("'\(word)' is expected here")
    }
    position += word.utf8.count
    return value
  }

  private mutating func readMap(depth: Int) throws(Failure) -> Value {
    position += 1
    var entries: [MapEntry] = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .emptyMap
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes is expected here") }
      let key = try readString()
      if entries.contains(where: { $0.key.hasSameBytes(as: key) }) {
        throw failure("the key \(shown(key)) is there twice")
      }
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw failure("':' is expected here") }
      position += 1
      entries.append(MapEntry(key: key, value: try readValue(depth: depth + 1)))
      skipSpace()
      if next == UInt8(ascii: "}") {
        position += 1
        return arena.map(entries)
      }
      guard next == UInt8(ascii: ",") else { throw failure("',' or '}' is expected here") }
      position += 1
    }
  }

  private mutating func readList(depth: Int) throws(Failure) -> Value {
    position += 1
    var elements: [Value] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .emptyList
    }
    while true {
      elements.append(try readValue(depth: depth + 1))
      skipSpace()
      if next == UInt8(ascii: "]") {
        position += 1
        return arena.list(elements)
      }
      guard next == UInt8(ascii: ",") else { throw failure("',' or ']' is expected here") }
      position += 1
    }
  }

  private mutating func readString() throws(Failure) -> Value {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return text.withUnsafeBufferPointer { arena.string($0) }
      case UInt8(ascii: "\\"): text += try readEscape()
      case 0..<0x20: throw failure("a control character must be escaped")
      default: text.append(byte)
      }
    }
    throw failure("the text has no closing quote")
  }

  private mutating func readEscape() throws(Failure) -> [UInt8] {
    guard let byte = next else { throw failure("the text ends too soon") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var unit = try readHex()
      if (0xD800...0xDBFF).contains(unit), next == UInt8(ascii: "\\"), position + 1 < bytes.count,
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try readHex()
        if (0xDC00...0xDFFF).contains(low) {
          unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
      }
      return Array(String(Unicode.Scalar(unit).map(Character.init) ?? "\u{FFFD}").utf8)
    default:
      position -= 1
      throw failure("'\\\(String(decoding: [byte], as: UTF8.self))' is no escape")
    }
  }

  private mutating func readHex() throws(Failure) -> UInt32 {
    guard position + 4 <= bytes.count,
      let unit = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits are expected here") }
    position += 4
    return unit
  }

  private mutating func readNumber() throws(Failure) -> Value {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    guard readDigits() else {
      position = start
      throw failure("a value is expected here")
    }
    let first = start + (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
    if bytes[first] == UInt8(ascii: "0"), position > first + 1 {
      throw failure("a number must not start with 0")
    }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      position += 1
      isWhole = false
      guard readDigits() else { throw failure("a digit is expected here") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      isWhole = false
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard readDigits() else { throw failure("a digit is expected here") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let whole = Int64(text) { return .int(whole) }
    guard let number = Double(text), number.isFinite else {
      throw failure("the number is too large")
    }
    return .double(number)
  }

  private mutating func readDigits() -> Bool {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    return position > start
  }
}
