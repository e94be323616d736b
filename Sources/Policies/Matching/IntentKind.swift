/// A kind of the files that developers write: policies may look at those files as at objects, although
/// no API server serves them.
public struct IntentKind: Hashable, Sendable {
  /// The API group; a policy must name it, since `*` means what a cluster has.
  public var group: String
  /// The version inside the group.
  public var version: String
  /// Such as `WebService`.
  public var kind: String
  /// Whether its objects live in no namespace.
  public var isClusterScoped: Bool

  /// A kind from its parts.
  public init(group: String, version: String, kind: String, isClusterScoped: Bool) {
    self.group = group
    self.version = version
    self.kind = kind
    self.isClusterScoped = isClusterScoped
  }

  /// What rules call it: the kind in lower case, in the plural.
  public var plural: String {
    let name = kind.lowercased()
    if ["s", "x", "z", "ch", "sh"].contains(where: name.hasSuffix) { return name + "es" }
    let beforeLast = name.dropLast().last
    if name.hasSuffix("y"), let beforeLast, !"aeiou".contains(beforeLast) {
      return name.dropLast() + "ies"
    }
    return name + "s"
  }
}
