import CEL
import Diagnostics

/// An expression that is a part of a library and nothing else: `labels.standard`, or with what the part takes
/// `workload.container{image: schema.spec.image}`: CEL's own way to make a value of named fields.
struct PartUse: Sendable {
  /// One field of it.
  struct Argument: Sendable {
    var name: String
    var nameRange: Range<Int>
    var source: String
    /// The UTF-8 bytes of the expression in the scalar's text.
    var range: Range<Int>
  }

  /// The name, with the import's before it: `workload.container`.
  var name: String
  /// The UTF-8 bytes of the name in the scalar's text.
  var range: Range<Int>
  var arguments: [Argument]

  /// What a text is when it is one expression of that form; nil for any other text.
  ///
  /// It may also be a plain path: whether the name is that of a part is for the caller to know.
  init?(_ text: String) {
    guard case .success(let parts) = Interpolation.parse(text), parts.isStandalone,
      let only = parts.expressions.first
    else { return nil }
    var scanner = UseScanner(bytes: Array(only.source.utf8), offset: only.range.lowerBound)
    guard let use = scanner.use() else { return nil }
    self = use
  }

  fileprivate init(name: String, range: Range<Int>, arguments: [Argument]) {
    self.name = name
    self.range = range
    self.arguments = arguments
  }
}

private struct UseScanner {
  let bytes: [UInt8]
  /// Where the expression begins in the scalar's text.
  let offset: Int
  var position = 0

  init(bytes: [UInt8], offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func use() -> PartUse? {
    skipSpace()
    let start = position
    guard word() != nil else { return nil }
    if next == UInt8(ascii: ".") {
      position += 1
      guard word() != nil else { return nil }
    }
    let end = position
    let name = text(start..<end)
    skipSpace()
    var arguments: [PartUse.Argument] = []
    if next == UInt8(ascii: "{") {
      position += 1
      guard let list = self.arguments() else { return nil }
      arguments = list
      skipSpace()
    }
    guard position == bytes.count else { return nil }
    return PartUse(name: name, range: start + offset..<end + offset, arguments: arguments)
  }

  /// `name: expression, …}`
  private mutating func arguments() -> [PartUse.Argument]? {
    var arguments: [PartUse.Argument] = []
    skipSpace()
    while next != UInt8(ascii: "}") {
      let start = position
      guard let name = word() else { return nil }
      let nameRange = start + offset..<position + offset
      skipSpace()
      guard next == UInt8(ascii: ":") else { return nil }
      position += 1
      skipSpace()
      let first = position
      guard var last = endOfExpression() else { return nil }
      while last > first, isSpace(bytes[last - 1]) { last -= 1 }
      arguments.append(
        PartUse.Argument(
          name: name, nameRange: nameRange, source: text(first..<last),
          range: first + offset..<last + offset))
      if next == UInt8(ascii: ",") { position += 1 }
      skipSpace()
    }
    position += 1
    return arguments
  }

  /// Goes to the comma or brace behind an expression; its end.
  private mutating func endOfExpression() -> Int? {
    var depth = 0
    var quote: UInt8?
    while let byte = next {
      if let open = quote {
        if byte == UInt8(ascii: "\\") { position += 1 } else if byte == open { quote = nil }
      } else {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ","), UInt8(ascii: "}"):
          if depth == 0 { return position }
          if byte == UInt8(ascii: "}") { depth -= 1 }
        case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
      }
      position += 1
    }
    return nil
  }

  private mutating func word() -> String? {
    let start = position
    while let byte = next, isNameByte(byte) { position += 1 }
    guard position > start, !(0x30...0x39).contains(bytes[start]) else { return nil }
    return text(start..<position)
  }

  private mutating func skipSpace() {
    while let byte = next, isSpace(byte) { position += 1 }
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// A name that stands in an expression where a variable may: `team`, or with a field `labels.team`.
struct Mention {
  var name: String
  /// The first of its fields.
  var field: String?
  /// The UTF-8 bytes of both in the source.
  var range: Range<Int>
}

/// The names in an expression's source that may be variables; fields, and what stands in texts, are left out.
func mentions(in source: String) -> [Mention] {
  let bytes = Array(source.utf8)
  var mentions: [Mention] = []
  var position = 0
  func word() -> Range<Int>? {
    let start = position
    while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
    return position > start ? start..<position : nil
  }
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
  while position < bytes.count {
    let byte = bytes[position]
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      position += 1
      while position < bytes.count, bytes[position] != byte {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      position += 1
    } else if isNameByte(byte) {
      let isField = position > 0 && (bytes[position - 1] == 0x2E || bytes[position - 1] == 0x3F)
      guard let name = word() else { break }
      guard !isField, !(0x30...0x39).contains(byte) else { continue }
      var mention = Mention(name: text(name), range: name)
      if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
        position += 1
        if let field = word() {
          mention.field = text(field)
          mention.range = name.lowerBound..<field.upperBound
        }
      }
      mentions.append(mention)
    } else {
      position += 1
    }
  }
  return mentions
}

private func isNameByte(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20) && byte >= 0x41 || byte == 0x5F
    || (0x30...0x39).contains(byte)
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
