import Documents
import Quantities

private let protocols: [StaticString] = ["TCP", "UDP", "SCTP"]
private let directions: [StaticString] = ["Ingress", "Egress"]

/// What the API server asks of a NetworkPolicy (networking `ValidateNetworkPolicySpec`).
extension ObjectValidation {
  mutating func networkPolicy(_ object: Value) {
    field("spec", of: object) { validation, spec in
      validation.field("podSelector", of: spec) { validation, selector in
        validation.labelSelector("network-policy/selector", selector)
      }
      validation.elements("ingress", of: spec) { validation, rule, _ in
        validation.networkRule(rule, peers: "from")
      }
      validation.elements("egress", of: spec) { validation, rule, _ in
        validation.networkRule(rule, peers: "to")
      }
      if spec["policyTypes"].count > 2 {
        return validation.report(
          "network-policy/types", .invalid, at: "policyTypes",
          "found \(spec["policyTypes"].count) policy types, expected at most two")
      }
      validation.elements("policyTypes", of: spec) { validation, type, _ in
        validation.choice("network-policy/types", type, among: directions)
      }
    }
  }

  private mutating func networkRule(_ rule: Value, peers: StaticString) {
    elements("ports", of: rule) { validation, port, _ in validation.networkPort(port) }
    elements(peers, of: rule) { validation, peer, _ in
      var count = 0
      for name: StaticString in ["podSelector", "namespaceSelector"] where peer[name].isSet {
        count += 1
        validation.field(name, of: peer) { validation, selector in
          validation.labelSelector("network-policy/selector", selector)
        }
      }
      if peer["ipBlock"].isSet {
        count += 1
        validation.field("ipBlock", of: peer) { validation, block in validation.ipBlock(block) }
      }
      if count == 0 {
        validation.report(
          "network-policy/peer", .required,
          "a peer needs a 'podSelector', a 'namespaceSelector' or an 'ipBlock'")
      } else if count > 1, peer["ipBlock"].isSet {
        validation.report(
          "network-policy/peer", .forbidden, "a peer with an 'ipBlock' has no selectors",
          help: "make two peers of it")
      }
    }
  }

  private mutating func networkPort(_ port: Value) {
    if port["protocol"].isSet {
      field("protocol", of: port) { validation, value in
        validation.choice("network-policy/protocol", value, among: protocols)
      }
    }
    let end = port["endPort"]
    if port["port"].isSet {
      if let number = port["port"].asInt {
        portNumber("network-policy/port", port["port"], at: "port")
        if let last = end.asInt {
          if last < number {
            report(
              "network-policy/end-port", .invalid, at: "endPort",
              "endPort \(last) is less than port \(number)")
          }
          portNumber("network-policy/end-port", end, at: "endPort")
        }
      } else {
        if end.isSet {
          report(
            "network-policy/end-port", .invalid, at: "endPort",
            "'endPort' needs a port that is a number")
        }
        name("network-policy/port", port["port"], .portName, at: "port")
      }
    } else if end.isSet {
      report("network-policy/end-port", .invalid, at: "endPort", "'endPort' needs 'port'")
    }
  }

  private mutating func ipBlock(_ block: Value) {
    guard require("network-policy/ip-block", "cidr", of: block) else { return }
    let outer = addressBlock("network-policy/ip-block", block["cidr"], at: "cidr")
    elements("except", of: block) { validation, value, _ in
      guard let inner = validation.addressBlock("network-policy/ip-block", value), let outer else {
        return
      }
      if !outer.contains(inner.masked.address) {
        validation.report(
          "network-policy/ip-block", .invalid, "\(shown(value)) is not within '\(outer)'")
      } else if inner.prefixLength <= outer.prefixLength {
        validation.report(
          "network-policy/ip-block", .invalid, "\(shown(value)) is no smaller part of '\(outer)'")
      }
    }
  }
}
