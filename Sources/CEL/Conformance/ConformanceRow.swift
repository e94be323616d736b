import Documents

/// One row of a conformance table in JSON lines: an expression, its bindings, what is asked of it.
///
/// Keys: `id`, `expr`, `bindings` {name: value}, `type_env` [{name, type} or {name, function}],
/// `container`, `check_only`, `profile`. Values are objects of one key (`{"int": "5"}`), see
/// `TypedValues`.
public enum ConformanceRow {
  /// The answer to a row, as one line of JSON: `id`, and `value`, `error`, `type` or `unsupported`.
  ///
  /// `costs`: also `cost`, by that model; Kubernetes' tests of costs count as it is written. A row's own `profile` (`spec`, `kro`, `k8s`) wins over the given one.
  public static func answer(
    _ line: UnsafeBufferPointer<UInt8>, profile: Profile, costs: CostModel?
  ) -> String {
    let arena = Arena()
    guard let row = JSONReader.value(line, into: arena, numbers: .intsAndDoubles),
      row.isKind(.map)
    else { return #"{"unsupported":"the line is no JSON object"}"# }
    var text = #"{"id":"# + JSONWriter.text(row["id"].isAbsent ? .null : row["id"]) + ","
    guard let source = row["expr"].asString else {
      return text + #""unsupported":"the row has no expr"}"#
    }
    let own = row["profile"].asString.flatMap(Profile.init(name:)) ?? profile
    text += body(source, row, own, costs, arena)
    return text + "}"
  }

  private static func body(
    _ source: String, _ row: Value, _ profile: Profile, _ costs: CostModel?, _ arena: Arena
  ) -> String {
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
    for (slot, variable) in variables.enumerated() {
      let binding = row["bindings"][variable.name]
      if binding.isAbsent { continue }
      guard let value = TypedValues.value(binding, arena) else {
        return #""unsupported":"a binding of an unknown kind: "#
          + JSONWriter.text(variable.name).dropFirst()
      }
      evaluator.set(value, slot: slot)
    }
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

  private static func error(_ message: String) -> String {
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
