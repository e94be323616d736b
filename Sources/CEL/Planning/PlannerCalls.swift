import Diagnostics
import Documents

// Calls and macros.
extension Planner {
  mutating func planCall(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> Node {
    let target = resolver.target(node)
    return planFunction(
      target.name, isMember: target.isMember, target.arguments, node)
  }

  private mutating func planFunction(
    _ name: Value, isMember: Bool, _ arguments: [SyntaxTree.ID], _ node: SyntaxTree.Node
  ) -> Node {
    let overloads = environment.functions.overloads(
      name, isMember: isMember, count: arguments.count)
    let operands = arguments.map { plan($0) }
    guard !overloads.isEmpty else {
      return unknownFunction(name, isMember: isMember, operands.count, node)
    }
    if isCosted {
      return costedCall(name, isMember: isMember, overloads, operands, node)
    }
    if let lazy = lazyOptional(name, isMember: isMember, operands, node) { return lazy }
    if mode == .plain, name.isString("size"), let loop = operands.first as? ListLoopNode,
      loop.body == nil
    {
      return CountNode(node, loop)
    }
    return fold(
      call(overloads, operands, constants: operands.map(\.constant), node), operands)
  }

  /// `a.or(b)`, `a.orValue(b)`: `b` is evaluated only when `a` is none.
  func lazyOptional(
    _ name: Value, isMember: Bool, _ operands: [Node], _ node: SyntaxTree.Node
  ) -> Node? {
    guard isMember, operands.count == 2, name.isString("or") || name.isString("orValue") else {
      return nil
    }
    return fold(
      OptionalOrNode(node, operands[0], operands[1], givesValue: name.isString("orValue")),
      operands)
  }

  /// A call of the overloads; `constants` are the arguments that are known now.
  func call(
    _ overloads: [Function], _ operands: [Node], constants: [Value?], _ node: SyntaxTree.Node
  ) -> Node {
    let first = overloads[0]
    var body = first.body
    var prepared: Function.Body?
    if let prepare = first.prepare, constants.contains(where: { $0 != nil }) {
      prepared = prepare(constants)
      if let prepared { body = prepared }
    }
    switch (body, operands.count) {
    case (.one(let body), 1): return UnaryCallNode(node, overloads, body, operands[0])
    case (.two(let body), 2):
      return BinaryCallNode(node, overloads, body, operands[0], operands[1])
    default: return CallNode(node, overloads, operands, prepared: prepared)
    }
  }

  private mutating func unknownFunction(
    _ name: Value, isMember: Bool, _ count: Int, _ node: SyntaxTree.Node
  ) -> Node {
    let text = name.asString ?? ""
    if environment.functions.has(name, isMember: isMember) {
      return fail(
        .noSuchOverload, node, .absent,
        "found no matching overload for '\(text)' with \(isMember ? count - 1 : count) arguments",
        help: nil)
    }
    var help: String?
    if isChecked {
      if environment.functions.has(name, isMember: !isMember) {
        help = isMember ? "it is a function: \(text)(…)" : "it is a method: value.\(text)(…)"
      } else {
        let known = environment.functions.names(isMember: isMember)
        help = nearestName(to: text, in: known).map { "did you mean '\($0)'?" }
      }
    }
    return fail(
      .noSuchFunction, node, name,
      "undeclared reference to '\(text)' (in container '\(environment.container)')", help: help)
  }

  // MARK: macros

  /// Plans a body with one more variable in scope.
  private mutating func withLocals(
    _ names: [Value], _ body: (inout Planner, _ first: Int) -> Node
  ) -> Node {
    let first = localCount
    let outer = locals.count
    for name in names {
      locals.append(Local(name: name, index: localCount, initial: nil))
      localCount += 1
    }
    defer { locals.removeSubrange(outer...) }
    return body(&self, first)
  }

  mutating func planMacro(_ node: SyntaxTree.Node) -> Node {
    let items = Array(tree.list(of: node))
    switch node.kind {
    case .bind: return planBind(node, items)
    case .block: return planBlock(node, items)
    case .all, .exists, .existsOne, .transform, .filter, .optionalMap, .optionalFlatMap, .sortBy:
      let range = plan(items[0])
      return withLocals([tree[items[1]].value]) { planner, first in
        planner.loop(node, range, first, -1, items.dropFirst(2).map { planner.plan($0) }, items)
      }
    default:
      let range = plan(items[0])
      return withLocals([tree[items[1]].value, tree[items[2]].value]) { planner, first in
        planner.loop(
          node, range, first, first + 1, items.dropFirst(3).map { planner.plan($0) }, items)
      }
    }
  }

  private mutating func loop(
    _ node: SyntaxTree.Node, _ range: Node, _ first: Int, _ second: Int, _ bodies: [Node],
    _ items: [SyntaxTree.ID]
  ) -> Node {
    guard let body = bodies.last else { return FailureNode(node, .noSuchOverload, .absent) }
    let condition = bodies.count > 1 ? bodies[0] : nil
    if mode == .traced {
      return tracedLoop(node, range, first, second, condition: condition, body: body)
    }
    if isCosted {
      return costedLoop(node, range, first, second, condition: condition, body: body)
    }
    switch node.kind {
    case .all, .all2:
      return QuantifierNode(
        node, range: range, first: first, second: second, body: body, decisive: false)
    case .exists, .exists2:
      return QuantifierNode(
        node, range: range, first: first, second: second, body: body, decisive: true)
    case .existsOne, .existsOne2:
      return ExistsOneNode(node, range: range, first: first, second: second, body: body)
    case .transform, .transformList:
      return ListLoopNode(
        node, range: range, first: first, second: second, condition: condition, body: body)
    case .filter:
      return ListLoopNode(
        node, range: range, first: first, second: second, condition: body, body: nil)
    case .transformMap, .transformMapEntry:
      return MapLoopNode(
        node, range: range, first: first, second: second, condition: condition, body: body,
        makesEntries: node.kind == .transformMapEntry)
    case .optionalMap, .optionalFlatMap:
      return OptionalMapNode(
        node, range, local: first, body: body, isFlat: node.kind == .optionalFlatMap)
    default: return SortByNode(node, range: range, first: first, body: body)
    }
  }

  private mutating func planBind(_ node: SyntaxTree.Node, _ items: [SyntaxTree.ID]) -> Node {
    let initial = plan(items[1])
    let index = localCount
    localCount += 1
    locals.append(Local(name: tree[items[0]].value, index: index, initial: initial))
    defer { locals.removeLast() }
    return costed(
      costs == .cluster ? 0 : 10, BindNode(node, index: index, body: plan(items[2])))
  }

  /// `cel.block`: each value is a variable `@indexN` for those after it.
  private mutating func planBlock(_ node: SyntaxTree.Node, _ items: [SyntaxTree.ID]) -> Node {
    let outer = locals.count
    let first = localCount
    localCount += items.count - 1
    defer { locals.removeSubrange(outer...) }
    var values: [Node] = []
    for (offset, item) in items.dropLast().enumerated() {
      values.append(plan(item))
      locals.append(
        Local(name: arena.string("@index\(offset)"), index: first + offset, initial: nil))
    }
    return BlockNode(node, values, firstLocal: first, body: plan(items[items.count - 1]))
  }
}
