import Documents
import Quantities

private let reclaimPolicies: [StaticString] = ["Delete", "Retain"]
private let bindingModes: [StaticString] = ["Immediate", "WaitForFirstConsumer"]
private let groupPolicies: [StaticString] = ["ReadWriteOnceWithFSType", "File", "None"]
private let lifecycles: [StaticString] = ["Persistent", "Ephemeral"]

/// What the API server asks of storage.k8s.io (storage `validation.go`, 1.36).
extension ObjectValidation {
  mutating func storageClass(_ object: Value) {
    provisioner("storage-class/provisioner", "provisioner", of: object)
    parameters("storage-class/parameters", object, allowsEmpty: true)
    choice(
      "storage-class/reclaim-policy", "reclaimPolicy", of: object, among: reclaimPolicies,
      allowsEmpty: true)
    choice("storage-class/binding-mode", "volumeBindingMode", of: object, among: bindingModes)
    elements("allowedTopologies", of: object) { validation, term, index in
      validation.elements("matchLabelExpressions", of: term) { validation, requirement, index in
        validation.require("storage-class/topology", "values", of: requirement)
        validation.name("storage-class/topology", requirement["key"], .qualifiedName, at: "key")
        validation.field("values", of: requirement) { $0.unique("storage-class/topology", $1) }
        if term["matchLabelExpressions"].elements[..<index].contains(where: {
          $0["key"].isIdentical(to: requirement["key"])
        }) {
          validation.report(
            "storage-class/topology", .duplicate, at: "key",
            "\(shown(requirement["key"])) is there twice")
        }
      }
    }
  }

  private mutating func provisioner(_ rule: StaticString, _ name: StaticString, of map: Value) {
    guard require(rule, name, of: map) else { return }
    let lower = (map[name].asString ?? "").lowercased()
    for problem in NameFormat.qualifiedName.problems(in: lower) {
      report(rule, .invalid, at: name, "\(shown(map[name])) \(problem)")
    }
  }

  private mutating func parameters(_ rule: StaticString, _ object: Value, allowsEmpty: Bool) {
    let map = object["parameters"]
    if map.count > 512 {
      return report(
        rule, .tooLong, at: "parameters", "found \(map.count) parameters, expected at most 512")
    }
    var size = 0
    for entry in map.entries {
      if entry.key.count < 1 {
        report(rule, .invalid, at: "parameters", "a parameter has no name")
      }
      size += entry.key.count + entry.value.count
    }
    if size > 256 << 10 {
      report(rule, .tooLong, at: "parameters", "the parameters have more than 256 KiB")
    }
    if !allowsEmpty, map.isUnset {
      report(rule, .required, at: "parameters", "at least one parameter is needed")
    }
  }

  mutating func storageClassUpdate(_ object: Value, old: Value) {
    for name: StaticString in ["parameters", "provisioner", "reclaimPolicy"] {
      forbidChange("storage-class/changed", name, object, old)
    }
    immutable(
      "storage-class/changed", "volumeBindingMode", of: object, was: old,
      help: "delete the StorageClass and create it anew, or give the new one another name")
  }

  private mutating func forbidChange(
    _ rule: StaticString, _ name: StaticString, _ object: Value, _ old: Value
  ) {
    if !unchanged(object[name], old[name]) {
      report(
        rule, .forbidden, at: name, "'\(name)' cannot change once the object exists",
        help: "delete the object and create it anew, or give the new one another name")
    }
  }

  mutating func attributesClass(_ object: Value, old: Value = .absent) {
    if old.isSet {
      forbidChange("attributes-class/changed", "driverName", object, old)
      forbidChange("attributes-class/changed", "parameters", object, old)
      return
    }
    provisioner("attributes-class/driver", "driverName", of: object)
    parameters("attributes-class/parameters", object, allowsEmpty: false)
  }

  mutating func csiDriver(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      validation.choice("csi-driver/group-policy", "fsGroupPolicy", of: spec, among: groupPolicies)
      let requests = spec["tokenRequests"]
      validation.elements("tokenRequests", of: spec) { validation, request, index in
        if requests.elements[..<index].contains(where: {
          unchanged($0["audience"], request["audience"])
        }) {
          validation.report(
            "csi-driver/token-requests", .duplicate, at: "audience",
            "the audience \(shown(request["audience"])) is there twice")
        }
        if let seconds = request["expirationSeconds"].asInt {
          if seconds < 600 {
            validation.report(
              "csi-driver/token-requests", .invalid, at: "expirationSeconds",
              "found \(seconds), expected 600 seconds or more")
          } else if seconds > 1 << 32 {
            validation.report(
              "csi-driver/token-requests", .invalid, at: "expirationSeconds",
              "found \(seconds), expected at most 4294967296 seconds")
          }
        }
      }
      for mode in spec["volumeLifecycleModes"].elements
      where !lifecycles.contains(where: { mode.isString($0) }) {
        validation.report(
          "csi-driver/lifecycle", .notSupported, at: "volumeLifecycleModes",
          "found \(shown(mode)), expected \(listed(lifecycles))")
      }
      if let seconds = spec["nodeAllocatableUpdatePeriodSeconds"].asInt, seconds < 10 {
        validation.report(
          "csi-driver/update-period", .invalid, at: "nodeAllocatableUpdatePeriodSeconds",
          "found \(seconds), expected 10 seconds or more")
      }
      guard old.isSet else { return }
      if !unchanged(spec["attachRequired"], old["spec"]["attachRequired"]) {
        validation.field("attachRequired", of: spec) { validation, _ in
          validation.report(
            "csi-driver/changed", .invalid, "'attachRequired' cannot change once the driver exists",
            help: "delete the CSIDriver and create it anew", printedAs: "spec.attachedRequired")
        }
      }
      validation.immutable(
        "csi-driver/changed", "volumeLifecycleModes", of: spec, was: old["spec"])
    }
  }

  mutating func csiNode(_ object: Value, old: Value = .absent) {
    let oldDrivers = old["spec"]["drivers"].elements
    field("spec", of: object) { validation, spec in
      let drivers = spec["drivers"]
      validation.elements("drivers", of: spec) { validation, driver, index in
        if let before = oldDrivers.first(where: { unchanged($0["name"], driver["name"]) }),
          !unchanged(before["nodeID"], driver["nodeID"])
            || !unchanged(before["topologyKeys"], driver["topologyKeys"])
        {
          validation.report(
            "csi-node/driver", .invalid, "the driver \(shown(driver["name"])) cannot change",
            help: "leave the object to the kubelet", printedAs: "CSINodeDriver")
        }
        validation.driverName("csi-node/driver", "name", of: driver)
        if validation.require("csi-node/node-id", "nodeID", of: driver),
          driver["nodeID"].count > 256
        {
          validation.report(
            "csi-node/node-id", .invalid, at: "nodeID", "found more than 256 bytes")
        }
        validation.field("allocatable", of: driver) { validation, allocatable in
          validation.nonNegative("csi-node/allocatable", "count", of: allocatable)
        }
        validation.elements("topologyKeys", of: driver) { validation, key, _ in
          validation.name("csi-node/topology", key, .qualifiedName)
        }
        validation.field("topologyKeys", of: driver) { $0.unique("csi-node/topology", $1) }
        if drivers.elements[..<index].contains(where: { unchanged($0["name"], driver["name"]) }) {
          validation.report(
            "csi-node/driver", .duplicate, at: "name", "\(shown(driver["name"])) is there twice")
        }
      }
    }
  }

  mutating func storageCapacity(_ object: Value, old: Value = .absent) {
    field("nodeTopology", of: object) { $0.labelSelector("storage-capacity/topology", $1) }
    name(
      "storage-capacity/class", object["storageClassName"], .dns1123Subdomain,
      at: "storageClassName")
    for name: StaticString in ["capacity", "maximumVolumeSize"]
    where object[name].isSet && object[name].quantitySign < 0 {
      report(
        "storage-capacity/amount", .invalid, at: name,
        "found \(shown(object[name])), expected 0 or more")
    }
    guard old.isSet else { return }
    for name: StaticString in ["nodeTopology", "storageClassName"] {
      immutable("storage-capacity/changed", name, of: object, was: old)
    }
  }

  mutating func volumeAttachment(_ object: Value, old: Value = .absent) {
    if old.isSet {
      if !unchanged(object["spec"], old["spec"]) {
        report("volume-attachment/changed", .invalid, at: "spec", "'spec' cannot change")
      }
      return
    }
    field("spec", of: object) { validation, spec in
      validation.provisioner("volume-attachment/attacher", "attacher", of: spec)
      let source = spec["source"]
      let hasName = source["persistentVolumeName"].isSet
      if !hasName, !source["inlineVolumeSpec"].isSet {
        validation.report(
          "volume-attachment/source", .required, at: "source",
          "give 'persistentVolumeName' or 'inlineVolumeSpec'")
      }
      if hasName, source["inlineVolumeSpec"].isSet {
        validation.report(
          "volume-attachment/source", .forbidden, at: "source",
          "'persistentVolumeName' and 'inlineVolumeSpec' exclude each other")
      }
      validation.requiredName(
        "volume-attachment/node", "nodeName", of: spec, .dns1123Subdomain)
    }
  }
}
