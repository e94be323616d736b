public import Files

/// The files of a commit, or of one folder of it.
///
/// Symbolic links and submodules are left out: nothing outside the commit can be reached.
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
      guard let entry = try git({ () throws(RepositoryError) in try reader.entry(at: path) }),
        entry.isFile
      else { return nil }
      let count = try git { () throws(RepositoryError) in
        try reader.repository.byteCount(of: entry.id)
      }
      guard count <= largestFileByteCount else { throw .tooLarge }
      return try git { () throws(RepositoryError) in try reader.repository.blob(entry.id) }
    }
  }

  /// The paths of the regular files at and below a folder, sorted by bytes.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    guard folder.isEmpty || staysInside(folder) else { return [] }
    return try converting(folder) { () throws(FileTreeFailure) in
      try git { () throws(RepositoryError) in
        if !folder.isEmpty, let entry = try reader.entry(at: folder), entry.isFile {
          return [folder]
        }
        return try reader.leaves(under: folder).filter { $0.entry.isFile }.map(\.path)
          .filter { !isInsideGitFolder($0) }.sorted(by: isPathOrderedBefore)
      }
    }
  }
}

private enum FileTreeFailure: Error {
  case tooLarge
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
    case .tooLarge:
      throw FileTreeError(
        code: .tooLarge, path: path,
        message: "'\(path)' is over \(largestFileByteCount >> 20) MiB")
    case .git(let reason):
      throw FileTreeError(
        code: .unreadable, path: path, message: "cannot read '\(path)': \(reason.message)")
    }
  }
}

private func isInsideGitFolder(_ path: String) -> Bool {
  path.hasPrefix(".git/") || path.contains("/.git/")
}
