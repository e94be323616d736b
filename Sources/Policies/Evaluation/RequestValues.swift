import Documents

/// Makes the values of `request` and `namespaceObject`, when an expression reads them.
struct RequestValues {
  private static let keys = Document { arena in
    arena.list(
      [
        "group", "version", "kind", "resource", "requestKind", "requestResource", "name",
        "namespace", "operation", "userInfo", "dryRun", "options", "apiVersion", "metadata",
        "spec", "status", "meta.k8s.io/v1", "finalizers", "phase", "kubernetes", "Active", "labels",
      ].map { arena.string($0) })
  }

  private static func key(_ index: Int) -> Value { keys.root.elements[index] }

  private static let operations = Document { arena in
    arena.list(Operation.allCases.map { arena.string($0.rawValue) })
  }
  private static let optionKinds = Document { arena in
    arena.list(
      ["CreateOptions", "UpdateOptions", "DeleteOptions", "PodExecOptions"].map { arena.string($0) }
    )
  }

  /// The value of `request`. What Go's `omitempty` leaves out is not there.
  ///
  /// `matchedVersion` is the version of the resource that the policy matched.
  static func request(
    _ request: AdmissionRequest, matchedVersion: Int, requester: Requester, _ arena: Arena
  ) -> Value {
    let resource = request.resource
    var entries = [
      MapEntry(key: key(2), value: groupVersion(resource, matchedVersion, 2, arena)),
      MapEntry(key: key(3), value: groupVersion(resource, matchedVersion, 3, arena)),
      MapEntry(key: key(4), value: groupVersion(resource, request.versionIndex, 2, arena)),
      MapEntry(key: key(5), value: groupVersion(resource, request.versionIndex, 3, arena)),
    ]
    if request.name.count > 0 { entries.append(MapEntry(key: key(6), value: request.name)) }
    if request.namespace.count > 0 {
      entries.append(MapEntry(key: key(7), value: request.namespace))
    }
    let operation = Operation.allCases.firstIndex(of: request.operation) ?? 0
    entries.append(MapEntry(key: key(8), value: operations.root.elements[operation]))
    let facts = requester.facts.root
    let user = facts.lookup(key(9))
    entries.append(MapEntry(key: key(9), value: user.isKind(.map) ? user : .emptyMap))
    let dryRun = facts.lookup(key(10))
    entries.append(MapEntry(key: key(10), value: dryRun.isKind(.bool) ? dryRun : .false))
    let options = facts.lookup(key(11))
    entries.append(
      MapEntry(
        key: key(11),
        value: options.isKind(.map)
          ? options
          : arena.map([
            MapEntry(key: key(2), value: optionKinds.root.elements[operation]),
            MapEntry(key: key(12), value: key(16)),
          ])))
    return arena.map(entries)
  }

  private static func groupVersion(
    _ resource: Resource, _ version: Int, _ last: Int, _ arena: Arena
  ) -> Value {
    arena.map([
      MapEntry(key: key(0), value: resource.groupValue),
      MapEntry(key: key(1), value: resource.versionValues[version]),
      MapEntry(key: key(last), value: last == 2 ? resource.kindValue : resource.pluralValue),
    ])
  }

  /// The value of `namespaceObject` for a namespace as a live one is: with the finalizer and the
  /// phase that the API server gives it.
  static func namespaceObject(_ namespace: ClusterState.Namespace, _ arena: Arena) -> Value {
    var metadata = namespace.value["metadata"].entries.filter {
      !$0.key.hasSameBytes(as: key(21)) && !$0.key.hasSameBytes(as: key(6)) && $0.value.count > 0
    }
    metadata.append(MapEntry(key: key(6), value: namespace.name))
    metadata.append(MapEntry(key: key(21), value: namespace.labels))
    var spec = namespace.value["spec"]
    if spec.count == 0 {
      spec = arena.map([MapEntry(key: key(17), value: arena.list([key(19)]))])
    }
    var status = namespace.value["status"]
    if status.count == 0 { status = arena.map([MapEntry(key: key(18), value: key(20))]) }
    return arena.map([
      MapEntry(key: key(13), value: arena.map(Array(metadata))),
      MapEntry(key: key(14), value: spec), MapEntry(key: key(15), value: status),
    ])
  }
}
