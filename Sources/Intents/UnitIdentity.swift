/// What tells one unit of a platform from all others: one intent in one environment.
///
/// Sorts by environment, namespace, group and kind, then name.
public struct UnitIdentity: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The environment's name; empty without a platform.
  public var environment: String
  /// The API group of the intent.
  public var group: String
  /// The kind of the intent.
  public var kind: String
  /// The namespace of the intent; nil for one without.
  public var namespace: String?
  /// The name of the intent.
  public var name: String

  /// An identity from its five parts.
  public init(environment: String, group: String, kind: String, namespace: String?, name: String) {
    self.environment = environment
    self.group = group
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// `environment: Kind/namespace/name`, without the parts that there are not.
  public var description: String {
    let prefix = environment.isEmpty ? "" : "\(environment): "
    return prefix + [kind, namespace, name].compactMap { $0 }.joined(separator: "/")
  }

  /// By environment, namespace, group, kind, then name.
  public static func < (left: UnitIdentity, right: UnitIdentity) -> Bool {
    (left.environment, left.namespace ?? "", left.group, left.kind, left.name)
      < (right.environment, right.namespace ?? "", right.group, right.kind, right.name)
  }
}
