import Documents
import Quantities

private let types: [StaticString] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
private let families: [StaticString] = ["IPv4", "IPv6"]
private let familyPolicies: [StaticString] = ["PreferDualStack", "RequireDualStack", "SingleStack"]
private let trafficPolicies: [StaticString] = ["Cluster", "Local"]
private let protocols: [StaticString] = ["SCTP", "TCP", "UDP"]
private let distributions: [StaticString] = ["PreferClose"]
private let newDistributions: [StaticString] = ["PreferClose", "PreferSameNode", "PreferSameZone"]
private let topologyHints: StaticString = "service.kubernetes.io/topology-aware-hints"
private let topologyMode: StaticString = "service.kubernetes.io/topology-mode"
private let sourceRanges: StaticString = "service.beta.kubernetes.io/load-balancer-source-ranges"

/// What the API server asks of a Service (core `ValidateService`, 1.36).
extension ObjectValidation {
  ///
  /// `kept` is the list of addresses that the old object had: a Service that names another `clusterIP` and leaves that
  /// list as it was means the one address.
  mutating func service(_ object: Value, kept: Value = .absent) {
    let annotations = object["metadata"]["annotations"]
    let hints = annotations[topologyHints]
    let mode = annotations[topologyMode]
    if hints.isSet, mode.isSet, !hints.isIdentical(to: mode) {
      field("metadata", of: object) { validation, metadata in
        validation.report(
          "service/topology-annotations", .invalid, at: "annotations",
          "the annotations '\(topologyHints)' and '\(topologyMode)' do not say the same")
      }
    }
    field("spec", of: object) { validation, spec in
      validation.serviceType(spec)
      validation.servicePorts(spec)
      validation.field("selector", of: spec) { validation, selector in
        validation.labels("service/selector", selector)
      }
      validation.sessionAffinity(spec)
      if !spec["type"].isString("ExternalName") { validation.clusterIPs(spec, kept) }
      validation.elements("externalIPs", of: spec) { validation, value, _ in
        if let address = validation.address("service/external-ip", value) {
          validation.endpointAddress("service/external-ip", address)
        }
      }
      validation.choice("service/type", "type", of: spec, among: types, isRequired: true)
      validation.nodePorts(spec)
      validation.loadBalancer(spec, annotations)
      validation.trafficRules(spec)
    }
  }

  private mutating func serviceType(_ spec: Value) {
    let type = spec["type"]
    let isHeadless = isHeadless(spec)
    if spec["ports"].count == 0, !isHeadless, !type.isString("ExternalName") {
      report(
        "service/ports-missing", .required, at: "ports", "the Service has no ports",
        help: "give at least one port, or set clusterIP: None")
    }
    if type.isString("LoadBalancer") {
      elements("ports", of: spec) { validation, port, _ in
        if port["port"].asInt == 10250 {
          validation.report(
            "service/kubelet-port", .invalid,
            "port 10250 is the kubelet's and may not be exposed to the outside")
        }
      }
    }
    if isHeadless, type.isString("LoadBalancer") || type.isString("NodePort") {
      field("clusterIPs", of: spec) { validation, _ in
        validation.element(0) { validation in
          validation.report(
            "service/headless-type", .invalid,
            "a Service of type \(shown(type)) needs a cluster address, found 'None'",
            help: "leave clusterIP out, or use type: ClusterIP")
        }
      }
    }
    if type.isString("ExternalName") { externalName(spec) }
  }

  private mutating func externalName(_ spec: Value) {
    if !clusterIPList(spec).isUnset {
      report(
        "service/external-name", .forbidden, at: "clusterIPs",
        "a Service of type 'ExternalName' has no cluster address")
    }
    for name: StaticString in ["ipFamilies", "ipFamilyPolicy"] where !spec[name].isUnset {
      report(
        "service/external-name", .forbidden, at: name,
        "'\(name)' may not be set for a Service of type 'ExternalName'")
    }
    guard require("service/external-name", "externalName", of: spec) else { return }
    let name = spec["externalName"].utf8
    let text =
      name.last == UInt8(ascii: ".") ? UnsafeBufferPointer(rebasing: name.dropLast()) : name
    if text.isEmpty {
      report(
        "service/external-name", .required, at: "externalName",
        "'externalName' is required and is not given")
    } else if !NameFormat.dns1123Subdomain.accepts(text) {
      let text = String(decoding: text, as: UTF8.self)
      for problem in NameFormat.dns1123Subdomain.problems(in: text) {
        report(
          "service/external-name", .invalid, at: "externalName", "'\(text)' \(problem)",
          help: "give a host name only: no scheme, port or path")
      }
    }
  }

  private mutating func servicePorts(_ spec: Value) {
    let ports = spec["ports"]
    elements("ports", of: spec) { validation, port, index in
      let name = port["name"]
      if name.isUnset {
        if ports.count > 1 {
          validation.report(
            "service/port-name-missing", .required, at: "name",
            "a Service with more than one port needs a name for each")
        }
      } else {
        validation.name("service/port-name", name, .dns1123Label, at: "name")
        if ports.elements[..<index].contains(where: { $0["name"].hasSameBytes(as: name) }) {
          validation.report(
            "service/port-name-duplicate", .duplicate, at: "name",
            "two ports have the name \(shown(name))")
        }
      }
      validation.portNumber("service/port", port["port"], at: "port")
      validation.choice(
        "service/protocol", "protocol", of: port, among: protocols, isRequired: true)
      validation.portNumberOrName("service/target-port", port["targetPort"], at: "targetPort")
      if port["appProtocol"].isSet {
        validation.name(
          "service/app-protocol", port["appProtocol"], .qualifiedName, at: "appProtocol")
      }
    }
  }

  private mutating func sessionAffinity(_ spec: Value) {
    let affinity = spec["sessionAffinity"]
    if affinity.isUnset {
      report(
        "service/session-affinity", .required, at: "sessionAffinity", "'sessionAffinity' is empty")
    } else if !affinity.isString("ClientIP"), !affinity.isString("None") {
      report(
        "service/session-affinity", .notSupported, at: "sessionAffinity",
        "found \(shown(affinity)), expected 'ClientIP' or 'None'")
    }
    let config = spec["sessionAffinityConfig"]
    if affinity.isString("None"), config.isSet {
      report(
        "service/session-affinity", .forbidden, at: "sessionAffinityConfig",
        "'sessionAffinityConfig' needs sessionAffinity: ClientIP")
    }
    guard affinity.isString("ClientIP"), config.isSet else { return }
    field("sessionAffinityConfig", of: spec) { validation, config in
      guard config["clientIP"].isSet else {
        return validation.report(
          "service/session-affinity", .required, at: "clientIP", "'clientIP' is required")
      }
      validation.field("clientIP", of: config) { validation, client in
        let seconds = client["timeoutSeconds"]
        if let seconds = seconds.asInt, !(1...86400).contains(seconds) {
          validation.report(
            "service/session-affinity", .invalid, at: "timeoutSeconds",
            "found \(seconds), expected 1 to 86400 seconds")
        }
      }
    }
  }

  private mutating func clusterIPs(_ spec: Value, _ kept: Value) {
    let first = spec["clusterIP"]
    let list = isStale(spec, kept) ? .absent : spec["clusterIPs"]
    if !list.isUnset {
      if first.isUnset {
        report(
          "service/cluster-ips", .invalid, at: "clusterIPs",
          "'clusterIPs' is given without 'clusterIP'")
      } else if let head = list.elements.first, !head.isIdentical(to: first) {
        report(
          "service/cluster-ips", .invalid, at: "clusterIPs",
          "the first address is not that of 'clusterIP', \(shown(first))")
      }
    }
    var hasBadFamily = false
    elements("ipFamilies", of: spec) { validation, family, index in
      if !families.contains(where: { family.isString($0) }) {
        hasBadFamily = true
        validation.choice("service/ip-family", family, among: families)
      }
      if spec["ipFamilies"].elements[..<index].contains(where: { $0.hasSameBytes(as: family) }) {
        validation.report("service/ip-family", .duplicate, "\(shown(family)) is there twice")
      }
    }
    choice("service/ip-family-policy", "ipFamilyPolicy", of: spec, among: familyPolicies)
    var isBad = false
    var addresses: (Bool?, Bool?) = (nil, nil)
    let count = list.isUnset ? (first.isUnset ? 0 : 1) : list.count
    for index in 0..<count {
      let value = list.isUnset ? first : list.elements[index]
      let isNone = value.isString("None")
      field("clusterIPs", of: spec) { validation, _ in
        if isNone, index == 0 {
          if count > 1 {
            isBad = true
            validation.report(
              "service/cluster-ips", .invalid, "'None' must be the first and only address")
          }
          return
        }
        validation.element(index) { validation in
          guard let address = validation.address("service/cluster-ips", value) else {
            isBad = true
            return
          }
          if index == 0 { addresses.0 = address.isVersion4 }
          if index == 1 { addresses.1 = address.isVersion4 }
        }
      }
    }
    if count > 2 {
      report(
        "service/cluster-ips", .invalid, at: "clusterIPs", "found \(count), expected at most 2")
    }
    if isBad { return }
    if count > 1, addresses.0 == addresses.1 {
      report(
        "service/cluster-ips", .invalid, at: "clusterIPs",
        "two addresses of the same family, expected at most one of each")
    }
    if hasBadFamily || isHeadless(spec) { return }
    for (index, isVersion4) in [addresses.0, addresses.1].enumerated() {
      guard let isVersion4, index < spec["ipFamilies"].count else { break }
      let family = spec["ipFamilies"].elements[index]
      if family.isString(isVersion4 ? "IPv6" : "IPv4") {
        field("clusterIPs", of: spec) { validation, _ in
          validation.element(index) { validation in
            validation.report(
              "service/cluster-ips", .invalid, "expected an address of the family \(shown(family))")
          }
        }
      }
    }
  }

  private mutating func nodePorts(_ spec: Value) {
    let ports = spec["ports"].elements
    if spec["type"].isString("ClusterIP") {
      elements("ports", of: spec) { validation, port, _ in
        if port["nodePort"].intOrZero != 0 {
          validation.report(
            "service/node-port", .forbidden, at: "nodePort",
            "a Service of type 'ClusterIP' has no node ports",
            help: "leave nodePort out, or use type: NodePort")
        }
      }
    }
    elements("ports", of: spec) { validation, port, index in
      if port["nodePort"].intOrZero != 0,
        ports[..<index].contains(where: {
          $0["nodePort"].isIdentical(to: port["nodePort"])
            && $0["protocol"].isIdentical(to: port["protocol"])
        })
      {
        validation.report(
          "service/node-port-duplicate", .duplicate, at: "nodePort",
          "two ports have the node port \(shown(port["nodePort"]))")
      }
    }
    elements("ports", of: spec) { validation, port, index in
      if ports[..<index].contains(where: {
        $0["port"].isIdentical(to: port["port"])
          && $0["protocol"].isIdentical(to: port["protocol"])
      }) {
        validation.report(
          "service/port-duplicate", .duplicate,
          "two ports have the number \(shown(port["port"])) and the same protocol")
      }
    }
  }

  private mutating func loadBalancer(_ spec: Value, _ annotations: Value) {
    let isLoadBalancer = spec["type"].isString("LoadBalancer")
    let ranges = spec["loadBalancerSourceRanges"]
    if !ranges.isUnset {
      if !isLoadBalancer {
        field("loadBalancerSourceRanges", of: spec) { validation, _ in
          validation.report(
            "service/source-ranges", .forbidden,
            "'loadBalancerSourceRanges' needs type: LoadBalancer",
            printedAs: "spec.LoadBalancerSourceRanges")
        }
      }
      elements("loadBalancerSourceRanges", of: spec) { validation, value, index in
        if value.addressBlock == nil, trimmed(value).addressBlockOfText == nil {
          validation.addressBlock(
            "service/source-ranges", value, printedAs: "spec.LoadBalancerSourceRanges[\(index)]")
        }
      }
    } else if annotations[sourceRanges].isSet {
      sourceRangesAnnotation(annotations[sourceRanges], isLoadBalancer)
    }
    if !isLoadBalancer, spec["allocateLoadBalancerNodePorts"].isSet {
      report(
        "service/allocate-node-ports", .forbidden, at: "allocateLoadBalancerNodePorts",
        "'allocateLoadBalancerNodePorts' needs type: LoadBalancer")
    }
    loadBalancerClass(spec)
  }

  private mutating func sourceRangesAnnotation(_ value: Value, _ isLoadBalancer: Bool) {
    let printed = "metadata.annotations[\(sourceRanges)]"
    if !isLoadBalancer {
      report(
        "service/source-ranges", .forbidden,
        "the annotation '\(sourceRanges)' needs type: LoadBalancer", printedAs: printed)
    }
    let text = trimmed(value)
    if text.isEmpty { return }
    for part in text.split(separator: ",", omittingEmptySubsequences: false)
    where trimmedText(String(part)).addressBlockOfText == nil {
      report(
        "service/source-ranges", .invalid, "'\(part)' is no block of addresses", printedAs: printed)
    }
  }

  fileprivate mutating func loadBalancerClass(_ spec: Value) {
    let name = spec["loadBalancerClass"]
    if !name.isSet { return }
    if spec["type"].isString("LoadBalancer") {
      self.name("service/load-balancer-class", name, .qualifiedName, at: "loadBalancerClass")
    } else {
      report(
        "service/load-balancer-class", .forbidden, at: "loadBalancerClass",
        "'loadBalancerClass' needs type: LoadBalancer")
    }
  }

  private mutating func trafficRules(_ spec: Value) {
    let type = spec["type"]
    let isExternal =
      type.isString("LoadBalancer") || type.isString("NodePort")
      || type.isString("ClusterIP") && !spec["externalIPs"].isUnset
    let external = spec["externalTrafficPolicy"]
    if !isExternal {
      if !external.isUnset {
        report(
          "service/external-traffic-policy", .invalid, at: "externalTrafficPolicy",
          "'externalTrafficPolicy' is for Services that are reached from outside",
          help: "leave it out, or use type: NodePort or LoadBalancer")
      }
    } else {
      choice(
        "service/external-traffic-policy", "externalTrafficPolicy", of: spec,
        among: trafficPolicies)
    }
    let healthCheck = spec["healthCheckNodePort"].intOrZero
    if type.isString("LoadBalancer"), external.isString("Local") {
      if healthCheck != 0 {
        portNumber(
          "service/health-check-node-port", spec["healthCheckNodePort"], at: "healthCheckNodePort")
      }
    } else if healthCheck != 0 {
      report(
        "service/health-check-node-port", .invalid, at: "healthCheckNodePort",
        "'healthCheckNodePort' needs type: LoadBalancer and externalTrafficPolicy: Local")
    }
    choice(
      "service/internal-traffic-policy", "internalTrafficPolicy", of: spec, among: trafficPolicies)
    if spec["trafficDistribution"].isSet {
      field("trafficDistribution", of: spec) { validation, value in
        validation.choice(
          "service/traffic-distribution", value,
          among: validation.minor >= 34 ? newDistributions : distributions)
      }
    }
  }

  /// What may not change in a Service (core `ValidateServiceUpdate`). What the cluster allocated is
  /// kept where the new object does not name it, so an absent address never is a change.
  mutating func serviceUpdate(_ object: Value, old: Value) {
    field("spec", of: object) { validation, spec in
      validation.clusterIPsUpdate(spec, old: old["spec"])
      validation.ipFamiliesUpdate(spec, old: old["spec"])
      let old = old["spec"]
      if spec["type"].isString("LoadBalancer"), old["type"].isString("LoadBalancer"),
        !unchanged(spec["loadBalancerClass"], old["loadBalancerClass"])
      {
        validation.report(
          "service/load-balancer-class-changed", .invalid, at: "loadBalancerClass",
          "'loadBalancerClass' may not change once the Service is a load balancer",
          help: "delete the Service and create it anew, or keep the old class")
      }
      validation.loadBalancerClass(spec)
    }
    service(object, kept: old["spec"]["clusterIPs"])
  }

  private mutating func clusterIPsUpdate(_ spec: Value, old: Value) {
    if spec["type"].isString("ExternalName") || old["type"].isString("ExternalName") { return }
    let isStale = isStale(spec, old["clusterIPs"])
    let new = isStale ? spec["clusterIP"] : clusterIPList(spec)
    let before = clusterIPList(old)
    if new.isUnset { return }
    if isHeadless(old), isHeadless(spec), !isStale { return }
    for index in 0..<clusterIPCount(new) {
      let value = clusterIP(new, index)
      // What the cluster gave is not known; a Service that names its address only now would have to
      // guess it.
      if index >= clusterIPCount(before), index > 0 || !before.isUnset { continue }
      if !before.isUnset, clusterIP(before, index).isIdentical(to: value) { continue }
      field("clusterIPs", of: spec) { validation, _ in
        validation.element(index) { validation in
          validation.report(
            "service/cluster-ip-changed", .invalid,
            "the cluster address may not change once the Service exists, found \(shown(value))",
            help: "delete the Service and create it anew, or leave clusterIP as it was")
        }
      }
    }
    if clusterIPCount(before) > 1, clusterIPCount(new) == 1,
      !spec["ipFamilyPolicy"].isString("SingleStack")
    {
      report(
        "service/ip-family-policy", .invalid, at: "ipFamilyPolicy",
        "giving up the second address needs ipFamilyPolicy: SingleStack")
    }
  }

  private mutating func ipFamiliesUpdate(_ spec: Value, old: Value) {
    if spec["type"].isString("ExternalName") || old["type"].isString("ExternalName") { return }
    let new = spec["ipFamilies"].elements
    let before = old["ipFamilies"].elements
    if new.isEmpty || before.isEmpty { return }
    let count = new.count == before.count ? new.count : 1
    for index in 0..<count where !new[index].isIdentical(to: before[index]) {
      field("ipFamilies", of: spec) { validation, _ in
        validation.element(index) { validation in
          validation.report(
            "service/ip-family-changed", .invalid,
            "the address family may not change once the Service exists")
        }
      }
    }
    if before.count > 1, new.count == 1, !spec["ipFamilyPolicy"].isString("SingleStack") {
      report(
        "service/ip-family-policy", .invalid, at: "ipFamilyPolicy",
        "giving up the second family needs ipFamilyPolicy: SingleStack")
    }
  }
}

private func isHeadless(_ spec: Value) -> Bool {
  let list = spec["clusterIPs"]
  return list.isUnset
    ? spec["clusterIP"].isString("None") : list.count == 1 && list.elements[0].isString("None")
}

/// Whether `clusterIPs` is what the old object had, though `clusterIP` is another address.
private func isStale(_ spec: Value, _ kept: Value) -> Bool {
  let first = spec["clusterIP"]
  guard !kept.isUnset, !first.isUnset, let head = spec["clusterIPs"].elements.first else {
    return false
  }
  return !head.isIdentical(to: first) && spec["clusterIPs"].isIdentical(to: kept)
}

/// The addresses that a Service names: `clusterIPs`, or else `clusterIP`, a text.
private func clusterIPList(_ spec: Value) -> Value {
  spec["clusterIPs"].isUnset ? spec["clusterIP"] : spec["clusterIPs"]
}

private func clusterIPCount(_ list: Value) -> Int {
  list.isUnset ? 0 : list.isKind(.list) ? list.count : 1
}

private func clusterIP(_ list: Value, _ index: Int) -> Value {
  list.isKind(.list) ? list.elements[index] : list
}

private func trimmed(_ value: Value) -> String { trimmedText(value.asString ?? "") }

private func trimmedText(_ text: String) -> String {
  var text = text[...]
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return String(text)
}

extension String {
  /// The block of addresses that this is.
  fileprivate var addressBlockOfText: CIDRBlock? {
    if case .success(let block) = CIDRBlock.parse(self) { return block }
    return nil
  }
}
