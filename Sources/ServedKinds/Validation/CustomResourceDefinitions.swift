import Documents
import Quantities

private let scopes: [StaticString] = ["Cluster", "Namespaced"]
private let columnTypes: [StaticString] = [
  "boolean", "date", "integer", "number", "string",
]
private let columnFormats: [StaticString] = [
  "int32", "int64", "float", "double", "byte", "date", "date-time", "password",
]
private let strategies: [StaticString] = ["None", "Webhook"]
private let approval: StaticString = "api-approved.kubernetes.io"

/// What the API server asks of a CustomResourceDefinition (apiextensions `validation.go`, 1.36).
///
/// What all versions say alike the API server keeps, and prints, beside the versions:
/// `spec.validation` for `spec.versions[0].schema`.
extension ObjectValidation {
  mutating func customResourceDefinition(_ object: Value, old: Value) {
    let spec = object["spec"]
    let isUpdate = old.isSet
    if !isUpdate { definitionName(object) }
    let shared = SharedVersionFields(spec["versions"])
    field("spec", of: object) { validation, spec in
      validation.definitionGroup(spec["group"])
      validation.choice("crd/scope", "scope", of: spec, among: scopes, isRequired: true)
      validation.definitionSchemas(spec)
      validation.definitionVersions(spec, shared)
      validation.definitionNames(spec)
      validation.sharedFields(spec, shared)
      validation.conversion(spec)
      if isUpdate { validation.definitionUpdate(spec, old: old["spec"]) }
    }
    storedVersions(object, old: old)
    if !isUpdate { groupApproval(object) }
    if spec["preserveUnknownFields"].isTrue, !old["spec"]["preserveUnknownFields"].isTrue {
      report(
        "crd/preserve-unknown-fields", .invalid, in: "spec", at: "preserveUnknownFields",
        "'preserveUnknownFields' may not be true",
        help: "set x-kubernetes-preserve-unknown-fields: true in the schemas instead")
    }
  }

  private mutating func definitionName(_ object: Value) {
    let spec = object["spec"]
    let name = object["metadata"]["name"]
    let plural = spec["names"]["plural"]
    let group = spec["group"]
    let count = plural.count + 1 + group.count
    let isRight =
      name.count == count && name.utf8.starts(with: plural.utf8)
      && name.utf8.suffix(group.count).elementsEqual(group.utf8)
      && name.utf8[plural.count] == UInt8(ascii: ".")
    if !isRight {
      report(
        "crd/name", .invalid, in: "metadata", at: "name",
        "found \(shown(name)), expected the plural, a dot and the group: "
          + "'\(plural.asString ?? "").\(group.asString ?? "")'")
    }
  }

  private mutating func definitionGroup(_ group: Value) {
    if group.isUnset {
      report("crd/group", .required, at: "group", "'group' is required and is not given")
    } else if !NameFormat.dns1123Subdomain.accepts(group.asString ?? "") {
      name("crd/group", group, .dns1123Subdomain, at: "group")
    } else if !group.hasByte(UInt8(ascii: ".")) {
      report("crd/group", .invalid, at: "group", "\(shown(group)) is no domain with a dot")
    }
  }

  private mutating func definitionSchemas(_ spec: Value) {
    elements("versions", of: spec) { validation, version, _ in
      if !version["schema"]["openAPIV3Schema"].isSet {
        validation.report(
          "crd/schema-missing", .required, in: "schema", at: "openAPIV3Schema",
          "a version needs a schema")
      }
    }
  }

  private mutating func definitionVersions(_ spec: Value, _ shared: SharedVersionFields) {
    let versions = spec["versions"].elements
    var storageCount = 0
    var isUnique = true
    elements("versions", of: spec) { validation, version, index in
      if version["storage"].isTrue { storageCount += 1 }
      if versions[..<index].contains(where: { unchanged($0["name"], version["name"]) }) {
        isUnique = false
      }
      validation.name("crd/version-name", version["name"], .dns1035Label, at: "name")
      validation.deprecationWarning(version)
      if !shared.hasSchema {
        validation.definitionSchema(version, minor: validation.minor)
      }
      if !shared.hasSubresources { validation.subresources(version) }
      if !shared.hasColumns { validation.printerColumns(version) }
      if !shared.hasSelectableFields { validation.selectableFields(version) }
    }
    if !isUnique {
      report("crd/versions", .invalid, at: "versions", "two versions have the same name")
    }
    if storageCount != 1 {
      report(
        "crd/storage-version", .invalid, at: "versions",
        "\(storageCount) versions have storage: true, expected exactly one")
    }
  }

  private mutating func sharedFields(_ spec: Value, _ shared: SharedVersionFields) {
    guard let version = spec["versions"].elements.first else { return }
    field("versions", of: spec) { validation, _ in
      validation.element(0) { validation in
        validation.printing({ _ in "spec" }) { validation in
          if shared.hasSchema {
            validation.field("schema", of: .absent) { validation, _ in
              validation.printing({ _ in "spec.validation" }) { validation in
                validation.wholeSchema(version)
              }
            }
          }
          if shared.hasSubresources { validation.subresources(version) }
          if shared.hasColumns { validation.printerColumns(version) }
          if shared.hasSelectableFields { validation.selectableFields(version) }
        }
      }
    }
  }

  /// Holds the schema of a version.
  private mutating func definitionSchema(_ version: Value, minor: Int) {
    field("schema", of: version) { validation, _ in validation.wholeSchema(version) }
  }

  private mutating func deprecationWarning(_ version: Value) {
    let warning = version["deprecationWarning"]
    guard warning.isSet else { return }
    if !version["deprecated"].isTrue {
      report(
        "crd/deprecation-warning", .invalid, at: "deprecationWarning",
        "a warning needs deprecated: true")
    }
    if warning.count > 256 {
      report(
        "crd/deprecation-warning", .invalid, at: "deprecationWarning",
        "the warning has \(warning.count) bytes, expected at most 256")
    }
    if warning.count == 0 {
      report("crd/deprecation-warning", .invalid, at: "deprecationWarning", "the warning is empty")
    }
    if warning.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      report(
        "crd/deprecation-warning", .invalid, at: "deprecationWarning",
        "the warning has characters that cannot be printed")
    }
  }

  private mutating func subresources(_ version: Value) {
    field("subresources", of: version) { validation, resources in
      guard resources["scale"].isSet else { return }
      validation.field("scale", of: resources) { validation, scale in
        let paths: [(StaticString, StaticString)] = [
          ("specReplicasPath", ".spec."), ("statusReplicasPath", ".status."),
        ]
        for (name, prefix) in paths
        where validation.require("crd/scale", name, of: scale)
          && validation.simplePath("crd/scale", name, of: scale) && !scale[name].hasPrefix(prefix)
        {
          validation.report(
            "crd/scale", .invalid, at: name,
            "found \(shown(scale[name])), expected a path that begins with '\(prefix)'")
        }
        let label = scale["labelSelectorPath"]
        if !label.isUnset, validation.simplePath("crd/scale", "labelSelectorPath", of: scale),
          !label.hasPrefix(".spec."), !label.hasPrefix(".status.")
        {
          validation.report(
            "crd/scale", .invalid, at: "labelSelectorPath",
            "found \(shown(label)), expected a path that begins with '.spec.' or '.status.'")
        }
      }
    }
  }

  /// Whether a path begins with a dot; reports one that does not.
  private mutating func simplePath(
    _ rule: StaticString, _ name: StaticString, of map: Value
  ) -> Bool {
    if map[name].hasPrefix(".") { return true }
    report(
      rule, .invalid, at: name, "found \(shown(map[name])), expected a path that begins with '.'")
    return false
  }

  private mutating func printerColumns(_ version: Value) {
    elements("additionalPrinterColumns", of: version) { validation, column, _ in
      validation.require("crd/column", "name", of: column)
      let type = column["type"]
      if type.isUnset {
        validation.report(
          "crd/column", .required, at: "type", "a column needs a type, \(listed(columnTypes))")
      } else if !columnTypes.contains(where: { type.isString($0) }) {
        validation.report(
          "crd/column", .invalid, at: "type",
          "found \(shown(type)), expected \(listed(columnTypes))")
      }
      let format = column["format"]
      if !format.isUnset, !columnFormats.contains(where: { format.isString($0) }) {
        validation.report(
          "crd/column", .invalid, at: "format",
          "found \(shown(format)), expected \(listed(columnFormats))")
      }
      if validation.require("crd/column", "jsonPath", of: column) {
        _ = validation.simplePath("crd/column", "jsonPath", of: column)
      }
    }
  }

  private mutating func selectableFields(_ version: Value) {
    let list = version["selectableFields"]
    let schema = version["schema"]["openAPIV3Schema"]
    elements("selectableFields", of: version) { validation, entry, index in
      guard validation.require("crd/selectable-field", "jsonPath", of: entry) else { return }
      let path = entry["jsonPath"]
      guard let found = schema.schema(at: path.asString ?? "") else {
        return validation.report(
          "crd/selectable-field", .invalid, at: "jsonPath",
          "\(shown(path)) is no field of the schema")
      }
      if path.hasPrefix(".metadata") {
        validation.report(
          "crd/selectable-field", .invalid, at: "jsonPath", "fields of the metadata are not taken")
      } else if !["string", "boolean", "integer"].contains(where: { found["type"].isString($0) }) {
        validation.report(
          "crd/selectable-field", .invalid, at: "jsonPath",
          "\(shown(path)) is no string, boolean or integer")
      }
      if list.elements[..<index].contains(where: { unchanged($0["jsonPath"], path) }) {
        validation.report(
          "crd/selectable-field", .duplicate, at: "jsonPath", "\(shown(path)) is there twice")
      }
    }
    if list.count > 8 {
      report(
        "crd/selectable-field", .tooMany, at: "selectableFields",
        "found \(list.count) fields, expected at most 8")
    }
  }

  private mutating func definitionNames(_ spec: Value) {
    field("names", of: spec) { validation, names in
      for name: StaticString in ["plural", "singular", "kind", "listKind"] {
        validation.require("crd/names", name, of: names)
      }
      for name: StaticString in ["plural", "singular"] where !names[name].isUnset {
        validation.name("crd/names", names[name], .dns1035Label, at: name)
      }
      for name: StaticString in ["kind", "listKind"] where !names[name].isUnset {
        let lower = (names[name].asString ?? "").lowercased()
        for problem in NameFormat.dns1035Label.problems(in: lower) {
          validation.report("crd/names", .invalid, at: name, "\(shown(names[name])) \(problem)")
        }
      }
      for name: StaticString in ["shortNames", "categories"] {
        validation.elements(name, of: names) { validation, value, _ in
          validation.name("crd/names", value, .dns1035Label)
        }
      }
      if !names["kind"].isUnset, names["kind"].isIdentical(to: names["listKind"]) {
        validation.report(
          "crd/names", .invalid, at: "listKind", "'kind' and 'listKind' may not be the same")
      }
    }
  }

  private mutating func conversion(_ spec: Value) {
    guard spec["conversion"].isSet else { return }
    field("conversion", of: spec) { validation, conversion in
      validation.choice(
        "crd/conversion", "strategy", of: conversion, among: strategies, isRequired: true)
      let webhook = conversion["webhook"]
      let isWebhook = conversion["strategy"].isString("Webhook")
      let prefix = "spec.conversion"
      if isWebhook {
        validation.field("webhook", of: conversion) { validation, webhook in
          validation.printing({ _ in prefix }) { validation in
            if webhook["clientConfig"].isSet {
              validation.field("clientConfig", of: webhook) { validation, config in
                validation.printing({ _ in prefix + ".webhookClientConfig" }) {
                  $0.clientConfig(config)
                }
              }
            } else {
              validation.report(
                "crd/conversion", .required, "the strategy 'Webhook' needs 'webhook.clientConfig'",
                printedAs: prefix + ".webhookClientConfig")
            }
            let versions = webhook["conversionReviewVersions"]
            if validation.require("crd/conversion", "conversionReviewVersions", of: webhook),
              !versions.hasElement("v1"), !versions.hasElement("v1beta1")
            {
              validation.report(
                "crd/conversion", .invalid, at: "conversionReviewVersions",
                "none is known, expected 'v1' or 'v1beta1'")
            }
          }
        }
      } else if webhook.isSet {
        validation.report(
          "crd/conversion", .forbidden, at: "webhook", "'webhook' needs the strategy 'Webhook'",
          printedAs: prefix + ".webhookClientConfig")
      }
    }
  }

  private mutating func definitionUpdate(_ spec: Value, old: Value) {
    let help =
      "delete the CustomResourceDefinition, and all its objects with it, and create it anew"
    immutable("crd/changed", "scope", of: spec, was: old, help: help)
    field("names", of: spec) { validation, names in
      validation.immutable("crd/changed", "kind", of: names, was: old["names"], help: help)
    }
    immutable("crd/changed", "group", of: spec, was: old, help: help)
    field("names", of: spec) { validation, names in
      validation.immutable("crd/changed", "plural", of: names, was: old["names"], help: help)
    }
  }

  /// Versions in which objects are stored must stay; a new definition stores in one version.
  private mutating func storedVersions(_ object: Value, old: Value) {
    let versions = object["spec"]["versions"].elements
    let storage = versions.last { $0["storage"].isTrue }
    if storage == nil {
      report(
        "crd/storage-version", .invalid, in: "status", at: "storedVersions",
        "no version is stored", help: "set storage: true in one version")
    }
    guard old.isSet else { return }
    var stored: [Value] = Array(old["status"]["storedVersions"].elements)
    if stored.isEmpty {
      stored = old["spec"]["versions"].elements.filter { $0["storage"].isTrue }.map { $0["name"] }
    }
    for (index, name) in stored.enumerated()
    where !versions.contains(where: { $0["name"].isIdentical(to: name) }) {
      field("status", of: object) { validation, status in
        validation.field("storedVersions", of: status) { validation, _ in
          validation.element(index) { validation in
            validation.report(
              "crd/stored-version-removed", .invalid,
              "objects are stored in version \(shown(name)), which is not in 'versions' any more",
              help: "keep the version until all objects are stored in another one")
          }
        }
      }
    }
  }

  /// Groups of the Kubernetes project need the note that it approved the API.
  private mutating func groupApproval(_ object: Value) {
    let group = object["spec"]["group"].asString ?? ""
    let isProtected =
      group == "k8s.io" || group.hasSuffix(".k8s.io") || group == "kubernetes.io"
      || group.hasSuffix(".kubernetes.io")
    guard isProtected else { return }
    let value = object["metadata"]["annotations"][approval].asString ?? ""
    let printed = "metadata.annotations[\(approval)]"
    if value.isEmpty {
      report(
        "crd/approval", .required, "the group '\(group)' needs the annotation '\(approval)'",
        help: "give the address of the approval, or use a group of your own", printedAs: printed)
    } else if !value.hasPrefix("unapproved"), !value.contains("://") {
      report(
        "crd/approval", .invalid, "'\(value)' is no address of an approval", printedAs: printed)
    }
  }
}

/// What all versions of a definition say alike; a single version says all alike.
private struct SharedVersionFields {
  let hasSchema: Bool
  let hasSubresources: Bool
  let hasColumns: Bool
  let hasSelectableFields: Bool

  init(_ versions: Value) {
    func isShared(_ name: StaticString) -> Bool {
      guard let first = versions.elements.first else { return false }
      return versions.elements.allSatisfy { unchanged($0[name], first[name]) }
    }
    hasSchema = isShared("schema")
    hasSubresources = isShared("subresources")
    hasColumns = isShared("additionalPrinterColumns")
    hasSelectableFields = isShared("selectableFields")
  }
}

extension Value {
  /// The schema of the field at a path such as `.spec.color` below this schema; nil where there is
  /// none, or the path goes into a list.
  fileprivate func schema(at path: String) -> Value? {
    guard path.hasPrefix("."), path.count > 1 else { return nil }
    var schema = self
    for (index, step) in path.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
      .enumerated()
    {
      if index == 0, step == "metadata" { return schema }
      let properties = schema["properties"][String(step)]
      let values = schema["additionalProperties"]
      schema = properties.isSet ? properties : values
      if !schema.isKind(.map) { return nil }
    }
    return schema
  }
}
