import CLibGit2

extension Repository {
  /// The URL that the repository was cloned from: of the remote `origin`, or of the only remote; nil
  /// when there is none (git-remote(1)).
  public func remoteURL() throws(RepositoryError) -> String? {
    try withHandle { (handle) throws(RepositoryError) in
      var list = git_strarray()
      try git(.open) { git_remote_list(&list, handle) }
      defer { git_strarray_dispose(&list) }
      let names = strings(list)
      guard let name = names.contains("origin") ? "origin" : names.count == 1 ? names[0] : nil
      else {
        return nil
      }
      var remote: OpaquePointer?
      guard git_remote_lookup(&remote, handle, name) == 0 else { return nil }
      defer { git_remote_free(remote) }
      return git_remote_url(remote).map { String(cString: $0) }
    }
  }
}
