import CEL
import Diagnostics
import Documents
import Intents
import GoldenPaths
import Manifests
import Policies
import ServedKinds
import Synchronization

/// Brings objects into the form that an API server stores and policies see, and tells what it refuses.
struct ObjectAdmitter: Sendable {
  /// The kinds of the cluster.
  let kinds: ServedKinds
  private let types: KnownTypes
  /// What is said about kinds that nothing is known of.
  private let missingSchema: Platform.MissingSchema

  init(kinds: ServedKinds, missingSchema: Platform.MissingSchema = .note) {
    self.init(types: KnownTypes(kinds), missingSchema: missingSchema)
  }

  /// An admitter for another environment of the same kinds.
  init(types: KnownTypes, missingSchema: Platform.MissingSchema) {
    self.types = types
    self.missingSchema = missingSchema
    kinds = types.kinds
  }

  /// The types of objects in expressions, from the schemas of their kinds.
  var objectTypes: ObjectTypes {
    let types = types
    return { apiVersion, kind in types.type(apiVersion: apiVersion, kind: kind) }
  }

  /// A change whose objects are as the server would hold them.
  struct AdmittedChange {
    var change: ObjectChange
    /// Whether the server would refuse it before any policy is asked; its objects are as written.
    var isRefused = false
  }

  /// The change with both sides in stored form; calls `report` for what is wrong with the new object.
  ///
  /// A new object that is refused stays as written. An old one is only a base to compare with: where it
  /// would not be stored today it stays as written too, and nothing is said.
  func admitted(_ change: ObjectChange, _ report: (Verdict) -> Void) -> AdmittedChange {
    guard let object = change.object else {
      return AdmittedChange(
        change: ObjectChange(object: nil, oldObject: change.oldObject.map(stored)))
    }
    let old = change.oldObject
    let isSame = old.map { $0.value.isIdentical(to: object.value) } ?? false
    let admission = kinds.admission(
      of: wholeDocument(object), old: isSame ? nil : old.map(wholeDocument), status: .served)
    for warning in admission.warnings { report(verdict(warning, .warning, about: object)) }
    for error in admission.errors { report(verdict(error, .error, about: object)) }
    guard let document = admission.stored, admission.errors.isEmpty else {
      return AdmittedChange(change: change, isRefused: !admission.errors.isEmpty)
    }
    let stored = Manifest(document, resource: object.resource)
    return AdmittedChange(
      change: ObjectChange(
        object: stored, oldObject: isSame ? stored : old.map(self.stored), written: object))
  }

  /// The object as the server holds it; as written when it would be refused.
  func stored(_ manifest: Manifest) -> Manifest {
    guard let document = kinds.admission(of: wholeDocument(manifest), status: .written).stored
    else {
      return manifest
    }
    return Manifest(document, resource: manifest.resource)
  }

  /// Objects of a cluster, with those in stored form that policies can look at beside the object itself:
  /// Namespaces and parameters.
  func stored(_ objects: [Manifest], for policies: PolicyFiles) -> [Manifest] {
    var kinds: Set<GroupKind> = [GroupKind(group: "", kind: "Namespace")]
    for policy in policies.policies {
      guard let param = policy.paramKind else { continue }
      kinds.insert(GroupKind(group: param.group, kind: param.kind))
    }
    // In one memory: each of the stored ones has some KiB of its own.
    let pool = ValuePool()
    let values = objects.map { object -> Value? in
      let kind = GroupKind(
        group: object.group.asString ?? "", kind: object.kind.asString ?? "")
      guard kinds.contains(kind) else { return nil }
      let stored = stored(object)
      return withExtendedLifetime(stored) { pool.copy(stored.value) }
    }
    let document = pool.freeze()
    return zip(objects, values).map { object, value in
      value.map { Manifest(document: document, value: $0, resource: object.resource) } ?? object
    }
  }

  private func wholeDocument(_ manifest: Manifest) -> Document {
    let document = manifest.document
    if document.root.isIdentical(to: manifest.value) { return document }
    return Document(
      root: manifest.value, arena: Arena(firstChunkByteCount: 16), borrowing: [document])
  }

  private func verdict(
    _ error: ObjectError, _ severity: Severity, about object: Manifest
  ) -> Verdict {
    var severity = severity
    if error.rule == missingSchemaRule {
      severity = missingSchema == .error ? .error : .note
    }
    var finding = Finding(
      rule: error.rule, severity: severity, error.message, help: error.help)
    finding.object = object.reference
    finding.path = error.path
    if severity == .error { finding.shown = true }
    return Verdict(finding: finding, fields: [error.path])
  }
}

extension Finding {
  /// The finding of a field that a kind does not have, pointing to its name rather than to its value.
  func pointingToName() -> Finding {
    guard rule == "schema/unknown-field", let place, let name = path?.steps.last,
      case .field(let document, let field, .value) = place.anchor, field.steps.last == name
    else { return self }
    var finding = self
    finding.place = Place(
      file: place.file, anchor: .field(document: document, path: field, part: .key),
      revision: place.revision)
    return finding
  }
}

/// The types of kinds in expressions, each made once: a workload has a thousand fields.
final class KnownTypes: Sendable {
  let kinds: ServedKinds
  private let known = Mutex<[String: CELType?]>([:])

  init(_ kinds: ServedKinds) { self.kinds = kinds }

  func type(apiVersion: String, kind: String) -> CELType? {
    let key = "\(apiVersion)/\(kind)"
    return known.withLock { known in
      if let type = known[key] { return type }
      let type = kinds.kind(apiVersion: apiVersion, kind: kind)?.celType
      known[key] = .some(type)
      return type
    }
  }
}

/// The rule that is said once a kind.
let missingSchemaRule = "schema/missing"

/// The findings with `schema/missing` once for each environment and kind: on the first object.
func missingSchemasOnce(_ findings: [Finding]) -> [Finding] {
  struct Key: Hashable {
    let environment: String?
    let kind: String?
    let apiVersion: String?
  }
  var seen: Set<Key> = []
  return findings.filter { finding in
    guard finding.rule == missingSchemaRule else { return true }
    let key = Key(
      environment: finding.environment, kind: finding.object?.kind,
      apiVersion: finding.object?.apiVersion)
    return seen.insert(key).inserted
  }
}

extension Value {
  /// Whether two values are the same ones in memory.
  fileprivate func isIdentical(to other: Value) -> Bool {
    payload == other.payload && meta == other.meta
  }
}
