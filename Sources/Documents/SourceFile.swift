public import Diagnostics

/// One file's bytes, in which places are found and lines are read.
///
/// The file is parsed with marks when the first field is looked for, then never again. Not for use
/// by two threads at once.
public final class SourceFile {
  private let bytes: [UInt8]
  /// Byte offset of the first character of each line.
  private let lineStarts: [Int]
  private var tree: MarkedTree?

  /// A file of the given bytes, YAML or JSON for fields to be found in it.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var starts = [mark]
    bytes.withUnsafeBufferPointer { bytes in
      for index in 0..<bytes.count {
        if bytes[index] == 0x0A
          || bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A)
        {
          starts.append(index + 1)
        }
      }
    }
    lineStarts = starts
  }

  /// The number of lines; a line break at the end of the file starts no further one.
  public var lineCount: Int {
    lineStarts.count > 1 && lineStarts[lineStarts.count - 1] == bytes.count
      ? lineStarts.count - 1 : lineStarts.count
  }

  /// The text of a line by its 1-based number, without its line break; nil when there is none.
  public func line(_ number: Int) -> String? {
    guard number >= 1, number <= lineStarts.count else { return nil }
    let start = min(lineStarts[number - 1], bytes.count)
    var end = number < lineStarts.count ? lineStarts[number] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The byte offset of a line's first character, by its 1-based number; the file's end for a line that it does not have.
  public func offset(ofLine number: Int) -> Int {
    lineStarts.indices.contains(number - 1) ? lineStarts[number - 1] : bytes.count
  }

  /// Whether a byte is part of a key or of a scalar value.
  public func isInsideScalar(_ offset: Int) -> Bool {
    markedTree().nodes.contains {
      $0.kind == .scalar && $0.start <= offset && offset < $0.end
    }
  }

  /// The text of a byte range; parts outside the file are cut off.
  public func text(ofBytes range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  /// The lines and columns of an anchor.
  ///
  /// A field that is not there gives the key of the deepest parent that is; text that cannot be
  /// mapped back gives the whole scalar; an anchor outside the file gives the file's start.
  public func range(of anchor: Place.Anchor) -> SourceRange {
    range(ofBytes: byteRange(of: anchor))
  }

  /// The byte range of an anchor, end not included; empty at 0 for the whole file.
  public func byteRange(of anchor: Place.Anchor) -> Range<Int> {
    switch anchor {
    case .file: 0..<0
    case .bytes(let range): range
    case .field(let document, let path, let part):
      fieldRange(document: document, path: path, part: part)
    }
  }

  /// The lines and columns of a byte range; parts outside the file are cut off.
  public func range(ofBytes range: Range<Int>) -> SourceRange {
    let start = position(of: range.lowerBound)
    let end = position(of: max(range.lowerBound, range.upperBound))
    return SourceRange(
      line: start.line, column: start.column, endLine: end.line, endColumn: end.column)
  }

  /// The 1-based line and column (in Unicode scalars) of a byte offset.
  private func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, lineStarts[0]), max(bytes.count, lineStarts[0]))
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    var column = 1
    for index in min(lineStarts[low], bytes.count)..<min(offset, bytes.count)
    where bytes[index] & 0xC0 != 0x80 { column += 1 }
    return (low + 1, column)
  }

  // MARK: fields

  /// The field that is written on a line, by its 1-based number: the deepest one whose key or list element begins there,
  /// else the innermost one around it. Nil for a line outside all documents.
  public func field(atLine number: Int) -> (document: Int, path: FieldPath)? {
    guard number >= 1, number <= lineStarts.count else { return nil }
    let start = lineStarts[number - 1]
    let end = number < lineStarts.count ? lineStarts[number] : bytes.count
    let tree = markedTree()
    for (document, root) in tree.roots.enumerated() where root >= 0 {
      let node = tree.nodes[Int(root)]
      guard node.start < end, node.end >= start else { continue }
      var path = FieldPath.root
      descend(root, to: start..<max(end, start + 1), &path, in: tree)
      return (document, path)
    }
    return nil
  }

  private func descend(
    _ node: Int32, to line: Range<Int>, _ path: inout FieldPath, in tree: MarkedTree
  ) {
    let children = tree.children(of: node)
    switch tree.nodes[Int(node)].kind {
    case .map:
      for index in stride(from: 0, to: children.count - 1, by: 2) {
        let key = tree.nodes[Int(children[index])]
        let value = tree.nodes[Int(children[index + 1])]
        guard key.start < line.upperBound, max(value.end, key.end) > line.lowerBound else {
          continue
        }
        path.steps.append(.key(String(decoding: tree.text(of: key), as: UTF8.self)))
        // A key alone on its line means the whole of what is below it.
        if value.start < line.upperBound { descend(children[index + 1], to: line, &path, in: tree) }
        return
      }
    case .list:
      for (index, child) in children.enumerated() {
        let element = tree.nodes[Int(child)]
        guard element.start < line.upperBound, element.end > line.lowerBound else { continue }
        path.steps.append(.index(index))
        descend(child, to: line, &path, in: tree)
        return
      }
    case .scalar, .alias: return
    }
  }

  private func markedTree() -> MarkedTree {
    if let tree { return tree }
    let tree = bytes.withUnsafeBufferPointer { MarkedTree($0) }
    self.tree = tree
    return tree
  }

  private func fieldRange(
    document: Int, path: FieldPath, part: Place.Part
  ) -> Range<Int> {
    let tree = markedTree()
    guard tree.roots.indices.contains(document), tree.roots[document] >= 0 else { return 0..<0 }
    var node = tree.roots[document]
    var key: Int32?
    for (depth, step) in path.steps.enumerated() {
      guard let (nextKey, next) = child(of: node, step, in: tree) else {
        return missingRange(below: node, key: key, in: tree)
      }
      (key, node) = (nextKey, next)
      if case .key = part, depth == path.steps.count - 1, let nextKey {
        return range(of: nextKey, in: tree)
      }
    }
    if case .text(let textRange) = part, let followed = tree.followed(node) {
      return self.textRange(textRange, of: tree.nodes[Int(followed)], in: tree)
        ?? valueRange(of: followed, key: key, in: tree)
    }
    return valueRange(of: node, key: key, in: tree)
  }

  private func child(
    of node: Int32, _ step: FieldPath.Step, in tree: MarkedTree
  ) -> (key: Int32?, value: Int32)? {
    guard let node = tree.followed(node) else { return nil }
    switch (step, tree.nodes[Int(node)].kind) {
    case (.key(let name), .map):
      return tree.entry(name, of: node).map { ($0.key, $0.value) }
    case (.index(let index), .list):
      return tree.element(index, of: node).map { (nil, $0) }
    default:
      return nil
    }
  }

  private func range(of node: Int32, in tree: MarkedTree) -> Range<Int> {
    tree.nodes[Int(node)].start..<tree.nodes[Int(node)].end
  }

  /// The value's own range; its key's when nothing is written after the key.
  private func valueRange(of node: Int32, key: Int32?, in tree: MarkedTree) -> Range<Int> {
    let own = range(of: node, in: tree)
    guard own.isEmpty else { return own }
    if let key { return range(of: key, in: tree) }
    return max(0, own.lowerBound - 1)..<own.lowerBound
  }

  /// Where a missing field would belong: the key of the node it should be in; else, for a list's
  /// element or the document, its first key or the first line of its text.
  private func missingRange(below node: Int32, key: Int32?, in tree: MarkedTree) -> Range<Int> {
    if let key { return range(of: key, in: tree) }
    guard let followed = tree.followed(node) else { return range(of: node, in: tree) }
    let target = tree.nodes[Int(followed)]
    if target.kind == .map, target.firstChild >= 0 { return range(of: target.firstChild, in: tree) }
    var end = min(target.start, bytes.count)
    while end < min(target.end, bytes.count), bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
    return min(target.start, end)..<end
  }

  private func textRange(
    _ range: Range<Int>, of node: MarkedTree.Node, in tree: MarkedTree
  ) -> Range<Int>? {
    guard node.kind == .scalar, node.isText else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      ScalarTextMap(
        bytes, range: node.start..<node.end, style: node.style, expected: tree.text(of: node))?
        .fileRange(range)
    }
  }
}
