import Documents
import Quantities

private let accessModes: [StaticString] = [
  "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod",
]
private let volumeModes: [StaticString] = ["Block", "Filesystem"]
private let reclaimPolicies: [StaticString] = ["Delete", "Recycle", "Retain"]
private let hostPathTypes: [StaticString] = [
  "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice",
  "BlockDevice",
]
/// In the order in which the API server looks at them.
private let sources: [StaticString] = [
  "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd",
  "quobyte", "cephfs", "iscsi", "cinder", "fc", "azureFile", "vsphereVolume",
  "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
]

/// What the API server asks of volumes and claims (core `ValidatePersistentVolume`,
/// `ValidatePersistentVolumeClaim`, 1.36).
extension ObjectValidation {
  private mutating func accessModeList(_ spec: Value) {
    let modes = spec["accessModes"]
    for mode in modes.elements where !accessModes.contains(where: { mode.isString($0) }) {
      report(
        "volume/access-modes", .notSupported, at: "accessModes",
        "found \(shown(mode)), expected \(listed(accessModes))")
    }
    if modes.count > 1, modes.hasElement("ReadWriteOncePod"),
      modes.elements.contains(where: { !$0.isString("ReadWriteOncePod") })
    {
      report(
        "volume/access-modes", .forbidden, at: "accessModes",
        "'ReadWriteOncePod' excludes other access modes")
    }
  }

  /// Holds that a quantity where the walk stands is over zero.
  private mutating func positiveAmount(_ rule: StaticString, _ value: Value) {
    if let amount = value.quantity, amount.signum <= 0 {
      report(rule, .invalid, "found '\(amount)', expected more than 0")
    }
  }

  mutating func volume(_ object: Value) {
    field("spec", of: object) { validation, spec in
      validation.require("volume/access-modes", "accessModes", of: spec)
      validation.accessModeList(spec)
      let capacity = spec["capacity"]
      validation.require("volume/capacity", "capacity", of: spec)
      if !capacity["storage"].isSet || capacity.count > 1 {
        validation.report(
          "volume/capacity", .notSupported, at: "capacity", "expected an amount of 'storage' only")
      }
      validation.entries("capacity", of: spec) { validation, _, value in
        validation.positiveAmount("volume/capacity", value)
      }
      validation.choice(
        "volume/reclaim-policy", "persistentVolumeReclaimPolicy", of: spec, among: reclaimPolicies)
      let affinity = spec["nodeAffinity"]
      if affinity.isSet {
        validation.field("nodeAffinity", of: spec) { validation, affinity in
          guard affinity["required"].isSet else {
            return validation.report(
              "volume/node-affinity", .required, at: "required",
              "a volume's node affinity needs 'required'")
          }
          validation.field("required", of: affinity) { validation, selector in
            validation.nodeSelector("volume/node-affinity", selector)
          }
        }
      }
      validation.volumeSources(spec)
      if spec["hostPath"]["path"].isString("/"),
        spec["persistentVolumeReclaimPolicy"].isString("Recycle")
      {
        validation.report(
          "volume/reclaim-policy", .forbidden, at: "persistentVolumeReclaimPolicy",
          "a volume of '/' may not be recycled")
      }
      validation.className("volume/class", "storageClassName", of: spec)
      validation.volumeMode(spec)
      if spec["volumeAttributesClassName"].isSet {
        validation.require("volume/class", "volumeAttributesClassName", of: spec)
        validation.className("volume/class", "volumeAttributesClassName", of: spec)
        if !spec["csi"].isSet {
          validation.report(
            "volume/class", .required, at: "csi", "'volumeAttributesClassName' needs a 'csi' volume"
          )
        }
      }
    }
  }

  private mutating func volumeMode(_ spec: Value) {
    guard spec["volumeMode"].isSet else { return }
    field("volumeMode", of: spec) { validation, mode in
      validation.choice("volume/mode", mode, among: volumeModes)
    }
  }

  private mutating func className(_ rule: StaticString, _ name: StaticString, of spec: Value) {
    if !spec[name].isUnset { self.name(rule, spec[name], .dns1123Subdomain, at: name) }
  }

  private mutating func volumeSources(_ spec: Value) {
    var count = 0
    for name in sources where spec[name].isSet {
      count += 1
      if count > 1 {
        report("volume/source", .forbidden, at: name, "a volume has only one source")
        continue
      }
      field(name, of: spec) { validation, source in
        if same(name, "hostPath") {
          validation.hostPath(source)
        } else if same(name, "nfs") {
          validation.require("volume/nfs", "server", of: source)
          if validation.require("volume/nfs", "path", of: source), !source["path"].hasPrefix("/") {
            validation.report(
              "volume/nfs", .invalid, at: "path", "\(shown(source["path"])) is no absolute path")
          }
        } else if same(name, "csi") {
          validation.csiSource(source)
        } else if same(name, "local") {
          if validation.require("volume/local", "path", of: source) {
            validation.noBacksteps("volume/local", source["path"], at: "path")
          }
        } else if let field = neededFields.first(where: { same($0.0, name) }) {
          for needed in field.1 { validation.require("volume/source", needed, of: source) }
        }
      }
      if same(name, "local"), !spec["nodeAffinity"].isSet {
        report(
          "volume/local", .required, at: "nodeAffinity",
          "a local volume needs a node affinity: only one node has it")
      }
    }
    if count == 0 {
      report("volume/source", .required, "a volume needs a source, such as 'csi' or 'nfs'")
    }
  }

  private mutating func hostPath(_ source: Value) {
    guard require("volume/host-path", "path", of: source) else { return }
    noBacksteps("volume/host-path", source["path"], at: "path")
    if source["type"].isSet {
      field("type", of: source) { validation, type in
        validation.choice("volume/host-path", type, among: hostPathTypes)
      }
    }
  }

  /// Holds that a path never steps back (core `validatePathNoBacksteps`).
  mutating func noBacksteps(_ rule: StaticString, _ path: Value, at field: StaticString) {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"))
    if parts.contains(where: { $0.elementsEqual("..".utf8) }) {
      report(rule, .invalid, at: field, "\(shown(path)) may not contain '..'")
    }
  }

  private mutating func csiSource(_ source: Value) {
    driverName("volume/csi", "driver", of: source)
    require("volume/csi", "volumeHandle", of: source)
    for name: StaticString in [
      "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef",
      "nodeExpandSecretRef",
    ] where source[name].isSet {
      field(name, of: source) { validation, reference in
        validation.require("volume/csi", "name", of: reference)
        validation.require("volume/csi", "namespace", of: reference)
      }
    }
  }

  /// Holds the name of a CSI driver (core `ValidateCSIDriverName`).
  mutating func driverName(_ rule: StaticString, _ name: StaticString, of map: Value) {
    guard require(rule, name, of: map) else { return }
    let value = map[name]
    if value.count > 63 {
      report(
        rule, .tooLong, at: name, "found \(value.count) bytes, expected at most 63")
    }
    let lower = (value.asString ?? "").lowercased()
    for problem in NameFormat.dns1123Subdomain.problems(in: lower) {
      report(rule, .invalid, at: name, "\(shown(value)) \(problem)")
    }
  }

  mutating func volumeUpdate(_ object: Value, old: Value) {
    volume(object)
    field("spec", of: object) { validation, spec in
      let old = old["spec"]
      if sources.contains(where: { !sameSource($0, spec[$0], old[$0]) }) {
        validation.report(
          "volume/source-changed", .forbidden, at: "persistentvolumesource",
          "the source of a volume cannot change", help: "create another PersistentVolume")
      }
      validation.immutable("volume/mode-changed", "volumeMode", of: spec, was: old)
      if old["nodeAffinity"].isSet {
        validation.immutable("volume/affinity-changed", "nodeAffinity", of: spec, was: old)
      }
    }
  }

  mutating func claim(_ object: Value) {
    field("spec", of: object) { validation, spec in validation.wholeClaimSpec(spec) }
  }

  /// Holds the spec of a claim.
  private mutating func wholeClaimSpec(_ spec: Value) {
    require("claim/access-modes", "accessModes", of: spec)
    if spec["selector"].isSet {
      field("selector", of: spec) { validation, selector in
        validation.labelSelector("claim/selector", selector)
      }
    }
    accessModeList(spec)
    let storage = spec["resources"]["requests"]["storage"]
    field("resources", of: spec) { validation, _ in
      if !storage.isSet {
        validation.key(storageKey) {
          $0.report("claim/storage", .required, "the claim asks for no amount of 'storage'")
        }
      } else {
        validation.key(storageKey) { $0.positiveAmount("claim/storage", storage) }
      }
    }
    className("claim/class", "storageClassName", of: spec)
    volumeMode(spec)
    let source = spec["dataSource"]
    let reference = spec["dataSourceRef"]
    let isRemote = !reference["namespace"].isUnset
    for name: StaticString in ["dataSource", "dataSourceRef"] {
      // The API server keeps both alike where only one is given.
      let value =
        spec[name].isSet ? spec[name] : isRemote ? .absent : source.isSet ? source : reference
      if value.isSet {
        field(name, of: spec) { validation, _ in validation.dataSource(value) }
      }
    }
    if isRemote, source.isSet {
      report(
        "claim/data-source", .invalid, at: "dataSource",
        "'dataSource' and a 'dataSourceRef' of another namespace exclude each other")
    } else if source.isSet, reference.isSet,
      !["apiGroup", "kind", "name"].allSatisfy({ unchanged(source[$0], reference[$0]) })
    {
      report("claim/data-source", .invalid, "'dataSource' and 'dataSourceRef' do not say the same")
    }
    className("claim/class", "volumeAttributesClassName", of: spec)
  }

  private mutating func dataSource(_ source: Value) {
    require("claim/data-source", "name", of: source)
    require("claim/data-source", "kind", of: source)
    if source["apiGroup"].isUnset {
      if !source["kind"].isString("PersistentVolumeClaim") {
        report(
          "claim/data-source", .invalid,
          "found \(shown(source["kind"])), expected 'PersistentVolumeClaim' or an apiGroup")
      }
    } else {
      name("claim/data-source", source["apiGroup"], .dns1123Subdomain, at: "apiGroup")
    }
  }

  mutating func claimUpdate(_ object: Value, old: Value) {
    claim(object)
    let spec = object["spec"]
    let before = old["spec"]
    // Committed manifests have no status: a claim that is in use is bound.
    let isBound = old["status"].isUnset || old["status"]["phase"].isString("Bound")
    let help = "create another claim and move the data, or keep the old values"
    for entry in spec.entries {
      if entry.key.isString("resources") || entry.key.isString("volumeName") { continue }
      if entry.key.isString("volumeAttributesClassName"), isBound { continue }
      if !unchanged(entry.value, before.lookup(entry.key)) {
        return claimChanged(help)
      }
    }
    for entry in before.entries
    where !entry.value.isUnset && !spec.lookup(entry.key).isSet
      && !(entry.key.isString("volumeAttributesClassName") && isBound)
      && !entry.key.isString("volumeName")
    {
      return claimChanged(help)
    }
    if !before["volumeName"].isUnset, !unchanged(spec["volumeName"], before["volumeName"]) {
      return claimChanged(help)
    }
    let resources = spec["resources"]
    let oldResources = before["resources"]
    let asked = resources["requests"]["storage"].quantity
    let had = oldResources["requests"]["storage"].quantity
    if !unchanged(resources["limits"], oldResources["limits"]) { return claimChanged(help) }
    guard let asked, let had, !(asked == had) else { return }
    guard isBound else { return claimChanged(help) }
    if asked < (old["status"]["capacity"]["storage"].quantity ?? had) {
      field("spec", of: object) { validation, spec in
        validation.field("resources", of: spec) { validation, resources in
          validation.report(
            "claim/shrunk", .forbidden, in: "requests", at: "storage",
            "a claim cannot shrink: found '\(asked)', it has '\(had)'",
            help: "keep the old size, or create another claim and move the data")
        }
      }
    }
  }

  private mutating func claimChanged(_ help: String) {
    report(
      "claim/spec-changed", .forbidden, at: "spec",
      "the spec of a claim cannot change, but for the size and the attributes class of a bound one",
      help: help)
  }
}

/// Fields that sources of fewer rules need.
private let neededFields: [(StaticString, [StaticString])] = [
  ("gcePersistentDisk", ["pdName"]), ("awsElasticBlockStore", ["volumeID"]),
  ("glusterfs", ["endpoints", "path"]), ("rbd", ["monitors", "image"]),
  ("quobyte", ["registry", "volume"]), ("cephfs", ["monitors"]),
  ("iscsi", ["targetPortal", "iqn"]), ("cinder", ["volumeID"]),
  ("azureFile", ["secretName", "shareName"]), ("vsphereVolume", ["volumePath"]),
  ("photonPersistentDisk", ["pdID"]), ("portworxVolume", ["volumeID"]),
  ("azureDisk", ["diskName", "diskURI"]), ("scaleIO", ["gateway", "system", "volumeName"]),
]

private let storageName: StaticString = "storage"
private let storageKey = Value.string(
  at: storageName.utf8Start, count: storageName.utf8CodeUnitCount, isASCII: true)

/// Whether a source is the same; secrets of a CSI volume may change.
private func sameSource(_ name: StaticString, _ new: Value, _ old: Value) -> Bool {
  guard same(name, "csi"), new.isSet, old.isSet else { return unchanged(new, old) }
  for entry in new.entries
  where !isSecret(entry.key) && !unchanged(entry.value, old.lookup(entry.key)) {
    return false
  }
  return old.entries.allSatisfy { isSecret($0.key) || new.lookup($0.key).isSet }
}

private func isSecret(_ key: Value) -> Bool {
  key.isString("controllerExpandSecretRef") || key.isString("nodeExpandSecretRef")
}
