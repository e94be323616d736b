import Documents
import Quantities

private let group: StaticString = "rbac.authorization.k8s.io"
private let subjectKinds: [StaticString] = ["Group", "ServiceAccount", "User"]

/// What the API server asks of roles and their bindings (rbac `validation.go`).
extension ObjectValidation {
  mutating func role(_ object: Value, isNamespaced: Bool) {
    elements("rules", of: object) { validation, rule, _ in
      validation.policyRule(rule, isNamespaced: isNamespaced)
    }
    guard !isNamespaced, object["aggregationRule"].isSet else { return }
    field("aggregationRule", of: object) { validation, aggregation in
      validation.require("rbac/aggregation", "clusterRoleSelectors", of: aggregation)
      validation.elements("clusterRoleSelectors", of: aggregation) { validation, selector, _ in
        validation.labelSelector("rbac/aggregation", selector)
      }
    }
  }

  private mutating func policyRule(_ rule: Value, isNamespaced: Bool) {
    require("rbac/verbs-missing", "verbs", of: rule)
    if !rule["nonResourceURLs"].isUnset {
      if isNamespaced {
        report(
          "rbac/non-resource-urls", .invalid, at: "nonResourceURLs",
          "a Role has no URLs: only a ClusterRole can")
      }
      if !rule["apiGroups"].isUnset || !rule["resources"].isUnset
        || !rule["resourceNames"].isUnset
      {
        report(
          "rbac/non-resource-urls", .invalid, at: "nonResourceURLs",
          "a rule is about resources or about URLs, not both", help: "make two rules of it")
      }
      return
    }
    require("rbac/api-groups-missing", "apiGroups", of: rule)
    require("rbac/resources-missing", "resources", of: rule)
  }

  mutating func roleBinding(_ object: Value, isNamespaced: Bool, old: Value = .absent) {
    field("roleRef", of: object) { validation, reference in
      if !reference["apiGroup"].isString(group) {
        validation.report(
          "rbac/role-ref", .notSupported, at: "apiGroup",
          "found \(shown(reference["apiGroup"])), expected '\(group)'")
      }
      let kind = reference["kind"]
      if !kind.isString("ClusterRole"), !isNamespaced || !kind.isString("Role") {
        validation.report(
          "rbac/role-ref", .notSupported, at: "kind",
          isNamespaced
            ? "found \(shown(kind)), expected 'Role' or 'ClusterRole'"
            : "found \(shown(kind)), a ClusterRoleBinding refers to a 'ClusterRole'")
      }
      if validation.require("rbac/role-ref", "name", of: reference) {
        validation.pathSegment("rbac/role-ref", reference["name"], at: "name")
      }
    }
    elements("subjects", of: object) { validation, subject, _ in
      validation.bindingSubject(subject, isNamespaced: isNamespaced)
    }
    if old.isSet, !unchanged(object["roleRef"], old["roleRef"]) {
      report(
        "rbac/role-ref-changed", .invalid, at: "roleRef", "'roleRef' cannot change",
        help: "delete the binding and create it anew, or give the new one another name")
    }
  }

  private mutating func bindingSubject(_ subject: Value, isNamespaced: Bool) {
    let kind = subject["kind"]
    let hasName = require("rbac/subject", "name", of: subject)
    if kind.isString("ServiceAccount") {
      if hasName { name("rbac/subject", subject["name"], .dns1123Subdomain, at: "name") }
      if !subject["apiGroup"].isUnset {
        report(
          "rbac/subject", .notSupported, at: "apiGroup",
          "found \(shown(subject["apiGroup"])), a ServiceAccount has the empty API group")
      }
      if !isNamespaced { require("rbac/subject", "namespace", of: subject) }
    } else if kind.isString("User") || kind.isString("Group") {
      if !subject["apiGroup"].isString(group) {
        report(
          "rbac/subject", .notSupported, at: "apiGroup",
          "found \(shown(subject["apiGroup"])), expected '\(group)'")
      }
    } else {
      report(
        "rbac/subject", .notSupported, at: "kind",
        "found \(shown(kind)), expected \(listed(subjectKinds))")
    }
  }
}
