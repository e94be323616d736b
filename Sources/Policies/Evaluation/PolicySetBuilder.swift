import CEL
import Diagnostics
import Documents
import Manifests

/// Joins policies with their bindings and notes what does not fit.
struct PolicySetBuilder {
  let directory: ResourceDirectory
  let cluster: ClusterState
  /// Whether the requesting user is given rather than assumed.
  let knowsUser: Bool
  /// The schemas of the kinds that policies look at; nil where none is known.
  var types: ObjectTypes?
  var compiler: PolicyCompiler
  var compiled: [CompiledPolicy] = []
  var bindingCount = 0
  var notEvaluated: [Ledger.NotEvaluated] = []
  /// The computations of the variables of all policies.
  private(set) var computations = SharedComputations()
  private let isRepository: Bool
  private var own: [Finding] = []

  var findings: [Finding] { compiler.findings + own }

  init(
    _ directory: ResourceDirectory, _ cluster: ClusterState, knowsUser: Bool,
    isRepository: Bool = false
  ) {
    self.isRepository = isRepository
    self.directory = directory
    self.cluster = cluster
    self.knowsUser = knowsUser
    compiler = PolicyCompiler(minor: directory.minor, isRepository: isRepository)
  }

  mutating func add(_ files: PolicyFiles) {
    let version = KubernetesVersion(minor: directory.minor)
    let all = isRepository ? files.repositoryPolicies : files.policies
    let policies = unique(
      all.filter { $0.kubernetes.contains(version) }, name: \.name, source: \.source)
    let bindings = unique(
      (isRepository ? files.repositoryBindings : files.bindings).filter {
        $0.kubernetes.contains(version)
      }, name: \.name, source: \.source)
    let names = Set(policies.map(\.name))
    let known = Set(all.map(\.name))
    for binding in bindings where binding.isValid && !names.contains(binding.policyName) {
      addDangling(binding, known: known.sorted())
    }
    for binding in bindings where !binding.isValid {
      leaveOut("binding \(binding.name)", "it is not valid")
    }
    let bound = Dictionary(grouping: bindings.filter(\.isValid), by: \.policyName)
    for policy in policies.sorted(by: { $0.name < $1.name }) {
      add(
        policy, bindings: (bound[policy.name] ?? []).sorted { $0.name < $1.name },
        isBound: bindings.contains { $0.policyName == policy.name })
    }
  }

  /// The first of each name; the others are findings.
  private mutating func unique<Item>(
    _ items: [Item], name: (Item) -> String, source: (Item) -> PolicySource
  ) -> [Item] {
    var first: [String: PolicySource] = [:]
    return items.filter { item in
      let itemName = name(item)
      guard let earlier = first[itemName] else {
        first[itemName] = source(item)
        return true
      }
      guard !itemName.isEmpty else { return true }
      let path = FieldPath(keys: "metadata", "name")
      own.append(
        Finding(
          rule: "policy/duplicate", "the name '\(itemName)' is taken already",
          at: source(item).place(path),
          help: "rename one, or part their versions with the annotation 'pave.dev/kubernetes'",
          related: [.init(label: "first defined here", place: earlier.place(path))]))
      return false
    }
  }

  private mutating func add(_ policy: Policy, bindings: [PolicyBinding], isBound: Bool) {
    guard policy.isValid else { return leaveOut("policy \(policy.name)", "it is not valid") }
    guard let expressions = compiler.compile(policy) else {
      return leaveOut("policy \(policy.name)", "an expression does not compile")
    }
    own += policyProblems(policy, expressions, directory, knowsUser: knowsUser)
    if let types, !policy.source.isBuiltIn {
      let profile = Profile.kubernetes(minor: directory.minor, inRepository: isRepository)
      if !isRepository {
        own += TypeChecking(directory: directory, types: types, profile: profile).findings(policy)
      }
      own += GuardChecking(directory: directory, types: types, profile: profile).findings(policy)
    }
    if !isRepository, !policy.source.isBuiltIn { own += expensiveExpressions(policy, expressions) }
    guard !bindings.isEmpty else {
      if !isBound {
        add(
          "no-binding", policy, "the policy '\(policy.name)' has no binding, so it does nothing",
          at: FieldPath(keys: "metadata", "name"),
          help: "add a ValidatingAdmissionPolicyBinding with 'policyName: \(policy.name)'")
      }
      return leaveOut("policy \(policy.name)", "it has no binding")
    }
    var params = ParamSource.none
    if let kind = policy.paramKind {
      if let resource = directory.resource(kind: kind.kind, apiVersion: kind.apiVersion) {
        params = .resource(resource)
        for binding in bindings { checkParams(of: binding, resource) }
      } else {
        params = .unknown(kind)
        add(
          "unknown-param-kind", policy,
          "the kind '\(kind.kind)' of '\(kind.apiVersion)' is not known",
          at: FieldPath(keys: "spec", "paramKind"),
          help: "give its CustomResourceDefinition under 'schemas'")
      }
    }
    let compiledBindings = bindings.map { binding in
      bindingCount += 1
      return CompiledBinding(binding, index: bindingCount - 1)
    }
    compiled.append(
      CompiledPolicy(
        policy: policy, index: compiled.count, expressions: expressions,
        computations: isRepository
          ? expressions.variables.map { _ in nil } : computations.add(expressions.variables),
        params: params, bindings: compiledBindings))
  }

  private mutating func leaveOut(_ subject: String, _ reason: String) {
    notEvaluated.append(Ledger.NotEvaluated(subject: subject, reason: reason))
  }

  private mutating func add(
    _ rule: String, _ policy: Policy, _ message: String, at path: FieldPath, help: String? = nil,
    severity: Severity = .warning
  ) {
    var finding = Finding(
      rule: "policy/\(rule)", severity: severity, message, at: policy.source.place(path),
      help: help)
    finding.policy = policy.name
    finding.path = path
    own.append(finding)
  }

  private mutating func addDangling(_ binding: PolicyBinding, known: [String]) {
    let isElsewhere = known.contains(binding.policyName)
    let nearest = nearestName(to: binding.policyName, in: known)
    var finding = Finding(
      rule: "policy/dangling-binding", severity: .warning,
      isElsewhere
        ? "the policy '\(binding.policyName)' is not for Kubernetes 1.\(directory.minor), "
          + "but the binding '\(binding.name)' is"
        : "the binding '\(binding.name)' is for the policy '\(binding.policyName)', "
          + "which does not exist",
      at: binding.source.place(FieldPath(keys: "spec", "policyName")),
      help: isElsewhere ? nil : nearest.map { "did you mean '\($0)'?" })
    finding.binding = binding.name
    own.append(finding)
    leaveOut("binding \(binding.name)", "its policy '\(binding.policyName)' does not exist")
  }

  /// A binding that names one parameter, which does not exist, and refuses without it.
  private mutating func checkParams(of binding: PolicyBinding, _ resource: Resource) {
    guard let reference = binding.paramRef, !reference.allowsNotFound,
      case .name(let name) = reference.choice
    else { return }
    let known = cluster.objects(of: resource).filter {
      reference.namespace == nil || $0.namespace.asString == reference.namespace
    }
    guard !known.contains(where: { $0.name.asString == name }) else { return }
    let place = reference.namespace.map { " in the namespace '\($0)'" } ?? ""
    let nearest = nearestName(to: name, in: known.compactMap(\.name.asString))
    var finding = Finding(
      rule: "policy/dangling-param", severity: .warning,
      "there is no \(resource.kind) '\(name)'\(place), so the policy '\(binding.policyName)' "
        + "refuses whatever it matches",
      at: binding.source.place(FieldPath(keys: "spec", "paramRef", "name")),
      help: nearest.map { "did you mean '\($0)'?" } ?? "declare it under 'cluster'")
    finding.policy = binding.policyName
    finding.binding = binding.name
    own.append(finding)
  }
}
