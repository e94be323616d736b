internal import Diagnostics

/// Finds how a value could be put into a file's text: replacements to try, best first.
struct EditPlanner {
  struct Edit {
    var range: Range<Int>
    var text: [UInt8]
  }

  typealias Outcome = Result<[Edit], DocumentEditor.Failure>

  private let bytes: UnsafeBufferPointer<UInt8>
  private let tree: MarkedTree
  private let document: Int
  /// The file's line break.
  private let lineBreak: [UInt8]

  init(_ bytes: UnsafeBufferPointer<UInt8>, tree: MarkedTree, document: Int) {
    self.bytes = bytes
    self.tree = tree
    self.document = document
    let feed = bytes.firstIndex(of: 0x0A)
    lineBreak = feed.map { $0 > 0 && bytes[$0 - 1] == 0x0D } == true ? [0x0D, 0x0A] : [0x0A]
  }

  /// The edits that could set the value at a path.
  func edits(_ path: FieldPath, _ value: Value) -> Outcome {
    guard tree.roots.indices.contains(document), tree.roots[document] >= 0 else {
      guard document == 0, tree.roots.isEmpty else {
        return refused("the file has no document \(document)")
      }
      return .success([append(wrapped(value, in: path.steps[...]))])
    }
    var index = tree.roots[document]
    var key: Int32?
    /// Whether a list or map in brackets is around the value.
    var isInFlow = false
    for (depth, step) in path.steps.enumerated() {
      let node = tree.nodes[Int(index)]
      if node.kind == .alias {
        return refused(
          "'\(FieldPath(Array(path.steps[..<depth])))' is an alias: a change would be shared",
          help: "set the value where its anchor stands")
      }
      let rest = path.steps[(depth + 1)...]
      isInFlow = isInFlow || isFlow(node)
      switch (step, node.kind) {
      case (.key(let name), .map):
        guard let found = directEntry(name, of: index) else {
          return insertion(.key(name), wrapped(value, in: rest), into: index, isInFlow: isInFlow)
        }
        (key, index) = found
      case (.index(let position), .list):
        if let element = tree.element(position, of: index) {
          (key, index) = (nil, element)
        } else if position == tree.children(of: index).count {
          return insertion(step, wrapped(value, in: rest), into: index, isInFlow: isInFlow)
        } else {
          return refused("the list has no element \(position)")
        }
      case (.key, .scalar) where isEmptyOrNull(node):
        return replacement(
          of: index, key: key, wrapped(value, in: path.steps[depth...]), isInFlow: isInFlow)
      default:
        let place = FieldPath(Array(path.steps[..<depth]))
        let kind = node.kind == .map ? "a map" : node.kind == .list ? "a list" : "a plain value"
        return refused("'\(place)' is \(kind), '\(path)' needs something else there")
      }
    }
    return replacement(of: index, key: key, value, isInFlow: isInFlow)
  }

  private func refused(_ message: String, help: String? = nil) -> Outcome {
    .failure(DocumentEditor.Failure(message: message, help: help))
  }

  /// The entry that is written in a map itself, not merged into it.
  private func directEntry(_ name: String, of map: Int32) -> (Int32?, Int32)? {
    let children = tree.children(of: map)
    for position in stride(from: 0, to: children.count - 1, by: 2) {
      let key = tree.nodes[Int(children[position])]
      if !key.isMerge, tree.text(of: key).elementsEqual(name.utf8) {
        return (children[position], children[position + 1])
      }
    }
    return nil
  }

  private func isEmptyOrNull(_ node: MarkedTree.Node) -> Bool {
    guard node.style == .plain else { return false }
    let text = UnsafeBufferPointer(rebasing: bytes[node.start..<node.end])
    return PlainScalar(text).value.isNull
  }

  private func isFlow(_ node: MarkedTree.Node) -> Bool {
    guard node.kind == .map || node.kind == .list, node.start < bytes.count else { return false }
    return bytes[node.start] == UInt8(ascii: node.kind == .map ? "{" : "[")
      && node.end > node.start && bytes[node.end - 1] == UInt8(ascii: node.kind == .map ? "}" : "]")
  }

  /// The value inside the maps that the steps name; the document's memory is kept by the text made
  /// from it.
  private func wrapped(_ value: Value, in steps: ArraySlice<FieldPath.Step>) -> Content {
    Content(steps: Array(steps), value: value)
  }

  /// What is to be written: a value, inside new maps and lists for the steps around it.
  private struct Content {
    var steps: [FieldPath.Step]
    var value: Value
  }

  // MARK: where

  private func replacement(
    of index: Int32, key: Int32?, _ value: Value, isInFlow: Bool
  ) -> Outcome {
    replacement(of: index, key: key, Content(steps: [], value: value), isInFlow: isInFlow)
  }

  private func replacement(
    of index: Int32, key: Int32?, _ content: Content, isInFlow: Bool
  ) -> Outcome {
    let node = tree.nodes[Int(index)]
    let column = key.map { columnOfLine(at: tree.nodes[Int($0)].start) } ?? itemColumn(node.start)
    let range = node.start..<node.end
    if isInFlow || isFlow(node) {
      var text =
        content.steps.isEmpty && content.value.isKind(.string)
        ? flowScalar(content.value, style: node.style) : flowText(content)
      if range.isEmpty, range.lowerBound > 0, !isBlankOrBreak(bytes[range.lowerBound - 1]) {
        text.insert(0x20, at: 0)
      }
      return .success([Edit(range: range, text: text)])
    }
    let isBlock = isBlockCollection(content)
    if isBlock, key == nil { return .success([Edit(range: range, text: flowText(content))]) }
    var text = blockText(content, column: column, style: node.kind == .scalar ? node.style : nil)
    var start = range.lowerBound
    if node.kind != .scalar, key != nil || column >= 0 {
      // A block map or list goes with the line break before it.
      while start > 0, isBlankOrBreak(bytes[start - 1]) { start -= 1 }
      if !isBlock { text.insert(0x20, at: 0) }
    } else if isBlock {
      // The map or list stands on lines of its own: no blank is left before its line break.
      while start > 0, bytes[start - 1] == 0x20 { start -= 1 }
    } else if range.isEmpty, start > 0, !isBlankOrBreak(bytes[start - 1]) {
      text.insert(0x20, at: 0)
    }
    return .success([
      Edit(range: start..<range.upperBound, text: text),
      Edit(range: range, text: flowText(content)),
    ])
  }

  private func insertion(
    _ step: FieldPath.Step, _ content: Content, into index: Int32, isInFlow: Bool
  ) -> Outcome {
    let node = tree.nodes[Int(index)]
    let last = node.lastChild >= 0 ? tree.nodes[Int(node.lastChild)] : nil
    if isInFlow {
      var text = flowText(Content(steps: [step] + content.steps, value: content.value))
      // Without the brackets of the map or list that is there already.
      text.removeFirst()
      text.removeLast()
      guard let last else {
        return .success([Edit(range: node.start + 1..<node.start + 1, text: text)])
      }
      return .success([Edit(range: last.end..<last.end, text: Array(", ".utf8) + text)])
    }
    let column = columnOfLine(at: node.start)
    var line = [UInt8](repeating: 0x20, count: column)
    if case .key(let name) = step {
      line += keyText(name) + [UInt8(ascii: ":")]
    } else {
      line.append(UInt8(ascii: "-"))
    }
    let isItem = if case .index = step { true } else { false }
    if isItem, isBlockCollection(content) {
      line += [0x20] + flowText(content)
    } else {
      if !isBlockCollection(content) { line.append(0x20) }
      line += blockText(content, column: column, style: nil)
    }
    // After the last value's line; or, when its text keeps the breaks after it, after those.
    var end = min(node.end, bytes.count)
    while end < bytes.count, bytes[end] != 0x0A { end += 1 }
    if end > node.start, end <= bytes.count, end < bytes.count, bytes[end - 1] == 0x0D { end -= 1 }
    var beyond = end
    while beyond < bytes.count, isBlankOrBreak(bytes[beyond]) { beyond += 1 }
    while beyond > end, bytes[beyond - 1] == 0x20 { beyond -= 1 }
    return .success([
      Edit(range: end..<end, text: lineBreak + line),
      Edit(range: beyond..<beyond, text: line + lineBreak),
    ])
  }

  /// Text for a file that holds nothing.
  private func append(_ content: Content) -> Edit {
    var text = blockText(content, column: -2, style: nil)
    if isBlockCollection(content) { text.removeFirst(lineBreak.count) }
    if let last = bytes.last, last != 0x0A { text = lineBreak + text }
    return Edit(range: bytes.count..<bytes.count, text: text + lineBreak)
  }

  /// The column of a byte in its line, counted in characters.
  private func columnOfLine(at offset: Int) -> Int {
    var start = min(offset, bytes.count)
    var column = 0
    while start > 0, bytes[start - 1] != 0x0A {
      start -= 1
      if bytes[start] & 0xC0 != 0x80 { column += 1 }
    }
    return column
  }

  /// The column of the `-` before a list's element.
  private func itemColumn(_ offset: Int) -> Int {
    var index = min(offset, bytes.count)
    while index > 0, bytes[index - 1] == 0x20 { index -= 1 }
    return index > 0 && bytes[index - 1] == UInt8(ascii: "-") ? columnOfLine(at: index - 1) : -2
  }

  // MARK: text

  private func isBlockCollection(_ content: Content) -> Bool {
    !content.steps.isEmpty
      || (content.value.isKind(.map) || content.value.isKind(.list)) && content.value.count > 0
  }

  private func value(of content: Content, in arena: Arena) -> Value {
    content.steps.reversed().reduce(content.value) { inner, step in
      switch step {
      case .key(let name): arena.map([MapEntry(key: arena.string(name), value: inner)])
      case .index: arena.list([inner])
      }
    }
  }

  private func keyText(_ name: String) -> [UInt8] {
    let arena = Arena(firstChunkByteCount: 256)
    return withExtendedLifetime(arena) { flowScalar(arena.string(name)) }
  }

  /// The text after a `:` or `-` in block style; a map or list starts with a line break. `column`
  /// is that of the key or `-`; a string keeps the quotes of `style`.
  private func blockText(_ content: Content, column: Int, style: ScalarStyle?) -> [UInt8] {
    let arena = Arena(firstChunkByteCount: 256)
    let value = value(of: content, in: arena)
    let writer = YAMLWriter()
    if isBlockCollection(content) {
      let inner = value.isKind(.map) ? column + 2 : max(column, 0)
      writer.write(value, order: .asIs)
      var text = lineBreak
      for line in writer.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
        if text.count > lineBreak.count { text += lineBreak }
        if !line.isEmpty { text += [UInt8](repeating: 0x20, count: inner) }
        text += line
      }
      return withExtendedLifetime(arena) { text }
    }
    writer.writeScalar(value, column: column, style: style)
    let text = writer.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    return withExtendedLifetime(arena) { Array(text.joined(separator: lineBreak)) }
  }

  /// The text of a value inside brackets, on one line.
  private func flowText(_ content: Content) -> [UInt8] {
    let arena = Arena(firstChunkByteCount: 256)
    return withExtendedLifetime(arena) { flowText(value(of: content, in: arena)) }
  }

  private func flowText(_ value: Value) -> [UInt8] {
    switch value.kind {
    case .list:
      return [0x5B] + value.elements.map(flowText).joined(separator: Array(", ".utf8)) + [0x5D]
    case .map:
      let entries = value.entries.map { flowScalar($0.key) + Array(": ".utf8) + flowText($0.value) }
      return [0x7B] + entries.joined(separator: Array(", ".utf8)) + [0x7D]
    default: return flowScalar(value)
    }
  }

  /// A scalar that may stand inside brackets and as a key: plain only if no character is special.
  /// A string keeps the quotes of `style`.
  private func flowScalar(_ value: Value, style: ScalarStyle = .plain) -> [UInt8] {
    let writer = YAMLWriter()
    let isSpecial = value.utf8.contains { byte in
      byte == 0x0A || ",[]{}?:".utf8.contains(byte) || byte >= 0x80
    }
    let isQuoted = style == .singleQuoted || style == .doubleQuoted
    writer.writeScalar(
      value, column: 0,
      style: isQuoted ? style : value.isKind(.string) && isSpecial ? .doubleQuoted : nil)
    return writer.bytes
  }
}
