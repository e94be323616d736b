public import Documents

/// What the authorizer of an evaluation answers to every check.
public enum AuthorizerAnswer: UInt64, Sendable {
  /// Nothing: asking a decision is an error. What checks cost is known.
  case unknown
  /// The request is allowed.
  case allow
  /// The request is not allowed, nor refused with a reason.
  case deny
  /// The user who made the request may do everything; of a service account, nothing is known.
  case allowRequester
}

/// Kubernetes' authorizer as far as it can be known without a cluster.
public enum Authorization {
  /// The value of `authorizer` for a user of the group `system:masters`, whom every API server lets
  /// do everything before it asks anybody else (apiserver, `authorizerfactory/builtin.go`,
  /// `NewPrivilegedGroups`).
  public static let everythingAllowed = Evaluator.authorizer(answering: .allowRequester)

  /// The value of `authorizer.requestResource` for such a user.
  public static let everyResourceAllowed = Evaluator.resourceCheck(answering: .allowRequester)

  /// The error of what only a cluster can answer.
  public static let unknown = "only a cluster knows what the authorizer would answer"
}

extension Evaluator {
  /// A value for a variable `authorizer` of the type `kubernetes.authorization.Authorizer`.
  public static func authorizer(answering answer: AuthorizerAnswer) -> Value {
    .box(.authorizer, payload: answer.rawValue)
  }

  /// A value for a variable `authorizer.requestResource`.
  public static func resourceCheck(answering answer: AuthorizerAnswer) -> Value {
    .box(.resourceCheck, payload: answer.rawValue)
  }
}

extension CELType {
  /// The type of a variable `authorizer`.
  public static let authorizer = authorization(.authorizer)
  /// The type of a variable `authorizer.requestResource`.
  public static let resourceCheck = authorization(.resourceCheck)
  static let pathCheck = authorization(.pathCheck)
  static let groupCheck = authorization(.groupCheck)
  static let authorizationDecision = authorization(.decision)

  private static func authorization(_ kind: BoxKind) -> CELType {
    .opaque("\(kind.typeName)", [])
  }
}

extension Library {
  /// Kubernetes' authorizer (apiserver, cel/library/authz.go). Its values hold nothing but what
  /// it answers: whom and what is asked about makes no difference to that.
  static let authorization: [Function] = [
    Function("path", on: .authorizer, .string, returns: .pathCheck, in: since(0)) {
      authorizer, path, frame in
      path.count == 0
        ? frame.error("path must not be empty") : .box(.pathCheck, payload: authorizer.payload)
    },
    step("group", on: .authorizer, .string, returns: .groupCheck, .groupCheck),
    Function(
      "serviceAccount", on: .authorizer, [.string, .string], returns: .authorizer, in: since(0)
    ) { arguments, _ in
      arguments[0].payload == AuthorizerAnswer.allowRequester.rawValue
        ? Evaluator.authorizer(answering: .unknown) : arguments[0]
    },
    step("resource", on: .groupCheck, .string, returns: .resourceCheck, .resourceCheck),
    step("subresource", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck),
    step("namespace", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck),
    step("name", on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck),
    selector("fieldSelector"), selector("labelSelector"),
    check(on: .resourceCheck), check(on: .pathCheck),
    answer("allowed", .bool) { .bool($0 != .deny) }, answer("errored", .bool) { _ in .false },
    answer("error", .string) { _ in .emptyString },
    answer("reason", .string) { _ in .emptyString },
  ]

  private static let checkCost: UInt64 = 350_000
  /// Parsing a selector costs as much as going through its text 256 times.
  private static let selectorCost = CostRule.custom { arguments, _ in
    (CostRule.size(arguments[1]) &* 256 &+ 9) / 10
  }

  private static func since(_ minor: Int) -> Availability {
    Availability(inSpec: false, inKro: false, kubernetes: minor..<1000)
  }

  private static func step(
    _ name: String, on receiver: CELType, _ parameter: CELType, returns result: CELType,
    _ kind: BoxKind, since minor: Int = 0, cost: CostRule = .one
  ) -> Function {
    Function(name, on: receiver, parameter, returns: result, in: since(minor), cost: cost) {
      receiver, _, _ in .box(kind, payload: receiver.payload)
    }
  }

  /// A check costs more than most expressions: it takes so many steps that whoever bounds steps
  /// before cost begins to count.
  private static func check(on receiver: CELType) -> Function {
    Function(
      "check", on: receiver, .string, returns: .authorizationDecision, in: since(0),
      cost: .custom { _, _ in checkCost }
    ) { receiver, _, frame in
      frame.spend(3_000)
        ? .box(.decision, payload: receiver.payload) : frame.error(.stepLimit)
    }
  }

  private static func selector(_ name: String) -> Function {
    step(
      name, on: .resourceCheck, .string, returns: .resourceCheck, .resourceCheck, since: 31,
      cost: selectorCost)
  }

  private static func answer(
    _ name: String, _ result: CELType, _ value: @escaping @Sendable (AuthorizerAnswer) -> Value
  ) -> Function {
    Function(name, on: .authorizationDecision, returns: result, in: since(0)) { decision, frame in
      guard let answer = AuthorizerAnswer(rawValue: decision.payload), answer != .unknown else {
        return frame.error(Authorization.unknown)
      }
      return value(answer)
    }
  }
}
