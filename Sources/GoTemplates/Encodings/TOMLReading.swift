/// Reads TOML 1.0 as BurntSushi's library does into `map[string]interface {}`: whole numbers are
/// `int64`, dates `time.Time`. Throws `FunctionError`.
func readTOML(_ bytes: [UInt8]) throws -> GoMap {
  var reader = TOMLReading(bytes: bytes)
  return try reader.document()
}

private struct TOMLReading {
  let bytes: [UInt8]
  private var index = 0
  private let root = GoMap()
  private var defined = Set<ObjectIdentifier>()

  /// The table that is read, and the key in it whose value is: messages name them.
  private var context: [[UInt8]] = []
  private var currentKey: [[UInt8]] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// With `isRead` the library has read the character that the message tells.
  private func failure(_ message: String, isRead: Bool = false) -> FunctionError {
    let end = min(isRead ? index + 1 : index, bytes.count)
    let line = bytes[..<end].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
    // At the end of the text the library is one line behind.
    let path = (context + currentKey).map { part in
      let isBare = !part.isEmpty && part.allSatisfy(isBareKey)
      return isBare ? String(decoding: part, as: UTF8.self) : goQuoted(part)
    }
    let last = path.isEmpty ? "" : " (last key \(goQuoted(path.joined(separator: "."))))"
    return FunctionError("toml: line \(index < bytes.count ? line + 1 : line)\(last): \(message)")
  }

  private func found() -> String {
    guard current != nil else { return "EOF" }
    let character = String(decoding: bytes[index...].prefix(4), as: UTF8.self).unicodeScalars
      .prefix(1)
    return String(
      decoding: goQuotedBytes(Array(String(character).utf8), quote: 0x27), as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while let next = current, next == 0x20 || next == 0x09 { index += 1 }
  }

  private mutating func skipComment() {
    if current == 0x23 { while let next = current, next != 0x0A { _ = next; index += 1 } }
  }

  private mutating func skipLines() {
    while true {
      skipBlanks()
      skipComment()
      guard let next = current, next == 0x0A || next == 0x0D else { return }
      index += 1
    }
  }

  private mutating func endLine() throws {
    skipBlanks()
    skipComment()
    if current == 0x0D { index += 1 }
    guard current == nil || current == 0x0A else {
      throw failure(
        "expected a top-level item to end with a newline, comment, or EOF, but got \(found()) instead"
      )
    }
  }

  mutating func document() throws -> GoMap {
    var table = root
    while true {
      skipLines()
      guard let next = current else { return root }
      if next == 0x5B {
        table = try header()
      } else {
        try entry(into: table)
      }
      try endLine()
    }
  }

  private mutating func header() throws -> GoMap {
    index += 1
    let isList = current == 0x5B
    if isList { index += 1 }
    let path = try keys()
    guard current == 0x5D else {
      throw failure("expected '.' or ']' to end table name, but got \(found()) instead")
    }
    index += 1
    if isList {
      guard current == 0x5D else {
        throw failure("expected end of table array name delimiter ']', but got \(found()) instead")
      }
      index += 1
    }
    var map = root
    for key in path.dropLast() { map = try descend(map, key) }
    let last = path[path.count - 1]
    context = path
    if isList {
      let new = GoMap()
      var elements: [GoValue] = []
      if let old = map[last] {
        guard case .list(let list) = old else { throw duplicate(last) }
        elements = list.elements
      }
      map[last] = .list(GoList(elements + [.map(new)], type: .map))
      return new
    }
    let table = try descend(map, last)
    guard defined.insert(ObjectIdentifier(table)).inserted else { throw duplicate(last) }
    return table
  }

  private func duplicate(_ key: [UInt8]) -> FunctionError {
    failure("Key '\(String(decoding: key, as: UTF8.self))' has already been defined.")
  }

  private func descend(_ map: GoMap, _ key: [UInt8]) throws -> GoMap {
    switch map[key] {
    case nil:
      let new = GoMap()
      map[key] = .map(new)
      return new
    case .map(let inner)?: return inner
    case .list(let list)?:
      guard case .map(let last)? = list.elements.last else { throw duplicate(key) }
      return last
    default: throw duplicate(key)
    }
  }

  private mutating func entry(into table: GoMap) throws {
    let path = try keys()
    guard current == 0x3D else {
      throw failure(
        current == nil
          ? "unexpected EOF; expected key separator '='"
          : "expected '.' or '=', but got \(found()) instead", isRead: true)
    }
    index += 1
    skipBlanks()
    var map = table
    for key in path.dropLast() { map = try descend(map, key) }
    let last = path[path.count - 1]
    currentKey = path
    if map[last] != nil { throw duplicate(last) }
    map[last] = try value(0)
    currentKey = []
  }

  private mutating func keys() throws -> [[UInt8]] {
    var result: [[UInt8]] = []
    while true {
      skipBlanks()
      result.append(try key())
      skipBlanks()
      guard current == 0x2E else { return result }
      index += 1
    }
  }

  private mutating func key() throws -> [UInt8] {
    if current == 0x22 { return try basicString() }
    if current == 0x27 { return try literalString() }
    let start = index
    while let next = current, isBareKey(next) { index += 1 }
    if index == start {
      if current == nil || current == 0x3D {
        throw failure("unexpected '=': key name appears blank")
      }
      if current == 0x2E { throw failure("unexpected '.': keys cannot start with a '.'") }
      throw failure("expected '.' or '=', but got \(found()) instead")
    }
    return Array(bytes[start..<index])
  }

  // MARK: values

  private mutating func value(_ depth: Int) throws -> GoValue {
    guard depth < 200 else { throw FunctionError("toml: nested too deep", kind: .limit) }
    switch current {
    case 0x22?:
      if bytes[index...].starts(with: [0x22, 0x22, 0x22]) { return .string(try longString(0x22)) }
      return .string(try basicString())
    case 0x27?:
      if bytes[index...].starts(with: [0x27, 0x27, 0x27]) { return .string(try longString(0x27)) }
      return .string(try literalString())
    case 0x5B?: return try array(depth)
    case 0x7B?: return try inlineTable(depth)
    case nil: throw failure("unexpected EOF; expected value")
    default: return try scalar()
    }
  }

  private mutating func array(_ depth: Int) throws -> GoValue {
    index += 1
    var elements: [GoValue] = []
    while true {
      skipLines()
      if current == 0x5D { break }
      elements.append(try value(depth + 1))
      skipLines()
      if current == 0x2C {
        index += 1
      } else if current != 0x5D {
        throw failure("expected a comma (',') or array terminator (']'), but got \(found())")
      }
    }
    index += 1
    return .list(GoList(elements))
  }

  private mutating func inlineTable(_ depth: Int) throws -> GoValue {
    index += 1
    let table = GoMap()
    let (outer, outerKey) = (context, currentKey)
    context += currentKey
    currentKey = []
    defer { (context, currentKey) = (outer, outerKey) }
    skipBlanks()
    if current == 0x7D {
      index += 1
      return .map(table)
    }
    while true {
      skipBlanks()
      try entry(into: table)
      skipBlanks()
      guard let next = current, next == 0x2C || next == 0x7D else {
        throw failure(
          "expected a comma or an inline table terminator '}', but got \(found()) instead")
      }
      index += 1
      if next == 0x7D { return .map(table) }
    }
  }

  private mutating func basicString() throws -> [UInt8] {
    index += 1
    var result: [UInt8] = []
    while let next = current, next != 0x0A {
      index += 1
      if next == 0x22 { return result }
      if next == 0x5C { try escape(&result) } else { result.append(next) }
    }
    throw failure("strings cannot contain newlines")
  }

  private mutating func literalString() throws -> [UInt8] {
    index += 1
    let start = index
    while let next = current, next != 0x0A {
      index += 1
      if next == 0x27 { return Array(bytes[start..<(index - 1)]) }
    }
    throw failure("strings cannot contain newlines")
  }

  private mutating func longString(_ mark: UInt8) throws -> [UInt8] {
    index += 3
    if current == 0x0D { index += 1 }
    if current == 0x0A { index += 1 }
    var result: [UInt8] = []
    while let next = current {
      if bytes[index...].starts(with: [mark, mark, mark]) {
        index += 3
        while current == mark {
          result.append(mark)
          index += 1
        }
        return result
      }
      index += 1
      guard mark == 0x22, next == 0x5C else {
        result.append(next)
        continue
      }
      if let following = current, isSpace(following) {
        while let following = current, isSpace(following) { index += 1 }
      } else {
        try escape(&result)
      }
    }
    throw failure("unexpected EOF; expected '\"\"\"'")
  }

  private mutating func escape(_ result: inout [UInt8]) throws {
    guard let letter = current else { throw failure("unexpected EOF; expected escape") }
    index += 1
    switch letter {
    case 0x62: result.append(8)
    case 0x74: result.append(9)
    case 0x6E: result.append(0x0A)
    case 0x66: result.append(0x0C)
    case 0x72: result.append(0x0D)
    case 0x65: result.append(0x1B)
    case 0x22, 0x5C: result.append(letter)
    case 0x75, 0x55:
      let count = letter == 0x75 ? 4 : 8
      var value: UInt32 = 0
      for _ in 0..<count {
        guard let next = current, let digit = digitValue(next), value < 1 << 28 else {
          throw failure("expected hexadecimal digits after '\\u'")
        }
        value = value << 4 | UInt32(digit)
        index += 1
      }
      appendScalar(value, to: &result)
    default: throw failure("invalid escape character '\(Character(UnicodeScalar(letter)))'")
    }
  }

  private mutating func scalar() throws -> GoValue {
    let start = index
    while let next = current {
      // A blank may stand within a date and time.
      if next == 0x20 || next == 0x09 {
        let isDate = index - start == 10 && bytes[start + 4] == 0x2D
        guard isDate, index + 1 < bytes.count, (0x30...0x39).contains(bytes[index + 1]) else {
          break
        }
      } else if !isBareKey(next), next != 0x2E, next != 0x2B, next != 0x3A {
        break
      }
      index += 1
    }
    let text = Array(bytes[start..<index])
    if text == Array("true".utf8) { return .bool(true) }
    if text == Array("false".utf8) { return .bool(false) }
    if let int = goInteger(text), text.count == 1 || text[0] != 0x30 || text[1] > 0x39 {
      return .int64(int)
    }
    if let first = text.first, (0x30...0x39).contains(first), let time = date(text) { return time }
    if let float = goFloat(text) { return .float(float) }
    index = start
    let word = text.prefix { (0x41...0x5A).contains($0 & 0xDF) }
    throw failure(
      "expected value but found \(word.isEmpty ? found() : goQuoted(Array(word))) instead")
  }

  private func date(_ text: [UInt8]) -> GoValue? {
    let layouts = [
      "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
      "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02",
      "15:04:05.999999999",
    ]
    for layout in layouts {
      if let time = try? parsedTime(Array(layout.utf8), text) { return .object(time) }
    }
    return nil
  }
}

/// Whether a key without quotes may hold the byte.
private func isBareKey(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x2D
    || byte == 0x5F
}
