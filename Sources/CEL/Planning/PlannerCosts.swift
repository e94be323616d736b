import Documents

// What differs when the nodes are to count cost.
extension Planner {
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
    _ node: SyntaxTree.Node, _ cost: OperationCost, _ make: (Planner, Node, Node) -> Node
  ) -> Node {
    let first = localCount
    localCount += 2
    let left = CaptureNode(plan(node.a), local: first)
    let right = CaptureNode(plan(node.b), local: first + 1)
    return CallCostNode(make(self, left, right), firstLocal: first, count: 2, cost)
  }

  /// The arguments of a call, kept for the cost of it.
  mutating func captured(_ arguments: [Node]) -> [Node] {
    let first = localCount
    localCount += arguments.count
    return arguments.enumerated().map { CaptureNode($0.element, local: first + $0.offset) }
  }

  /// A macro's nodes with the costs of the fold that cel-go expands it to.
  func costedLoop(
    _ node: SyntaxTree.Node, _ range: Node, _ first: Int, _ second: Int, condition: Node?,
    body: Node
  ) -> Node {
    func list(_ condition: Node?, _ body: Node?) -> Node {
      costed(
        11,
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
        31,
        MapLoopNode(
          node, range: range, first: first, second: second, condition: condition,
          body: FixedCostNode(body, node.kind == .transformMap ? 3 : 2),
          makesEntries: node.kind == .transformMapEntry))
    case .optionalMap, .optionalFlatMap:
      let isFlat = node.kind == .optionalFlatMap
      return OptionalMapCostNode(
        OptionalMapNode(node, range, local: first, body: body, isFlat: isFlat), local: first,
        isFlat: isFlat)
    default:
      return costed(
        25, SortByNode(node, range: range, first: first, body: FixedCostNode(body, 12)))
    }
  }
}
