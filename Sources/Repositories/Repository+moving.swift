import CLibGit2
import Glibc

extension Repository {
  /// Moves a branch to a commit if it is still at `expected` (nil: if it is not there yet).
  ///
  /// Throws `moved` when somebody else moved it first: read the tip and compute again. A lock that
  /// another process holds is waited for up to `patienceSeconds`, then it is `locked`, with the lock
  /// file's path and age; it is never removed. Throws `checkedOut` as `checkNotCheckedOut` does.
  public func moveBranch(
    _ branch: String, from expected: ObjectID?, to commit: ObjectID, reason: String,
    patienceSeconds: Double = 2
  ) throws(RepositoryError) {
    try checkNotCheckedOut(branch)
    try moveReference(
      branchReference(branch), called: "the branch '\(branch)'", from: expected, to: commit,
      reason: reason, patienceSeconds: patienceSeconds)
  }

  /// Moves a reference, by its full name such as `refs/notes/commits`, as `moveBranch` moves a branch.
  public func moveReference(
    _ name: String, from expected: ObjectID?, to commit: ObjectID, reason: String,
    patienceSeconds: Double = 2
  ) throws(RepositoryError) {
    try moveReference(
      name, called: "the reference '\(name)'", from: expected, to: commit, reason: reason,
      patienceSeconds: patienceSeconds)
  }

  private func moveReference(
    _ name: String, called title: String, from expected: ObjectID?, to commit: ObjectID,
    reason: String, patienceSeconds: Double
  ) throws(RepositoryError) {
    var waited = 0.0
    while true {
      do throws(RepositoryError) {
        return try move(name, called: title, from: expected, to: commit, reason: reason)
      } catch {
        guard error.code == .locked else { throw error }
        guard waited < patienceSeconds else { throw lockError(name, called: title, error) }
        // Jitter, so that publishers that met once do not meet again at each try.
        let pause = Double.random(in: 0.01...0.05)
        usleep(UInt32(pause * 1_000_000))
        waited += pause
      }
    }
  }

  /// Throws `checkedOut` when the branch is the HEAD of this repository's work tree or of a linked
  /// one: moving it would make every file there look changed.
  public func checkNotCheckedOut(_ branch: String) throws(RepositoryError) {
    let reference = branchReference(branch)
    let help =
      "publish into a bare repository, to another branch, or check out another branch there"
    try withHandle { (handle) throws(RepositoryError) in
      if !isMainBare(handle), headReference(commonFolder) == reference {
        let folder = git_repository_is_worktree(handle) == 1 ? nil : workTree
        throw RepositoryError(
          .checkedOut, .moveReference,
          "the branch '\(branch)' is checked out in the work tree '\(folder ?? commonFolder)'",
          help: help)
      }
      var names = git_strarray()
      try git(.moveReference, branch) { git_worktree_list(&names, handle) }
      defer { git_strarray_dispose(&names) }
      for name in strings(names)
      where headReference("\(commonFolder)worktrees/\(name)/") == reference {
        throw RepositoryError(
          .checkedOut, .moveReference,
          "the branch '\(branch)' is checked out in the linked work tree '\(name)'", help: help)
      }
    }
  }

  private func move(
    _ name: String, called title: String, from expected: ObjectID?, to commit: ObjectID,
    reason: String
  ) throws(RepositoryError) {
    try withHandle { (handle) throws(RepositoryError) in
      var target = commit.libraryID
      git_error_clear()
      let status: Int32
      if var current = expected?.libraryID {
        status = git2_move_reference(handle, name, &target, &current, reason)
      } else {
        status = git2_move_reference(handle, name, &target, nil, reason)
      }
      let isLost =
        status == GIT_EMODIFIED.rawValue
        || expected == nil && status == GIT_EEXISTS.rawValue
        || expected != nil && status == GIT_ENOTFOUND.rawValue
      if isLost {
        throw RepositoryError(
          .moved, .moveReference, "\(title) was moved by somebody else meanwhile")
      }
      guard status >= 0 else {
        throw RepositoryError(status: status, .moveReference, subject: name)
      }
    }
  }

  private func lockError(
    _ name: String, called title: String, _ error: RepositoryError
  ) -> RepositoryError {
    for file in [name, "packed-refs", "HEAD"] {
      let path = commonFolder + file + ".lock"
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      let age = max(0, time(nil) - status.st_mtim.tv_sec)
      return RepositoryError(
        .locked, .moveReference,
        "cannot move \(title): the lock '\(path)' is held, since \(age) seconds",
        help: "if no Git process is at work there, remove that file")
    }
    return error
  }
}

/// Whether the repository that a handle belongs to, perhaps as a linked work tree, is bare itself.
private func isMainBare(_ handle: OpaquePointer) -> Bool {
  guard git_repository_is_worktree(handle) == 1 else { return git_repository_is_bare(handle) == 1 }
  var main: OpaquePointer?
  defer { git_repository_free(main) }
  guard git_repository_open(&main, git_repository_commondir(handle)) == 0, let main else {
    return false
  }
  return git_repository_is_bare(main) == 1
}

/// The reference that the HEAD file in a folder names; nil when it names a commit or is missing.
private func headReference(_ folder: String) -> String? {
  guard let file = fopen(folder + "HEAD", "re") else { return nil }
  defer { fclose(file) }
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = fread(&buffer, 1, buffer.count, file)
  let text = String(decoding: buffer.prefix(count), as: UTF8.self)
  guard text.hasPrefix("ref:") else { return nil }
  return String(text.dropFirst(4).drop { $0 == " " }.prefix { $0 != "\n" })
}

/// A folder of that path, made where it is missing.
func makeFolder(_ path: String) throws(RepositoryError) {
  guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
  throw RepositoryError(
    .failed, .writeObjects, "cannot make the folder '\(path)': \(String(cString: strerror(errno)))")
}
