import Diagnostics
import Policies
import Testing

@Suite struct MatchingTests {
  /// A policy that refuses all that it matches.
  func always(_ constraints: String) -> String {
    """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata: {name: p}
    spec:
      matchConstraints: \(constraints)
      validations: [{expression: 'false', message: matched}]
    """
  }

  func isMatched(
    _ constraints: String, _ object: String, cluster: String = "", old: String? = nil
  ) -> Bool {
    let result = Scenario(always(constraints), cluster: cluster).result(object: object, old: old)
    #expect(result.problems == [])
    return result.messages == ["matched"]
  }

  func rule(
    groups: String = "apps", versions: String = "v1", operations: String = "CREATE",
    resources: String = "deployments", more: String = ""
  ) -> String {
    "{resourceRules: [{apiGroups: ['\(groups)'], apiVersions: ['\(versions)'], "
      + "operations: ['\(operations)'], resources: ['\(resources)']\(more)}]}"
  }

  @Test func rulesMatchByGroupVersionOperationAndResource() {
    #expect(isMatched(rule(), deployment()))
    #expect(isMatched(rule(groups: "*", versions: "*", operations: "*"), deployment()))
    #expect(!isMatched(rule(groups: ""), deployment()))
    #expect(!isMatched(rule(versions: "v2"), deployment()))
    #expect(!isMatched(rule(operations: "DELETE"), deployment()))
    #expect(!isMatched(rule(operations: "CREATE"), deployment(), old: deployment()))
    for resources in ["*", "*/*", "deployments/*"] {
      #expect(isMatched(rule(resources: resources), deployment()))
    }
    for resources in ["deployments/scale", "*/scale", "statefulsets"] {
      #expect(!isMatched(rule(resources: resources), deployment()))
    }
  }

  @Test func scopesCountNamespacesAsClusterWide() {
    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: n}}"
    #expect(isMatched(rule(more: ", scope: Namespaced"), deployment()))
    #expect(!isMatched(rule(more: ", scope: Cluster"), deployment()))
    #expect(
      isMatched(rule(groups: "", resources: "namespaces", more: ", scope: Cluster"), namespace))
    #expect(
      !isMatched(rule(groups: "", resources: "namespaces", more: ", scope: Namespaced"), namespace))
  }

  @Test func namesNarrowAndExclude() {
    #expect(isMatched(rule(more: ", resourceNames: [web]"), deployment()))
    #expect(!isMatched(rule(more: ", resourceNames: [other]"), deployment()))
    let excluding = """
      {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: ['*']}],
       excludeResourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], resourceNames: [web]}]}
      """
    #expect(!isMatched(excluding, deployment("web")))
    #expect(isMatched(excluding, deployment("other")))
  }

  @Test func objectSelectorsTakeEitherSide() {
    let selected = rule(operations: "*").dropLast() + ", objectSelector: {matchLabels: {app: web}}}"
    let bare = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}"
    #expect(isMatched(String(selected), deployment()))
    #expect(!isMatched(String(selected), bare))
    #expect(isMatched(String(selected), bare, old: deployment()))
  }

  @Test func namespaceSelectorsSeeTheNameLabel() {
    let byName =
      rule().dropLast()
      + ", namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}}"
    #expect(isMatched(String(byName), deployment()))
    #expect(!isMatched(String(byName), deployment().replacing("default", with: "kube-system")))
    #expect(!isMatched(String(byName), deployment().replacing("default", with: "undeclared")))
    let byLabel = String(rule().dropLast() + ", namespaceSelector: {matchLabels: {env: prod}}}")
    let prod = "{apiVersion: v1, kind: Namespace, metadata: {name: default, labels: {env: prod}}}"
    #expect(isMatched(byLabel, deployment(), cluster: prod))
    #expect(!isMatched(byLabel, deployment()))
  }

  @Test func anUndeclaredNamespaceIsSaidAloud() {
    let byLabel = String(rule().dropLast() + ", namespaceSelector: {matchLabels: {env: prod}}}")
    let result = Scenario(always(byLabel))
      .result(object: deployment().replacing("default", with: "undeclared"))
    #expect(result.decisions.map(\.kind) == [.notEvaluated])
    #expect(result.messages.first?.contains("'undeclared'") == true)
  }

  @Test func equivalentVersionsAreConverted() {
    let autoscaler = """
      apiVersion: autoscaling/v1
      kind: HorizontalPodAutoscaler
      metadata: {name: web, namespace: default}
      spec: {maxReplicas: 9, targetCPUUtilizationPercentage: 70}
      """
    let text = """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: p}
      spec:
        matchConstraints: \(rule(groups: "autoscaling", versions: "v2", resources: "horizontalpodautoscalers"))
        validations:
        - expression: 'false'
          messageExpression: >-
            [string(object.apiVersion), string(object.spec.metrics[0].resource.target.averageUtilization),
            request.kind.version, request.requestKind.version].join(' ')
      """
    #expect(
      Scenario(text).result(object: autoscaler).messages == ["autoscaling/v2 70 v2 v1"])
    let exact = text.replacing(
      "matchConstraints: {", with: "matchConstraints: {matchPolicy: Exact, ")
    #expect(Scenario(exact).result(object: autoscaler).messages == [])
  }

  @Test func bindingsIntersectWithTheirPolicy() {
    let bindings = """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: b}
      spec:
        policyName: p
        validationActions: [Deny]
        matchResources: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], resourceNames: [web]}]}
      """
    let scenario = Scenario(always(rule()), bindings: bindings)
    #expect(scenario.result(object: deployment("web")).messages == ["matched"])
    let other = scenario.result(object: deployment("other"))
    #expect(other.messages == [])
    #expect(other.ledger.notMatched == ["p"])
    #expect(
      scenario.result(object: "{apiVersion: v1, kind: Service, metadata: {name: web}}").messages
        == [])
  }

  @Test func whatCannotBeARequestHasAReason() {
    func problem(_ object: String) -> AdmissionRequest.Problem? {
      Scenario(always(rule())).result(object: object).problem
    }
    #expect(problem("{kind: Deployment}") == .noKind)
    #expect(
      problem("{apiVersion: example.com/v1, kind: Widget}") == .unknownKind("Widget.example.com"))
    #expect(
      problem("{apiVersion: apps/v1beta1, kind: Deployment}") == .unservedVersion("apps/v1beta1"))
    #expect(
      problem("{apiVersion: authorization.k8s.io/v1, kind: SubjectAccessReview}")
        == .neverAsked("SubjectAccessReview.authorization.k8s.io"))
  }
}
