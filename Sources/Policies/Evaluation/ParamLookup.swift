import Documents
import Manifests

/// Finds the parameters of bindings, and keeps what it found.
struct ParamLookup {
  /// What a binding gives its policy for a request.
  enum Result {
    /// The binding names no parameters: `params` is null.
    case null
    /// The parameters by name; empty when none is there and that is allowed.
    case found([Manifest])
    /// A request cannot pass, in an API server's words.
    case problem(String)
  }

  /// What is said when a binding wants a parameter and there is none.
  static let nothingFound =
    "no params found for policy binding with `Deny` parameterNotFoundAction"

  private let cluster: ClusterState
  /// For each binding, results by the request's namespace.
  private var results: [ValueTable<Result>]
  /// By the index of a namespaced resource, its objects by their namespaces.
  private var objects: [Int: ValueTable<[Manifest]>] = [:]
  /// What the keys of `results` and `objects` point into.
  private let arena = Arena()

  init(_ set: PolicySet) {
    cluster = set.cluster
    results = Array(repeating: ValueTable(), count: set.bindingCount)
  }

  /// The parameters of a binding for a request in a namespace; absent for a cluster-scoped one.
  ///
  /// As apiserver 1.36, `policy/generic/policy_dispatcher.go`, `CollectParams`.
  ///
  /// They are in the version that the policy's `paramKind` names, as a server gives them.
  mutating func params(
    of binding: CompiledBinding, _ resource: Resource, apiVersion: String, namespace: Value
  ) -> Result {
    let key = namespace.isAbsent ? .emptyString : namespace
    if let known = results[binding.index][key] { return known }
    var result = find(binding.binding, resource, namespace: key)
    if case .found(let params) = result {
      result = .found(params.map { shown($0, resource, in: apiVersion) })
    }
    results[binding.index].set(result, for: arena.copy(key))
    return result
  }

  /// A parameter in another version of its kind; as it stands where that is not known.
  private func shown(_ param: Manifest, _ resource: Resource, in apiVersion: String) -> Manifest {
    func index(_ text: String) -> Int? {
      resource.apiVersionValues.firstIndex { $0.asString == text }
    }
    guard let own = param.apiVersion.asString, own != apiVersion, let source = index(own),
      let wanted = index(apiVersion)
    else { return param }
    let arena = Arena(firstChunkByteCount: 1024)
    let converter = VersionConverter(resource, to: wanted, arena)
    guard let value = converter.converted(param.value, from: source) else { return param }
    let document = Document(root: value, arena: arena, borrowing: [param.document])
    return Manifest(document: document, value: value, resource: param.resource)
  }

  /// The objects of a namespaced resource in a namespace, by name.
  private mutating func objects(of resource: Resource, in namespace: Value) -> [Manifest] {
    if let known = objects[resource.index] { return known[namespace] ?? [] }
    var table = ValueTable<[Manifest]>()
    let fallback = arena.string("default")
    for object in cluster.objects(of: resource) {
      let key = object.namespace.isKind(.string) ? object.namespace : fallback
      if let index = table.index(of: key) {
        table.update(index) { $0.append(object) }
      } else {
        table.set([object], for: arena.copy(key))
      }
    }
    objects[resource.index] = table
    return table[namespace] ?? []
  }

  private mutating func find(
    _ binding: PolicyBinding, _ resource: Resource, namespace: Value
  ) -> Result {
    guard let reference = binding.paramRef else { return .null }
    var found: [Manifest]
    if resource.scope == .namespaced {
      let wanted = reference.namespace.map { arena.string($0) } ?? namespace
      if wanted.count == 0 {
        return .problem(
          "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
      }
      found = objects(of: resource, in: wanted)
    } else if reference.namespace != nil {
      return .problem(
        "paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    } else {
      found = cluster.objects(of: resource)
    }
    switch reference.choice {
    case .name(let name): found = found.filter { $0.name.asString == name }
    case .selector(let selector):
      found = found.filter {
        selects(selector: selector, labels: $0.value["metadata"]["labels"])
      }
    }
    if found.isEmpty, !reference.allowsNotFound {
      return .problem(Self.nothingFound)
    }
    return .found(found)
  }
}
