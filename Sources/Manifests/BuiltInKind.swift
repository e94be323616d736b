/// One kind of the Kubernetes API: its names, scope, and when each of its versions is served.
public final class BuiltInKind: Sendable {
  /// A version of the kind's group that has the kind, and the Kubernetes versions that serve it.
  public struct ServedVersion: Sendable, Hashable {
    /// The API version, such as `v1beta1`.
    public let version: String
    /// The first Kubernetes 1.x minor that serves it; 15 also stands for everything older.
    public let servedFrom: Int
    /// The first Kubernetes 1.x minor that serves it no more; nil while it is served.
    public let servedUntil: Int?
    /// Whether clusters serve it unless it is switched off: not so for alphas, nor for betas that
    /// came with 1.24 or later (KEP-3136).
    public let isOnByDefault: Bool

    /// Whether Kubernetes 1.`minor` can serve it.
    public func isServed(in minor: Int) -> Bool {
      minor >= servedFrom && (servedUntil.map { minor < $0 } ?? true)
    }
  }

  /// A subresource such as `status` or `scale`, and the Kubernetes versions that serve it.
  public struct Subresource: Sendable, Hashable {
    /// The last part of the resource's path: `pods/exec` is `exec`.
    public let name: String
    /// The first Kubernetes 1.x minor that serves it.
    public let servedFrom: Int
    /// The first Kubernetes 1.x minor that serves it no more; nil while it is served.
    public let servedUntil: Int?
  }

  /// The API group; empty for the core group.
  public let group: String
  /// The kind, such as `NetworkPolicy`.
  public let kind: String
  /// The resource's name in paths and rules, such as `networkpolicies`.
  public let plural: String
  /// What `kubectl` takes besides the plural, such as `netpol`.
  public let shortNames: [String]
  /// Whether its objects live in a namespace.
  public let scope: Scope
  /// All versions that the kind ever had, the most stable and newest first.
  public let versions: [ServedVersion]
  /// All subresources that the kind ever had, sorted by name.
  public let subresources: [Subresource]

  init(
    group: String, kind: String, plural: String, shortNames: [String], scope: Scope,
    versions: [ServedVersion], subresources: [Subresource]
  ) {
    self.group = group
    self.kind = kind
    self.plural = plural
    self.shortNames = shortNames
    self.scope = scope
    self.versions = versions
    self.subresources = subresources
  }

  /// The resource's name for one object: the kind in lower case.
  public var singular: String { kind.lowercased() }

  /// When a version is served; nil when the kind never had it.
  public func version(_ name: String) -> ServedVersion? { versions.first { $0.version == name } }

  /// The versions that Kubernetes 1.`minor` can serve, the most stable and newest first.
  public func versions(in minor: Int) -> [ServedVersion] {
    versions.filter { $0.isServed(in: minor) }
  }

  /// Whether Kubernetes 1.`minor` can serve the kind in the given version.
  public func isServed(_ name: String, in minor: Int) -> Bool {
    version(name)?.isServed(in: minor) ?? false
  }

  /// The names of the subresources in Kubernetes 1.`minor`, sorted.
  public func subresources(in minor: Int) -> [String] {
    subresources.filter { $0.servedFrom <= minor && minor < $0.servedUntil ?? .max }.map(\.name)
  }

  /// Whether the kind has a `status` subresource in Kubernetes 1.`minor`.
  public func hasStatus(in minor: Int) -> Bool { subresources(in: minor).contains("status") }
}

extension BuiltInKind {
  /// A kind from its line in `BuiltInKinds.table`; nil for a line of another form.
  convenience init?(line: Substring) {
    let columns = line.split(separator: "|", omittingEmptySubsequences: false)
    guard columns.count == 7 else { return nil }
    let versions = columns[5].split(separator: " ").compactMap(Self.servedVersion)
    guard let firstMinor = versions.map(\.servedFrom).min() else { return nil }
    let lastMinor =
      versions.contains { $0.servedUntil == nil }
      ? nil : versions.compactMap(\.servedUntil).max()
    self.init(
      group: String(columns[0]), kind: String(columns[1]), plural: String(columns[2]),
      shortNames: columns[4].split(separator: " ").map(String.init),
      scope: columns[3] == "N" ? .namespaced : .cluster, versions: versions,
      subresources: columns[6].split(separator: " ").compactMap { text in
        guard let colon = text.firstIndex(of: ":") else {
          return Subresource(
            name: String(text), servedFrom: firstMinor, servedUntil: lastMinor)
        }
        return span(text[text.index(after: colon)...]).map {
          Subresource(name: String(text[..<colon]), servedFrom: $0.from, servedUntil: $0.until)
        }
      })
  }

  private static func servedVersion(_ text: Substring) -> ServedVersion? {
    guard let colon = text.firstIndex(of: ":"), let span = span(text[text.index(after: colon)...])
    else { return nil }
    let isOff = text.first == "~"
    return ServedVersion(
      version: String(isOff ? text[..<colon].dropFirst() : text[..<colon]),
      servedFrom: span.from, servedUntil: span.until, isOnByDefault: !isOff)
  }
}

/// The two numbers of `19-22`; no second one for `19-`.
private func span(_ text: Substring) -> (from: Int, until: Int?)? {
  let parts = text.split(separator: "-")
  guard let first = parts.first, let from = Int(first) else { return nil }
  return (from, parts.count > 1 ? Int(parts[1]) : nil)
}
