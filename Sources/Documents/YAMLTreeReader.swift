internal import CLibYAML
internal import Diagnostics

/// Builds trees from libyaml's events, without recursion: a stack of values and one of the lists
/// and maps that are open.
final class YAMLTreeReader {
  private(set) var documents: [Document] = []
  private(set) var findings: FindingList

  // Unchecked: the dynamic checks of exclusive access were a third of all instructions, and no
  // method of these calls back.
  @exclusivity(unchecked) private var source: SourceText
  @exclusivity(unchecked) private var events: YAMLEvents
  private let arena: Arena
  @exclusivity(unchecked) private var stack = NodeStack()
  @exclusivity(unchecked) private var open: [OpenCollection] = []
  @exclusivity(unchecked) private var anchors: [String: Anchor] = [:]
  /// Nodes so far, with those that aliases stand for.
  @exclusivity(unchecked) private var nodeCount = 0
  private var aliasedNodeCount = 0
  @exclusivity(unchecked) private var isStopped = false
  private let isForServer: Bool
  /// For a server: whether the file is JSON, which has escapes of its own.
  private let isJSON: Bool
  /// For a server: keys on the stack that are no strings, as they were read.
  private var writtenKeys: [Int: Value] = [:]
  /// How many lists and maps in brackets are open.
  private var flowDepth = 0

  private struct OpenCollection {
    var isMap: Bool
    /// Whether a key of this map is `<<`.
    var merges = false
    /// Whether a key was refused, and its value with it.
    var drops = false
    /// The stack's count when it was opened.
    var base: Int
    var start: UInt32
    var anchor: String?
    /// `nodeCount` when it was opened.
    var nodesBefore: Int
    /// How deep the deepest finished child is nested.
    var height = 0
    /// Whether it stands in brackets.
    var isFlow = false
  }

  private struct Anchor {
    /// Nil while its list or map is still open.
    var value: Value?
    var nodeCount = 1
    var height = 0
  }

  /// Stands on the stack for the key `<<`.
  private static let mergeKey = Value(.box, payload: 1)
  /// Stands on the stack for a key that was refused.
  private static let droppedKey = Value(.box, payload: 2)

  init(_ source: SourceText, findings: FindingList, as reader: YAMLReader) {
    isForServer = reader == .apiServer
    isJSON = source.bytes.first { !isBlankOrBreak($0) } == UInt8(ascii: "{")
    self.source = source
    self.findings = findings
    events = YAMLEvents(source.bytes)
    arena = Arena(firstChunkByteCount: min(1 << 20, source.bytes.count * 4))
  }

  /// Reads all documents; stops at the first syntax error or limit.
  func read() {
    while !isStopped {
      guard events.advance() else {
        reportSyntaxError()
        return
      }
      switch events.type {
      case YAML_SCALAR_EVENT: readScalar()
      case YAML_MAPPING_START_EVENT: openCollection(isMap: true)
      case YAML_SEQUENCE_START_EVENT: openCollection(isMap: false)
      case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT: closeCollection()
      case YAML_ALIAS_EVENT: readAlias()
      case YAML_DOCUMENT_START_EVENT:
        if let version = events.event.pointee.data.document_start.version_directive,
          version.pointee.minor != 1
        {
          findings.add(.incompatibleVersion, at: eventRange())
          return
        }
        stack.cut(to: 0)
        open.removeAll(keepingCapacity: true)
        flowDepth = 0
        if !anchors.isEmpty { anchors.removeAll() }
      case YAML_DOCUMENT_END_EVENT:
        let root = stack.count > 0 ? stack.values(from: 0)[0] : .null
        documents.append(Document(root: root, arena: arena))
      case YAML_STREAM_END_EVENT: return
      default: break
      }
    }
  }

  // MARK: values

  /// Whether the next value is a key of the innermost open map.
  private var expectsKey: Bool {
    guard let last = open.last, last.isMap else { return false }
    return (stack.count &- last.base) & 1 == 0
  }

  private func push(_ value: Value) {
    stack.push(value, .init(start: events.start, end: events.end))
  }

  private func readScalar() {
    nodeCount &+= 1
    let event = UnsafePointer(events.event)
    let text = scalarText(event)
    var value: Value
    if event.pointee.data.scalar.tag == nil {
      if event.pointee.data.scalar.plain_implicit == 0 || PlainScalar.isSurelyText(text) {
        value =
          expectsKey && text.count == 2 && isMergeKey(event, text)
          ? Self.mergeKey : arena.string(text)
      } else {
        value = plainValue(text)
      }
    } else {
      value = taggedValue(event, text)
    }
    if let anchor = event.pointee.data.scalar.anchor {
      anchors[String(cString: anchor)] = Anchor(value: value)
    }
    if isForServer { readAsServer(event, text, value) }
    if expectsKey, !value.isKind(.string) { value = key(from: value, written: text) }
    push(value)
  }

  /// What a server's reader does otherwise with a scalar, which has been read as `value`.
  private func readAsServer(
    _ event: UnsafePointer<yaml_event_t>, _ text: UnsafeBufferPointer<UInt8>, _ value: Value
  ) {
    if expectsKey { writtenKeys[stack.count] = value.isKind(.string) ? nil : value }
    switch event.pointee.data.scalar.style {
    case YAML_PLAIN_SCALAR_STYLE:
      if flowDepth > 0, text.contains(UInt8(ascii: "?")) {
        findings.add(.questionMarkInFlow, at: contentRange())
      }
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      if !isJSON { findEscapedSlashes() }
    default: break
    }
  }

  private func findEscapedSlashes() {
    let mark = source.markByteCount
    let range = contentRange()
    var index = range.lowerBound - mark
    let end = range.upperBound - mark
    while index + 1 < end {
      if source.bytes[index] != UInt8(ascii: "\\") {
        index += 1
        continue
      }
      if source.bytes[index + 1] == UInt8(ascii: "/") {
        findings.add(.escapedSlash, at: index + mark..<index + mark + 2)
      }
      index += 2
    }
  }

  /// Whether a key is the merge key: `<<`, plain or tagged `!!merge`.
  private func isMergeKey(
    _ event: UnsafePointer<yaml_event_t>, _ text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    event.pointee.data.scalar.plain_implicit != 0 && text.count == 2
      && text[0] == UInt8(ascii: "<") && text[1] == UInt8(ascii: "<")
  }

  private func plainValue(_ text: UnsafeBufferPointer<UInt8>) -> Value {
    let plain = PlainScalar(text)
    if plain.value.isAbsent { return arena.string(text) }
    if let surprise = plain.surprise, !expectsKey {
      let written = String(decoding: text, as: UTF8.self)
      findings.add(
        surprise == .notJSON
          ? .notJSON(written) : .ambiguous(written, surprise, read: plainText(of: plain.value)),
        at: contentRange())
    }
    return plain.value
  }

  /// The byte range of the current event without its tag and anchor.
  private func contentRange() -> Range<Int> {
    let range = source.fileRange(events.start, events.end)
    let mark = source.markByteCount
    let content = nodeProperties(source.bytes, at: range.lowerBound - mark).contentStart + mark
    return min(content, range.upperBound)..<range.upperBound
  }

  private func taggedValue(
    _ event: UnsafePointer<yaml_event_t>, _ text: UnsafeBufferPointer<UInt8>
  ) -> Value {
    let tag = event.pointee.data.scalar.tag.map { String(cString: $0) } ?? ""
    // The non-specific tag: "! 12" is text (YAML 1.2 section 6.9.1).
    if tag == "!" { return arena.string(text) }
    guard let known = YAMLTag(tag) else {
      findings.add(.unknownTag(shortTag(tag)), at: eventRange())
      return arena.string(text)
    }
    if known == .merge, expectsKey { return Self.mergeKey }
    if let value = known.value(of: text, in: arena) {
      if known == .binary, let decoded = base64Decoded(text),
        !decoded.withUnsafeBufferPointer(isUTF8)
      {
        findings.add(
          .binaryNotText(String(decoding: text.prefix(40), as: UTF8.self)), at: eventRange())
      }
      if value.isKind(.double), !value.doublePayload.isFinite {
        findings.add(.notJSON(String(decoding: text, as: UTF8.self)), at: eventRange())
      }
      return value
    }
    findings.add(
      .wrongTag(shortTag(tag), String(decoding: text.prefix(40), as: UTF8.self)), at: eventRange())
    return arena.string(text)
  }

  private func eventRange() -> Range<Int> { source.fileRange(events.start, events.end) }

  /// The string that a key of another kind becomes.
  private func key(from value: Value, written text: UnsafeBufferPointer<UInt8>?) -> Value {
    if value.isKind(.box) {
      open[open.count - 1].merges = true
      return value
    }
    guard let name = keyText(of: value) else {
      findings.add(value.isNull ? .nullKey : .keyNotScalar, at: eventRange())
      markDropped()
      return Self.droppedKey
    }
    let kind =
      switch value.kind {
      case .bool: "a boolean"
      default: "a number"
      }
    let written = text.map { String(decoding: $0, as: UTF8.self) } ?? name
    findings.add(.keyType(written, kind, name), at: eventRange())
    return arena.string(name)
  }

  private func markDropped() {
    if !open.isEmpty { open[open.count - 1].drops = true }
  }

  // MARK: lists and maps

  private func openCollection(isMap: Bool) {
    guard open.count < YAMLLimits.depth else {
      findings.add(.tooDeep, at: eventRange())
      isStopped = true
      return
    }
    let event = UnsafePointer(events.event)
    let data = event.pointee.data
    let rawTag = isMap ? data.mapping_start.tag : data.sequence_start.tag
    if let tag = rawTag.map({ String(cString: $0) }), tag != "!" {
      if YAMLTag(tag) == nil {
        findings.add(.unknownTag(shortTag(tag)), at: eventRange())
      } else if YAMLTag(tag)?.fits(isMap: isMap) == false {
        findings.add(
          .tagOnCollection(shortTag(tag), isMap ? "a map" : "a list"), at: eventRange())
      }
    }
    let anchor = (isMap ? data.mapping_start.anchor : data.sequence_start.anchor)
      .map { String(cString: $0) }
    if let anchor { anchors[anchor] = Anchor() }
    let isFlow =
      isMap
      ? data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
      : data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
    if isFlow { flowDepth += 1 }
    open.append(
      OpenCollection(
        isMap: isMap, base: stack.count, start: events.start, anchor: anchor,
        nodesBefore: nodeCount, isFlow: isFlow))
    nodeCount &+= 1
  }

  private func closeCollection() {
    guard let collection = open.popLast() else { return }
    if collection.isFlow { flowDepth -= 1 }
    let value: Value
    if !collection.isMap {
      value = arena.list(stack.values(from: collection.base))
    } else if collection.merges || collection.drops {
      value = mergedMap(collection)
    } else {
      let entries = stack.entries(from: collection.base)
      value = hasEqualKeys(entries) ? mergedMap(collection) : arena.map(entries)
    }
    stack.cut(to: collection.base)
    let height = collection.height + 1
    if !open.isEmpty { open[open.count - 1].height = max(open[open.count - 1].height, height) }
    if let anchor = collection.anchor {
      anchors[anchor] = Anchor(
        value: value, nodeCount: nodeCount &- collection.nodesBefore, height: height)
    }
    if expectsKey {
      let range = source.fileRange(collection.start, events.end)
      let first = source.bytes[min(range.lowerBound - source.markByteCount, source.bytes.count - 1)]
      let isTemplate = collection.isMap && first == UInt8(ascii: "{")
      findings.add(isTemplate ? .bracesAsKey : .keyNotScalar, at: range)
      markDropped()
      stack.push(Self.droppedKey, .init(start: collection.start, end: events.end))
    } else {
      stack.push(value, .init(start: collection.start, end: events.end))
    }
  }

  private func readAlias() {
    let name = events.event.pointee.data.alias.anchor.map { String(cString: $0) } ?? ""
    guard let anchor = anchors[name], let value = anchor.value else {
      findings.add(
        anchors[name] != nil
          ? .recursiveAlias(name)
          : .unknownAlias(name, nearest: nearestName(to: name, in: anchors.keys.sorted())),
        at: eventRange())
      nodeCount &+= 1
      if expectsKey { markDropped() }
      push(expectsKey ? Self.droppedKey : .null)
      return
    }
    nodeCount &+= anchor.nodeCount
    aliasedNodeCount &+= anchor.nodeCount
    if aliasedNodeCount > YAMLLimits.aliasedNodeCount
      || open.count + anchor.height > YAMLLimits.depth
    {
      findings.add(
        aliasedNodeCount > YAMLLimits.aliasedNodeCount ? .tooManyAliasedNodes : .tooDeep,
        at: eventRange())
      isStopped = true
      return
    }
    if !open.isEmpty {
      open[open.count - 1].height = max(open[open.count - 1].height, anchor.height)
    }
    push(expectsKey && !value.isKind(.string) ? key(from: value, written: nil) : value)
  }

  // MARK: maps that are not just copied

  /// The map on the stack with its merge keys resolved and its refused and repeated keys dropped.
  private func mergedMap(_ collection: OpenCollection) -> Value {
    let pairs = stack.entries(from: collection.base)
    var entries: [MapEntry] = []
    var indexes: [KeyBytes: Int] = [:]
    var places: [Int] = []
    var merges: [(value: Value, pair: Int)] = []
    for (index, pair) in pairs.enumerated() {
      if pair.key.isKind(.box) {
        if pair.key.payload == Self.mergeKey.payload { merges.append((pair.value, index)) }
        continue
      }
      if let first = indexes[KeyBytes(pair.key)] {
        if isForServer, !isSameKey(collection, places[first], index) {
          let mark = stack.mark(collection.base + 2 * index)
          findings.add(
            .keysBecomeOne(pair.key.asString ?? ""), at: source.fileRange(mark.start, mark.end))
          entries[first].value = pair.value
          continue
        }
        reportDuplicate(collection, first: places[first], second: index, key: pair.key)
        continue
      }
      indexes[KeyBytes(pair.key)] = entries.count
      entries.append(pair)
      places.append(index)
    }
    if merges.count > 1 {
      reportDuplicate(
        collection, first: merges[0].pair, second: merges[1].pair, key: arena.string("<<"))
      merges.removeLast(merges.count - 1)
    }
    for merge in merges where holdsTemplate(merge.value) {
      let mark = stack.mark(collection.base + 2 * merge.pair + 1)
      findings.add(.mergeExpression, at: source.fileRange(mark.start, mark.end))
      entries.append(MapEntry(key: arena.string("<<"), value: merge.value))
      places.append(merge.pair)
    }
    merges.removeAll { holdsTemplate($0.value) }
    let writtenCount = entries.count
    for merge in merges {
      for map in mergedMaps(collection, merge.value, pair: merge.pair) {
        for entry in map.entries {
          guard let present = indexes[KeyBytes(entry.key)] else {
            indexes[KeyBytes(entry.key)] = entries.count
            entries.append(entry)
            continue
          }
          if isForServer {
            let mark = stack.mark(collection.base + 2 * merge.pair)
            findings.add(
              .mergedTwice(entry.key.asString ?? ""), at: source.fileRange(mark.start, mark.end))
            continue
          }
          if present < writtenCount, places[present] < merge.pair {
            let mark = stack.mark(collection.base + 2 * places[present])
            findings.add(
              .mergeAfterKey(entry.key.asString ?? ""), at: source.fileRange(mark.start, mark.end))
          }
        }
      }
    }
    return arena.map(entries)
  }

  /// Whether two keys with the same text were the same before they became text.
  private func isSameKey(_ collection: OpenCollection, _ first: Int, _ second: Int) -> Bool {
    let one = writtenKeys[collection.base + 2 * first]
    let other = writtenKeys[collection.base + 2 * second]
    guard let one, let other else { return one == nil && other == nil }
    return one.kind == other.kind && one.payload == other.payload
  }

  private func mergedMaps(
    _ collection: OpenCollection, _ value: Value, pair: Int
  ) -> [Value] {
    if value.isKind(.map) { return [value] }
    if value.isKind(.list), value.elements.allSatisfy({ $0.isKind(.map) }) {
      return Array(value.elements)
    }
    let mark = stack.mark(collection.base + 2 * pair + 1)
    findings.add(.mergeNeedsMap, at: source.fileRange(mark.start, mark.end))
    return []
  }

  /// Whether what stands under `<<` is, or holds among other things, a text with an expression.
  private func holdsTemplate(_ value: Value) -> Bool {
    if value.isKind(.list) { return value.elements.contains(where: holdsTemplate) }
    guard value.isKind(.string), value.count > 2 else { return false }
    return value.utf8.indices.dropLast().contains {
      value.utf8[$0] == UInt8(ascii: "$") && value.utf8[$0 + 1] == UInt8(ascii: "{")
    }
  }

  private func reportDuplicate(
    _ collection: OpenCollection, first: Int, second: Int, key: Value
  ) {
    let firstMark = stack.mark(collection.base + 2 * first)
    let secondMark = stack.mark(collection.base + 2 * second)
    findings.add(
      .duplicateKey(key.asString ?? ""), at: source.fileRange(secondMark.start, secondMark.end),
      related: ("first given here", source.fileRange(firstMark.start, firstMark.end)))
  }

  /// Adds libyaml's error at the place to mend: what was opened, where it is never closed; else
  /// where reading stopped.
  private func reportSyntaxError() {
    let problem = events.problem
    let mark = source.markByteCount
    let offset = source.byteOffset(ofCharacter: problem.start)
    let message = YAMLMessage.syntax(problem, in: source.bytes, at: offset)
    let isAtEnd = source.bytes[min(offset, source.bytes.count)...].allSatisfy(isBlankOrBreak)
    let context =
      problem.context == nil || problem.contextStart >= problem.start
      ? nil : source.byteOffset(ofCharacter: problem.contextStart)
    if let context, isAtEnd || problem.pointsAtItsContext {
      findings.add(message, at: shiftedLine(from: context, by: mark))
      return
    }
    var end = offset < source.bytes.count ? offset + utf8Length(source.bytes[offset]) : offset
    end = min(end, source.bytes.count)
    if offset < end, source.bytes[offset] == 0x0A || source.bytes[offset] == 0x0D { end = offset }
    findings.add(
      message, at: offset + mark..<end + mark,
      related: context.map { ("it began here", $0 + mark..<$0 + mark + 1) })
  }

  /// The byte range from an offset to the end of its line, blanks left out, in the whole file.
  private func shiftedLine(from start: Int, by mark: Int) -> Range<Int> {
    var end = start
    while end < source.bytes.count, source.bytes[end] != 0x0A { end += 1 }
    while end > start, isBlankOrBreak(source.bytes[end - 1]) { end -= 1 }
    return start + mark..<end + mark
  }
}
