import CLibGit2

/// Takes the bytes of a pack as they come and gives its objects to a repository.
///
/// libgit2's indexer inflates and hashes every object before the pack gets its name, so a damaged
/// pack leaves nothing behind. Nothing is visible before `finish`. Use it on one thread.
public final class PackReceiver {
  private let repository: Repository
  private let indexer: OpaquePointer
  private var progress = git_indexer_progress()

  /// A receiver into a repository's objects; throws when its folder of packs cannot be written.
  public init(into repository: Repository) throws(RepositoryError) {
    self.repository = repository
    let packs = try repository.withHandle { (handle) throws(RepositoryError) in
      var folder = git_buf()
      try git(.writeObjects) {
        git_repository_item_path(&folder, handle, GIT_REPOSITORY_ITEM_OBJECTS)
      }
      defer { git_buf_dispose(&folder) }
      return folder.ptr.map { String(cString: $0) + "pack" } ?? ""
    }
    try makeFolder(packs)
    var created: OpaquePointer?
    try git(.writeObjects) { git_indexer_new(&created, packs, 0, nil, nil) }
    guard let created else {
      throw RepositoryError(.failed, .writeObjects, "cannot write a pack into '\(packs)'")
    }
    indexer = created
  }

  deinit { git_indexer_free(indexer) }

  /// Takes the next bytes; throws when they cannot be part of a pack.
  public func append(_ bytes: ArraySlice<UInt8>) throws(RepositoryError) {
    var offset = bytes.startIndex
    while offset < bytes.endIndex {
      let count = min(1 << 20, bytes.endIndex - offset)
      let piece = bytes[offset..<offset + count]
      try git(.writeObjects) {
        piece.withUnsafeBytes { git_indexer_append(indexer, $0.baseAddress, $0.count, &progress) }
      }
      offset += count
    }
  }

  /// Names the pack, so that its objects can be read; gives their number.
  ///
  /// Throws when bytes are missing, or a delta has no base in the pack.
  @discardableResult
  public func finish() throws(RepositoryError) -> Int {
    try git(.writeObjects) { git_indexer_commit(indexer, &progress) }
    try repository.withHandle { (handle) throws(RepositoryError) in
      var store: OpaquePointer?
      try git(.writeObjects) { git_repository_odb(&store, handle) }
      defer { git_odb_free(store) }
      try git(.writeObjects) { git_odb_refresh(store) }
    }
    return Int(progress.total_objects)
  }
}
