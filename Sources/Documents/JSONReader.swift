internal import Diagnostics

/// Parses a file that holds one JSON value, strictly as RFC 8259 says.
///
/// Numbers without a fraction or an exponent are `int`, `uint` over Int64, `double` beyond; all
/// others are `double`. A byte order mark at the start is passed over (section 8.1).
///
/// `documents` holds the one value, or nothing after an error. Findings (places are byte ranges):
/// `json/syntax`, `json/encoding`, `json/duplicate-key`, `json/number`, `json/limit`, all errors.
/// `maxDepth` is how many lists and maps may stand inside one another.
public func parseJSON(_ bytes: [UInt8], file: String, maxDepth: Int = 100) -> ParsedFile {
  bytes.withUnsafeBufferPointer { bytes in
    let reader = JSONReader(bytes, file: file, maxDepth: maxDepth)
    return reader.readFile()
  }
}

private final class JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let file: String
  private let maxDepth: Int
  @exclusivity(unchecked) private var index = 0
  private let arena: Arena
  private var findings: FindingList
  @exclusivity(unchecked) private var stack = NodeStack()

  /// Ends reading; what is wrong has been added to the findings.
  private struct Stop: Error {}

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, maxDepth: Int) {
    self.bytes = bytes
    self.file = file
    // Reading recurses; 1,000 levels fit the 512 KiB stack of any thread.
    self.maxDepth = min(maxDepth, 1_000)
    arena = Arena(firstChunkByteCount: min(1 << 20, bytes.count * 3))
    findings = FindingList(file: file)
  }

  func readFile() -> ParsedFile {
    var documents: [Document] = []
    if bytes.count > YAMLLimits.fileByteCount {
      findings.add(
        .json(
          "limit", "the file has \(bytes.count) bytes, the most is \(YAMLLimits.fileByteCount)"),
        at: 0..<0)
    } else if let root = try? readDocument() {
      documents.append(Document(root: root, arena: arena))
    }
    return ParsedFile(file: file, documents: documents, findings: findings.finished())
  }

  private func readDocument() throws(Stop) -> Value {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    let root = try readValue(depth: 0)
    skipBlanks()
    if index < bytes.count { throw unexpected("the end of the file") }
    return root
  }

  // MARK: errors

  private func stop(_ message: YAMLMessage, at range: Range<Int>) -> Stop {
    findings.add(message, at: range)
    return Stop()
  }

  private func unexpected(_ expected: String, help: String? = nil) -> Stop {
    guard index < bytes.count else {
      return stop(
        .json("syntax", "the file ends where \(expected) was expected", help: help),
        at: bytes.count..<bytes.count)
    }
    let byte = bytes[index]
    let length = decodedScalar(bytes, at: index)?.length ?? 1
    let found: String
    if byte < 0x20 || byte == 0x7F {
      found = "character U+\(hex(UInt32(byte), 4))"
    } else {
      let text = UnsafeBufferPointer(rebasing: bytes[index..<index + length])
      found = "'\(String(decoding: text, as: UTF8.self))'"
    }
    return stop(
      .json("syntax", "found \(found), expected \(expected)", help: help),
      at: index..<index + length)
  }

  // MARK: values

  private func skipBlanks() {
    while index < bytes.count, isBlankOrBreak(bytes[index]) { index += 1 }
  }

  private func readValue(depth: Int) throws(Stop) -> Value {
    skipBlanks()
    guard index < bytes.count else { throw unexpected("a value") }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try readMap(depth: depth + 1)
    case UInt8(ascii: "["): return try readList(depth: depth + 1)
    case UInt8(ascii: "\""): return try readString()
    case UInt8(ascii: "-"), 0x30...0x39: return try readNumber()
    case UInt8(ascii: "t"): return try readWord("true", .true)
    case UInt8(ascii: "f"): return try readWord("false", .false)
    case UInt8(ascii: "n"): return try readWord("null", .null)
    case UInt8(ascii: "'"):
      throw unexpected("a value", help: "JSON quotes strings with '\"'")
    case UInt8(ascii: "/"), UInt8(ascii: "#"):
      throw unexpected("a value", help: "JSON has no comments")
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      throw unexpected("a value", help: "remove the ',' before it")
    default: throw unexpected("a value")
    }
  }

  private func readWord(_ word: StaticString, _ value: Value) throws(Stop) -> Value {
    for offset in 0..<word.utf8CodeUnitCount {
      guard index < bytes.count, bytes[index] == word.utf8Start[offset] else {
        throw unexpected("the rest of '\(word)'")
      }
      index += 1
    }
    return value
  }

  private func checkDepth(_ depth: Int) throws(Stop) {
    if depth > maxDepth {
      throw stop(
        .json("limit", "lists and maps are nested more than \(maxDepth) deep"),
        at: index..<index + 1)
    }
  }

  private func readList(depth: Int) throws(Stop) -> Value {
    try checkDepth(depth)
    index += 1
    let base = stack.count
    skipBlanks()
    if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
      index += 1
      return .emptyList
    }
    while true {
      let value = try readValue(depth: depth)
      stack.push(value, .init(start: 0, end: 0))
      skipBlanks()
      guard index < bytes.count else { throw unexpected("',' or ']'") }
      if bytes[index] == UInt8(ascii: "]") { break }
      guard bytes[index] == UInt8(ascii: ",") else { throw unexpected("',' or ']'") }
      index += 1
    }
    index += 1
    let list = arena.list(stack.values(from: base))
    stack.cut(to: base)
    return list
  }

  private func readMap(depth: Int) throws(Stop) -> Value {
    try checkDepth(depth)
    index += 1
    let base = stack.count
    skipBlanks()
    if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
      index += 1
      return .emptyMap
    }
    while true {
      skipBlanks()
      let keyStart = index
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
        let isClosing = index < bytes.count && bytes[index] == UInt8(ascii: "}")
        throw unexpected(
          "a key in double quotes", help: isClosing ? "remove the ',' before it" : nil)
      }
      let key = try readString()
      stack.push(
        key,
        .init(start: UInt32(truncatingIfNeeded: keyStart), end: UInt32(truncatingIfNeeded: index)))
      skipBlanks()
      guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw unexpected("':'") }
      index += 1
      let value = try readValue(depth: depth)
      stack.push(value, .init(start: 0, end: 0))
      skipBlanks()
      guard index < bytes.count else { throw unexpected("',' or '}'") }
      if bytes[index] == UInt8(ascii: "}") { break }
      guard bytes[index] == UInt8(ascii: ",") else { throw unexpected("',' or '}'") }
      index += 1
    }
    index += 1
    let map = finishedMap(from: base)
    stack.cut(to: base)
    return map
  }

  private func finishedMap(from base: Int) -> Value {
    let entries = stack.entries(from: base)
    guard hasEqualKeys(entries) else { return arena.map(entries) }
    var kept: [MapEntry] = []
    var indexes: [KeyBytes: Int] = [:]
    for (index, entry) in entries.enumerated() {
      if let first = indexes[KeyBytes(entry.key)] {
        let mark = stack.mark(base + 2 * index)
        let firstMark = stack.mark(base + 2 * first)
        findings.add(
          .json("duplicate-key", "key '\(entry.key.asString ?? "")' is given twice in one object"),
          at: Int(mark.start)..<Int(mark.end),
          related: ("first given here", Int(firstMark.start)..<Int(firstMark.end)))
      } else {
        indexes[KeyBytes(entry.key)] = index
        kept.append(entry)
      }
    }
    return arena.map(kept)
  }

  // MARK: numbers and strings

  private func readNumber() throws(Stop) -> Value {
    let start = index
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    guard index < bytes.count, isDigit(bytes[index]) else { throw unexpected("a digit") }
    let digitsStart = index
    while index < bytes.count, isDigit(bytes[index]) { index += 1 }
    if bytes[digitsStart] == 0x30, index > digitsStart + 1 {
      index = digitsStart + 1
      throw unexpected("no digit after a leading 0", help: "JSON numbers have no leading zeros")
    }
    var isInteger = true
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      isInteger = false
      index += 1
      try skipDigits()
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-")
      {
        index += 1
      }
      try skipDigits()
    }
    let text = UnsafeBufferPointer(rebasing: bytes[start..<index])
    if isInteger {
      let value = PlainScalar(text).value
      if !value.isAbsent { return value }
    }
    guard let number = parsedDouble(text) else {
      throw stop(
        .json("number", "the number is too large for 64 bits of floating point"),
        at: start..<index)
    }
    return .double(number)
  }

  private func skipDigits() throws(Stop) {
    guard index < bytes.count, isDigit(bytes[index]) else { throw unexpected("a digit") }
    while index < bytes.count, isDigit(bytes[index]) { index += 1 }
  }

  private func readString() throws(Stop) -> Value {
    let start = index
    index += 1
    let textStart = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        let text = UnsafeBufferPointer(rebasing: bytes[textStart..<index])
        index += 1
        return arena.string(text)
      }
      if byte == UInt8(ascii: "\\") { return try readEscapedString(start, textStart) }
      try skipCharacter(byte)
    }
    throw stop(.json("syntax", "the string is never closed"), at: start..<bytes.count)
  }

  private func skipCharacter(_ byte: UInt8) throws(Stop) {
    if byte >= 0x80 {
      guard let (_, length) = decodedScalar(bytes, at: index) else {
        throw stop(
          .json("encoding", "byte 0x\(hex(UInt32(byte), 2)) is not UTF-8 here"),
          at: index..<index + 1)
      }
      index += length
    } else {
      if byte < 0x20 { throw unexpected("'\"'", help: "write control characters as escapes") }
      index += 1
    }
  }

  private func readEscapedString(_ start: Int, _ textStart: Int) throws(Stop) -> Value {
    var text = Array(bytes[textStart..<index])
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return text.withUnsafeBufferPointer { arena.string($0) }
      }
      if byte == UInt8(ascii: "\\") {
        try readEscape(into: &text)
      } else {
        let from = index
        try skipCharacter(byte)
        text.append(contentsOf: bytes[from..<index])
      }
    }
    throw stop(.json("syntax", "the string is never closed"), at: start..<bytes.count)
  }

  private func readEscape(into text: inout [UInt8]) throws(Stop) {
    let start = index
    index += 1
    guard index < bytes.count else { throw unexpected("an escape") }
    switch bytes[index] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index])
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      index += 1
      var scalar = try readHexadecimal()
      if (0xD800...0xDBFF).contains(scalar), index + 1 < bytes.count,
        bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
      {
        index += 2
        let low = try readHexadecimal()
        scalar =
          (0xDC00...0xDFFF).contains(low)
          ? 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00) : 0xD800
      }
      guard let character = Unicode.Scalar(scalar) else {
        throw stop(
          .json("encoding", "the escape is half of a surrogate pair, which is no character"),
          at: start..<index)
      }
      text.append(contentsOf: String(character).utf8)
      return
    default: throw unexpected(#"one of " \ / b f n r t u after '\'"#)
    }
    index += 1
  }

  private func readHexadecimal() throws(Stop) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard index < bytes.count, bytes[index] < 0x80,
        let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue
      else { throw unexpected("a hexadecimal digit") }
      number = number << 4 | UInt32(digit)
      index += 1
    }
    return number
  }
}

extension YAMLMessage {
  /// An error about JSON: `rule` is the part after `json/`.
  fileprivate static func json(
    _ rule: String, _ text: String, help: String? = nil
  ) -> YAMLMessage {
    YAMLMessage(rule: "json/\(rule)", text: text, help: help)
  }
}
