import CEL
import Diagnostics

/// What is odd about a policy that an API server would take.
///
/// Findings: `policy/unused-variable` (note), `policy/never-asked`, `policy/object-on-delete`,
/// `policy/old-object-on-create`, `policy/reads-user` (note; not where the user is known).
func policyProblems(
  _ policy: Policy, _ expressions: PolicyExpressions, _ directory: ResourceDirectory,
  knowsUser: Bool
) -> [Finding] {
  let checks = PolicyChecks(policy: policy, expressions: expressions, directory: directory)
  return checks.unusedVariables() + checks.resourcesNeverAskedAbout() + checks.objectOnDelete()
    + checks.oldObjectOnCreate() + (knowsUser ? [] : checks.readsOfUser())
}

private struct PolicyChecks {
  let policy: Policy
  let expressions: PolicyExpressions
  let directory: ResourceDirectory

  private func finding(
    _ rule: String, _ severity: Severity, _ message: String, at path: FieldPath,
    part: Place.Part = .value, help: String? = nil
  ) -> Finding {
    var finding = Finding(
      rule: "policy/\(rule)", severity: severity, message,
      at: policy.source.place(path, part: part), help: help)
    finding.policy = policy.name
    finding.path = path
    return finding
  }

  func unusedVariables() -> [Finding] {
    let all = expressions.all
    return expressions.variables.compactMap { variable in
      guard !all.contains(where: { $0.reads("variables.\(variable.name)") }) else { return nil }
      return finding(
        "unused-variable", .note, "the variable '\(variable.name)' is not used",
        at: variable.expression.path)
    }
  }

  func resourcesNeverAskedAbout() -> [Finding] {
    policy.matchConstraints.resourceRules.enumerated().flatMap { index, rule in
      rule.resources.filter { isNeverAsked($0, rule) }.map { resource in
        finding(
          "never-asked", .warning, "API servers ask no policies about '\(resource)'",
          at: FieldPath(keys: "spec", "matchConstraints", "resourceRules").index(index)
            .key("resources"))
      }
    }
  }

  private func isNeverAsked(_ plural: String, _ rule: ResourceRule) -> Bool {
    let named = directory.resources.filter {
      $0.plural == plural && rule.apiGroups.contains($0.group)
    }
    return !named.isEmpty && named.allSatisfy { !$0.isSeenByPolicies }
  }

  /// `object` is null on DELETE: reading a field of it is an error there.
  func objectOnDelete() -> [Finding] {
    readsOfNull(
      "object", on: .delete, "object-on-delete",
      help: "read 'oldObject', or ask 'request.operation' first")
  }

  /// `oldObject` is null on CREATE.
  func oldObjectOnCreate() -> [Finding] {
    readsOfNull(
      "oldObject", on: .create, "old-object-on-create",
      help: "ask 'request.operation' first, or write 'oldObject == null || …'")
  }

  /// Reads of fields of what is null in an operation that the policy matches, unless some expression looks at the
  /// operation, or at whether there is an object. Told once a policy.
  private func readsOfNull(
    _ variable: String, on operation: Operation, _ rule: String, help: String
  ) -> [Finding] {
    let rules = policy.matchConstraints.resourceRules
    guard rules.contains(where: { $0.operations.contains(operation) }) else { return [] }
    // A message that fails is only not shown.
    let all =
      expressions.matchConditions + expressions.variables
      + expressions.validations.map(\.expression) + expressions.auditAnnotations
    let isGuarded = all.contains { expression in
      expression.references.contains {
        $0.variable == "request" && $0.path.first == .key("operation")
          || ($0.variable == "object" || $0.variable == "oldObject") && $0.path.isEmpty
      }
    }
    if isGuarded { return [] }
    for expression in all {
      guard
        let read = expression.references.first(where: {
          $0.variable == variable && !$0.path.isEmpty && !$0.isOptional
        })
      else { continue }
      return [
        finding(
          rule, .warning,
          "the policy matches \(operation.rawValue), where '\(variable)' is null and its fields cannot "
            + "be read",
          at: expression.expression.path, part: .text(read.range), help: help)
      ]
    }
    return []
  }

  func readsOfUser() -> [Finding] {
    for expression in expressions.all {
      guard
        let read = expression.references.first(where: {
          $0.variable == "request" && $0.path.first == .key("userInfo")
        })
      else { continue }
      return [
        finding(
          "reads-user", .note,
          "the policy asks who makes the request, which is taken to be the delivery engine",
          at: expression.expression.path, part: .text(read.range))
      ]
    }
    return []
  }
}
