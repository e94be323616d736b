import Diagnostics
import Documents
import Manifests
import Policies

/// An object that stands in a file: a document, or an item of a `List`.
struct PlacedManifest: Sendable {
  let manifest: Manifest
  let file: String
  /// The 0-based index of its document in the file.
  let documentIndex: Int
  /// The object in its document: the root, or an item of a `List`.
  let path: FieldPath

  /// The place of a field of the object; of its name when no field is meant.
  func place(_ field: FieldPath?) -> Place {
    .field(
      file, document: documentIndex,
      path.appending(field ?? FieldPath(keys: "metadata", "name")))
  }

  /// The objects of parsed files, in order; `v1` `List`s are taken apart, empty documents left out.
  ///
  /// What is namespaced and names no namespace goes to `default`, as with a client that was told of
  /// none. Findings: `manifest/invalid` for a document that is no object.
  static func all(
    in files: [ParsedFile], _ directory: ResourceDirectory
  ) -> (manifests: [PlacedManifest], findings: [Finding]) {
    var manifests: [PlacedManifest] = []
    var findings: [Finding] = []
    for file in files {
      for (index, document) in file.documents.enumerated() where !document.root.isNull {
        add(document, document.root, .root)
        func add(_ document: Document, _ value: Value, _ path: FieldPath) {
          guard value.isKind(.map) else {
            findings.append(
              Finding(
                rule: "manifest/invalid", "expected an object with 'apiVersion' and 'kind'",
                at: .field(file.file, document: index, path)))
            return
          }
          if value["kind"].isString("List"), value["apiVersion"].isString("v1") {
            for (item, element) in value["items"].elements.enumerated() {
              add(document, element, path.key("items").index(item))
            }
            return
          }
          let manifest = inNamespace(asSent(document, value), directory)
          for (key, field) in [("apiVersion", manifest.apiVersion), ("kind", manifest.kind)]
          where field.count == 0 {
            findings.append(
              Finding(
                rule: "manifest/invalid", "an object needs '\(key)'",
                at: .field(file.file, document: index, path)))
          }
          manifests.append(
            PlacedManifest(
              manifest: manifest, file: file.file, documentIndex: index, path: path))
        }
      }
    }
    return (manifests, findings)
  }
}

/// An object as a client sends it: YAML becomes JSON on the way, in which a whole number has no fraction
/// (`1.0` is sent as `1`, sigs.k8s.io/yaml).
func asSent(_ document: Document, _ value: Value) -> Manifest {
  guard hasWholeDouble(value) else { return Manifest(document: document, value: value) }
  let arena = Arena()
  let root = withoutFractions(value, arena)
  return Manifest(Document(root: root, arena: arena, borrowing: [document]))
}

private func hasWholeDouble(_ value: Value) -> Bool {
  switch value.kind {
  case .double: wholeNumber(value) != nil
  case .list: value.elements.contains(where: hasWholeDouble)
  case .map: value.entries.contains { hasWholeDouble($0.value) }
  default: false
  }
}

private func wholeNumber(_ value: Value) -> Int64? { Int64(exactly: value.doublePayload) }

private func withoutFractions(_ value: Value, _ arena: Arena) -> Value {
  switch value.kind {
  case .double: wholeNumber(value).map { .int($0) } ?? value
  case .list: arena.list(value.elements.map { withoutFractions($0, arena) })
  case .map:
    arena.map(
      value.entries.map { MapEntry(key: $0.key, value: withoutFractions($0.value, arena)) })
  default: value
  }
}

/// A manifest with the namespace `default` when its kind is namespaced and it names none.
func inNamespace(_ manifest: Manifest, _ directory: ResourceDirectory) -> Manifest {
  guard manifest.namespace.count == 0,
    let resource = directory.resource(kind: manifest.kind, group: manifest.group),
    resource.scope == .namespaced, manifest.value["metadata"].isKind(.map)
  else { return manifest }
  let document = manifest.document
  let arena = Arena(firstChunkByteCount: 1024)
  let namespace = arena.string("default")
  var metadata = manifest.value["metadata"].entries.filter { !$0.key.isString("namespace") }
  metadata.append(MapEntry(key: arena.string("namespace"), value: namespace))
  let root = arena.map(
    manifest.value.entries.map { entry in
      entry.key.isString("metadata")
        ? MapEntry(key: entry.key, value: arena.map(metadata)) : entry
    })
  return Manifest(
    document: Document(root: root, arena: arena, borrowing: [document]), value: root,
    resource: manifest.resource)
}
