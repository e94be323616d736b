import CEL

/// The variables that policies have, and the types of the typed ones.
///
/// Fields as in apiserver 1.36, `pkg/admission/plugin/cel/compile.go`.
enum RequestTypes {
  /// The slots that all expressions of all policies share.
  static let objectSlot = 0
  static let oldObjectSlot = 1
  static let requestSlot = 2
  static let namespaceObjectSlot = 3
  static let authorizerSlot = 4
  static let requestResourceSlot = 5
  static let paramsSlot = 6
  static let objectsSlot = 7
  static let writtenSlot = 8
  /// The slot of a policy's first variable.
  static let firstVariableSlot = 9

  /// A name that no expression can say: keeps a slot that an expression may not use.
  private static let hidden = "-"

  /// The variables of an expression, without `variables`.
  static func variables(
    hasParams: Bool, hasAuthorizer: Bool, hasObjects: Bool, object: CELType = .dyn
  ) -> [Variable] {
    [
      Variable("object", type: object), Variable("oldObject", type: object),
      Variable("request", type: request),
      Variable("namespaceObject", type: namespace),
      Variable(
        hasAuthorizer ? "authorizer" : hidden,
        type: .opaque("kubernetes.authorization.Authorizer", [])),
      Variable(
        hasAuthorizer ? "authorizer.requestResource" : hidden,
        type: .opaque("kubernetes.authorization.ResourceCheck", [])),
      Variable(hasParams ? "params" : hidden),
      Variable(
        hasObjects ? "objects" : hidden, type: .map(.string, .map(.string, .list(.dyn)))),
      Variable(hasObjects ? "written" : hidden),
    ]
  }

  private static let strings = CELType.map(.string, .string)

  private static let request = object(
    "AdmissionRequest",
    [
      "kind": groupVersion("GroupVersionKind", "kind"),
      "resource": groupVersion("GroupVersionResource", "resource"),
      "subResource": .string,
      "requestKind": groupVersion("GroupVersionKind", "kind"),
      "requestResource": groupVersion("GroupVersionResource", "resource"),
      "requestSubResource": .string, "name": .string, "namespace": .string, "operation": .string,
      "userInfo": object(
        "UserInfo",
        [
          "username": .string, "uid": .string, "groups": .list(.string),
          "extra": .map(.string, .list(.string)),
        ]),
      "dryRun": .bool, "options": .dyn,
    ])

  private static let namespace = object(
    "Namespace",
    [
      "metadata": object(
        "NamespaceMetadata",
        [
          "name": .string, "generateName": .string, "namespace": .string, "labels": strings,
          "annotations": strings, "UID": .string, "creationTimestamp": .timestamp,
          "deletionGracePeriodSeconds": .int, "deletionTimestamp": .timestamp,
          "generation": .int, "resourceVersion": .string, "finalizers": .list(.string),
        ]),
      "spec": object("NamespaceSpec", ["finalizers": .list(.string)]),
      "status": object(
        "NamespaceStatus",
        [
          "phase": .string,
          "conditions": .list(
            object(
              "NamespaceCondition",
              [
                "status": .string, "type": .string, "lastTransitionTime": .timestamp,
                "message": .string, "reason": .string,
              ])),
        ]),
    ])

  private static func groupVersion(_ name: String, _ last: String) -> CELType {
    object(name, ["group": .string, "version": .string, last: .string])
  }

  private static func object(_ name: String, _ fields: [String: CELType]) -> CELType {
    .object(ObjectType(name: "kubernetes.\(name)", fields: fields))
  }
}
