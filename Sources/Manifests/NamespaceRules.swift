public import Documents

/// Whether the objects of a kind live in a namespace.
public enum Scope: String, Sendable {
  case namespaced = "Namespaced"
  case cluster = "Cluster"
}

/// Why an object has no valid place in a cluster.
public enum NamespaceProblem: Error, Hashable, Sendable {
  /// A cluster-scoped kind with `metadata.namespace`.
  case clusterScopedWithNamespace(String)
  /// A namespaced kind without a namespace, in a unit that has none to give.
  case missing

  /// What is wrong, for an object of `kind`.
  public func message(kind: String) -> String {
    switch self {
    case .clusterScopedWithNamespace(let namespace):
      "'\(kind)' is cluster-scoped, but the object has the namespace '\(namespace)'"
    case .missing:
      "'\(kind)' is namespaced, but neither the object nor its intent has a namespace"
    }
  }

  /// The way out.
  public var help: String {
    switch self {
    case .clusterScopedWithNamespace: "remove 'metadata.namespace'"
    case .missing: "set 'metadata.namespace'"
    }
  }
}

/// The namespace an object ends up in: its own, or its unit's where a namespaced object has none.
///
/// `written` is the object's `metadata.namespace`; absent, null and the empty string count as not
/// written. `inherited` is the unit's namespace, absent when it has none. The answer is absent for
/// a cluster-scoped kind.
public func resolvedNamespace(
  written: Value, inherited: Value, scope: Scope
) -> Result<Value, NamespaceProblem> {
  let isWritten = written.isKind(.string) && written.count > 0
  switch scope {
  case .cluster:
    return isWritten
      ? .failure(.clusterScopedWithNamespace(written.asString ?? "")) : .success(.absent)
  case .namespaced:
    if isWritten { return .success(written) }
    return inherited.isKind(.string) && inherited.count > 0
      ? .success(inherited) : .failure(.missing)
  }
}
