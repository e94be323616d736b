import Documents

/// A schema while it is put together; indices of other drafts stand for what it contains.
struct NodeDraft {
  /// What may stand beside the named properties.
  enum Additional: Equatable {
    case none
    case any
    case node(Int)
  }

  var types: ValueTypes
  var flags: Node.Flags = []
  var properties: [(name: String, node: Int)] = []
  var required: Set<String> = []
  var items: Int?
  var prefixItems: [Int] = []
  var contains: Int?
  var additional: Additional = .none
  /// As written; freezing fills in the defaults inside it.
  var defaultValue: Value = .absent
  var constraints = Constraints()
  var pattern: Pattern?
  var rules: [RuleDraft] = []
  var allOf: [Int] = []
  var anyOf: [Int] = []
  var oneOf: [Int] = []
  var patternProperties: [(pattern: Pattern, node: Int)] = []
  var propertyNames: Int?
  var not: Int?
  var condition: Int?
  var then: Int?
  var otherwise: Int?
  var notes = Notes()

  init(types: ValueTypes) { self.types = types }

  /// Makes this the schema of a Kubernetes object, which has `apiVersion`, `kind` and `metadata`
  /// whether they are named or not.
  mutating func makeEmbedded() {
    flags.insert(.embeddedResource)
    properties.removeAll { $0.name == "metadata" }
  }

  /// The indices of all drafts that this one contains.
  var children: [Int] {
    var children = properties.map(\.node) + allOf + anyOf + oneOf + patternProperties.map(\.node)
    children += prefixItems
    if case .node(let values) = additional { children.append(values) }
    return children
      + [items, contains, propertyNames, not, condition, then, otherwise].compactMap { $0 }
  }

  /// Whether a check beyond the type and the fields is needed.
  fileprivate var isConstrained: Bool {
    let c = constraints
    return pattern != nil || !rules.isEmpty || !allOf.isEmpty || !anyOf.isEmpty || !oneOf.isEmpty
      || !prefixItems.isEmpty || contains != nil
      || !patternProperties.isEmpty || propertyNames != nil || not != nil || condition != nil
      || !c.allowed.isAbsent
      || c.isImmutable || c.uniqueItems || c.listType != .atomic || c.format != .none
      || c.minimum != -.infinity || c.maximum != .infinity || c.multipleOf != 0
      || c.minLength != 0 || c.maxLength != .max || c.minItems != 0 || c.maxItems != .max
      || c.minProperties != 0 || c.maxProperties != .max
  }
}

/// Collects drafts and makes a `Schema` of them.
final class SchemaBuilder {
  /// The memory of names, defaults and enum values.
  let arena = Arena()
  private(set) var drafts: [NodeDraft] = []

  /// Keeps a draft; the answer is its index.
  func add(_ draft: NodeDraft) -> Int {
    drafts.append(draft)
    return drafts.count - 1
  }

  subscript(index: Int) -> NodeDraft {
    get { drafts[index] }
    set { drafts[index] = newValue }
  }

  /// The schema whose root is the draft at `root`; the builder is not to be used any more.
  func freeze(root: Int) -> Schema {
    let hasDefaults = drafts(withOneBelow: { draft in
      !draft.defaultValue.isAbsent || draft.flags.contains(.dropsNulls)
    })
    let hasNumbers = drafts(withOneBelow: { $0.types.contains(.number) })
    let hasRuleView = drafts(withOneBelow: { draft in
      draft.types.contains(.number)
        || draft.properties.contains { escapedRuleName($0.name) != nil }
    })
    var frozen = Frozen()
    for index in drafts.indices {
      if hasNumbers[index] { drafts[index].flags.insert(.hasNumbers) }
      if hasRuleView[index] { drafts[index].flags.insert(.hasRuleView) }
      frozen.append(drafts[index], hasDefaults: hasDefaults, at: index, arena: arena)
    }
    completeDefaults(&frozen)
    let schema = frozen.schema(Document(root: .null, arena: arena), root: Int32(root))
    schema.compileRules(frozen.rules)
    return schema
  }

  /// Which drafts are such that a predicate holds, or have one below them; references may go in
  /// circles.
  private func drafts(withOneBelow predicate: (NodeDraft) -> Bool) -> [Bool] {
    var result = drafts.map(predicate)
    var parents: [[Int]] = Array(repeating: [], count: drafts.count)
    for (index, draft) in drafts.enumerated() {
      for child in draft.children { parents[child].append(index) }
    }
    var waiting = result.indices.filter { result[$0] }
    while let index = waiting.popLast() {
      for parent in parents[index] where !result[parent] {
        result[parent] = true
        waiting.append(parent)
      }
    }
    return result
  }

  /// Fills in the defaults inside defaults, until nothing is left to fill in. A default that holds
  /// itself through a reference would grow without end: it is left after 16 rounds.
  private func completeDefaults(_ frozen: inout Frozen) {
    for _ in 0..<16 {
      var isComplete = true
      for index in frozen.nodes.indices where !frozen.nodes[index].defaultValue.isAbsent {
        let value = frozen.nodes[index].defaultValue
        let completed = frozen.withDefaulter(arena) { $0.defaulted(value, Int32(index)) }
        if completed.payload == value.payload, completed.meta == value.meta { continue }
        frozen.nodes[index].defaultValue = completed
        isComplete = false
      }
      if isComplete { return }
    }
  }
}

/// The arrays of a schema while they are filled.
private struct Frozen {
  var nodes: [Node] = []
  var constraints: [Constraints] = []
  var required: [Value] = []
  var defaulting: [DefaultingProperty] = []
  var alternatives: [Int32] = []
  var patterns: [Pattern] = []
  var rules: [(rule: RuleDraft, node: Int32)] = []
  var notes: [Notes] = []

  mutating func append(_ draft: NodeDraft, hasDefaults: [Bool], at index: Int, arena: Arena) {
    var node = Node()
    node.types = draft.types
    node.flags = draft.flags
    node.defaultValue = draft.defaultValue
    node.items = draft.items.map(Int32.init) ?? -1
    switch draft.additional {
    case .none: break
    case .any: node.flags.insert(.open)
    case .node(let values): node.additional = Int32(values)
    }
    if hasDefaults[index] { node.flags.insert(.hasDefaults) }
    var entries: [MapEntry] = []
    node.defaultingStart = Int32(defaulting.count)
    for (name, child) in draft.properties {
      let name = arena.string(name)
      entries.append(MapEntry(key: name, value: .int(Int64(child))))
      if hasDefaults[child] {
        defaulting.append(DefaultingProperty(name: name, node: Int32(child)))
      }
    }
    node.defaultingCount = Int32(defaulting.count) - node.defaultingStart
    node.properties = arena.map(entries)
    node.requiredStart = Int32(required.count)
    node.requiredCount = Int32(draft.required.count)
    required += draft.required.sorted().map { arena.string($0) }
    if draft.isConstrained {
      node.constraints = Int32(constraints.count)
      constraints.append(frozenConstraints(draft, at: Int32(index)))
    } else if draft.types.isEmpty, draft.properties.isEmpty, draft.required.isEmpty,
      draft.items == nil, draft.additional == .any, !draft.flags.contains(.intOrString)
    {
      node.flags.insert(.unchecked)
    }
    nodes.append(node)
    notes.append(draft.notes)
  }

  private mutating func frozenConstraints(_ draft: NodeDraft, at node: Int32) -> Constraints {
    var result = draft.constraints
    if let pattern = draft.pattern { result.pattern = index(of: pattern) }
    result.rules = Int32(rules.count)..<Int32(rules.count + draft.rules.count)
    rules += draft.rules.map { ($0, node) }
    result.allOf = append(draft.allOf.map(Int32.init))
    result.anyOf = append(draft.anyOf.map(Int32.init))
    result.oneOf = append(draft.oneOf.map(Int32.init))
    var pairs: [Int32] = []
    for (pattern, node) in draft.patternProperties { pairs += [index(of: pattern), Int32(node)] }
    result.patternProperties = append(pairs)
    result.propertyNames = draft.propertyNames.map(Int32.init) ?? -1
    result.prefixItems = append(draft.prefixItems.map(Int32.init))
    result.contains = draft.contains.map(Int32.init) ?? -1
    result.not = draft.not.map(Int32.init) ?? -1
    result.condition = draft.condition.map(Int32.init) ?? -1
    result.then = draft.then.map(Int32.init) ?? -1
    result.otherwise = draft.otherwise.map(Int32.init) ?? -1
    return result
  }

  private mutating func index(of pattern: Pattern) -> Int32 {
    patterns.append(pattern)
    return Int32(patterns.count - 1)
  }

  private mutating func append(_ indices: [Int32]) -> Range<Int32> {
    let start = Int32(alternatives.count)
    alternatives += indices
    return start..<Int32(alternatives.count)
  }

  func withDefaulter(_ arena: Arena, _ body: (inout Defaulter) -> Value) -> Value {
    nodes.withUnsafeBufferPointer { nodes in
      defaulting.withUnsafeBufferPointer { defaulting in
        var defaulter = Defaulter(nodes: nodes, defaulting: defaulting, arena: arena)
        return body(&defaulter)
      }
    }
  }

  func schema(_ document: Document, root: Int32) -> Schema {
    Schema(
      document: document, nodes: nodes, constraints: constraints, required: required,
      defaulting: defaulting, alternatives: alternatives, patterns: patterns,
      notes: notes, root: root)
  }
}
