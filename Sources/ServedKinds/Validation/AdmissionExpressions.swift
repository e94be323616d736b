import CEL
import Documents

/// The expressions of admission policies and webhooks, compiled as the API server does before it takes
/// them (apiserver `pkg/admission/plugin/cel/compile.go`, 1.36).
struct AdmissionExpressions {
  /// What an expression must evaluate to.
  enum Expected {
    case anything
    case bool
    case string
    case stringOrNull

    var words: String {
      switch self {
      case .anything: "anything"
      case .bool: "bool"
      case .string: "string"
      case .stringOrNull: "string or null"
      }
    }

    func accepts(_ type: CELType) -> Bool {
      switch (self, type) {
      case (.anything, _), (_, .error), (.bool, .bool), (.string, .string): true
      case (.stringOrNull, .string), (.stringOrNull, .null): true
      default: false
      }
    }
  }

  private let minor: Int
  private let hasParams: Bool
  private var variables: [Variable] = []

  init(minor: Int, hasParams: Bool) {
    self.minor = minor
    self.hasParams = hasParams
  }

  /// Declares `variables.name` with the type of its expression.
  mutating func declare(_ name: String, _ type: CELType?) {
    let declared: CELType
    switch type {
    case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .list, .map,
      .optional, .opaque:
      declared = type ?? .dyn
    default: declared = .dyn
    }
    variables.append(Variable("variables.\(name)", type: declared))
  }

  /// The type of an expression, or what is wrong with it.
  func check(
    _ text: String, expecting expected: Expected, hasAuthorizer: Bool = true,
    hasVariables: Bool = true
  ) -> Result<CELType, ExpressionProblem> {
    var known = [
      Variable("object"), Variable("oldObject"), Variable("request", type: requestType),
      Variable("namespaceObject", type: namespaceType),
    ]
    if hasAuthorizer {
      known.append(
        Variable("authorizer", type: .opaque("kubernetes.authorization.Authorizer", [])))
      known.append(
        Variable(
          "authorizer.requestResource",
          type: .opaque("kubernetes.authorization.ResourceCheck", [])))
    }
    if hasParams { known.append(Variable("params")) }
    if hasVariables { known += variables }
    let environment = CELEnvironment(profile: .kubernetes(minor: minor), variables: known)
    switch environment.compile(text) {
    case .failure(let failure): return .failure(ExpressionProblem(failure))
    case .success(let program):
      let type = program.resultType
      if expected.accepts(type) { return .success(type) }
      return .failure(
        ExpressionProblem(
          message: "the expression must evaluate to \(expected.words), found \(type)",
          help: type == .dyn && expected == .bool
            ? "its type is not known before it runs: compare it, or wrap it in 'bool(…)'" : nil))
    }
  }
}

/// Why an expression cannot be used, for a message.
struct ExpressionProblem: Error {
  var message: String
  var help: String?

  init(message: String, help: String? = nil) {
    self.message = message
    self.help = help
  }

  init(_ failure: CompileFailure) {
    message = failure.issues.map(\.message).joined(separator: "; ")
    help = failure.issues.first?.help
  }
}

private let strings = CELType.map(.string, .string)

private let requestType = objectType(
  "AdmissionRequest",
  [
    "kind": groupVersion("GroupVersionKind", "kind"),
    "resource": groupVersion("GroupVersionResource", "resource"),
    "subResource": .string,
    "requestKind": groupVersion("GroupVersionKind", "kind"),
    "requestResource": groupVersion("GroupVersionResource", "resource"),
    "requestSubResource": .string, "name": .string, "namespace": .string, "operation": .string,
    "userInfo": objectType(
      "UserInfo",
      [
        "username": .string, "uid": .string, "groups": .list(.string),
        "extra": .map(.string, .list(.string)),
      ]),
    "dryRun": .bool, "options": .dyn,
  ])

private let namespaceType = objectType(
  "Namespace",
  [
    "metadata": objectType(
      "NamespaceMetadata",
      [
        "name": .string, "generateName": .string, "namespace": .string, "labels": strings,
        "annotations": strings, "UID": .string, "creationTimestamp": .timestamp,
        "deletionGracePeriodSeconds": .int, "deletionTimestamp": .timestamp, "generation": .int,
        "resourceVersion": .string, "finalizers": .list(.string),
      ]),
    "spec": objectType("NamespaceSpec", ["finalizers": .list(.string)]),
    "status": objectType(
      "NamespaceStatus",
      [
        "phase": .string,
        "conditions": .list(
          objectType(
            "NamespaceCondition",
            [
              "status": .string, "type": .string, "lastTransitionTime": .timestamp,
              "message": .string, "reason": .string,
            ])),
      ]),
  ])

private func groupVersion(_ name: String, _ last: String) -> CELType {
  objectType(name, ["group": .string, "version": .string, last: .string])
}

private func objectType(_ name: String, _ fields: [String: CELType]) -> CELType {
  .object(ObjectType(name: "kubernetes.\(name)", fields: fields))
}
