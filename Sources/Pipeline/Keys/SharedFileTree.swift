import Files
import Repositories
import Synchronization

/// The files of a commit, read from a folder on disk where the very same bytes stand there.
///
/// Most files of a change are those of its base, and a file is read far sooner than an object of a
/// repository. Whether they are the same is told by the id that the commit gives.
struct SharedFileTree: FileTree {
  private let commit: any CommitFileTree
  private let folder: any FileTree

  init(_ commit: any CommitFileTree, beside folder: any FileTree) {
    self.commit = commit
    self.folder = folder
  }

  func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    try identified(path)?.bytes
  }

  /// The bytes of a file with the id that the commit gives them.
  func identified(_ path: String) throws(FileTreeError) -> (bytes: [UInt8], id: ObjectID)? {
    guard let id = commit.id(of: path) else {
      // For what is no regular file the commit says what it is.
      _ = try commit.read(path)
      return nil
    }
    if let bytes = (try? folder.read(path)) ?? nil, HashedFileTree.Content(of: bytes).id == id {
      return (bytes, id)
    }
    return try commit.read(path).map { ($0, id) }
  }

  func paths(under folder: String) throws(FileTreeError) -> [String] {
    try commit.paths(under: folder)
  }
}

extension BaseSource {
  /// The platform's files there, read from a folder on disk where they are the same.
  public func files(beside folder: any FileTree) -> any FileTree {
    SharedFileTree(tree, beside: folder)
  }
}

extension PlatformSource {
  /// The platform's files in the commit, read from a folder on disk where they are the same.
  public func files(beside folder: any FileTree) -> any FileTree {
    SharedFileTree(files, beside: folder)
  }
}
