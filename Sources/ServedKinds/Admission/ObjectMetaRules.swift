import Documents
import Quantities

/// What every object's `metadata` must be (apimachinery `pkg/api/validation/objectmeta.go`, core `ValidateObjectMeta`).
extension ObjectValidation {
  /// Names that a kind takes.
  enum ObjectName {
    case subdomain, label, dns1035Label, pathSegment, address

    /// The form that a kind's names have; subdomains but for the few kinds that the API server lists apart.
    init(group: String, kind: String, minor: Int) {
      switch (group, kind) {
      case ("", "Namespace"): self = .label
      case ("", "Service"): self = minor >= 34 ? .label : .dns1035Label
      // Events of the core group are held by the rules of their first days, which ask for no form.
      case ("rbac.authorization.k8s.io", _), ("apiregistration.k8s.io", "APIService"),
        ("", "Event"):
        self = .pathSegment
      case ("networking.k8s.io", "IPAddress"): self = .address
      default: self = .subdomain
      }
    }
  }

  /// Holds the metadata of an object; `isCore` for groups that also ask for known or qualified finalizers.
  mutating func objectMeta(_ object: Value, name form: ObjectName, isCore: Bool) {
    field("metadata", of: object) { validation, metadata in
      validation.objectName(metadata, form)
      if metadata["namespace"].count > 0 {
        validation.name("meta/namespace", metadata["namespace"], .dns1123Label, at: "namespace")
      }
      if let generation = metadata["generation"].asInt, generation < 0 {
        validation.report(
          "meta/generation", .invalid, at: "generation", "found \(generation), expected 0 or more")
      }
      validation.labelMap(metadata["labels"])
      validation.annotationMap(metadata["annotations"])
      validation.ownerReferences(metadata["ownerReferences"])
      validation.finalizers(metadata["finalizers"], isCore: isCore)
      validation.managedFields(metadata["managedFields"])
    }
  }

  // MARK: names

  private mutating func objectName(_ metadata: Value, _ form: ObjectName) {
    let generated = metadata["generateName"]
    if generated.count > 0 { objectName(generated, form, at: "generateName", isPrefix: true) }
    let name = metadata["name"]
    if name.count > 0 {
      objectName(name, form, at: "name", isPrefix: false)
    } else if generated.count == 0 {
      report(
        "meta/name", .required, at: "name", "the object has no name",
        help: "write metadata.name, or metadata.generateName")
    }
  }

  private mutating func objectName(
    _ name: Value, _ form: ObjectName, at field: StaticString, isPrefix: Bool
  ) {
    switch form {
    case .subdomain:
      self.name(
        "meta/name", name, isPrefix ? .dns1123SubdomainPrefix : .dns1123Subdomain, at: field)
    case .label:
      self.name("meta/name", name, isPrefix ? .dns1123LabelPrefix : .dns1123Label, at: field)
    case .dns1035Label:
      self.name("meta/name", name, isPrefix ? .dns1035LabelPrefix : .dns1035Label, at: field)
    case .pathSegment: pathSegment("meta/name", name, at: field)
    case .address:
      guard let address = name.address, "\(address)" == name.asString else {
        report(
          "meta/name", .invalid, at: field,
          "\(shown(name)) is no IP address in its canonical form")
        return
      }
    }
  }

  // MARK: labels and annotations

  private mutating func labelMap(_ labels: Value) {
    for entry in labels.entries {
      // The API server names the map, not the entry.
      name("meta/label-syntax", entry.key, .qualifiedName, at: "labels")
      if entry.value.count > 0 {
        name("meta/label-syntax", entry.value, .labelValue, at: "labels")
      }
    }
  }

  private mutating func annotationMap(_ annotations: Value) {
    var byteCount = 0
    for entry in annotations.entries {
      byteCount += entry.key.count + entry.value.count
      if NameFormat.qualifiedName.accepts(entry.key.utf8) { continue }
      let key = (entry.key.asString ?? "").lowercased()
      for problem in NameFormat.qualifiedName.problems(in: key) {
        report("meta/annotation-syntax", .invalid, at: "annotations", "'\(key)' \(problem)")
      }
    }
    if byteCount > 262_144 {
      report(
        "meta/annotation-size", .tooLong, at: "annotations",
        "the annotations have \(byteCount) bytes, expected at most 262144")
    }
  }

  // MARK: owners and finalizers

  private mutating func ownerReferences(_ references: Value) {
    guard references.count > 0 else { return }
    field("ownerReferences", of: .absent) { validation, _ in
      var controllers = 0
      for reference in references.elements {
        let version = reference["apiVersion"].asString ?? ""
        let parts = version.split(separator: "/", omittingEmptySubsequences: false)
        if parts.last?.isEmpty ?? true {
          validation.report("meta/owner", .invalid, at: "apiVersion", "the owner has no apiVersion")
        } else if parts.count > 2 {
          validation.report(
            "meta/owner", .invalid, at: "apiVersion", "'\(version)' is no apiVersion")
        }
        for field: StaticString in ["kind", "name", "uid"] where reference[field].count == 0 {
          validation.report("meta/owner", .invalid, at: field, "the owner has no \(field)")
        }
        if reference["kind"].isString("Event"), version == "v1" {
          validation.report("meta/owner", .invalid, "an Event may own nothing")
        }
        if reference["controller"].isTrue { controllers += 1 }
      }
      if controllers > 1 {
        validation.report(
          "meta/owner", .invalid, "\(controllers) owners are the controller, expected one")
      }
    }
  }

  private mutating func finalizers(_ finalizers: Value, isCore: Bool) {
    guard finalizers.count > 0 else { return }
    for (index, finalizer) in finalizers.elements.enumerated() {
      finalizerName(finalizer, at: index, isCore: isCore)
    }
    if finalizers.hasElement("orphan"), finalizers.hasElement("foregroundDeletion") {
      report(
        "meta/finalizer", .invalid, at: "finalizers",
        "the finalizers 'orphan' and 'foregroundDeletion' exclude each other")
    }
  }

  /// Holds one of the `finalizers` of what the walk stands at; `isCore`: it must be known or have a domain.
  mutating func finalizerName(_ finalizer: Value, at index: Int, isCore: Bool) {
    let isStandard =
      finalizer.isString("kubernetes") || finalizer.isString("orphan")
      || finalizer.isString("foregroundDeletion")
    let isQualified = isStandard || finalizer.hasByte(UInt8(ascii: "/"))
    if NameFormat.qualifiedName.accepts(finalizer.utf8), isQualified || !isCore { return }
    field("finalizers", of: .absent) { validation, _ in
      validation.element(index) { validation in
        validation.name("meta/finalizer", finalizer, .qualifiedName)
        if isQualified || !isCore { return }
        validation.report(
          "meta/finalizer", .invalid,
          "\(shown(finalizer)) is neither a finalizer of Kubernetes' own nor has it a domain",
          help: "write it as 'example.com/name'")
      }
    }
  }

  private mutating func managedFields(_ entries: Value) {
    guard entries.count > 0 else { return }
    field("managedFields", of: .absent) { validation, _ in
      validation.elements(of: entries) { validation, entry, _ in
        let operation = entry["operation"]
        if !operation.isString("Apply"), !operation.isString("Update") {
          validation.report(
            "meta/managed-fields", .invalid, at: "operation", "expected 'Apply' or 'Update'")
        }
        if entry["fieldsType"].count > 0, !entry["fieldsType"].isString("FieldsV1") {
          validation.report(
            "meta/managed-fields", .invalid, at: "fieldsType", "expected 'FieldsV1'")
        }
        if entry["manager"].count > 128 {
          validation.report(
            "meta/managed-fields", .tooLong, at: "manager", "expected at most 128 bytes")
        }
      }
    }
  }
}
