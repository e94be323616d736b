import Glibc

/// What of a pattern can be searched for as plain bytes.
struct LiteralSearch: Sendable {
  enum Kind: Sendable {
    /// Nothing.
    case none
    /// Every match starts with the bytes.
    case prefix
    /// The bytes, and the anchors, are the whole pattern.
    case whole
  }

  let kind: Kind
  private let bytes: [UInt8]
  private let isAnchoredAtStart: Bool
  private let isAnchoredAtEnd: Bool

  init(_ tree: SyntaxTree) {
    var parts =
      if case .concatenation(let parts) = tree.nodes[tree.root].content { parts[...] } else {
        [tree.root][...]
      }
    var startsAtText = false
    var bytes: [UInt8] = []
    if let first = parts.first, case .assertion(.beginText) = tree.nodes[first].content {
      startsAtText = true
      parts.removeFirst()
    }
    while let first = parts.first {
      if case .empty = tree.nodes[first].content {
        parts.removeFirst()
      } else if case .literal(let scalar) = tree.nodes[first].content,
        !(0xD800...0xDFFF).contains(scalar)
      {
        bytes += utf8Bytes(of: scalar)
        parts.removeFirst()
      } else {
        break
      }
    }
    var endsAtText = false
    if parts.count == 1, let last = parts.last,
      case .assertion(.endText) = tree.nodes[last].content
    {
      endsAtText = true
      parts.removeLast()
    }
    self.bytes = bytes
    isAnchoredAtStart = startsAtText
    isAnchoredAtEnd = endsAtText
    kind = parts.isEmpty ? .whole : bytes.isEmpty || startsAtText ? .none : .prefix
  }

  /// The first match of a pattern that is nothing but bytes and anchors.
  func firstMatch(_ text: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Range<Int>? {
    let length = bytes.count
    guard count - from >= length else { return nil }
    if isAnchoredAtStart {
      guard from == 0, !isAnchoredAtEnd || count == length, isEqual(text) else { return nil }
      return 0..<length
    }
    if isAnchoredAtEnd {
      return isEqual(text + (count - length)) ? count - length..<count : nil
    }
    return nextPrefix(text, from: from, count).map { $0..<$0 + length }
  }

  /// Where the bytes next are, at `from` or later.
  func nextPrefix(_ text: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Int? {
    let length = bytes.count
    guard let first = bytes.first else { return from }
    var start = from
    while count - start >= length,
      let found = memchr(text + start, Int32(first), count - start - length + 1)
    {
      start = UnsafeRawPointer(found) - UnsafeRawPointer(text)
      if isEqual(text + start) { return start }
      start += 1
    }
    return nil
  }

  @inline(__always)
  private func isEqual(_ start: UnsafePointer<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { own in
      own.baseAddress.map { memcmp($0, start, own.count) == 0 } ?? true
    }
  }
}
