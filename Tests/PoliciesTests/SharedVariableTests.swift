import Diagnostics
import Policies
import Testing

/// Variables that several policies of a set have in common are computed once a request: nothing of what they say may
/// depend on it.
@Suite struct SharedVariableTests {
  /// Specs of policies whose variables are alike.
  private static let specs = [
    // The same text, above it another variable of the same name and type.
    "variables: [{name: a, expression: object.spec.replicas}, {name: b, expression: variables.a + 1}]",
    "variables: [{name: a, expression: object.spec.replicas}, {name: b, expression: variables.a + 1}]",
    "variables: [{name: a, expression: object.spec.other}, {name: b, expression: variables.a + 1}]",
    // An error is one in each.
    "variables: [{name: b, expression: object.spec.nope}]",
    "variables: [{name: b, expression: object.spec.nope}]",
    // Lists that are made, and what is read from them.
    "variables: [{name: c, expression: 'object.spec.list + [7]'}, {name: b, expression: 'variables.c.map(x, x * 2)[3]'}]",
    "variables: [{name: c, expression: 'object.spec.list + [7]'}, {name: b, expression: 'variables.c[3] + variables.c[0]'}]",
    // Parameters differ from evaluation to evaluation.
    "paramKind: {apiVersion: v1, kind: ConfigMap}\nvariables: [{name: b, expression: params.data.max}]",
    "paramKind: {apiVersion: v1, kind: ConfigMap}\nvariables: [{name: p, expression: params}, {name: b, expression: variables.p.data.max}]",
    "paramKind: {apiVersion: v1, kind: ConfigMap}\nvariables: [{name: a, expression: object.spec.other}, {name: b, expression: variables.a + 1}]",
    // What cannot be known here.
    "variables: [{name: b, expression: 'authorizer.path(\"/a\").check(\"get\").allowed()'}]",
    "variables: [{name: b, expression: namespaceObject.metadata.name}]",
    "variables: [{name: b, expression: namespaceObject.metadata.name}]",
    // Over the budget of an expression, in each that reads it.
    "variables: [{name: b, expression: '\(loop).size()'}]",
    "variables: [{name: b, expression: '\(loop).size()'}]",
    // Within it, and over it where it is read with more.
    "variables: [{name: c, expression: '\(smallLoop)'}, {name: b, expression: variables.c.size()}]",
    "variables: [{name: c, expression: '\(smallLoop)'}, {name: b, expression: 'variables.c.size() + \(loop).size()'}]",
  ]

  private static let loop =
    "object.spec.many.map(a, object.spec.many.map(b, object.spec.many.map(c, a + b + c)))"
  private static let smallLoop = "object.spec.many.map(a, object.spec.many.map(b, a + b))"

  private static let object =
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: default, labels: {app: web}}
    spec: {replicas: 1, other: 5, list: [1, 2, 3], many: [
    """ + (0..<60).map(String.init).joined(separator: ", ") + "]}"

  private static let params = """
    {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {max: "9"}}
    ---
    {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: default}, data: {max: "10"}}
    """

  private func named(_ index: Int) -> String { "p\(index / 10)\(index % 10)" }

  /// The value of `b` as a text.
  private static let shown = "string(dyn(variables.b))"

  /// The policy of a spec, which says what its variable `b` is.
  private func text(_ index: Int) -> String {
    policy(
      """
      \(Self.specs[index])
      validations:
      - expression: "\(Self.shown) == 'none'"
        messageExpression: "'value ' + \(Self.shown) + ' by \(named(index))'"
      auditAnnotations:
      - {key: k, valueExpression: "\(Self.shown)"}
      """
    ).replacing("{name: p}", with: "{name: \(named(index))}")
  }

  private func bindings(_ index: Int) -> String {
    let hasParams = Self.specs[index].hasPrefix("paramKind")
    return (hasParams ? ["a", "b"] : [""]).map { param in
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: \(named(index))\(param)}
      spec:
        policyName: \(named(index))
        validationActions: [Deny]
        \(hasParams ? "paramRef: {name: \(param), namespace: default, parameterNotFoundAction: Deny}" : "")
      """
    }.joined(separator: "\n---\n")
  }

  private func messages(_ indices: [Int]) -> [String] {
    let scenario = Scenario(
      indices.map(text).joined(separator: "\n---\n"),
      bindings: indices.map(bindings).joined(separator: "\n---\n"), cluster: Self.params)
    let result = scenario.result(object: Self.object)
    #expect(result.problem == nil)
    #expect(result.findings.filter { $0.severity == .error } == [])
    return result.decisions.map { "\($0.policy.name) \($0.kind): \($0.message) \($0.fields)" }
  }

  @Test func policiesSayTogetherWhatEachSaysAlone() {
    let indices = Array(Self.specs.indices)
    let alone = indices.flatMap { messages([$0]) }
    #expect(messages(indices) == alone)
    #expect(alone.contains { $0.contains("value 2 by p00") })
    #expect(alone.contains { $0.contains("value 6 by p02") })
    #expect(alone.contains { $0.contains("value 9 by p08") })
    #expect(alone.contains { $0.contains("value 10 by p08") })
    #expect(alone.count { $0.contains("p1") && $0.contains("cost limit exceeded") } == 6)
  }
}
