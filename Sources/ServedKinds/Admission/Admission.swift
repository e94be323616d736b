public import Diagnostics
public import Documents
import Manifests

/// What an API server makes of an object: its stored form, or why it is refused.
public struct Admission: Sendable {
  /// The object as the server would hold it; nil when it is refused. Server-assigned values (uid, resourceVersion,
  /// creationTimestamp, addresses and ports that are allocated) are not in it.
  public var stored: Document?
  /// The paths of values in `stored` that nobody wrote, in the order they were filled in.
  public var defaultedPaths: [FieldPath] = []
  /// Why it is refused; empty when it is stored.
  public var errors: [ObjectError] = []
  /// What does not stop it: deprecated versions, kinds without a schema.
  public var warnings: [ObjectError] = []
}

extension ServedKinds {
  /// What an API server makes of an object: created, or, where there is an old one, updated.
  ///
  /// In the server's order: the kind is looked up; types and fields are read strictly (`BadRequest`); defaults are filled
  /// in; metadata and the kind's own rules are held, for an update against the old object too. `old` is taken as it was
  /// written and brought into its own stored form first. `defaultedPaths` is empty without `tracksDefaults`.
  ///
  /// Kinds that no schema is known for are stored as written, with the warning `schema/missing`. `status` says what becomes
  /// of the field that is a subresource of most kinds.
  public func admission(
    of object: Document, old: Document? = nil, tracksDefaults: Bool = false,
    status: StatusForm = .leftOut
  ) -> Admission {
    guard object.root.isKind(.map) else {
      return Admission(errors: [
        .badObject("the document is \(described(object.root)), expected an object", .root)
      ])
    }
    let apiVersion = object.root["apiVersion" as StaticString]
    let kindName = object.root["kind" as StaticString]
    guard apiVersion.isKind(.string), apiVersion.count > 0 else {
      return Admission(errors: [
        .badObject("the object has no apiVersion", FieldPath(keys: "apiVersion"))
      ])
    }
    guard kindName.isKind(.string), kindName.count > 0 else {
      return Admission(errors: [.badObject("the object has no kind", FieldPath(keys: "kind"))])
    }
    guard let kind = kind(apiVersion: apiVersion, kind: kindName) else {
      return unserved(object, apiVersion.asString ?? "", kindName.asString ?? "")
    }
    // Under another name or in another namespace it is another object.
    let old = old.flatMap { isSameObject(object.root, $0.root) ? $0 : nil }
    if let custom = kind.custom {
      return customAdmission(of: object, old: old, kind, custom, status: status)
    }
    return builtInAdmission(
      of: object, old: old, kind, tracksDefaults: tracksDefaults, status: status)
  }

  private func isSameObject(_ new: Value, _ old: Value) -> Bool {
    let (metadata, oldMetadata) = (new["metadata" as StaticString], old["metadata" as StaticString])
    return unchanged(metadata["name" as StaticString], oldMetadata["name" as StaticString])
      && unchanged(new["kind" as StaticString], old["kind" as StaticString])
      && unchanged(metadata["namespace" as StaticString], oldMetadata["namespace" as StaticString])
  }

  private func unserved(_ object: Document, _ apiVersion: String, _ kind: String) -> Admission {
    let (group, _) = splitAPIVersion(apiVersion)
    let isKnownGroup =
      KindTable.builtIn.isBuiltIn(group: group) || definitions.hasKind(kind, group: group)
    guard isKnownGroup || !group.contains(".") else {
      return Admission(
        stored: object,
        warnings: [
          ObjectError(
            rule: "schema/missing", reason: .notFound, path: FieldPath(keys: "kind"), field: "kind",
            message: "nothing is known of kind '\(kind)' of '\(apiVersion)'",
            help: "name the file of its CustomResourceDefinition")
        ])
    }
    return Admission(errors: [noMatch(apiVersion, kind)])
  }

  private func noMatch(_ apiVersion: String, _ kind: String) -> ObjectError {
    let replacement = deprecation(apiVersion: apiVersion, kind: kind)
    var help = replacement?.help
    if help == nil {
      let others = KindTable.builtIn.kinds.filter { $0.kind == kind }.flatMap { entry in
        entry.versions(in: minor).filter(\.isOnByDefault).map {
          entry.group.isEmpty ? $0.version : "\(entry.group)/\($0.version)"
        }
      }
      help = others.isEmpty ? nil : "it is served as \(others.joined(separator: ", "))"
    }
    return ObjectError(
      rule: replacement == nil ? "api/unknown-kind" : "api/removed", reason: .notFound,
      path: FieldPath(keys: "apiVersion"), field: "apiVersion",
      message: "Kubernetes 1.\(minor) serves no kind '\(kind)' in '\(apiVersion)'", help: help)
  }

  // MARK: built-in kinds

  private func builtInAdmission(
    of object: Document, old: Document?, _ kind: ServedKind, tracksDefaults: Bool,
    status: StatusForm
  ) -> Admission {
    guard let types = kind.types else { return Admission() }
    let arena = Arena(firstChunkByteCount: 8192)
    var decoder = ObjectDecoder(
      types: types, apiVersion: object.root["apiVersion" as StaticString], minor: minor,
      arena: arena, tracksDefaults: tracksDefaults)
    let preparation = Preparation(kind: kind, arena: arena, minor: minor)
    var stored = decoder.decode(object.root)
    if !decoder.errors.isEmpty { return Admission(errors: decoder.errors) }
    var oldStored = Value.absent
    if let old {
      if let conflict = conflict(object.root, old.root) { return Admission(errors: [conflict]) }
      var oldDecoder = ObjectDecoder(
        types: types, apiVersion: old.root["apiVersion" as StaticString], minor: minor,
        arena: arena,
        tracksDefaults: false)
      oldStored = preparation.created(oldDecoder.decode(old.root))
      // The object is applied: what was defaulted before stays, what is written no more goes.
      let applied = AppliedUpdate(types: types, arena: arena).applied(
        object.root, stored: oldStored, before: old.root)
      var again = ObjectDecoder(
        types: types, apiVersion: object.root["apiVersion" as StaticString], minor: minor,
        arena: arena, tracksDefaults: false)
      stored = preparation.updated(again.decode(applied), old: oldStored)
    } else {
      stored = preparation.created(stored)
    }
    var validation = ObjectValidation(minor: minor)
    validation.objectMeta(
      stored, name: kind.nameForm, isCore: kind.asksForQualifiedFinalizers)
    kind.validator?(&validation, stored, oldStored)
    guard validation.errors.isEmpty else { return Admission(errors: validation.errors) }
    stored = withStatus(stored, status, object: object, old: old, kind, types, arena)
    return Admission(
      stored: Document(
        root: stored, arena: arena, borrowing: [object, types.document] + (old.map { [$0] } ?? [])),
      defaultedPaths: decoder.defaultedPaths, warnings: deprecationWarnings(kind))
  }

  private func deprecationWarnings(_ kind: ServedKind) -> [ObjectError] {
    guard let warning = deprecation(apiVersion: kind.apiVersion, kind: kind.kind) else { return [] }
    return [warning.error]
  }

  /// Why an update is of another state than the stored one.
  func conflict(_ new: Value, _ old: Value) -> ObjectError? {
    let (metadata, oldMetadata) = (new["metadata" as StaticString], old["metadata" as StaticString])
    for name: StaticString in ["uid", "resourceVersion"] {
      let value = metadata[name]
      if value.count == 0 || value.isIdentical(to: oldMetadata[name]) { continue }
      return .badObject(
        "the object has the \(name) \(shown(value)), which is not the stored one's",
        FieldPath(keys: "metadata", "\(name)"))
    }
    return nil
  }
}

extension ObjectError {
  static func badObject(_ message: String, _ path: FieldPath) -> ObjectError {
    ObjectError(
      rule: "schema/object", reason: .badRequest, path: path, field: path.description,
      message: message, help: nil)
  }
}
