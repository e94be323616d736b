import CLibGit2
import Files

extension Repository {
  /// The commit of an id; throws `notFound` when there is no such commit.
  public func commit(_ id: ObjectID) throws(RepositoryError) -> Commit {
    try withHandle { (handle) throws(RepositoryError) in
      var found: OpaquePointer?
      var libraryID = id.libraryID
      try git(.readCommit, "\(id)") { git_commit_lookup(&found, handle, &libraryID) }
      defer { git_commit_free(found) }
      guard let found, let tree = git_commit_tree_id(found) else {
        throw RepositoryError(.corrupt, .readCommit, "the commit '\(id)' names no tree")
      }
      var parents: [ObjectID] = []
      for index in 0..<git_commit_parentcount(found) {
        if let parent = git_commit_parent_id(found, index) { parents.append(.init(parent.pointee)) }
      }
      return Commit(
        id: id, tree: ObjectID(tree.pointee), parents: parents,
        author: Signature(git_commit_author(found)),
        committer: Signature(git_commit_committer(found)),
        message: git_commit_message(found).map { String(cString: $0) } ?? "")
    }
  }

  /// The tree of an id; throws `notFound` when there is no such tree.
  public func tree(_ id: ObjectID) throws(RepositoryError) -> Tree {
    try Tree(decoding: content(of: id, .tree, .readTree))
  }

  /// The bytes of the blob of an id; throws `notFound` when there is no such blob.
  public func blob(_ id: ObjectID) throws(RepositoryError) -> [UInt8] {
    try content(of: id, .blob, .readBlob)
  }

  /// The number of bytes of the object of an id.
  func byteCount(of id: ObjectID) throws(RepositoryError) -> Int {
    try withObjects(.readBlob) { (objects) throws(RepositoryError) in
      var count = 0
      var kind = GIT_OBJECT_INVALID
      var libraryID = id.libraryID
      try git(.readBlob, "\(id)") { git_odb_read_header(&count, &kind, objects, &libraryID) }
      return count
    }
  }

  private func content(
    of id: ObjectID, _ kind: ObjectKind, _ operation: RepositoryError.Operation
  ) throws(RepositoryError) -> [UInt8] {
    try withObjects(operation) { (objects) throws(RepositoryError) in
      var object: OpaquePointer?
      var libraryID = id.libraryID
      try git(operation, "\(id)") { git_odb_read(&object, objects, &libraryID) }
      defer { git_odb_object_free(object) }
      guard git_odb_object_type(object) == kind.libraryKind else {
        throw RepositoryError(.notFound, operation, "'\(id)' is no \(kind)")
      }
      let start = git_odb_object_data(object)
      return Array(UnsafeRawBufferPointer(start: start, count: git_odb_object_size(object)))
    }
  }

  private func withObjects<Result>(
    _ operation: RepositoryError.Operation,
    _ body: (OpaquePointer) throws(RepositoryError) -> Result
  ) throws(RepositoryError) -> Result {
    try withHandle { (handle) throws(RepositoryError) in
      var objects: OpaquePointer?
      try git(operation) { git_repository_odb(&objects, handle) }
      defer { git_odb_free(objects) }
      guard let objects else {
        throw RepositoryError(.failed, operation, "the repository has no objects")
      }
      return try body(objects)
    }
  }
}

extension Signature {
  init(_ signature: UnsafePointer<git_signature>?) {
    guard let signature = signature?.pointee else {
      self.init(name: "", email: "", timeSeconds: 0)
      return
    }
    self.init(
      name: signature.name.map { String(cString: $0) } ?? "",
      email: signature.email.map { String(cString: $0) } ?? "",
      timeSeconds: signature.when.time, offsetMinutes: Int(signature.when.offset))
  }
}
