import CEL
import Diagnostics

/// What is odd about a policy that an API server would take.
///
/// Findings: `policy/unused-variable` (note), `policy/never-asked`, `policy/object-on-delete`,
/// `policy/reads-user` (note; not where the user is known).
func policyProblems(
  _ policy: Policy, _ expressions: PolicyExpressions, _ directory: ResourceDirectory,
  knowsUser: Bool
) -> [Finding] {
  let checks = PolicyChecks(policy: policy, expressions: expressions, directory: directory)
  return checks.unusedVariables() + checks.resourcesNeverAskedAbout() + checks.objectOnDelete()
    + (knowsUser ? [] : checks.readsOfUser())
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

  /// `object` is null on DELETE: reading a field of it is an error there, unless some expression
  /// looks at the operation, or at whether there is an object.
  func objectOnDelete() -> [Finding] {
    let rules = policy.matchConstraints.resourceRules
    guard rules.contains(where: { $0.operations.contains(.delete) }) else { return [] }
    let all = expressions.all
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
          $0.variable == "object" && !$0.path.isEmpty && !$0.isOptional
        })
      else { continue }
      return [
        finding(
          "object-on-delete", .warning,
          "the policy matches DELETE, where 'object' is null and its fields cannot be read",
          at: expression.expression.path, part: .text(read.range),
          help: "read 'oldObject', or ask 'request.operation' first")
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
