import Documents

// What differs when the nodes are to count cost.
extension Planner {
  var isCosted: Bool { costs != nil }

  var costs: CostModel? {
    if case .costed(let model) = mode { return model }
    return nil
  }

  /// A literal of a list or map: free in a cluster when all of it is constant.
  func costedLiteral(_ cost: UInt64, _ node: Node, _ parts: [Node]) -> Node {
    guard isCosted else { return fold(node, parts) }
    if costs == .cluster {
      let folded = self.folded(node, parts)
      if folded.constant != nil { return folded }
    }
    return costed(cost, node)
  }

  /// Whether a list holds only literals: a cluster's compiler makes a set of it, which is free.
  func isConstantList(_ id: SyntaxTree.ID) -> Bool {
    tree[id].kind == .list
      && tree.list(of: id).allSatisfy { $0 >= 0 && tree[$0].kind == .literal }
  }

  /// The conversions that a cluster's compiler evaluates when their argument is constant.
  func isConversion(_ name: Value) -> Bool {
    let names: [StaticString] = [
      "bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint",
    ]
    return names.contains { name.isString($0) }
  }

  /// The node, charging a fixed cost when cost is counted.
  func costed(_ cost: UInt64, _ node: Node) -> Node {
    isCosted && cost > 0 ? FixedCostNode(node, cost) : node
  }

  /// Whether cel-go plans an expression as an attribute: selections on one are part of it.
  private func isAttribute(_ id: SyntaxTree.ID) -> Bool {
    switch tree[id].kind {
    case .identifier, .select, .index, .optionalSelect, .optionalIndex: true
    default: false
    }
  }

  /// The cost of selecting from an operand, beside the steps: one unless it is an attribute.
  func operandCost(_ id: SyntaxTree.ID) -> UInt64 { isAttribute(id) ? 0 : 1 }

  func planOptional(_ node: SyntaxTree.Node, _ operand: Node, _ key: Node) -> Node {
    let result = OptionalIndexNode(node, operand, key)
    guard isCosted else { return fold(result, [operand, key]) }
    return costed(operandCost(node.a), OptionalIndexCostNode(result))
  }

  /// A branch of a conditional: cel-go does not charge for the name of one that is an attribute.
  mutating func planBranch(_ id: SyntaxTree.ID) -> Node {
    let node = plan(id)
    guard isCosted, let path = node as? FixedCostNode,
      path.inner is VariablePathNode || path.inner is LocalPathNode
    else { return node }
    return costed(path.cost - 1, path.inner)
  }

  /// A binary operator whose cost depends on its operands.
  mutating func planCosted(
    _ id: SyntaxTree.ID, _ cost: OperationCost, _ make: (Planner, Node, Node) -> Node
  ) -> Node {
    let node = tree[id]
    let first = localCount
    localCount += 2
    let left = CaptureNode(plan(node.a), local: first)
    let right = CaptureNode(plan(node.b), local: first + 1)
    return CallCostNode(
      make(self, left, right), firstLocal: first, count: 2,
      ambiguous.contains(id) && cost != .equality ? .one : cost)
  }

  /// A call that charges by the rule of its function.
  mutating func costedCall(
    _ name: Value, isMember: Bool, _ overloads: [Function], _ operands: [Node],
    _ node: SyntaxTree.Node
  ) -> Node {
    if let lazy = lazyOptional(name, isMember: isMember, operands, node) { return lazy }
    let constants = operands.map(\.constant)
    if costs == .cluster, operands.count == 1, isConversion(name) {
      let known = folded(call(overloads, operands, constants: constants, node), operands)
      if known.constant != nil { return known }
    }
    let first = localCount
    localCount += operands.count
    let captured = operands.enumerated().map {
      CaptureNode($0.element, local: first + $0.offset)
    }
    return CallCostNode(
      call(overloads, captured, constants: constants, node), firstLocal: first,
      count: operands.count, .function, overloads: overloads)
  }

  /// A macro's nodes with the costs of the fold that cel-go expands it to.
  mutating func costedLoop(
    _ node: SyntaxTree.Node, _ range: Node, _ first: Int, _ second: Int, condition: Node?,
    body: Node
  ) -> Node {
    func list(_ condition: Node?, _ body: Node?) -> Node {
      // The empty list of the accumulator is a literal too.
      costed(
        costs == .cluster ? 1 : 11,
        ListLoopNode(
          node, range: range, first: first, second: second, condition: condition, body: body))
    }
    switch node.kind {
    case .all, .all2, .exists, .exists2:
      return QuantifierCostNode(
        node, range: range, first: first, second: second, body: body,
        decisive: node.kind == .exists || node.kind == .exists2)
    case .existsOne, .existsOne2:
      return costed(
        2,
        ExistsOneNode(
          node, range: range, first: first, second: second,
          body: ConditionCostNode(body, whenTrue: 2)))
    case .transform, .transformList:
      return list(condition, FixedCostNode(body, 12))
    case .filter: return list(ConditionCostNode(body, whenTrue: 13), nil)
    case .transformMap, .transformMapEntry:
      return costed(
        costs == .cluster ? 1 : 31,
        MapLoopNode(
          node, range: range, first: first, second: second, condition: condition,
          body: FixedCostNode(body, node.kind == .transformMap ? 3 : 2),
          makesEntries: node.kind == .transformMapEntry))
    case .optionalMap, .optionalFlatMap:
      let isFlat = node.kind == .optionalFlatMap
      let target = localCount
      localCount += 1
      return OptionalMapCostNode(
        OptionalMapNode(
          node, LocalPathNode(node, index: target, steps: PathSteps.none), local: first,
          body: body, isFlat: isFlat),
        target: range, local: target,
        whenPresent: (isFlat ? 2 : 3) + (costs == .cluster ? 0 : 10))
    default:
      let range = CaptureNode(range, local: localCount)
      localCount += 1
      return SortByCostNode(
        SortByNode(node, range: range, first: first, body: body), range: range,
        fixed: costs == .cluster ? 14 : 34)
    }
  }
}
