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
  convenience init?(line: UnsafeBufferPointer<UInt8>) {
    var columns = Words(line, separator: UInt8(ascii: "|"))
    guard let group = columns.next(), let kind = columns.next(), let plural = columns.next(),
      let scope = columns.next(), let shortNames = columns.next(),
      let versionsText = columns.next(), let subresourcesText = columns.next()
    else { return nil }
    let versions = words(versionsText).map(Self.servedVersion)
    guard let firstMinor = versions.map(\.servedFrom).min() else { return nil }
    let lastMinor =
      versions.contains { $0.servedUntil == nil }
      ? nil : versions.compactMap(\.servedUntil).max()
    self.init(
      group: text(group), kind: text(kind), plural: text(plural),
      shortNames: words(shortNames).map(text),
      scope: scope.first == UInt8(ascii: "N") ? .namespaced : .cluster, versions: versions,
      subresources: words(subresourcesText).map { word in
        let (name, from, until) = span(word)
        return Subresource(
          name: name, servedFrom: from ?? firstMinor, servedUntil: from == nil ? lastMinor : until)
      })
  }

  /// `v1:19-`, or `~v1alpha1:15-22` for a version that is off by default.
  private static func servedVersion(_ word: UnsafeBufferPointer<UInt8>) -> ServedVersion {
    let isOff = word.first == UInt8(ascii: "~")
    let (name, from, until) = span(isOff ? UnsafeBufferPointer(rebasing: word.dropFirst()) : word)
    return ServedVersion(
      version: name, servedFrom: from ?? 0, servedUntil: until, isOnByDefault: !isOff)
  }
}

/// The parts of a byte text between separators, without copies. Substrings cost twenty times as
/// much, and the table is read at the start of every rendering.
struct Words: Sequence, IteratorProtocol {
  private var rest: UnsafeBufferPointer<UInt8>?
  private let separator: UInt8

  init(_ text: UnsafeBufferPointer<UInt8>, separator: UInt8) {
    rest = text
    self.separator = separator
  }

  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    guard let text = rest else { return nil }
    var end = 0
    while end < text.count, text[end] != separator { end += 1 }
    rest = end < text.count ? UnsafeBufferPointer(rebasing: text[(end + 1)...]) : nil
    return UnsafeBufferPointer(rebasing: text[..<end])
  }
}

/// The words between single spaces; none of an empty text.
private func words(_ text: UnsafeBufferPointer<UInt8>) -> [UnsafeBufferPointer<UInt8>] {
  text.isEmpty ? [] : Array(Words(text, separator: UInt8(ascii: " ")))
}

private func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  String(decoding: bytes, as: UTF8.self)
}

/// The name and the numbers of `name:19-22`; no last number for `name:19-`, none for `name`.
private func span(
  _ word: UnsafeBufferPointer<UInt8>
) -> (name: String, from: Int?, until: Int?) {
  guard let colon = word.firstIndex(of: UInt8(ascii: ":")) else { return (text(word), nil, nil) }
  var numbers: [Int?] = [nil, nil]
  var index = 0
  for byte in word[(colon + 1)...] {
    if byte == UInt8(ascii: "-") {
      index = 1
    } else {
      numbers[index] = (numbers[index] ?? 0) * 10 + Int(byte & 15)
    }
  }
  return (text(UnsafeBufferPointer(rebasing: word[..<colon])), numbers[0], numbers[1])
}
