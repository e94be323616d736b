import CEL
import Diagnostics

/// How large lists, maps and texts of objects are taken to be where cost is estimated before any object is known.
private let assumedSize: UInt64 = 25

extension PolicySetBuilder {
  /// `policy/expensive` (a warning) for an expression that, for objects of a likely size, costs over half of what a
  /// cluster lets it cost, and for a policy whose expressions do together.
  ///
  /// The limits are those of evaluation (`CostLimits`); a variable is paid for once, where it is first used.
  func expensiveExpressions(_ policy: Policy, _ expressions: PolicyExpressions) -> [Finding] {
    func cost(_ expression: CompiledExpression) -> UInt64 {
      expression.program?.likelyCost(size: assumedSize) ?? 0
    }
    var findings: [Finding] = []
    func add(_ message: String, at path: FieldPath) {
      var finding = Finding(
        rule: "policy/expensive", severity: .warning, message, at: policy.source.place(path),
        help:
          "an object twice as large would be refused for the cost alone: loop less, or bound what is looped over"
      )
      finding.policy = policy.name
      finding.path = path
      findings.append(finding)
    }
    func total(_ parts: [CompiledExpression], limit: UInt64, _ what: String, at path: FieldPath) {
      var sum: UInt64 = 0
      for part in parts {
        let own = cost(part)
        let (next, isTooLarge) = sum.addingReportingOverflow(own)
        sum = isTooLarge ? .max : next
        if own > CostLimits.expression / 2 {
          add(
            "the expression may cost \(shown(own)) units for lists and texts of \(assumedSize), and a cluster allows "
              + "\(shown(CostLimits.expression))", at: part.expression.path)
        }
      }
      if sum > limit / 2,
        !findings.contains(where: {
          path.contains($0.path ?? .root) || ($0.path ?? .root).contains(path)
        })
      {
        add(
          "\(what) may cost \(shown(sum)) units together for lists and texts of \(assumedSize), and a cluster allows "
            + "\(shown(limit))", at: path)
      }
    }
    total(
      expressions.matchConditions, limit: CostLimits.matchConditions, "the match conditions",
      at: FieldPath(keys: "spec", "matchConditions"))
    total(
      expressions.variables
        + expressions.validations.flatMap { [$0.expression] + ($0.message.map { [$0] } ?? []) },
      limit: CostLimits.policy, "the validations", at: FieldPath(keys: "spec", "validations"))
    total(
      expressions.auditAnnotations, limit: CostLimits.policy, "the audit annotations",
      at: FieldPath(keys: "spec", "auditAnnotations"))
    return findings
  }

  /// A number with its thousands parted; a huge one in words.
  private func shown(_ cost: UInt64) -> String {
    if cost > 1_000_000_000 { return "over 1,000,000,000" }
    var digits = String(cost)
    var parts: [String] = []
    while digits.count > 3 {
      parts.insert(String(digits.suffix(3)), at: 0)
      digits = String(digits.dropLast(3))
    }
    return ([digits] + parts).joined(separator: ",")
  }
}
