import Diagnostics
import Documents

/// Turns a syntax tree into nodes: resolves names to slots, folds constants, fuses paths.
struct Planner {
  /// A loop or bind variable in scope.
  struct Local {
    let name: Value
    let index: Int
    /// For a bind variable: what computes it.
    let initial: Node?
  }

  let tree: SyntaxTree
  let environment: CELEnvironment
  let arena: Arena
  /// What the nodes do beside evaluating.
  enum Mode: Equatable {
    case plain
    /// They count cost; nothing is folded or fused.
    case costed(CostModel)
    /// They note what they read; nothing is folded or fused.
    case traced
  }

  let mode: Mode
  /// The operators and calls of which the checker cannot tell the overload.
  var ambiguous: Set<Int32> = []
  let folder: Folder
  let resolver: Resolver
  var issues: [CompileFailure.Issue] = []
  var references: [RawReference] = []
  var resultType = CELType.dyn
  var localCount = 0
  var locals: [Local] = []

  init(
    tree: SyntaxTree, environment: CELEnvironment, arena: Arena, mode: Mode = .plain
  ) {
    self.tree = tree
    self.environment = environment
    self.arena = arena
    self.mode = mode
    folder = Folder(arena: arena, isLenient: environment.profile.isKubernetes)
    resolver = Resolver(tree: tree, environment: environment, arena: arena)
  }

  /// The issues in the order of the source.
  var sortedIssues: [CompileFailure.Issue] {
    issues.sorted { ($0.range.lowerBound, $0.message) < ($1.range.lowerBound, $1.message) }
  }

  /// Whether unknown names are found now, not at evaluation.
  var isChecked: Bool { environment.profile != .spec }

  var failsForNaN: Bool { environment.profile.isKubernetes }

  /// The node of an expression.
  mutating func plan(_ id: SyntaxTree.ID) -> Node {
    mode == .traced ? planTraced(id) : planPlain(id)
  }

  /// The node of an expression, with the operands that the mode asks for.
  mutating func planPlain(_ id: SyntaxTree.ID) -> Node {
    let node = tree[id]
    switch node.kind {
    case .literal: return ConstantNode(node, node.value)
    case .identifier, .select, .index: return planPath(id)
    case .has: return planHas(node)
    case .optionalSelect:
      let operand = planOptionalOperand(node.a, key: node.value)
      return planOptional(node, operand, ConstantNode(node, node.value))
    case .optionalIndex:
      let key = plan(node.b)
      return planOptional(node, planOptionalOperand(node.a, key: key.constant), key)
    case .call: return planCall(id, node)
    case .list: return planList(node)
    case .map: return planMap(node)
    case .message: return planMessage(node)
    case .conditional: return planConditional(node)
    case .and, .or:
      var operands: [Node] = []
      for item in tree.list(of: node) { operands.append(plan(item)) }
      let fixed = takeFixedCost(of: &operands[0])
      let result: Node =
        node.kind == .and ? AndNode(node, operands) : OrNode(node, operands)
      return costed(fixed, fold(result, operands))
    case .not:
      var operand = plan(node.a)
      let fixed = takeFixedCost(of: &operand)
      return costed(fixed + 1, fold(NotNode(node, operand), [operand]))
    case .negate:
      var operand = plan(node.a)
      let fixed = takeFixedCost(of: &operand)
      return costed(fixed + 1, fold(NegateNode(node, operand), [operand]))
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains:
      return planComparison(id, node)
    case .add: return planArithmetic(.add, id, node)
    case .subtract: return planArithmetic(.subtract, id, node)
    case .multiply: return planArithmetic(.multiply, id, node)
    case .divide: return planArithmetic(.divide, id, node)
    case .modulo: return planArithmetic(.modulo, id, node)
    default: return planMacro(node)
    }
  }

  /// The node itself, or its value if it has one already.
  func fold(_ node: Node, _ operands: [Node]) -> Node {
    mode == .plain ? folded(node, operands) : node
  }

  func folded(_ node: Node, _ operands: [Node]) -> Node {
    for operand in operands where operand.constant == nil { return node }
    let value = folder.value(of: node)
    if value.isError { return node }
    return ConstantNode(replacing: node, value)
  }

  /// Checks types, and adds what is wrong to the issues.
  mutating func check() {
    var checker = Checker(resolver, reportsNames: false)
    resultType = checker.run()
    issues += checker.issues
    ambiguous = checker.ambiguous
  }

  mutating func fail(
    _ code: ErrorCode, _ node: SyntaxTree.Node, _ name: Value, _ message: String, help: String?
  ) -> Node {
    if isChecked {
      issues.append(
        CompileFailure.Issue(
          message: message, range: Int(node.start)..<Int(node.end), help: help))
    }
    return FailureNode(node, code, name)
  }

  // MARK: operators

  private mutating func planConditional(_ node: SyntaxTree.Node) -> Node {
    var condition = plan(node.a)
    let fixed = takeFixedCost(of: &condition)
    let first = planBranch(node.b)
    let second = planBranch(node.c)
    if mode == .plain, let known = condition.constant, known.isBool {
      return known.isTrue ? first : second
    }
    return costed(fixed, ConditionalNode(node, condition, first, second))
  }

  private mutating func planArithmetic(
    _ operation: Arithmetic, _ id: SyntaxTree.ID, _ node: SyntaxTree.Node
  ) -> Node {
    if isCosted {
      return planCosted(id, operation == .add ? .addition : .one) { _, left, right in
        ArithmeticNode(node, operation, left, right)
      }
    }
    let left = plan(node.a)
    let right = plan(node.b)
    return fold(ArithmeticNode(node, operation, left, right), [left, right])
  }

  private mutating func planComparison(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> Node {
    if isCosted {
      let cost: OperationCost
      switch node.kind {
      case .equal, .notEqual: cost = .equality
      case .contains: cost = .containment
      default: cost = .order
      }
      if costs == .cluster, node.kind == .contains, isConstantList(node.b) {
        var element = plan(node.a)
        let fixed = takeFixedCost(of: &element)
        return costed(fixed, comparison(node, element, plan(node.b)))
      }
      return planCosted(id, cost) { $0.comparison(node, $1, $2) }
    }
    let left = plan(node.a)
    let right = plan(node.b)
    return fold(comparison(node, left, right), [left, right])
  }

  fileprivate func comparison(_ node: SyntaxTree.Node, _ left: Node, _ right: Node) -> Node {
    let constant = right.constant
    let relation: Relation
    switch node.kind {
    case .equal, .notEqual:
      if let constant, constant.isString || constant.isKind(.int) || constant.isBool {
        return EqualConstantNode(node, left, constant, isNegated: node.kind == .notEqual)
      }
      return EqualNode(node, left, right, isNegated: node.kind == .notEqual)
    case .contains:
      if let constant, constant.isKind(.list), constant.elements.allSatisfy(\.isString) {
        let set = arena.map(constant.elements.map { MapEntry(key: $0, value: .true) })
        return ContainsConstantNode(node, left, set: set)
      }
      return ContainsNode(node, left, right)
    case .less: relation = .less
    case .lessEqual: relation = .lessEqual
    case .greater: relation = .greater
    default: relation = .greaterEqual
    }
    if let constant, constant.isKind(.int) {
      return RelationToIntNode(
        node, relation, left, constant.intPayload, failsForNaN: failsForNaN)
    }
    return RelationNode(node, relation, left, right, failsForNaN: failsForNaN)
  }

  // MARK: lists and maps

  private mutating func planList(_ node: SyntaxTree.Node) -> Node {
    let items = tree.list(of: node)
    let elements = items.map { plan($0 < 0 ? ~$0 : $0) }
    return costedLiteral(10, ListNode(node, elements, optionals: items.map { $0 < 0 }), elements)
  }

  private mutating func planMap(_ node: SyntaxTree.Node) -> Node {
    let items = Array(tree.list(of: node))
    var keys: [Node] = []
    var values: [Node] = []
    var optionals: [Bool] = []
    for index in stride(from: 0, to: items.count, by: 2) {
      optionals.append(items[index] < 0)
      keys.append(plan(items[index] < 0 ? ~items[index] : items[index]))
      values.append(plan(items[index + 1]))
    }
    return costedLiteral(
      30,
      MapNode(
        node, keys: keys, values: values, optionals: optionals,
        isStrict: !environment.profile.isKubernetes), keys + values)
  }
}

/// Evaluates constant expressions while planning; results stand in the program's arena.
final class Folder {
  private let state: UnsafeMutablePointer<FrameState>
  private let slots: UnsafeMutablePointer<Value>

  init(arena: Arena, isLenient: Bool) {
    slots = .allocate(capacity: 1)
    slots.initialize(to: .absent)
    state = .allocate(capacity: 1)
    state.initialize(
      to: FrameState(
        slots: slots, locals: slots, remainingSteps: 100_000, arena: arena, evaluator: nil,
        isLenient: isLenient))
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
    slots.deallocate()
  }

  var frame: Frame { Frame(state: state) }

  func value(of node: Node) -> Value {
    guard state.pointee.remainingSteps > 0 else { return Value(.error) }
    return node.value(in: frame)
  }
}
