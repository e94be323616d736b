public import Files

/// The files of a commit, or of one folder of it.
///
/// Submodules are left out, and no symbolic link is followed: nothing outside the commit can be
/// reached.
public struct GitFileTree: FileTree {
  private let reader: TreeReader

  /// The files of `commit` in and below `folder` (`""`: its root). A folder that is not there is
  /// empty.
  ///
  /// Throws when there is no such commit.
  public init(
    _ repository: Repository, commit: ObjectID, folder: String = ""
  ) throws(RepositoryError) {
    let root = try repository.commit(commit).tree
    let folderID = try TreeReader(repository, root: root).treeID(at: folder)
    reader = TreeReader(repository, root: folderID)
  }

  /// The bytes of the regular file at `path`; nil when there is none.
  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    guard staysInside(path) else {
      throw FileTreeError(
        code: .badPath, path: path, message: "'\(path)' is not a path inside the tree")
    }
    return try converting(path) { () throws(FileTreeFailure) in
      let found = try git { () throws(RepositoryError) in try reader.entry(at: path) }
      guard let entry = found else { return nil }
      if entry.isLink { throw .link }
      guard entry.isFile else { return nil }
      let count = try git { () throws(RepositoryError) in
        try reader.repository.byteCount(of: entry.id)
      }
      guard count <= largestFileByteCount else { throw .tooLarge }
      return try git { () throws(RepositoryError) in try reader.repository.blob(entry.id) }
    }
  }

  /// The id of the blob of the regular file at `path`; nil when there is none, or it cannot be told.
  public func id(of path: String) -> ObjectID? {
    guard staysInside(path), let entry = (try? reader.entry(at: path)) ?? nil, entry.isFile else {
      return nil
    }
    return entry.id
  }

  /// The paths of the regular files at and below a folder, sorted by bytes.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    guard folder.isEmpty || staysInside(folder) else { return [] }
    return try converting(folder) { () throws(FileTreeFailure) in
      let leaves = try git { () throws(RepositoryError) in
        if !folder.isEmpty, let entry = try reader.entry(at: folder), !entry.isTree {
          return [(path: folder, entry: entry)]
        }
        return try reader.leaves(under: folder)
      }
      for leaf in leaves where leaf.entry.isLink {
        if try leadsToFolder(leaf.path, leaf.entry) { throw .linkedFolder(leaf.path) }
      }
      return leaves.filter { $0.entry.isFile || $0.entry.isLink }.map(\.path)
        .filter { !isInsideGitFolder($0) }.sorted(by: isPathOrderedBefore)
    }
  }
}

extension GitFileTree {
  /// Whether a symbolic link leads to a folder of the tree.
  private func leadsToFolder(_ path: String, _ link: TreeEntry) throws(FileTreeFailure) -> Bool {
    let bytes = try git { () throws(RepositoryError) in try reader.repository.blob(link.id) }
    var steps = path.split(separator: "/").dropLast().map(String.init)
    for step in String(decoding: bytes, as: UTF8.self).split(separator: "/") {
      switch step {
      case ".": continue
      case ".." where steps.isEmpty: return false
      case "..": steps.removeLast()
      default: steps.append(String(step))
      }
    }
    let target = steps.joined(separator: "/")
    if target.isEmpty { return true }
    return try git { () throws(RepositoryError) in try reader.entry(at: target)?.isTree ?? false }
  }
}

extension FileTreeError {
  /// The error for a file whose object a partial clone has not fetched (git-clone(1), `--filter`).
  public static func missing(_ path: String) -> FileTreeError {
    FileTreeError(
      code: .unreadable, path: path,
      message:
        "cannot read '\(path)': this clone lacks its object, and nothing is fetched here; bring it with "
        + "'git fetch --refetch --no-filter'")
  }
}

private enum FileTreeFailure: Error {
  case tooLarge
  case link
  case linkedFolder(String)
  case git(RepositoryError)
}

private func git<Result>(
  _ body: () throws(RepositoryError) -> Result
) throws(FileTreeFailure) -> Result {
  do throws(RepositoryError) {
    return try body()
  } catch {
    throw .git(error)
  }
}

private func converting<Result>(
  _ path: String, _ body: () throws(FileTreeFailure) -> Result
) throws(FileTreeError) -> Result {
  do throws(FileTreeFailure) {
    return try body()
  } catch {
    switch error {
    case .link: throw .link(path)
    case .linkedFolder(let link): throw .link(link)
    case .tooLarge:
      throw FileTreeError(
        code: .tooLarge, path: path,
        message: "'\(path)' is over \(largestFileByteCount >> 20) MiB")
    case .git(let reason) where reason.code == .notFound:
      throw .missing(path)
    case .git(let reason):
      throw FileTreeError(
        code: .unreadable, path: path, message: "cannot read '\(path)': \(reason.message)")
    }
  }
}

private func isInsideGitFolder(_ path: String) -> Bool {
  path.hasPrefix(".git/") || path.contains("/.git/")
}
