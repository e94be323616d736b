public import Documents

extension CELType {
  private static func authorization(_ name: String) -> CELType {
    .opaque("kubernetes.authorization.\(name)", [])
  }
  static let authorizer = authorization("Authorizer")
  static let pathCheck = authorization("PathCheck")
  static let groupCheck = authorization("GroupCheck")
  static let resourceCheck = authorization("ResourceCheck")
  static let authorizationDecision = authorization("Decision")
}

/// Kubernetes' authorizer as far as it can be known without a cluster.
public enum Authorization {
  /// The value of `authorizer` for a user of the group `system:masters`, whom every API server lets
  /// do everything before it asks anybody else (apiserver, `authorizerfactory/builtin.go`,
  /// `NewPrivilegedGroups`).
  public static let everythingAllowed = Value.box(.authorizer, payload: 0)

  /// The value of `authorizer.requestResource` for such a user.
  public static let everyResourceAllowed = Value.box(.resourceCheck, payload: 0)

  /// The error of what only a cluster can answer.
  public static let unknown = "only a cluster knows what the authorizer would answer"
}

extension Library {
  /// Kubernetes' authorizer (apiserver, `pkg/cel/library/authz.go`). The only values of its types
  /// allow everything; where it is not known, the variable `authorizer` holds an error.
  static let authorization: [Function] = [
    Function(
      "path", on: .authorizer, .string, returns: .pathCheck, in: since(0)
    ) { _, path, frame in
      path.count == 0 ? frame.error("path must not be empty") : .box(.pathCheck, payload: 0)
    },
    step("group", on: .authorizer, .string, returns: .groupCheck, .groupCheck),
    Function(
      "serviceAccount", on: .authorizer, [.string, .string], returns: .authorizer,
      in: since(0)
    ) { _, frame in frame.error(Authorization.unknown) },
    step("resource", on: .groupCheck, .string, returns: .resourceCheck, .resourceCheck),
    step("subresource", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck),
    step("namespace", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck),
    step("name", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck),
    step(
      "fieldSelector", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck,
      since: 31),
    step(
      "labelSelector", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck,
      since: 31),
    check(on: .resourceCheck), check(on: .pathCheck),
    answer("allowed", .bool, .true), answer("errored", .bool, .false),
    answer("error", .string, .emptyString), answer("reason", .string, .emptyString),
  ]

  private static let checkCost: UInt64 = 350_000

  private static func since(_ minor: Int) -> Availability {
    Availability(inSpec: false, inKro: false, kubernetes: minor..<1000)
  }

  private static func step(
    _ name: String, on receiver: CELType, _ parameter: CELType, returns result: CELType,
    _ box: BoxKind, since minor: Int = 0
  ) -> Function {
    Function(name, on: receiver, parameter, returns: result, in: since(minor)) { _, _, _ in
      .box(box, payload: 0)
    }
  }

  /// A check costs more than most expressions: it takes so many steps that whoever bounds steps
  /// before cost begins to count.
  private static func check(on receiver: CELType) -> Function {
    Function(
      "check", on: receiver, .string, returns: .authorizationDecision, in: since(0),
      cost: .custom { _, _ in checkCost }
    ) { _, _, frame in
      frame.spend(3_000) ? .box(.decision, payload: 0) : frame.error("too many steps")
    }
  }

  private static func answer(
    _ name: String, _ type: CELType, _ result: Value
  ) -> Function {
    Function(name, on: .authorizationDecision, returns: type, in: since(0)) { _, _ in result }
  }
}
