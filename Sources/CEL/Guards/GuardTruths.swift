import Documents

extension GuardAnalysis {
  /// The fields that are surely there when an expression is true, or when it is false.
  mutating func truths(_ node: Node, _ isTrue: Bool) -> Set<String> {
    guard node.id >= 0, let tree = expressions[node.expression]?.tree, mayGoOn() else { return [] }
    depth += 1
    defer { depth -= 1 }
    let syntax = tree[node.id]
    func at(_ id: SyntaxTree.ID) -> Node { Node(expression: node.expression, id: id) }
    switch syntax.kind {
    case .has:
      guard isTrue, let name = syntax.value.asString else { return [] }
      return presence(of: value(at(syntax.a)).paths.compactMap { $0.field(name)?.path })
    case .and, .or:
      let items = tree.list(of: syntax).map { truths(at($0), isTrue) }
      if (syntax.kind == .and) == isTrue { return items.reduce(into: []) { $0.formUnion($1) } }
      return items.dropFirst().reduce(items.first ?? []) { $0.intersection($1) }
    case .not: return truths(at(syntax.a), !isTrue)
    case .conditional: return truthsOfConditional(node, syntax, tree, isTrue)
    case .select:
      guard let variable = variable(syntax, tree) else { return [] }
      let outer = locals
      locals = []
      defer { locals = outer }
      return truths(root(of: variable), isTrue)
    case .contains:
      guard isTrue else { return [] }
      let range = value(at(syntax.b))
      let key = tree[syntax.a]
      guard key.kind == .literal, let name = key.value.asString else {
        return presence(of: optionalOperand(at(syntax.b)))
      }
      return presence(
        of: range.paths.compactMap { $0.isMap ? $0.field(name)?.path : nil }
          + optionalOperand(at(syntax.b)))
    case .call: return truthsOfCall(node, syntax, tree, isTrue)
    case .equal, .notEqual, .greater, .greaterEqual, .less, .lessEqual:
      return truthsOfComparison(node, syntax, tree, isTrue)
    case .all, .all2: return isTrue ? truthsOfElements(node, syntax, tree, true) : []
    case .exists, .exists2:
      if !isTrue { return truthsOfElements(node, syntax, tree, false) }
      return presence(of: optionalOperand(at(tree.item(0, of: syntax))))
    default: return []
    }
  }

  /// What a node stands for, without a word about what may be missing.
  private mutating func value(_ node: Node) -> GuardedValue {
    let before = isQuiet
    isQuiet = true
    defer { isQuiet = before }
    return walk(node)
  }

  private func presence(of paths: [GuardedPath]) -> Set<String> { Set(paths.flatMap(\.presence)) }

  private mutating func truthsOfConditional(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree, _ isTrue: Bool
  ) -> Set<String> {
    let condition = Node(expression: node.expression, id: syntax.a)
    var ways: [Set<String>] = []
    for (id, holds) in [(syntax.b, true), (syntax.c, false)] {
      let branch = Node(expression: node.expression, id: id)
      // A branch that gives the other answer is not the way that was taken.
      if constant(branch) == !isTrue || constant(condition) == !holds { continue }
      ways.append(truths(condition, holds).union(truths(branch, isTrue)))
    }
    return ways.dropFirst().reduce(ways.first ?? []) { $0.intersection($1) }
  }

  private mutating func truthsOfCall(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree, _ isTrue: Bool
  ) -> Set<String> {
    guard syntax.a >= 0 else { return [] }
    let target = Node(expression: node.expression, id: syntax.a)
    switch syntax.value.asString {
    case "hasValue": return isTrue ? presence(of: value(target).paths) : []
    case "orValue":
      let fallback = tree[tree.item(0, of: syntax)]
      guard fallback.kind == .literal, fallback.value.isKind(.bool),
        fallback.value.isTrue != isTrue
      else { return [] }
      return presence(of: value(target).paths)
    default: return []
    }
  }

  /// The places of `x` in `x.orValue(…)`: there whenever the result differs from the fallback.
  private mutating func optionalOperand(_ node: Node) -> [GuardedPath] {
    guard let tree = expressions[node.expression]?.tree else { return [] }
    let syntax = tree[node.id]
    if let variable = variable(syntax, tree) { return optionalOperand(root(of: variable)) }
    guard syntax.kind == .call, syntax.a >= 0, syntax.value.isString("orValue") else { return [] }
    return value(Node(expression: node.expression, id: syntax.a)).paths
  }

  /// `x.orValue(a) == b` and `size(x.orValue([])) > 0`: the other answer than for the fallback means that `x` is there.
  private mutating func truthsOfComparison(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree, _ isTrue: Bool
  ) -> Set<String> {
    let isEquality = syntax.kind == .equal || syntax.kind == .notEqual
    for (own, other) in [(syntax.a, syntax.b), (syntax.b, syntax.a)] {
      if isEquality, (syntax.kind == .equal) == isTrue,
        let measured = operandOfOtherType(own, than: other, tree)
      {
        return presence(
          of: optionalOperand(Node(expression: node.expression, id: measured)))
      }
      guard tree[other].kind == .literal else { continue }
      let literal = tree[other].value
      if let measured = sizeOperand(own, tree) {
        guard let limit = literal.asInt,
          let ofNothing = holds(syntax.kind, 0, limit, isSwapped: own == syntax.b)
        else { return [] }
        return ofNothing == isTrue
          ? [] : presence(of: optionalOperand(Node(expression: node.expression, id: measured)))
      }
      let call = tree[own]
      guard isEquality, call.kind == .call, call.a >= 0, call.value.isString("orValue") else {
        continue
      }
      let fallback = tree[tree.item(0, of: call)]
      guard fallback.kind == .literal else { return [] }
      let isSame = fallback.value.isIdentical(to: literal)
      let answer = (syntax.kind == .equal) == isSame
      return answer == isTrue
        ? [] : presence(of: value(Node(expression: node.expression, id: call.a)).paths)
    }
    return []
  }

  /// `x.orValue("")` in `type(x.orValue("")) == int`: of that type the fallback is not.
  private func operandOfOtherType(
    _ id: SyntaxTree.ID, than name: SyntaxTree.ID, _ tree: SyntaxTree
  ) -> SyntaxTree.ID? {
    let syntax = tree[id]
    guard tree[name].kind == .identifier, let typeName = tree[name].value.asString,
      syntax.kind == .call, syntax.a < 0, syntax.value.isString("type"), syntax.listCount == 1
    else { return nil }
    let operand = tree.item(0, of: syntax)
    let call = tree[operand]
    guard call.kind == .call, call.value.isString("orValue"), call.listCount == 1 else {
      return nil
    }
    let fallback = tree[tree.item(0, of: call)]
    let own: String? =
      switch (fallback.kind, fallback.value.kind) {
      case (.literal, .string): "string"
      case (.literal, .int): "int"
      case (.literal, .bool): "bool"
      case (.list, _): "list"
      case (.map, _): "map"
      default: nil
      }
    return own == nil || own == typeName ? nil : operand
  }

  /// The operand of `size(x)` or `x.size()`.
  private func sizeOperand(_ id: SyntaxTree.ID, _ tree: SyntaxTree) -> SyntaxTree.ID? {
    let syntax = tree[id]
    guard syntax.kind == .call, syntax.value.isString("size") else { return nil }
    if syntax.a >= 0 { return syntax.a }
    return syntax.listCount == 1 ? tree.item(0, of: syntax) : nil
  }

  private func holds(
    _ kind: SyntaxTree.Kind, _ size: Int64, _ limit: Int64, isSwapped: Bool
  ) -> Bool? {
    let (left, right) = isSwapped ? (limit, size) : (size, limit)
    return switch kind {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessEqual: left <= right
    case .greater: left > right
    case .greaterEqual: left >= right
    default: nil
    }
  }

  /// What is there of every element when all of them pass, or none does.
  private mutating func truthsOfElements(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree, _ isTrue: Bool
  ) -> Set<String> {
    let items = Array(tree.list(of: syntax))
    guard let body = items.last else { return [] }
    let range = value(Node(expression: node.expression, id: items[0])).content
    return with(variables(syntax, range, tree)) {
      $0.truths(Node(expression: node.expression, id: body), isTrue)
    }
  }

  // MARK: constants

  /// What an expression is in all objects; nil when that depends on the object.
  mutating func constant(_ node: Node) -> Bool? {
    guard node.id >= 0, let tree = expressions[node.expression]?.tree, mayGoOn() else { return nil }
    depth += 1
    defer { depth -= 1 }
    let syntax = tree[node.id]
    func at(_ id: SyntaxTree.ID) -> Node { Node(expression: node.expression, id: id) }
    switch syntax.kind {
    case .literal: return syntax.value.isKind(.bool) ? syntax.value.isTrue : nil
    case .not: return constant(at(syntax.a)).map { !$0 }
    case .and, .or:
      let items = tree.list(of: syntax).map { constant(at($0)) }
      let decisive = syntax.kind == .or
      if items.contains(decisive) { return decisive }
      return items.contains(nil) ? nil : !decisive
    case .select:
      guard let variable = variable(syntax, tree) else { return nil }
      let outer = locals
      locals = []
      defer { locals = outer }
      return constant(root(of: variable))
    case .equal, .notEqual:
      guard let left = value(at(syntax.a)).constant, let right = value(at(syntax.b)).constant
      else { return nil }
      return (left == right) == (syntax.kind == .equal)
    case .contains:
      guard let word = value(at(syntax.a)).constant, tree[syntax.b].kind == .list else {
        return nil
      }
      let words = tree.list(of: syntax.b).map { $0 < 0 ? nil : value(at($0)).constant }
      return words.contains(word) ? true : words.contains(nil) ? nil : false
    case .exists, .all:
      let items = Array(tree.list(of: syntax))
      guard tree[items[0]].kind == .list else { return nil }
      let answers = tree.list(of: items[0]).map { item -> Bool? in
        guard item >= 0, let word = value(at(item)).constant else { return nil }
        return with([(tree[items[1]].value, GuardedValue(constant: word))]) {
          $0.constant(at(items[2]))
        }
      }
      let decisive = syntax.kind == .exists
      if answers.contains(decisive) { return decisive }
      return answers.contains(nil) ? nil : !decisive
    default: return nil
    }
  }
}
