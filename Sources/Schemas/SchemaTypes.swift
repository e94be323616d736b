public import CEL
public import Documents

extension SchemaNode {
  /// The type that expressions see for a value of this schema, as the API server declares it
  /// (apiserver `pkg/cel/openapi`, `SchemaDeclType`): known fields only where no others may stand
  /// beside them. `name` becomes the type's name in messages.
  public func celType(name: String) -> CELType { celType(name: name, depth: 0) }

  private func celType(name: String, depth: Int) -> CELType {
    // Schemas that refer to themselves end somewhere.
    guard depth < 32, !isIntOrString else { return .dyn }
    switch types.subtracting(.null) {
    case .string:
      switch format {
      case "date-time", "date": return .timestamp
      case "byte": return .bytes
      default: return .string
      }
    case .integer: return .int
    case .number: return .double
    case .boolean: return .bool
    case .array:
      return .list(items?.celType(name: name + "[]", depth: depth + 1) ?? .dyn)
    case .object:
      if isOpen { return propertyNames.isEmpty ? .map(.string, .dyn) : .dyn }
      if let values, propertyNames.isEmpty {
        return .map(.string, values.celType(name: name + "{}", depth: depth + 1))
      }
      if values != nil { return .dyn }
      var fields: [String: CELType] = [:]
      for property in propertyNames {
        guard let child = self.property(property) else { continue }
        fields[property] = child.celType(name: "\(name).\(property)", depth: depth + 1)
      }
      return .object(ObjectType(name: name, fields: fields))
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
    typed(value, rootIndex, arena, depth: 0)
  }

  func typed(_ value: Value, _ index: Int32, _ arena: Arena, depth: Int) -> Value {
    let node = nodes[Int(index)]
    guard node.flags.contains(.hasNumbers), depth < Defaulter.maximumDepth else { return value }
    switch value.kind {
    case .int where node.types.contains(.number) && !node.types.contains(.integer):
      return .double(Double(value.intPayload))
    case .double where node.types.contains(.integer) && !node.types.contains(.number):
      return Int64(exactly: value.doublePayload).map { .int($0) } ?? value
    case .map:
      var changed: [MapEntry]?
      let entries = value.entries
      for offset in entries.indices {
        let entry = entries[offset]
        let property = node.properties.lookup(entry.key)
        let child =
          property.isAbsent
          ? node.additional : Int32(truncatingIfNeeded: property.intPayload)
        guard child >= 0 else { continue }
        let new = typed(entry.value, child, arena, depth: depth + 1)
        if new.payload == entry.value.payload, new.meta == entry.value.meta { continue }
        if changed == nil { changed = Array(entries) }
        changed?[offset].value = new
      }
      return changed.map { arena.map($0) } ?? value
    case .list where node.items >= 0:
      var changed: [Value]?
      let elements = value.elements
      for offset in elements.indices {
        let new = typed(elements[offset], node.items, arena, depth: depth + 1)
        if new.payload == elements[offset].payload, new.meta == elements[offset].meta { continue }
        if changed == nil { changed = Array(elements) }
        changed?[offset] = new
      }
      return changed.map { arena.list($0) } ?? value
    default: return value
    }
  }
}
