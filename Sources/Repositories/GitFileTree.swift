public import Files

/// The files of a commit, or of one folder of it.
///
/// Symbolic links and submodules are left out: nothing outside the commit can be reached.
public struct GitFileTree: FileTree {
  private let repository: Repository
  private let root: ObjectID?

  /// The files of `commit` in and below `folder` (`""`: its root). A folder that is not there is
  /// empty.
  ///
  /// Throws when there is no such commit.
  public init(
    _ repository: Repository, commit: ObjectID, folder: String = ""
  ) throws(RepositoryError) {
    let tree = try repository.commit(commit).tree
    try self.init(repository, tree: tree, folder: folder)
  }

  /// The files of a tree in and below `folder`; throws when there is no such tree.
  public init(
    _ repository: Repository, tree: ObjectID, folder: String = ""
  ) throws(RepositoryError) {
    self.repository = repository
    root = try repository.entry(at: folder, in: tree).flatMap { $0.isTree ? $0.id : nil }
  }

  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    guard staysInside(path) else {
      throw FileTreeError(
        code: .badPath, path: path, message: "'\(path)' is not a path inside the tree")
    }
    guard let root else { return nil }
    do throws(RepositoryError) {
      guard let entry = try repository.entry(at: path, in: root), entry.isFile else { return nil }
      guard try repository.byteCount(of: entry.id) <= largestFileByteCount else {
        throw RepositoryError(.failed, .readBlob, "")
      }
      return try repository.blob(entry.id)
    } catch {
      guard error.message.isEmpty else { throw unreadable(path, error) }
      throw FileTreeError(
        code: .tooLarge, path: path, message: "'\(path)' is over \(largestFileByteCount >> 20) MiB")
    }
  }

  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    guard let root, folder.isEmpty || staysInside(folder) else { return [] }
    do throws(RepositoryError) {
      guard let entry = try repository.entry(at: folder, in: root) else { return [] }
      if entry.isFile { return [folder] }
      guard entry.isTree else { return [] }
      var found: [String] = []
      try collect(entry.id, folder, depth: 0, into: &found)
      return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw unreadable(folder, error)
    }
  }

  private func collect(
    _ tree: ObjectID, _ folder: String, depth: Int, into found: inout [String]
  ) throws(RepositoryError) {
    guard depth < 64 else {
      throw RepositoryError(
        .conflict, .readTree, "'\(folder)' is nested over 64 folders deep")
    }
    for entry in try repository.tree(tree).entries where entry.name != ".git" {
      let path = folder.isEmpty ? entry.name : folder + "/" + entry.name
      if entry.isFile {
        found.append(path)
      } else if entry.isTree {
        try collect(entry.id, path, depth: depth + 1, into: &found)
      }
    }
  }

  private func unreadable(_ path: String, _ error: RepositoryError) -> FileTreeError {
    FileTreeError(
      code: .unreadable, path: path, message: "cannot read '\(path)': \(error.message)")
  }
}

extension Repository {
  /// The entry at a path below a tree (`""`: the tree itself); nil when nothing is there.
  public func entry(at path: String, in tree: ObjectID) throws(RepositoryError) -> TreeEntry? {
    var entry = TreeEntry(mode: treeMode, nameBytes: [], id: tree)
    for step in path.split(separator: "/") {
      guard entry.isTree, let next = try self.tree(entry.id).entry(named: String(step)) else {
        return nil
      }
      entry = next
    }
    return entry
  }
}
