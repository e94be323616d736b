import Diagnostics
import Documents

// Names, and the selections that follow them.
extension Planner {
  /// A name, a selection, or an index.
  mutating func planPath(_ id: SyntaxTree.ID, extra: Value? = nil, isOptional: Bool = false) -> Node
  {
    let node = tree[id]
    let chain = resolver.chain(id)
    let root = tree[chain.root]
    if root.kind == .identifier {
      return planName(node, root, chain, extra, isOptional)
    }
    if chain.keys.isEmpty { return planIndex(node, id: id) }
    let operand = plan(chain.root)
    return costed(
      operandCost(chain.root) + UInt64(chain.keys.count), select(chain.keys[...], of: operand, node)
    )
  }

  private mutating func planIndex(_ node: SyntaxTree.Node, id: SyntaxTree.ID) -> Node {
    guard node.kind == .index else { return plan(id) }
    let operand = plan(node.a)
    let key = plan(node.b)
    return costed(
      operandCost(node.a) + (key.constant == nil ? 0 : 1),
      fold(IndexNode(node, operand, key), [operand, key]))
  }

  private func select(_ keys: ArraySlice<Value>, of operand: Node, _ node: SyntaxTree.Node) -> Node
  {
    var result = operand
    for key in keys {
      result = fold(
        key.isString
          ? SelectNode(node, result, key) : IndexNode(node, result, ConstantNode(node, key)),
        [result])
    }
    return result
  }

  private mutating func planName(
    _ node: SyntaxTree.Node, _ root: SyntaxTree.Node, _ chain: Resolver.Chain, _ extra: Value?,
    _ isOptional: Bool
  ) -> Node {
    let keys = chain.keys
    let nameKeyCount = chain.nameKeyCount
    if let local = local(root, keys.prefix(nameKeyCount)) {
      if let initial = local.initial {
        let lazy = LazyLocalNode(root, index: local.index, initial: initial)
        return costed(1 + UInt64(keys.count), select(keys[...], of: lazy, node))
      }
      return costed(
        1 + UInt64(keys.count),
        LocalPathNode(node, index: local.index, steps: steps(keys[...], chain.nodes[...])))
    }
    if let (slot, used) = resolver.variable(root, keys.prefix(nameKeyCount)) {
      let below = steps(keys[used...], chain.nodes[used...])
      if mode == .plain {
        references.append(
          RawReference(
            slot: slot, steps: below, extra: extra, isOptional: isOptional, start: node.start,
            end: node.end))
      }
      return costed(
        1 + UInt64(keys.count - (isField(slot) ? 0 : used)),
        VariablePathNode(
          node, slot: slot, name: environment.names.values[slot], steps: below))
    }
    if let (type, used) = resolver.typeValue(root, keys.prefix(nameKeyCount)) {
      return select(keys[used...], of: ConstantNode(node, type), node)
    }
    return undeclared(node, root)
  }

  /// Whether a variable is a field of one in a cluster, where the step to it costs a unit:
  /// `variables.x` of a policy is; `authorizer.requestResource` is one name.
  private func isField(_ slot: Int) -> Bool {
    isCosted && environment.variables[slot].name.hasPrefix("variables.")
  }

  /// The loop or bind variable that a name stands for. Kubernetes' cel-go lets `.x` name one too.
  func local(_ root: SyntaxTree.Node, _ keys: ArraySlice<Value>) -> Local? {
    guard !root.flag || environment.profile.isKubernetes,
      let local = locals.last(where: { $0.name.hasSameBytes(as: root.value) }),
      !resolver.hidesLocal(root, keys)
    else { return nil }
    return local
  }

  private mutating func undeclared(_ node: SyntaxTree.Node, _ root: SyntaxTree.Node) -> Node {
    let name = root.value.asString ?? ""
    var help: String?
    if isChecked {
      let known = environment.variables.map(\.name) + locals.compactMap(\.name.asString)
      help = nearestName(to: name, in: known).map { "did you mean '\($0)'?" }
    }
    return fail(
      .noSuchAttribute, root, root.value,
      "undeclared reference to '\(name)' (in container '\(environment.container)')", help: help)
  }

  private func steps(_ keys: ArraySlice<Value>, _ nodes: ArraySlice<SyntaxTree.ID>) -> PathSteps {
    if keys.isEmpty { return .none }
    let memory = arena.allocate(byteCount: keys.count * 16).assumingMemoryBound(to: Value.self)
    let ends = arena.allocate(byteCount: keys.count * 4).assumingMemoryBound(to: Int32.self)
    for (index, (key, node)) in zip(keys, nodes).enumerated() {
      memory[index] = key
      ends[index] = tree[node].end
    }
    return PathSteps(keys: memory, count: keys.count, ends: ends)
  }

  // MARK: has and optionals

  mutating func planHas(_ node: SyntaxTree.Node) -> Node {
    if let slot = resolver.dottedVariable(node.a, node.value) {
      if mode == .plain {
        references.append(
          RawReference(
            slot: slot, steps: .none, extra: nil, isOptional: true, start: node.start,
            end: node.end))
      }
      let variable = VariablePathNode(
        node, slot: slot, name: environment.names.values[slot], steps: .none)
      return costed(1, HasVariableNode(node, variable))
    }
    var operand = planOptionalOperand(node.a, key: node.value)
    let fixed = takeFixedCost(of: &operand)
    return costed(fixed + operandCost(node.a), fold(HasNode(node, operand, node.value), [operand]))
  }

  /// The operand of `has(a.key)` or `a.?key`.
  mutating func planOptionalOperand(_ id: SyntaxTree.ID, key: Value?) -> Node {
    switch tree[id].kind {
    case .identifier, .select, .index: planPath(id, extra: key, isOptional: true)
    default: plan(id)
    }
  }
}

/// A read of a variable as the planner notes it.
struct RawReference {
  let slot: Int
  let steps: PathSteps
  /// The key of `has` or `.?` after the steps.
  let extra: Value?
  let isOptional: Bool
  let start: Int32
  let end: Int32

  func reference(_ environment: CELEnvironment) -> Program.Reference {
    var path: [FieldPath.Step] = []
    let keys = (0..<steps.count).map { steps.keys[$0] } + (extra.map { [$0] } ?? [])
    for key in keys {
      if key.isString {
        path.append(.key(key.asString ?? ""))
      } else if key.isKind(.int), key.intPayload >= 0 {
        path.append(.index(Int(key.intPayload)))
      } else {
        break
      }
    }
    return Program.Reference(
      variable: environment.variables[slot].name, path: path, range: Int(start)..<Int(end),
      isOptional: isOptional)
  }
}
