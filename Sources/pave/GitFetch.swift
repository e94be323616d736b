import Files
import Glibc
import Repositories

/// One commit of another repository, brought by running Git: it knows the user's proxies, keys and credential helpers.
///
/// Everything is an argument of its own and nothing goes through a shell. Only https and ssh are spoken, and the disk where that is
/// allowed; redirections to other hosts are not followed, and no hook is run.
struct GitFetch {
  /// Whether repositories on this disk may be read.
  let allowsLocal: Bool

  /// A repository with the commit, in a new folder that `remove()` takes away.
  struct Fetched {
    let repository: Repository
    let folder: String

    func remove() { removeFolder(folder) }
  }

  /// Brings a commit of the repository at a URL (or an absolute path). Throws when Git cannot.
  func fetch(_ commit: String, from url: String) throws -> Fetched {
    let folder = try temporaryFolder()
    do {
      let repository = folder + "/repository.git"
      try run(["init", "--quiet", "--bare", "--", repository], in: folder)
      let common = ["--git-dir=\(repository)", "fetch", "--quiet", "--no-recurse-submodules"]
      do {
        try run(common + ["--no-tags", "--depth=1", "--", url, commit], in: folder)
      } catch {
        // A server may give nothing but what its branches and tags lead to.
        try run(
          common + [
            "--", url, "+refs/heads/*:refs/remotes/heads/*", "+refs/tags/*:refs/remotes/tags/*",
          ], in: folder)
      }
      let opened: Repository
      do throws(RepositoryError) {
        opened = try Repository(at: repository)
        _ = try opened.commit(try opened.commitID(of: commit))
      } catch {
        throw CommandFailure(
          message: "'\(url)' has no commit \(commit) that a branch or tag leads to")
      }
      return Fetched(repository: opened, folder: folder)
    } catch {
      removeFolder(folder)
      throw error
    }
  }

  private func run(_ arguments: [String], in folder: String) throws {
    let protocols = [
      "protocol.allow=never", "protocol.https.allow=always", "protocol.ssh.allow=always",
      "protocol.file.allow=\(allowsLocal ? "always" : "never")", "http.followRedirects=false",
      "core.hooksPath=/dev/null", "fetch.fsckObjects=true", "init.templateDir=", "gc.auto=0",
    ].flatMap { ["-c", $0] }
    try git(
      protocols + arguments, named: arguments.contains("init") ? "init" : "fetch",
      messages: folder + "/messages")
  }
}

/// Runs Git in a folder of the user's own repository, with their configuration and hooks; ends the command with exit code 2 when
/// it fails.
func runGit(_ arguments: [String], in folder: String) throws {
  let scratch = try temporaryFolder()
  defer { removeFolder(scratch) }
  try git(
    ["-C", folder] + arguments, named: arguments.first ?? "", messages: scratch + "/messages")
}

/// Runs Git and waits for it; what it prints goes to a file, whose last lines are the error when it fails.
private func git(_ arguments: [String], named name: String, messages log: String) throws {
  let status = try spawn(["git"] + arguments, messages: log)
  guard status != 0 else { return }
  let text = ((try? readFile(log, named: log)) ?? nil).map { String(decoding: $0, as: UTF8.self) }
  let lines = (text ?? "").split(separator: "\n").filter { !$0.isEmpty }.suffix(3)
  throw CommandFailure(
    message: "git \(name) failed: "
      + (lines.isEmpty ? "it ended with \(status)" : lines.joined(separator: "\n  ")))
}

/// Runs a program of the search path and waits for it; its exit code.
private func spawn(_ arguments: [String], messages: String) throws -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(
    &actions, STDOUT_FILENO, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
  var child = pid_t()
  let failure = withCStrings(arguments) { argv in
    withCStrings(environmentOfGit()) { environment in
      posix_spawnp(&child, "git", &actions, nil, argv, environment)
    }
  }
  guard failure == 0 else {
    throw CommandFailure(message: "cannot run git: \(String(cString: strerror(failure)))")
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 {
    guard errno == EINTR else {
      throw CommandFailure(message: "lost git: \(String(cString: strerror(errno)))")
    }
  }
  // The exit code, or the signal as a shell tells it.
  return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
}

/// The process's environment without what would lead Git to another repository, and without questions.
private func environmentOfGit() -> [String] {
  var variables: [String] = []
  var next = environ
  while let variable = next.pointee {
    let text = String(cString: variable)
    let name = text.prefix { $0 != "=" }
    let leads = [
      "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
      "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_ALLOW_PROTOCOL",
      "GIT_TERMINAL_PROMPT",
    ]
    if !leads.contains(String(name)) { variables.append(text) }
    next += 1
  }
  return variables + ["GIT_TERMINAL_PROMPT=0"]
}

private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let copies = texts.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}

private func temporaryFolder() throws -> String {
  let parent = environmentVariable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
  var template = Array("\(parent)/pave-vendor-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw CommandFailure(
      message: "cannot make a folder in '\(parent)': \(String(cString: strerror(errno)))")
  }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Takes a folder away with all that is in it; links are taken away and not followed.
private func removeFolder(_ folder: String) {
  if let stream = opendir(folder) {
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR { removeFolder(path) } else { unlink(path) }
    }
    closedir(stream)
  }
  rmdir(folder)
}
