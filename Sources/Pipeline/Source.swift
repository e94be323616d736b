import Files
public import OutputTrees
public import Repositories

/// A platform as it stands in a commit of its Git repository.
public struct PlatformSource: Sendable {
  /// The repository that holds the platform.
  public let repository: Repository
  /// The platform's folder in the repository; empty for its root.
  public let folder: String
  /// The commit that is rendered.
  public let commit: Commit
  /// The platform's files in that commit.
  public let files: GitFileTree
  /// Files of the platform in the work tree that differ from HEAD, sorted.
  public let changedPaths: [String]

  /// The platform in the folder `folder` on disk, at a revision such as `HEAD`.
  ///
  /// Throws when the folder is in no repository, or the revision means no commit.
  public init(folder: String, revision: String) throws(OutputError) {
    let repository: Repository
    do throws(RepositoryError) {
      repository = try Repository(holding: folder)
    } catch {
      guard error.code == .notFound else { throw OutputError(error) }
      throw OutputError(
        "the platform is in no Git repository, and what is published is always a commit",
        help: "git init, git add and git commit it first")
    }
    self.repository = repository
    self.folder = relativePath(of: folder, in: repository.workTree)
    let inside = self.folder
    commit = try git { () throws(RepositoryError) in
      guard revision == "HEAD" else {
        return try repository.commit(try repository.commitID(of: revision))
      }
      guard let head = try repository.head() else {
        throw RepositoryError(
          .notFound, .resolve, "the platform's repository has no commit yet",
          help: "git add and git commit it first")
      }
      return try repository.commit(head)
    }
    let commitID = commit.id
    files = try git { () throws(RepositoryError) in
      try GitFileTree(repository, commit: commitID, folder: inside)
    }
    changedPaths = try git { () throws(RepositoryError) in
      try repository.changedPaths(under: inside)
    }
  }
}

/// The real path of `folder` below that of a work tree; empty when they are one, or without one.
func relativePath(of folder: String, in workTree: String?) -> String {
  guard let workTree, let root = DiskFileTree(workTree)?.root,
    let real = DiskFileTree(folder)?.root,
    real.hasPrefix(root + "/")
  else { return "" }
  return String(real.dropFirst(root.count + 1))
}
