import CLibGit2

extension Repository {
  /// The object that a reference names, by its full name such as `refs/notes/commits`; nil when there
  /// is no such reference.
  public func reference(_ name: String) throws(RepositoryError) -> ObjectID? {
    try withHandle { (handle) throws(RepositoryError) in
      var id = git_oid()
      git_error_clear()
      let status = git_reference_name_to_id(&id, handle, name)
      if status == GIT_ENOTFOUND.rawValue { return nil }
      guard status == 0 else {
        throw RepositoryError(status: status, .readReference, subject: name)
      }
      return ObjectID(id)
    }
  }

  /// The full names of all references that begin with `prefix`, sorted.
  public func references(under prefix: String) throws(RepositoryError) -> [String] {
    try withHandle { (handle) throws(RepositoryError) in
      var list = git_strarray()
      try git(.readReference) { git_reference_list(&list, handle) }
      defer { git_strarray_dispose(&list) }
      return strings(list).filter { $0.hasPrefix(prefix) }.sorted()
    }
  }

  /// Makes a reference name an object whatever it named before; nil takes the reference away.
  ///
  /// For repositories that nobody else writes to: elsewhere move branches by `moveBranch`. Throws when
  /// the object is not here.
  public func setReference(_ name: String, to id: ObjectID?) throws(RepositoryError) {
    try withHandle { (handle) throws(RepositoryError) in
      guard var target = id?.libraryID else {
        git_error_clear()
        let status = git_reference_remove(handle, name)
        guard status == 0 || status == GIT_ENOTFOUND.rawValue else {
          throw RepositoryError(status: status, .moveReference, subject: name)
        }
        return
      }
      var reference: OpaquePointer?
      defer { git_reference_free(reference) }
      try git(.moveReference, name) {
        git_reference_create(&reference, handle, name, &target, 1, nil)
      }
    }
  }

  /// Whether an object is here, whatever its kind.
  public func contains(_ id: ObjectID) -> Bool {
    withHandle { handle in
      var store: OpaquePointer?
      defer { git_odb_free(store) }
      guard git_repository_odb(&store, handle) == 0 else { return false }
      var libraryID = id.libraryID
      return git_odb_exists(store, &libraryID) == 1
    }
  }

  /// Whether a commit's root and every folder below it can be read, and every file is there.
  ///
  /// Reads all trees: 8,000 folders take between 30 and 500 ms.
  public func isWhole(_ commit: ObjectID) -> Bool {
    guard let root = try? self.commit(commit).tree else { return false }
    var pending = [root]
    var seen: Set<ObjectID> = [root]
    while let next = pending.popLast() {
      guard let tree = try? self.tree(next) else { return false }
      for entry in tree.entries where seen.insert(entry.id).inserted {
        if entry.isTree {
          pending.append(entry.id)
        } else if entry.isFile || entry.isLink {
          guard (try? blob(entry.id)) != nil else { return false }
        }
      }
    }
    return true
  }
}
