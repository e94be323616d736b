import Documents
import Quantities

/// The claim that a StatefulSet or an ephemeral volume makes (`ValidatePersistentVolumeClaimSpec`).
extension ObjectValidation {
  /// The template of an ephemeral volume's claim: labels and annotations, and the claim.
  mutating func claimTemplate(_ template: Value) {
    given("metadata", of: template) { check, metadata in
      check.annotationSyntax(of: metadata)
      check.labelSyntax("labels", of: metadata)
      for entry in metadata.entries
      where entry.value.isGiven && !entry.key.isString("labels")
        && !entry.key.isString("annotations") && !entry.value.isUnset
      {
        let name = entry.key.shown
        check.report(
          "volume/claim-template-metadata", .forbidden,
          "'\(name)' cannot be set for the claim of an ephemeral volume",
          help: "only labels and annotations are taken over",
          printedAs: "\(check.printedPath).\(name)")
      }
    }
    field("spec", of: template) { $0.claimSpec($1) }
  }

  /// The spec of a claim that is made from a template.
  mutating func claimSpec(_ spec: Value) {
    accessModes(of: spec, missing: "at least one access mode is needed, such as 'ReadWriteOnce'")
    claimSize(of: spec)
    if !spec["storageClassName"].isUnset {
      expect(
        .dns1123Subdomain, spec["storageClassName"], "volume/storage-class", at: "storageClassName")
    }
    if spec["volumeMode"].isGiven {
      expectOneOf(
        ["Block", "Filesystem"], spec["volumeMode"], "volume/mode", at: "volumeMode",
        emptyIsMissing: false)
    }
    for name: StaticString in ["dataSource", "dataSourceRef"] {
      given(name, of: spec) { $0.claimDataSource($1) }
    }
    let source = spec["dataSource"]
    let reference = spec["dataSourceRef"]
    if source.isGiven, reference.isGiven {
      let isOther = !reference["namespace"].isUnset
      let isSame =
        source["apiGroup"].isIdentical(to: reference["apiGroup"])
        && source["kind"].isIdentical(to: reference["kind"])
        && source["name"].isIdentical(to: reference["name"])
      if isOther || !isSame {
        report(
          "volume/data-source", .invalid,
          isOther
            ? "'dataSource' may not be set when 'dataSourceRef' has a namespace"
            : "'dataSource' must be the same as 'dataSourceRef'")
      }
    }
    if !spec["volumeAttributesClassName"].isUnset {
      expect(
        .dns1123Subdomain, spec["volumeAttributesClassName"], "volume/attributes-class",
        at: "volumeAttributesClassName")
    }
  }

  private mutating func accessModes(of spec: Value, missing: String) {
    let modes = spec["accessModes"]
    if modes.isUnset {
      report("volume/access-modes", .required, at: "accessModes", missing)
    }
    given("selector", of: spec) { $0.labelSelector($1) }
    var isOnePod = false
    var isOther = false
    for mode in modes.elements {
      let before = errors.count
      expectOneOf(
        ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"], mode,
        "volume/access-modes", at: "accessModes", emptyIsMissing: false)
      guard errors.count == before else { continue }
      if mode.isString("ReadWriteOncePod") { isOnePod = true } else { isOther = true }
    }
    if isOnePod, isOther {
      report(
        "volume/access-modes", .forbidden, at: "accessModes",
        "'ReadWriteOncePod' may not be used with other access modes")
    }
  }

  private mutating func claimSize(of spec: Value) {
    let storage = spec["resources"]["requests"]["storage"]
    guard !storage.isGiven || storage.quantitySign <= 0 else { return }
    report(
      "volume/claim-size", storage.isGiven ? .invalid : .required, at: "resources",
      storage.isGiven
        ? "'\(storage.shown)' must be greater than zero" : "the claim asks for no storage",
      help: "set resources.requests.storage, such as '1Gi'",
      printedAs: "\(printedPath).resources[storage]")
  }

  private mutating func claimDataSource(_ source: Value) {
    require("name", of: source, "volume/data-source")
    require("kind", of: source, "volume/data-source")
    let group = source["apiGroup"]
    if group.isUnset, !source["kind"].isString("PersistentVolumeClaim") {
      report(
        "volume/data-source", .invalid,
        "'\(source["kind"].shown)' needs an 'apiGroup', only a PersistentVolumeClaim has none")
    } else if !group.isUnset {
      expect(.dns1123Subdomain, group, "volume/data-source", at: "apiGroup")
    }
  }
}
