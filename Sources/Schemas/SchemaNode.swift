public import Diagnostics
public import Documents

/// The schema of one field, to be looked at: for docs, editors, and type checks of expressions.
public struct SchemaNode: Sendable {
  /// The schema it is part of, which keeps it alive.
  public let schema: Schema
  let index: Int32

  private var node: Node { schema.nodes[Int(index)] }

  private var constraints: Constraints? {
    node.constraints < 0 ? nil : schema.constraints[Int(node.constraints)]
  }

  private func at(_ index: Int32) -> SchemaNode? {
    index < 0 ? nil : SchemaNode(schema: schema, index: index)
  }

  /// The types that the value may have; empty: any.
  public var types: ValueTypes { node.types }
  /// Whether the value may be an integer or a string (`x-kubernetes-int-or-string`).
  public var isIntOrString: Bool { node.flags.contains(.intOrString) }
  /// Whether null is a value of its own here.
  public var isNullable: Bool { node.flags.contains(.nullable) }
  /// Whether fields that the schema does not name are allowed and may hold anything.
  public var isOpen: Bool {
    !node.flags.isDisjoint(with: [.preservesUnknown, .open, .unchecked])
  }
  /// Whether this is a Kubernetes object: `apiVersion`, `kind` and `metadata` are fields too.
  public var isEmbedded: Bool { node.flags.contains(.embeddedResource) }
  /// The format, such as `date-time`; nil for none.
  public var format: String? { constraints.flatMap { $0.format.name } }

  /// The names of the properties in the order they were written.
  public var propertyNames: [String] { node.properties.entries.compactMap(\.key.asString) }

  /// The schema of a property; nil when it is not named in the schema.
  public func property(_ name: String) -> SchemaNode? {
    node.properties[name].asInt.flatMap { at(Int32(truncatingIfNeeded: $0)) }
  }

  /// The names of the properties that must be there, sorted.
  public var required: [String] {
    (0..<Int(node.requiredCount)).compactMap {
      schema.required[Int(node.requiredStart) + $0].asString
    }
  }

  /// The schema of the elements of a list; nil when they may be anything, or this is no list.
  public var items: SchemaNode? { at(node.items) }

  /// The schema of the values of a map whose keys are free; nil when there is none.
  public var values: SchemaNode? { at(node.additional) }

  /// The schema of what is under a key: of the property, or of a map's values; nil when there is
  /// none.
  public func child(_ key: String) -> SchemaNode? { property(key) ?? values }

  /// The schema of a field below this one; nil where the schema does not tell.
  public func descendant(_ path: FieldPath) -> SchemaNode? {
    var node: SchemaNode? = self
    for step in path.steps {
      switch step {
      case .key(let key): node = node?.child(key)
      case .index: node = node?.items
      }
    }
    return node
  }

  /// The default, with the defaults inside it filled in; absent where there is none. Valid while
  /// the schema lives.
  public var defaultValue: Value { node.defaultValue }

  /// The allowed values; empty where any is.
  public var allowedValues: [Value] { constraints.map { Array($0.allowed.elements) } ?? [] }

  /// Whether the value must stay as it was in the base.
  public var isImmutable: Bool { constraints?.isImmutable ?? false }

  /// The regular expression that a text must match; nil for none.
  public var pattern: String? {
    constraints.flatMap { $0.pattern < 0 ? nil : schema.patterns[Int($0.pattern)].source }
  }

  /// The bounds of a number; nil where there is none on that side.
  public var bounds: (minimum: Double?, maximum: Double?) {
    guard let constraints else { return (nil, nil) }
    return (
      constraints.minimum == -.infinity ? nil : constraints.minimum,
      constraints.maximum == .infinity ? nil : constraints.maximum
    )
  }

  /// The bounds of a text's length in characters, a list's in items, or a map's in entries.
  public var sizes: (minimum: Int?, maximum: Int?) {
    guard let constraints else { return (nil, nil) }
    let minimum = max(constraints.minLength, constraints.minItems, constraints.minProperties)
    let maximum = min(constraints.maxLength, constraints.maxItems, constraints.maxProperties)
    return (minimum == 0 ? nil : minimum, maximum == .max ? nil : maximum)
  }

  /// Whether no two elements of the list may be equal.
  public var hasUniqueItems: Bool {
    constraints.map { $0.uniqueItems || $0.listType == .set } ?? false
  }

  /// The fields that tell the elements of a list of type `map` apart; empty for other lists.
  public var listKeys: [String] { constraints?.listKeys.elements.compactMap(\.asString) ?? [] }

  /// The CEL rules over the value.
  public var rules: [ValidationRule] {
    guard let constraints else { return [] }
    return constraints.rules.compactMap { schema.rules[Int($0)] }
  }

  /// What the field is for; empty where the schema does not say.
  public var description: String { schema.notes[Int(index)].description }
  /// A short name for people; empty where the schema does not say.
  public var title: String { schema.notes[Int(index)].title }
  /// Whether the field should no longer be used.
  public var isDeprecated: Bool { schema.notes[Int(index)].isDeprecated }
  /// Values to show as examples.
  public var examples: [Value] { Array(schema.notes[Int(index)].examples.elements) }

  /// The type in the words of SimpleSchema: `string`, `[]integer`, `map[string]string`, `object`;
  /// several joined with ` or `; `any` where everything is allowed.
  public var typeName: String {
    if isIntOrString { return "integer or string" }
    if types.isEmpty { return "any" }
    var names: [String] = []
    if types.contains(.object) {
      names.append(values.map { "map[string]\($0.typeName)" } ?? "object")
    }
    if types.contains(.array) { names.append("[]" + (items?.typeName ?? "any")) }
    if types.contains(.string) { names.append("string") }
    if types.contains(.integer) { names.append("integer") }
    if types.contains(.number) { names.append("float") }
    if types.contains(.boolean) { names.append("boolean") }
    if types.contains(.null) { names.append("null") }
    return names.joined(separator: " or ")
  }
}
