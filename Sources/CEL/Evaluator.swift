public import Documents

/// Runs programs: the variables' values and memory for temporaries. One a thread.
public final class Evaluator {
  /// Memory for temporaries and results; emptied by `reset()`.
  public let arena: Arena
  /// The number of variables.
  public let slotCount: Int
  /// The steps that evaluations between two resets may take together: iterations, and copied or
  /// compared elements. 20 million unless set. Holds for all that is evaluated until `reset()`.
  @exclusivity(unchecked) public var stepLimit: Int {
    didSet { state.pointee.remainingSteps = stepLimit }
  }
  /// The steps that are left until `reset()`; below zero once an evaluation took too many.
  public var remainingSteps: Int { state.pointee.remainingSteps }

  let state: UnsafeMutablePointer<FrameState>
  private var lazyValues: [((Evaluator) -> Value)?]
  private var lazyPrograms: [Program?]
  /// Computes the variables that `arm` left open, by their slots.
  @exclusivity(unchecked) public var computeArmed: ((Evaluator, Int) -> Value)?
  @exclusivity(unchecked) private var hasLazyPrograms = false

  /// An evaluator for programs of an environment with that many variables, all unset.
  public init(slotCount: Int) {
    self.slotCount = slotCount
    arena = Arena(firstChunkByteCount: 1 << 16)
    stepLimit = 20_000_000
    lazyValues = Array(repeating: nil, count: slotCount)
    lazyPrograms = Array(repeating: nil, count: slotCount)
    let slots = UnsafeMutablePointer<Value>.allocate(capacity: slotCount + 1)
    slots.initialize(repeating: .absent, count: slotCount + 1)
    state = .allocate(capacity: 1)
    state.initialize(
      to: FrameState(
        slots: slots, locals: slots, remainingSteps: stepLimit, arena: arena, evaluator: nil))
    state.pointee.evaluator = Unmanaged.passUnretained(self)
  }

  deinit {
    state.pointee.slots.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Gives a variable its value; `.absent` unsets it. The value's document must outlive its use.
  public func set(_ value: Value, slot: Int) {
    precondition(slot >= 0 && slot < slotCount, "the slot of a variable of the environment")
    state.pointee.slots[slot] = value
    if hasLazyPrograms { lazyPrograms[slot] = nil }
  }

  /// Gives a variable a value that is computed at its first use after each `setLazy`.
  public func setLazy(slot: Int, _ compute: @escaping (Evaluator) -> Value) {
    precondition(slot >= 0 && slot < slotCount, "the slot of a variable of the environment")
    lazyValues[slot] = compute
    lazyPrograms[slot] = nil
    state.pointee.slots[slot] = Value(.absent, payload: FrameState.lazyMark)
  }

  /// Leaves variables to `computeArmed`, which computes each at its first use after this.
  ///
  /// As `setLazy` of each, without keeping a function for each: for variables that change with every evaluation.
  public func arm(_ slots: Range<Int>) {
    precondition(slots.lowerBound >= 0 && slots.upperBound <= slotCount, "slots of variables")
    for slot in slots {
      state.pointee.slots[slot] = Value(.absent, payload: FrameState.lazyMark)
    }
    guard hasLazyPrograms else { return }
    for slot in slots { (lazyValues[slot], lazyPrograms[slot]) = (nil, nil) }
    hasLazyPrograms = lazyPrograms.contains { $0 != nil }
  }

  /// Gives a variable the value of a program, computed at its first use. A failure is reported as
  /// Kubernetes does: `composited variable "name" fails to evaluate: …`. Traces look into it.
  public func setLazy(slot: Int, name: String, program: Program) {
    setLazy(slot: slot) { evaluator in
      let value = evaluator.evaluate(program)
      return value.isError ? evaluator.compositionError(value, name) : value
    }
    lazyPrograms[slot] = program
    hasLazyPrograms = true
  }

  /// The program that computes a variable that is not computed yet, or was; nil for another.
  func lazyProgram(_ slot: Int) -> Program? { lazyPrograms[slot] }

  func compositionError(_ error: Value, _ name: String) -> Value {
    let short = name.split(separator: ".").last.map(String.init) ?? name
    return self.error(
      "composited variable \"\(short)\" fails to evaluate: \(explain(error).message)")
  }

  /// The value of the program's expression; an error is a value of kind `.error`.
  ///
  /// Good until `reset()`, and no longer than the program and the variables' documents live.
  public func evaluate(_ program: Program) -> Value {
    evaluate(program.root, localCount: program.localCount, isLenient: program.isLenient)
  }

  @inline(__always)
  func evaluate(_ root: Node, localCount: Int, isLenient: Bool) -> Value {
    let frame = Frame(state: state)
    let wasLenient = state.pointee.isLenient
    state.pointee.isLenient = isLenient
    defer { state.pointee.isLenient = wasLenient }
    guard localCount > 0 else { return root.value(in: frame) }
    let outer = state.pointee.locals
    state.pointee.locals = arena.allocate(byteCount: localCount * 16)
      .assumingMemoryBound(to: Value.self)
    let result = root.value(in: frame)
    state.pointee.locals = outer
    return result
  }

  /// Frees the temporaries. Variables keep their values.
  public func reset() {
    arena.reset()
    state.pointee.remainingSteps = stepLimit
  }

  /// Gives all steps again, as `reset` does, and keeps the temporaries.
  public func resetSteps() { state.pointee.remainingSteps = stepLimit }

  /// Takes steps for what was computed earlier.
  public func spend(_ steps: Int) { state.pointee.remainingSteps -= steps }

  /// An error value with the given message, for `setLazy` and for callers of `evaluate`.
  public func error(_ message: String) -> Value { Frame(state: state).error(message) }

  /// Computes a lazy variable, once.
  func resolveLazy(_ slot: Int) -> Value? {
    guard state.pointee.slots[slot].payload == FrameState.lazyMark else { return nil }
    let value: Value
    if let compute = lazyValues[slot] {
      state.pointee.slots[slot] = Value(.absent, payload: FrameState.busyMark)
      value = compute(self)
    } else if let computeArmed {
      state.pointee.slots[slot] = Value(.absent, payload: FrameState.busyMark)
      value = computeArmed(self, slot)
    } else {
      return nil
    }
    state.pointee.slots[slot] = value
    return value
  }
}

/// What an evaluation works on, behind a pointer: nodes read it at every step, and a class's
/// variables would be checked for exclusive access each time.
struct FrameState {
  static let lazyMark: UInt64 = 1
  static let busyMark: UInt64 = 2

  var slots: UnsafeMutablePointer<Value>
  var locals: UnsafeMutablePointer<Value>
  var remainingSteps: Int
  unowned(unsafe) let arena: Arena
  var evaluator: Unmanaged<Evaluator>?
  /// Units of cost charged so far, by programs that count it.
  var cost: UInt64 = 0
  /// Whether `has` and `.?` of a value without fields give false and none (older cel-go, which
  /// Kubernetes has) or an error.
  var isLenient = false
  /// The log of a traced evaluation.
  var trace: Unmanaged<TraceLog>?
}

/// The frame an expression is evaluated in. Trivial to pass on.
struct Frame {
  let state: UnsafeMutablePointer<FrameState>

  @inline(__always)
  var arena: Arena { state.pointee.arena }

  /// Whether `count` more steps may be taken; takes them.
  @inline(__always)
  func spend(_ count: Int) -> Bool {
    state.pointee.remainingSteps &-= count
    return state.pointee.remainingSteps >= 0
  }

  @inline(never)
  func missingVariable(_ slot: Int, _ node: Node, _ name: Value) -> Value {
    if let value = state.pointee.evaluator?.takeUnretainedValue().resolveLazy(slot) {
      if !value.isAbsent { return value }
    }
    return fail(.noSuchAttribute, at: node, name)
  }
}
