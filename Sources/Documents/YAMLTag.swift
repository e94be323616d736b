/// A tag that the reader knows, of YAML 1.1's type repository (yaml.org/type).
enum YAMLTag: String {
  case str, int, float, bool, null, binary, timestamp, merge
  case map, seq, set, omap, pairs

  private static let prefix = "tag:yaml.org,2002:"

  /// The tag of a full name (`tag:yaml.org,2002:str`); nil when it is not known.
  init?(_ tag: String) {
    guard tag.utf8.starts(with: Self.prefix.utf8) else { return nil }
    self.init(rawValue: String(tag.dropFirst(Self.prefix.count)))
  }

  /// Whether the tag may stand on a map or, if `isMap` is false, on a list.
  func fits(isMap: Bool) -> Bool {
    switch self {
    case .map, .set: isMap
    case .seq, .omap, .pairs: !isMap
    default: false
    }
  }

  /// What a scalar with this tag means; nil when the text cannot be that.
  ///
  /// As goyaml.v2 does: the text is resolved whether quoted or not, an integer may be tagged as a
  /// float, `!!binary` gives the text that it encodes.
  func value(of text: UnsafeBufferPointer<UInt8>, in arena: Arena) -> Value? {
    switch self {
    case .str, .timestamp: return arena.string(text)
    case .binary:
      guard let decoded = base64Decoded(text) else { return nil }
      return decoded.withUnsafeBufferPointer { bytes in
        isUTF8(bytes)
          ? arena.string(bytes) : arena.string(String(decoding: replaced(bytes), as: UTF8.self))
      }
    case .int, .float, .bool, .null:
      let value = PlainScalar(text).value
      switch (self, value.kind) {
      case (.int, .int), (.int, .uint), (.float, .double), (.bool, .bool), (.null, .null):
        return value
      case (.float, .int): return .double(Double(value.intPayload))
      case (.float, .uint): return .double(Double(value.payload))
      default: return nil
      }
    case .merge, .map, .seq, .set, .omap, .pairs: return nil
    }
  }
}

/// Bytes with U+FFFD for each that is not UTF-8, as Go's `encoding/json` writes them.
private func replaced(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  var index = 0
  while index < bytes.count {
    let length = decodedScalar(bytes, at: index)?.length ?? 0
    result += length == 0 ? [0xEF, 0xBF, 0xBD] : Array(bytes[index..<index + length])
    index += max(1, length)
  }
  return result
}

/// A tag as people write it: `!!str` for a full name, else the tag itself.
func shortTag(_ tag: String) -> String {
  let prefix = "tag:yaml.org,2002:"
  return tag.utf8.starts(with: prefix.utf8) ? "!!" + tag.dropFirst(prefix.count) : tag
}

/// The tag and anchor before a node's content, at a byte offset where an event starts.
///
/// `contentStart` is the offset of the content, on whichever line it starts; comments between are
/// skipped.
func nodeProperties(
  _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int
) -> (hasTag: Bool, contentStart: Int) {
  var index = offset
  var hasTag = false
  while index < bytes.count,
    bytes[index] == UInt8(ascii: "!") || bytes[index] == UInt8(ascii: "&")
  {
    let isTag = bytes[index] == UInt8(ascii: "!")
    hasTag = hasTag || isTag
    index += 1
    while index < bytes.count, isTag ? isTagByte(bytes[index]) : isAnchorByte(bytes[index]) {
      index += 1
    }
    var isInComment = false
    while index < bytes.count {
      let byte = bytes[index]
      // U+0085, U+2028 and U+2029 end a line, and a comment, as well.
      let wide = byte < 0x80 ? nil : decodedScalar(bytes, at: index)
      let isWideBreak = wide.map { [0x85, 0x2028, 0x2029].contains($0.scalar) } ?? false
      if byte == 0x0A || byte == 0x0D || isWideBreak {
        isInComment = false
      } else if byte == UInt8(ascii: "#") {
        isInComment = true
      } else if !isInComment, !isBlankOrBreak(byte) {
        break
      }
      index += wide?.length ?? 1
    }
  }
  return (hasTag, index)
}

/// Whether a byte may stand in an anchor's name: libyaml takes letters, digits, `-` and `_`.
private func isAnchorByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == UInt8(ascii: "-")
    || byte == UInt8(ascii: "_")
}

/// Whether a byte may stand in a tag: none that ends it inside brackets.
private func isTagByte(_ byte: UInt8) -> Bool {
  !isBlankOrBreak(byte) && !",[]{}".utf8.contains(byte)
}

/// Whether a byte is a space, a tab, a line feed or a carriage return.
@inline(__always)
func isBlankOrBreak(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
}

/// Whether all bytes are well-formed UTF-8.
func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  var index = 0
  while index < bytes.count {
    if bytes[index] < 0x80 {
      index += 1
    } else {
      guard let (_, length) = decodedScalar(bytes, at: index) else { return false }
      index += length
    }
  }
  return true
}
