public import Diagnostics
public import Documents
import Manifests

/// One intent as its developer wrote it: what some golden path is to make, for all environments.
public struct Intent: Sendable {
  /// The file it stands in.
  public let file: String
  /// The 0-based index of its document in the file.
  public let documentIndex: Int
  /// Its document; the root is the map with `apiVersion`, `kind`, `metadata` and `spec`.
  public let document: Document
  /// Such as `acme.dev/v1alpha1`.
  public let apiVersion: String
  /// Such as `WebService`.
  public let kind: String
  /// `metadata.name`: an RFC 1123 subdomain.
  public let name: String
  /// `metadata.namespace`: an RFC 1123 label; nil when it has none.
  public let namespace: String?
  /// The environments it is for, sorted; nil for every one of the platform.
  public let environments: [String]?

  /// The API group; empty for an `apiVersion` without one.
  public var group: String { splitAPIVersion(apiVersion).group }

  /// `Kind/namespace/name`, as findings and waivers name it.
  public var reference: String {
    [kind, namespace, name].compactMap { $0 }.joined(separator: "/")
  }

  /// Whether the intent is for an environment.
  public func isFor(_ environment: String) -> Bool {
    environments?.contains(environment) ?? true
  }

  /// The unit of this intent in an environment; the empty name stands for no platform.
  public func unit(in environment: String) -> UnitIdentity {
    UnitIdentity(
      environment: environment, group: group, kind: kind, namespace: namespace, name: name)
  }

  /// The place of a field of the intent's document.
  public func place(_ path: FieldPath, part: Place.Part = .value) -> Place {
    .field(file, document: documentIndex, path, part: part)
  }

  /// Where patches stand: in the base, and in each environment's block. Paths of maps from a
  /// resource's id to the merge patch of its objects.
  public var patchesPaths: [FieldPath] {
    let root = document.root
    let own = root["environments"].entries.compactMap(\.key.asString)
      .map { FieldPath(keys: "environments", $0, "patches") }
    return ([FieldPath(keys: "patches")] + own).filter { root[$0].isKind(.map) }
  }

  /// The merge patch of an environment: a map, absent when there is none.
  func patch(for environment: String) -> Value {
    let patch = document.root["environments"][environment]
    return patch.isKind(.map) ? patch : .absent
  }

  static let knownFields = ["apiVersion", "kind", "metadata", "spec", "environments", "patches"]
  static let knownMetadata = ["name", "namespace", "labels", "annotations"]
}
