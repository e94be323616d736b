public import Documents

/// Which requests a policy or a binding looks at (`MatchResources`).
public struct MatchResources: Sendable {
  /// A `LabelSelector` for the labels of the namespace; absent selects every one.
  public let namespaceSelector: Value
  /// A `LabelSelector` for the labels of the object, new or old; absent selects every one.
  public let objectSelector: Value
  /// Whether a request in another version of the same resource matches too.
  public let matchesEquivalent: Bool
  /// A request must match one of them; an empty list on a binding matches all.
  public let resourceRules: [ResourceRule]
  /// A request that matches one of them is left out.
  public let excludeResourceRules: [ResourceRule]
}

/// One entry of `resourceRules` or `excludeResourceRules` (`NamedRuleWithOperations`).
public struct ResourceRule: Sendable {
  /// Names of objects; empty for all.
  public let resourceNames: [String]
  /// The operations; all four for `*`.
  public let operations: Set<Operation>
  /// API groups, `*` for all.
  public let apiGroups: [String]
  /// API versions, `*` for all.
  public let apiVersions: [String]
  /// `plural`, `plural/subresource`, `plural/*`, `*/subresource`, `*`, `*/*`.
  public let resources: [String]
  /// Nil for both.
  public let scope: ResourceScope?
}

/// What a request wants to do.
public enum Operation: String, Sendable, CaseIterable {
  case create = "CREATE"
  case update = "UPDATE"
  case delete = "DELETE"
  case connect = "CONNECT"
}

/// The scope in a resource rule. Namespaces themselves count as cluster-scoped.
public enum ResourceScope: String, Sendable {
  case namespaced = "Namespaced"
  case cluster = "Cluster"
}
