import Documents

// Kubernetes' runtime cost, as cel-go's tracker charges it (interpreter/runtimecost.go, 0.26, and
// apiserver's cel/library/cost.go). Programs that count it are made of the plain nodes with these
// around them, so that plain evaluation pays nothing.

/// Charges a fixed cost beside what the node itself charges.
final class FixedCostNode: Node, @unchecked Sendable {
  let inner: Node
  let cost: UInt64

  init(_ inner: Node, _ cost: UInt64) {
    self.inner = inner
    self.cost = cost
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    frame.charge(cost)
    return inner.value(in: frame)
  }
}

/// The condition of a macro: what happens after it costs differently when it holds.
final class ConditionCostNode: Node, @unchecked Sendable {
  let inner: Node
  let each: UInt64
  let whenTrue: UInt64

  init(_ inner: Node, each: UInt64, whenTrue: UInt64) {
    self.inner = inner
    self.each = each
    self.whenTrue = whenTrue
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let value = inner.value(in: frame)
    frame.charge(value.isTrue ? each &+ whenTrue : each)
    return value
  }
}

/// `a.?f`, `a[?i]`: one unit if it is there.
final class OptionalIndexCostNode: Node, @unchecked Sendable {
  let inner: Node

  init(_ inner: Node) {
    self.inner = inner
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let value = inner.value(in: frame)
    if value.payload != 0, value.isBox(.optional) { frame.charge(1) }
    return value
  }
}

/// `optMap`, `optFlatMap`: cel-go expands them to a conditional that evaluates the target twice.
final class OptionalMapCostNode: Node, @unchecked Sendable {
  let target: Node
  let inner: Node
  let local: Int
  /// hasValue, the empty list of the binding, value, and of.
  let whenPresent: UInt64

  /// `inner` reads its target from the local.
  init(_ inner: Node, target: Node, local: Int, whenPresent: UInt64) {
    self.inner = inner
    self.target = target
    self.local = local
    self.whenPresent = whenPresent
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let before = frame.state.pointee.cost
    let target = target.value(in: frame)
    let isPresent = target.isBox(.optional) && target.payload != 0
    frame.charge(isPresent ? whenPresent &+ (frame.state.pointee.cost &- before) : 2)
    frame.state.pointee.locals[local] = target
    return inner.value(in: frame)
  }
}

/// `sortBy`: its list of keys, and a sort.
final class SortByCostNode: Node, @unchecked Sendable {
  let inner: Node
  let range: CaptureNode
  let fixed: UInt64

  init(_ inner: Node, range: CaptureNode, fixed: UInt64) {
    self.inner = inner
    self.range = range
    self.fixed = fixed
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let value = inner.value(in: frame)
    let range = frame.state.pointee.locals[range.local]
    let count = range.isKind(.list) ? UInt64(range.count) : 0
    frame.charge(fixed &+ 12 &* count &+ 2 &* count &* count)
    return value
  }
}

/// An argument of a call whose cost depends on its arguments: keeps the value in a local.
final class CaptureNode: Node, @unchecked Sendable {
  let inner: Node
  let local: Int

  init(_ inner: Node, local: Int) {
    self.inner = inner
    self.local = local
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let value = inner.value(in: frame)
    frame.state.pointee.locals[local] = value
    return value
  }
}

/// A call or operator whose cost depends on the values of its arguments.
final class CallCostNode: Node, @unchecked Sendable {
  let inner: Node
  let firstLocal: Int
  let count: Int
  let rule: OperationCost
  let overloads: [Function]

  init(
    _ inner: Node, firstLocal: Int, count: Int, _ rule: OperationCost, overloads: [Function] = []
  ) {
    self.inner = inner
    self.firstLocal = firstLocal
    self.count = count
    self.rule = rule
    self.overloads = overloads
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let arguments = frame.state.pointee.locals + firstLocal
    // Not a loop: it would become a call of memset.
    if count > 0 { arguments[0] = .absent }
    if count > 1 { arguments[1] = .absent }
    for index in stride(from: 2, to: count, by: 1) { arguments[index] = .absent }
    let value = inner.value(in: frame)
    for index in 0..<count where arguments[index].isAbsent {
      // An argument before it failed.
      frame.charge(1)
      return value
    }
    let values = UnsafeBufferPointer(start: UnsafePointer(arguments), count: count)
    frame.charge(rule.units(values, value, overloads))
    return value
  }
}

/// `a == 'text'`: charges for the shorter of the two.
final class EqualConstantCostNode: Node, @unchecked Sendable {
  let operand: Node
  let other: Value
  let otherSize: UInt64
  let isNegated: Bool
  private let inner: EqualConstantNode

  init(_ inner: EqualConstantNode) {
    self.inner = inner
    operand = inner.operand
    other = inner.other
    otherSize = CostRule.size(inner.other)
    isNegated = inner.isNegated
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    if value.isError {
      frame.charge(1)
      return value
    }
    frame.charge(CostRule.tenth(min(CostRule.size(value), otherSize)))
    return inner.result(value, frame)
  }
}

/// A call of a function of one argument: charges by the rule of the overload that fits.
final class UnaryCallCostNode: Node, @unchecked Sendable {
  let inner: UnaryCallNode
  let argument: Node
  let kinds: KindSet
  let cost: CostRule

  init(_ inner: UnaryCallNode) {
    self.inner = inner
    argument = inner.argument
    kinds = inner.kinds
    cost = inner.overloads[0].cost
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    var value = argument.value(in: frame)
    let result = inner.result(value, frame)
    if case .one = cost, kinds.contains(value) {
      frame.charge(1)
    } else {
      withUnsafePointer(to: &value) {
        frame.charge(
          OperationCost.function.units(
            UnsafeBufferPointer(start: $0, count: 1), result, inner.overloads))
      }
    }
    return result
  }
}

/// A call of a function of two arguments: charges by the rule of the overload that fits.
final class BinaryCallCostNode: Node, @unchecked Sendable {
  let inner: BinaryCallNode
  let first: Node
  let second: Node
  let firstKinds: KindSet
  let secondKinds: KindSet
  let cost: CostRule

  init(_ inner: BinaryCallNode) {
    self.inner = inner
    first = inner.first
    second = inner.second
    firstKinds = inner.firstKinds
    secondKinds = inner.secondKinds
    cost = inner.overloads[0].cost
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    let left = first.value(in: frame)
    if left.isError {
      frame.charge(1)
      return left
    }
    let right = second.value(in: frame)
    let result = inner.result(left, right, frame)
    var arguments = (left, right)
    withUnsafePointer(to: &arguments) {
      $0.withMemoryRebound(to: Value.self, capacity: 2) {
        let values = UnsafeBufferPointer(start: $0, count: 2)
        let isFirst = firstKinds.contains(left) && secondKinds.contains(right)
        frame.charge(
          isFirst
            ? cost.units(values, result)
            : OperationCost.function.units(values, result, inner.overloads))
      }
    }
    return result
  }
}

/// `all` and `exists` with the cost of cel-go's fold: the condition of the loop is evaluated before
/// each step, once more after the decisive one if elements are left.
final class QuantifierCostNode: LoopNode, @unchecked Sendable {
  let body: Node
  /// What each evaluation of the body charges beside what the body itself charges.
  let each: UInt64
  let decisive: Bool

  init(
    _ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int, body: Node, each: UInt64,
    decisive: Bool
  ) {
    self.body = body
    self.each = each
    self.decisive = decisive
    super.init(syntax, range: range, first: first, second: second)
  }

  override func value(in frame: Frame) -> Value {
    let range = range.value(in: frame)
    let word: UInt64 = decisive ? 1 : 0
    // `@not_strictly_false(accu)`; for `exists` there is a `!` more.
    let condition: UInt64 = decisive ? 3 : 2
    var failure = Value.absent
    var isDecided = false
    let step = condition &+ 1 &+ each
    let problem = forEach(of: range, frame) { index in
      frame.charge(step)
      let value = body.value(in: frame)
      if value.isBool {
        isDecided = value.payload == word
        if isDecided, index + 1 < range.count { frame.charge(condition) }
        return !isDecided
      }
      if failure.isAbsent {
        failure = value.isError ? value : frame.fail(.noSuchOverload, at: self, value)
      }
      return true
    }
    if problem == nil { frame.charge(1) }
    if isDecided { return .bool(decisive) }
    if let problem { return problem }
    return failure.isAbsent ? .bool(!decisive) : failure
  }
}

/// What operators and functions charge.
enum OperationCost: Sendable {
  case equality, order, containment, addition, one
  /// By the rule of the overload that fits.
  case function

  func units(
    _ arguments: UnsafeBufferPointer<Value>, _ result: Value, _ overloads: [Function]
  ) -> UInt64 {
    switch self {
    case .one: return 1
    case .equality:
      return CostRule.tenth(min(CostRule.size(arguments[0]), CostRule.size(arguments[1])))
    case .order:
      guard arguments[0].isString || arguments[0].isKind(.bytes) else { return 1 }
      return CostRule.tenth(min(CostRule.size(arguments[0]), CostRule.size(arguments[1])))
    case .containment:
      return arguments[1].isKind(.list) ? UInt64(arguments[1].count) : 1
    case .addition:
      guard arguments[0].isString || arguments[0].isKind(.bytes) else { return 1 }
      return CostRule.tenth(CostRule.size(arguments[0]) + CostRule.size(arguments[1]))
    case .function:
      for overload in overloads where overload.accepts(arguments) {
        return overload.cost.units(arguments, result)
      }
      return 1
    }
  }
}

extension CostRule {
  /// The size of a value as cel-go's tracker takes it: code points, bytes, elements, entries; else 1.
  static func size(_ value: Value) -> UInt64 {
    switch value.kind {
    case .string: UInt64(value.characterCount)
    case .bytes, .list, .map: UInt64(value.count)
    default: 1
    }
  }

  /// A tenth of a size, rounded up.
  static func tenth(_ size: UInt64) -> UInt64 { (size &+ 9) / 10 }

  func units(_ arguments: UnsafeBufferPointer<Value>, _ result: Value) -> UInt64 {
    switch self {
    case .free: 0
    case .one: 1
    case .traversal(let index):
      arguments[index].isKind(.list)
        ? UInt64(arguments[index].count) : CostRule.tenth(CostRule.size(arguments[index]))
    case .custom(let rule): rule(arguments, result)
    }
  }
}

extension Frame {
  @inline(__always)
  func charge(_ cost: UInt64) { state.pointee.cost &+= cost }
}

/// Which expressions cost something.
public enum CostModel: Sendable {
  /// What a cluster charges: its compiler makes constants of literals, which are free then.
  case cluster
  /// What the expression would cost as it is written, as the tests of Kubernetes' libraries count.
  case asWritten
}

extension Evaluator {
  /// The value of the program's expression and its cost in the units of Kubernetes.
  ///
  /// The value is an error when the cost is over the limit. The cost of lazy variables is that of
  /// their own evaluation: not counted here.
  public func evaluateWithCost(
    _ program: Program, limit: UInt64 = .max, model: CostModel = .cluster
  ) -> (value: Value, cost: UInt64) {
    let outer = state.pointee.cost
    let value = program.costed(model)._withUnsafeGuaranteedRef { plan in
      state.pointee.cost = plan.fixedCost
      return evaluate(plan.root, localCount: plan.localCount, isLenient: program.isLenient)
    }
    let cost = state.pointee.cost
    state.pointee.cost = outer
    return (cost > limit ? error("operation cancelled: actual cost limit exceeded") : value, cost)
  }
}
