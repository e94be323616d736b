/// The text of a field in SimpleSchema: `type | marker=value marker=value`.
///
/// Grammar and quoting as kro reads them (`pkg/simpleschema`, at 0302e659). Ranges are UTF-8
/// offsets into the text.
struct FieldSyntax {
  var type: TypeSyntax
  var markers: [MarkerSyntax]

  /// A mistake in the text.
  struct Problem: Error {
    var rule: String
    var message: String
    var range: Range<Int>
    var help: String?
  }

  /// The field, or the first mistake of its type and all that could be read of its markers.
  static func parse(_ text: String) -> (field: FieldSyntax?, problems: [Problem]) {
    let bytes = Array(text.utf8)
    let pipe = bytes.firstIndex(of: UInt8(ascii: "|"))
    var problems: [Problem] = []
    var type: TypeSyntax?
    do throws(Problem) {
      type = try TypeSyntax.parse(bytes, trimmed(bytes, 0..<(pipe ?? bytes.count)), depth: 0)
    } catch {
      problems.append(error)
    }
    var markers: [MarkerSyntax] = []
    if let pipe {
      var scanner = MarkerScanner(bytes: bytes, position: pipe + 1)
      markers = scanner.scan()
      problems += scanner.problems
    }
    return (type.map { FieldSyntax(type: $0, markers: markers) }, problems)
  }
}

/// The type of a field as written.
indirect enum TypeSyntax {
  case scalar(ValueTypes)
  /// A map that may hold anything.
  case object
  case list(TypeSyntax)
  case map(TypeSyntax)
  case custom(String, Range<Int>)

  /// `[]` and `map[string]` may be nested this deep.
  static let maximumDepth = 16

  /// The names that are types by themselves.
  static let builtInNames = ["string", "integer", "boolean", "float", "object"]

  static func parse(
    _ bytes: [UInt8], _ range: Range<Int>, depth: Int
  ) throws(FieldSyntax.Problem) -> TypeSyntax {
    let text = String(decoding: bytes[range], as: UTF8.self)
    let rule = "invalid-type"
    guard depth <= maximumDepth else {
      throw FieldSyntax.Problem(
        rule: rule, message: "the type is nested more than \(maximumDepth) levels deep",
        range: range, help: "name a part of it under 'types'")
    }
    switch text {
    case "string": return .scalar(.string)
    case "integer": return .scalar(.integer)
    case "boolean": return .scalar(.boolean)
    case "float": return .scalar(.number)
    case "object": return .object
    case "":
      throw FieldSyntax.Problem(
        rule: rule, message: depth == 0 ? "the field has no type" : "the type ends too soon",
        range: range.isEmpty ? max(0, range.lowerBound - 2)..<bytes.count : range,
        help: depth == 0 ? "write 'string', '[]string', or another type" : "name the inner type")
    default: break
    }
    if text.hasPrefix("[]") {
      let inner = trimmed(bytes, range.lowerBound + 2..<range.upperBound)
      return .list(try parse(bytes, inner, depth: depth + 1))
    }
    if text.hasPrefix("map[") {
      let prefix = "map[string]"
      guard text.hasPrefix(prefix) else {
        throw FieldSyntax.Problem(
          rule: rule, message: "'\(text)' has no string keys, and keys of a map must be strings",
          range: range, help: "write 'map[string]…'")
      }
      let inner = trimmed(bytes, range.lowerBound + prefix.utf8.count..<range.upperBound)
      return .map(try parse(bytes, inner, depth: depth + 1))
    }
    return .custom(text, range)
  }
}

/// One `key=value` after the pipe.
struct MarkerSyntax {
  var key: String
  var keyRange: Range<Int>
  /// The value without its outer quotes and escapes.
  var value: String
  /// The value as written, with its quotes.
  var valueRange: Range<Int>
  /// For each byte of `value`, its offset in the text; one more for its end.
  var valueOffsets: [Int]

  /// The whole marker.
  var range: Range<Int> { keyRange.lowerBound..<valueRange.upperBound }

  /// The place in the text of a stretch of `value`.
  func range(ofValue range: Range<Int>) -> Range<Int> {
    let last = valueOffsets.count - 1
    let start = valueOffsets[min(max(0, range.lowerBound), last)]
    return start..<max(start, valueOffsets[min(max(0, range.upperBound), last)])
  }
}

/// Reads markers one after the other and goes on after mistakes.
private struct MarkerScanner {
  let bytes: [UInt8]
  var position: Int
  var problems: [FieldSyntax.Problem] = []

  private static let rule = "invalid-marker"

  mutating func scan() -> [MarkerSyntax] {
    var markers: [MarkerSyntax] = []
    skipSpace()
    if position == bytes.count {
      add("nothing stands after the '|'", position - 1..<position, "add a marker or remove the '|'")
    }
    while position < bytes.count {
      if let marker = scanMarker(previous: markers.last) { markers.append(marker) }
      skipSpace()
    }
    return markers
  }

  private mutating func scanMarker(previous: MarkerSyntax?) -> MarkerSyntax? {
    let start = position
    if bytes[start] == UInt8(ascii: "|") {
      position += 1
      add("a second '|' stands between markers", start..<position, "separate markers with a space")
      return nil
    }
    while position < bytes.count, bytes[position] != UInt8(ascii: "="), !isSpace(bytes[position]) {
      position += 1
    }
    let keyRange = start..<position
    let key = String(decoding: bytes[keyRange], as: UTF8.self)
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
      reportStray(key, keyRange, after: previous)
      return nil
    }
    position += 1
    guard let value = scanValue(key, keyRange) else { return nil }
    if key.isEmpty {
      add("a marker has no name before its '='", start..<position, "write name=value")
      return nil
    }
    return value
  }

  private mutating func scanValue(_ key: String, _ keyRange: Range<Int>) -> MarkerSyntax? {
    let start = position
    var isQuoted = false
    var depth = 0
    while position < bytes.count {
      let byte = bytes[position]
      if isQuoted, byte == UInt8(ascii: "\\") {
        position = min(position + 2, bytes.count)
        continue
      }
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if !isQuoted {
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { depth += 1 }
        if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { depth -= 1 }
        if depth < 0 {
          add(
            "the value of '\(key)' closes a bracket that it did not open", position..<position + 1,
            "put the value in quotes")
          position = bytes.count
          return nil
        }
        if depth == 0, isSpace(byte) { break }
      }
      position += 1
    }
    let range = start..<position
    if isQuoted {
      add("the value of '\(key)' has no closing quote", range, "end it with '\"'")
      return nil
    }
    if depth > 0 {
      add("the value of '\(key)' has no closing bracket", range, "close what is open")
      return nil
    }
    let (value, offsets) = unquoted(range)
    return MarkerSyntax(
      key: key, keyRange: keyRange, value: value, valueRange: range, valueOffsets: offsets)
  }

  /// The text of a value without outer quotes; inside them `\"` and `\\` lose their backslash,
  /// and other backslashes stay, so that `\.` of a pattern survives.
  private func unquoted(_ range: Range<Int>) -> (String, [Int]) {
    let quote = UInt8(ascii: "\"")
    guard range.count >= 2, bytes[range.lowerBound] == quote,
      bytes[range.upperBound - 1] == quote
    else {
      return (String(decoding: bytes[range], as: UTF8.self), Array(range) + [range.upperBound])
    }
    var value: [UInt8] = []
    var offsets: [Int] = []
    var index = range.lowerBound + 1
    while index < range.upperBound - 1 {
      let isEscape =
        bytes[index] == UInt8(ascii: "\\") && index + 1 < range.upperBound - 1
        && (bytes[index + 1] == quote || bytes[index + 1] == UInt8(ascii: "\\"))
      offsets.append(index)
      if isEscape { index += 1 }
      value.append(bytes[index])
      index += 1
    }
    return (String(decoding: value, as: UTF8.self), offsets + [range.upperBound - 1])
  }

  private mutating func reportStray(
    _ word: String, _ range: Range<Int>, after previous: MarkerSyntax?
  ) {
    if let name = MarkerName(rawValue: word) {
      let example = name == .required || name == .immutable ? "true" : "…"
      add("the marker '\(word)' has no value", range, "write \(word)=\(example)")
    } else if let previous, bytes[previous.valueRange.lowerBound] != UInt8(ascii: "\"") {
      let rest = String(decoding: bytes[previous.valueRange.lowerBound...], as: UTF8.self)
      add(
        "'\(word)' stands after '\(previous.key)=\(previous.value)' and is no marker", range,
        "put a value with spaces in quotes: \(previous.key)=\"\(rest)\"")
      // The rest of the unquoted text would only repeat the mistake.
      position = bytes.count
    } else {
      add("'\(word)' is no marker: it has no value", range, "write name=value")
    }
  }

  private mutating func add(_ message: String, _ range: Range<Int>, _ help: String) {
    problems.append(
      FieldSyntax.Problem(rule: Self.rule, message: message, range: range, help: help))
  }

  private mutating func skipSpace() {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

private func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
  var start = min(range.lowerBound, range.upperBound)
  var end = range.upperBound
  while start < end, isSpace(bytes[start]) { start += 1 }
  while end > start, isSpace(bytes[end - 1]) { end -= 1 }
  return start..<end
}
