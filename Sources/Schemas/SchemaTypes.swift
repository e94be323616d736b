public import CEL
public import Documents

extension SchemaNode {
  /// The type that expressions see for a value of this schema: known fields only where no others
  /// may stand beside them (apiserver `pkg/cel/openapi`, `SchemaDeclType`). `name` becomes the
  /// type's name in messages.
  public func celType(name: String) -> CELType { celType(name: name, forRules: false, depth: 0) }

  /// The type of `self` in a rule, whose properties have escaped names.
  var ruleType: CELType { celType(name: "self", forRules: true, depth: 0) }

  private func celType(name: String, forRules: Bool, depth: Int) -> CELType {
    // Schemas that refer to themselves end somewhere.
    guard depth < 32, !isIntOrString else { return .dyn }
    switch types.subtracting(.null) {
    case .string:
      switch format {
      case "date-time", "date": return forRules ? .dyn : .timestamp
      case "byte": return forRules ? .dyn : .bytes
      default: return .string
      }
    case .integer: return .int
    case .number: return .double
    case .boolean: return .bool
    case .array:
      let element = items?.celType(name: name + "[]", forRules: forRules, depth: depth + 1)
      return .list(element ?? .dyn)
    case .object:
      if isOpen { return propertyNames.isEmpty ? .map(.string, .dyn) : .dyn }
      if let values, propertyNames.isEmpty {
        return .map(
          .string, values.celType(name: name + "{}", forRules: forRules, depth: depth + 1))
      }
      if values != nil { return .dyn }
      var fields: [String: CELType] = [:]
      var optional = Set(propertyNames).subtracting(required)
      for property in propertyNames {
        guard let child = self.property(property) else { continue }
        let field = forRules ? escapedRuleName(property) ?? property : property
        if !child.defaultValue.isAbsent { optional.remove(property) }
        fields[field] = child.celType(
          name: "\(name).\(property)", forRules: forRules, depth: depth + 1)
      }
      if isEmbedded {
        fields["apiVersion"] = .string
        fields["kind"] = .string
        fields["metadata"] = .dyn
      }
      return .object(ObjectType(name: name, fields: fields, optional: optional))
    default: return .dyn
    }
  }
}

extension Schema {
  /// Whether a number that may have a fraction is anywhere in this schema.
  public var hasNumbers: Bool { nodes[Int(rootIndex)].flags.contains(.hasNumbers) }

  /// A value whose numbers are of the kinds that the schema says: `double` where it says `number`
  /// though `1` is written, `int` where it says `integer` though `1.0` is written. Expressions
  /// count on that. Parts that do not change are shared.
  public func withTypedNumbers(_ value: Value, in arena: Arena) -> Value {
    ExpressionView(schema: self, arena: arena, flag: .hasNumbers, escapesNames: false)
      .value(value, rootIndex, depth: 0)
  }

  /// A value as rules see it: with typed numbers and escaped names.
  func ruleView(of value: Value, _ index: Int32, in arena: Arena) -> Value {
    guard nodes[Int(index)].flags.contains(.hasRuleView) else { return value }
    return ExpressionView(schema: self, arena: arena, flag: .hasRuleView, escapesNames: true)
      .value(value, index, depth: 0)
  }
}

/// Makes the values that expressions work on where they differ from what is written.
private struct ExpressionView {
  let schema: Schema
  let arena: Arena
  /// The flag of nodes that have something to change in or below them.
  let flag: Node.Flags
  let escapesNames: Bool

  func value(_ value: Value, _ index: Int32, depth: Int) -> Value {
    let node = schema.nodes[Int(index)]
    guard node.flags.contains(flag), depth < Defaulter.maximumDepth else { return value }
    switch value.kind {
    case .int where node.types.contains(.number) && !node.types.contains(.integer):
      return .double(Double(value.intPayload))
    case .double where node.types.contains(.integer) && !node.types.contains(.number):
      return Int64(exactly: value.doublePayload).map { .int($0) } ?? value
    case .map: return map(value, node, depth: depth)
    case .list where node.items >= 0: return list(value, node.items, depth: depth)
    default: return value
    }
  }

  private func map(_ map: Value, _ node: Node, depth: Int) -> Value {
    var changed: [MapEntry]?
    let entries = map.entries
    for offset in entries.indices {
      let entry = entries[offset]
      let property = node.properties.lookup(entry.key)
      let isProperty = !property.isAbsent
      let child = isProperty ? Int32(truncatingIfNeeded: property.intPayload) : node.additional
      guard child >= 0 else { continue }
      let new = value(entry.value, child, depth: depth + 1)
      let name = isProperty && escapesNames ? entry.key.asString.flatMap(escapedRuleName) : nil
      if name == nil, new.payload == entry.value.payload, new.meta == entry.value.meta { continue }
      if changed == nil { changed = Array(entries) }
      changed?[offset] = MapEntry(key: name.map { arena.string($0) } ?? entry.key, value: new)
    }
    return changed.map { arena.map($0) } ?? map
  }

  private func list(_ list: Value, _ items: Int32, depth: Int) -> Value {
    var changed: [Value]?
    let elements = list.elements
    for offset in elements.indices {
      let new = value(elements[offset], items, depth: depth + 1)
      if new.payload == elements[offset].payload, new.meta == elements[offset].meta { continue }
      if changed == nil { changed = Array(elements) }
      changed?[offset] = new
    }
    return changed.map { arena.list($0) } ?? list
  }
}
