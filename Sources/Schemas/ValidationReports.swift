import Diagnostics
import Documents

extension Validator {
  /// The field's name in quotes, with the indices after it: `'ports[0]'`.
  var name: String {
    var indices = ""
    for step in fieldPath.steps.reversed() {
      switch step {
      case .index(let index): indices = "[\(index)]" + indices
      case .key(let key): return "'\(key)\(indices)'"
      }
    }
    return indices.isEmpty ? "the value" : "'\(indices)'"
  }

  mutating func report(_ kind: SchemaProblem.Kind, _ message: String, help: String? = nil) {
    let path = fieldPath
    problems.append(
      SchemaProblem(
        kind: kind, path: path, anchor: path, part: .value, message: message, help: help))
  }

  mutating func reportType(_ value: Value, _ node: Node) {
    let expected = expectation(node)
    var found = shown(value)
    var help: String?
    if value.isKind(.string), reads(value, as: node.types) {
      found = "the text \(found)"
      help = "remove the quotes"
    } else if node.types == .string, [.int, .uint, .double, .bool].contains(value.kind) {
      help = "put it in quotes: \"\(found)\""
    } else if node.types == .array, !value.isNull, !value.isKind(.map) {
      help = "write a list: [\(value.asString ?? found)]"
    }
    let isWhole =
      value.isKind(.uint)
      || value.isKind(.double) && value.doublePayload == value.doublePayload.rounded()
    if node.types == .integer, isWhole {
      help = "integers have 64 bits: at most 9223372036854775807"
    }
    report(.wrongType, "\(name) is \(found), expected \(expected)", help: help)
  }

  private func expectation(_ node: Node) -> String {
    if node.flags.contains(.intOrString) { return "an integer or a string" }
    var names: [String] = []
    if node.types.contains(.object) { names.append("a map") }
    if node.types.contains(.array) { names.append("a list") }
    if node.types.contains(.string) { names.append("a string") }
    if node.types.contains(.number) {
      names.append("a number")
    } else if node.types.contains(.integer) {
      names.append("an integer")
    }
    if node.types.contains(.boolean) { names.append("true or false") }
    if node.types.contains(.null) { names.append("null") }
    return names.joined(separator: " or ")
  }

  /// Whether a text says a value of one of the types, so that its quotes are the mistake.
  private func reads(_ text: Value, as types: ValueTypes) -> Bool {
    guard let text = text.asString, !text.isEmpty else { return false }
    if types.contains(.integer), Int64(text) != nil { return true }
    if types.contains(.number), text.utf8.first != UInt8(ascii: "n"), Double(text) != nil {
      return true
    }
    return types.contains(.boolean) && (text == "true" || text == "false")
  }

  mutating func reportUnknown(_ key: Value, _ node: Node, _ index: Int32) {
    let written = key.asString ?? shown(key)
    let known = node.properties.entries.compactMap(\.key.asString)
    let help: String?
    if let nearest = nearestName(to: written, in: known) {
      help = "did you mean '\(nearest)'?"
    } else if known.isEmpty {
      help = "no fields are allowed here"
    } else {
      let names = known.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
      help = "known fields: \(names)" + (known.count > 12 ? " and \(known.count - 12) more" : "")
    }
    let parent = fieldPath
    let path = parent.key(written)
    let place = parent.isRoot ? "" : " in \(name)"
    problems.append(
      SchemaProblem(
        kind: .unknownField, path: path, anchor: path, part: .key,
        message: "unknown field '\(written)'\(place)", help: help))
  }

  mutating func reportMissing(_ name: Value, _ index: Int32) {
    let missing = name.asString ?? ""
    let parent = fieldPath
    let type = SchemaNode(schema: schema, index: index).property(missing)?.typeName
    problems.append(
      SchemaProblem(
        kind: .missingField, path: parent.key(missing), anchor: parent, part: .key,
        message: "\(self.name) has no '\(missing)', which is required",
        help: type.map { "add '\(missing)': \($0)" } ?? "add '\(missing)'"))
  }
}
