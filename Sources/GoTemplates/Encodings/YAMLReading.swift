internal import CLibYAML

/// Reads one YAML document as sigs.k8s.io/yaml over go-yaml v2 does: YAML 1.1, then through JSON, so
/// that every number is a `float64` and every key a string. The maps are of that type.
///
/// Throws `FunctionError` in its words. An empty text is `.null`.
public func readYAML(_ bytes: [UInt8]) throws -> GoValue {
  let quick = bytes.withUnsafeBufferPointer { bytes in
    var reader = BlockYAMLReading(bytes)
    return reader.document()
  }
  return try quick ?? readAnyYAML(bytes)
}

/// What `readYAML` gives, where collections below the top, but for those of `metadata`, may be empty: what
/// says which object a document holds. Throws as `readYAML` does.
public func readYAMLHead(_ bytes: [UInt8]) throws -> GoValue {
  let quick = bytes.withUnsafeBufferPointer { bytes in
    var reader = BlockYAMLReading(bytes, keepsOnlyHead: true)
    return reader.document()
  }
  return try quick ?? readAnyYAML(bytes)
}

/// `readYAML` for all that YAML can be.
package func readAnyYAML(_ bytes: [UInt8]) throws -> GoValue {
  var reader = YAMLReading()
  do {
    guard let root = try reader.document(bytes) else { return .null }
    return try reader.value(of: root, depth: 0)
  } catch let error as FunctionError {
    throw FunctionError("error converting YAML to JSON: \(error.message)", kind: error.kind)
  }
}

/// A node before its aliases are followed.
private final class YAMLNode {
  enum Content {
    case scalar([UInt8], isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([YAMLNode])
    case alias(YAMLNode)
  }

  var content: Content
  var tag: [UInt8]
  var isOpen = false

  init(_ content: Content, tag: [UInt8] = []) {
    self.content = content
    self.tag = tag
  }
}

private struct YAMLReading {
  private var anchors: [ByteKey: YAMLNode] = [:]
  private var decoded = 0
  private var aliased = 0
  private var aliasDepth = 0

  // MARK: events

  mutating func document(_ bytes: [UInt8]) throws -> YAMLNode? {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw FunctionError("yaml: out of memory") }
    defer { yaml_parser_delete(&parser) }
    return try bytes.withUnsafeBufferPointer { bytes in
      // go-yaml takes the encoding from a byte order mark, as libyaml does.
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      while true {
        var event = try next(&parser)
        let type = event.type
        switch type {
        case YAML_STREAM_END_EVENT:
          yaml_event_delete(&event)
          return nil
        case YAML_DOCUMENT_START_EVENT:
          yaml_event_delete(&event)
          return try node(&parser, depth: 0)
        default: yaml_event_delete(&event)
        }
      }
    }
  }

  private func next(_ parser: inout yaml_parser_t) throws -> yaml_event_t {
    var event = yaml_event_t()
    if yaml_parser_parse(&parser, &event) == 1 { return event }
    var line = 0
    if parser.problem_mark.line != 0 {
      line = Int(parser.problem_mark.line)
      if parser.error == YAML_SCANNER_ERROR { line += 1 }
    } else if parser.context_mark.line != 0 {
      line = Int(parser.context_mark.line)
    }
    let problem =
      parser.problem.map { String(cString: $0) } ?? "unknown problem parsing YAML content"
    throw FunctionError("yaml: " + (line == 0 ? "" : "line \(line): ") + problem)
  }

  /// The next node; nil where a collection ends.
  private mutating func node(_ parser: inout yaml_parser_t, depth: Int) throws -> YAMLNode? {
    guard depth < 1000 else { throw FunctionError("yaml: exceeded max depth", kind: .limit) }
    var event = try next(&parser)
    defer { yaml_event_delete(&event) }
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = Array(UnsafeBufferPointer(start: scalar.value, count: scalar.length))
      let node = YAMLNode(
        .scalar(text, isPlain: scalar.plain_implicit == 1), tag: name(scalar.tag))
      anchor(scalar.anchor, node)
      return node
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      let node = YAMLNode(.sequence([]), tag: name(start.tag))
      anchor(start.anchor, node)
      node.content = .sequence(try children(&parser, depth))
      return node
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      let node = YAMLNode(.mapping([]), tag: name(start.tag))
      anchor(start.anchor, node)
      node.content = .mapping(try children(&parser, depth))
      return node
    case YAML_ALIAS_EVENT:
      let target = name(event.data.alias.anchor)
      guard let node = anchors[ByteKey(target)] else {
        throw FunctionError(
          "yaml: unknown anchor '\(String(decoding: target, as: UTF8.self))' referenced")
      }
      return YAMLNode(.alias(node))
    default: return nil
    }
  }

  private mutating func children(_ parser: inout yaml_parser_t, _ depth: Int) throws -> [YAMLNode] {
    var nodes: [YAMLNode] = []
    while let child = try node(&parser, depth: depth + 1) { nodes.append(child) }
    return nodes
  }

  private mutating func anchor(_ text: UnsafeMutablePointer<yaml_char_t>?, _ node: YAMLNode) {
    if let text { anchors[ByteKey(name(text))] = node }
  }

  private func name(_ text: UnsafeMutablePointer<yaml_char_t>?) -> [UInt8] {
    guard let text else { return [] }
    var length = 0
    while text[length] != 0 { length += 1 }
    return Array(UnsafeBufferPointer(start: text, count: length))
  }

  // MARK: values

  mutating func value(of node: YAMLNode, depth: Int) throws -> GoValue {
    guard depth < 1000 else { throw FunctionError("yaml: exceeded max depth", kind: .limit) }
    try count()
    switch node.content {
    case .scalar(let text, let isPlain): return try scalar(text, isPlain, node.tag)
    case .alias(let target):
      try enter(target)
      defer { leave(target) }
      return try value(of: target, depth: depth + 1)
    case .sequence(let nodes):
      node.isOpen = true
      defer { node.isOpen = false }
      var elements: [GoValue] = []
      elements.reserveCapacity(nodes.count)
      for child in nodes { elements.append(try value(of: child, depth: depth + 1)) }
      return .list(GoList(elements))
    case .mapping(let nodes):
      node.isOpen = true
      defer { node.isOpen = false }
      let map = GoMap()
      try fill(map, nodes, depth)
      return .map(map)
    }
  }

  private mutating func enter(_ target: YAMLNode) throws {
    if target.isOpen { throw FunctionError("yaml: anchor value contains itself") }
    aliasDepth += 1
  }

  private mutating func leave(_ target: YAMLNode) { aliasDepth -= 1 }

  /// go-yaml's guard against documents that are mostly aliases.
  private mutating func count() throws {
    decoded += 1
    if aliasDepth > 0 { aliased += 1 }
    guard aliased > 100, decoded > 1000 else { return }
    let allowed =
      decoded <= 400_000
      ? 0.99
      : decoded >= 4_000_000 ? 0.10 : 0.99 - 0.89 * Double(decoded - 400_000) / 3_600_000
    if Double(aliased) / Double(decoded) > allowed {
      throw FunctionError("yaml: document contains excessive aliasing", kind: .limit)
    }
  }

  private mutating func fill(_ map: GoMap, _ nodes: [YAMLNode], _ depth: Int) throws {
    var index = 0
    while index + 1 < nodes.count {
      let key = nodes[index]
      let child = nodes[index + 1]
      index += 2
      if isMerge(key) {
        try merge(child, into: map, depth + 1)
        continue
      }
      let name = try keyText(try keyValue(key, depth), child, depth)
      map[name] = try value(of: child, depth: depth + 1)
    }
  }

  private func isMerge(_ node: YAMLNode) -> Bool {
    guard case .scalar(let text, let isPlain) = node.content, text == [0x3C, 0x3C] else {
      return false
    }
    return isPlain || node.tag == Array("tag:yaml.org,2002:merge".utf8)
  }

  private mutating func merge(_ node: YAMLNode, into map: GoMap, _ depth: Int) throws {
    let wants = FunctionError("yaml: map merge requires map or sequence of maps as the value")
    guard depth < 1000 else { throw FunctionError("yaml: exceeded max depth", kind: .limit) }
    try count()
    switch node.content {
    case .mapping(let nodes): try fill(map, nodes, depth)
    case .alias(let target):
      guard case .mapping(let nodes) = target.content else { throw wants }
      try enter(target)
      defer { leave(target) }
      try fill(map, nodes, depth)
    case .sequence(let items):
      for item in items.reversed() {
        if case .sequence = item.content { throw wants }
        try merge(item, into: map, depth + 1)
      }
    case .scalar: throw wants
    }
  }

  // MARK: keys

  /// A key as go-yaml sees it, before sigs.k8s.io/yaml makes it a string.
  private enum Key {
    case text([UInt8])
    case other(YAMLScalar)
  }

  private mutating func keyValue(_ node: YAMLNode, _ depth: Int) throws -> Key {
    switch node.content {
    case .scalar(let text, let isPlain):
      switch try resolved(text, isPlain, node.tag) {
      case (.string, let bytes): return .text(bytes)
      case (.timestamp, let bytes): return .text(bytes)
      case (let scalar, _): return .other(scalar)
      }
    case .alias(let target):
      try enter(target)
      defer { leave(target) }
      return try keyValue(target, depth)
    case .sequence, .mapping:
      let value = try value(of: node, depth: depth + 1)
      // go-yaml v2 reads maps within keys as maps with keys of any type.
      let shown = String(decoding: sprintf(Array("%#v".utf8), [value]), as: UTF8.self)
        .replacing("map[string]interface {}", with: "map[interface {}]interface {}")
      throw FunctionError("yaml: invalid map key: \(shown)")
    }
  }

  private mutating func keyText(_ key: Key, _ child: YAMLNode, _ depth: Int) throws -> [UInt8] {
    switch key {
    case .text(let bytes): return validUTF8(bytes)
    case .other(.bool(let flag)): return Array((flag ? "true" : "false").utf8)
    case .other(.int(let int)): return Array(String(int).utf8)
    case .other(.uint(let int)): return Array(String(int).utf8)
    case .other(.float(let float)):
      if float.isNaN { return Array(".nan".utf8) }
      if float.isInfinite { return Array((float < 0 ? "-.inf" : ".inf").utf8) }
      return float32Text(float)
    default:
      // sigs.k8s.io/yaml, `convertToJSONableObject`
      let shown = sprintf(Array("%+#v".utf8), [try value(of: child, depth: depth + 1)])
      throw FunctionError(
        "unsupported map key of type: %!s(<nil>), key: <nil>, value: "
          + String(decoding: shown, as: UTF8.self))
    }
  }

  /// sigs.k8s.io/yaml formats keys as 32-bit floats.
  private func float32Text(_ value: Double) -> [UInt8] {
    let single = Float(value)
    guard let widened = Double(single.description), widened.isFinite else { return shortest(value) }
    return shortest(widened)
  }

  // MARK: scalars

  private func resolved(
    _ text: [UInt8], _ isPlain: Bool, _ tag: [UInt8]
  ) throws -> (YAMLScalar, [UInt8]) {
    let prefix = "tag:yaml.org,2002:"
    if tag.isEmpty { return isPlain ? (resolvedYAML(text), text) : (.string, text) }
    let name = String(decoding: tag, as: UTF8.self)
    guard name.hasPrefix(prefix) else { return (.string, text) }
    let kind = name.dropFirst(prefix.count)
    func mismatch() -> FunctionError {
      FunctionError(
        "yaml: cannot decode !!str `\(String(decoding: text, as: UTF8.self))` as a !!\(kind)")
    }
    switch kind {
    case "str": return (.string, text)
    case "binary":
      guard case .success(let bytes) = decodedBase64(text) else {
        throw FunctionError("yaml: !!binary value contains invalid base64 data")
      }
      return (.string, bytes)
    case "bool":
      guard case .bool(let flag) = resolvedYAML(text) else { throw mismatch() }
      return (.bool(flag), text)
    case "int":
      switch resolvedYAML(text) {
      case .int(let int): return (.int(int), text)
      case .uint(let int): return (.uint(int), text)
      default: throw mismatch()
      }
    case "float":
      switch resolvedYAML(text) {
      case .int(let int): return (.float(Double(int)), text)
      case .float(let float): return (.float(float), text)
      default: throw mismatch()
      }
    case "null":
      guard case .null = resolvedYAML(text) else { throw mismatch() }
      return (.null, text)
    case "timestamp":
      guard case .timestamp = resolvedYAML(text) else { throw mismatch() }
      return (.string, text)
    default: return (.string, text)
    }
  }

  private func scalar(_ text: [UInt8], _ isPlain: Bool, _ tag: [UInt8]) throws -> GoValue {
    let (kind, bytes) = try resolved(text, isPlain, tag)
    switch kind {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let int): return .float(Double(int))
    case .uint(let int): return .float(Double(int))
    case .float(let float):
      guard float.isFinite else {
        throw FunctionError(
          "json: unsupported value: \(String(decoding: shortest(float), as: UTF8.self))")
      }
      return .float(float)
    case .timestamp, .string: return .string(validUTF8(bytes))
    }
  }
}

/// The text with every byte that is no UTF-8 replaced by U+FFFD, as a trip through JSON does.
func validUTF8(_ bytes: [UInt8]) -> [UInt8] {
  let isValid = bytes.withUnsafeBufferPointer {
    $0.isASCII || String(validating: $0, as: UTF8.self) != nil
  }
  return isValid ? bytes : utf8(scalars(of: bytes))
}
