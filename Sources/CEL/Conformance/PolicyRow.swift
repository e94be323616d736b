import Documents

/// A row of the tests of ValidatingAdmissionPolicy: expressions that share a budget, or one with
/// `variables` [{name, expr}], which are evaluated, and charged, at their first use.
enum PolicyRow {
  /// What one expression may cost (apiserver, apis/cel/config.go, `PerCallLimit`).
  private static let limitPerExpression: UInt64 = 1_000_000

  private static let outOfBudget =
    "validation failed due to running out of cost budget, no further validation rules will be run"

  /// `"remaining":n`, `"exceeds_budget":true` or `"exceeds_per_call_limit":true` for `exprs`;
  /// `"value":…` or `"error":…` for `expr`. Without the braces.
  static func answer(_ row: Value, _ profile: Profile, _ arena: Arena) -> String {
    var variables = ConformanceRow.variables(of: row, profile)
    let boundCount = variables.count
    var programs: [Result<Program, CompileFailure>] = []
    for entry in row["variables"].elements {
      // A variable may use only those before it.
      let program = CELEnvironment(profile: profile, variables: variables)
        .compile(entry["expr"].asString ?? "")
      programs.append(program)
      variables.append(
        Variable(
          "variables." + (entry["name"].asString ?? ""),
          type: (try? program.get())?.resultType ?? .dyn))
    }
    let evaluator = Evaluator(slotCount: variables.count)
    if let name = ConformanceRow.bind(
      Array(variables[..<boundCount]), of: row, evaluator, arena)
    {
      return ConformanceRow.unknownBinding(name)
    }
    let environment = CELEnvironment(profile: profile, variables: variables)
    let account = Account(row["budget"].asInt.flatMap { UInt64(exactly: $0) } ?? .max)
    for (offset, program) in programs.enumerated() {
      let name = variables[boundCount + offset].name
      evaluator.setLazy(slot: boundCount + offset) { evaluator in
        switch program {
        case .failure(let failure):
          return evaluator.error(
            "composited variable \"\(name.dropFirst("variables.".count))\" fails to compile: "
              + failure.issues[0].message)
        case .success(let program):
          let (value, cost) = evaluator.evaluateWithCost(program, limit: limitPerExpression)
          account.charge(cost)
          return value.isError ? evaluator.compositionError(value, name) : value
        }
      }
    }
    if row["exprs"].isKind(.list) {
      return remaining(row["exprs"], environment, evaluator, account)
    }
    return value(row["expr"], environment, evaluator, account)
  }

  private static func value(
    _ source: Value, _ environment: CELEnvironment, _ evaluator: Evaluator, _ account: Account
  ) -> String {
    switch environment.compile(source.asString ?? "") {
    case .failure(let failure): return ConformanceRow.error(failure.issues[0].message)
    case .success(let program):
      let (value, cost) = evaluator.evaluateWithCost(program, limit: limitPerExpression)
      account.charge(cost)
      if account.isOverdrawn { return ConformanceRow.error(outOfBudget) }
      if value.isError { return ConformanceRow.error(evaluator.explain(value).message) }
      return #""value":"# + TypedValues.text(value)
    }
  }

  private static func remaining(
    _ sources: Value, _ environment: CELEnvironment, _ evaluator: Evaluator, _ account: Account
  ) -> String {
    for source in sources.elements {
      guard case .success(let program) = environment.compile(source.asString ?? "") else {
        // A cluster does not evaluate what it cannot compile, and charges nothing.
        continue
      }
      let (_, cost) = evaluator.evaluateWithCost(program)
      if cost > limitPerExpression { return #""exceeds_per_call_limit":true"# }
      account.charge(cost)
      if account.isOverdrawn { return #""exceeds_budget":true"# }
    }
    return #""remaining":\#(account.remaining)"#
  }

  /// A budget that several evaluations draw on.
  private final class Account {
    private(set) var remaining: UInt64
    private(set) var isOverdrawn = false

    init(_ budget: UInt64) { remaining = budget }

    func charge(_ cost: UInt64) {
      if cost > remaining { isOverdrawn = true }
      remaining -= min(cost, remaining)
    }
  }
}
