import Diagnostics
import Policies
import Testing

/// A policy `p` for Deployments with the given lines under `spec`.
func policy(_ spec: String, operations: String = "CREATE, UPDATE") -> String {
  """
  apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicy
  metadata: {name: p}
  spec:
    matchConstraints:
      resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [\(operations)], resources: [deployments]}

  """
    + spec.split(separator: "\n", omittingEmptySubsequences: false)
    .map { "  \($0)" }.joined(separator: "\n")
}

func deployment(_ name: String = "web", replicas: Int = 1) -> String {
  """
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: \(name), namespace: default, labels: {app: web}}
  spec: {replicas: \(replicas)}
  """
}

@Suite struct EvaluationTests {
  @Test func aFalseValidationRefusesWithItsMessage() throws {
    let result = Scenario(
      policy(
        """
        validations:
        - expression: object.spec.replicas > 5
          message: "  needs more replicas "
          reason: Forbidden
        - expression: object.spec.replicas > 6
          messageExpression: "'has ' + string(object.spec.replicas)"
        - expression: object.spec.replicas > 0
        """)
    ).result(object: deployment())
    #expect(result.problems == [])
    #expect(result.messages == ["needs more replicas", "has 1"])
    let first = try #require(result.decisions.first)
    #expect(first.isShown && first.denies && first.validationIndex == 0)
    #expect(first.reason.code == 403)
    #expect(!result.decisions[1].isShown)
    #expect(result.ledger.evaluations == 1)
    #expect(result.ledger.notMatched == [])
  }

  @Test func withoutAMessageTheExpressionIsTheMessage() {
    let result = Scenario(policy("validations: [{expression: ' object.spec.replicas > 5 '}]"))
      .result(object: deployment())
    #expect(result.messages == ["failed expression: object.spec.replicas > 5"])
  }

  @Test(arguments: [
    ("object.spec.nope", "static"), ("'  '", "static"), ("'a\\nb'", "static"),
    ("' one line '", "one line"),
  ])
  func aMessageExpressionFallsBack(_ expression: String, _ message: String) {
    let result = Scenario(
      policy(
        """
        validations:
        - expression: "false"
          message: static
          messageExpression: string(\(expression))
        """)
    ).result(object: deployment())
    #expect(result.messages == [message])
  }

  @Test(arguments: ["Fail", "Ignore"])
  func failurePolicyGovernsErrors(_ failurePolicy: String) {
    let result = Scenario(
      policy(
        """
        failurePolicy: \(failurePolicy)
        validations:
        - expression: object.spec.nope == 1
          reason: Forbidden
        - expression: "false"
          message: plain
        """)
    ).result(object: deployment())
    let error = "expression 'object.spec.nope == 1' resulted in error: no such key: nope"
    #expect(result.messages == (failurePolicy == "Fail" ? [error, "plain"] : ["plain"]))
    #expect(result.decisions.first?.error == nil || result.decisions.first?.reason == .invalid)
  }

  @Test func variablesAreLazyAndUseEarlierOnes() {
    let spec = """
      variables:
      - {name: replicas, expression: object.spec.replicas}
      - {name: twice, expression: variables.replicas * 2}
      - {name: bad, expression: object.spec.nope}
      - {name: worse, expression: variables.bad + 1}
      validations:
      - {expression: variables.twice == 2}
      - {expression: variables.twice == 2 || variables.worse == 1}
      - {expression: variables.worse == 1}
      """
    let result = Scenario(policy(spec)).result(object: deployment())
    #expect(
      result.messages == [
        "expression 'variables.worse == 1' resulted in error: composited variable \"worse\" fails "
          + "to evaluate: composited variable \"bad\" fails to evaluate: no such key: nope"
      ])
  }

  @Test func matchConditionsSkipThePolicy() {
    func messages(_ conditions: String) -> [String] {
      Scenario(
        policy("matchConditions: \(conditions)\nvalidations: [{expression: 'false', message: m}]")
      ).result(object: deployment()).messages
    }
    #expect(messages("[{name: a, expression: object.spec.replicas == 1}]") == ["m"])
    #expect(messages("[{name: a, expression: object.spec.replicas == 2}]") == [])
    // A condition that is false wins over one that fails.
    #expect(
      messages("[{name: a, expression: object.nope == 1}, {name: b, expression: 'false'}]") == [])
    #expect(
      messages("[{name: a, expression: object.nope == 1}, {name: b, expression: object.no == 1}]")
        == [
          "[expression 'object.nope == 1' resulted in error: no such key: nope, "
            + "expression 'object.no == 1' resulted in error: no such key: no]"
        ])
    // namespaceObject is null in conditions, and only there.
    #expect(messages("[{name: a, expression: namespaceObject == null}]") == ["m"])
  }

  @Test func operationsDecideWhatIsNull() {
    let spec = """
      validations:
      - expression: "false"
        messageExpression: >-
          [request.operation, string(object == null), string(oldObject == null),
          request.kind.kind, request.resource.resource, request.name, request.namespace,
          namespaceObject.metadata.name].join(' ')
      """
    let all = Scenario(policy(spec, operations: "'*'"))
    let tail = "Deployment deployments web default default"
    #expect(all.result(object: deployment()).messages == ["CREATE false true \(tail)"])
    #expect(
      all.result(object: deployment(), old: deployment(replicas: 2)).messages
        == ["UPDATE false false \(tail)"])
    #expect(all.result(old: deployment()).messages == ["DELETE true false \(tail)"])
  }

  @Test func actionsDecideTheSeverity() {
    func severities(_ actions: String) -> [Severity] {
      let bindings = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: b}
        spec: {policyName: p, validationActions: [\(actions)]}
        """
      return Scenario(policy("validations: [{expression: 'false'}]"), bindings: bindings)
        .result(object: deployment()).decisions.map(\.severity)
    }
    #expect(severities("Deny") == [.error])
    #expect(severities("Deny, Audit") == [.error])
    #expect(severities("Warn, Audit") == [.warning])
    #expect(severities("Audit") == [.note])
  }

  @Test func auditAnnotationsThatFailRefuseUnderEveryAction() {
    let bindings = Scenario.deny.replacing("Deny", with: "Audit")
    let result = Scenario(
      policy("auditAnnotations: [{key: k, valueExpression: string(object.spec.nope)}]"),
      bindings: bindings
    ).result(object: deployment())
    #expect(
      result.messages == [
        "expression 'string(object.spec.nope)' resulted in error: no such key: nope"
      ])
    #expect(result.decisions.first?.denies == true)
  }

  @Test func paramsAreFoundByLabelAndEachIsEvaluated() {
    let bindings = """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: b}
      spec:
        policyName: p
        validationActions: [Deny]
        paramRef: {selector: {matchLabels: {limits: "yes"}}, parameterNotFoundAction: Deny}
      """
    let params = """
      {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: default, labels: {limits: "yes"}}, data: {max: "0"}}
      ---
      {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default, labels: {limits: "yes"}}, data: {max: "9"}}
      ---
      {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: other, labels: {limits: "yes"}}, data: {max: "0"}}
      """
    let text = policy(
      """
      paramKind: {apiVersion: v1, kind: ConfigMap}
      validations:
      - expression: object.spec.replicas <= int(params.data.max)
        messageExpression: "'at most ' + params.data.max"
      """)
    let result = Scenario(text, bindings: bindings, cluster: params)
      .result(object: deployment())
    #expect(result.messages == ["at most 0"])
    #expect(result.decisions.first?.param?.name == "b")
    #expect(result.ledger.evaluations == 2)

    let none = Scenario(text, bindings: bindings).result(object: deployment())
    #expect(
      none.messages == [
        "failed to configure binding: no params found for policy binding with `Deny` "
          + "parameterNotFoundAction"
      ])
    let allowed = Scenario(
      text, bindings: bindings.replacing("Action: Deny", with: "Action: Allow"))
    #expect(allowed.result(object: deployment()).messages == [])
    let unknown = Scenario(text.replacing("ConfigMap", with: "Limits"), bindings: bindings)
      .result(object: deployment())
    #expect(
      unknown.messages == [
        "failed to configure policy: failed to find resource referenced by paramKind: "
          + "'v1, Kind=Limits'"
      ])
    #expect(unknown.decisions.first?.binding == nil)
  }

  @Test func aFindingNamesPolicyBindingObjectAndRule() throws {
    let result = Scenario(policy("validations: [{expression: 'false', message: m}]"))
    let directory = ResourceDirectory(minor: 36)
    let manifest = inNamespace(documents(deployment())[0], directory)
    let request = try AdmissionRequest.create(manifest, in: directory).get()
    let decision = try #require(result.result(object: deployment()).decisions.first)
    let finding = decision.finding(for: request)
    #expect(finding.rule == "p" && finding.policy == "p" && finding.binding == "b")
    #expect(finding.message == "m" && finding.severity == .error && finding.shown == true)
    #expect(finding.object?.description == "Deployment.apps/default/web")
    #expect(finding.place == nil)
    let rule = Place.field(
      "policy.yaml", FieldPath([.key("spec"), .key("validations"), .index(0), .key("expression")]))
    #expect(finding.related == [.init(label: "the rule", place: rule)])
  }

  @Test func theAuthorizerIsNeverAPass() {
    let result = Scenario(
      policy(
        """
        validations:
        - expression: "object.spec.replicas == 1 || authorizer.path('/a').check('get').allowed()"
        - expression: "object.spec.replicas == 2 || authorizer.path('/a').check('get').allowed()"
        """)
    ).result(object: deployment())
    #expect(result.decisions.map(\.kind) == [.notEvaluated])
    #expect(result.decisions.first?.validationIndex == 1)
    #expect(result.decisions.first?.severity == .error)
    #expect(result.ledger.notEvaluated.map(\.subject) == ["policy p"])
  }

  @Test func aDecisionNamesTheFieldsThatDecided() {
    let object = """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: default}
      spec:
        template:
          spec:
            containers:
            - {name: a, image: "a:1"}
            - {name: b, image: "b:latest"}
      """
    let result = Scenario(
      policy(
        """
        variables:
        - {name: containers, expression: object.spec.template.spec.containers}
        validations:
        - expression: variables.containers.all(c, !c.image.endsWith(':latest'))
        - expression: has(object.spec.replicas)
        - expression: object.spec.paused == true
        """)
    ).result(object: object)
    #expect(
      result.decisions.map { $0.fields.map(\.description) } == [
        ["spec.template.spec.containers[1].image"], ["spec.replicas"], ["spec.paused"],
      ])
  }

  @Test func costsAreHeldToTheBudgets() {
    let object =
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {"
      + (0..<60).map { "k\($0): v" }.joined(separator: ", ") + "}}"
    let loop = "object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != '')))"
    let text = policy("validations: [{expression: \"\(loop)\"}]")
      .replacing("[apps]", with: "['']").replacing("[deployments]", with: "[configmaps]")
    #expect(
      Scenario(text).result(object: object).messages == [
        "expression '\(loop)' resulted in error: operation cancelled: actual cost limit exceeded"
      ])
  }
}
