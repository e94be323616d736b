public import Diagnostics
import Documents
import Synchronization

/// A compiled expression. Immutable: any thread's evaluator can run it.
public final class Program: @unchecked Sendable {
  /// A place where the expression reads a variable.
  public struct Reference: Hashable, Sendable {
    /// The variable's name.
    public let variable: String
    /// The plain fields and constant indices that are read below it, outermost first.
    public let path: [FieldPath.Step]
    /// Where it stands in the source, in UTF-8 bytes.
    public let range: Range<Int>
    /// Whether the read cannot fail for a field that is not there: below `.?`, or inside `has`.
    public let isOptional: Bool
  }

  /// The text it was compiled from.
  public let source: String
  /// The type of the result as far as it is known; `.dyn` if it is not.
  public let resultType: CELType
  /// All reads of variables, in the order of the source. Made anew at each call.
  public var references: [Reference] { rawReferences.map { $0.reference(environment) } }
  private let rawReferences: [RawReference]
  let root: Node
  /// The number of loop and bind variables that it needs room for.
  let localCount: Int
  /// See `FrameState.isLenient`.
  let isLenient: Bool
  /// What the constants of the nodes point into.
  private let arena: Arena
  let environment: CELEnvironment
  let tree: SyntaxTree
  private let clusterPlan = OncePlan()
  private let asWrittenPlan = OncePlan()
  private let tracedPlan = OncePlan()

  /// Another set of nodes for the same expression.
  final class Plan: @unchecked Sendable {
    let root: Node
    let localCount: Int
    /// What each evaluation charges beside what the nodes charge.
    let fixedCost: UInt64
    private let arena: Arena

    init(root: Node, fixedCost: UInt64, localCount: Int, arena: Arena) {
      self.root = root
      self.fixedCost = fixedCost
      self.localCount = localCount
      self.arena = arena
    }
  }

  init(source: String, root: Node, planner: Planner, arena: Arena) {
    self.source = source
    self.root = root
    self.arena = arena
    resultType = planner.resultType
    rawReferences = planner.references.sorted { $0.start < $1.start }
    localCount = planner.localCount
    environment = planner.environment
    tree = planner.tree
    isLenient = planner.environment.profile.isKubernetes
  }

  /// The nodes that count cost; planned at the first use. Not retained: the program keeps it.
  @inline(__always)
  func costed(_ model: CostModel) -> Unmanaged<Plan> {
    switch model {
    case .cluster: clusterPlan.load() ?? clusterPlan.store(plan(.costed(.cluster)))
    case .asWritten: asWrittenPlan.load() ?? asWrittenPlan.store(plan(.costed(.asWritten)))
    }
  }

  /// The nodes that note what they read; planned at the first use.
  func traced() -> Plan {
    (tracedPlan.load() ?? tracedPlan.store(plan(.traced))).takeUnretainedValue()
  }

  private func plan(_ mode: Planner.Mode) -> Plan {
    LargeStack.run(depth: height) {
      let arena = Arena(firstChunkByteCount: 1024)
      var planner = Planner(tree: tree, environment: environment, arena: arena, mode: mode)
      if mode != .traced, environment.checksTypes { planner.check() }
      var root = planner.plan(tree.root)
      let fixedCost = planner.takeFixedCost(of: &root)
      return Plan(
        root: root, fixedCost: fixedCost, localCount: planner.localCount, arena: arena)
    }
  }

  /// The number of levels of the expression.
  var height: Int { tree.height }
}

/// A plan that is made once, by whichever thread comes first.
///
/// `AtomicLazyReference` is not specialised for its class and took 40 ns to load.
private struct OncePlan: ~Copyable, Sendable {
  private let bits = Atomic<UInt>(0)

  /// The plan; nil when it is not made yet.
  @inline(__always)
  func load() -> Unmanaged<Program.Plan>? {
    UnsafeRawPointer(bitPattern: bits.load(ordering: .acquiring)).map {
      Unmanaged<Program.Plan>.fromOpaque($0)
    }
  }

  /// Keeps the plan unless there is one; the plan that is kept.
  @inline(never)
  func store(_ plan: Program.Plan) -> Unmanaged<Program.Plan> {
    let new = Unmanaged.passRetained(plan)
    let (isOurs, _) = bits.compareExchange(
      expected: 0, desired: UInt(bitPattern: new.toOpaque()), ordering: .acquiringAndReleasing)
    if isOurs { return new }
    // Another thread was first; what it kept stays.
    new.release()
    return load() ?? Unmanaged.passRetained(plan)
  }

  deinit {
    if let pointer = UnsafeRawPointer(bitPattern: bits.load(ordering: .acquiring)) {
      Unmanaged<Program.Plan>.fromOpaque(pointer).release()
    }
  }
}
