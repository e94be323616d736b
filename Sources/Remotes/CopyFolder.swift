import Glibc
import Repositories

/// Where on disk the copy of one server's repository is, and the lock of whoever uses it.
final class CopyFolder {
  /// The folder of the bare repository.
  let path: String
  private let lock: Int32

  /// The folder without a lock, for reading what was left there.
  init(_ address: RemoteAddress, in copies: String) {
    path = copies + "/" + CopyFolder.name(of: address) + ".git"
    lock = -1
  }

  /// Makes the folder `copies` and takes the lock; waits for another process up to the deadline.
  ///
  /// The lock is the kernel's (flock(2)): it goes when the process goes, and no file has to be
  /// removed.
  init(
    locking address: RemoteAddress, in copies: String, within seconds: Double
  ) throws(RemoteError) {
    path = copies + "/" + CopyFolder.name(of: address) + ".git"
    try makeFolders(copies)
    let file = copies + "/" + CopyFolder.name(of: address) + ".lock"
    let descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannot("write", file) }
    lock = descriptor
    let deadline = Deadline(in: seconds)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw cannot("lock", file) }
      guard !deadline.hasPassed else {
        throw RemoteError(
          .cache, "another process uses the copy of '\(address)' on this machine: it holds '\(file)'",
          help: "wait until it has ended, or use a copy of your own with --cache DIR")
      }
      usleep(20_000)
    }
  }

  deinit {
    if lock >= 0 { close(lock) }
  }

  /// The same for every spelling of one place: the hash of the address without user and password.
  private static func name(of address: RemoteAddress) -> String {
    let text = address.scheme == .ssh ? address.description : address.bareURL
    return ObjectID(of: .blob, Array(text.utf8)[...]).description
  }

  /// The repository that is there, or a new one in place of what cannot be opened or is too full of
  /// small packs to be quick.
  func open() throws(RemoteError) -> Repository {
    if packCount <= 400, let there = try? Repository(at: path), there.isBare { return there }
    try discard()
    return try cached { () throws(RepositoryError) in
      try Repository.createBare(at: path, initialBranch: "main")
    }
  }

  /// Takes away the repository, at once for whoever looks.
  func discard() throws(RemoteError) {
    let aside = path + ".gone"
    removeTree(aside)
    guard rename(path, aside) == 0 || errno == ENOENT else { throw cannot("move away", path) }
    removeTree(aside)
  }

  /// Takes away what a killed process left: half-written packs and locks of references. Nobody else
  /// is at work here.
  func removeLeftovers() {
    removeTree(path + ".gone")
    for name in names(in: path + "/objects/pack")
    where name.hasPrefix("pack_git2_") || name.hasPrefix("tmp_") {
      unlink(path + "/objects/pack/" + name)
    }
    for name in names(in: path) where name.hasSuffix(".lock") { unlink(path + "/" + name) }
    removeLocks(in: path + "/refs", depth: 0)
  }

  private func removeLocks(in folder: String, depth: Int) {
    guard depth < 32 else { return }
    for name in names(in: folder) {
      let entry = folder + "/" + name
      if isFolder(entry) {
        removeLocks(in: entry, depth: depth + 1)
      } else if name.hasSuffix(".lock") {
        unlink(entry)
      }
    }
  }

  private var packCount: Int {
    names(in: path + "/objects/pack").count { $0.hasSuffix(".pack") }
  }
}

private func cannot(_ what: String, _ path: String) -> RemoteError {
  RemoteError(
    .cache, "cannot \(what) '\(path)': \(String(cString: strerror(errno)))",
    help: "name another folder with --cache DIR")
}

/// Makes a folder and those that lead to it, readable for this user alone.
private func makeFolders(_ path: String) throws(RemoteError) {
  if isFolder(path) { return }
  if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
    try makeFolders(String(path[..<slash]))
  }
  guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw cannot("make", path) }
}

/// The names in a folder without `.` and `..`; empty when there is none.
private func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Whether a path is a folder itself, and no link to one.
private func isFolder(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

private func removeTree(_ path: String) {
  guard isFolder(path) else {
    unlink(path)
    return
  }
  for name in names(in: path) { removeTree(path + "/" + name) }
  rmdir(path)
}
