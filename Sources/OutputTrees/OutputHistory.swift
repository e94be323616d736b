import Documents
public import Repositories

/// What the commits of an output did to the units of one platform, found by the ids of trees and inventories.
public struct OutputHistory: Sendable {
  /// A unit as an output holds it.
  public struct Unit: Sendable {
    /// Its folder, from the root of the output.
    public let path: String
    /// The environment's name.
    public let environment: String
    /// The intent as `Kind/namespace/name`.
    public let intent: String
    /// The files that it owns, with the ids of their blobs, by path from the root of the output.
    public let files: [String: ObjectID]
  }

  /// One commit that changed a unit.
  public struct Change: Sendable {
    /// The commit.
    public let commit: Commit
    /// The source commit that it was rendered from; nil for one that was made by hand.
    public let source: ObjectID?
    /// How many files of the unit it made.
    public let created: Int
    /// How many it changed.
    public let updated: Int
    /// How many it took away.
    public let deleted: Int
  }

  /// The output's repository.
  public let repository: Repository
  /// The platform's name.
  public let platform: String

  /// The history of a platform's units in a repository.
  public init(_ repository: Repository, platform: String) {
    self.repository = repository
    self.platform = platform
  }

  /// The units that a commit holds, sorted by path; the folders of shared objects are none. An inventory that cannot be read
  /// counts as absent.
  public func units(at commit: ObjectID) throws(RepositoryError) -> [Unit] {
    let folder = inventoryFolder(of: platform)
    let reader = TreeReader(repository, root: try repository.commit(commit).tree)
    var units: [Unit] = []
    for leaf in try reader.leaves(under: folder) where leaf.entry.isFile {
      guard let inventory = Inventory(decoding: try repository.blob(leaf.entry.id)),
        !inventory.intent.isEmpty
      else { continue }
      let path = String(leaf.path.dropFirst(folder.count + 1))
      units.append(
        Unit(
          path: path, environment: inventory.environment, intent: inventory.intent,
          files: Dictionary(
            inventory.files.map { (outputPath(of: $0.path, unit: path), $0.id) },
            uniquingKeysWith: { first, _ in first })))
    }
    return units.sorted { isPathBefore($0.path, $1.path) }
  }

  /// The source commit that a commit was rendered from: by its trailers, else, as for a squashed proposal, by its
  /// `hydrator.metadata` where that is another one than its parent's; nil for a commit that was made by hand.
  public func source(of commit: Commit) throws(RepositoryError) -> ObjectID? {
    if let source = Publication.recordedSource(in: commit, platform: platform) { return source }
    let own = try metadata(commit.tree)
    guard let own else { return nil }
    for parent in commit.parents where try metadata(repository.commit(parent).tree)?.id == own.id {
      return nil
    }
    return own.source
  }

  /// The source commit that what stands at `id` was rendered from: that of the newest commit of the platform, found through
  /// merges and past what was done by hand; nil when there is none.
  public func source(at id: ObjectID) throws(RepositoryError) -> ObjectID? {
    let folder = inventoryFolder(of: platform)
    var next: ObjectID? = id
    while let id = next {
      let commit = try repository.commit(id)
      if let source = Publication.recordedSource(in: commit, platform: platform) { return source }
      let own = try TreeReader(repository, root: commit.tree).treeID(at: folder)
      next = commit.parents.first
      var isSame = false
      for parent in commit.parents where !isSame {
        let tree = try repository.commit(parent).tree
        isSame = try TreeReader(repository, root: tree).treeID(at: folder) == own
        if isSame { next = parent }
      }
      if !isSame, let source = try source(of: commit) { return source }
    }
    return nil
  }

  /// The commit that last changed each of the units at `tip`, by the units' paths. Merges are followed to where a change came
  /// from, as `git log -- PATH` does.
  public func lastChanges(
    of paths: Set<String>, at tip: ObjectID
  ) throws(RepositoryError) -> [String: Commit] {
    var result: [String: Commit] = [:]
    var open: [ObjectID: Set<String>] = [tip: paths]
    var queue = [tip]
    while let id = queue.popLast() {
      guard var left = open.removeValue(forKey: id), !left.isEmpty else { continue }
      let commit = try repository.commit(id)
      let own = TreeReader(repository, root: commit.tree)
      for parent in commit.parents where !left.isEmpty {
        let before = TreeReader(repository, root: try repository.commit(parent).tree)
        let changed = try changedInventories(from: before, to: own)
        let same = left.subtracting(changed)
        left.subtract(same)
        guard !same.isEmpty else { continue }
        if open[parent] == nil { queue.append(parent) }
        open[parent, default: []].formUnion(same)
      }
      for path in left { result[path] = commit }
    }
    return result
  }

  /// The commits that changed a unit, newest first, at most `limit`: publications, and what was done by hand.
  public func changes(
    of path: String, at tip: ObjectID, limit: Int
  ) throws(RepositoryError) -> [Change] {
    var changes: [Change] = []
    var next: ObjectID? = tip
    while let id = next, changes.count < limit {
      let commit = try repository.commit(id)
      let own = try state(of: path, in: commit.tree)
      var isSame = false
      for parent in commit.parents
      where try state(of: path, in: repository.commit(parent).tree) == own {
        (next, isSame) = (parent, true)
        break
      }
      if isSame { continue }
      next = commit.parents.first
      let before = try next.map { (id) throws(RepositoryError) in
        try files(of: path, in: repository.commit(id).tree)
      }
      if let change = try change(commit, from: before ?? [:], to: files(of: path, in: commit.tree))
      {
        changes.append(change)
      }
    }
    return changes
  }

  private func change(
    _ commit: Commit, from old: [String: ObjectID], to new: [String: ObjectID]
  ) throws(RepositoryError) -> Change? {
    let created = new.count { old[$0.key] == nil }
    let updated = new.count { $0.value != (old[$0.key] ?? $0.value) }
    let deleted = old.count { new[$0.key] == nil }
    if created + updated + deleted == 0 { return nil }
    return Change(
      commit: commit, source: try source(of: commit), created: created, updated: updated,
      deleted: deleted)
  }

  /// What stands in a unit's place: its inventory and its folder.
  private func state(
    of path: String, in tree: ObjectID
  ) throws(RepositoryError) -> [ObjectID?] {
    let reader = TreeReader(repository, root: tree)
    return [
      try reader.entry(at: inventoryFolder(of: platform) + "/" + path)?.id,
      try reader.treeID(at: path),
    ]
  }

  /// The files in a unit's folder, and those that it owns elsewhere.
  private func files(
    of path: String, in tree: ObjectID
  ) throws(RepositoryError) -> [String: ObjectID] {
    let reader = TreeReader(repository, root: tree)
    var files: [String: ObjectID] = [:]
    for leaf in try reader.leaves(under: path) { files[leaf.path] = leaf.entry.id }
    if let entry = try reader.entry(at: inventoryFolder(of: platform) + "/" + path), entry.isFile,
      let inventory = Inventory(decoding: try repository.blob(entry.id))
    {
      for file in inventory.files where file.path.utf8.first == UInt8(ascii: "/") {
        let place = outputPath(of: file.path, unit: path)
        files[place] = try reader.entry(at: place)?.id
      }
    }
    return files
  }

  private func metadata(
    _ tree: ObjectID
  ) throws(RepositoryError) -> (id: ObjectID, source: ObjectID)? {
    let entry = try TreeReader(repository, root: tree).entry(at: HydratorMetadata.path)
    guard let entry, entry.isFile else { return nil }
    let parsed = parseJSON(try repository.blob(entry.id), file: HydratorMetadata.path)
    let source = parsed.documents.first?.root["drySha"].asString.flatMap { ObjectID($0) }
    return source.map { (entry.id, $0) }
  }

  /// The paths of units whose inventories differ.
  private func changedInventories(
    from old: TreeReader, to new: TreeReader
  ) throws(RepositoryError) -> Set<String> {
    let folder = inventoryFolder(of: platform)
    var changed: Set<String> = []
    try compare(
      try old.treeID(at: folder), try new.treeID(at: folder), "", depth: 0, into: &changed)
    return changed
  }

  private func compare(
    _ old: ObjectID?, _ new: ObjectID?, _ path: String, depth: Int,
    into changed: inout Set<String>
  ) throws(RepositoryError) {
    if old == new { return }
    guard depth < 64 else {
      throw RepositoryError(.conflict, .readTree, "'\(path)' is nested over 64 folders deep")
    }
    var left: [String: TreeEntry] = [:]
    if let old { for entry in try repository.tree(old).entries { left[entry.name] = entry } }
    let right =
      try new.map { (id) throws(RepositoryError) in try repository.tree(id).entries } ?? []
    for entry in right {
      let before = left.removeValue(forKey: entry.name)
      if before?.id == entry.id { continue }
      let place = path.isEmpty ? entry.name : path + "/" + entry.name
      let oldTree = before.flatMap { $0.isTree ? $0.id : nil }
      if !entry.isTree || before?.isTree == false { changed.insert(place) }
      try compare(
        oldTree, entry.isTree ? entry.id : nil, place, depth: depth + 1, into: &changed)
    }
    for (name, entry) in left {
      let place = path.isEmpty ? name : path + "/" + name
      guard entry.isTree else {
        changed.insert(place)
        continue
      }
      try compare(entry.id, nil, place, depth: depth + 1, into: &changed)
    }
  }
}
