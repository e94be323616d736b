public import Diagnostics
public import Documents
public import Manifests

/// What an API server would ask policies about: one object that comes, changes or goes.
public struct AdmissionRequest: Sendable {
  /// Why no request can be made of an object.
  public enum Problem: Error, Hashable, Sendable {
    /// It has no `apiVersion` or no `kind`.
    case noKind
    /// Neither built in nor given by a CustomResourceDefinition.
    case unknownKind(String)
    /// The kind is known, its version is not served.
    case unservedVersion(String)
    /// API servers ask no policies about the kind.
    case neverAsked(String)
    /// The object was written in another version before, and cannot be converted here.
    case notConvertible(from: String)

    /// The reason for a ledger.
    public var reason: String {
      switch self {
      case .noKind: "it has no 'apiVersion' or no 'kind'"
      case .unknownKind(let kind):
        "the kind '\(kind)' is not known: give its CustomResourceDefinition under 'schemas'"
      case .unservedVersion(let version): "'\(version)' is not served"
      case .notConvertible(let version):
        "it was written in '\(version)' before and cannot be converted here"
      case .neverAsked(let kind): "API servers ask no policies about '\(kind)'"
      }
    }
  }

  /// What is wanted.
  public let operation: Operation
  /// The object as it shall be; nil for DELETE.
  public let object: Manifest?
  /// The object as it was; nil for CREATE.
  public let oldObject: Manifest?
  /// The object as it was written, before a server would fill anything in: what only the policies of a
  /// repository can look at. Nil for DELETE, and where it is `object` itself.
  public var written: Manifest?
  /// Its resource.
  public let resource: Resource
  /// The version of the resource that the request is in: an index into its versions.
  let versionIndex: Int
  /// The object's name; absent when the server makes one.
  let name: Value
  /// The request's namespace; absent for a cluster-scoped object, but for a Namespace its own name.
  let namespace: Value

  /// A request that creates an object.
  public static func create(
    _ object: Manifest, in directory: ResourceDirectory
  ) -> Result<AdmissionRequest, Problem> {
    make(.create, object: object, oldObject: nil, directory)
  }

  /// A request that changes an object. An old object of another version is converted.
  public static func update(
    _ object: Manifest, from oldObject: Manifest, in directory: ResourceDirectory
  ) -> Result<AdmissionRequest, Problem> {
    make(.update, object: object, oldObject: oldObject, directory)
  }

  /// A request that deletes an object.
  public static func delete(
    _ oldObject: Manifest, in directory: ResourceDirectory
  ) -> Result<AdmissionRequest, Problem> {
    make(.delete, object: nil, oldObject: oldObject, directory)
  }

  private static func make(
    _ operation: Operation, object: Manifest?, oldObject: Manifest?, _ directory: ResourceDirectory
  ) -> Result<AdmissionRequest, Problem> {
    guard let subject = object ?? oldObject, !subject.kind.isAbsent, !subject.apiVersion.isAbsent
    else { return .failure(.noKind) }
    let (group, version) = groupAndVersion(of: subject.apiVersion)
    guard let resource = directory.resource(kind: subject.kind, group: group) else {
      return .failure(.unknownKind(kindText(subject)))
    }
    guard let index = resource.versionValues.firstIndex(where: { $0.hasSameBytes(as: version) })
    else { return .failure(.unservedVersion(subject.apiVersion.asString ?? "")) }
    guard resource.isSeenByPolicies else { return .failure(.neverAsked(kindText(subject))) }
    var oldObject = oldObject
    if let object, let old = oldObject, !old.apiVersion.hasSameBytes(as: object.apiVersion) {
      guard let converted = convert(old, resource, to: index) else {
        return .failure(.notConvertible(from: old.apiVersion.asString ?? ""))
      }
      oldObject = converted
    }
    let namespace: Value =
      resource.isNamespace
      ? subject.name : resource.scope == .namespaced ? subject.namespace : .absent
    return .success(
      AdmissionRequest(
        operation: operation, object: object, oldObject: oldObject, resource: resource,
        versionIndex: index, name: subject.name, namespace: namespace))
  }

  private static func convert(
    _ manifest: Manifest, _ resource: Resource, to version: Int
  ) -> Manifest? {
    let own = groupAndVersion(of: manifest.apiVersion).version
    guard let source = resource.versionValues.firstIndex(where: { $0.hasSameBytes(as: own) }) else {
      return nil
    }
    let arena = Arena(firstChunkByteCount: 1024)
    let converter = VersionConverter(resource, to: version, arena)
    return converter.converted(manifest.value, from: source).map { value in
      let document = Document(root: value, arena: arena, borrowing: [manifest.document])
      return Manifest(document: document, value: value, resource: manifest.resource)
    }
  }

  private static func kindText(_ manifest: Manifest) -> String {
    let identity = manifest.identity
    return identity.group.isEmpty ? identity.kind : "\(identity.kind).\(identity.group)"
  }

  /// The object that is meant, as findings name it.
  public var reference: ObjectReference? { (object ?? oldObject)?.reference }
}

/// Who asks, and what else a request says that no object does: the same for all of a run.
public struct Requester: Sendable {
  /// A map with any of `userInfo`, `dryRun` and `options`, as in an AdmissionRequest.
  public let facts: Document
  /// Whether the user was given rather than assumed.
  public let isGiven: Bool

  /// Whether an API server lets the user do everything, whatever its authorizer says.
  var mayDoEverything: Bool {
    facts.root["userInfo"]["groups"].elements.contains { $0.isString("system:masters") }
  }

  /// A requester from what a file says of an AdmissionRequest.
  ///
  /// The groups that an API server gives every user are added: `system:authenticated`, and to a service account without
  /// groups those of service accounts (apiserver 1.36, `endpoints/filters/impersonation.go`).
  public init(_ facts: Document) {
    isGiven = !facts.root["userInfo"].isAbsent
    let user = facts.root["userInfo"]
    var groups = user["groups"].elements.compactMap(\.asString)
    let written = groups.count
    guard let name = user["username"].asString, !name.isEmpty else {
      self.facts = facts
      return
    }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    if groups.isEmpty, parts.count == 4, name.hasPrefix("system:serviceaccount:") {
      groups = ["system:serviceaccounts", "system:serviceaccounts:\(parts[2])"]
    }
    let known = ["system:authenticated", "system:unauthenticated"]
    if !groups.contains(where: known.contains) {
      groups.append(name == "system:anonymous" ? known[1] : known[0])
    }
    guard groups.count > written else {
      self.facts = facts
      return
    }
    let arena = Arena(firstChunkByteCount: 512)
    func setting(_ map: Value, _ key: String, to value: Value) -> Value {
      arena.map(
        map.entries.filter { $0.key.asString != key } + [
          MapEntry(key: arena.string(key), value: value)
        ])
    }
    let completed = setting(user, "groups", to: arena.list(groups.map { arena.string($0) }))
    self.facts = Document(
      root: setting(facts.root, "userInfo", to: completed), arena: arena, borrowing: [facts])
  }

  /// The service account that a delivery engine applies objects with: `argocd`, `flux`, or the
  /// name of another as `namespace/name`.
  public init(engine: String) {
    let parts = engine.split(separator: "/").map(String.init)
    let (namespace, account) =
      switch engine {
      case "flux": ("flux-system", "kustomize-controller")
      case _ where parts.count == 2: (parts[0], parts[1])
      default: ("argocd", "argocd-application-controller")
      }
    facts = Document { arena in
      let groups = [
        "system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated",
      ]
      return arena.map([
        "userInfo": arena.map([
          "username": arena.string("system:serviceaccount:\(namespace):\(account)"),
          "groups": arena.list(groups.map { arena.string($0) }),
        ])
      ])
    }
    isGiven = false
  }
}
