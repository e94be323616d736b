import Documents
public import Manifests
import Synchronization

/// What is known to exist in a cluster: Namespaces, and objects that can be parameters.
///
/// Immutable; any thread can read it.
public final class ClusterState: Sendable {
  /// A namespace that exists.
  struct Namespace: Sendable {
    let name: Value
    /// Its labels, with `kubernetes.io/metadata.name`, which an API server always sets.
    let labels: Value
    /// The object.
    let value: Value
  }

  /// The namespaces: given ones first, then those that every cluster has.
  let namespaces: [Namespace]
  private let byName: ValueTable<Int>
  private let objects: [Manifest]
  /// The objects of each kind that was asked for, in order.
  private let sorted = Mutex<[Kind: [Manifest]]>([:])
  private let document: Document

  private struct Kind: Hashable {
    let group: String
    let kind: String
  }

  /// The namespaces that every cluster has.
  private static let always = ["default", "kube-system", "kube-public", "kube-node-lease"]

  /// A cluster with the given objects; of two Namespaces of one name the first holds.
  public init(objects: [Manifest] = []) {
    let arena = Arena()
    var namespaces: [Namespace] = []
    var byName = ValueTable<Int>()
    func add(_ name: Value, _ value: Value) {
      guard byName[name] == nil else { return }
      byName.set(namespaces.count, for: name)
      let labels = namespaceLabels(of: value, name: name, arena)
      namespaces.append(Namespace(name: name, labels: labels, value: value))
    }
    for object in objects
    where object.kind.isString("Namespace") && object.apiVersion.isString("v1")
      && !object.name.isAbsent
    {
      add(object.name, object.value)
    }
    for name in ClusterState.always { add(arena.string(name), .emptyMap) }
    self.namespaces = namespaces
    self.byName = byName
    self.objects = objects
    document = Document(root: .null, arena: arena)
  }

  /// The index of a namespace; nil when it is not known to exist.
  func namespaceIndex(_ name: Value) -> Int? { byName[name] }

  /// The objects of a kind, any version, by namespace, then name.
  func objects(of resource: Resource) -> [Manifest] {
    let kind = Kind(group: resource.group, kind: resource.kind)
    return sorted.withLock { sorted in
      if let known = sorted[kind] { return known }
      let found = objects.filter {
        $0.kind.hasSameBytes(as: resource.kindValue)
          && $0.group.hasSameBytes(as: resource.groupValue)
      }.map { (namespace: $0.namespace.asString ?? "", name: $0.name.asString ?? "", manifest: $0) }
        .sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
        .map(\.manifest)
      sorted[kind] = found
      return found
    }
  }
}

/// The labels of a Namespace object with the one that an API server sets.
func namespaceLabels(of namespace: Value, name: Value, _ arena: Arena) -> Value {
  let labels = namespace["metadata"]["labels"]
  guard labels[metadataNameLabel].isAbsent else { return labels }
  return arena.map(
    Array(labels.entries) + [MapEntry(key: arena.string(metadataNameLabel), value: name)])
}

/// The label of every Namespace that holds its name (since Kubernetes 1.21).
let metadataNameLabel = "kubernetes.io/metadata.name"
