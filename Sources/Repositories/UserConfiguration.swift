import CLibGit2

/// The configuration of whoever runs this (git-config(1): the system's and the user's files), never
/// that of a repository: what comes with a tree must not name keys or programs.
public final class UserConfiguration {
  private let pointer: OpaquePointer?

  /// The user's configuration; empty when it cannot be read.
  ///
  /// `globalFile` stands in the place of the user's own files, as `GIT_CONFIG_GLOBAL` does
  /// (git(1)); libgit2 1.5 does not know that variable.
  public init(globalFile: String? = nil) {
    startLibraryIfNeeded()
    var opened: OpaquePointer?
    let status =
      if let globalFile {
        git_config_open_ondisk(&opened, globalFile)
      } else {
        git_config_open_default(&opened)
      }
    pointer = status == 0 ? opened : nil
  }

  deinit { git_config_free(pointer) }

  /// The text of a key such as `user.signingkey`; nil when it is not set.
  public func text(_ key: String) -> String? {
    guard let pointer else { return nil }
    var buffer = git_buf()
    guard git_config_get_string_buf(&buffer, pointer, key) == 0 else { return nil }
    defer { git_buf_dispose(&buffer) }
    return buffer.ptr.map { String(cString: $0) }
  }

  /// The path of a key, with `~/` replaced by the home folder; nil when it is not set.
  public func path(_ key: String) -> String? {
    guard let pointer else { return nil }
    var buffer = git_buf()
    guard git_config_get_path(&buffer, pointer, key) == 0 else { return nil }
    defer { git_buf_dispose(&buffer) }
    return buffer.ptr.map { String(cString: $0) }
  }

  /// Whether a key is set to true.
  public func isTrue(_ key: String) -> Bool {
    guard let pointer else { return false }
    var value: Int32 = 0
    return git_config_get_bool(&value, pointer, key) == 0 && value != 0
  }
}
