import Diagnostics
public import Repositories

/// A unit as it stands in an output, by ids alone: enough to see that nothing of it has to be written.
public struct KeptUnit: Sendable, Equatable {
  /// A file that a unit owns outside its folder.
  public struct File: Sendable, Equatable {
    /// From the root of the output.
    public var path: String
    /// The id of its blob.
    public var id: ObjectID

    /// A file from its two parts.
    public init(path: String, id: ObjectID) {
      self.path = path
      self.id = id
    }
  }

  /// The tree of its folder.
  public var tree: ObjectID
  /// The blob of its inventory.
  public var inventory: ObjectID
  /// The files that it owns outside its folder, sorted by path.
  public var elsewhere: [File]
  /// How many files it owns, those outside its folder included.
  public var fileCount: Int

  /// A unit from its four parts.
  public init(tree: ObjectID, inventory: ObjectID, elsewhere: [File], fileCount: Int) {
    self.tree = tree
    self.inventory = inventory
    self.elsewhere = elsewhere
    self.fileCount = fileCount
  }
}

extension OutputUnit {
  /// The unit by ids alone; nil when something is wrong with it, it owns nothing, or it shares objects with others.
  public var kept: KeptUnit? {
    guard findings.isEmpty, shared.isEmpty, !files.isEmpty, !isKept else { return nil }
    return KeptUnit(
      tree: treeID, inventory: inventory.id,
      elsewhere: files.filter(\.isOutsideUnit).map { .init(path: outputPath(of: $0), id: $0.id) },
      fileCount: files.count)
  }
}

extension PublishedTree {
  /// Whether the unit at a path of a platform stands there exactly so.
  public func holds(
    _ unit: KeptUnit, at path: String, platform: String
  ) throws(OutputError) -> Bool {
    let hasFolder = unit.fileCount > unit.elsewhere.count
    let tree = try treeID(at: path)
    guard tree == unit.tree || !hasFolder && tree == nil else { return false }
    guard let inventory = try file(at: inventoryFolder(of: platform) + "/" + path),
      inventory.id == unit.inventory, inventory.isPlain
    else { return false }
    for file in unit.elsewhere {
      guard let there = try self.file(at: file.path), there.id == file.id, there.isPlain else {
        return false
      }
    }
    return true
  }
}
