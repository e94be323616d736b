import CEL
import Documents

/// What evaluations may cost, in the units of Kubernetes (apiserver 1.36, `pkg/apis/cel/config.go`).
enum CostLimits {
  /// One expression.
  static let expression: UInt64 = 1_000_000
  /// The match conditions of a policy together.
  static let matchConditions: UInt64 = 2_500_000
  /// The validations of a policy with their messages; the audit annotations likewise.
  static let policy: UInt64 = 10_000_000
  /// Steps that a policy may take before its cost is counted. An expression that is over its limit
  /// within so few would cost 500 units a step.
  static let uncountedSteps = 2_000
  /// Steps that a policy of a repository may take for one object: it is not held to a cluster's budget.
  static let repositorySteps = 5_000_000
  /// Steps that finding the fields behind the failures of a policy may take.
  static let tracedSteps = 20_000
  /// Steps after which an expression is surely over its limit: one costs a unit or more.
  static let countedSteps = 1_000_000
}

extension PolicyRun {
  private static let outOfBudget =
    "validation failed due to running out of cost budget, no further validation rules will be run"

  /// The value of an expression, with its cost added to what is spent; an error over the limit.
  func evaluateCounting(_ program: Program) -> Value {
    // Setting the limit gives all of its steps again.
    evaluator.stepLimit = CostLimits.countedSteps
    let (value, cost) = evaluator.evaluateWithCost(program, limit: CostLimits.expression)
    // A cluster stops at the limit.
    spent += min(cost, CostLimits.expression + 1)
    guard evaluator.remainingSteps < 0 else { return value }
    spent += CostLimits.expression + 1 - min(cost, CostLimits.expression + 1)
    return evaluator.error("operation cancelled: actual cost limit exceeded")
  }

  /// The validations and audit annotations of a policy in the order that a cluster evaluates them
  /// in: its budget runs from the validations on to all messages (`validating/validator.go`).
  func countValidations(of policy: CompiledPolicy) {
    spent = 0
    var values: [Value] = []
    for validation in policy.validations {
      values.append(value(of: validation.expression))
      if spent > CostLimits.policy { return collapse(policy) }
    }
    let spentOnValidations = spent
    for message in policy.validations.compactMap(\.message) where spent <= CostLimits.policy {
      _ = value(of: message)
    }
    let messagesFit = spent <= CostLimits.policy
    spent = spentOnValidations
    for (index, value) in values.enumerated() where messagesFit ? !value.isTrue : true {
      if messagesFit || value.isKind(.error) {
        add(failed: policy.validations[index], at: index, value, policy)
      } else if policy.policy.failurePolicy == .fail {
        outcomes.append(
          Outcome(
            kind: .error, validationIndex: index,
            expression: policy.policy.validations[index].messageExpression,
            message: "failed messageExpression: \(PolicyRun.outOfBudget)"))
      }
    }
    spent = 0
    for annotation in policy.auditAnnotations {
      evaluate(annotation, policy)
      if spent > CostLimits.policy { return collapse(policy) }
    }
  }

  /// Puts one error in place of all that was found.
  func collapse(_ policy: CompiledPolicy) {
    outcomes.removeAll(keepingCapacity: true)
    guard policy.policy.failurePolicy == .fail else { return }
    outcomes.append(Outcome(kind: .error, message: PolicyRun.outOfBudget))
  }
}
