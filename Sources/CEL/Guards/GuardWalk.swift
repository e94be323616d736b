import Documents

extension GuardAnalysis {
  /// Looks at a node with what is known now, and says what its value is.
  mutating func walk(_ node: Node) -> GuardedValue {
    guard node.id >= 0, let tree = expressions[node.expression]?.tree, mayGoOn() else {
      return .unknown
    }
    depth += 1
    defer { depth -= 1 }
    let syntax = tree[node.id]
    func at(_ id: SyntaxTree.ID) -> Node { Node(expression: node.expression, id: id) }
    switch syntax.kind {
    case .literal: return GuardedValue(constant: syntax.value.asString)
    case .identifier: return value(ofName: syntax.value)
    case .select:
      if let variable = variable(syntax, tree) { return walk(variable: variable) }
      return read(walk(at(syntax.a)), syntax.value, node)
    case .index:
      let operand = walk(at(syntax.a))
      _ = walk(at(syntax.b))
      let key = tree[syntax.b]
      if key.kind == .literal, key.value.isString { return read(operand, key.value, node) }
      return GuardedValue(
        paths: operand.paths.compactMap(\.element) + operand.elements,
        isOptional: operand.isOptional)
    case .optionalSelect, .optionalIndex:
      var operand = walk(at(syntax.a))
      var name = syntax.value
      if syntax.kind == .optionalIndex {
        _ = walk(at(syntax.b))
        guard tree[syntax.b].kind == .literal, tree[syntax.b].value.isString else {
          return GuardedValue(
            paths: operand.paths.compactMap(\.element) + operand.elements, isOptional: true)
        }
        name = tree[syntax.b].value
      }
      operand.isOptional = true
      return read(operand, name, node)
    case .has:
      _ = walk(at(syntax.a))
      return .unknown
    case .call: return call(node, syntax, tree)
    case .list:
      var result = GuardedValue()
      for item in tree.list(of: syntax) {
        let item = walk(at(item < 0 ? ~item : item))
        result.elements += item.paths
      }
      return result
    case .map:
      for item in tree.list(of: syntax) { _ = walk(at(item < 0 ? ~item : item)) }
      return .unknown
    case .message, .bind, .block: return .unknown
    case .conditional: return conditional(node, syntax)
    case .and, .or: return logic(node, syntax, tree)
    case .not, .negate:
      _ = walk(at(syntax.a))
      return .unknown
    case .add: return walk(at(syntax.a)).or(walk(at(syntax.b)))
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .subtract,
      .multiply, .divide, .modulo:
      _ = walk(at(syntax.a))
      _ = walk(at(syntax.b))
      return .unknown
    case .all, .exists, .existsOne, .transform, .filter, .all2, .exists2, .existsOne2,
      .transformList, .transformMap, .transformMapEntry, .sortBy:
      return loop(node, syntax, tree)
    case .optionalMap, .optionalFlatMap:
      let items = Array(tree.list(of: syntax))
      let target = walk(at(items[0]))
      var body = with([(tree[items[1]].value, target.content)]) { analysis in
        analysis.assuming(Set(target.paths.flatMap(\.presence))) { $0.walk(at(items[2])) }
      }
      body.isOptional = true
      return body
    }
  }

  // MARK: names

  private func value(ofName name: Value) -> GuardedValue {
    if let local = locals.last(where: { $0.name.hasSameBytes(as: name) }) { return local.value }
    guard let text = name.asString, let type = roots[text] else { return .unknown }
    return GuardedValue(paths: [GuardedPath(text: text, parents: [], type: type)])
  }

  /// The expression that `variables.x` stands for.
  func variable(_ syntax: SyntaxTree.Node, _ tree: SyntaxTree) -> Int? {
    guard syntax.kind == .select, tree[syntax.a].kind == .identifier,
      tree[syntax.a].value.isString("variables"), let name = syntax.value.asString
    else { return nil }
    return variables[name]
  }

  private mutating func walk(variable: Int) -> GuardedValue {
    let outer = locals
    locals = []
    defer { locals = outer }
    return walk(root(of: variable))
  }

  /// Runs the body with loop variables in scope.
  mutating func with<Result>(
    _ more: [(name: Value, value: GuardedValue)], _ body: (inout GuardAnalysis) -> Result
  ) -> Result {
    let count = locals.count
    locals += more
    defer { locals.removeSubrange(count...) }
    return body(&self)
  }

  /// A field of a value: reported where it may be missing. What is below a missing one is not looked at.
  private mutating func read(_ operand: GuardedValue, _ name: Value, _ node: Node) -> GuardedValue {
    guard let text = name.asString else { return .unknown }
    var result = GuardedValue(isOptional: operand.isOptional)
    for path in operand.paths {
      guard let (field, mayBeMissing, isKey) = path.field(text) else { continue }
      let isGuarded = !mayBeMissing || operand.isOptional || facts.contains(field.text)
      if isGuarded || isQuiet {
        result.paths.append(field)
      } else {
        report(field, name, isKey: isKey, node)
      }
    }
    if result.paths.count == 1 { result.constant = constants[result.paths[0].text] }
    return result
  }

  // MARK: operators

  private mutating func conditional(_ node: Node, _ syntax: SyntaxTree.Node) -> GuardedValue {
    let condition = Node(expression: node.expression, id: syntax.a)
    let first = Node(expression: node.expression, id: syntax.b)
    let second = Node(expression: node.expression, id: syntax.c)
    _ = walk(condition)
    if let known = constant(condition) { return walk(known ? first : second) }
    let ifTrue = assuming(truths(condition, true)) { $0.walk(first) }
    return ifTrue.or(assuming(truths(condition, false)) { $0.walk(second) })
  }

  /// One operand decides whatever the others do, so that each is looked at with what holds when none does.
  private mutating func logic(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree
  ) -> GuardedValue {
    let items = tree.list(of: syntax).map { Node(expression: node.expression, id: $0) }
    let isAnd = syntax.kind == .and
    if items.contains(where: { constant($0) == !isAnd }) { return .unknown }
    let known = items.map { truths($0, isAnd) }
    for (index, item) in items.enumerated() {
      let others = known.indices.filter { $0 != index }.reduce(into: Set<String>()) {
        $0.formUnion(known[$1])
      }
      _ = assuming(others) { $0.walk(item) }
    }
    return .unknown
  }

  private mutating func call(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree
  ) -> GuardedValue {
    let name = syntax.value.asString ?? ""
    let target =
      syntax.a < 0 ? nil : walk(Node(expression: node.expression, id: syntax.a))
    let items = Array(tree.list(of: syntax))
    let arguments = items.map { walk(Node(expression: node.expression, id: $0)) }
    guard let target else { return name == "dyn" ? arguments.first ?? .unknown : .unknown }
    switch name {
    case "orValue":
      guard let other = arguments.first else { return .unknown }
      let fallback = tree[items[0]]
      let isEmpty =
        fallback.kind == .literal
        || fallback.listCount == 0 && [.list, .map].contains(fallback.kind)
      if isEmpty { return target.content }
      return other.paths.isEmpty && other.elements.isEmpty ? .unknown : target.content.or(other)
    case "or": return arguments.first.map(target.or) ?? target
    case "value": return target.content
    case "of", "ofNonZeroValue":
      var value = arguments.first ?? .unknown
      value.isOptional = true
      return value
    case "slice", "distinct", "reverse", "sort": return target
    default: return .unknown
    }
  }

  // MARK: loops

  /// The loop variables of a macro with what they stand for.
  func variables(
    _ syntax: SyntaxTree.Node, _ range: GuardedValue, _ tree: SyntaxTree
  ) -> [(name: Value, value: GuardedValue)] {
    let items = Array(tree.list(of: syntax))
    let element = GuardedValue(paths: range.paths.compactMap(\.element) + range.elements)
    switch syntax.kind {
    case .all2, .exists2, .existsOne2, .transformList, .transformMap, .transformMapEntry:
      return [(tree[items[1]].value, .unknown), (tree[items[2]].value, element)]
    default:
      // Of a map it is the key.
      let isMap = range.paths.contains(where: \.isMap)
      return [(tree[items[1]].value, isMap ? .unknown : element)]
    }
  }

  private mutating func loop(
    _ node: Node, _ syntax: SyntaxTree.Node, _ tree: SyntaxTree
  ) -> GuardedValue {
    let items = Array(tree.list(of: syntax))
    let range = walk(Node(expression: node.expression, id: items[0])).content
    let variables = variables(syntax, range, tree)
    let bodies = items.dropFirst(1 + variables.count).map {
      Node(expression: node.expression, id: $0)
    }
    return with(variables) { analysis in
      // Nothing is looped over where the list or map is missing.
      analysis.assuming(range.elementFacts.union(range.paths.flatMap(\.presence))) { analysis in
        var more: Set<String> = []
        var result = GuardedValue.unknown
        for (index, body) in bodies.enumerated() {
          result = analysis.assuming(more) { $0.walk(body) }
          if index < bodies.count - 1 { more.formUnion(analysis.truths(body, true)) }
        }
        switch syntax.kind {
        case .filter:
          var filtered = range
          if let body = bodies.first {
            filtered.elementFacts.formUnion(analysis.truths(body, true))
          }
          return filtered
        case .sortBy: return range
        case .transform, .transformList: return GuardedValue(elements: result.paths)
        default: return .unknown
        }
      }
    }
  }
}
