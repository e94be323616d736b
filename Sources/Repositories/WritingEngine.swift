import CLibGit2

/// Who writes new objects.
public enum WritingEngine: String, Sendable, CaseIterable {
  /// One pack and its index, made here.
  case own
  /// libgit2, one loose object after the other: slow, and the same ids.
  case stock
}

extension Repository {
  /// Writes objects through libgit2 alone: blobs from memory, trees by its tree builder, commits by
  /// `git_commit_create_with_signature`.
  ///
  /// Throws `corrupt` when libgit2 gives an object another id.
  func writeLoose(_ objects: NewObjects) throws(RepositoryError) {
    try withHandle { (handle) throws(RepositoryError) in
      for object in objects.objects {
        let id: ObjectID
        switch object.kind {
        case .blob: id = try looseBlob(object.bytes, handle)
        case .tree: id = try looseTree(object.bytes, handle)
        case .commit: id = try looseCommit(object.bytes, handle)
        }
        guard id == object.id else {
          throw RepositoryError(
            .corrupt, .writeObjects, "libgit2 makes '\(id)' of the \(object.kind) '\(object.id)'")
        }
      }
    }
  }
}

private func looseBlob(
  _ bytes: ArraySlice<UInt8>, _ handle: OpaquePointer
) throws(RepositoryError) -> ObjectID {
  var id = git_oid()
  try git(.writeObjects) {
    bytes.withUnsafeBytes { git_blob_create_from_buffer(&id, handle, $0.baseAddress, $0.count) }
  }
  return ObjectID(id)
}

private func looseTree(
  _ bytes: ArraySlice<UInt8>, _ handle: OpaquePointer
) throws(RepositoryError) -> ObjectID {
  var builder: OpaquePointer?
  try git(.buildTree) { git_treebuilder_new(&builder, handle, nil) }
  defer { git_treebuilder_free(builder) }
  for entry in try Tree(decoding: Array(bytes)).entries {
    var id = entry.id.libraryID
    try git(.buildTree, entry.name) {
      git_treebuilder_insert(nil, builder, entry.name, &id, git_filemode_t(entry.mode))
    }
  }
  var id = git_oid()
  try git(.writeObjects) { git_treebuilder_write(&id, builder) }
  return ObjectID(id)
}

private func looseCommit(
  _ bytes: ArraySlice<UInt8>, _ handle: OpaquePointer
) throws(RepositoryError) -> ObjectID {
  // libgit2 takes a signed commit as the text that was signed and its signature.
  let (text, signature) = CommitDraft.signedParts(of: Array(bytes))
  var id = git_oid()
  try git(.writeObjects) {
    git_commit_create_with_signature(
      &id, handle, String(decoding: text, as: UTF8.self), signature, "gpgsig")
  }
  return ObjectID(id)
}
