import Diagnostics
import Documents
import Manifests
import Schemas
import Synchronization

/// The kinds that CustomResourceDefinitions define.
final class CustomDefinitions: Sendable {
  private let kinds: [String: CustomKind]
  private let groupKinds: Set<String>

  init(_ documents: [Document]) {
    var kinds: [String: CustomKind] = [:]
    var groupKinds: Set<String> = []
    for document in documents {
      guard document.root["kind"].isString("CustomResourceDefinition") else {
        continue
      }
      let spec = document.root["spec"]
      guard let group = spec["group"].asString,
        let kind = spec["names"]["kind"].asString
      else { continue }
      groupKinds.insert("\(group)/\(kind)")
      for (index, version) in spec["versions"].elements.enumerated() {
        guard version["served"].isTrue,
          let name = version["name"].asString
        else { continue }
        kinds["\(group)/\(name)/\(kind)"] = CustomKind(
          document, spec: spec, version: version, index: index, group: group)
      }
    }
    self.kinds = kinds
    self.groupKinds = groupKinds
  }

  func kind(apiVersion: String, kind: String) -> CustomKind? { kinds["\(apiVersion)/\(kind)"] }

  /// Whether a kind is defined, in whatever version.
  func hasKind(_ kind: String, group: String) -> Bool { groupKinds.contains("\(group)/\(kind)") }
}

/// One version of a custom kind.
final class CustomKind: @unchecked Sendable {
  let group: String
  let isNamespaced: Bool
  let hasStatus: Bool
  /// Whether clients are warned of the version, and with what; empty for the usual words.
  let isDeprecated: Bool
  let schema: Schema
  /// Where objects of Kubernetes stand inside: their metadata is read as such.
  let embeddedPaths: [[EmbeddedStep]]
  private let document: Document

  /// A step to an embedded object.
  enum EmbeddedStep {
    case key(String)
    /// Each element of a list, or each value of a map.
    case each
  }

  init(_ document: Document, spec: Value, version: Value, index: Int, group: String) {
    self.document = document
    self.group = group
    isNamespaced = !spec["scope"].isString("Cluster")
    let subresources = version["subresources"]
    hasStatus = !subresources["status"].isAbsent
    isDeprecated = version["deprecated"].isTrue
    let value = version["schema"]["openAPIV3Schema"]
    schema =
      value.isKind(.map)
      ? JSONSchema(
        value, dialect: .structural, file: "", path: FieldPath(keys: "spec", "versions"),
        area: "schema", isWholeObject: true
      ).compiled().schema : .anything
    var paths: [[EmbeddedStep]] = []
    CustomKind.collectEmbedded(below: schema.root, [], &paths)
    embeddedPaths = paths
  }

  private static func collectEmbedded(
    below node: SchemaNode, _ path: [EmbeddedStep], _ paths: inout [[EmbeddedStep]]
  ) {
    guard path.count < 64 else { return }
    if node.isEmbedded, !path.isEmpty { paths.append(path) }
    for name in node.propertyNames {
      if let child = node.property(name) {
        collectEmbedded(below: child, path + [.key(name)], &paths)
      }
    }
    for child in [node.items, node.values].compactMap({ $0 }) {
      collectEmbedded(below: child, path + [.each], &paths)
    }
  }
}

extension ServedKinds {
  /// What the server makes of a custom resource: pruning as an error, metadata, defaults, the schema with its rules.
  func customAdmission(
    of object: Document, old: Document?, _ kind: ServedKind, _ custom: CustomKind,
    tracksDefaults: Bool, status form: StatusForm
  ) -> Admission {
    let arena = Arena(firstChunkByteCount: 8192)
    var errors: [ObjectError] = []
    var stored = customForm(of: object.root, kind, custom, arena, &errors)
    if !errors.isEmpty { return Admission(errors: errors) }
    var oldStored = Value.absent
    if let old {
      if let conflict = conflict(object.root, old.root) { return Admission(errors: [conflict]) }
      var ignored: [ObjectError] = []
      oldStored = customForm(of: old.root, kind, custom, arena, &ignored)
    }
    var validation = ObjectValidation(minor: minor)
    validation.objectMeta(stored, name: .subdomain, isCore: false)
    errors = validation.errors
    let problems = custom.schema.problems(in: stored, old: oldStored)
    let unknown = problems.filter { $0.kind == .unknownField }
    if !unknown.isEmpty { return Admission(errors: unknown.map { ObjectError($0) }) }
    errors += problems.map { ObjectError($0) }
    if !errors.isEmpty { return Admission(errors: errors) }
    var defaulted: [FieldPath] = []
    if tracksDefaults { collectDefaulted(stored, written: object.root, .root, &defaulted) }
    if kind.hasStatus, form != .leftOut {
      let status = (form == .written ? object : old)?.root["status"] ?? .absent
      if status.isKind(.map) {
        stored = Preparation(kind: kind, arena: arena, minor: minor)
          .setting(stored, "status", to: status)
      }
    }
    let borrowed = [object, custom.schema.document, ServedKinds.metadataTypes?.document, old]
    return Admission(
      stored: Document(root: stored, arena: arena, borrowing: borrowed.compactMap { $0 }),
      defaultedPaths: defaulted)
  }

  /// Where a stored value has something that nobody wrote: only defaults add to a custom resource.
  private func collectDefaulted(
    _ stored: Value, written: Value, _ path: FieldPath, _ paths: inout [FieldPath]
  ) {
    for entry in stored.entries {
      let place = path.key(entry.key.asString ?? "")
      let before = written.lookup(entry.key)
      if before.isAbsent || before.isNull {
        if !entry.value.isNull { paths.append(place) }
      } else {
        collectDefaulted(entry.value, written: before, place, &paths)
      }
    }
    guard stored.count == written.count else { return }
    for (index, element) in stored.elements.enumerated() {
      collectDefaulted(element, written: written.elements[index], path.index(index), &paths)
    }
  }

  /// The object with its metadata read, without `status` where that is a subresource, with its defaults.
  private func customForm(
    of object: Value, _ kind: ServedKind, _ custom: CustomKind, _ arena: Arena,
    _ errors: inout [ObjectError]
  ) -> Value {
    var entries = Array(object.entries)
    if kind.hasStatus { entries.removeAll { $0.key.isString("status") } }
    for index in entries.indices where entries[index].key.isString("metadata") {
      guard let types = ServedKinds.metadataTypes else { continue }
      guard entries[index].value.isKind(.map) else {
        errors.append(
          .badObject(
            "'metadata' is \(described(entries[index].value)), expected a map",
            FieldPath(keys: "metadata")))
        continue
      }
      var decoder = ObjectDecoder(
        types: types, apiVersion: .absent, minor: minor, arena: arena, tracksDefaults: false)
      let metadata = decoder.decode(entries[index].value)
      errors += decoder.errors.map { $0.below("metadata") }
      entries[index].value = Preparation(kind: kind, arena: arena, minor: minor)
        .withoutServerFields(metadata)
    }
    for index in entries.indices {
      entries[index].value = storedNumbers(entries[index].value, arena)
    }
    var result = custom.schema.defaulted(arena.map(entries), in: arena)
    for path in custom.embeddedPaths {
      result = withMetadata(result, path[...], .root, arena, &errors)
    }
    return result
  }

  /// A value with its numbers as they come out of JSON.
  private func storedNumbers(_ value: Value, _ arena: Arena) -> Value {
    switch value.kind {
    case .uint, .double: return numberThroughJSON(value)
    case .list:
      var copy: [Value]?
      for (index, element) in value.elements.enumerated() {
        let stored = storedNumbers(element, arena)
        if isSame(stored, element) { continue }
        if copy == nil { copy = Array(value.elements) }
        copy?[index] = stored
      }
      return copy.map { arena.list($0) } ?? value
    case .map:
      var copy: [MapEntry]?
      for (index, entry) in value.entries.enumerated() {
        let stored = storedNumbers(entry.value, arena)
        if isSame(stored, entry.value) { continue }
        if copy == nil { copy = Array(value.entries) }
        copy?[index].value = stored
      }
      return copy.map { arena.map($0) } ?? value
    default: return value
    }
  }

  private func isSame(_ one: Value, _ other: Value) -> Bool {
    one.payload == other.payload && one.meta == other.meta
  }

  /// A value whose embedded objects, at the end of a path, have their metadata read.
  private func withMetadata(
    _ value: Value, _ path: ArraySlice<CustomKind.EmbeddedStep>, _ place: FieldPath, _ arena: Arena,
    _ errors: inout [ObjectError]
  ) -> Value {
    guard let step = path.first else { return embedded(value, place, arena, &errors) }
    let rest = path.dropFirst()
    switch (step, value.kind) {
    case (.key(let key), .map):
      var entries = Array(value.entries)
      for index in entries.indices where entries[index].key.asString == key {
        entries[index].value = withMetadata(
          entries[index].value, rest, place.key(key), arena, &errors)
      }
      return arena.map(entries)
    case (.each, .map):
      return arena.map(
        value.entries.map { entry in
          MapEntry(
            key: entry.key,
            value: withMetadata(
              entry.value, rest, place.key(entry.key.asString ?? ""), arena, &errors))
        })
    case (.each, .list):
      return arena.list(
        value.elements.enumerated().map { index, element in
          withMetadata(element, rest, place.index(index), arena, &errors)
        })
    default: return value
    }
  }

  private func embedded(
    _ value: Value, _ place: FieldPath, _ arena: Arena, _ errors: inout [ObjectError]
  ) -> Value {
    guard value.isKind(.map), let types = ServedKinds.metadataTypes else { return value }
    var entries = Array(value.entries)
    for index in entries.indices where entries[index].key.isString("metadata") {
      let metadata = entries[index].value
      if metadata.isNull { continue }
      guard metadata.isKind(.map) else {
        errors.append(
          .badObject("'metadata' is \(described(metadata)), expected a map", place.key("metadata")))
        continue
      }
      var decoder = ObjectDecoder(
        types: types, apiVersion: .absent, minor: minor, arena: arena, tracksDefaults: false)
      entries[index].value = decoder.decode(metadata)
      for error in decoder.errors {
        errors.append(error.below("metadata").below(place))
      }
    }
    return arena.map(entries)
  }

  static let metadataTypes = ServedTypes(root: "meta.v1.ObjectMeta", minor: 36, pack: .shared)
}

extension ObjectError {
  /// What is wrong with a value under its schema.
  init(_ problem: SchemaProblem) {
    let reason: Reason =
      switch problem.kind {
      case .unknownField: .badRequest
      case .wrongType: .typeInvalid
      case .missingField: .required
      case .notInEnum: .notSupported
      case .duplicateItem: .duplicate
      default: .invalid
      }
    // Who looks for the server's own words finds them.
    let help =
      problem.kind == .alternatives
      ? [problem.help, "an API server answers with '<nil>' in place of the field"]
        .compactMap { $0 }.joined(separator: "; ") : problem.help
    let field = problem.path.isRoot ? "<nil>" : problem.path.description
    self.init(
      rule: "schema/\(problem.kind.rawValue)", reason: reason, path: problem.path, field: field,
      message: problem.message, help: help)
  }

  /// The same, of a value that stands at a path.
  func below(_ place: FieldPath) -> ObjectError {
    var result = self
    result.path = place.appending(path)
    result.field = "\(place).\(field)"
    return result
  }

  /// The same, of a value that stands under a key.
  func below(_ key: String) -> ObjectError {
    var result = self
    result.path = FieldPath(keys: key).appending(path)
    result.field = field.isEmpty ? key : "\(key).\(field)"
    return result
  }
}
