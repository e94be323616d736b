import Documents
import Quantities

private let operations: [StaticString] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]
private let scopes: [StaticString] = ["*", "Cluster", "Namespaced"]
private let matchPolicies: [StaticString] = ["Equivalent", "Exact"]
private let slash = UInt8(ascii: "/")

/// Which requests a webhook or a policy is about (admissionregistration `validation.go`, 1.36).
extension ObjectValidation {
  /// Holds a `RuleWithOperations` where the walk stands.
  mutating func admissionRule(_ rule: Value) {
    let list = rule["operations"]
    require("admission/operations", "operations", of: rule)
    if list.count > 1, list.hasElement("*") {
      report(
        "admission/operations", .invalid, at: "operations", "'*' stands for all operations alone")
    }
    elements("operations", of: rule) { validation, operation, _ in
      validation.choice("admission/operations", operation, among: operations)
    }
    wildcardList("apiGroups", of: rule)
    wildcardList("apiVersions", of: rule)
    elements("apiVersions", of: rule) { validation, version, _ in
      if version.isUnset {
        validation.report("admission/api-versions", .required, "an API version is empty")
      }
    }
    admissionResources(rule)
    if rule["scope"].isSet {
      field("scope", of: rule) { validation, scope in
        validation.choice("admission/scope", scope, among: scopes)
      }
    }
  }

  private mutating func wildcardList(_ name: StaticString, of rule: Value) {
    require("admission/rule", name, of: rule)
    if rule[name].count > 1, rule[name].hasElement("*") {
      report("admission/rule", .invalid, at: name, "'*' stands for all of '\(name)' alone")
    }
  }

  private mutating func admissionResources(_ rule: Value) {
    let list = rule["resources"]
    require("admission/resources", "resources", of: rule)
    var wholeResources: [Substring] = []
    var wholeSubresources: [Substring] = []
    var hasPlain = false
    elements("resources", of: rule) { validation, value, _ in
      if value.isUnset {
        validation.report("admission/resources", .required, "a resource is empty")
      }
      let text = value.asString ?? ""
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        if text != "*" { hasPlain = true }
        return
      }
      if text == "*/*" { return }
      if wholeResources.contains(parts[0]) {
        validation.report(
          "admission/resources", .invalid, "'\(parts[0])/*' says it already, found '\(text)'")
      }
      if wholeSubresources.contains(parts[1]) {
        validation.report(
          "admission/resources", .invalid, "'*/\(parts[1])' says it already, found '\(text)'")
      }
      if parts[1] == "*" { wholeResources.append(parts[0]) }
      if parts[0] == "*" { wholeSubresources.append(parts[1]) }
    }
    if list.count > 1, list.hasElement("*/*") {
      report(
        "admission/resources", .invalid, at: "resources", "'*/*' stands for all resources alone")
    }
    if list.hasElement("*"), hasPlain {
      report(
        "admission/resources", .invalid, at: "resources",
        "'*' stands for all resources without subresources")
    }
  }

  /// Holds a `MatchResources` where the walk stands.
  mutating func matchResources(_ match: Value) {
    for name: StaticString in ["namespaceSelector", "objectSelector"] {
      field(name, of: match) { validation, selector in
        validation.labelSelector("admission/selector", selector)
      }
    }
    for name: StaticString in ["resourceRules", "excludeResourceRules"] {
      elements(name, of: match) { validation, rule, _ in
        validation.admissionRule(rule)
        validation.elements("resourceNames", of: rule) { validation, value, index in
          validation.pathSegment("admission/resource-names", value)
          if rule["resourceNames"].elements[..<index].contains(where: {
            $0.isIdentical(to: value)
          }) {
            validation.report(
              "admission/resource-names", .duplicate, "\(shown(value)) is there twice")
          }
        }
      }
    }
    choice("admission/match-policy", "matchPolicy", of: match, among: matchPolicies)
  }

  /// Holds the `matchConditions` of a webhook or policy.
  mutating func matchConditions(of map: Value, hasParams: Bool) {
    let list = map["matchConditions"]
    if list.isUnset { return }
    if list.count > 64 {
      report(
        "admission/match-conditions", .tooMany, at: "matchConditions",
        "found \(list.count) conditions, expected at most 64")
    }
    let expressions = AdmissionExpressions(minor: minor, hasParams: hasParams)
    elements("matchConditions", of: map) { validation, condition, index in
      _ = validation.expression("expression", of: condition, expressions, .bool)
      let name = condition["name"]
      if validation.require("admission/match-conditions", "name", of: condition) {
        validation.name("admission/match-conditions", name, .qualifiedName, at: "name")
        if list.elements[..<index].contains(where: { $0["name"].isIdentical(to: name) }) {
          validation.report(
            "admission/match-conditions", .duplicate, at: "name",
            "two conditions have the name \(shown(name))")
        }
      }
    }
  }
}
