import Documents

// The nodes of traced evaluation: nothing is fused, and every node leaves an outcome.
extension Planner {
  /// The node of an expression, tracing.
  mutating func planTraced(_ id: SyntaxTree.ID) -> Node {
    let node = tree[id]
    switch node.kind {
    case .identifier, .select, .index: return planTracedPath(id)
    case .has where resolver.dottedVariable(node.a, node.value) != nil:
      return TraceStrictNode(planPlain(id))
    case .has: return TraceStepNode(HasNode(node, plan(node.a), node.value), key: node.value, .has)
    case .optionalSelect:
      let inner = OptionalIndexNode(node, plan(node.a), ConstantNode(node, node.value))
      return TraceStepNode(inner, key: node.value, .optional)
    case .optionalIndex:
      let operand = plan(node.a)
      return TraceStepNode(OptionalIndexNode(node, operand, plan(node.b)), key: nil, .optional)
    case .and, .or: return TraceLogicNode(planPlain(id), decisive: node.kind == .or)
    case .conditional: return TraceConditionalNode(planPlain(id))
    case .list:
      let hasOptionals = tree.list(of: node).contains { $0 < 0 }
      return TraceStrictNode(planPlain(id)) { _, operands in
        hasOptionals ? .unknown : .elements(operands.map(\.provenance))
      }
    case .add: return TraceStrictNode(planPlain(id), combine: Self.joined)
    case .call: return planTracedCall(id, node)
    case .bind, .block: return planPlain(id)
    case .all, .exists, .existsOne, .transform, .filter, .optionalMap, .optionalFlatMap, .all2,
      .exists2, .existsOne2, .transformList, .transformMap, .transformMapEntry:
      return planPlain(id)
    default: return TraceStrictNode(planPlain(id))
    }
  }

  /// A joined list's elements came from where they came from in its parts.
  private static func joined(_ value: Value, _ operands: [Outcome]) -> Provenance {
    guard value.isKind(.list), operands.count == 2,
      let left = operands[0].provenance.elements(operands[0].value.count)
        ?? (operands[0].value.count == 0 ? [] : nil),
      let right = operands[1].provenance.elements(operands[1].value.count)
        ?? (operands[1].value.count == 0 ? [] : nil)
    else { return .unknown }
    return .elements(left + right)
  }

  private mutating func planTracedCall(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> Node {
    let inner = planPlain(id)
    if inner is OptionalOrNode {
      return TraceStrictNode(inner) { _, operands in operands.last?.provenance ?? .unknown }
    }
    // These give back what they are given.
    let isTransparent =
      node.value.isString("dyn") || node.value.isString("value") && node.a >= 0
      || node.value.isString("of") && node.a >= 0
    guard isTransparent else { return TraceStrictNode(inner) }
    return TraceStrictNode(inner) { _, operands in
      operands.count == 1 ? operands[0].provenance : .unknown
    }
  }

  private mutating func planTracedPath(_ id: SyntaxTree.ID) -> Node {
    let node = tree[id]
    let chain = resolver.chain(id)
    let root = tree[chain.root]
    guard root.kind == .identifier else {
      // One step at a time: the operand is a node of its own.
      if node.kind == .select {
        return TraceStepNode(SelectNode(node, plan(node.a), node.value), key: node.value, .plain)
      }
      let operand = plan(node.a)
      return TraceStepNode(IndexNode(node, operand, plan(node.b)), key: nil, .plain)
    }
    let names = chain.keys.prefix(chain.nameKeyCount)
    var result: Node
    var used = 0
    if let local = local(root, names) {
      result = TraceLocalNode(root, index: local.index, initial: local.initial)
    } else if let (slot, keyCount) = resolver.variable(root, names) {
      let name = environment.variables[slot].name
      let syntax = keyCount == 0 ? root : tree[chain.nodes[keyCount - 1]]
      result = TraceVariableNode(
        VariablePathNode(syntax, slot: slot, name: environment.names.values[slot], steps: .none),
        name: name)
      used = keyCount
    } else if let (type, keyCount) = resolver.typeValue(root, names) {
      result = TraceStrictNode(ConstantNode(root, type))
      used = keyCount
    } else {
      return TraceStrictNode(FailureNode(root, .noSuchAttribute, root.value))
    }
    for index in used..<chain.keys.count {
      let step = tree[chain.nodes[index]]
      let key = chain.keys[index]
      let inner: Node =
        key.isString
        ? SelectNode(step, result, key) : IndexNode(step, result, ConstantNode(step, key))
      result = TraceStepNode(inner, key: key, .plain)
    }
    return result
  }

  /// A macro over a list or map.
  func tracedLoop(
    _ node: SyntaxTree.Node, _ range: Node, _ first: Int, _ second: Int, condition: Node?,
    body: Node
  ) -> Node {
    switch node.kind {
    case .optionalMap, .optionalFlatMap:
      TraceOptionalMapNode(
        node, range, local: first, body: body, isFlat: node.kind == .optionalFlatMap)
    case .sortBy:
      TraceStrictNode(SortByNode(node, range: range, first: first, body: body))
    default:
      TraceLoopNode(
        node, range: range, first: first, second: second, condition: condition, body: body)
    }
  }
}
