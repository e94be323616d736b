/// What a publication changes: one entry an object, sorted by path.
public struct ChangeSet: Sendable {
  /// One object's file on the old side, the new side, or both.
  public struct Change: Sendable {
    /// From the root of the output.
    public let path: String
    /// The environment's name.
    public let environment: String
    /// The unit's folder.
    public let unit: String
    /// The intent as `Kind/namespace/name`; empty for a shared object.
    public let intent: String
    /// The bytes that are published now; nil for a created object.
    public let old: [UInt8]?
    /// The bytes that are to be published; nil for a deleted object.
    public let new: ArraySlice<UInt8>?
    /// The index of the new object among the manifests that the unit was made of; nil for a deleted
    /// or shared object and for one that makes an engine sync the unit.
    public let manifestIndex: Int?

    /// What happens to the object.
    public var kind: Kind { old == nil ? .created : new == nil ? .deleted : .updated }
  }

  /// What happens to an object.
  public enum Kind: String, Sendable, CaseIterable {
    case created
    case updated
    case deleted
  }

  /// Sorted by the bytes of the path.
  public internal(set) var changes: [Change] = []

  /// No change.
  public init() {}

  /// Whether nothing changes.
  public var isEmpty: Bool { changes.isEmpty }

  /// How many objects are created, updated or deleted.
  public func count(of kind: Kind) -> Int { changes.count { $0.kind == kind } }

  /// The environments with a change, sorted.
  public var environments: [String] { Set(changes.map(\.environment)).sorted() }

  /// The intents with a change, sorted; shared objects name none.
  public var intents: [String] { Set(changes.map(\.intent)).subtracting([""]).sorted() }

  /// `2 created, 1 updated, 3 deleted`, without what is zero; `no changes` for none.
  public var summary: String {
    let parts = Kind.allCases.compactMap { kind in
      let count = count(of: kind)
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    return parts.isEmpty ? "no changes" : parts.joined(separator: ", ")
  }
}
