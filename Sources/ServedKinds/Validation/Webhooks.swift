import Documents
import Quantities

private let failurePolicies: [StaticString] = ["Fail", "Ignore"]
private let matchPolicies: [StaticString] = ["Equivalent", "Exact"]
private let sideEffects: [StaticString] = ["None", "NoneOnDryRun"]
private let knownVersions: [StaticString] = ["v1", "v1beta1"]
private let reinvocations: [StaticString] = ["IfNeeded", "Never"]

/// What the API server asks of webhook configurations (admissionregistration `validation.go`).
extension ObjectValidation {
  mutating func webhooks(_ object: Value, isMutating: Bool) {
    let hooks = object["webhooks"].elements
    elements("webhooks", of: object) { validation, hook, index in
      validation.webhook(hook, isMutating: isMutating)
      validation.reviewVersions(hook)
      let name = hook["name"]
      if !name.isUnset, hooks[..<index].contains(where: { $0["name"].isIdentical(to: name) }) {
        validation.report(
          "webhook/name-duplicate", .duplicate, at: "name",
          "two webhooks have the name \(shown(name))")
      }
    }
  }

  private mutating func webhook(_ hook: Value, isMutating: Bool) {
    let name = hook["name"]
    if require("webhook/name", "name", of: hook) {
      if !NameFormat.dns1123Subdomain.accepts(name.utf8) {
        self.name("webhook/name", name, .dns1123Subdomain, at: "name")
      } else if name.utf8.count(where: { $0 == UInt8(ascii: ".") }) < 2 {
        report(
          "webhook/name", .invalid, at: "name",
          "\(shown(name)) needs at least three parts with dots between them")
      }
    }
    elements("rules", of: hook) { validation, rule, _ in validation.admissionRule(rule) }
    choice("webhook/failure-policy", "failurePolicy", of: hook, among: failurePolicies)
    choice("webhook/match-policy", "matchPolicy", of: hook, among: matchPolicies)
    choice("webhook/side-effects", "sideEffects", of: hook, among: sideEffects, isRequired: true)
    range("webhook/timeout", "timeoutSeconds", of: hook, 1...30)
    for name: StaticString in ["namespaceSelector", "objectSelector"] {
      field(name, of: hook) { validation, selector in
        validation.labelSelector("webhook/selector", selector)
      }
    }
    if isMutating {
      choice("webhook/reinvocation", "reinvocationPolicy", of: hook, among: reinvocations)
    }
    field("clientConfig", of: hook) { $0.clientConfig($1) }
    matchConditions(of: hook, hasParams: false)
  }

  /// Holds where a webhook of admission or conversion is called.
  mutating func clientConfig(_ config: Value) {
    let hasURL = config["url"].isSet
    let hasService = config["service"].isSet
    if hasURL == hasService {
      return report("webhook/client", .required, "give exactly one of 'url' and 'service'")
    }
    if hasURL { return webhookURL(config["url"]) }
    field("service", of: config) { validation, service in
      validation.require("webhook/client", "name", of: service)
      validation.require("webhook/client", "namespace", of: service)
      if service["port"].isSet {
        validation.portNumber("webhook/client", service["port"], at: "port")
      }
      let path = service["path"].asString ?? ""
      if path.isEmpty || path == "/" { return }
      if !path.hasPrefix("/") {
        validation.report(
          "webhook/client", .invalid, at: "path", "'\(path)' does not begin with '/'")
      }
      let steps = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      let last = steps.last == "" ? steps.dropLast() : steps[...]
      for step in last where step.isEmpty || !NameFormat.dns1123Subdomain.accepts(String(step)) {
        validation.report(
          "webhook/client", .invalid, at: "path", "'\(step)' cannot stand in the path '\(path)'")
      }
    }
  }

  private mutating func webhookURL(_ url: Value) {
    let text = url.asString ?? ""
    let problem: String
    if !text.hasPrefix("https://") {
      problem = "'\(text)' must begin with 'https://'"
    } else {
      let rest = text.dropFirst(8)
      let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      if host.isEmpty {
        problem = "'\(text)' has no host"
      } else if host.contains("@") {
        problem = "'\(text)' may not hold a user"
      } else if rest.contains("#") {
        problem = "'\(text)' may not have a fragment"
      } else if rest.contains("?") {
        problem = "'\(text)' may not have a query"
      } else {
        return
      }
    }
    report("webhook/client", .invalid, at: "url", problem)
  }

  private mutating func reviewVersions(_ hook: Value) {
    let list = hook["admissionReviewVersions"]
    guard require("webhook/review-versions", "admissionReviewVersions", of: hook) else { return }
    elements("admissionReviewVersions", of: hook) { validation, version, index in
      if list.elements[..<index].contains(where: { $0.isIdentical(to: version) }) {
        validation.report(
          "webhook/review-versions", .invalid, "\(shown(version)) is there twice")
        return
      }
      validation.name("webhook/review-versions", version, .dns1035Label)
    }
    if !list.elements.contains(where: { version in
      knownVersions.contains { version.isString($0) }
    }) {
      report(
        "webhook/review-versions", .invalid, at: "admissionReviewVersions",
        "none is known, expected \(listed(knownVersions))")
    }
  }
}
