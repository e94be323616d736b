import CLibGit2

/// A pack that is ready to be sent.
public struct Pack: Sendable {
  /// The pack's bytes (gitformat-pack), header and trailer included.
  public let bytes: [UInt8]
  /// The ids of its objects where they are known; empty for a pack that libgit2 made.
  public let objectIDs: Set<ObjectID>
}

/// What was written since a repository was asked to keep it.
struct KeptWrites {
  var isKeeping = false
  var packs: [(objects: NewObjects, bytes: [UInt8])] = []
}

extension Repository {
  /// Keeps in memory, from now on, what `write` writes, so that it can be sent as it is; forgets what
  /// was kept before.
  public func keepNewObjects() {
    withHandle { _ in keptWrites = KeptWrites(isKeeping: true) }
  }

  /// One pack of everything that was written since `keepNewObjects`; nil when nothing was.
  ///
  /// After one write these are the very bytes that were written; after several, each object stands in
  /// it once.
  public func packOfNewObjects() -> Pack? {
    let packs = withHandle { _ in keptWrites.packs }
    guard let first = packs.first else { return nil }
    guard packs.count > 1 else {
      return Pack(bytes: first.bytes, objectIDs: Set(first.objects.objects.map(\.id)))
    }
    var all = NewObjects()
    for object in packs.flatMap(\.objects.objects) {
      all.append(object.kind, object.bytes, id: object.id, path: object.path)
    }
    return Pack(bytes: PackWriter.pack(all.objects).bytes, objectIDs: Set(all.objects.map(\.id)))
  }

  /// One pack of all that `commits` reach and `known` do not; commits of `known` that are not here are
  /// passed over.
  ///
  /// Throws when an object on the way is missing.
  public func pack(
    of commits: [ObjectID], without known: [ObjectID]
  ) throws(RepositoryError) -> Pack {
    try withHandle { (handle) throws(RepositoryError) in
      var walk: OpaquePointer?
      try git(.writeObjects) { git_revwalk_new(&walk, handle) }
      defer { git_revwalk_free(walk) }
      for commit in commits {
        var id = commit.libraryID
        try git(.readCommit, "\(commit)") { git_revwalk_push(walk, &id) }
      }
      for commit in known {
        var id = commit.libraryID
        // What is not here cannot be left out, and a tag's object need not be a commit.
        _ = git_revwalk_hide(walk, &id)
      }
      var builder: OpaquePointer?
      try git(.writeObjects) { git_packbuilder_new(&builder, handle) }
      defer { git_packbuilder_free(builder) }
      try git(.writeObjects) { git_packbuilder_insert_walk(builder, walk) }
      var buffer = git_buf()
      try git(.writeObjects) { git_packbuilder_write_buf(&buffer, builder) }
      defer { git_buf_dispose(&buffer) }
      let bytes = Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
      return Pack(bytes: bytes, objectIDs: [])
    }
  }
}
