public import Documents
import Manifests
import Schemas
import Synchronization

/// The kinds that an API server of one Kubernetes version serves: the built-in ones, and custom resources by their
/// CustomResourceDefinitions. The answer to what an object becomes when it is stored, and why one is refused.
///
/// Read from any thread. A kind is compiled when it is first asked for: below a millisecond.
public final class ServedKinds: Sendable {
  /// The minor of Kubernetes 1.x: 30 to 37; others are taken for the nearest of those.
  public let minor: Int

  /// Every custom kind by `group/version/Kind`, and the group and kind of each by `group/Kind`.
  let definitions: CustomDefinitions
  private let cache = Mutex<[KnownKind]>([])
  let workspaces = WorkspacePool()

  /// A kind that was asked for, under the texts that were asked for.
  private struct KnownKind {
    let apiVersion: Value
    let kind: Value
    /// Keeps the two texts alive.
    let names: Document
    let served: ServedKind?
  }

  /// The kinds of Kubernetes 1.`minor` and those that the CustomResourceDefinitions among `customResources` define;
  /// other documents are passed over.
  public init(minor: Int, customResources: [Document] = []) {
    self.minor = min(max(minor, TypePack.minors.lowerBound), TypePack.minors.upperBound)
    definitions = CustomDefinitions(customResources)
  }

  /// The kind of an `apiVersion` such as `apps/v1`; nil when it is not served, or not known.
  public func kind(apiVersion: String, kind: String) -> ServedKind? {
    let names = Document { $0.list([$0.string(apiVersion), $0.string(kind)]) }
    return self.kind(apiVersion: names.root.elements[0], kind: names.root.elements[1])
  }

  /// The kind by two string values, without making texts once it is known.
  func kind(apiVersion: Value, kind: Value) -> ServedKind? {
    cache.withLock { known in
      for entry in known
      where entry.kind.hasSameBytes(as: kind) && entry.apiVersion.hasSameBytes(as: apiVersion) {
        return entry.served
      }
      let names = Document { $0.list([$0.copy(apiVersion), $0.copy(kind)]) }
      let served = made(apiVersion.asString ?? "", kind.asString ?? "")
      known.append(
        KnownKind(
          apiVersion: names.root.elements[0], kind: names.root.elements[1], names: names,
          served: served))
      return served
    }
  }

  private func made(_ apiVersion: String, _ kind: String) -> ServedKind? {
    if let custom = definitions.kind(apiVersion: apiVersion, kind: kind) {
      return ServedKind(custom: custom, apiVersion: apiVersion, kind: kind, minor: minor)
    }
    guard
      let builtIn = KindTable.builtIn.servedKind(kind, apiVersion: apiVersion, minor: minor),
      let name = TypePack.shared.typeName(apiVersion: apiVersion, kind: kind),
      let types = ServedTypes(
        root: name, minor: minor, pack: .shared,
        ServedTypes.Root(
          apiVersion: apiVersion, isNamespaced: builtIn.scope == .namespaced,
          dropsStatus: builtIn.hasStatus(in: minor), dropsServerFields: true))
    else { return nil }
    return ServedKind(
      types: types, group: builtIn.group, apiVersion: apiVersion, kind: kind,
      isNamespaced: builtIn.scope == .namespaced, hasStatus: builtIn.hasStatus(in: minor),
      minor: minor, warning: deprecation(apiVersion: apiVersion, kind: kind)?.error)
  }
}

/// One served kind in one version.
public final class ServedKind: @unchecked Sendable {
  /// `apps/v1`.
  public let apiVersion: String
  /// The API group; empty for the core group.
  public let group: String
  /// `Deployment`.
  public let kind: String
  /// Whether its objects live in a namespace.
  public let isNamespaced: Bool
  /// Whether `status` is a subresource: what an object says of it is dropped.
  public let hasStatus: Bool

  /// Types of a built-in kind.
  let types: ServedTypes?
  let custom: CustomKind?
  let validator: KindValidator?
  let nameForm: ObjectValidation.ObjectName
  /// Whether finalizers have to be known or qualified.
  let asksForQualifiedFinalizers: Bool
  /// What is said of each of its objects: that the version is on its way out.
  let warnings: [ObjectError]
  /// What the preparation of its objects does beyond their types.
  let preparation: Preparation.Step

  init(
    types: ServedTypes, group: String, apiVersion: String, kind: String, isNamespaced: Bool,
    hasStatus: Bool, minor: Int, warning: ObjectError?
  ) {
    self.types = types
    warnings = warning.map { [$0] } ?? []
    preparation = Preparation.Step(group: group, kind: kind)
    self.group = group
    self.apiVersion = apiVersion
    self.kind = kind
    self.isNamespaced = isNamespaced
    self.hasStatus = hasStatus
    custom = nil
    validator = kindValidator(group: group, kind: kind)
    nameForm = ObjectValidation.ObjectName(group: group, kind: kind, minor: minor)
    asksForQualifiedFinalizers = ![
      "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io",
    ].contains(group)
  }

  init(custom: CustomKind, apiVersion: String, kind: String, minor: Int) {
    types = nil
    warnings = []
    preparation = .none
    self.custom = custom
    self.apiVersion = apiVersion
    self.kind = kind
    group = custom.group
    isNamespaced = custom.isNamespaced
    hasStatus = custom.hasStatus
    validator = nil
    nameForm = .subdomain
    asksForQualifiedFinalizers = false
  }
}
