import CLibGit2
import Glibc

/// A Git repository on disk.
///
/// Calls from several threads take turns. Nothing here runs a hook, a filter or any program, and
/// nothing opens a connection.
public final class Repository: @unchecked Sendable {
  /// The path it was opened by, as given.
  public let path: String
  private let pointer: OpaquePointer
  private let lock = RecursiveLock()
  /// Only touched while the handle is held.
  var keptWrites = KeptWrites()

  /// Opens the repository at exactly `path`: a bare one, a folder with `.git`, or that `.git`.
  ///
  /// Throws `notFound` when there is none, `notOwned` when Git's owner check fails (`safe.directory`,
  /// git-config(1)), `unsupported` for SHA-256 and other extensions that libgit2 1.5 cannot read.
  public convenience init(at path: String) throws(RepositoryError) {
    try self.init(path, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue)
  }

  /// Opens the repository that the folder `path` is in, looking upwards; throws as `init(at:)` does.
  public convenience init(holding path: String) throws(RepositoryError) {
    try self.init(path, flags: 0)
  }

  /// Creates a bare repository at `path`, with the folders that lead to it, whose HEAD names
  /// `initialBranch`, and opens it.
  ///
  /// It is made beside `path` and takes its name when it is whole, so that a process that is killed
  /// leaves no half of one, and of two that create at once both have the same; only where there is an
  /// empty folder already, which may be a mounted disk, it is made in that. Throws `exists` when
  /// something else is there.
  public static func createBare(
    at path: String, initialBranch: String
  ) throws(RepositoryError) -> Repository {
    try startLibrary()
    switch entryCount(inFolder: path) {
    case nil:
      let name = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      let passing = "\(name).new-\(UInt32.random(in: .min ... .max))"
      try initialize(bareAt: passing, initialBranch)
      if rename(passing, path) != 0 {
        let reason = errno
        removeTree(passing)
        if let other = try? Repository(at: path) { return other }
        throw RepositoryError(
          .failed, .create,
          "cannot create the repository '\(path)': \(String(cString: strerror(reason)))")
      }
    case 0: try initialize(bareAt: path, initialBranch)
    default:
      throw RepositoryError(
        .exists, .create, "cannot create the repository '\(path)': something is there already")
    }
    return try Repository(at: path)
  }

  private static func initialize(
    bareAt path: String, _ initialBranch: String
  ) throws(RepositoryError) {
    var options = git_repository_init_options()
    git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
    options.flags =
      GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
      | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
    var created: OpaquePointer?
    try git(.create, path) {
      initialBranch.withCString { branch in
        options.initial_head = branch
        return git_repository_init_ext(&created, path, &options)
      }
    }
    git_repository_free(created)
  }

  private init(_ path: String, flags: UInt32) throws(RepositoryError) {
    try startLibrary()
    var opened: OpaquePointer?
    git_error_clear()
    let status = git_repository_open_ext(&opened, path, flags, nil)
    guard status == 0, let opened else {
      throw openingError(RepositoryError(status: status, .open, subject: path), path: path)
    }
    self.path = path
    pointer = opened
  }

  deinit { git_repository_free(pointer) }

  /// Whether it has no work tree of its own.
  public var isBare: Bool { withHandle { git_repository_is_bare($0) == 1 } }

  /// The work tree's folder without a final `/`; nil for a bare repository.
  public var workTree: String? {
    withHandle { handle in
      guard let folder = git_repository_workdir(handle) else { return nil }
      let text = String(cString: folder)
      return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }
  }

  /// The folder that holds references and objects, with a final `/`; shared by linked work trees.
  public var commonFolder: String {
    withHandle { handle in git_repository_commondir(handle).map { String(cString: $0) } ?? "" }
  }

  /// Gives `body` the library's handle while no other thread uses it.
  func withHandle<Result, Failure: Error>(
    _ body: (OpaquePointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(pointer)
  }
}

/// A lock that the thread that holds it may take again.
private final class RecursiveLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
}

private let libraryStatus: Int32 = {
  let status = git_libgit2_init()
  // What a publication wrote must survive a power cut before the branch names it.
  return status < 0 ? status : git2_enable_fsync_gitdir(1)
}()

private func startLibrary() throws(RepositoryError) {
  guard libraryStatus >= 0 else { throw RepositoryError(status: libraryStatus, .open) }
}

/// Starts libgit2 for calls that need no repository.
func startLibraryIfNeeded() { _ = libraryStatus }

private func openingError(_ error: RepositoryError, path: String) -> RepositoryError {
  // Without any `safe.directory` in the global configuration libgit2 1.5.1 reports that key as
  // missing (-3) in place of the failed owner check (-36).
  if error.code == .notOwned || error.message.contains("safe.directory") {
    return RepositoryError(
      .notOwned, .open, "repository '\(path)' belongs to another user, so Git does not trust it",
      help: "give it to the user that runs this, or trust it: "
        + "git config --global --add safe.directory '\(absolutePath(path))'")
  }
  if error.message.contains("extension") || error.message.contains("repository version") {
    return RepositoryError(
      .unsupported, .open, error.message,
      help: "use a repository of format version 0 with SHA-1 object ids")
  }
  if error.code == .notFound {
    return RepositoryError(.notFound, .open, "there is no Git repository at '\(path)'")
  }
  return error
}

private func absolutePath(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// How many files and folders are in a folder; nil when nothing is there, 1 when it is no folder.
private func entryCount(inFolder path: String) -> Int? {
  guard let stream = opendir(path) else { return errno == ENOENT ? nil : 1 }
  closedir(stream)
  return names(inFolder: path).count
}
