import Documents

/// One row of a conformance table in JSON lines: an expression, its bindings, what is asked of it.
///
/// Keys: `id`, `expr`, `bindings` {name: value}, `type_env` [{name, type} or {name, function}],
/// `container`, `check_only`, `profile`. Values are objects of one key (`{"int": "5"}`), see
/// `TypedValues`. Of policies: `exprs` or `variables`, and `budget` (see `PolicyRow`),
/// `has_authorizer`, `env_version` (that of the environment, which a cluster one minor version
/// later uses for new expressions).
public enum ConformanceRow {
  /// The answer to a row, as one line of JSON: `id`, and `value`, `error`, `type` or `unsupported`;
  /// `remaining` or `exceeds_…` for a row with `exprs`.
  ///
  /// `costs`: also `cost`, by that model; Kubernetes' tests of costs count as it is written. A
  /// row's own `profile` (`spec`, `kro`, `k8s`) wins over the given one.
  public static func answer(
    _ line: UnsafeBufferPointer<UInt8>, profile: Profile, costs: CostModel?
  ) -> String {
    let arena = Arena()
    guard let row = JSONReader.value(line, into: arena, numbers: .intsAndDoubles),
      row.isKind(.map)
    else { return #"{"unsupported":"the line is no JSON object"}"# }
    let text = #"{"id":"# + JSONWriter.text(row["id"].isAbsent ? .null : row["id"]) + ","
    if let name = row["profile"].asString, Profile(name: name) == nil {
      return text + #""unsupported":"#
        + JSONWriter.text("'\(name)' is no profile: expected spec, kro or k8s") + "}"
    }
    let own = profileOf(row) ?? profile
    if row["exprs"].isKind(.list) || row["variables"].isKind(.list) {
      return text + PolicyRow.answer(row, own, arena) + "}"
    }
    guard let source = row["expr"].asString else {
      return text + #""unsupported":"the row has no expr"}"#
    }
    return text + body(source, row, own, costs, arena) + "}"
  }

  private static func profileOf(_ row: Value) -> Profile? {
    let named = row["profile"].asString.flatMap(Profile.init(name:))
    if named == nil, let version = row["env_version"].asString, version.hasPrefix("1."),
      let minor = Int(version.dropFirst(2)), (20..<1000).contains(minor)
    {
      return .kubernetes(minor: minor + 1)
    }
    return named
  }

  private static func body(
    _ source: String, _ row: Value, _ profile: Profile, _ costs: CostModel?, _ arena: Arena
  ) -> String {
    let variables = variables(of: row, profile)
    let environment = CELEnvironment(
      profile: profile, variables: variables, container: row["container"].asString ?? "",
      declaring: declarations(row["type_env"]), checksTypes: checksTypes(row))
    if row["check_only"].isTrue {
      switch environment.check(source) {
      case .failure(let failure): return error(failure.issues[0].message)
      case .success(let type): return #""type":"# + JSONWriter.text("\(type)")
      }
    }
    let program: Program
    switch environment.compile(source) {
    case .failure(let failure): return error(failure.issues[0].message)
    case .success(let compiled): program = compiled
    }
    let evaluator = Evaluator(slotCount: variables.count)
    if let name = bind(variables, of: row, evaluator, arena) { return unknownBinding(name) }
    let result: Value
    var cost = ""
    if let costs {
      let (value, units) = evaluator.evaluateWithCost(
        program, model: row["suite"].isString("k8s.cost") ? .asWritten : costs)
      result = value
      cost = #","cost":\#(units)"#
    } else {
      result = evaluator.evaluate(program)
    }
    if result.isError { return error(evaluator.explain(result).message) + cost }
    return #""value":"# + TypedValues.text(result) + cost
  }

  /// The variables that a row declares, and those it binds.
  static func variables(of row: Value, _ profile: Profile) -> [Variable] {
    var variables: [Variable] = []
    for entry in row["type_env"].elements where entry["function"].isAbsent {
      variables.append(
        Variable(
          entry["name"].asString ?? "",
          type: entry["type"].asString.flatMap(TypeText.type) ?? .dyn))
    }
    for entry in row["bindings"].entries {
      let name = entry.key.asString ?? ""
      if !variables.contains(where: { $0.name == name }) { variables.append(Variable(name)) }
    }
    if profile.isKubernetes, authorizer(of: row) != nil {
      variables.append(Variable("authorizer", type: .authorizer))
    }
    return variables
  }

  /// What the authorizer of a row answers; nil when it has none. The tests of costs have one that
  /// allows everything; of others, a row does not tell.
  private static func authorizer(of row: Value) -> AuthorizerAnswer? {
    guard row["bindings"]["authorizer"].isAbsent else { return nil }
    if row["suite"].isString("k8s.cost") { return .allow }
    guard row["has_authorizer"].isTrue else { return nil }
    return row["suite"].isString("k8s.vap_cost") ? .allow : .unknown
  }

  /// Gives the variables their values; the name of one whose value is of an unknown kind.
  static func bind(
    _ variables: [Variable], of row: Value, _ evaluator: Evaluator, _ arena: Arena
  ) -> String? {
    for (slot, variable) in variables.enumerated() {
      let binding = row["bindings"][variable.name]
      if !binding.isAbsent {
        guard let value = TypedValues.value(binding, arena) else { return variable.name }
        evaluator.set(value, slot: slot)
      } else if variable.name == "authorizer", let answer = authorizer(of: row) {
        evaluator.set(Evaluator.authorizer(answering: answer), slot: slot)
      }
    }
    return nil
  }

  static func unknownBinding(_ name: String) -> String {
    #""unsupported":"# + JSONWriter.text("a binding of an unknown kind: \(name)")
  }

  /// Kubernetes' tests of costs compile without its checks of literals, and some expressions there
  /// would not pass them.
  private static func checksTypes(_ row: Value) -> Bool {
    !row["disable_check"].isTrue && !row["suite"].isString("k8s.cost")
  }

  private static func declarations(_ environment: Value) -> [FunctionDeclaration] {
    environment.elements.flatMap { entry in
      entry["function"].elements.map { overload in
        FunctionDeclaration(
          name: entry["name"].asString ?? "", isMember: overload["member"].isTrue,
          parameters: overload["params"].elements.map {
            $0.asString.flatMap(TypeText.type) ?? .dyn
          },
          result: overload["result"].asString.flatMap(TypeText.type) ?? .dyn)
      }
    }
  }

  static func error(_ message: String) -> String {
    #""error":"# + JSONWriter.text(message)
  }
}

extension Profile {
  /// The profile of a name: `spec`, `kro`, `k8s` (the newest Kubernetes); nil for another.
  public init?(name: String) {
    switch name {
    case "spec": self = .spec
    case "kro": self = .kro
    case "k8s", "kubernetes": self = .kubernetes(minor: Profile.newestKubernetesMinor)
    default: return nil
    }
  }

  /// The newest minor version of Kubernetes 1 that is known.
  public static let newestKubernetesMinor = 37
}
