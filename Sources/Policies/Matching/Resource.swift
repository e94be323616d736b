public import Documents
public import Manifests

/// One resource of an API server: what a kind is called in rules, and the versions served.
public final class Resource: Sendable {
  /// How an object becomes one of another version of its resource.
  enum Conversion: Sendable {
    /// Only `apiVersion` changes (a custom resource with the conversion strategy `None`).
    case rename
    /// HorizontalPodAutoscaler, `autoscaling/v1` and `autoscaling/v2`.
    case horizontalPodAutoscaler
    /// Not known here.
    case unknown
  }

  /// The position in its directory.
  let index: Int
  /// The API group; empty for the core group.
  public let group: String
  /// Such as `Deployment`.
  public let kind: String
  /// Such as `deployments`.
  public let plural: String
  /// Whether its objects live in a namespace.
  public let scope: Scope
  /// The versions that are served.
  public let versions: [String]
  let conversion: Conversion
  /// Whether its objects are intents, which no cluster serves.
  public let isIntent: Bool
  /// The texts above as values, in the directory's document.
  let groupValue: Value
  let kindValue: Value
  let pluralValue: Value
  let versionValues: [Value]
  let apiVersionValues: [Value]
  /// Whether this is the kind Namespace itself.
  let isNamespace: Bool

  init(_ facts: ResourceFacts, index: Int, arena: Arena) {
    self.index = index
    group = facts.group
    kind = facts.kind
    plural = facts.plural
    scope = facts.scope
    versions = facts.versions
    conversion = facts.conversion
    isIntent = facts.isIntent
    groupValue = arena.string(facts.group)
    kindValue = arena.string(facts.kind)
    pluralValue = arena.string(facts.plural)
    versionValues = facts.versions.map { arena.string($0) }
    apiVersionValues = facts.versions.map {
      arena.string(facts.group.isEmpty ? $0 : "\(facts.group)/\($0)")
    }
    isNamespace = facts.group.isEmpty && facts.kind == "Namespace"
  }

  /// Whether an API server ever asks policies about it: not about policies and webhooks themselves,
  /// nor about reviews that are not stored (kubernetes#129906).
  public var isSeenByPolicies: Bool {
    switch group {
    case "admissionregistration.k8s.io": false
    case "authentication.k8s.io", "authorization.k8s.io": !kind.hasSuffix("Review")
    default: true
    }
  }
}

/// What makes a resource, before it has a place in a directory.
struct ResourceFacts {
  var group: String
  var kind: String
  var plural: String
  var scope: Scope
  var versions: [String]
  var conversion: Resource.Conversion
  var isIntent = false
}

/// The resources that one Kubernetes version with given custom resources serves.
public final class ResourceDirectory: Sendable {
  /// The Kubernetes 1.x minor version.
  public let minor: Int
  /// All resources; a resource's `index` is its place here.
  let resources: [Resource]
  /// What the values of the resources point into.
  private let document: Document
  /// Resources of one kind name, by the name; nearly always one.
  private let byKind: ValueTable<[Int]>

  /// The built-in resources of Kubernetes 1.`minor` and those of CustomResourceDefinitions.
  ///
  /// Documents of other kinds are passed over; a definition without its names too. A definition of
  /// a built-in kind is passed over.
  /// Intents are known beside them, where no object of a cluster is of their kind.
  public init(
    minor: Int, definitions: [Document] = [], intents: [IntentKind] = []
  ) {
    self.minor = minor
    let arena = Arena()
    var facts = KindTable.builtIn.kinds.compactMap { ResourceFacts($0, minor: minor) }
    for definition in definitions {
      guard let custom = ResourceFacts(definition: definition.root),
        !facts.contains(where: { $0.group == custom.group && $0.kind == custom.kind })
      else { continue }
      facts.append(custom)
    }
    for intent in intents {
      if let known = facts.firstIndex(where: { $0.group == intent.group && $0.kind == intent.kind })
      {
        if facts[known].isIntent { facts[known].versions.append(intent.version) }
        continue
      }
      facts.append(
        ResourceFacts(
          group: intent.group, kind: intent.kind, plural: intent.plural,
          scope: intent.isClusterScoped ? .cluster : .namespaced, versions: [intent.version],
          conversion: .unknown, isIntent: true))
    }
    let resources = facts.enumerated().map { Resource($1, index: $0, arena: arena) }
    var byKind = ValueTable<[Int]>()
    for resource in resources {
      byKind.set((byKind[resource.kindValue] ?? []) + [resource.index], for: resource.kindValue)
    }
    self.resources = resources
    self.byKind = byKind
    document = Document(root: .null, arena: arena)
  }

  /// The resource of a kind by string values; nil when it is not known. Makes no texts.
  public func resource(kind: Value, group: Value) -> Resource? {
    guard kind.isKind(.string), let index = byKind.index(of: kind) else { return nil }
    for candidate in byKind.elements[index]
    where resources[candidate].groupValue.hasSameBytes(as: group) {
      return resources[candidate]
    }
    return nil
  }

  /// The resource of a kind in a version that is served; nil when there is none.
  func resource(kind: String, apiVersion: String) -> Resource? {
    let (group, version) = splitAPIVersion(apiVersion)
    return resources.first {
      $0.kind == kind && $0.group == group && $0.versions.contains(version)
    }
  }
}

extension ResourceFacts {
  fileprivate init?(_ kind: BuiltInKind, minor: Int) {
    let served = kind.versions(in: minor)
    guard !served.isEmpty else { return nil }
    let isAutoscaler = kind.group == "autoscaling" && kind.kind == "HorizontalPodAutoscaler"
    self.init(
      group: kind.group, kind: kind.kind, plural: kind.plural, scope: kind.scope,
      versions: served.map(\.version),
      conversion: isAutoscaler ? .horizontalPodAutoscaler : .unknown)
  }

  fileprivate init?(definition: Value) {
    guard definition["kind"].isString("CustomResourceDefinition") else { return nil }
    let spec = definition["spec"]
    guard let group = spec["group"].asString, let kind = spec["names"]["kind"].asString,
      let plural = spec["names"]["plural"].asString
    else { return nil }
    let versions = spec["versions"].elements.filter { $0["served"].asBool ?? true }
      .compactMap { $0["name"].asString }
    guard !versions.isEmpty else { return nil }
    let strategy = spec["conversion"]["strategy"]
    self.init(
      group: group, kind: kind, plural: plural,
      scope: spec["scope"].isString("Cluster") ? .cluster : .namespaced, versions: versions,
      conversion: strategy.isAbsent || strategy.isString("None") ? .rename : .unknown)
  }
}
