import CEL
import Diagnostics
import Policies
import Testing

@Suite struct PolicyFilesTests {
  /// The findings about a policy `p` with the given spec lines, as `path: message`.
  func problems(_ spec: String) -> [String] {
    Scenario(policy(spec)).result().findings.map { "\($0.path?.description ?? ""): \($0.message)" }
  }

  /// What 1.33 brings to CEL may stand in policies from 1.34 on.
  @Test func anExpressionOfANewerVersionNamesIt() throws {
    var scenario = Scenario(
      policy("validations: [{expression: \"semver('1.2.3').major() == 1\"}]"))
    scenario.minor = 33
    let findings = scenario.result().findings
    #expect(!findings.isEmpty && findings.allSatisfy { $0.rule == "policy/does-not-compile" })
    #expect(
      findings.first?.help?.hasPrefix("it needs Kubernetes 1.34, and is checked for 1.33") == true)
    scenario.minor = 34
    #expect(scenario.result().findings.isEmpty)
  }

  @Test func anUnknownFieldGetsTheNearestName() throws {
    let result = Scenario(policy("validation: [{expression: 'true'}]")).result()
    let first = try #require(result.findings.first)
    #expect(first.rule == "policy/unknown-field" && first.policy == "p")
    #expect(first.message == "unknown field 'validation', did you mean 'validations'?")
    #expect(
      first.place
        == .field("policy.yaml", FieldPath(keys: "spec", "validation"), part: .key))
    #expect(result.ledger.notEvaluated.map(\.subject) == ["policy p"])
  }

  @Test(arguments: [
    (
      "validations: []",
      "spec.validations: 'validations' or 'auditAnnotations' needs at least one entry"
    ),
    ("validations: [{message: m}]", "spec.validations[0]: 'expression' is required"),
    (
      "validations: [{expression: '  '}]",
      "spec.validations[0].expression: 'expression' is required"
    ),
    (
      "validations: [{expression: 'true', reason: Unauthorized}]",
      "spec.validations[0].reason: 'Unauthorized' is not one of Forbidden, Invalid, "
        + "RequestEntityTooLarge"
    ),
    (
      "validations: [{expression: 'true', message: \"a\\nb\"}]",
      "spec.validations[0].message: the message has line breaks"
    ),
    (
      "validations: [{expression: 'true', messageExpression: ' '}]",
      "spec.validations[0].messageExpression: the message expression is blank"
    ),
    (
      "failurePolicy: fail\nvalidations: [{expression: 'true'}]",
      "spec.failurePolicy: 'fail' is not one of Fail, Ignore, did you mean 'Fail'?"
    ),
    (
      "matchConditions: [{name: a, expression: 'true'}, {name: a, expression: 'true'}]\n"
        + "validations: [{expression: 'true'}]",
      "spec.matchConditions[1].name: 'a' stands here twice"
    ),
    (
      "variables: [{name: for, expression: '1'}]\nvalidations: [{expression: 'true'}]",
      "spec.variables[0].name: 'for' is no CEL identifier"
    ),
    (
      "paramKind: {kind: ConfigMap}\nvalidations: [{expression: 'true'}]",
      "spec.paramKind: 'apiVersion' is required"
    ),
    ("validations: 3", "spec.validations: 'validations' must be a list, found the number 3"),
  ])
  func refusesWhatAnAPIServerRefuses(_ spec: String, _ problem: String) {
    #expect(problems(spec).contains(problem))
  }

  @Test(arguments: [
    ("validationActions: [Deny, Warn]", "spec.validationActions: Deny and Warn stand together"),
    ("validationActions: [Deny, Deny]", "spec.validationActions[1]: 'Deny' stands here twice"),
    (
      "validationActions: []",
      "spec.validationActions: 'validationActions' needs at least one of Deny, Warn, Audit"
    ),
    (
      "validationActions: [Block]",
      "spec.validationActions[0]: 'Block' is not one of Deny, Warn, Audit"
    ),
    (
      "validationActions: [Deny]\n  paramRef: {name: a, selector: {}, parameterNotFoundAction: Deny}",
      "spec.paramRef.selector: 'name' and 'selector' stand together"
    ),
    (
      "validationActions: [Deny]\n  paramRef: {name: a}",
      "spec.paramRef: 'parameterNotFoundAction' is required"
    ),
  ])
  func refusesBindingsThatAnAPIServerRefuses(_ lines: String, _ problem: String) {
    let bindings = """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: b}
      spec:
        policyName: p
        \(lines)
      """
    let result = Scenario(policy("validations: [{expression: 'true'}]"), bindings: bindings)
      .result()
    let found = result.findings.map { "\($0.path?.description ?? ""): \($0.message)" }
    #expect(found.contains(problem))
  }

  @Test func aCompileErrorIsPlacedInsideTheText() throws {
    let result = Scenario(
      policy("validations: [{expression: 'object.spec.replicas + foo > 1'}]")
    ).result(object: deployment())
    let finding = try #require(result.findings.first)
    #expect(finding.rule == "policy/does-not-compile" && finding.severity == .error)
    let path = FieldPath([.key("spec"), .key("validations"), .index(0), .key("expression")])
    #expect(finding.place == .field("policy.yaml", path, part: .text(23..<26)))
    #expect(result.decisions.isEmpty)
    #expect(
      result.ledger.notEvaluated == [
        .init(subject: "policy p", reason: "an expression does not compile")
      ])
  }

  @Test(arguments: [
    "validations: [{expression: object.spec.paused}]",
    "validations: [{expression: 'true', messageExpression: object.metadata.name}]",
    "auditAnnotations: [{key: k, valueExpression: '1'}]",
    "validations: [{expression: request.nope == 'x'}]",
    "validations: [{expression: params.a == 1}]",
    "validations: [{expression: variables.a == 1}]",
    "matchConditions: [{name: c, expression: variables.v == 1}]\n"
      + "variables: [{name: v, expression: '1'}]\nvalidations: [{expression: variables.v == 1}]",
    "variables: [{name: a, expression: variables.b}, {name: b, expression: '1'}]\n"
      + "validations: [{expression: variables.a == 1}]",
    "validations: [{expression: 'true', messageExpression: \"string(authorizer != null)\"}]",
  ])
  func refusesExpressionsOfTheWrongTypeOrName(_ spec: String) {
    let rules = Scenario(policy(spec)).result().findings.map(\.rule)
    #expect(rules.contains("policy/does-not-compile"))
  }

  @Test func bindingsAndPoliciesMustFindEachOther() {
    let result = Scenario(
      policy("validations: [{expression: 'true'}]"),
      bindings: Scenario.deny.replacing("policyName: p", with: "policyName: pp")
    ).result(object: deployment())
    #expect(
      Set(result.findings.map(\.rule)) == ["policy/no-binding", "policy/dangling-binding"])
    #expect(result.findings.allSatisfy { $0.severity == .warning })
    #expect(result.ledger.notEvaluated.map(\.subject) == ["binding b", "policy p"])
  }

  @Test func theAnnotationPicksVariantsByVersion() {
    func variant(_ range: String, _ message: String) -> String {
      policy("validations: [{expression: 'false', message: \(message)}]")
        .replacing(
          "{name: p}", with: "{name: p, annotations: {pave.dev/kubernetes: '\(range)'}}")
    }
    var scenario = Scenario(variant(">=1.35", "new") + "\n---\n" + variant("<1.35", "old"))
    #expect(scenario.result(object: deployment()).messages == ["new"])
    scenario.minor = 34
    #expect(scenario.result(object: deployment()).messages == ["old"])
    scenario.policies += "\n---\n" + variant("=1.34", "again")
    #expect(scenario.result().findings.map(\.rule) == ["policy/duplicate"])
    #expect(
      scenario.result().findings.first?.place
        == .field("policy.yaml", document: 2, FieldPath(keys: "metadata", "name")))
  }

  @Test func otherObjectsAreKeptAndTyposAreNot() {
    var files = PolicyFiles()
    let text = """
      {apiVersion: v1, kind: ConfigMap, metadata: {name: limits}}
      ---
      {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolice}
      """
    let findings = files.add(file: "f.yaml", documents: documents(text))
    #expect(files.objects.count == 1)
    #expect(
      findings.map(\.message) == [
        "'ValidatingAdmissionPolice' is no kind of policy, did you mean "
          + "'ValidatingAdmissionPolicy'?"
      ])
  }

  @Test func warnsOfWhatAnAPIServerTakes() {
    func rules(_ spec: String, operations: String = "CREATE") -> [String] {
      Scenario(policy(spec, operations: operations)).result().findings.map(\.rule)
    }
    let reading = "validations: [{expression: object.spec.replicas > 1}]"
    #expect(rules(reading) == [])
    #expect(rules(reading, operations: "'*'") == ["policy/object-on-delete"])
    #expect(
      rules(
        "validations: [{expression: request.operation == 'DELETE' || object.spec.replicas > 1}]",
        operations: "'*'") == [])
    #expect(
      rules("validations: [{expression: request.userInfo.username == 'a'}]")
        == ["policy/reads-user"])
    #expect(
      rules("variables: [{name: a, expression: '1'}]\nvalidations: [{expression: 'true'}]")
        == ["policy/unused-variable"])
    #expect(
      rules(
        "variables: [{name: a, expression: '1'}, {name: a, expression: '2'}]\n"
          + "validations: [{expression: variables.a == 2}]") == ["policy/duplicate-variable"])
  }

  @Test func readsOfFieldsThatMayBeMissingHaveTheirPlace() throws {
    let strings = CELType.map(.string, .string)
    let metadata = CELType.object(
      ObjectType(
        name: "Metadata", fields: ["name": .string, "labels": strings], optional: ["labels"]))
    let spec = CELType.object(
      ObjectType(name: "Spec", fields: ["replicas": .int, "paused": .bool], optional: ["paused"]))
    let deployment = CELType.object(
      ObjectType(
        name: "Deployment", fields: ["kind": .string, "metadata": metadata, "spec": spec]))
    func findings(_ text: String) -> [Finding] {
      var scenario = Scenario(policy(text))
      scenario.types = { _, kind in kind == "Deployment" ? deployment : nil }
      return scenario.result().findings
    }
    let found = findings(
      """
      matchConditions: [{name: c, expression: has(object.spec.paused)}]
      validations:
      - expression: object.spec.paused || object.metadata.labels.app == 'a'
      """)
    let finding = try #require(found.first)
    #expect(found.count == 1 && finding.rule == "policy/unguarded-field")
    #expect(finding.severity == .warning && finding.policy == "p")
    #expect(
      finding.message
        == "'labels' may be missing, and then the policy refuses an object without it "
        + "(Deployment of apps/v1)")
    #expect(
      finding.help
        == "ask first whether it is there, or write 'object.metadata.?labels.orValue(…)'")
    let path = FieldPath([.key("spec"), .key("validations"), .index(0), .key("expression")])
    #expect(finding.place == .field("policy.yaml", path, part: .text(22..<44)))
    let ignoring = findings(
      "failurePolicy: Ignore\nvalidations: [{expression: object.spec.paused}]")
    #expect(ignoring.first?.rule == "policy/does-not-compile")
    let passing = findings(
      "failurePolicy: Ignore\nvalidations: [{expression: object.spec.paused == false}]")
    #expect(passing.first?.message.contains("the rule lets an object without it pass") == true)
    #expect(findings("validations: [{expression: object.metadata.name != 'a'}]").isEmpty)
  }

  @Test func whatCostsOverHalfOfTheBudgetIsSaid() {
    func messages(_ expression: String) -> [String] {
      Scenario(policy("validations: [{expression: \"\(expression)\"}]")).result().findings
        .filter { $0.rule == "policy/expensive" }.map(\.message)
    }
    let loop = "object.spec.a.all(a, object.spec.a.all(b, object.spec.a.all(c, %)))"
    #expect(messages(loop.replacing("%", with: "a != b || b != c")) == [])
    let fourth = loop.replacing("%", with: "object.spec.a.all(d, a != d)")
    #expect(messages(fourth).first?.hasPrefix("the expression may cost ") == true)
    // Each of them fits, and all of them together do not.
    let dear = loop.replacing("%", with: "a != b || b != c || a + b != c + 'x'")
    let many = Array(repeating: "- expression: \"\(dear)\"", count: 24).joined(separator: "\n")
    let together = Scenario(policy("validations:\n\(many)")).result().findings
    #expect(together.map(\.rule) == ["policy/expensive"])
    #expect(together.first?.message.hasPrefix("the validations may cost ") == true)
  }

  @Test func anOldObjectOnCreateIsSaid() {
    func rules(_ expression: String, operations: String) -> [String] {
      Scenario(policy("validations: [{expression: \"\(expression)\"}]", operations: operations))
        .result().findings.map(\.rule)
    }
    let reading = "object.spec.replicas >= oldObject.spec.replicas"
    #expect(rules(reading, operations: "CREATE, UPDATE") == ["policy/old-object-on-create"])
    #expect(rules(reading, operations: "UPDATE") == [])
    #expect(rules("oldObject == null || \(reading)", operations: "'*'") == [])
  }

  /// A function is there one minor after it was introduced.
  @Test func functionsDependOnTheVersion() {
    var scenario = Scenario(policy("validations: [{expression: \"[1, 2].includes(1)\"}]"))
    for (minor, rules) in [
      (36, ["policy/does-not-compile"]), (37, ["policy/does-not-compile"]), (38, []),
    ] {
      scenario.minor = minor
      #expect(scenario.result().findings.map(\.rule) == rules)
    }
    scenario.policies = policy("validations: [{expression: \"isSemver('1.0.0')\"}]")
    for (minor, rules) in [(33, ["policy/does-not-compile"]), (34, [])] {
      scenario.minor = minor
      #expect(scenario.result().findings.map(\.rule) == rules)
    }
  }

  @Test func aParameterThatDoesNotExistIsFoundWhenCompiled() {
    let bindings = Scenario.deny.replacing(
      "Deny]", with: "Deny], paramRef: {name: limit, parameterNotFoundAction: Deny}")
    let limits = "{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: default}}"
    let result = Scenario(
      policy(
        "paramKind: {apiVersion: v1, kind: ConfigMap}\nvalidations: [{expression: 'true'}]"),
      bindings: bindings, cluster: limits
    ).result()
    #expect(result.findings.map(\.rule) == ["policy/dangling-param"])
    #expect(result.findings.first?.help == "did you mean 'limits'?")
  }
}
