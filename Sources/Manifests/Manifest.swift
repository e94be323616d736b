public import Diagnostics
public import Documents

/// One rendered object.
///
/// Its names are values of the document's arena; texts are made only when asked for, since there
/// may be tens of thousands of manifests and most are never printed.
public struct Manifest: Sendable {
  /// The memory that all values of this manifest point into.
  public let document: Document
  /// The object: a map with `apiVersion`, `kind` and `metadata`.
  public let value: Value
  /// A string such as `apps/v1`; absent when the object has none.
  public let apiVersion: Value
  /// A string such as `Deployment`; absent when the object has none.
  public let kind: Value
  /// `metadata.name`; absent when the object has none.
  public let name: Value
  /// `metadata.namespace`; absent for a cluster-scoped object.
  public let namespace: Value
  /// The id of the golden path's resource that it was rendered from; empty when it has none.
  public let resource: String
  /// Whether other units of the environment may ask for the same object, byte for byte.
  public var isShared = false

  /// A manifest whose names are read from the object; what is no string counts as absent.
  public init(document: Document, value: Value, resource: String = "") {
    let metadata = value.lookup(Names.metadata)
    self.init(
      document: document, value: value,
      apiVersion: stringOrAbsent(value.lookup(Names.apiVersion)),
      kind: stringOrAbsent(value.lookup(Names.kind)),
      name: stringOrAbsent(metadata.lookup(Names.name)),
      namespace: stringOrAbsent(metadata.lookup(Names.namespace)), resource: resource)
  }

  /// A manifest whose names are known already.
  public init(
    document: Document, value: Value, apiVersion: Value, kind: Value, name: Value,
    namespace: Value, resource: String = ""
  ) {
    self.document = document
    self.value = value
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.namespace = namespace
    self.resource = resource
  }

  /// A manifest that is a whole document.
  public init(_ document: Document, resource: String = "") {
    self.init(document: document, value: document.root, resource: resource)
  }

  /// The API group as a string value, without a copy; the empty string for the core group.
  public var group: Value { groupAndVersion(of: apiVersion).group }

  /// The version inside the group as a string value, without a copy.
  public var version: Value { groupAndVersion(of: apiVersion).version }

  /// The identity in texts; parts that are absent are empty, an absent namespace is nil.
  public var identity: ObjectIdentity {
    let (group, version) = groupAndVersion(of: apiVersion)
    return ObjectIdentity(
      group: group.asString ?? "", version: version.asString ?? "", kind: kind.asString ?? "",
      namespace: namespace.asString, name: name.asString ?? "")
  }

  /// The identity as findings name objects.
  public var reference: ObjectReference { identity.reference }

  /// What is equal exactly for manifests of one object; makes no texts.
  public var key: ManifestKey { ManifestKey(self) }
}

/// The group, kind, namespace and name of a manifest, for finding duplicates among many.
///
/// Equal for all versions of one object. Valid for as long as the manifest's document lives.
public struct ManifestKey: Hashable, Sendable {
  private let group: Value
  private let kind: Value
  private let namespace: Value
  private let name: Value

  /// The key of a manifest.
  public init(_ manifest: Manifest) {
    self.init(
      group: manifest.group, kind: manifest.kind, namespace: manifest.namespace,
      name: manifest.name)
  }

  /// A key from string values; an absent namespace for a cluster-scoped object.
  public init(group: Value, kind: Value, namespace: Value, name: Value) {
    self.group = group
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// Whether two keys are those of one object.
  public static func == (left: ManifestKey, right: ManifestKey) -> Bool {
    left.name.hasSameBytes(as: right.name) && left.namespace.hasSameBytes(as: right.namespace)
      && left.kind.hasSameBytes(as: right.kind) && left.group.hasSameBytes(as: right.group)
  }

  /// Feeds kind, namespace and name; the group hardly ever decides.
  public func hash(into hasher: inout Hasher) {
    for part in [kind, namespace, name] {
      hasher.combine(part.count)
      hasher.combine(bytes: UnsafeRawBufferPointer(part.utf8))
    }
  }
}

/// The two parts of an `apiVersion` as string values over the same memory.
///
/// The group of `v1` is the empty string. Both are absent when the value is no string.
public func groupAndVersion(of apiVersion: Value) -> (group: Value, version: Value) {
  guard apiVersion.isKind(.string) else { return (.absent, .absent) }
  let bytes = apiVersion.utf8
  guard let start = bytes.baseAddress, let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
    return (.emptyString, apiVersion)
  }
  return (part(start, slash), part(start + slash + 1, bytes.count - slash - 1))
}

private func part(_ start: UnsafePointer<UInt8>, _ count: Int) -> Value {
  count == 0 ? .emptyString : .string(at: start, count: count, isASCII: isAllASCII(start, count))
}

private func stringOrAbsent(_ value: Value) -> Value { value.isKind(.string) ? value : .absent }

/// Keys that every object has, as values that are made once.
enum Names {
  private static let arena = Document { arena in
    arena.list(["apiVersion", "kind", "metadata", "name", "namespace"].map { arena.string($0) })
  }
  static let apiVersion = arena.root.elements[0]
  static let kind = arena.root.elements[1]
  static let metadata = arena.root.elements[2]
  static let name = arena.root.elements[3]
  static let namespace = arena.root.elements[4]
}
