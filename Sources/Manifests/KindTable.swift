public import Documents

/// The kinds of the Kubernetes API by name: kind ⇄ resource, scope, subresources, when served.
///
/// What it does not have is unknown (nil): a custom resource, or a typo. Nothing is guessed.
public final class KindTable: Sendable {
  /// Every built-in kind that Kubernetes 1.15 to the newest known version ever served; read from
  /// its text on first use.
  public static let builtIn = KindTable()

  /// The newest Kubernetes 1.x minor that the table was made from.
  public static let newestMinor = BuiltInKinds.newestMinor

  /// The minors of Kubernetes 1.x that objects can be held against.
  public static var checkedMinors: ClosedRange<Int> { 30...newestMinor }

  /// All kinds, sorted by group and kind.
  public let kinds: [BuiltInKind]

  private let byKind: [String: [Int]]
  private let byPlural: [String: [Int]]
  private let groups: Set<String>
  /// The names of each kind and group as values, for lookups without texts.
  private let names: Document
  /// Open addressing over `kinds` by the kind's name: index plus one, or 0.
  private let slots: [UInt8]

  private init() {
    let kinds = BuiltInKinds.table.withUTF8Buffer { text in
      Words(text, separator: UInt8(ascii: "\n")).compactMap(BuiltInKind.init(line:))
    }
    self.kinds = kinds
    byKind = Dictionary(grouping: kinds.indices) { kinds[$0].kind }
    byPlural = Dictionary(grouping: kinds.indices) { kinds[$0].plural }
    groups = Set(kinds.map(\.group))
    names = Document { arena in
      arena.list(kinds.map { arena.list([arena.string($0.kind), arena.string($0.group)]) })
    }
    precondition(kinds.count < 200, "the slots of the table are for fewer kinds")
    var slots = [UInt8](repeating: 0, count: 512)
    for (index, name) in names.root.elements.enumerated() {
      var slot = KindTable.slot(name.elements[0])
      while slots[slot] != 0 { slot = (slot + 1) & 511 }
      slots[slot] = UInt8(index + 1)
    }
    self.slots = slots
  }

  private static func slot(_ kind: Value) -> Int { Int(truncatingIfNeeded: kind.meta >> 48) & 511 }

  /// The kind of a group; nil when there is none of that name.
  public func kind(_ kind: String, group: String) -> BuiltInKind? {
    byKind[kind]?.lazy.map { self.kinds[$0] }.first { $0.group == group }
  }

  /// The kind of a group by string values, without making texts; nil when there is none.
  public func kind(_ kind: Value, group: Value) -> BuiltInKind? {
    guard kind.isKind(.string), group.isKind(.string) else { return nil }
    var slot = KindTable.slot(kind)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      let name = names.root.elements[index]
      if name.elements[0].hasSameBytes(as: kind), name.elements[1].hasSameBytes(as: group) {
        return kinds[index]
      }
      slot = (slot + 1) & 511
    }
    return nil
  }

  /// The kind of a manifest; nil when it is not built in.
  public func kind(of manifest: Manifest) -> BuiltInKind? {
    kind(manifest.kind, group: manifest.group)
  }

  /// The kind of an `apiVersion` such as `apps/v1` that Kubernetes 1.`minor` can serve; nil when
  /// it is unknown or not served there.
  public func servedKind(_ kind: String, apiVersion: String, minor: Int) -> BuiltInKind? {
    let (group, version) = splitAPIVersion(apiVersion)
    guard let entry = self.kind(kind, group: group), entry.isServed(version, in: minor) else {
      return nil
    }
    return entry
  }

  /// The kind whose resource is `plural` in a group, such as `ingresses` in `networking.k8s.io`.
  public func kind(plural: String, group: String) -> BuiltInKind? {
    byPlural[plural]?.lazy.map { self.kinds[$0] }.first { $0.group == group }
  }

  /// All kinds that a person may mean by a word: a kind, plural, singular or short name, case
  /// ignored; sorted by group.
  public func kinds(named word: String) -> [BuiltInKind] {
    let word = word.lowercased()
    return kinds.filter {
      $0.singular == word || $0.plural == word || $0.shortNames.contains(word)
    }
  }

  /// Whether a group belongs to the Kubernetes API itself: a kind of it that the table does not
  /// have is a mistake rather than a custom resource.
  public func isBuiltIn(group: String) -> Bool { groups.contains(group) }
}
