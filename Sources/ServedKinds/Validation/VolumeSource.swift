import Documents
import Quantities

/// The sources of a volume in the order in which the API server looks at them.
private let volumeSourceNames: [StaticString] = [
  "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs",
  "iscsi", "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte",
  "downwardAPI", "fc", "flexVolume", "configMap", "azureFile", "vsphereVolume",
  "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi",
  "ephemeral", "image",
]

/// `validateVolumeSource` of `pkg/apis/core/validation`: a volume has exactly one source.
extension ObjectValidation {
  /// Checks the source of one volume.
  mutating func volumeSource(of volume: Value, _ pod: PodContext) {
    var count = 0
    if volume.count <= 2 {
      for entry in volume.entries where !entry.key.isString("name") && entry.value.isGiven {
        for name in volumeSourceNames where entry.key.isString(name) && serves(name) {
          count = 1
          oneVolumeSource(name, of: volume, pod)
        }
      }
    } else {
      for name in volumeSourceNames where volume[name].isGiven && serves(name) {
        if count > 0 {
          furtherVolumeSource(name)
        } else {
          oneVolumeSource(name, of: volume, pod)
        }
        count += 1
      }
    }
    if count == 0 {
      report(
        "volume/no-source", .required, "volume '\(volume["name"].shown)' has no source",
        help: "add one such as 'emptyDir: {}', 'configMap', 'secret' or 'persistentVolumeClaim'")
    }
    iscsiTotalLength(of: volume)
  }

  /// Image volumes are dropped before 1.35, as a gate has it that is off by default.
  private func serves(_ source: StaticString) -> Bool { minor >= 35 || !source.isSame(as: "image") }

  private mutating func furtherVolumeSource(_ name: StaticString) {
    let printed = "\(name)" == "downwardAPI" ? "downwarAPI" : "\(name)" == "cephfs" ? "cephFS" : nil
    report(
      "volume/two-sources", .forbidden, at: name,
      "a volume may not have more than one source, '\(name)' is a further one",
      help: "make it a volume of its own, or use 'projected' to put several into one directory",
      printedAs: printed.map { "\(printedPath).\($0)" })
  }

  private mutating func oneVolumeSource(
    _ name: StaticString, of volume: Value, _ pod: PodContext
  ) {
    field(name, of: volume) { check, source in
      if name.isSame(as: "emptyDir") {
        check.emptyDirSource(source)
      } else if name.isSame(as: "configMap") {
        check.keyedSource(source, "name")
      } else if name.isSame(as: "secret") {
        check.keyedSource(source, "secretName")
      } else if name.isSame(as: "persistentVolumeClaim") {
        check.require("claimName", of: source, "volume/claim-name")
      } else {
        check.lessCommonSource("\(name)", source, of: volume, pod)
      }
    }
  }

  private mutating func lessCommonSource(
    _ name: String, _ source: Value, of volume: Value, _ pod: PodContext
  ) {
    switch name {
    case "hostPath": hostPathSource(source)
    case "projected": projectedSource(source)
    case "downwardAPI":
      expectFileMode("defaultMode", of: source)
      downwardFiles(of: source)
    case "csi": csiSource(source)
    case "ephemeral": ephemeralSource(source, of: volume, pod)
    case "image": imageSource(source, pod)
    case "nfs": nfsSource(source)
    case "iscsi": iscsiSource(source)
    case "fc": fibreChannelSource(source)
    default: otherVolumeSource(name, source)
    }
  }

  private mutating func emptyDirSource(_ source: Value) {
    let limit = source["sizeLimit"]
    guard limit.isGiven, limit.quantitySign < 0 else { return }
    report(
      "volume/empty-dir-size", .forbidden, at: "sizeLimit",
      "size limit '\(limit.shown)' must not be below zero")
  }

  /// A ConfigMap or a Secret: its name, the mode, the keys that become files.
  private mutating func keyedSource(_ source: Value, _ name: StaticString) {
    require(name, of: source, "volume/object-name")
    expectFileMode("defaultMode", of: source)
    elements("items", of: source) { check, item, _ in check.keyToPath(item) }
  }

  /// One key that becomes a file (`validateKeyToPath`).
  mutating func keyToPath(_ item: Value) {
    require("key", of: item, "volume/item-key")
    require("path", of: item, "volume/item-path")
    expectDescendingPath(item["path"], "volume/item-path", at: "path", isReserved: true)
    expectFileMode("mode", of: item)
  }

  private mutating func hostPathSource(_ source: Value) {
    if source["path"].isUnset {
      require("path", of: source, "volume/host-path")
      return
    }
    expectNoParentStep(source["path"], "volume/host-path", at: "path")
    let type = source["type"]
    guard !type.isUnset else { return }
    expectOneOf(
      [
        "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice",
        "BlockDevice",
      ], type, "volume/host-path-type", at: "type")
  }

  private mutating func nfsSource(_ source: Value) {
    require("server", of: source, "volume/nfs")
    require("path", of: source, "volume/nfs")
    if source["path"].utf8IfText.first != 0x2F {
      report(
        "volume/nfs", .invalid, at: "path",
        "'\(source["path"].shown)' must be an absolute path")
    }
  }

  private mutating func csiSource(_ source: Value) {
    csiDriverName(source["driver"], at: "driver")
    given("nodePublishSecretRef", of: source) { check, reference in
      if reference["name"].isUnset {
        check.require("name", of: reference, "volume/csi-secret")
      } else {
        let printed = check.printedPath.dropLast("nodePublishSecretRef".utf8.count) + "name"
        check.expectPrinted(
          .dns1123Subdomain, reference["name"], "volume/csi-secret", at: "name",
          printedAs: String(printed))
      }
    }
  }

  /// The name of a CSI driver: a domain of up to 63 characters.
  mutating func csiDriverName(_ name: Value, at field: StaticString) {
    let text = name.asString ?? ""
    if text.isEmpty {
      report("volume/csi-driver", .required, at: field, "'\(field)' is missing or empty")
    }
    if text.utf8.count > 63 {
      report(
        "volume/csi-driver", .tooLong, at: field, "'\(text)' may not be more than 63 bytes")
    }
    for problem in NameFormat.dns1123Subdomain.problems(in: text.lowercased()) {
      report("volume/csi-driver", .invalid, at: field, "'\(text)': \(problem)")
    }
  }

  private mutating func ephemeralSource(_ source: Value, of volume: Value, _ pod: PodContext) {
    require("volumeClaimTemplate", of: source, "volume/claim-template")
    given("volumeClaimTemplate", of: source) { $0.claimTemplate($1) }
    guard let podName = pod.podName.asString, !podName.isEmpty, let name = volume["name"].asString,
      !name.isEmpty
    else { return }
    let claim = "\(podName)-\(name)"
    for problem in NameFormat.dns1123Subdomain.problems(in: claim) {
      let printed = printedPath.dropLast("ephemeral".utf8.count) + "name"
      report(
        "volume/ephemeral-claim-name", .invalid,
        "the claim of this volume would be named '\(claim)': \(problem)",
        printedAs: String(printed))
    }
  }

  private mutating func imageSource(_ source: Value, _ pod: PodContext) {
    if pod.isPod || minor >= 36 { require("reference", of: source, "volume/image-reference") }
    expectOneOf(
      ["Always", "IfNotPresent", "Never"], source["pullPolicy"], "volume/image-pull-policy",
      at: "pullPolicy")
  }

  /// As `expect`, for a field that the API server prints elsewhere.
  mutating func expectPrinted(
    _ format: NameFormat, _ value: Value, _ rule: StaticString, at field: StaticString,
    printedAs printed: String
  ) {
    for problem in format.problems(in: value.asString ?? "") {
      report(rule, .invalid, at: field, "'\(value.shown)': \(problem)", printedAs: printed)
    }
  }
}

extension Value {
  /// The bytes of a text; none of what is no text.
  var utf8IfText: UnsafeBufferPointer<UInt8> {
    isKind(.string) ? utf8 : UnsafeBufferPointer(start: nil, count: 0)
  }
}

extension StaticString {
  /// Whether this is the same text; it makes no String.
  fileprivate func isSame(as other: StaticString) -> Bool {
    utf8CodeUnitCount == other.utf8CodeUnitCount
      && UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount).elementsEqual(
        UnsafeBufferPointer(start: other.utf8Start, count: utf8CodeUnitCount))
  }
}
