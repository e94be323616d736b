import Documents
import Quantities

private let protocols: [StaticString] = ["SCTP", "TCP", "UDP"]
private let addressTypes: [StaticString] = ["FQDN", "IPv4", "IPv6"]

/// What the API server asks of Endpoints and EndpointSlice (core and discovery `validation.go`).
extension ObjectValidation {
  mutating func endpoints(_ object: Value) {
    elements("subsets", of: object) { validation, subset, _ in
      if subset["addresses"].isUnset, subset["notReadyAddresses"].isUnset {
        validation.report(
          "endpoints/addresses", .required,
          "a subset needs 'addresses' or 'notReadyAddresses'")
      }
      for name: StaticString in ["addresses", "notReadyAddresses"] {
        validation.elements(name, of: subset) { validation, address, _ in
          if let ip = validation.address("endpoints/address", address["ip"], at: "ip") {
            validation.endpointAddress("endpoints/address", ip, at: "ip")
          }
          if !address["hostname"].isUnset {
            validation.name(
              "endpoints/hostname", address["hostname"], .dns1123Label, at: "hostname")
          }
          if address["nodeName"].isSet {
            validation.name(
              "endpoints/node", address["nodeName"], .dns1123Subdomain, at: "nodeName")
          }
        }
      }
      let count = subset["ports"].count
      validation.elements("ports", of: subset) { validation, port, _ in
        if port["name"].isUnset {
          if count > 1 { validation.require("endpoints/port-name", "name", of: port) }
        } else {
          validation.name("endpoints/port-name", port["name"], .dns1123Label, at: "name")
        }
        validation.portNumber("endpoints/port", port["port"], at: "port")
        validation.choice(
          "endpoints/protocol", "protocol", of: port, among: protocols, isRequired: true)
        if port["appProtocol"].isSet {
          validation.name(
            "endpoints/app-protocol", port["appProtocol"], .qualifiedName, at: "appProtocol")
        }
      }
    }
  }

  mutating func endpointSlice(_ object: Value, old: Value = .absent) {
    choice(
      "endpoint-slice/address-type", "addressType", of: object, among: addressTypes,
      isRequired: true)
    if old.isSet {
      immutable(
        "endpoint-slice/address-type-changed", "addressType", of: object, was: old)
    }
    let type = object["addressType"]
    if object["endpoints"].count > 1000 {
      report(
        "endpoint-slice/endpoints", .tooMany, at: "endpoints",
        "found \(object["endpoints"].count) endpoints, expected at most 1000")
    } else {
      elements("endpoints", of: object) { validation, endpoint, _ in
        validation.endpoint(endpoint, type)
      }
    }
    if object["ports"].count > 20000 {
      report("endpoint-slice/ports", .tooMany, at: "ports", "found more than 20000 ports")
    }
    slicePorts(object)
  }

  private mutating func endpoint(_ endpoint: Value, _ type: Value) {
    let count = endpoint["addresses"].count
    if count == 0 {
      report("endpoint-slice/addresses", .required, at: "addresses", "an endpoint needs an address")
    } else if count > 100 {
      report(
        "endpoint-slice/addresses", .tooMany, at: "addresses",
        "found \(count) addresses, expected at most 100")
    }
    for (index, value) in endpoint["addresses"].elements.enumerated() {
      field("addresses", of: endpoint) { validation, _ in
        validation.sliceAddress(value, index, type)
      }
    }
    if endpoint["nodeName"].isSet {
      name("endpoint-slice/node", endpoint["nodeName"], .dns1123Subdomain, at: "nodeName")
    }
    field("deprecatedTopology", of: endpoint) { validation, labels in
      validation.labels("endpoint-slice/topology", labels)
    }
    if endpoint["hostname"].isSet {
      name("endpoint-slice/hostname", endpoint["hostname"], .dns1123Label, at: "hostname")
    }
  }

  private mutating func sliceAddress(_ value: Value, _ index: Int, _ type: Value) {
    if type.isString("FQDN") {
      return element(index) { validation in
        validation.name("endpoint-slice/address", value, .dns1123Subdomain)
        if NameFormat.dns1123Subdomain.accepts(value.asString ?? ""),
          !value.hasByte(UInt8(ascii: "."))
        {
          validation.report(
            "endpoint-slice/address", .invalid, "\(shown(value)) is no full domain name")
        }
      }
    }
    let wantsVersion4 = type.isString("IPv4")
    guard wantsVersion4 || type.isString("IPv6") else { return }
    let address = element(index) { $0.address("endpoint-slice/address", value) }
    guard let address else { return }
    if address.isVersion4 != wantsVersion4 {
      report(
        "endpoint-slice/address", .invalid, "\(shown(value)) is no address of type \(shown(type))")
    }
    element(index) { $0.endpointAddress("endpoint-slice/address", address) }
  }

  private mutating func slicePorts(_ object: Value) {
    let ports = object["ports"].elements
    elements("ports", of: object) { validation, port, index in
      let name = port["name"]
      if !name.isUnset {
        validation.name("endpoint-slice/port-name", name, .dns1123Label, at: "name")
      }
      if ports[..<index].contains(where: { unchanged($0["name"], name) }) {
        validation.report(
          "endpoint-slice/port-name", .duplicate, at: "name", "\(shown(name)) is there twice")
      }
      validation.choice(
        "endpoint-slice/protocol", "protocol", of: port, among: protocols, isRequired: true)
      if port["appProtocol"].isSet {
        validation.name(
          "endpoint-slice/app-protocol", port["appProtocol"], .qualifiedName, at: "appProtocol")
      }
    }
  }
}
