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
  /// All reads of variables, in the order of the source.
  public let references: [Reference]
  let root: Node
  /// The number of loop and bind variables that it needs room for.
  let localCount: Int
  /// See `FrameState.isLenient`.
  let isLenient: Bool
  /// What the constants of the nodes point into.
  private let arena: Arena
  private let environment: CELEnvironment
  private let tree: SyntaxTree
  private let costedPlans = Mutex<[CostModel: Plan]>([:])
  private let tracedPlan = Mutex<Plan?>(nil)

  /// Another set of nodes for the same expression.
  final class Plan: @unchecked Sendable {
    let root: Node
    let localCount: Int
    private let arena: Arena

    init(root: Node, localCount: Int, arena: Arena) {
      self.root = root
      self.localCount = localCount
      self.arena = arena
    }
  }

  init(source: String, root: Node, planner: Planner, arena: Arena) {
    self.source = source
    self.root = root
    self.arena = arena
    resultType = planner.resultType
    references = planner.references.sorted { $0.range.lowerBound < $1.range.lowerBound }
    localCount = planner.localCount
    environment = planner.environment
    tree = planner.tree
    isLenient = planner.environment.profile.isKubernetes
  }

  /// The nodes that count cost; planned at the first use.
  func costed(_ model: CostModel) -> Plan {
    costedPlans.withLock { plans in
      if let plan = plans[model] { return plan }
      let arena = Arena(firstChunkByteCount: 1024)
      var planner = Planner(
        tree: tree, environment: environment, arena: arena, mode: .costed(model))
      if environment.checksTypes { planner.check() }
      let root = planner.plan(tree.root)
      let plan = Plan(root: root, localCount: planner.localCount, arena: arena)
      plans[model] = plan
      return plan
    }
  }

  /// The nodes that note what they read; planned at the first use.
  func traced() -> Plan {
    tracedPlan.withLock { known in
      if let known { return known }
      let arena = Arena(firstChunkByteCount: 1024)
      var planner = Planner(tree: tree, environment: environment, arena: arena, mode: .traced)
      let root = planner.plan(tree.root)
      let plan = Plan(root: root, localCount: planner.localCount, arena: arena)
      known = plan
      return plan
    }
  }
}
