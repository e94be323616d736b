public import Diagnostics

/// What tells one object of a cluster from all others, with the API version it is written in.
///
/// Sorts by kind, group, namespace, name, then version. Two objects that differ only in their
/// version are the same object in a cluster: compare `withoutVersion` to find duplicates.
public struct ObjectIdentity: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The API group; empty for the core group.
  public var group: String
  /// The version inside the group, such as `v1beta1`.
  public var version: String
  /// The kind, such as `Deployment`.
  public var kind: String
  /// Nil for a cluster-scoped object.
  public var namespace: String?
  /// `metadata.name`.
  public var name: String

  /// An identity from its five parts.
  public init(group: String, version: String, kind: String, namespace: String?, name: String) {
    self.group = group
    self.version = version
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// An identity whose group and version stand in one text, such as `apps/v1` or `v1`.
  public init(apiVersion: String, kind: String, namespace: String?, name: String) {
    let (group, version) = splitAPIVersion(apiVersion)
    self.init(group: group, version: version, kind: kind, namespace: namespace, name: name)
  }

  /// `group/version`; only the version for the core group.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// This identity with an empty version: equal for all versions of one object.
  public var withoutVersion: ObjectIdentity {
    var identity = self
    identity.version = ""
    return identity
  }

  /// This identity as findings name objects.
  public var reference: ObjectReference {
    ObjectReference(apiVersion: apiVersion, kind: kind, namespace: namespace, name: name)
  }

  /// `Kind.group/namespace/name`; without the group for the core group, without the namespace for
  /// a cluster-scoped object.
  public var description: String {
    var text = kind
    if !group.isEmpty { text += ".\(group)" }
    if let namespace { text += "/\(namespace)" }
    return text + "/\(name)"
  }

  /// By kind, group, namespace, name, then version, in byte order.
  public static func < (left: ObjectIdentity, right: ObjectIdentity) -> Bool {
    if left.kind != right.kind { return left.kind < right.kind }
    if left.group != right.group { return left.group < right.group }
    let leftNamespace = left.namespace ?? ""
    let rightNamespace = right.namespace ?? ""
    if leftNamespace != rightNamespace { return leftNamespace < rightNamespace }
    if left.name != right.name { return left.name < right.name }
    return left.version < right.version
  }
}

/// The group and the version of an `apiVersion`: `apps/v1` → `("apps", "v1")`, `v1` → `("", "v1")`.
///
/// The split is at the first `/`, as `schema.ParseGroupVersion` of apimachinery does.
public func splitAPIVersion(_ apiVersion: String) -> (group: String, version: String) {
  guard let slash = apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")) else {
    return ("", apiVersion)
  }
  return (
    String(apiVersion[..<slash]), String(apiVersion[apiVersion.utf8.index(after: slash)...])
  )
}
