import CLibGit2

extension Repository {
  /// The commit at the tip of a branch, named without `refs/heads/`; nil when there is no such
  /// branch.
  public func tip(of branch: String) throws(RepositoryError) -> ObjectID? {
    try withHandle { (handle) throws(RepositoryError) in
      var id = git_oid()
      git_error_clear()
      let status = git_reference_name_to_id(&id, handle, branchReference(branch))
      if status == GIT_ENOTFOUND.rawValue { return nil }
      guard status == 0 else {
        throw RepositoryError(status: status, .readReference, subject: branch)
      }
      return ObjectID(id)
    }
  }

  /// The names of all local branches, without `refs/heads/`, sorted.
  public func branches() throws(RepositoryError) -> [String] {
    try withHandle { (handle) throws(RepositoryError) in
      var list = git_strarray()
      try git(.readReference) { git_reference_list(&list, handle) }
      defer { git_strarray_dispose(&list) }
      return strings(list).filter { $0.hasPrefix(branchPrefix) }
        .map { String($0.dropFirst(branchPrefix.count)) }.sorted()
    }
  }

  /// The commit that HEAD names; nil while it has none.
  public func head() throws(RepositoryError) -> ObjectID? {
    try withHandle { (handle) throws(RepositoryError) in
      var id = git_oid()
      git_error_clear()
      let status = git_reference_name_to_id(&id, handle, "HEAD")
      if status == GIT_ENOTFOUND.rawValue { return nil }
      guard status == 0 else {
        throw RepositoryError(status: status, .readReference, subject: "HEAD")
      }
      return ObjectID(id)
    }
  }

  /// The commit that a revision means, such as `HEAD~1`, `v1.2` or an id (gitrevisions(7)).
  ///
  /// Throws `notFound` for what means nothing, and when it means no commit.
  public func commitID(of revision: String) throws(RepositoryError) -> ObjectID {
    try withHandle { (handle) throws(RepositoryError) in
      var object: OpaquePointer?
      git_error_clear()
      guard git_revparse_single(&object, handle, revision) == 0, let object else {
        throw RepositoryError(
          .notFound, .resolve, "the repository '\(path)' has no revision '\(revision)'")
      }
      defer { git_object_free(object) }
      var commit: OpaquePointer?
      guard git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0, let commit else {
        throw RepositoryError(.notFound, .resolve, "the revision '\(revision)' is no commit")
      }
      defer { git_object_free(commit) }
      guard let id = git_object_id(commit) else {
        throw RepositoryError(.corrupt, .resolve, "the revision '\(revision)' has no id")
      }
      return ObjectID(id.pointee)
    }
  }

  /// The newest commit that two commits both come from (git-merge-base(1)); nil when this clone knows
  /// none.
  public func mergeBase(
    of first: ObjectID, and second: ObjectID
  ) throws(RepositoryError) -> ObjectID? {
    if first == second { return first }
    return try withHandle { (handle) throws(RepositoryError) in
      var one = first.libraryID
      var other = second.libraryID
      var found = git_oid()
      git_error_clear()
      return git_merge_base(&found, handle, &one, &other) == 0 ? ObjectID(found) : nil
    }
  }

  /// Whether `commit` has `ancestor` in its history, or is it.
  public func isDescendant(
    _ commit: ObjectID, of ancestor: ObjectID
  ) throws(RepositoryError) -> Bool {
    if commit == ancestor { return true }
    return try withHandle { (handle) throws(RepositoryError) in
      var younger = commit.libraryID
      var older = ancestor.libraryID
      git_error_clear()
      let status = git_graph_descendant_of(handle, &younger, &older)
      guard status >= 0 else { throw RepositoryError(status: status, .compareHistory) }
      return status == 1
    }
  }
}

let branchPrefix = "refs/heads/"

func branchReference(_ branch: String) -> String { branchPrefix + branch }

func strings(_ list: git_strarray) -> [String] {
  (0..<list.count).compactMap { index in list.strings?[index].map { String(cString: $0) } }
}
