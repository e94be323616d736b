public import Diagnostics
public import Documents

extension Schema {
  /// All ways in which a value does not fit this schema, in the value's order; empty when it fits.
  ///
  /// Unknown fields are problems unless the schema preserves them. `path` is where the value
  /// stands in its document and begins all paths. `old` is what the value was before, for immutable
  /// fields and transition rules; absent when it is new. Fill in defaults first. The absent value
  /// fits. The cost is linear in the value's size but for CEL rules, which have a step limit.
  public func problems(
    in value: Value, at path: FieldPath = .root, old: Value = .absent,
    rules evaluator: RuleEvaluator? = nil
  ) -> [SchemaProblem] {
    guard !value.isAbsent else { return [] }
    return withExtendedLifetime(self) {
      var validator = Validator(schema: self, base: path, evaluator: evaluator)
      validator.check(value, rootIndex, old: old)
      return validator.allProblems
    }
  }

  /// Whether a value fits this schema.
  public func accepts(_ value: Value) -> Bool { problems(in: value).isEmpty }
}

/// Walks a value beside its schema.
struct Validator {
  let schema: Schema
  private let nodes: UnsafeBufferPointer<Node>
  private let base: FieldPath
  private(set) var evaluator: RuleEvaluator?
  private var path: [PathStep] = []
  private var depth = 0
  private var steps = 0
  /// Why the walk stopped; it stays out of `problems`, which alternatives may throw away.
  private var limitProblems: [SchemaProblem] = []

  /// Schemas inside schemas and values inside values, together.
  private static let maximumDepth = 500
  /// Alternatives that refer to each other could take exponential time.
  private static let maximumSteps = 2_000_000
  var problems: [SchemaProblem] = []

  /// Where the walk is.
  var fieldPath: FieldPath { FieldPath(base.steps + path.map(\.fieldPathStep)) }

  init(schema: Schema, base: FieldPath, evaluator: RuleEvaluator?) {
    self.schema = schema
    nodes = schema.nodes
    self.base = base
    self.evaluator = evaluator
  }

  mutating func check(_ value: Value, _ index: Int32, old: Value) {
    let node = nodes[Int(index)]
    if node.flags.contains(.unchecked) { return }
    guard depth < Validator.maximumDepth, steps < Validator.maximumSteps else { return stop() }
    depth += 1
    steps += 1
    defer { depth -= 1 }
    if value.isNull, node.flags.contains(.nullable) { return }
    guard fits(value, node) else { return reportType(value, node) }
    if value.isKind(.map) {
      checkFields(value, node, index, old: old)
    } else if value.isKind(.list), node.items >= 0 || hasPrefixItems(node) {
      checkItems(value, node, old: old)
    }
    if node.constraints >= 0 {
      checkConstraints(value, schema.constraints[Int(node.constraints)], index, old: old)
    }
  }

  private mutating func stop() {
    steps = Validator.maximumSteps
    guard limitProblems.isEmpty else { return }
    limitProblems.append(
      SchemaProblem(
        kind: .tooComplex, path: fieldPath, anchor: fieldPath, part: .value,
        message: "\(name) is nested too deeply, or its schema takes too many steps, to be checked"))
  }

  /// All that was found.
  var allProblems: [SchemaProblem] { problems + limitProblems }

  private func fits(_ value: Value, _ node: Node) -> Bool {
    let types = node.types
    if node.flags.contains(.intOrString) {
      return value.isKind(.string) || value.isKind(.int) || value.isKind(.uint)
    }
    if types.isEmpty { return true }
    switch value.kind {
    case .string: return types.contains(.string)
    case .int: return !types.isDisjoint(with: [.integer, .number])
    // The API server's integers are of 64 bits: what is larger was read as another kind.
    case .uint: return types.contains(.number)
    case .map: return types.contains(.object)
    case .list: return types.contains(.array)
    case .bool: return types.contains(.boolean)
    case .double:
      return types.contains(.number)
        || types.contains(.integer) && Int64(exactly: value.doublePayload) != nil
    case .null: return types.contains(.null)
    default: return false
    }
  }

  // MARK: objects

  private mutating func checkFields(_ map: Value, _ node: Node, _ index: Int32, old: Value) {
    let isOpen = !node.flags.isDisjoint(with: [.open, .preservesUnknown])
    for entry in map.entries {
      let property = node.properties.lookup(entry.key)
      let child: Int32
      if !property.isAbsent {
        child = Int32(truncatingIfNeeded: property.intPayload)
      } else if node.additional >= 0 {
        if node.constraints >= 0, hasMatchingPatternProperty(entry.key, node) { continue }
        child = node.additional
      } else {
        if !isOpen, !isFieldOfObject(entry.key, node), !hasMatchingPatternProperty(entry.key, node)
        {
          reportUnknown(entry.key, node, index)
        }
        continue
      }
      path.append(.key(entry.key))
      check(entry.value, child, old: old.lookup(entry.key))
      path.removeLast()
    }
    for offset in 0..<Int(node.requiredCount) {
      let name = schema.required[Int(node.requiredStart) + offset]
      if map.lookup(name).isAbsent { reportMissing(name, index) }
    }
  }

  /// Whether a key is one that every embedded object has.
  private func isFieldOfObject(_ key: Value, _ node: Node) -> Bool {
    node.flags.contains(.embeddedResource)
      && (key.isString("apiVersion") || key.isString("kind") || key.isString("metadata"))
  }

  private func hasMatchingPatternProperty(_ key: Value, _ node: Node) -> Bool {
    guard node.constraints >= 0 else { return false }
    let pairs = schema.constraints[Int(node.constraints)].patternProperties
    return stride(from: pairs.lowerBound, to: pairs.upperBound, by: 2).contains {
      schema.patterns[Int(schema.alternatives[Int($0)])].matches(key)
    }
  }

  // MARK: lists

  private mutating func checkItems(_ list: Value, _ node: Node, old: Value) {
    let keys =
      node.constraints < 0
      ? Value.emptyList : schema.constraints[Int(node.constraints)].listKeys
    let prefix =
      node.constraints < 0 ? 0..<0 : schema.constraints[Int(node.constraints)].prefixItems
    let elements = list.elements
    for index in elements.indices {
      let item =
        index < prefix.count
        ? schema.alternatives[Int(prefix.lowerBound) + index] : node.items
      if item < 0 { break }
      let element = elements[index]
      path.append(.index(index))
      check(element, item, old: correlated(element, keys, old))
      path.removeLast()
    }
  }

  private func hasPrefixItems(_ node: Node) -> Bool {
    node.constraints >= 0 && !schema.constraints[Int(node.constraints)].prefixItems.isEmpty
  }

  /// Whether as many elements as wanted fit a schema.
  private mutating func checkContains(_ list: Value, _ constraints: Constraints) {
    guard constraints.contains >= 0 else { return }
    let count = list.elements.count {
      problems(of: $0, constraints.contains, .absent).isEmpty
    }
    if count >= constraints.minContains, count <= constraints.maxContains { return }
    let limit =
      count < constraints.minContains
      ? "at least \(constraints.minContains)" : "at most \(constraints.maxContains)"
    report(
      .wrongSize,
      "\(name) has \(count) \(count == 1 ? "item" : "items") of the kind it must contain, expected "
        + limit)
  }

  /// The old element with the same keys, for lists of type `map`; other elements have no past.
  private func correlated(_ element: Value, _ keys: Value, _ old: Value) -> Value {
    guard keys.count > 0, old.isKind(.list) else { return .absent }
    return old.elements.first { candidate in
      keys.elements.allSatisfy { areEqual(candidate.lookup($0), element.lookup($0)) }
    } ?? .absent
  }

  // MARK: constraints

  private mutating func checkConstraints(
    _ value: Value, _ constraints: Constraints, _ node: Int32, old: Value
  ) {
    switch value.kind {
    case .string: checkText(value, constraints)
    case .int, .uint, .double: checkNumber(value, constraints)
    case .list:
      checkList(value, constraints)
      checkContains(value, constraints)
    case .map:
      checkSize(
        value.count, constraints.minProperties, constraints.maxProperties, "entry", "entries")
      checkPatternProperties(value, constraints, old: old)
      if constraints.propertyNames >= 0 {
        for entry in value.entries { check(entry.key, constraints.propertyNames, old: .absent) }
      }
    default: break
    }
    if constraints.format != .none, !constraints.format.accepts(value) {
      report(.format, "\(name) is \(shown(value)), expected \(constraints.format.expectation)")
    }
    if !constraints.allowed.isAbsent { checkAllowed(value, constraints.allowed) }
    if constraints.isImmutable, !old.isAbsent, !areEqual(value, old) {
      report(
        .immutable, "\(name) is \(shown(value)), but it was \(shown(old)) and must not change",
        help: "set it back, or make a new object")
    }
    if !constraints.rules.isEmpty { checkRules(value, constraints.rules, node, old: old) }
    checkAlternatives(value, constraints, old: old)
  }

  private mutating func checkText(_ value: Value, _ constraints: Constraints) {
    if constraints.minLength > 0 || constraints.maxLength < .max {
      let length =
        value.isASCII
        ? value.count : value.utf8.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
      checkSize(
        length, constraints.minLength, constraints.maxLength, "character", "characters")
    }
    if constraints.pattern >= 0 {
      let pattern = schema.patterns[Int(constraints.pattern)]
      if !pattern.matches(value) {
        report(.pattern, "\(name) is \(shown(value)), which does not match '\(pattern.source)'")
      }
    }
  }

  private mutating func checkNumber(_ value: Value, _ constraints: Constraints) {
    let number =
      switch value.kind {
      case .int: Double(value.intPayload)
      case .uint: Double(value.payload)
      default: value.doublePayload
      }
    let isTooSmall =
      constraints.isMinimumExclusive
      ? number <= constraints.minimum : number < constraints.minimum
    let isTooLarge =
      constraints.isMaximumExclusive
      ? number >= constraints.maximum : number > constraints.maximum
    if isTooSmall || isTooLarge {
      report(.outOfRange, "\(name) is \(shown(value)), expected \(boundsText(constraints))")
    }
    if constraints.multipleOf > 0 {
      if !isMultiple(number, of: constraints.multipleOf) {
        let factor = plainNumber(constraints.multipleOf)
        report(.outOfRange, "\(name) is \(shown(value)), expected a multiple of \(factor)")
      }
    }
  }

  private func boundsText(_ constraints: Constraints) -> String {
    let minimum = plainNumber(constraints.minimum)
    let maximum = plainNumber(constraints.maximum)
    let atLeast = constraints.isMinimumExclusive ? "more than \(minimum)" : "at least \(minimum)"
    let atMost = constraints.isMaximumExclusive ? "less than \(maximum)" : "at most \(maximum)"
    if constraints.minimum == -.infinity { return atMost }
    if constraints.maximum == .infinity { return atLeast }
    return "\(atLeast) and \(atMost)"
  }

  private mutating func checkSize(
    _ count: Int, _ minimum: Int, _ maximum: Int, _ one: String, _ many: String
  ) {
    if count >= minimum, count <= maximum { return }
    let limit = count < minimum ? "at least \(minimum)" : "at most \(maximum)"
    report(.wrongSize, "\(name) has \(count) \(count == 1 ? one : many), expected \(limit)")
  }

  private mutating func checkList(_ value: Value, _ constraints: Constraints) {
    checkSize(value.count, constraints.minItems, constraints.maxItems, "item", "items")
    let keys = constraints.listKeys.elements
    let duplicate: (index: Int, earlier: Int)?
    if constraints.listType == .map {
      duplicate = firstDuplicate(value.elements, by: keys)
    } else if constraints.uniqueItems || constraints.listType == .set {
      duplicate = firstDuplicate(value.elements, by: nil)
    } else {
      duplicate = nil
    }
    guard let duplicate else { return }
    let element = value.elements[duplicate.index]
    let what =
      keys.isEmpty
      ? shown(element)
      : keys.map { "\($0.asString ?? ""): \(shown(element.lookup($0)))" }.joined(separator: ", ")
    path.append(.index(duplicate.index))
    report(
      .duplicateItem, "\(name) is the same as element \(duplicate.earlier) (\(what))",
      help: "remove one of the two")
    path.removeLast()
  }

  private mutating func checkAllowed(_ value: Value, _ allowed: Value) {
    if allowed.elements.contains(where: { areEqual($0, value) }) { return }
    let names = allowed.elements.map(shown)
    var expected = names.prefix(12).joined(separator: ", ")
    if names.count > 12 { expected += " or \(names.count - 12) others" }
    if names.count == 2 { expected = "\(names[0]) or \(names[1])" }
    let nearest = value.asString.flatMap { text in
      nearestName(to: text, in: allowed.elements.compactMap(\.asString))
    }
    report(
      .notInEnum,
      "\(name) is \(shown(value)), expected \(names.count > 2 ? "one of " : "")\(expected)",
      help: nearest.map { "did you mean '\($0)'?" })
  }

  private mutating func checkRules(
    _ value: Value, _ rules: Range<Int32>, _ node: Int32, old: Value
  ) {
    for index in rules {
      guard let rule = schema.rules[Int(index)],
        !rule.isTransition || rule.isOldOptional || !old.isAbsent
      else { continue }
      let evaluator = self.evaluator ?? RuleEvaluator()
      self.evaluator = evaluator
      switch evaluator.verdict(of: rule, on: value, old: old, schema, node) {
      case .holds: break
      case .fails(let message):
        let text = message.isEmpty ? "the rule does not hold" : message
        report(.validation, "\(name) is not valid: \(text)", help: "the rule is '\(rule.source)'")
      case .error(let message):
        report(
          .evaluation, "the rule for \(name) cannot be evaluated: \(message)",
          help: "the rule is '\(rule.source)'")
      }
    }
  }

  // MARK: alternatives

  private mutating func checkPatternProperties(
    _ map: Value, _ constraints: Constraints, old: Value
  ) {
    let pairs = constraints.patternProperties
    for start in stride(from: pairs.lowerBound, to: pairs.upperBound, by: 2) {
      let pattern = schema.patterns[Int(schema.alternatives[Int(start)])]
      let child = schema.alternatives[Int(start) + 1]
      for entry in map.entries where entry.key.isKind(.string) && pattern.matches(entry.key) {
        path.append(.key(entry.key))
        check(entry.value, child, old: old.lookup(entry.key))
        path.removeLast()
      }
    }
  }

  private mutating func checkAlternatives(
    _ value: Value, _ constraints: Constraints, old: Value
  ) {
    for index in constraints.allOf { check(value, schema.alternatives[Int(index)], old: old) }
    if !constraints.anyOf.isEmpty {
      let results = constraints.anyOf.map { problems(of: value, schema.alternatives[Int($0)], old) }
      if !results.contains(where: \.isEmpty) { reportNoAlternative(value, results) }
    }
    if !constraints.oneOf.isEmpty {
      let results = constraints.oneOf.map { problems(of: value, schema.alternatives[Int($0)], old) }
      let count = results.filter(\.isEmpty).count
      if count == 0 {
        reportNoAlternative(value, results)
      } else if count > 1 {
        report(.alternatives, "\(name) fits \(count) of the alternatives, expected exactly one")
      }
    }
    if constraints.not >= 0, problems(of: value, constraints.not, old).isEmpty {
      report(.alternatives, "\(name) is \(shown(value)), which is forbidden")
    }
    if constraints.condition >= 0 {
      let holds = problems(of: value, constraints.condition, old).isEmpty
      let consequence = holds ? constraints.then : constraints.otherwise
      if consequence >= 0 { check(value, consequence, old: old) }
    }
  }

  /// The problems under one alternative, which are not reported yet.
  private mutating func problems(
    of value: Value, _ index: Int32, _ old: Value
  ) -> [SchemaProblem] {
    let kept = problems
    problems = []
    check(value, index, old: old)
    let found = problems
    problems = kept
    return found
  }

  /// Reports what the nearest alternative lacks: the one with the fewest problems.
  private mutating func reportNoAlternative(_ value: Value, _ results: [[SchemaProblem]]) {
    guard let best = results.min(by: { $0.count < $1.count }) else { return }
    if results.count == 1 {
      problems += best
      return
    }
    report(
      .alternatives, "\(name) is \(shown(value)), which fits none of \(results.count) alternatives",
      help: best.first.map { "the nearest: \($0.message)" })
  }
}

/// Whether a number is a multiple of another, as they are written in decimals: 0.3 is one of 0.1.
private func isMultiple(_ number: Double, of factor: Double) -> Bool {
  let quotient = number / factor
  let nearest = quotient.rounded()
  return quotient == nearest || (nearest * factor).description == number.description
    || abs(quotient - nearest) <= abs(quotient) * 4 * .ulpOfOne
}
