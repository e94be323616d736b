import Documents
import Regexes

// Literals of lists and maps, macros, and what Kubernetes checks beside types.
extension Checker {
  /// The common type of the elements of a literal: `dyn` when there is none.
  private mutating func joined(_ previous: CELType?, _ next: CELType) -> CELType {
    guard let previous else { return next }
    if substitution.fit(previous, into: next) { return substitution.mostGeneral(previous, next) }
    return .dyn
  }

  mutating func checkList(_ node: SyntaxTree.Node) -> CELType {
    var element: CELType?
    for item in tree.list(of: node) {
      var type = check(item < 0 ? ~item : item)
      if item < 0 { type = content(of: type, ~item) }
      element = joined(element, type)
    }
    return .list(element ?? substitution.fresh())
  }

  mutating func checkMap(_ node: SyntaxTree.Node) -> CELType {
    var key: CELType?
    var value: CELType?
    let items = Array(tree.list(of: node))
    for index in stride(from: 0, to: items.count, by: 2) {
      let keyID = items[index] < 0 ? ~items[index] : items[index]
      key = joined(key, check(keyID))
      var type = check(items[index + 1])
      if items[index] < 0 { type = content(of: type, items[index + 1]) }
      value = joined(value, type)
    }
    return .map(key ?? substitution.fresh(), value ?? substitution.fresh())
  }

  /// The type inside an optional element or value.
  private mutating func content(of type: CELType, _ id: SyntaxTree.ID) -> CELType {
    switch substitution.shallow(type) {
    case .optional(let content): return content
    case .dyn, .error: return .dyn
    default:
      return report(id, "expected type 'optional_type' but found '\(text(type))'")
    }
  }

  // MARK: macros

  private mutating func scoped(_ names: [(SyntaxTree.ID, CELType)], _ body: SyntaxTree.ID...) {
    let outer = locals.count
    for (id, type) in names {
      locals.append(Local(name: tree[id].value, type: type))
      types[Int(id)] = type
    }
    for id in body { check(id) }
    locals.removeSubrange(outer...)
  }

  /// What a macro's variables are: of one variable, elements or keys; of two, also index or value.
  private mutating func variables(
    _ range: CELType, _ id: SyntaxTree.ID
  ) -> (one: CELType, first: CELType, second: CELType) {
    switch substitution.shallow(range) {
    case .list(let element): return (element, .int, element)
    case .map(let key, let value): return (key, key, value)
    case .object: return (.string, .string, .dyn)
    case .parameter:
      _ = substitution.fit(.dyn, into: range)
      return (.dyn, .dyn, .dyn)
    case .dyn, .error: return (.dyn, .dyn, .dyn)
    default:
      _ = report(
        id,
        "expression of type '\(text(range))' cannot be range of a comprehension (must be list, map, or dynamic)"
      )
      return (.error, .error, .error)
    }
  }

  mutating func checkMacro(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> CELType {
    let items = Array(tree.list(of: node))
    switch node.kind {
    case .bind:
      let value = check(items[1])
      scoped([(items[0], value)], items[2])
      return types[Int(items[2])]
    case .block: return checkBlock(items)
    case .optionalMap, .optionalFlatMap: return checkOptionalMap(node, items)
    default: break
    }
    let range = check(items[0])
    let (one, first, second) = variables(range, items[0])
    let isTwo: Bool
    switch node.kind {
    case .all2, .exists2, .existsOne2, .transformList, .transformMap, .transformMapEntry:
      isTwo = true
    default: isTwo = false
    }
    let outer = locals.count
    if isTwo {
      locals.append(Local(name: tree[items[1]].value, type: first))
      locals.append(Local(name: tree[items[2]].value, type: second))
    } else {
      locals.append(Local(name: tree[items[1]].value, type: one))
    }
    defer { locals.removeSubrange(outer...) }
    let bodies = items.dropFirst(isTwo ? 3 : 2)
    return macroType(node, range: range, one: one, first: first, Array(bodies), id)
  }

  private mutating func macroType(
    _ node: SyntaxTree.Node, range: CELType, one: CELType, first: CELType,
    _ bodies: [SyntaxTree.ID], _ id: SyntaxTree.ID
  ) -> CELType {
    switch node.kind {
    case .all, .exists, .existsOne, .all2, .exists2, .existsOne2:
      expectBool(bodies[0])
      return .bool
    case .filter:
      expectBool(bodies[0])
      return .list(one)
    case .sortBy:
      check(bodies[0])
      return .list(one)
    default:
      if bodies.count > 1 { expectBool(bodies[0]) }
      let body = check(bodies[bodies.count - 1])
      switch node.kind {
      case .transformMap: return .map(first, body)
      case .transformMapEntry: return body
      default: return .list(body)
      }
    }
  }

  private mutating func checkBlock(_ items: [SyntaxTree.ID]) -> CELType {
    let outer = locals.count
    for (offset, item) in items.dropLast().enumerated() {
      let type = check(item)
      locals.append(Local(name: resolver.arena.string("@index\(offset)"), type: type))
    }
    defer { locals.removeSubrange(outer...) }
    return check(items[items.count - 1])
  }

  private mutating func checkOptionalMap(
    _ node: SyntaxTree.Node, _ items: [SyntaxTree.ID]
  ) -> CELType {
    let target = check(items[0])
    let content = content(of: target, items[0])
    scoped([(items[1], content)], items[2])
    let body = types[Int(items[2])]
    return node.kind == .optionalMap ? .optional(body) : body
  }

  // MARK: literals

  /// Kubernetes' validators: literals of one type, and times and patterns that can be read.
  mutating func validateLiterals() {
    let exempt = formatted
    for id in tree.nodes.indices {
      let node = tree.nodes[id]
      if node.kind == .list || node.kind == .map, exempt.contains(SyntaxTree.ID(id)) { continue }
      switch node.kind {
      case .list: validateList(node)
      case .map: validateMap(node)
      case .call where node.a < 0 && node.listCount == 1: validateTime(node)
      case .call where node.a >= 0 && node.value.isString("matches") && node.listCount == 1:
        validatePattern(tree.item(0, of: node))
      default: break
      }
    }
    issues.sort { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// The nodes below a call of `format`, whose list may mix types.
  private var formatted: Set<SyntaxTree.ID> {
    var result: Set<SyntaxTree.ID> = []
    var pending = tree.nodes.indices.map(SyntaxTree.ID.init).filter {
      tree[$0].kind == .call && tree[$0].value.isString("format")
    }
    while let id = pending.popLast() {
      let node = tree[id]
      let below =
        [node.a, node.b, node.c].filter { $0 >= 0 } + tree.list(of: node).map { $0 < 0 ? ~$0 : $0 }
      for child in below where result.insert(child).inserted { pending.append(child) }
    }
    return result
  }

  private func finalType(_ id: SyntaxTree.ID, isOptional: Bool) -> CELType {
    let type = substitution.resolved(types[Int(id)], isFinal: true)
    if isOptional, case .optional(let content) = type { return content }
    return type
  }

  private mutating func mismatch(_ id: SyntaxTree.ID, _ expected: CELType, _ found: CELType) {
    _ = report(id, "expected type '\(text(expected))' but found '\(text(found))'")
  }

  private mutating func validateList(_ node: SyntaxTree.Node) {
    var expected: CELType?
    for item in tree.list(of: node) {
      let id = item < 0 ? ~item : item
      let type = finalType(id, isOptional: item < 0)
      if let expected, !expected.isEquivalent(to: type) {
        mismatch(id, expected, type)
        return
      }
      expected = expected ?? type
    }
  }

  private mutating func validateMap(_ node: SyntaxTree.Node) {
    var expected: (key: CELType, value: CELType)?
    let items = Array(tree.list(of: node))
    for index in stride(from: 0, to: items.count, by: 2) {
      let key = items[index] < 0 ? ~items[index] : items[index]
      let keyType = finalType(key, isOptional: false)
      let valueType = finalType(items[index + 1], isOptional: items[index] < 0)
      guard let known = expected else {
        expected = (keyType, valueType)
        continue
      }
      if !known.key.isEquivalent(to: keyType) { mismatch(key, known.key, keyType) }
      if !known.value.isEquivalent(to: valueType) {
        mismatch(items[index + 1], known.value, valueType)
      }
    }
  }

  private mutating func validatePattern(_ id: SyntaxTree.ID) {
    let argument = tree[id]
    guard argument.kind == .literal, argument.value.isString,
      case .failure(let error) = Patterns.compile(argument.value)
    else { return }
    _ = report(id, "invalid matches argument", help: error.message)
  }

  private mutating func validateTime(_ node: SyntaxTree.Node) {
    let id = tree.item(0, of: node)
    let argument = tree[id]
    guard argument.kind == .literal else { return }
    if node.value.isString("duration"), argument.value.isString,
      TimeText.duration(argument.value.utf8) == nil
    {
      _ = report(
        id, "invalid duration argument", help: "a duration is written '1h30m', '10s', '500ms'")
    }
    guard node.value.isString("timestamp") else { return }
    let isGood =
      argument.value.isString
      ? TimeText.instant(argument.value.utf8) != nil
      : argument.value.asInt.map(Calendar.isRepresentable) ?? true
    if !isGood {
      _ = report(
        id, "invalid timestamp argument", help: "a timestamp is written '2024-05-06T07:08:09Z'")
    }
  }
}

extension CELType {
  /// Whether two types of a literal are the same but for what is unknown.
  fileprivate func isEquivalent(to other: CELType) -> Bool {
    switch (self, other) {
    case (.list(let element), .list(let otherElement)): element.isEquivalent(to: otherElement)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      key.isEquivalent(to: otherKey) && value.isEquivalent(to: otherValue)
    case (.optional(let content), .optional(let otherContent)):
      content.isEquivalent(to: otherContent)
    case (.error, _), (_, .error): true
    default: self == other
    }
  }
}
