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

extension Library {
  /// Kubernetes' authorizer, as far as types go: there are no values of its types here, so each
  /// call answers with the error that the variable `authorizer` holds.
  static let authorization: [Function] = [
    step("path", on: .authorizer, .string, returns: .pathCheck),
    step("group", on: .authorizer, .string, returns: .groupCheck),
    Function(
      "serviceAccount", on: .authorizer, [.string, .string], returns: .authorizer,
      in: since(0)
    ) { _, frame in frame.error(noAuthorizer) },
    step("resource", on: .groupCheck, .string, returns: .resourceCheck),
    step("subresource", on: .resourceCheck, .string, returns: .resourceCheck),
    step("namespace", on: .resourceCheck, .string, returns: .resourceCheck),
    step("name", on: .resourceCheck, .string, returns: .resourceCheck),
    step("fieldSelector", on: .resourceCheck, .string, returns: .resourceCheck, since: 31),
    step("labelSelector", on: .resourceCheck, .string, returns: .resourceCheck, since: 31),
    step("check", on: .resourceCheck, .string, returns: .authorizationDecision, cost: checkCost),
    step("check", on: .pathCheck, .string, returns: .authorizationDecision, cost: checkCost),
    answer("allowed", .bool), answer("errored", .bool), answer("error", .string),
    answer("reason", .string),
  ]

  private static let noAuthorizer = "there is no authorizer"
  private static let checkCost = CostRule.custom { _, _ in 350_000 }

  private static func since(_ minor: Int) -> Availability {
    Availability(inSpec: false, inKro: false, kubernetes: minor..<1000)
  }

  private static func step(
    _ name: String, on receiver: CELType, _ parameter: CELType, returns result: CELType,
    since minor: Int = 0, cost: CostRule = .one
  ) -> Function {
    Function(name, on: receiver, parameter, returns: result, in: since(minor), cost: cost) {
      _, _, frame in frame.error(noAuthorizer)
    }
  }

  private static func answer(_ name: String, _ result: CELType) -> Function {
    Function(name, on: .authorizationDecision, returns: result, in: since(0)) { _, frame in
      frame.error(noAuthorizer)
    }
  }
}
