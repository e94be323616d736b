import Documents
import Quantities

private let policies: [StaticString] = ["AlwaysAllow", "IfHealthyBudget"]

/// What the API server asks of a PodDisruptionBudget (policy `validation.go`).
extension ObjectValidation {
  mutating func disruptionBudget(_ object: Value) {
    field("spec", of: object) { validation, spec in
      if spec["minAvailable"].isSet, spec["maxUnavailable"].isSet {
        validation.report(
          "disruption-budget/both", .invalid,
          "'minAvailable' and 'maxUnavailable' exclude each other")
      }
      for name: StaticString in ["minAvailable", "maxUnavailable"] where spec[name].isSet {
        validation.field(name, of: spec) { validation, value in
          validation.countOrPercent("disruption-budget/amount", value)
        }
      }
      validation.field("selector", of: spec) { validation, selector in
        validation.labelSelector("disruption-budget/selector", selector)
      }
      if spec["unhealthyPodEvictionPolicy"].isSet {
        validation.field("unhealthyPodEvictionPolicy", of: spec) { validation, policy in
          validation.choice("disruption-budget/unhealthy-pods", policy, among: policies)
        }
      }
    }
  }

  /// Holds that the value where the walk stands is a count or a percentage up to 100%.
  mutating func countOrPercent(_ rule: StaticString, _ value: Value) {
    if let number = value.asInt {
      if number < 0 { report(rule, .invalid, "found \(number), expected 0 or more") }
      return
    }
    guard value.isKind(.string) else { return }
    guard NameFormat.percent.accepts(value.utf8) else {
      return report(
        rule, .invalid, "\(shown(value)) is no percentage, expected a number or one such as '50%'")
    }
    let digits = String(decoding: value.utf8.dropLast(), as: UTF8.self)
    if (Int(digits) ?? .max) > 100 {
      report(rule, .invalid, "\(shown(value)) is more than 100%")
    }
  }
}
