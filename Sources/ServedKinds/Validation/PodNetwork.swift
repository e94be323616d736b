import Documents
import Quantities

/// How a Pod finds names.
extension ObjectValidation {
  /// Checks `spec.dnsConfig` (`validatePodDNSConfig`).
  mutating func dnsConfig(of spec: Value) {
    let config = spec["dnsConfig"]
    if spec["dnsPolicy"].isString("None") {
      if !config.isGiven {
        report(
          "pod/dns-config", .required, at: "dnsConfig",
          "'dnsPolicy: None' needs a 'dnsConfig'")
        return
      }
      if config["nameservers"].isUnset {
        field("dnsConfig", of: spec) {
          $0.report(
            "pod/dns-config", .required, at: "nameservers",
            "'dnsPolicy: None' needs at least one nameserver")
          _ = $1
        }
        return
      }
    }
    guard config.isGiven else { return }
    field("dnsConfig", of: spec) { check, config in
      check.nameservers(of: config)
      check.searches(of: config)
      check.elements("options", of: config) { check, option, _ in
        guard option["name"].isUnset else { return }
        check.report("pod/dns-config", .required, "the option has no 'name'")
      }
    }
  }

  private mutating func nameservers(of config: Value) {
    if config["nameservers"].elements.count > 3 {
      report(
        "pod/dns-config", .invalid, at: "nameservers",
        "there may be 3 nameservers, these are \(config["nameservers"].count)")
    }
    elements("nameservers", of: config) { check, address, _ in
      check.expectIPAddress(address, "pod/dns-config")
    }
  }

  private mutating func searches(of config: Value) {
    let searches = config["searches"].elements
    if searches.count > 32 {
      report(
        "pod/dns-config", .invalid, at: "searches",
        "there may be 32 search paths, these are \(searches.count)")
    }
    if searches.reduce(searches.count - 1, { $0 + $1.utf8IfText.count }) > 2048 {
      report(
        "pod/dns-config", .invalid, at: "searches",
        "the search paths may not have more than 2048 characters with the spaces between them")
    }
    elements("searches", of: config) { check, search, _ in
      let isRelaxed = check.minor >= 33
      var text = search.shown
      if isRelaxed, text == "." { return }
      if text.hasSuffix(".") { text.removeLast() }
      let checked =
        isRelaxed
        ? text.split(separator: "_", omittingEmptySubsequences: false).joined(separator: "a") : text
      for problem in NameFormat.dns1123Subdomain.problems(in: checked) {
        check.report("pod/dns-config", .invalid, "search path '\(text)': \(problem)")
      }
    }
  }

  /// Checks `spec.hostAliases`.
  mutating func hostAliases(of spec: Value) {
    elements("hostAliases", of: spec) { check, alias, _ in
      check.expectIPAddress(alias["ip"], "pod/host-alias", at: "ip")
      check.elements("hostnames", of: alias) { check, name, _ in
        check.expect(.dns1123Subdomain, name, "pod/host-alias")
      }
    }
  }
}
