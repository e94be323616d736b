import Diagnostics
import Documents
import Manifests
import Policies
import Testing

/// Policies that look at all objects of an environment.
@Suite struct RepositoryPolicyTests {
  private static let policy = """
    apiVersion: pave.dev/v1alpha1
    kind: RepositoryPolicy
    metadata: {name: p}
    spec:
      validationActions: [Deny]
      matchConstraints:
        resourceRules:
          - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
      validations:
        - expression: >-
            objects["policy/PodDisruptionBudget"][object.metadata.namespace].exists(b,
            selects(b.spec.selector, object.spec.template.metadata.labels))
          message: no budget selects it
    """

  private static let deployment = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec: {template: {metadata: {labels: {app: web, tier: front}}}}
    """

  private func budget(_ selector: String, namespace: String = "shop") -> String {
    """
    ---
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: b, namespace: \(namespace)}
    spec: {selector: \(selector)}
    """
  }

  private func compiled(_ policy: String) -> (set: PolicySet, findings: [Finding]) {
    var files = PolicyFiles()
    let found = files.add(file: "policy.yaml", documents: documents(policy))
    let result = PolicySet.compileRepositoryPolicies(
      files, directory: Scenario.directory, cluster: ClusterState())
    return (result.set, found + result.findings)
  }

  private func decisions(_ objects: String, policy: String = policy) -> [Decision] {
    let (set, findings) = compiled(policy)
    #expect(findings.filter { $0.severity > .note } == [])
    let manifests = documents(objects).map { Manifest($0) }
    let evaluator = PolicyEvaluator(
      set, requester: Requester(engine: "argocd"), objects: RepositoryObjects(manifests, for: set))
    var decisions: [Decision] = []
    if case .success(let request) = AdmissionRequest.create(
      manifests[0], in: Scenario.directory)
    {
      evaluator.evaluate(request, into: &decisions)
    }
    return decisions
  }

  @Test func findsWhatExists() {
    #expect(decisions(Self.deployment + "\n" + budget("{matchLabels: {app: web}}")).isEmpty)
    #expect(decisions(Self.deployment + "\n" + budget("{}")).isEmpty)
    #expect(
      decisions(
        Self.deployment + "\n"
          + budget("{matchExpressions: [{key: tier, operator: In, values: [front, back]}]}")
      ).isEmpty)
  }

  @Test(arguments: [
    "", "{matchLabels: {app: api}}", "{matchLabels: {app: web, zone: a}}",
    "{matchExpressions: [{key: tier, operator: DoesNotExist}]}",
    "{matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}",
  ])
  func saysWhatDoesNot(selector: String) throws {
    let budget = selector.isEmpty ? "" : budget(selector)
    let decisions = decisions(Self.deployment + "\n" + budget)
    #expect(decisions.map(\.message) == ["no budget selects it"])
    let decision = try #require(decisions.first)
    #expect(decision.denies)
    let manifest = Manifest(try #require(documents(Self.deployment).first))
    if case .success(let request) = AdmissionRequest.create(manifest, in: Scenario.directory) {
      let finding = decision.finding(for: request)
      #expect(finding.policy == "p" && finding.binding == nil && finding.severity == .error)
    }
  }

  @Test func looksIntoTheNamespaceOnly() {
    let elsewhere = budget("{}", namespace: "other")
    #expect(decisions(Self.deployment + "\n" + elsewhere).count == 1)
  }

  @Test func operationsAndBothFormsAreSeen() {
    let text = Self.policy.replacing("operations: [CREATE]", with: "operations: ['*']")
    let start = text.firstRange(of: "  validations:")?.lowerBound ?? text.endIndex
    let policy =
      text[..<start] + """
          validations:
            - expression: "false"
              messageExpression: >-
                [request.operation, string(object == null ? 0 : object.spec.replicas),
                string(oldObject == null ? 0 : oldObject.spec.replicas),
                string(written == null), string(written != null && has(written.spec.replicas))].join(' ')
        """
    let set = compiled(String(policy)).set
    #expect(set.writtenKinds.names == ["apps/Deployment"])
    #expect(compiled(Self.policy).set.writtenKinds.names == [])
    let kept = compiled(Self.policy).set.keptKinds
    #expect(kept.names == ["apps/Deployment", "policy/PodDisruptionBudget"])
    let written = Manifest(documents(Self.deployment)[0])
    let stored = Manifest(documents(deployment_(replicas: 1))[0])
    let old = Manifest(documents(deployment_(replicas: 5))[0])
    func said(_ request: Result<AdmissionRequest, AdmissionRequest.Problem>) -> [Decision] {
      let evaluator = PolicyEvaluator(
        set, requester: Requester(engine: "argocd"), objects: RepositoryObjects([], for: set))
      var decisions: [Decision] = []
      guard case .success(var request) = request else { return [] }
      if request.operation != .delete { request.written = written }
      evaluator.evaluate(request, into: &decisions)
      return decisions
    }
    let directory = Scenario.directory
    let created = said(AdmissionRequest.create(stored, in: directory))
    #expect(created.map(\.message) == ["CREATE 1 0 false false"])
    // No cluster has the policy, so none would show its decision.
    #expect(created.map(\.isShown) == [false])
    #expect(
      said(AdmissionRequest.update(stored, from: old, in: directory)).map(\.message)
        == ["UPDATE 1 5 false false"])
    #expect(
      said(AdmissionRequest.delete(old, in: directory)).map(\.message) == ["DELETE 0 5 true false"])
  }

  private func deployment_(replicas: Int) -> String {
    Self.deployment.replacing("spec: {template", with: "spec: {replicas: \(replicas), template")
  }

  @Test func namesTheKindsThatMatter() {
    let set = compiled(Self.policy).set
    #expect(set.keptKinds.names == ["apps/Deployment", "policy/PodDisruptionBudget"])
    #expect(!set.keptKinds.isEverything)
    let dynamic = Self.policy.replacing(
      "objects[\"policy/PodDisruptionBudget\"]", with: "objects[object.kind]")
    #expect(compiled(dynamic).set.keptKinds.isEverything)
  }

  @Test func hasItsOwnStepLimit() {
    let policy = Self.policy.replacing(
      "objects[\"policy/PodDisruptionBudget\"][object.metadata.namespace].exists(b,",
      with: "objects[\"policy/PodDisruptionBudget\"][\"shop\"].all(b, [1,2,3,4,5,6,7,8,9,10].all(i,"
        + "[1,2,3,4,5,6,7,8,9,10].all(j, [1,2,3,4,5,6,7,8,9,10].all(k,"
    ).replacing("labels))", with: "labels)))))")
    let many = (0..<20).map { _ in budget("{}") }.joined(separator: "\n")
    // 20,000 steps are more than a cluster's policy may take unmetered, and fewer than the limit here.
    #expect(decisions(Self.deployment + "\n" + many, policy: policy).isEmpty)
  }

  @Test func mistakesAreFindings() {
    func rules(_ from: String, _ to: String) -> [String] {
      compiled(Self.policy.replacing(from, with: to)).findings.map(\.rule)
    }
    #expect(rules("validationActions: [Deny]", "validationActions: []") == ["policy/invalid"])
    #expect(rules("selects(b", "chooses(b") == ["policy/does-not-compile"])
    #expect(rules("v1alpha1", "v2") == ["policy/invalid"])
    #expect(rules("validationActions", "validationActoins").contains("policy/unknown-field"))
  }

  /// A policy of a cluster must not get what no cluster has.
  @Test func plainPoliciesSeeNoObjects() {
    let text = Self.policy.replacing("pave.dev/v1alpha1", with: "admissionregistration.k8s.io/v1")
      .replacing("RepositoryPolicy", with: "ValidatingAdmissionPolicy")
      .replacing("  validationActions: [Deny]\n", with: "")
    let problems = Scenario(text).result().problems
    #expect(problems.contains { $0.hasPrefix("policy/does-not-compile") })
  }
}
