public import Repositories

/// The tree of a commit of an output repository; an empty one for a branch that is not there yet.
public struct CommittedTree: PublishedTree, Sendable {
  private let reader: TreeReader

  /// The tree of a commit; throws when there is no such commit.
  public init(_ repository: Repository, commit: ObjectID?) throws(OutputError) {
    reader = try gitOutput { () throws(RepositoryError) in
      let root = try commit.map { (id) throws(RepositoryError) in try repository.commit(id).tree }
      return TreeReader(repository, root: root)
    }
  }

  /// The files below a folder, by path from the root; links and such are listed as not plain.
  public func files(under folder: String) throws(OutputError) -> [PublishedFile] {
    try gitOutput { () throws(RepositoryError) in
      try reader.leaves(under: folder).map { file($0.entry, at: $0.path) }
    }
  }

  /// The file at a path from the root; nil when there is none.
  public func file(at path: String) throws(OutputError) -> PublishedFile? {
    try gitOutput { () throws(RepositoryError) in
      try reader.entry(at: path).flatMap { $0.isTree ? nil : file($0, at: path) }
    }
  }

  /// The id of a folder's tree; nil when there is no such folder.
  public func treeID(at folder: String) throws(OutputError) -> ObjectID? {
    try gitOutput { () throws(RepositoryError) in try reader.treeID(at: folder) }
  }

  /// The bytes of a file's blob.
  public func bytes(of file: PublishedFile) throws(OutputError) -> [UInt8] {
    try gitOutput { () throws(RepositoryError) in try reader.repository.blob(file.id) }
  }

  private func file(_ entry: TreeEntry, at path: String) -> PublishedFile {
    PublishedFile(path: path, id: entry.id, isPlain: entry.mode == 0o100_644)
  }
}
