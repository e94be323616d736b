import Diagnostics
import Policies
import Testing

/// Small cases of what an API server decides, each one rule of its source (apiserver 1.36, `admission/plugin/policy`).
@Suite struct SemanticsTests {
  /// One policy with its bindings, one request, and what is said.
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// Lines under the policy's `spec`; without validations, it refuses all that it matches.
    var spec = ""
    /// The rule, or the whole of `matchConstraints` where it starts with `{`.
    var match = "apps/v1 deployments CREATE,UPDATE,DELETE"
    /// Lines under the binding's `spec`, beside `policyName`.
    var binding = "validationActions: [Deny]"
    var cluster = ""
    var definitions = ""
    var object: String? = SemanticsTests.web
    var old: String?
    var says: [String]

    var testDescription: String { name }
  }

  static let web =
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {replicas: 1}}"
  static let bare =
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 3}}"
  static let unnamed =
    "{apiVersion: apps/v1, kind: Deployment, metadata: {generateName: web-, namespace: shop}}"
  static let node = "{apiVersion: v1, kind: Node, metadata: {name: n, labels: {zone: a}}}"
  static let shop = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod}}}"
  static let widget =
    "{apiVersion: x.dev/v1, kind: Widget, metadata: {name: w, namespace: shop}, spec: {size: 3}}"
  static let widgets = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: widgets.x.dev}
    spec:
      group: x.dev
      scope: Namespaced
      names: {kind: Widget, plural: widgets}
      versions: [{name: v1, served: true, storage: true}, {name: v2, served: true, storage: false}, {name: v0, served: false, storage: false}]
    """

  private static func limit(_ name: String, _ max: String, namespace: String = "shop") -> String {
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name), namespace: \(namespace), labels: {kind: limit}}, data: {max: '\(max)'}}"
  }

  private static let failing = "validations: [{expression: 'false', message: m}]"
  private static let atMost = """
    paramKind: {apiVersion: v1, kind: ConfigMap}
    validations:
    - expression: params != null && object.spec.replicas <= int(params.data.max)
      messageExpression: "params == null ? 'no params' : 'at most ' + string(params.data.max)"
    """
  private static let notFound =
    "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"

  private static func probe(_ values: String...) -> String {
    "validations: [{expression: 'false', messageExpression: \"[\(values.map { "string(\($0))" }.joined(separator: ", "))].join(' ')\"}]"
  }

  static let matching: [Case] = [
    Case(
      name: "a namespace selector looks at the labels of the object's namespace",
      match: "{namespaceSelector: {matchLabels: {env: prod}}, R}", cluster: shop, says: ["m"]),
    Case(
      name: "a namespace selector that wants a label to be missing",
      match: "{namespaceSelector: {matchExpressions: [{key: env, operator: DoesNotExist}]}, R}",
      cluster: shop, says: []),
    Case(
      name: "NotIn holds where the label is missing",
      match:
        "{namespaceSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [a]}]}, R}",
      cluster: shop, says: ["m"]),
    Case(
      name: "a namespace selector says nothing of what has no namespace",
      match:
        "{namespaceSelector: {matchLabels: {env: none}}, resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [nodes]}]}",
      object: node, says: ["m"]),
    Case(
      name: "a namespace selector looks at a Namespace's own labels",
      match:
        "{namespaceSelector: {matchLabels: {env: prod}}, resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [namespaces]}]}",
      object: shop, says: ["m"]),
    Case(
      name: "of a Namespace that changes, the new labels count",
      match:
        "{namespaceSelector: {matchLabels: {env: prod}}, resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [namespaces]}]}",
      object: "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", old: shop, says: []),
    Case(
      name: "of a Namespace that goes, those that it had count",
      match:
        "{namespaceSelector: {matchLabels: {env: prod}}, resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [namespaces]}]}",
      object: nil, old: shop, says: ["m"]),
    Case(
      name: "a Namespace has the label with its name",
      match:
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [namespaces]}]}",
      object: shop, says: ["m"]),
    Case(
      name: "an object selector takes the old object too",
      match: "{objectSelector: {matchLabels: {app: web}}, R}", object: bare, old: web, says: ["m"]),
    Case(
      name: "an object selector takes the new object too",
      match: "{objectSelector: {matchLabels: {app: web}}, R}", object: web, old: bare, says: ["m"]),
    Case(
      name: "an object selector that neither side meets",
      match: "{objectSelector: {matchLabels: {app: web}}, R}", object: bare, old: bare, says: []),
    Case(
      name: "an object selector with In and a missing label",
      match: "{objectSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}, R}",
      object: bare, says: []),
    Case(
      name: "an object selector on DELETE looks at what goes",
      match: "{objectSelector: {matchLabels: {app: web}}, R}", object: nil, old: web, says: ["m"]),
    Case(name: "an empty object selector takes all", match: "{objectSelector: {}, R}", says: ["m"]),
    Case(
      name: "what is excluded goes first",
      match:
        "{excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}], R}",
      says: []),
    Case(
      name: "an exclusion of another operation excludes nothing",
      match:
        "{excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: [DELETE], resources: ['*']}], R}",
      says: ["m"]),
    Case(
      name: "names are of the rule that names them",
      match:
        "{resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], resourceNames: [other]}, {apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]}]}",
      says: []),
    Case(
      name: "a name that the server makes is none of the names",
      match:
        "{resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], resourceNames: [web]}]}",
      object: unnamed, says: []),
    Case(
      name: "a rule for Cluster takes no Deployment",
      match:
        "{resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: Cluster}]}",
      says: []),
    Case(
      name: "a rule for Namespaced takes no Node",
      match:
        "{resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: Namespaced}]}",
      object: node, says: []),
    Case(
      name: "a rule for both scopes takes a Node",
      match:
        "{resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: '*'}]}",
      object: node, says: ["m"]),
    Case(
      name: "a subresource is not the resource", match: "apps/v1 deployments/status CREATE",
      says: []),
    Case(
      name: "a custom resource of the version that is named", match: "x.dev/v1 widgets CREATE",
      definitions: widgets, object: widget, says: ["m"]),
    Case(
      name: "a custom resource of another version is shown in the one that is named",
      spec: probe("object.apiVersion", "request.kind.version", "request.requestKind.version"),
      match: "x.dev/v2 widgets CREATE", definitions: widgets, object: widget,
      says: ["x.dev/v2 v2 v1"]),
    Case(
      name: "Exact takes the version that is written",
      match:
        "{matchPolicy: Exact, resourceRules: [{apiGroups: [x.dev], apiVersions: [v2], operations: [CREATE], resources: [widgets]}]}",
      definitions: widgets, object: widget, says: []),
    Case(
      name: "the version that is written goes before others that match",
      spec: probe("object.apiVersion", "request.kind.version"),
      match:
        "{resourceRules: [{apiGroups: [x.dev], apiVersions: [v2], operations: [CREATE], resources: [widgets]}, {apiGroups: [x.dev], apiVersions: [v1], operations: [CREATE], resources: [widgets]}]}",
      definitions: widgets, object: widget, says: ["x.dev/v1 v1"]),
    Case(
      name: "a binding narrows by operation",
      binding:
        "validationActions: [Deny]\nmatchResources: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: [DELETE], resources: ['*']}]}",
      says: []),
    Case(
      name: "a binding narrows by namespace",
      binding:
        "validationActions: [Deny]\nmatchResources: {namespaceSelector: {matchLabels: {env: test}}}",
      cluster: shop, says: []),
    Case(
      name: "a binding excludes",
      binding:
        "validationActions: [Deny]\nmatchResources: {excludeResourceRules: [{apiGroups: [apps], apiVersions: ['*'], operations: ['*'], resources: [deployments], resourceNames: [web]}]}",
      says: []),
  ]

  static let evaluating: [Case] = [
    Case(
      name: "a message with a line feed inside is not shown",
      spec:
        "validations: [{expression: 'false', message: static, messageExpression: \"'a\\\\nb'\"}]",
      says: ["static"]),
    Case(
      name: "a message with a line feed at its end is",
      spec:
        "validations: [{expression: 'false', message: static, messageExpression: \"'a\\\\n'\"}]",
      says: ["a"]),
    Case(
      name: "a message of only blanks is not shown",
      spec: "validations: [{expression: 'false', message: static, messageExpression: \"' '\"}]",
      says: ["static"]),
    Case(
      name: "a message of over 5 KiB is not shown",
      spec:
        "validations: [{expression: 'false', message: static, messageExpression: \"['a', 'b', 'c', 'd', 'e', 'f'].map(x, '\(String(repeating: "x", count: 1000))').join('')\"}]",
      says: ["static"]),
    Case(
      name: "without a message the expression stands for it, trimmed",
      spec:
        "validations: [{expression: \" object.spec.replicas > 5\\n\", messageExpression: string(object.nope)}]",
      says: ["failed expression: object.spec.replicas > 5"]),
    Case(
      name: "a false condition wins over one that fails",
      spec:
        "matchConditions: [{name: a, expression: object.nope == 1}, {name: b, expression: 'false'}]\n\(failing)",
      says: []),
    Case(
      name: "conditions that fail refuse",
      spec: "matchConditions: [{name: a, expression: object.nope == 1}]\n\(failing)",
      says: ["expression 'object.nope == 1' resulted in error: no such key: nope"]),
    Case(
      name: "conditions that fail leave the policy out with Ignore",
      spec:
        "failurePolicy: Ignore\nmatchConditions: [{name: a, expression: object.nope == 1}]\n\(failing)",
      says: []),
    Case(
      name: "conditions know parameters",
      spec:
        "paramKind: {apiVersion: v1, kind: ConfigMap}\nmatchConditions: [{name: a, expression: params.data.max == '1'}]\n\(failing)",
      binding: "validationActions: [Deny]\nparamRef: {name: a, parameterNotFoundAction: Deny}",
      cluster: limit("a", "1"), says: ["m"]),
    Case(
      name: "a variable that fails does no harm where nothing reads it",
      spec: "variables: [{name: v, expression: object.nope}]\n\(failing)", says: ["m"]),
    Case(
      name: "a variable that fails is absorbed by the other operand",
      spec:
        "variables: [{name: v, expression: object.nope == 1}]\nvalidations: [{expression: 'variables.v || object.spec.replicas == 1'}]",
      says: []),
    Case(
      name: "an error lets pass with Ignore, and what is false does not",
      spec:
        "failurePolicy: Ignore\nvalidations: [{expression: object.nope == 1}, {expression: 'false', message: m}]",
      says: ["m"]),
    Case(
      name: "an audit annotation that is null is none",
      spec:
        "auditAnnotations: [{key: k, valueExpression: \"'null' == 'x' ? 'a' : 'b'\"}, {key: l, valueExpression: 'null'}]",
      says: []),
    Case(
      name: "an audit annotation that fails refuses, whatever the action",
      spec: "auditAnnotations: [{key: k, valueExpression: string(object.nope)}]",
      binding: "validationActions: [Audit]",
      says: ["expression 'string(object.nope)' resulted in error: no such key: nope"]),
    Case(
      name: "an audit annotation that fails is nothing with Ignore",
      spec:
        "failurePolicy: Ignore\nauditAnnotations: [{key: k, valueExpression: string(object.nope)}]",
      says: []),
    Case(
      name: "object is null on DELETE, its fields are missing keys",
      spec: "validations: [{expression: object.spec.replicas > 0}]", object: nil, old: web,
      says: ["expression 'object.spec.replicas > 0' resulted in error: no such key: spec"]),
    Case(
      name: "has of null is false",
      spec: probe("string(has(oldObject.spec))", "string(object == null)"),
      says: ["false false"]),
    Case(
      name: "the request of a new object",
      spec: probe(
        "request.operation", "request.name", "request.namespace", "request.kind.group",
        "request.resource.resource", "string(has(request.subResource))", "string(request.dryRun)"),
      says: ["CREATE web shop apps deployments false false"]),
    Case(
      name: "a name that the server makes is missing",
      spec: probe("string(has(request.name))", "string(has(object.metadata.name))"),
      object: unnamed,
      says: ["false false"]),
    Case(
      name: "a cluster-scoped request has no namespace",
      spec: probe("string(has(request.namespace))", "string(namespaceObject == null)"),
      match: "/v1 nodes CREATE", object: node, says: ["false true"]),
    Case(
      name: "a Namespace has no namespaceObject, and its own name as namespace",
      spec: probe("request.namespace", "string(namespaceObject == null)"),
      match: "/v1 namespaces CREATE", object: shop, says: ["shop true"]),
    Case(
      name: "namespaceObject is typed and has its name label",
      spec: probe(
        "namespaceObject.metadata.labels['kubernetes.io/metadata.name']",
        "namespaceObject.metadata.labels.env", "namespaceObject.status.phase"), cluster: shop,
      says: ["shop prod Active"]),
    Case(
      name: "options are of the operation",
      spec: probe("string(request.options.kind)"), object: web, old: bare, says: ["UpdateOptions"]),
    Case(
      name: "lists are equal in order only",
      spec: probe("string([1, 2] == [2, 1])", "string(dyn(1) == dyn(1.0))"), says: ["false true"]),
  ]

  static let parameters: [Case] = [
    Case(
      name: "a binding without a reference gives null", spec: atMost, cluster: limit("a", "9"),
      says: ["no params"]),
    Case(
      name: "a policy without a kind of parameters takes no heed of a reference",
      binding: "validationActions: [Deny]\nparamRef: {name: gone, parameterNotFoundAction: Deny}",
      says: ["m"]),
    Case(
      name: "a namespaced parameter is in the request's namespace", spec: atMost,
      binding: "validationActions: [Deny]\nparamRef: {name: a, parameterNotFoundAction: Deny}",
      cluster: limit("a", "0", namespace: "other"), says: [notFound]),
    Case(
      name: "a namespaced parameter is in the namespace that is named", spec: atMost,
      binding:
        "validationActions: [Deny]\nparamRef: {name: a, namespace: other, parameterNotFoundAction: Deny}",
      cluster: limit("a", "0", namespace: "other"), says: ["at most 0"]),
    Case(
      name: "all parameters must agree", spec: atMost,
      binding:
        "validationActions: [Deny]\nparamRef: {selector: {matchLabels: {kind: limit}}, parameterNotFoundAction: Deny}",
      cluster: [limit("a", "9"), limit("b", "0")].joined(separator: "\n---\n"), says: ["at most 0"]),
    Case(
      name: "an empty selector takes all parameters", spec: atMost,
      binding: "validationActions: [Deny]\nparamRef: {selector: {}, parameterNotFoundAction: Deny}",
      cluster: [limit("a", "0"), limit("b", "0")].joined(separator: "\n---\n"),
      says: ["at most 0", "at most 0"]),
    Case(
      name: "a selector that finds none, and Allow", spec: atMost,
      binding:
        "validationActions: [Deny]\nparamRef: {selector: {matchLabels: {kind: none}}, parameterNotFoundAction: Allow}",
      cluster: limit("a", "0"), says: []),
    Case(
      name: "a selector that finds none, and Deny", spec: atMost,
      binding:
        "validationActions: [Audit]\nparamRef: {selector: {matchLabels: {kind: none}}, parameterNotFoundAction: Deny}",
      cluster: limit("a", "0"), says: [notFound]),
    Case(
      name: "no parameter is nothing with Ignore", spec: "failurePolicy: Ignore\n\(atMost)",
      binding: "validationActions: [Deny]\nparamRef: {name: gone, parameterNotFoundAction: Deny}",
      says: []),
    Case(
      name: "a namespaced parameter for what has no namespace",
      spec: "paramKind: {apiVersion: v1, kind: ConfigMap}\n\(failing)", match: "/v1 nodes CREATE",
      binding: "validationActions: [Deny]\nparamRef: {name: a, parameterNotFoundAction: Allow}",
      cluster: limit("a", "0"), object: node,
      says: [
        "failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
      ]),
    Case(
      name: "a namespace for a parameter that has none",
      spec: "paramKind: {apiVersion: v1, kind: Namespace}\n\(failing)",
      binding:
        "validationActions: [Deny]\nparamRef: {name: shop, namespace: shop, parameterNotFoundAction: Allow}",
      cluster: shop,
      says: [
        "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
      ]),
    Case(
      name: "Allow does not help where the kind is unknown",
      spec: "paramKind: {apiVersion: x.dev/v1, kind: Gadget}\n\(failing)",
      binding: "validationActions: [Deny]\nparamRef: {name: a, parameterNotFoundAction: Allow}",
      says: [
        "failed to configure policy: failed to find resource referenced by paramKind: 'x.dev/v1, Kind=Gadget'"
      ]),
    Case(
      name: "a parameter is shown in the version that is asked for",
      spec: "paramKind: {apiVersion: x.dev/v2, kind: Widget}\n"
        + probe("params.apiVersion", "params.kind", "string(params.spec.size)"),
      binding: "validationActions: [Deny]\nparamRef: {name: w, parameterNotFoundAction: Deny}",
      cluster: widget, definitions: widgets, says: ["x.dev/v2 Widget 3"]),
    Case(
      name: "a kind in a version that is not served is unknown",
      spec: "paramKind: {apiVersion: x.dev/v0, kind: Widget}\n\(failing)",
      binding: "validationActions: [Deny]\nparamRef: {name: w, parameterNotFoundAction: Deny}",
      cluster: widget, definitions: widgets,
      says: [
        "failed to configure policy: failed to find resource referenced by paramKind: 'x.dev/v0, Kind=Widget'"
      ]),
    Case(
      name: "a parameter that is being made is not there yet",
      spec: "paramKind: {apiVersion: v1, kind: ConfigMap}\n\(failing)",
      match: "/v1 configmaps CREATE",
      binding: "validationActions: [Deny]\nparamRef: {name: a, parameterNotFoundAction: Deny}",
      cluster: limit("a", "0"), object: limit("a", "0"), says: [notFound]),
    Case(
      name: "a parameter that changes is what it was",
      spec: "paramKind: {apiVersion: v1, kind: ConfigMap}\n"
        + probe("object.data.max", "params.data.max"), match: "/v1 configmaps UPDATE",
      binding: "validationActions: [Deny]\nparamRef: {name: a, parameterNotFoundAction: Deny}",
      cluster: limit("a", "1"), object: limit("a", "1"), old: limit("a", "2"), says: ["1 2"]),
  ]

  @Test(arguments: matching + evaluating + parameters) func decides(_ test: Case) {
    #expect(result(test).messages == test.says)
  }

  private func result(_ test: Case) -> Scenario.Result {
    let match =
      test.match.hasPrefix("{")
      ? test.match.replacing(
        "R}",
        with:
          "resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [deployments]}]}"
      ) : rule(test.match)
    let spec = test.spec.isEmpty ? Self.failing : test.spec
    func indented(_ text: String) -> String {
      text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    }
    var scenario = Scenario(
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: p}
      spec:
        matchConstraints: \(match)
      \(indented(spec))
      """,
      bindings: """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: b}
        spec:
          policyName: p
        \(indented(test.binding))
        """, cluster: test.cluster)
    scenario.definitions = test.definitions
    let result = scenario.result(object: test.object, old: test.old)
    #expect(result.findings.filter { $0.severity == .error }.map(\.message) == [])
    return result
  }

  /// `group/version resource operations` as constraints.
  private func rule(_ text: String) -> String {
    let words = text.split(separator: " ").map(String.init)
    let kind = words[0].split(separator: "/", omittingEmptySubsequences: false)
    return "{resourceRules: [{apiGroups: ['\(kind[0])'], apiVersions: [\(kind[1])], "
      + "operations: [\(words[2])], resources: ['\(words[1])']}]}"
  }
}
