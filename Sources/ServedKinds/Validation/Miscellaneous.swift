import Documents
import Quantities

/// What the API server asks of kinds with few rules: APIService, ControllerRevision, Event,
/// CertificateSigningRequest, ServiceCIDR, IPAddress.
extension ObjectValidation {
  mutating func apiService(_ object: Value) {
    let spec = object["spec"]
    let group = spec["group"]
    let version = spec["version"]
    let name = "\(version.asString ?? "").\(group.asString ?? "")"
    if object["metadata"]["name"].asString != name {
      report(
        "api-service/name", .invalid, in: "metadata", at: "name",
        "found \(shown(object["metadata"]["name"])), expected the version, a dot and the group: "
          + "'\(name)'")
    }
    field("spec", of: object) { validation, spec in
      if group.isUnset, !version.isString("v1") {
        validation.report("api-service/group", .required, at: "group", "'group' is missing")
      }
      if !group.isUnset {
        validation.name("api-service/group", group, .dns1123Subdomain, at: "group")
      }
      validation.name("api-service/version", version, .dns1035Label, at: "version")
      let fields: [(StaticString, Int64)] = [
        ("groupPriorityMinimum", 20000), ("versionPriority", 1000),
      ]
      for (name, limit) in fields where !(1...limit).contains(spec[name].intOrZero) {
        validation.report(
          "api-service/priority", .invalid, at: name,
          "found \(spec[name].intOrZero), expected 1 to \(limit)")
      }
      let isInsecure = spec["insecureSkipTLSVerify"].isTrue
      guard spec["service"].isSet else {
        for name: StaticString in ["caBundle", "insecureSkipTLSVerify"]
        where !spec[name].isUnset && !(spec[name].asBool == false) {
          validation.report(
            "api-service/local", .invalid, at: name,
            "an APIService without a service has no '\(name)'")
        }
        return
      }
      validation.field("service", of: spec) { validation, service in
        validation.require("api-service/service", "namespace", of: service)
        validation.require("api-service/service", "name", of: service)
        if service["port"].isSet {
          validation.portNumber("api-service/service", service["port"], at: "port")
        }
      }
      if isInsecure, !spec["caBundle"].isUnset {
        validation.report(
          "api-service/insecure", .invalid, at: "insecureSkipTLSVerify",
          "'insecureSkipTLSVerify' and 'caBundle' exclude each other")
      }
    }
  }

  mutating func controllerRevision(_ object: Value, old: Value = .absent) {
    nonNegative("controller-revision/revision", "revision", of: object)
    let data = object["data"]
    if !data.isSet {
      report("controller-revision/data", .required, at: "data", "'data' is required")
    } else if !data.isKind(.map) {
      report("controller-revision/data", .required, at: "data", "'data' must be an object")
    }
    if old.isSet {
      immutable("controller-revision/data-changed", "data", of: object, was: old)
    }
  }

  mutating func event(_ object: Value) {
    let namespace = object["metadata"]["namespace"]
    guard namespace.isSet else { return }
    for name: StaticString in ["involvedObject", "regarding"] where object[name].isSet {
      let involved = object[name]["namespace"]
      if involved.isUnset ? !namespace.isString("default") : !involved.isIdentical(to: namespace) {
        field(name, of: object) { validation, _ in
          validation.field("namespace", of: .absent) { validation, _ in
            validation.report(
              "event/namespace", .invalid,
              "found \(shown(involved)), the event is in \(shown(namespace))",
              printedAs: "involvedObject.namespace")
          }
        }
      }
    }
  }

  mutating func signingRequest(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      let begin = "-----BEGIN CERTIFICATE REQUEST-----"
      let bytes = base64Decoded(spec["request"].utf8) ?? []
      if !String(decoding: bytes, as: UTF8.self).contains(begin) {
        validation.report(
          "signing-request/request", .invalid, at: "request",
          "'request' is no PEM block of type 'CERTIFICATE REQUEST'")
      }
      validation.require("signing-request/usages", "usages", of: spec)
      validation.elements("usages", of: spec) { validation, usage, index in
        if !usages.contains(where: { usage.isString($0) }) {
          validation.report("signing-request/usages", .notSupported, "found \(shown(usage))")
        }
        if spec["usages"].elements[..<index].contains(where: { $0.isIdentical(to: usage) }) {
          validation.report("signing-request/usages", .duplicate, "\(shown(usage)) is there twice")
        }
      }
      validation.signerName("signing-request/signer", spec)
      if let seconds = spec["expirationSeconds"].asInt, seconds < 600 {
        validation.report(
          "signing-request/expiration", .invalid, at: "expirationSeconds",
          "found \(seconds), expected 600 seconds or more")
      }
    }
  }

  private mutating func signerName(_ rule: StaticString, _ spec: Value) {
    guard require(rule, "signerName", of: spec) else { return }
    let name = spec["signerName"]
    let parts = (name.asString ?? "").split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      return report(
        rule, .invalid, at: "signerName",
        "\(shown(name)) is no domain and path, expected one such as 'acme.io/clients'")
    }
    for part in parts {
      for problem in NameFormat.dns1123Subdomain.problems(in: String(part)) {
        report(rule, .invalid, at: "signerName", "'\(part)' \(problem)")
      }
    }
    if parts[0].utf8.count(where: { $0 == UInt8(ascii: ".") }) < 1 {
      report(rule, .invalid, at: "signerName", "'\(parts[0])' is no domain with a dot")
    }
  }

  mutating func trustBundle(_ object: Value) {
    field("spec", of: object) { validation, spec in
      if !spec["signerName"].isUnset {
        validation.signerName("trust-bundle/signer", spec)
        let prefix =
          (spec["signerName"].asString ?? "").split(separator: "/").joined(separator: ":") + ":"
        if !(object["metadata"]["name"].asString ?? "").hasPrefix(prefix) {
          validation.report(
            "trust-bundle/name", .invalid,
            "the name must begin with the signer's: '\(prefix)'", printedAs: "metadata.name")
        }
      }
      if !(spec["trustBundle"].asString ?? "").contains("-----BEGIN CERTIFICATE-----") {
        validation.report(
          "trust-bundle/certificates", .invalid, at: "trustBundle",
          "'trustBundle' holds no PEM block of type 'CERTIFICATE'")
      }
    }
  }

  mutating func serviceCIDR(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      let list = spec["cidrs"]
      if list.isUnset {
        return validation.report(
          "service-cidr/cidrs", .required, at: "cidrs", "'cidrs' is required")
      }
      if list.count > 2 {
        return validation.report(
          "service-cidr/cidrs", .invalid, at: "cidrs",
          "found \(list.count), expected one block, or one of each family")
      }
      var families: [Bool] = []
      validation.elements("cidrs", of: spec) { validation, value, _ in
        if let block = validation.addressBlock("service-cidr/cidrs", value) {
          families.append(block.address.isVersion4)
          if block.masked.address != block.address {
            validation.report(
              "service-cidr/cidrs", .invalid, "\(shown(value)) has host bits, use '\(block.masked)'"
            )
          }
        }
      }
      if families.count == 2, families[0] == families[1] {
        validation.report(
          "service-cidr/cidrs", .invalid, at: "cidrs", "both blocks are of the same family")
      }
      if old.isSet {
        validation.immutable("service-cidr/changed", "cidrs", of: spec, was: old["spec"])
      }
    }
  }

  mutating func ipAddress(_ object: Value) {
    let name = object["metadata"]["name"]
    if name.address.map({ "\($0)" }) != name.asString {
      report(
        "ip-address/name", .invalid, in: "metadata", at: "name",
        "\(shown(name)) is no address in canonical form")
    }
    field("spec", of: object) { validation, spec in
      guard spec["parentRef"].isSet else {
        return validation.report(
          "ip-address/parent", .required, at: "parentRef", "'parentRef' is required")
      }
      validation.field("parentRef", of: spec) { validation, parent in
        validation.requiredName("ip-address/parent", "resource", of: parent, .dns1123Subdomain)
        validation.require("ip-address/parent", "name", of: parent)
      }
    }
  }
}

private let usages: [StaticString] = [
  "signing", "digital signature", "content commitment", "key encipherment", "key agreement",
  "data encipherment", "cert sign", "crl sign", "encipher only", "decipher only", "any",
  "server auth", "client auth", "code signing", "email protection", "s/mime", "ipsec end system",
  "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing", "microsoft sgc", "netscape sgc",
]
