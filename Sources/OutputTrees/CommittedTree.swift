public import Repositories

/// The tree of a commit of an output repository; an empty one for a branch that is not there yet.
///
/// Keeps the folders that it has read; used by one thread.
public final class CommittedTree: PublishedTree {
  private let repository: Repository
  /// The id of the root tree; nil for a branch without a commit.
  public let rootID: ObjectID?
  private var folders: [String: [String: TreeEntry]] = [:]

  /// The tree of a commit; throws when there is no such commit.
  public init(_ repository: Repository, commit: ObjectID?) throws(OutputError) {
    self.repository = repository
    rootID = try gitOutput { () throws(RepositoryError) in
      try commit.map { (id) throws(RepositoryError) in try repository.commit(id).tree }
    }
  }

  public func files(under folder: String) throws(OutputError) -> [PublishedFile] {
    guard let entry = try entry(at: folder) else { return [] }
    guard entry.isTree else { return [file(entry, at: folder)] }
    var found: [PublishedFile] = []
    try collect(entry.id, folder, depth: 0, into: &found)
    return found
  }

  public func file(at path: String) throws(OutputError) -> PublishedFile? {
    guard let entry = try entry(at: path), !entry.isTree else { return nil }
    return file(entry, at: path)
  }

  public func treeID(at folder: String) throws(OutputError) -> ObjectID? {
    guard let entry = try entry(at: folder), entry.isTree else { return nil }
    return entry.id
  }

  public func bytes(of file: PublishedFile) throws(OutputError) -> [UInt8] {
    try gitOutput { () throws(RepositoryError) in try repository.blob(file.id) }
  }

  private func file(_ entry: TreeEntry, at path: String) -> PublishedFile {
    PublishedFile(path: path, id: entry.id, isPlain: entry.mode == 0o100_644)
  }

  private func entry(at path: String) throws(OutputError) -> TreeEntry? {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return try folder(at: "")?[path]
    }
    let name = String(path[path.utf8.index(after: slash)...])
    return try folder(at: String(path[..<slash]))?[name]
  }

  /// The entries of a folder by name; nil when there is no such folder.
  private func folder(at path: String) throws(OutputError) -> [String: TreeEntry]? {
    if let known = folders[path] { return known }
    var id = rootID
    if !path.isEmpty { id = try entry(at: path).flatMap { $0.isTree ? $0.id : nil } }
    guard let id else { return nil }
    let entries = try entries(of: id)
    let byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    folders[path] = byName
    return byName
  }

  private func entries(of id: ObjectID) throws(OutputError) -> [TreeEntry] {
    try gitOutput { () throws(RepositoryError) in try repository.tree(id).entries }
  }

  private func collect(
    _ tree: ObjectID, _ folder: String, depth: Int, into found: inout [PublishedFile]
  ) throws(OutputError) {
    guard depth < 64 else { throw OutputError("'\(folder)' is nested over 64 folders deep") }
    for entry in try entries(of: tree) {
      let path = folder + "/" + entry.name
      if entry.isTree {
        try collect(entry.id, path, depth: depth + 1, into: &found)
      } else {
        found.append(file(entry, at: path))
      }
    }
  }
}
