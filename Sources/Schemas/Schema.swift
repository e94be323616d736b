public import Documents

/// What values of one kind may look like: one compiled form for SimpleSchema, OpenAPI, JSON Schema
/// and CustomResourceDefinitions.
///
/// Immutable once built. Names, defaults and enum values are values of `document`; a value that
/// `defaulted` returns may point into it, so the document of such a value must borrow it.
public final class Schema: @unchecked Sendable {
  /// The memory of names, defaults and enum values.
  public let document: Document

  let nodes: UnsafeBufferPointer<Node>
  let constraints: UnsafeBufferPointer<Constraints>
  /// Names of required properties; each node has a stretch of them.
  let required: UnsafeBufferPointer<Value>
  /// Properties with a default in or below them; each node has a stretch of them.
  let defaulting: UnsafeBufferPointer<DefaultingProperty>
  /// Alternatives of `allOf`, `anyOf` and `oneOf`: indices of nodes.
  let alternatives: [Int32]
  let patterns: [Pattern]
  /// Nil where a rule does not compile, which was reported. Set once, before anybody else has this.
  private(set) var rules: [ValidationRule?] = []
  let notes: [Notes]
  let rootIndex: Int32

  init(
    document: Document, nodes: [Node], constraints: [Constraints], required: [Value],
    defaulting: [DefaultingProperty], alternatives: [Int32], patterns: [Pattern],
    notes: [Notes], root: Int32
  ) {
    self.document = document
    self.nodes = copied(nodes)
    self.constraints = copied(constraints)
    self.required = copied(required)
    self.defaulting = copied(defaulting)
    self.alternatives = alternatives
    self.patterns = patterns
    self.notes = notes
    rootIndex = root
  }

  /// Compiles the rules of a schema that is whole but for them.
  func compileRules(_ drafts: [(rule: RuleDraft, node: Int32)]) {
    rules = drafts.map { draft in
      let node = SchemaNode(schema: self, index: draft.node)
      return draft.rule.compiled(selfType: node.ruleType)
    }
  }

  deinit {
    nodes.deallocate()
    constraints.deallocate()
    required.deallocate()
    defaulting.deallocate()
  }

  /// The schema of the whole value.
  public var root: SchemaNode { SchemaNode(schema: self, index: rootIndex) }

  /// A schema that allows any value.
  public static let anything: Schema = {
    let builder = SchemaBuilder()
    var draft = NodeDraft(types: [])
    draft.additional = .any
    return builder.freeze(root: builder.add(draft))
  }()
}

private func copied<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
  let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
  _ = copy.initialize(from: elements)
  return UnsafeBufferPointer(copy)
}

/// The types that a value may have; empty: any.
public struct ValueTypes: OptionSet, Hashable, Sendable {
  /// A bit for each type.
  public let rawValue: UInt8

  /// Types from their bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A map.
  public static let object = ValueTypes(rawValue: 1)
  /// A list.
  public static let array = ValueTypes(rawValue: 2)
  /// A text.
  public static let string = ValueTypes(rawValue: 4)
  /// A whole number; `1.0` counts as one.
  public static let integer = ValueTypes(rawValue: 8)
  /// Any number.
  public static let number = ValueTypes(rawValue: 16)
  /// `true` or `false`.
  public static let boolean = ValueTypes(rawValue: 32)
  /// `null`.
  public static let null = ValueTypes(rawValue: 64)
}

/// One schema: POD, so that a walk over a value retains nothing.
struct Node {
  struct Flags: OptionSet {
    let rawValue: UInt16
    static let nullable = Flags(rawValue: 1)
    /// Unknown fields are kept (`x-kubernetes-preserve-unknown-fields`).
    static let preservesUnknown = Flags(rawValue: 2)
    static let intOrString = Flags(rawValue: 4)
    /// A default is in the node or below it, or a null that would be dropped may be.
    static let hasDefaults = Flags(rawValue: 8)
    /// An object with `apiVersion`, `kind` and `metadata` beside what is declared.
    static let embeddedResource = Flags(rawValue: 16)
    /// `additionalProperties: true`, or JSON Schema without `additionalProperties`.
    static let open = Flags(rawValue: 32)
    /// A null that is not allowed counts as not written (structural schemas).
    static let dropsNulls = Flags(rawValue: 64)
    /// Anything goes: no check is needed at all.
    static let unchecked = Flags(rawValue: 128)
    /// A number that may have a fraction is in the node or below it.
    static let hasNumbers = Flags(rawValue: 256)
    /// Rules see the value in another form: typed numbers, escaped names.
    static let hasRuleView = Flags(rawValue: 512)
  }

  /// Name to `int`, the index of the property's node.
  var properties: Value = .emptyMap
  /// The default, with the defaults inside it filled in; absent where there is none.
  var defaultValue: Value = .absent
  var requiredStart: Int32 = 0
  var requiredCount: Int32 = 0
  var defaultingStart: Int32 = 0
  var defaultingCount: Int32 = 0
  /// The node of list items, or -1.
  var items: Int32 = -1
  /// The node of map values that are no properties, or -1.
  var additional: Int32 = -1
  var constraints: Int32 = -1
  var types: ValueTypes = []
  var flags: Flags = []
}

/// A property that defaulting has to look at.
struct DefaultingProperty {
  var name: Value
  var node: Int32
}

/// What a value must satisfy beyond its type.
struct Constraints {
  enum ListType: UInt8 { case atomic, set, map }

  var minimum: Double = -.infinity
  var maximum: Double = .infinity
  var isMinimumExclusive = false
  var isMaximumExclusive = false
  /// 0 for none.
  var multipleOf: Double = 0
  var minLength = 0
  var maxLength = Int.max
  var minItems = 0
  var maxItems = Int.max
  var minProperties = 0
  var maxProperties = Int.max
  var uniqueItems = false
  var isImmutable = false
  var format: Format = .none
  var listType: ListType = .atomic
  /// The list of key names of a list of type `map`.
  var listKeys: Value = .emptyList
  /// The list of allowed values; absent where any is.
  var allowed: Value = .absent
  /// The index of the pattern, or -1.
  var pattern: Int32 = -1
  var rules: Range<Int32> = 0..<0
  var allOf: Range<Int32> = 0..<0
  var anyOf: Range<Int32> = 0..<0
  var oneOf: Range<Int32> = 0..<0
  /// Properties whose names match a pattern: pairs of pattern and node among the alternatives.
  var patternProperties: Range<Int32> = 0..<0
  /// The node that the keys of a map must fit, or -1.
  var propertyNames: Int32 = -1
  /// The nodes of the first elements of a list among the alternatives; the others are the node's items.
  var prefixItems: Range<Int32> = 0..<0
  /// The node that elements of a list must fit, or -1, and how many of them.
  var contains: Int32 = -1
  var minContains = 1
  var maxContains = Int.max
  var not: Int32 = -1
  var condition: Int32 = -1
  var then: Int32 = -1
  var otherwise: Int32 = -1
}

/// What a schema says to people about a field.
struct Notes {
  var title = ""
  var description = ""
  var isDeprecated = false
  var examples: Value = .emptyList
}
