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
    guard isCosted, cost > 0 else { return node }
    if let fixed = node as? FixedCostNode { return FixedCostNode(fixed.inner, fixed.cost + cost) }
    return FixedCostNode(node, cost)
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

  /// Takes the fixed cost off a node that is always evaluated: whoever evaluates it charges that.
  func takeFixedCost(of node: inout Node) -> UInt64 {
    guard let fixed = node as? FixedCostNode else { return 0 }
    node = fixed.inner
    return fixed.cost
  }

  /// The value and cost of an operation on constants; nil when its operands are not, or it fails.
  private func knownCost(
    of node: Node, _ operands: [Node], _ cost: OperationCost, _ overloads: [Function] = []
  ) -> Node? {
    let arguments = operands.compactMap(\.constant)
    guard arguments.count == operands.count else { return nil }
    let value = folder.value(of: node)
    if value.isError { return nil }
    let units = arguments.withUnsafeBufferPointer { cost.units($0, value, overloads) }
    // Even if it is free: in a literal, the operation is no constant to a cluster's compiler.
    return FixedCostNode(ConstantNode(replacing: node, value), units)
  }

  /// A binary operator whose cost may depend on its operands.
  mutating func planCosted(
    _ id: SyntaxTree.ID, _ cost: OperationCost, _ make: (Planner, Node, Node) -> Node
  ) -> Node {
    let node = tree[id]
    var left = plan(node.a)
    var right = plan(node.b)
    // The right operand is not reached when the left one fails.
    let fixed =
      takeFixedCost(of: &left) + (left.constant == nil ? 0 : takeFixedCost(of: &right))
    let cost = ambiguous.contains(id) && cost != .equality ? .one : cost
    let plain = make(self, left, right)
    if let known = knownCost(of: plain, [left, right], cost) { return costed(fixed, known) }
    if cost == .one { return costed(fixed + 1, plain) }
    if cost == .equality, let plain = plain as? EqualConstantNode {
      return costed(fixed, EqualConstantCostNode(plain))
    }
    let local = localCount
    localCount += 2
    return costed(
      fixed,
      CallCostNode(
        make(self, CaptureNode(left, local: local), CaptureNode(right, local: local + 1)),
        firstLocal: local, count: 2, cost))
  }

  /// A call that charges by the rule of its function.
  mutating func costedCall(
    _ name: Value, isMember: Bool, _ overloads: [Function], _ operands: [Node],
    _ node: SyntaxTree.Node
  ) -> Node {
    if let lazy = lazyOptional(name, isMember: isMember, operands, node) { return lazy }
    var constants = operands.map(\.constant)
    if costs == .cluster, operands.count == 1, isConversion(name) {
      let known = folded(call(overloads, operands, constants: constants, node), operands)
      if known.constant != nil { return known }
    }
    var operands = operands
    var fixed: UInt64 = 0
    for index in operands.indices {
      fixed += takeFixedCost(of: &operands[index])
      // Those after it are not reached when it fails.
      if operands[index].constant == nil { break }
    }
    constants = operands.map(\.constant)
    let plain = call(overloads, operands, constants: constants, node)
    if let known = knownCost(of: plain, operands, .function, overloads) {
      return costed(fixed, known)
    }
    if let plain = plain as? UnaryCallNode { return costed(fixed, UnaryCallCostNode(plain)) }
    if let plain = plain as? BinaryCallNode { return costed(fixed, BinaryCallCostNode(plain)) }
    let first = localCount
    localCount += operands.count
    let captured = operands.enumerated().map {
      CaptureNode($0.element, local: first + $0.offset)
    }
    return costed(
      fixed,
      CallCostNode(
        call(overloads, captured, constants: constants, node), firstLocal: first,
        count: operands.count, .function, overloads: overloads))
  }

  /// A macro's nodes with the costs of the fold that cel-go expands it to.
  mutating func costedLoop(
    _ node: SyntaxTree.Node, _ range: Node, _ first: Int, _ second: Int, condition: Node?,
    body: Node
  ) -> Node {
    var (range, body) = (range, body)
    func list(_ condition: Node?, _ body: Node?) -> Node {
      // The empty list of the accumulator is a literal too.
      costed(
        fixed + (costs == .cluster ? 1 : 11),
        ListLoopNode(
          node, range: range, first: first, second: second, condition: condition, body: body))
    }
    let isOptional = node.kind == .optionalMap || node.kind == .optionalFlatMap
    // An optional's target is charged for twice, all of it.
    let fixed = isOptional ? 0 : takeFixedCost(of: &range)
    switch node.kind {
    case .all, .all2, .exists, .exists2:
      let each = takeFixedCost(of: &body)
      return costed(
        fixed,
        QuantifierCostNode(
          node, range: range, first: first, second: second, body: body, each: each,
          decisive: node.kind == .exists || node.kind == .exists2))
    case .existsOne, .existsOne2:
      let each = takeFixedCost(of: &body)
      return costed(
        fixed + 2,
        ExistsOneNode(
          node, range: range, first: first, second: second,
          body: ConditionCostNode(body, each: each, whenTrue: 2)))
    case .transform, .transformList:
      return list(condition, costed(12, body))
    case .filter:
      let each = takeFixedCost(of: &body)
      return list(ConditionCostNode(body, each: each, whenTrue: 13), nil)
    case .transformMap, .transformMapEntry:
      return costed(
        fixed + (costs == .cluster ? 1 : 31),
        MapLoopNode(
          node, range: range, first: first, second: second, condition: condition,
          body: costed(node.kind == .transformMap ? 3 : 2, body),
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
      return costed(
        fixed,
        SortByCostNode(
          SortByNode(node, range: range, first: first, body: body), range: range,
          fixed: costs == .cluster ? 14 : 34))
    }
  }
}
