import Diagnostics
import Documents

// The nodes of traced evaluation: each leaves one outcome in the log for the node around it.

/// An operation that needs all its operands: they decide together, or the one that failed does.
final class TraceStrictNode: Node, @unchecked Sendable {
  let inner: Node
  let combine: @Sendable (Value, [Outcome]) -> Provenance

  init(
    _ inner: Node,
    combine: @escaping @Sendable (Value, [Outcome]) -> Provenance = { _, _ in
      .unknown
    }
  ) {
    self.inner = inner
    self.combine = combine
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return inner.value(in: frame) }
    let count = log.outcomes.count
    let value = inner.value(in: frame)
    let operands = log.take(since: count)
    var outcome = Outcome(value: value)
    if value.isError, let failed = operands.first(where: { $0.value.isError }) {
      outcome.deciding = failed.deciding
    } else {
      outcome.deciding = operands.deciding
      if !value.isError { outcome.provenance = combine(value, operands) }
    }
    return log.push(outcome)
  }
}

/// `&&`, `||`: the first decisive operand decides alone.
final class TraceLogicNode: Node, @unchecked Sendable {
  let inner: Node
  let decisive: Bool

  init(_ inner: Node, decisive: Bool) {
    self.inner = inner
    self.decisive = decisive
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return inner.value(in: frame) }
    let count = log.outcomes.count
    let value = inner.value(in: frame)
    let operands = log.take(since: count)
    return log.push(
      Outcome(value: value, deciding: Trace.deciding(value, operands, decisive: decisive)))
  }
}

extension Trace {
  /// Which operands of `&&` and `||`, or elements of `all` and `exists`, decided.
  static func deciding(_ value: Value, _ operands: [Outcome], decisive: Bool) -> [Trace.Read] {
    let word: UInt64 = decisive ? 1 : 0
    if value.isError { return operands.first { !$0.value.isBool }?.deciding ?? [] }
    if value.payload == word {
      return operands.first { $0.value.isBool && $0.value.payload == word }?.deciding ?? []
    }
    return operands.deciding
  }
}

/// `c ? a : b`: the branch that was taken decides; the condition does where that branch is a constant, or
/// where it failed itself.
final class TraceConditionalNode: Node, @unchecked Sendable {
  let inner: Node

  init(_ inner: Node) {
    self.inner = inner
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return inner.value(in: frame) }
    let count = log.outcomes.count
    let value = inner.value(in: frame)
    let operands = log.take(since: count)
    guard operands.count == 2 else {
      return log.push(Outcome(value: value, deciding: operands.deciding))
    }
    let branch = operands[1]
    return log.push(
      Outcome(
        value: value, provenance: branch.provenance,
        deciding: branch.deciding.isEmpty && !value.isError
          ? operands[0].deciding : branch.deciding))
  }
}

/// A variable of the environment.
final class TraceVariableNode: Node, @unchecked Sendable {
  let inner: VariablePathNode
  let name: String

  init(_ inner: VariablePathNode, name: String) {
    self.inner = inner
    self.name = name
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return inner.value(in: frame) }
    if let outcome = lazyOutcome(log, frame) { return log.push(outcome) }
    let value = inner.value(in: frame)
    let read = Trace.Read(
      variable: name, path: .root, isMissing: value.isError, range: Int(start)..<Int(end))
    return log.push(
      Outcome(
        value: value, provenance: .path(variable: name, .root), deciding: [read], isRead: true,
        isNoted: log.note(read)))
  }

  /// The outcome of a variable that a program computes: what that program read.
  private func lazyOutcome(_ log: TraceLog, _ frame: Frame) -> Outcome? {
    if let known = log.variables[inner.slot] { return known }
    guard let evaluator = frame.state.pointee.evaluator?.takeUnretainedValue(),
      let program = evaluator.lazyProgram(inner.slot)
    else { return nil }
    // Guards against variables that need each other.
    log.variables[inner.slot] = Outcome(value: evaluator.error("the variable needs itself"))
    var outcome = evaluator.outcome(of: program, log)
    if outcome.value.isError {
      outcome.value = frame.placed(evaluator.compositionError(outcome.value, name), at: self)
    }
    outcome.isRead = false
    log.variables[inner.slot] = outcome
    return outcome
  }
}

/// A loop or bind variable.
final class TraceLocalNode: Node, @unchecked Sendable {
  let index: Int
  /// What computes a bind variable at its first use.
  let initial: Node?

  init(_ syntax: SyntaxTree.Node, index: Int, initial: Node?) {
    self.index = index
    self.initial = initial
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return .absent }
    if let initial, frame.state.pointee.locals[index].isAbsent {
      let count = log.outcomes.count
      frame.state.pointee.locals[index] = initial.value(in: frame)
      log.locals[index] = log.take(since: count).last
    }
    var outcome = log.locals[index] ?? Outcome(value: .absent)
    outcome.value = frame.state.pointee.locals[index]
    return log.push(outcome)
  }
}

/// `a.f`, `a[i]`, `a.?f`, `a[?i]`, `has(a.f)`: one step further.
final class TraceStepNode: Node, @unchecked Sendable {
  enum Kind { case plain, optional, has }

  let inner: Node
  let key: Value?
  let kind: Kind

  /// `key`: the field of a selection; of an index, it is evaluated.
  init(_ inner: Node, key: Value?, _ kind: Kind) {
    self.inner = inner
    self.key = key
    self.kind = kind
    super.init(replacing: inner)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return inner.value(in: frame) }
    let count = log.outcomes.count
    let value = inner.value(in: frame)
    let operands = log.take(since: count)
    guard let operand = operands.first, !operand.value.isError else {
      return log.push(Outcome(value: value, deciding: operands.deciding))
    }
    if operands.count > 1, operands[1].value.isError {
      return log.push(Outcome(value: value, deciding: operands[1].deciding))
    }
    guard let key = key ?? operands.last?.value else { return log.push(Outcome(value: value)) }
    var outcome = Outcome(value: value, provenance: operand.provenance.step(key))
    // What the operand depends on, without the read that this one makes longer.
    outcome.deciding = operand.isRead ? Array(operand.deciding.dropLast()) : operand.deciding
    outcome.deciding += operands.dropFirst().flatMap(\.deciding)
    if case .path(let variable, let path) = outcome.provenance {
      let read = Trace.Read(
        variable: variable, path: path, isMissing: isMissing(value),
        range: Int(start)..<Int(end))
      log.forget(operand)
      outcome.isNoted = log.note(read)
      outcome.deciding.append(read)
      outcome.isRead = true
    }
    if kind == .has { outcome.provenance = .unknown }
    return log.push(outcome)
  }

  private func isMissing(_ value: Value) -> Bool {
    switch kind {
    case .plain: value.isError || value.isBox(.optional) && value.payload == 0
    case .optional: value.isBox(.optional) && value.payload == 0
    case .has: value.isBool && value.payload == 0
    }
  }
}
