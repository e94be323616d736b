import CLibGit2

extension Repository {
  /// The paths in the work tree that differ from HEAD or are not in it, below `folder` (`""`: all),
  /// sorted; ignored files are left out. Empty for a bare repository.
  public func changedPaths(under folder: String = "") throws(RepositoryError) -> [String] {
    if isBare { return [] }
    return try withHandle { (handle) throws(RepositoryError) in
      var options = git_status_options()
      git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION))
      options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
      options.flags =
        GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue
        | GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH.rawValue
        | GIT_STATUS_OPT_EXCLUDE_SUBMODULES.rawValue
      var list: OpaquePointer?
      defer { git_status_list_free(list) }
      try git(.status) {
        if folder.isEmpty { return git_status_list_new(&list, handle, &options) }
        return withStringArray(folder) { array in
          options.pathspec = array
          return git_status_list_new(&list, handle, &options)
        }
      }
      var paths: Set<String> = []
      for index in 0..<git_status_list_entrycount(list) {
        guard let entry = git_status_byindex(list, index)?.pointee else { continue }
        for delta in [entry.head_to_index, entry.index_to_workdir] {
          guard let delta = delta?.pointee else { continue }
          if let path = delta.new_file.path ?? delta.old_file.path {
            paths.insert(String(cString: path))
          }
        }
      }
      return paths.sorted()
    }
  }
}

private func withStringArray(_ text: String, _ body: (git_strarray) -> Int32) -> Int32 {
  text.withCString { pointer in
    var item: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: pointer)
    return withUnsafeMutablePointer(to: &item) { body(git_strarray(strings: $0, count: 1)) }
  }
}
