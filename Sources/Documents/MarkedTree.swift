internal import CLibYAML
internal import Diagnostics

/// The nodes of a YAML file with their byte ranges: what places are resolved in.
///
/// Holds no values, only the text of keys and of block scalars. A file with a syntax error gives
/// the nodes before it.
struct MarkedTree {
  /// One node. Links are indices into `nodes`, -1 for none.
  struct Node {
    enum Kind: UInt8 {
      case scalar, list, map, alias
    }

    var kind: Kind
    /// The quotes or the block of a scalar.
    var style: ScalarStyle = .plain
    /// Whether the scalar's text is that of the file: not for base64 (`!!binary`).
    var isText = true
    /// Whether this is the key `<<`.
    var isMerge = false
    /// Byte offset into the file of the content: after tag and anchor.
    var start: Int
    /// Byte offset after the content, trailing blanks and breaks left out.
    var end: Int
    /// The first of the children: elements, or keys and values in turn.
    var firstChild: Int32 = -1
    var lastChild: Int32 = -1
    var next: Int32 = -1
    /// What an alias refers to.
    var target: Int32 = -1
    /// The text of a key or block scalar in `texts`.
    var text: Range<Int> = 0..<0
  }

  private(set) var nodes: [Node] = []
  /// The root of each document; -1 for one that holds nothing.
  private(set) var roots: [Int32] = []
  private var texts: [UInt8] = []

  /// The bytes of a key or block scalar.
  func text(of node: Node) -> ArraySlice<UInt8> { texts[node.text] }

  init(_ file: UnsafeBufferPointer<UInt8>) {
    guard file.count <= YAMLLimits.fileByteCount else { return }
    var source = SourceText(file)
    guard forbiddenCharacters(in: source.bytes, limit: 1).isEmpty else { return }
    var events = YAMLEvents(source.bytes)
    var open: [Int32] = []
    var childCounts: [Int] = []
    var anchors: [String: Int32] = [:]
    while events.advance() {
      switch events.type {
      case YAML_DOCUMENT_START_EVENT:
        open.removeAll()
        childCounts.removeAll()
        anchors.removeAll()
        roots.append(-1)
        continue
      case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT:
        close(&open, &childCounts, events: events, source: &source)
        continue
      case YAML_STREAM_END_EVENT: return
      case YAML_SCALAR_EVENT, YAML_ALIAS_EVENT, YAML_MAPPING_START_EVENT, YAML_SEQUENCE_START_EVENT:
        break
      default: continue
      }
      guard open.count < YAMLLimits.depth else { return }
      let isKey =
        open.last.map { nodes[Int($0)].kind == .map } == true
        && (childCounts.last ?? 0) & 1 == 0
      let node = makeNode(events, isKey: isKey, anchors: &anchors, source: &source)
      let index = Int32(truncatingIfNeeded: nodes.count)
      nodes.append(node)
      link(index, to: open.last)
      if !childCounts.isEmpty { childCounts[childCounts.count - 1] += 1 }
      if node.kind == .list || node.kind == .map {
        open.append(index)
        childCounts.append(0)
      }
    }
  }

  private mutating func link(_ index: Int32, to parent: Int32?) {
    guard let parent else {
      if let last = roots.indices.last, roots[last] < 0 { roots[last] = index }
      return
    }
    let last = nodes[Int(parent)].lastChild
    if last >= 0 {
      nodes[Int(last)].next = index
    } else {
      nodes[Int(parent)].firstChild = index
    }
    nodes[Int(parent)].lastChild = index
    nodes[Int(parent)].end = max(nodes[Int(parent)].end, nodes[Int(index)].end)
  }

  private mutating func close(
    _ open: inout [Int32], _ childCounts: inout [Int], events: borrowing YAMLEvents,
    source: inout SourceText
  ) {
    guard let index = open.popLast() else { return }
    childCounts.removeLast()
    let range = source.fileRange(events.start, events.end)
    // The end event of a block collection lies at the next token, lines below.
    if range.isEmpty {
      if nodes[Int(index)].lastChild >= 0 {
        nodes[Int(index)].end = nodes[Int(nodes[Int(index)].lastChild)].end
      }
    } else {
      nodes[Int(index)].end = range.upperBound
    }
    if let parent = open.last {
      nodes[Int(parent)].end = max(nodes[Int(parent)].end, nodes[Int(index)].end)
    }
  }

  private mutating func makeNode(
    _ events: borrowing YAMLEvents, isKey: Bool, anchors: inout [String: Int32],
    source: inout SourceText
  ) -> Node {
    let range = source.fileRange(events.start, events.end)
    let mark = source.markByteCount
    let properties = nodeProperties(source.bytes, at: range.lowerBound - mark)
    var start = properties.contentStart + mark
    let event = UnsafePointer(events.event)
    let index = Int32(truncatingIfNeeded: nodes.count)
    func define(_ anchor: UnsafeMutablePointer<UInt8>?) {
      if let anchor { anchors[String(cString: anchor)] = index }
    }
    switch events.type {
    case YAML_ALIAS_EVENT:
      let name = event.pointee.data.alias.anchor.map { String(cString: $0) } ?? ""
      var node = Node(kind: .alias, start: range.lowerBound, end: range.upperBound)
      node.target = anchors[name] ?? -1
      if isKey, node.target >= 0 { node.text = nodes[Int(node.target)].text }
      return node
    case YAML_SCALAR_EVENT:
      define(event.pointee.data.scalar.anchor)
      if start > range.upperBound { start = range.upperBound }
      var end = range.upperBound
      while end > start, isBlankOrBreak(source.bytes[end - 1 - mark]) { end -= 1 }
      var node = Node(kind: .scalar, start: start, end: end)
      node.style = ScalarStyle(event.pointee.data.scalar.style)
      node.isText =
        event.pointee.data.scalar.tag.map { YAMLTag(String(cString: $0)) != .binary } ?? true
      addText(to: &node, event, isKey: isKey, hasTag: properties.hasTag)
      return node
    default:
      let isMap = events.type == YAML_MAPPING_START_EVENT
      define(
        isMap ? event.pointee.data.mapping_start.anchor : event.pointee.data.sequence_start.anchor)
      return Node(kind: isMap ? .map : .list, start: start, end: max(start, range.upperBound))
    }
  }

  /// Keeps the text of keys, of block scalars and of anchored scalars, which may become keys.
  private mutating func addText(
    to node: inout Node, _ event: UnsafePointer<yaml_event_t>, isKey: Bool, hasTag: Bool
  ) {
    let isBlock = node.style == .literal || node.style == .folded
    guard isKey || isBlock || event.pointee.data.scalar.anchor != nil else { return }
    let text = scalarText(event)
    let start = texts.count
    let isPlain = node.style == .plain && !hasTag
    if isPlain, !isBlock, !PlainScalar.isSurelyText(text) {
      let value = PlainScalar(text).value
      if let name = value.isAbsent ? nil : keyText(of: value) {
        texts.append(contentsOf: name.utf8)
      } else {
        texts.append(contentsOf: text)
      }
    } else {
      texts.append(contentsOf: text)
    }
    node.text = start..<texts.count
    let tag = event.pointee.data.scalar.tag.map { YAMLTag(String(cString: $0)) }
    node.isMerge = isKey && (isPlain && text.elementsEqual("<<".utf8) || tag == .merge)
  }

  // MARK: looking up

  /// The children of a node, in order.
  func children(of index: Int32) -> [Int32] {
    var list: [Int32] = []
    var child = nodes[Int(index)].firstChild
    while child >= 0 {
      list.append(child)
      child = nodes[Int(child)].next
    }
    return list
  }

  /// What a node is once aliases are followed; nil for an alias without an anchor.
  func followed(_ index: Int32) -> Int32? {
    var index = index
    // An alias refers to an earlier node, so this ends.
    while index >= 0, nodes[Int(index)].kind == .alias { index = nodes[Int(index)].target }
    return index >= 0 ? index : nil
  }

  /// The key and value of a map's entry, merged maps looked through; nil when there is none.
  func entry(_ key: String, of map: Int32, budget: Int = 64) -> (key: Int32, value: Int32)? {
    guard budget > 0 else { return nil }
    var merges: [Int32] = []
    var keyIndex = nodes[Int(map)].firstChild
    while keyIndex >= 0 {
      let value = nodes[Int(keyIndex)].next
      guard value >= 0 else { break }
      if nodes[Int(keyIndex)].isMerge {
        // Where an expression is merged, the key stays in the tree.
        if key == "<<" { return (keyIndex, value) }
        merges.append(value)
      } else if text(of: nodes[Int(keyIndex)]).elementsEqual(key.utf8) {
        return (keyIndex, value)
      }
      keyIndex = nodes[Int(value)].next
    }
    for merge in merges {
      guard let source = followed(merge) else { continue }
      let maps = nodes[Int(source)].kind == .list ? children(of: source) : [source]
      for candidate in maps {
        guard let candidate = followed(candidate), nodes[Int(candidate)].kind == .map,
          candidate != map
        else { continue }
        if let found = entry(key, of: candidate, budget: budget - 1) { return found }
      }
    }
    return nil
  }

  /// The element of a list at a 0-based index; nil when there is none.
  func element(_ position: Int, of list: Int32) -> Int32? {
    guard position >= 0 else { return nil }
    var child = nodes[Int(list)].firstChild
    var remaining = position
    while child >= 0, remaining > 0 {
      child = nodes[Int(child)].next
      remaining -= 1
    }
    return child >= 0 ? child : nil
  }
}

/// How a scalar is written.
enum ScalarStyle: UInt8 {
  case plain, singleQuoted, doubleQuoted, literal, folded

  init(_ style: yaml_scalar_style_t) {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: self = .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: self = .literal
    case YAML_FOLDED_SCALAR_STYLE: self = .folded
    default: self = .plain
    }
  }
}
