import Documents
import Quantities

/// The sources of a volume that name a disk, a server or a driver.
extension ObjectValidation {
  /// An iSCSI disk (`validateISCSIVolumeSource`).
  mutating func iscsiSource(_ source: Value) {
    require("targetPortal", of: source, "volume/iscsi")
    if source["iqn"].isUnset {
      require("iqn", of: source, "volume/iscsi")
    } else {
      iscsiName(source["iqn"], at: "iqn", printedAs: "iqn")
    }
    expectRange(0...255, source["lun"], "volume/iscsi", at: "lun")
    if source["chapAuthDiscovery"].isTrue || source["chapAuthSession"].isTrue {
      require("secretRef", of: source, "volume/iscsi")
    }
    if source["initiatorName"].isGiven {
      iscsiName(source["initiatorName"], at: "initiatorName", printedAs: "initiatorname")
    }
  }

  private mutating func iscsiName(
    _ name: Value, at field: StaticString, printedAs printed: StaticString
  ) {
    let text = name.shown
    let isValid: Bool =
      if text.hasPrefix("iqn") {
        isISCSIQualifiedName(text)
      } else if text.hasPrefix("eui") {
        hasHexTail(text, 16)
      } else {
        text.hasPrefix("naa") && hasHexTail(text, 32)
      }
    guard !isValid else { return }
    report(
      "volume/iscsi", .invalid, at: field,
      "'\(text)' must be a valid name that starts with iqn, eui or naa",
      printedAs: "\(printedPath).\(printed)")
  }

  /// The name of an iSCSI volume and its portal share 64 bytes of a path.
  mutating func iscsiTotalLength(of volume: Value) {
    let source = volume["iscsi"]
    guard source.isGiven, source["initiatorName"].isGiven,
      volume["name"].count + 1 + source["targetPortal"].count > 64
    else { return }
    report(
      "volume/iscsi", .invalid, at: "name",
      "'\(volume["name"].shown):\(source["targetPortal"].shown)' must be under 64 characters "
        + "when 'initiatorName' is set")
  }

  /// A Fibre Channel disk (`validateFCVolumeSource`).
  mutating func fibreChannelSource(_ source: Value) {
    let names = source["targetWWNs"]
    let identifiers = source["wwids"]
    if names.isUnset, identifiers.isUnset {
      report(
        "volume/fibre-channel", .required, at: "targetWWNs",
        "one of 'targetWWNs' and 'wwids' is needed")
    }
    guard !names.isUnset else { return }
    if !identifiers.isUnset {
      report(
        "volume/fibre-channel", .invalid, at: "targetWWNs",
        "'targetWWNs' and 'wwids' cannot both be set")
    }
    if source["lun"].isGiven {
      expectRange(0...255, source["lun"], "volume/fibre-channel", at: "lun")
    } else {
      report(
        "volume/fibre-channel", .required, at: "lun", "'targetWWNs' needs a 'lun' beside it")
    }
  }

  /// The sources that only need some of their fields.
  mutating func otherVolumeSource(_ name: String, _ source: Value) {
    switch name {
    case "gcePersistentDisk":
      printing({ $0.dropLast("gcePersistentDisk".utf8.count) + "persistentDisk" }) {
        $0.require("pdName", of: source, "volume/disk")
        $0.expectRange(0...255, source["partition"], "volume/disk", at: "partition")
      }
    case "awsElasticBlockStore":
      require("volumeID", of: source, "volume/disk")
      expectRange(0...255, source["partition"], "volume/disk", at: "partition")
    case "gitRepo":
      require("repository", of: source, "volume/git-repo")
      expectDescendingPath(source["directory"], "volume/git-repo", at: "directory")
    case "glusterfs": requireAll(["endpoints", "path"], of: source)
    case "flocker": flockerSource(source)
    case "rbd": requireAll(["monitors", "image"], of: source)
    case "cinder":
      requireAll(["volumeID"], of: source)
      given("secretRef", of: source) { $0.requireAll(["name"], of: $1) }
    case "cephfs": requireAll(["monitors"], of: source)
    case "quobyte": quobyteSource(source)
    case "flexVolume": flexVolumeSource(source)
    case "azureFile": requireAll(["secretName", "shareName"], of: source)
    case "azureDisk": azureDiskSource(source)
    case "vsphereVolume": requireAll(["volumePath"], of: source)
    case "photonPersistentDisk": requireAll(["pdID"], of: source)
    case "portworxVolume": requireAll(["volumeID"], of: source)
    case "scaleIO": requireAll(["gateway", "system", "volumeName"], of: source)
    case "storageos": storageOSSource(source)
    default: break
    }
  }

  private mutating func requireAll(_ fields: [StaticString], of source: Value) {
    for field in fields { require(field, of: source, "volume/disk") }
  }

  private mutating func flockerSource(_ source: Value) {
    let name = source["datasetName"]
    if name.isUnset == source["datasetUUID"].isUnset {
      report(
        "volume/flocker", name.isUnset ? .required : .invalid,
        "exactly one of 'datasetName' and 'datasetUUID' is needed")
    }
    if name.utf8IfText.contains(0x2F) {
      report(
        "volume/flocker", .invalid, at: "datasetName", "'\(name.shown)' must not contain '/'")
    }
  }

  private mutating func quobyteSource(_ source: Value) {
    if source["registry"].isUnset {
      require("registry", of: source, "volume/quobyte")
    } else if source["tenant"].count >= 65 {
      report(
        "volume/quobyte", .required, at: "tenant",
        "the tenant must be a UUID of no more than 64 characters")
    } else {
      for pair in source["registry"].shown.split(separator: ",", omittingEmptySubsequences: false)
      where !pair.contains(":") || pair.split(separator: ":").count > 2 && !pair.hasPrefix("[") {
        report(
          "volume/quobyte", .invalid, at: "registry",
          "'\(pair)' must be a host and a port, such as 'registry:7861'")
      }
    }
    require("volume", of: source, "volume/quobyte")
  }

  private mutating func flexVolumeSource(_ source: Value) {
    require("driver", of: source, "volume/flex-volume")
    entries("options", of: source) { check, key, _ in
      let name = key.shown
      let namespace = name.split(separator: "/", maxSplits: 1).first.map(String.init) ?? name
      let dotted = "." + namespace.lowercased()
      guard dotted.hasSuffix(".kubernetes.io") || dotted.hasSuffix(".k8s.io") else { return }
      check.report(
        "volume/flex-volume", .invalid,
        "option '\(name)' is in a namespace that Kubernetes keeps for itself")
    }
  }

  private mutating func azureDiskSource(_ source: Value) {
    requireAll(["diskName", "diskURI"], of: source)
    if source["cachingMode"].isGiven {
      expectOneOf(
        ["None", "ReadOnly", "ReadWrite"], source["cachingMode"], "volume/azure-disk",
        at: "cachingMode", emptyIsMissing: false)
    }
    guard source["kind"].isGiven else { return }
    expectOneOf(
      ["Dedicated", "Managed", "Shared"], source["kind"], "volume/azure-disk", at: "kind",
      emptyIsMissing: false)
    let isManaged = source["kind"].isString("Managed")
    let prefix: StaticString = isManaged ? "/subscriptions/" : "https://"
    if !source["diskURI"].hasPrefix(prefix) {
      report(
        "volume/azure-disk", .notSupported, at: "diskURI",
        "'\(source["diskURI"].shown)' must begin with '\(prefix)' for a disk of this kind")
    }
  }

  private mutating func storageOSSource(_ source: Value) {
    if source["volumeName"].isUnset {
      requireAll(["volumeName"], of: source)
    } else {
      expect(.dns1123Label, source["volumeName"], "volume/disk", at: "volumeName")
    }
    if !source["volumeNamespace"].isUnset {
      expect(.dns1123Label, source["volumeNamespace"], "volume/disk", at: "volumeNamespace")
    }
    given("secretRef", of: source) { $0.requireAll(["name"], of: $1) }
  }
}

/// Whether a text is `iqn.`, a year and month, a domain and a colon with a name behind it.
private func isISCSIQualifiedName(_ text: String) -> Bool {
  let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
  guard parts.count == 2, !parts[1].isEmpty,
    !parts[1].contains(where: { ",;*&$|".contains($0) || $0.isWhitespace })
  else { return false }
  let words = parts[0].split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
  guard words.count == 3, !words[2].isEmpty, words[1].utf8.count == 7 else { return false }
  let date = Array(words[1].utf8)
  return date[4] == 0x2D && [0, 1, 2, 3, 5, 6].allSatisfy { date[$0] &- 0x30 < 10 }
    && words[2].utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 &- 0x2D < 2 }
}

/// Whether three letters, any character and `count` letters or digits stand in a text.
private func hasHexTail(_ text: String, _ count: Int) -> Bool {
  let tail = text.utf8.dropFirst(4)
  return tail.count == count
    && tail.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 }
}
