import CEL
public import Diagnostics
import Documents
import Manifests

/// Policies and bindings compiled for one Kubernetes version, beside what exists in the cluster.
///
/// Immutable: one set serves evaluators on any number of threads.
public final class PolicySet: Sendable {
  /// The Kubernetes 1.x minor version.
  public var minor: Int { directory.minor }
  /// The resources that requests can be about.
  public let directory: ResourceDirectory
  let cluster: ClusterState
  /// The policies that can be evaluated and have a binding, by name: the order of evaluation.
  let policies: [CompiledPolicy]
  /// The number of bindings that are in force.
  let bindingCount: Int
  /// The number of variables that an evaluator needs room for.
  let slotCount: Int
  /// The number of computations that variables of policies share.
  let computationCount: Int
  /// The groups that rules of policies name and that hold kinds of intents.
  private let intentGroups: Set<String>
  /// Whether these are policies of a repository, which also see all of its objects.
  public let isRepository: Bool
  /// The kinds that expressions of a repository's policies ask for under `objects`.
  public let objectKinds: RepositoryKinds
  /// The kinds that a repository's policies are evaluated for, or ask for: the objects to keep until all are known.
  public let keptKinds: RepositoryKinds
  /// The kinds that policies are evaluated for that look at objects as they were written.
  public let writtenKinds: RepositoryKinds
  /// What is not evaluated at all, and why; sorted.
  public let notEvaluated: [Ledger.NotEvaluated]

  /// The number of policies that can match requests.
  public var policyCount: Int { policies.count }
  /// The names of the policies that can match requests, in the order of evaluation.
  public var names: [String] { policies.map(\.policy.name) }

  /// Compiles what the files hold for the Kubernetes version of `directory`.
  ///
  /// Policies whose annotation excludes the version are left out. Findings, beside those of reading
  /// the files: `policy/does-not-compile`, `policy/duplicate`, `policy/no-binding`,
  /// `policy/dangling-binding`, `policy/unknown-param-kind`, `policy/dangling-param`, and those of
  /// `policyProblems`, `policy/expensive`, and `policy/type` and `policy/unguarded-field` where `types` knows the
  /// schemas of what policies match.
  /// `requester` is who will ask, where that is known already.
  public static func compile(
    _ files: PolicyFiles, directory: ResourceDirectory, cluster: ClusterState,
    requester: Requester? = nil, types: ObjectTypes? = nil
  ) -> (set: PolicySet, findings: [Finding]) {
    var builder = PolicySetBuilder(directory, cluster, knowsUser: requester?.isGiven ?? false)
    builder.types = types
    builder.add(files)
    return (PolicySet(builder), builder.findings)
  }

  /// Compiles the RepositoryPolicies of the files; findings as of `compile`.
  ///
  /// They need `RepositoryObjects` to be evaluated.
  public static func compileRepositoryPolicies(
    _ files: PolicyFiles, directory: ResourceDirectory, cluster: ClusterState,
    types: ObjectTypes? = nil
  ) -> (set: PolicySet, findings: [Finding]) {
    var builder = PolicySetBuilder(directory, cluster, knowsUser: false, isRepository: true)
    builder.types = types
    builder.add(files)
    return (PolicySet(builder, isRepository: true), builder.findings)
  }

  /// Whether any policy names the group of an intent's kind, with a rule that may be about it.
  public func looksAtIntents(apiVersion: String, kind: String) -> Bool {
    guard let resource = directory.resource(kind: kind, apiVersion: apiVersion),
      resource.isIntent
    else { return false }
    return intentGroups.contains(resource.group)
  }

  private init(_ builder: PolicySetBuilder, isRepository: Bool = false) {
    self.isRepository = isRepository
    directory = builder.directory
    cluster = builder.cluster
    policies = builder.compiled
    let ofRepository = isRepository ? builder.compiled : []
    let reads = ofRepository.map(\.references)
    objectKinds = RepositoryKinds(askedForBy: reads.joined())
    keptKinds = objectKinds.adding(matchedBy: ofRepository, directory)
    let ofWritten = zip(ofRepository, reads).filter { $1.contains { $0.variable == "written" } }
    writtenKinds = RepositoryKinds().adding(matchedBy: ofWritten.map(\.0), directory)
    bindingCount = builder.bindingCount
    computationCount = builder.computations.count
    let groups = Set(builder.directory.resources.filter(\.isIntent).map(\.group))
    intentGroups =
      groups.isEmpty
      ? []
      : groups.intersection(
        builder.compiled.flatMap {
          $0.policy.matchConstraints.resourceRules.flatMap(\.apiGroups)
        })
    slotCount =
      RequestTypes.firstVariableSlot + (builder.compiled.map(\.variables.count).max() ?? 0)
    notEvaluated = builder.notEvaluated.sorted { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
  }
}
