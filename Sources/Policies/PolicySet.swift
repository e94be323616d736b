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
  /// What is not evaluated at all, and why; sorted.
  public let notEvaluated: [Ledger.NotEvaluated]

  /// The names of the policies that can match requests, in the order of evaluation.
  public var names: [String] { policies.map(\.policy.name) }

  /// Compiles what the files hold for the Kubernetes version of `directory`.
  ///
  /// Policies whose annotation excludes the version are left out. Findings, beside those of reading
  /// the files: `policy/does-not-compile`, `policy/duplicate`, `policy/no-binding`,
  /// `policy/dangling-binding`, `policy/unused-variable`, `policy/never-asked`,
  /// `policy/unknown-param-kind`.
  public static func compile(
    _ files: PolicyFiles, directory: ResourceDirectory, cluster: ClusterState
  ) -> (set: PolicySet, findings: [Finding]) {
    var builder = PolicySetBuilder(directory: directory)
    builder.add(files)
    return (PolicySet(builder, directory, cluster), builder.findings)
  }

  private init(
    _ builder: PolicySetBuilder, _ directory: ResourceDirectory, _ cluster: ClusterState
  ) {
    self.directory = directory
    self.cluster = cluster
    policies = builder.compiled
    bindingCount = builder.bindingCount
    slotCount =
      RequestTypes.firstVariableSlot + (builder.compiled.map(\.variables.count).max() ?? 0)
    notEvaluated = builder.notEvaluated.sorted { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
  }
}

/// Joins policies with their bindings and notes what does not fit.
private struct PolicySetBuilder {
  let directory: ResourceDirectory
  var compiler: PolicyCompiler
  var compiled: [CompiledPolicy] = []
  var bindingCount = 0
  var notEvaluated: [Ledger.NotEvaluated] = []
  private var own: [Finding] = []

  var findings: [Finding] { compiler.findings + own }

  init(directory: ResourceDirectory) {
    self.directory = directory
    compiler = PolicyCompiler(minor: directory.minor)
  }

  mutating func add(_ files: PolicyFiles) {
    let version = KubernetesVersion(minor: directory.minor)
    let policies = unique(
      files.policies.filter { $0.kubernetes.contains(version) }, name: \.name, source: \.source)
    let bindings = unique(
      files.bindings.filter { $0.kubernetes.contains(version) }, name: \.name, source: \.source)
    let names = Set(policies.map(\.name))
    let known = Set(files.policies.map(\.name))
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
    check(policy, expressions)
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
        policy: policy, index: compiled.count, expressions: expressions, params: params,
        bindings: compiledBindings))
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

  /// What an API server takes and nobody wants.
  private mutating func check(_ policy: Policy, _ expressions: PolicyExpressions) {
    let all = expressions.all
    for variable in expressions.variables
    where !all.contains(where: { $0.reads("variables.\(variable.name)") }) {
      add(
        "unused-variable", policy, "the variable '\(variable.name)' is not used",
        at: variable.expression.path, severity: .note)
    }
    for (index, rule) in policy.matchConstraints.resourceRules.enumerated() {
      for resource in rule.resources where isNeverAsked(resource, rule) {
        add(
          "never-asked", policy, "API servers ask no policies about '\(resource)'",
          at: FieldPath(keys: "spec", "matchConstraints", "resourceRules").index(index)
            .key("resources"))
      }
    }
  }

  private func isNeverAsked(_ plural: String, _ rule: ResourceRule) -> Bool {
    let named = directory.resources.filter {
      $0.plural == plural && rule.apiGroups.contains($0.group)
    }
    return !named.isEmpty && named.allSatisfy { !$0.isSeenByPolicies }
  }
}
