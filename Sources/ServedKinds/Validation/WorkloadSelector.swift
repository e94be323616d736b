import Documents
import Manifests
import Quantities

/// Label selectors (`ValidateLabelSelector` of apimachinery) and the templates that they have to match.
extension ObjectValidation {
  /// Checks a label selector at which the walk stands; true when it is well formed.
  @discardableResult
  mutating func labelSelector(_ selector: Value) -> Bool {
    let before = errors.count
    labelSyntax("matchLabels", of: selector)
    if selector["matchExpressions"].isGiven {
      elements("matchExpressions", of: selector) { check, requirement, _ in
        check.selectorOperator(requirement, "selector/values", "")
        check.expect(.qualifiedName, requirement["key"], "selector/key", at: "key")
        guard requirement["values"].isGiven else { return }
        check.elements("values", of: requirement) { check, value, _ in
          check.expect(.labelValue, value, "selector/values")
        }
      }
    }
    return errors.count == before
  }

  /// Checks that the values of a requirement go with its operator.
  mutating func selectorOperator(
    _ requirement: Value, _ rule: StaticString, _ others: StaticString
  ) {
    let name = requirement["operator"]
    let values = requirement["values"]
    if name.isString("In") || name.isString("NotIn") {
      if values.isUnset {
        report(
          rule, .required, at: "values", "operator '\(name.shown)' needs at least one value")
      }
    } else if name.isString("Exists") || name.isString("DoesNotExist") {
      if !values.isUnset {
        report(rule, .forbidden, at: "values", "operator '\(name.shown)' takes no values")
      }
    } else {
      report(
        rule, .invalid, at: "operator",
        "'\(name.shown)' is no operator, expected \(others)In, NotIn, Exists or DoesNotExist")
    }
  }

  /// Checks the selector of a workload that must have one; true when it is well formed.
  mutating func workloadSelector(of spec: Value, _ kind: StaticString) -> Bool {
    let selector = spec["selector"]
    guard selector.isGiven else {
      report(
        "workload/selector", .required, at: "selector", "'selector' is missing",
        help: "select the labels that the template gives its Pods")
      return true
    }
    let isValid = field("selector", of: spec) { $0.labelSelector($1) }
    if selector["matchLabels"].isUnset, selector["matchExpressions"].isUnset {
      report(
        "workload/selector-empty", .invalid, at: "selector",
        "an empty selector is invalid for a \(kind)")
    }
    return isValid
  }

  /// Reports a template whose Pods the selector does not find.
  mutating func templateMatchesSelector(of spec: Value) {
    let selector = spec["selector"]
    let labels = spec["template"]["metadata"]["labels"]
    guard !selects(selector: selector, labels: labels) else { return }
    reportMismatch(of: spec)
  }

  /// Reports that the selector does not find the template's Pods.
  mutating func reportMismatch(of spec: Value) {
    field("template", of: spec) { check, template in
      check.field("metadata", of: template) { check, metadata in
        check.report(
          "workload/selector-mismatch", .invalid, at: "labels",
          "the selector does not match the labels of the template",
          help: "give the template every label that the selector asks for")
      }
    }
  }
}
