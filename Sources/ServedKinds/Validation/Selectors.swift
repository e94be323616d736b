import Documents
import Quantities

private let operators: [StaticString] = ["In", "NotIn", "Exists", "DoesNotExist"]

/// Selectors as they stand in many kinds (apimachinery `ValidateLabelSelector`, core
/// `ValidateNodeSelector`, `ValidateTolerations`).
extension ObjectValidation {
  /// Holds the `LabelSelector` where the walk stands.
  ///
  /// `allowsAnyValue` leaves the values of expressions alone, as updates of an object do that had bad
  /// ones.
  mutating func labelSelector(
    _ rule: StaticString, _ selector: Value, allowsAnyValue: Bool = false
  ) {
    field("matchLabels", of: selector) { validation, labels in validation.labels(rule, labels) }
    elements("matchExpressions", of: selector) { validation, requirement, _ in
      let name = requirement["operator"]
      let values = requirement["values"]
      if name.isString("In") || name.isString("NotIn") {
        if values.isUnset {
          validation.report(
            rule, .required, at: "values", "operator \(shown(name)) needs at least one value")
        }
      } else if name.isString("Exists") || name.isString("DoesNotExist") {
        if !values.isUnset {
          validation.report(
            rule, .forbidden, at: "values", "operator \(shown(name)) takes no values")
        }
      } else {
        validation.report(
          rule, .invalid, at: "operator", "found \(shown(name)), expected \(listed(operators))")
      }
      validation.name(rule, requirement["key"], .qualifiedName, at: "key")
      if !allowsAnyValue {
        validation.elements("values", of: requirement) { validation, value, _ in
          validation.name(rule, value, .labelValue)
        }
      }
    }
  }

  /// Holds the `NodeSelector` where the walk stands.
  mutating func nodeSelector(_ rule: StaticString, _ selector: Value) {
    if !require(rule, "nodeSelectorTerms", of: selector) { return }
    elements("nodeSelectorTerms", of: selector) { validation, term, _ in
      validation.nodeSelectorTerm(rule, term)
    }
  }

  /// Holds one term of a `NodeSelector`.
  mutating func nodeSelectorTerm(_ rule: StaticString, _ term: Value) {
    elements("matchExpressions", of: term) { validation, requirement, _ in
      validation.nodeSelectorRequirement(rule, requirement)
    }
    elements("matchFields", of: term) { validation, requirement, _ in
      let name = requirement["operator"]
      if name.isString("In") || name.isString("NotIn") {
        if requirement["values"].count != 1 {
          validation.report(
            rule, .required, at: "values",
            "a node's field is compared with exactly one value, found "
              + "\(requirement["values"].count)")
        }
      } else {
        validation.report(
          rule, .invalid, at: "operator", "found \(shown(name)), expected 'In' or 'NotIn'")
      }
      if requirement["key"].isString("metadata.name") {
        validation.elements("values", of: requirement) { validation, value, _ in
          validation.name(rule, value, .dns1123Subdomain)
        }
      } else {
        validation.report(
          rule, .invalid, at: "key",
          "found \(shown(requirement["key"])), expected 'metadata.name'")
      }
    }
  }

  private mutating func nodeSelectorRequirement(_ rule: StaticString, _ requirement: Value) {
    let name = requirement["operator"]
    let values = requirement["values"]
    if name.isString("In") || name.isString("NotIn") {
      if values.isUnset {
        report(rule, .required, at: "values", "operator \(shown(name)) needs at least one value")
      }
    } else if name.isString("Exists") || name.isString("DoesNotExist") {
      if !values.isUnset {
        report(rule, .forbidden, at: "values", "operator \(shown(name)) takes no values")
      }
    } else if name.isString("Gt") || name.isString("Lt") {
      if values.count != 1 {
        report(rule, .required, at: "values", "operator \(shown(name)) takes exactly one value")
      }
    } else {
      report(
        rule, .invalid, at: "operator",
        "found \(shown(name)), expected \(listed(operators + ["Gt", "Lt"]))")
    }
    self.name(rule, requirement["key"], .qualifiedName, at: "key")
    elements("values", of: requirement) { validation, value, _ in
      validation.name(rule, value, .labelValue)
    }
  }
}
