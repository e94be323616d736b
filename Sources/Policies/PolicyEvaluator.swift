import CEL
import Diagnostics
import Documents
import Manifests

/// Holds requests against the policies of a set. One a thread.
///
/// Order and rules as in apiserver 1.36, `pkg/admission/plugin/policy/validating`: policies by
/// name, for each its bindings by name, for each its parameters. A request that passes allocates
/// nothing for a policy.
public final class PolicyEvaluator {
  /// The policies.
  public let set: PolicySet
  /// What was done so far.
  @exclusivity(unchecked) public private(set) var tally: PolicyTally

  // The checks of exclusive access took a third of the time of an evaluation; nothing that is called
  // while one of these is accessed comes back to it.
  @exclusivity(unchecked) private var index: MatchIndex
  @exclusivity(unchecked) private var selectors: SelectorMatcher
  @exclusivity(unchecked) private var params: ParamLookup
  /// Evaluations so far that ended at match conditions: no validation was asked.
  public var skippedCount: Int { run.skippedCount }
  private let run: PolicyRun
  /// The arena of what lives as long as a request.
  private let requestArena: Arena
  @exclusivity(unchecked) private var lastNamespace: (name: Value, index: Int?) = (.absent, nil)

  /// An evaluator for a set. `requester` is who asks in all requests.
  ///
  /// `objects` are what policies of a repository see beside the request.
  public init(_ set: PolicySet, requester: Requester, objects: RepositoryObjects? = nil) {
    self.set = set
    tally = PolicyTally(policyCount: set.policies.count)
    index = MatchIndex(set.policies, directory: set.directory)
    let arena = Arena()
    requestArena = arena
    selectors = SelectorMatcher(set.cluster, arena: arena)
    params = ParamLookup(set)
    run = PolicyRun(set, requester: requester, requestArena: arena, objects: objects)
  }

  /// What was done since the last call; counting begins anew.
  public func takeTally() -> PolicyTally {
    let taken = tally
    tally = PolicyTally(policyCount: set.policies.count)
    return taken
  }

  /// What `body` has it do, which is left out of its tally.
  public func countedApart(_ body: () -> Void) -> PolicyTally {
    let own = takeTally()
    body()
    defer { tally = own }
    return takeTally()
  }

  /// Appends what the policies say against a request; nothing when all of them let it pass.
  ///
  /// Among the new decisions, the first that denies is marked as the one a cluster would show; none of
  /// a repository's policies, which no cluster has.
  public func evaluate(_ request: AdmissionRequest, into decisions: inout [Decision]) {
    tally.requests += 1
    let bucket = index.bucket(for: request)
    if bucket.candidates.isEmpty { return }
    let count = decisions.count
    requestArena.reset()
    let namespaceIndex = findNamespace(of: request)
    run.begin(request, namespaceIndex: namespaceIndex)
    for candidate in bucket.candidates {
      evaluate(candidate, request, namespaceIndex, &decisions)
    }
    if decisions.count > count, !set.isRepository,
      let shown = decisions[count...].firstIndex(where: \.denies)
    {
      decisions[shown].isShown = true
    }
  }

  /// Whether any policy looks at the Pods of a workload and not at the workload.
  func mayHaveDerivedPod(_ workload: AdmissionRequest) -> Bool {
    index.podBucket(for: workload)?.candidates.isEmpty == false
  }

  /// As `evaluate`, with the policies that do not look at the workload itself.
  func evaluateDerived(
    _ request: AdmissionRequest, from workload: AdmissionRequest,
    into decisions: inout [Decision]
  ) {
    guard let bucket = index.podBucket(for: workload) else { return }
    requestArena.reset()
    let namespaceIndex = findNamespace(of: request)
    run.begin(request, namespaceIndex: namespaceIndex)
    for candidate in bucket.candidates {
      evaluate(candidate, request, namespaceIndex, &decisions)
    }
  }

  /// The index of the request's namespace in the cluster; nil when it has none that is known.
  private func findNamespace(of request: AdmissionRequest) -> Int? {
    let name = request.namespace
    guard name.count > 0 else { return nil }
    // The name may be in memory that is used again, so only a known one is kept: by the cluster's.
    if lastNamespace.name.hasSameBytes(as: name) { return lastNamespace.index }
    guard let index = set.cluster.namespaceIndex(name) else { return nil }
    lastNamespace = (set.cluster.namespaces[index].name, index)
    return index
  }

  private func evaluate(
    _ candidate: Bucket.Candidate, _ request: AdmissionRequest, _ namespaceIndex: Int?,
    _ decisions: inout [Decision]
  ) {
    guard candidate.names.accepts(request.name) else { return }
    var isDoubtful = false
    if !candidate.selectors.isEmpty {
      switch selectors.match(candidate.selectors, request, namespaceIndex: namespaceIndex) {
      case .yes: break
      case .no: return
      case .unknownNamespace: isDoubtful = true
      }
    }
    let policy = candidate.policy
    var isRun = false
    for binding in candidate.bindings {
      guard binding.names.accepts(request.name) else { continue }
      var isBindingDoubtful = isDoubtful
      if !binding.selectors.isEmpty {
        switch selectors.match(binding.selectors, request, namespaceIndex: namespaceIndex) {
        case .yes: break
        case .no: continue
        case .unknownNamespace: isBindingDoubtful = true
        }
      }
      tally.isMatched[policy.index] = true
      if isBindingDoubtful {
        refuse(
          policy, binding.binding, Unknown.namespace(request.namespace.asString ?? ""), &decisions)
        continue
      }
      if !run.sees(candidate.versionIndex) {
        let version = request.resource.versions[candidate.versionIndex]
        refuse(policy, binding.binding, Unknown.conversion(to: version), &decisions)
        continue
      }
      switch policy.params {
      case .none:
        if !isRun { run.evaluate(policy, param: .absent, &tally) }
        isRun = true
        report(policy, binding.binding, param: nil, &decisions)
      case .resource(let resource):
        evaluate(policy, binding.binding, resource, request, &decisions)
      case .unknown(let kind):
        configurationError(
          policy, nil,
          "failed to configure policy: failed to find resource referenced by paramKind: "
            + "'\(kind.apiVersion), Kind=\(kind.kind)'", &decisions)
        return
      }
    }
  }

  private func evaluate(
    _ policy: CompiledPolicy, _ binding: CompiledBinding, _ resource: Resource,
    _ request: AdmissionRequest, _ decisions: inout [Decision]
  ) {
    let apiVersion = policy.policy.paramKind?.apiVersion ?? ""
    switch params.params(
      of: binding, resource, apiVersion: apiVersion, namespace: request.namespace)
    {
    case .null:
      run.evaluate(policy, param: .null, &tally)
      report(policy, binding, param: nil, &decisions)
    case .found(let all):
      let found = resource === request.resource ? asStored(all, for: request) : all
      if found.isEmpty, !all.isEmpty, binding.binding.paramRef?.allowsNotFound == false {
        return configurationError(
          policy, binding.binding, "failed to configure binding: \(ParamLookup.nothingFound)",
          &decisions)
      }
      for param in found {
        run.evaluate(policy, param: param.value, &tally)
        if !run.outcomes.isEmpty {
          report(policy, binding, param: param.reference, &decisions)
        }
      }
    case .problem(let problem):
      configurationError(
        policy, binding.binding, "failed to configure binding: \(problem)", &decisions)
    }
  }

  /// Parameters as they are while a request about one of them is decided: not there before it is
  /// created, and still what it was before it changes.
  private func asStored(_ params: [Manifest], for request: AdmissionRequest) -> [Manifest] {
    guard let object = request.object,
      let index = params.firstIndex(where: { $0.key == object.key })
    else { return params }
    var params = params
    if let old = request.oldObject { params[index] = old } else { params.remove(at: index) }
    return params
  }

  // MARK: decisions

  /// Turns the outcomes of the last run into decisions under a binding.
  @inline(__always)
  private func report(
    _ policy: CompiledPolicy, _ binding: CompiledBinding, param: ObjectReference?,
    _ decisions: inout [Decision]
  ) {
    if run.outcomes.isEmpty { return }
    reportOutcomes(policy, binding, param: param, &decisions)
  }

  private func reportOutcomes(
    _ policy: CompiledPolicy, _ binding: CompiledBinding, param: ObjectReference?,
    _ decisions: inout [Decision]
  ) {
    for outcome in run.outcomes {
      if outcome.kind == .notEvaluated { tally.notEvaluated[policy.index] += 1 }
      decisions.append(
        Decision(
          kind: outcome.kind, policy: policy.policy, binding: binding.binding,
          validationIndex: outcome.validationIndex, expression: outcome.expression,
          message: outcome.message, reason: outcome.reason, param: param, error: outcome.error,
          fields: outcome.fields, keyFields: outcome.keyFields))
    }
  }

  private func configurationError(
    _ policy: CompiledPolicy, _ binding: PolicyBinding?, _ message: String,
    _ decisions: inout [Decision]
  ) {
    guard policy.policy.failurePolicy == .fail else { return }
    decisions.append(
      Decision(
        kind: .configuration, policy: policy.policy, binding: binding, validationIndex: nil,
        expression: nil, message: message, reason: .invalid, param: nil, error: nil, fields: []))
  }

  private func refuse(
    _ policy: CompiledPolicy, _ binding: CompiledBinding, _ reason: String,
    _ decisions: inout [Decision]
  ) {
    tally.notEvaluated[policy.index] += 1
    decisions.append(
      Decision(
        kind: .notEvaluated, policy: policy.policy, binding: binding.binding, validationIndex: nil,
        expression: nil, message: "'\(policy.policy.name)' could not be evaluated: \(reason)",
        reason: .invalid, param: nil, error: nil, fields: []))
  }
}

/// Why something cannot be evaluated here.
enum Unknown {
  static let authorizer = Authorization.unknown
  static func namespace(_ name: String) -> String {
    "the labels of the namespace '\(name)' are not known (declare it under 'cluster')"
  }
  static let namespaceObject =
    "the request's namespace is not known (declare it under 'cluster')"
  static func conversion(to version: String) -> String {
    "the policy sees the object as '\(version)', which it cannot be converted to here"
  }
}
