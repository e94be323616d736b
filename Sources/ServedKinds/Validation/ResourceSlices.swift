import Documents
import Quantities

/// The fields of which a ResourceSlice has one: where its devices can be reached from.
private let reaches: [StaticString] = [
  "nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection",
]

/// The kinds of value of which an attribute has one.
private let attributeKinds: [StaticString] = ["int", "bool", "string", "version"]

/// What the API server asks of a ResourceSlice (resource `validation.go`, 1.36).
extension ObjectValidation {
  mutating func resourceSlice(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      if old.isSet { validation.resourceSliceUpdate(spec, was: old["spec"]) }
      validation.driverName("resource-slice/driver", "driver", of: spec)
      validation.field("pool", of: spec) { $0.devicePool($1) }
      validation.reach(spec)
      let devices = spec["devices"].elements
      if devices.count > 128 {
        validation.report(
          "resource-slice/device", .tooMany, at: "devices",
          "found \(devices.count) devices, expected at most 128")
      }
      var names: Set<String> = []
      validation.elements("devices", of: spec) { validation, device, _ in
        validation.device(device)
        if let name = device["name"].asString, !names.insert(name).inserted {
          validation.report(
            "resource-slice/device", .duplicate, "two devices have the name '\(name)'")
        }
      }
    }
  }

  private mutating func resourceSliceUpdate(_ spec: Value, was old: Value) {
    for name: StaticString in ["driver", "nodeName", "nodeSelector", "allNodes"] {
      immutable("resource-slice/changed", name, of: spec, was: old)
    }
    field("pool", of: spec) { validation, pool in
      validation.immutable("resource-slice/changed", "name", of: pool, was: old["pool"])
    }
  }

  private mutating func devicePool(_ pool: Value) {
    let name = pool["name"].asString ?? ""
    if require("resource-slice/pool", "name", of: pool) {
      if name.utf8.count > 253 {
        report(
          "resource-slice/pool", .tooLong, at: "name",
          "found \(name.utf8.count) bytes, expected at most 253")
      }
      for part in name.split(separator: "/", omittingEmptySubsequences: false) {
        for problem in NameFormat.dns1123Subdomain.problems(in: String(part)) {
          report("resource-slice/pool", .invalid, at: "name", "'\(part)' \(problem)")
        }
      }
    }
    nonNegative("resource-slice/pool", "generation", of: pool)
    if pool["resourceSliceCount"].intOrZero <= 0 {
      report("resource-slice/pool", .invalid, at: "resourceSliceCount", "expected more than 0")
    }
  }

  /// Holds where the devices of a slice can be reached from.
  private mutating func reach(_ spec: Value) {
    let found = reaches.filter { spec[$0].isSet }
    if found.count != 1 {
      report(
        "resource-slice/nodes", found.isEmpty ? .required : .invalid,
        "expected exactly one of \(listed(reaches)), found "
          + (found.isEmpty ? "none" : "\(found.count)"))
    }
    if spec["nodeName"].isSet {
      name("resource-slice/nodes", spec["nodeName"], .dns1123Subdomain, at: "nodeName")
    }
    for name: StaticString in ["allNodes", "perDeviceNodeSelection"]
    where spec[name].isSet && !spec[name].isTrue {
      report("resource-slice/nodes", .invalid, at: name, "leave '\(name)' out, or set it to true")
    }
    given("nodeSelector", of: spec) { validation, selector in
      validation.nodeSelector("resource-slice/nodes", selector)
      if selector["nodeSelectorTerms"].count > 1 {
        validation.report(
          "resource-slice/nodes", .invalid, at: "nodeSelectorTerms",
          "found \(selector["nodeSelectorTerms"].count) terms, expected exactly one")
      }
    }
  }

  private mutating func device(_ device: Value) {
    requiredName("resource-slice/device", "name", of: device, .dns1123Label)
    let count = device["attributes"].count + device["capacity"].count
    if count > 32 {
      report(
        "resource-slice/attributes", .invalid,
        "found \(count) attributes and capacities, expected at most 32")
    }
    entries("attributes", of: device) { validation, key, attribute in
      validation.deviceIdentifier("resource-slice/attributes", key)
      validation.attributeValue(attribute)
    }
    entries("capacity", of: device) { validation, key, _ in
      validation.deviceIdentifier("resource-slice/attributes", key)
    }
  }

  private mutating func attributeValue(_ attribute: Value) {
    let given = attributeKinds.filter { attribute[$0].isSet }
    guard given.count == 1 else {
      return report(
        "resource-slice/attributes", given.isEmpty ? .required : .invalid,
        "expected exactly one of \(listed(attributeKinds))")
    }
    for name: StaticString in ["string", "version"] where attribute[name].count > 64 {
      report(
        "resource-slice/attributes", .tooLong, at: name,
        "found \(attribute[name].count) bytes, expected at most 64")
    }
    if let version = attribute["version"].asString,
      case .failure(let error) = SemanticVersion.parse(version)
    {
      report(
        "resource-slice/attributes", .invalid, at: "version",
        "'\(version)' is no version of semver.org: \(error.message)")
    }
  }

  /// Holds the name of an attribute or a capacity: an identifier, with a domain before it where that is needed.
  mutating func deviceIdentifier(
    _ rule: StaticString, _ value: Value, needsDomain: Bool = false
  ) {
    let text = value.asString ?? ""
    guard !text.isEmpty else { return report(rule, .required, "a name is required") }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let identifier = String(parts[parts.count - 1])
    if parts.count == 2 {
      let domain = String(parts[0])
      if domain.isEmpty {
        report(rule, .invalid, "the domain of '\(text)' is empty")
      } else if domain.utf8.count > 63 {
        report(rule, .tooLong, "the domain has \(domain.utf8.count) bytes, expected at most 63")
      } else {
        for problem in NameFormat.dns1123Subdomain.problems(in: domain) {
          report(rule, .invalid, "the domain '\(domain)' \(problem)")
        }
      }
    } else if needsDomain {
      report(
        rule, .invalid, "'\(text)' has no domain, expected one such as 'gpu.example.com/model'")
    }
    if identifier.isEmpty {
      report(rule, .invalid, "the name of '\(text)' is empty")
    } else if identifier.utf8.count > 32 {
      report(rule, .tooLong, "the name has \(identifier.utf8.count) bytes, expected at most 32")
    } else {
      for problem in NameFormat.cIdentifier.problems(in: identifier) {
        report(rule, .invalid, "'\(identifier)' \(problem)")
      }
    }
  }
}
