public import Diagnostics
public import Documents

/// What an evaluation read, and which of it decided the result.
public struct Trace: Sendable {
  /// A value of a variable that was read.
  public struct Read: Hashable, Sendable {
    /// The variable's name.
    public let variable: String
    /// The way to the value, with the indices and keys of this very evaluation.
    public let path: FieldPath
    /// Whether there is nothing at the path: a key that is missing, an index out of bounds.
    public let isMissing: Bool
    /// The part of the expression that reads it, in UTF-8 bytes of its source.
    public let range: Range<Int>
    /// Whether the key at the path was read, and not its value.
    public var isKey = false
  }

  /// The result; an error is a value of kind `.error`.
  public let value: Value
  /// All reads in the order they were made, each once. Cut at 10,000.
  public let reads: [Read]
  /// The reads that decided: of a false `a && b`, those of the first operand that was false; of a
  /// false `all`, those of the first element that failed; of an error, those of what failed.
  ///
  /// Empty when the way from a variable to the decision is not known for sure.
  public let deciding: [Read]
}

/// Where a value came from.
indirect enum Provenance {
  /// Not from a variable, or not known for sure.
  case unknown
  /// A value of a variable.
  case path(variable: String, FieldPath)
  /// A list of values that came from somewhere each.
  case elements([Provenance])

  /// Where an element or a map's value came from.
  func step(_ key: Value) -> Provenance {
    switch self {
    case .unknown: return .unknown
    case .path(let variable, let path):
      if key.isString { return .path(variable: variable, path.key(key.asString ?? "")) }
      guard let index = Path.index(key), index >= 0 else { return .unknown }
      return .path(variable: variable, path.index(index))
    case .elements(let elements):
      guard let index = Path.index(key), elements.indices.contains(index) else { return .unknown }
      return elements[index]
    }
  }

  /// Where the elements of a list came from; nil if that is not known.
  func elements(_ count: Int) -> [Provenance]? {
    switch self {
    case .unknown: nil
    case .path: (0..<count).map { step(.int(Int64($0))) }
    case .elements(let elements): elements.count == count ? elements : nil
    }
  }
}

/// What is known about the value of a node.
struct Outcome {
  var value: Value
  var provenance = Provenance.unknown
  /// The reads that decided the value.
  var deciding: [Trace.Read] = []
  /// Whether the last of them is the read of this very value, which a further step makes longer.
  var isRead = false
  /// Whether that read was noted for the first time.
  var isNoted = false
}

/// The notes of one traced evaluation.
final class TraceLog {
  static let maximumReads = 10_000

  var reads: [Trace.Read] = []
  private var known: Set<Trace.Read> = []
  /// The outcomes of the nodes evaluated and not yet taken by the node around them.
  var outcomes: [Outcome] = []
  /// What is known about loop and bind variables.
  var locals: [Int: Outcome] = [:]
  /// What is known about lazy variables that a program computes.
  var variables: [Int: Outcome] = [:]

  /// Notes a read; false when it was noted before, or there are too many.
  func note(_ read: Trace.Read) -> Bool {
    guard reads.count < TraceLog.maximumReads, known.insert(read).inserted else { return false }
    reads.append(read)
    return true
  }

  /// Forgets the read that a further step makes longer.
  func forget(_ outcome: Outcome) {
    guard outcome.isRead, outcome.isNoted, let read = outcome.deciding.last,
      let index = reads.lastIndex(of: read)
    else { return }
    reads.remove(at: index)
    known.remove(read)
  }

  /// Takes the outcomes since there were `count`.
  func take(since count: Int) -> [Outcome] {
    let taken = Array(outcomes[count...])
    outcomes.removeSubrange(count...)
    return taken
  }

  func push(_ outcome: Outcome) -> Value {
    outcomes.append(outcome)
    return outcome.value
  }
}

extension [Outcome] {
  /// All deciding reads of all, each once.
  var deciding: [Trace.Read] {
    var known: Set<Trace.Read> = []
    return flatMap(\.deciding).filter { known.insert($0).inserted }
  }
}

extension Evaluator {
  /// Evaluates the program and tells what it read and which of that decided the result.
  ///
  /// Some fifty times slower than `evaluate`: for explaining a failure, not for finding it.
  public func trace(_ program: Program) -> Trace {
    let log = TraceLog()
    let outcome = LargeStack.run(depth: program.height) { self.outcome(of: program, log) }
    return Trace(value: outcome.value, reads: log.reads, deciding: outcome.deciding)
  }

  func outcome(of program: Program, _ log: TraceLog) -> Outcome {
    let outerLog = state.pointee.trace
    let outerLocals = log.locals
    log.locals = [:]
    state.pointee.trace = Unmanaged.passUnretained(log)
    defer {
      state.pointee.trace = outerLog
      log.locals = outerLocals
    }
    let plan = program.traced()
    let count = log.outcomes.count
    let value = withExtendedLifetime(log) {
      evaluate(plan.root, localCount: plan.localCount, isLenient: program.isLenient)
    }
    return log.take(since: count).last ?? Outcome(value: value)
  }
}

extension Frame {
  /// The log of the traced evaluation; nodes that trace run only in one.
  var log: TraceLog? { state.pointee.trace?.takeUnretainedValue() }
}
