import CEL
import Diagnostics
import Documents
public import Manifests

/// All objects of an environment as `objects['group/Kind']['namespace']`: a list for each kind and
/// namespace, the kind alone in the core group, the empty namespace for cluster-scoped kinds.
///
/// Every kind that a policy names is there, and under each kind every namespace that any object is
/// in, so that a policy can ask for what does not exist. Immutable; any thread can read it.
public final class RepositoryObjects: Sendable {
  let document: Document

  /// The objects that the policies of a set can ask for, in the order given.
  public init(_ manifests: [Manifest], for set: PolicySet) {
    let arena = Arena(firstChunkByteCount: 1 << 16)
    var kinds = ValueTable<Int>()
    for kind in set.objectKinds.names.sorted() {
      kinds.set(kinds.keys.count, for: arena.string(kind))
    }
    var namespaces = ValueTable<Int>()
    namespaces.set(0, for: .emptyString)
    for manifest in manifests where manifest.namespace.count > 0 {
      if namespaces[manifest.namespace] == nil {
        namespaces.set(namespaces.keys.count, for: manifest.namespace)
      }
    }
    var lists: [[[Value]]] = Array(
      repeating: Array(repeating: [], count: namespaces.keys.count), count: kinds.keys.count)
    var documents: [ObjectIdentifier: Document] = [:]
    /// The last object's kind and document: most objects are like the one before.
    var last: (apiVersion: Value, kind: Value, list: Int?) = (.absent, .absent, nil)
    var lastDocument: Document?
    for manifest in manifests {
      if !last.kind.hasSameBytes(as: manifest.kind)
        || !last.apiVersion.hasSameBytes(as: manifest.apiVersion)
      {
        let name = RepositoryObjects.name(of: manifest, arena)
        if kinds[name] == nil, set.objectKinds.isEverything {
          kinds.set(kinds.keys.count, for: name)
          lists.append(Array(repeating: [], count: namespaces.keys.count))
        }
        last = (manifest.apiVersion, manifest.kind, kinds[name])
      }
      guard let list = last.list else { continue }
      if manifest.document !== lastDocument {
        documents[ObjectIdentifier(manifest.document)] = manifest.document
        lastDocument = manifest.document
      }
      let namespace = manifest.namespace.count > 0 ? namespaces[manifest.namespace] ?? 0 : 0
      lists[list][namespace].append(manifest.value)
    }
    let root = arena.map(
      zip(kinds.keys, lists).map { kind, byNamespace in
        MapEntry(
          key: kind,
          value: arena.map(
            zip(namespaces.keys, byNamespace).map { namespace, list in
              MapEntry(key: namespace, value: list.isEmpty ? .emptyList : arena.list(list))
            }))
      })
    document = Document(root: root, arena: arena, borrowing: Array(documents.values))
  }

  /// `apps/Deployment`, `Pod`.
  private static func name(of manifest: Manifest, _ arena: Arena) -> Value {
    let group = manifest.group
    guard group.count > 0 else { return manifest.kind }
    return arena.string(
      String(decoding: group.utf8, as: UTF8.self) + "/"
        + String(decoding: manifest.kind.utf8, as: UTF8.self))
  }
}

/// The kinds whose objects matter to the policies of a repository.
public struct RepositoryKinds: Sendable {
  /// `apps/Deployment`, `Pod`.
  public internal(set) var names: Set<String> = []
  /// Whether any kind may matter.
  public internal(set) var isEverything = false

  /// Whether objects of the kind matter.
  public func contains(group: String, kind: String) -> Bool {
    isEverything || names.contains(group.isEmpty ? kind : "\(group)/\(kind)")
  }
}

extension RepositoryKinds {
  /// The kinds that reads of `objects` are about.
  init(askedForBy reads: some Sequence<Program.Reference>) {
    for read in reads where read.variable == "objects" {
      if case .key(let name)? = read.path.first { names.insert(name) } else { isEverything = true }
    }
  }

  /// These kinds and those that policies match in any version and operation.
  func adding(matchedBy policies: [CompiledPolicy], _ directory: ResourceDirectory) -> Self {
    var kinds = self
    for resource in directory.resources where !isEverything && !policies.isEmpty {
      let isMatched = policies.contains { policy in
        Operation.allCases.contains { operation in
          resource.versions.indices.contains { version in
            policy.policy.matchConstraints.match(
              RequestShape(resource: resource, versionIndex: version, operation: operation)) != nil
          }
        }
      }
      guard isMatched else { continue }
      kinds.names.insert(
        resource.group.isEmpty ? resource.kind : "\(resource.group)/\(resource.kind)")
    }
    return kinds
  }
}

extension CompiledPolicy {
  /// The reads of variables in all of its expressions.
  var references: [Program.Reference] {
    let validations = validations.flatMap { [$0.expression] + ($0.message.map { [$0] } ?? []) }
    return (matchConditions + variables + validations + auditAnnotations).flatMap(\.references)
  }
}
