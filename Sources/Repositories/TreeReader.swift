import Synchronization

/// Finds entries below one tree by path, and keeps the folders that it has read.
///
/// Safe to use from several threads.
public final class TreeReader: Sendable {
  /// The repository that is read from.
  public let repository: Repository
  /// The tree that paths begin at; nil for an empty one.
  public let root: ObjectID?
  private let folders = Mutex<[String: [String: TreeEntry]]>([:])

  /// A reader of a tree; nothing is read yet.
  public init(_ repository: Repository, root: ObjectID?) {
    self.repository = repository
    self.root = root
  }

  /// The entry at a `/`-separated path; nil when nothing is there.
  ///
  /// Throws when a folder on the way cannot be read.
  public func entry(at path: String) throws(RepositoryError) -> TreeEntry? {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return try folder(at: "")?[path]
    }
    let name = String(path[path.utf8.index(after: slash)...])
    return try folder(at: String(path[..<slash]))?[name]
  }

  /// The id of the tree of a folder (`""`: the root); nil when there is no such folder.
  public func treeID(at folder: String) throws(RepositoryError) -> ObjectID? {
    if folder.isEmpty { return root }
    return try entry(at: folder).flatMap { $0.isTree ? $0.id : nil }
  }

  /// Every entry below a folder that is no folder itself, with its path from the root, in the order
  /// of the trees; empty when there is no such folder.
  ///
  /// Throws when a tree cannot be read, or is nested over 64 deep.
  public func leaves(
    under folder: String
  ) throws(RepositoryError) -> [(path: String, entry: TreeEntry)] {
    guard let id = try treeID(at: folder) else { return [] }
    var found: [(path: String, entry: TreeEntry)] = []
    try collect(id, folder, depth: 0, into: &found)
    return found
  }

  /// The entries of a folder by name; nil when there is no such folder.
  private func folder(at path: String) throws(RepositoryError) -> [String: TreeEntry]? {
    if let known = folders.withLock({ $0[path] }) { return known }
    guard let id = try treeID(at: path) else { return nil }
    let entries = try repository.tree(id).entries
    let byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    folders.withLock { $0[path] = byName }
    return byName
  }

  private func collect(
    _ tree: ObjectID, _ folder: String, depth: Int,
    into found: inout [(path: String, entry: TreeEntry)]
  ) throws(RepositoryError) {
    guard depth < 64 else {
      throw RepositoryError(.conflict, .readTree, "'\(folder)' is nested over 64 folders deep")
    }
    for entry in try repository.tree(tree).entries {
      let path = folder.isEmpty ? entry.name : folder + "/" + entry.name
      if entry.isTree {
        try collect(entry.id, path, depth: depth + 1, into: &found)
      } else {
        found.append((path, entry))
      }
    }
  }
}
