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
          .cache,
          "another process uses the copy of '\(address)' on this machine: it holds '\(file)'",
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
    let packs = packs
    if packs.count <= 400, packs.allSatisfy(isWhole) {
      // libgit2 never looks for packs where there was no folder of them at first.
      mkdir(path + "/objects/pack", 0o755)
      if let there = try? Repository(at: path), there.isBare { return there }
    }
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
    for name in names(inFolder: path + "/objects/pack")
    where name.hasPrefix("pack_git2_") || name.hasPrefix("tmp_") {
      unlink(path + "/objects/pack/" + name)
    }
    for name in names(inFolder: path) where name.hasSuffix(".lock") { unlink(path + "/" + name) }
    removeLocks(in: path + "/refs", depth: 0)
  }

  private func removeLocks(in folder: String, depth: Int) {
    guard depth < 32 else { return }
    for name in names(inFolder: folder) {
      let entry = folder + "/" + name
      if isFolder(entry) {
        removeLocks(in: entry, depth: depth + 1)
      } else if name.hasSuffix(".lock") {
        unlink(entry)
      }
    }
  }

  /// The paths of packs and of indexes, without their endings.
  private var packs: Set<String> {
    let folder = path + "/objects/pack"
    return Set(
      names(inFolder: folder).compactMap { name in
        for ending in [".pack", ".idx"] where name.hasSuffix(ending) {
          return folder + "/" + name.dropLast(ending.utf8.count)
        }
        return nil
      })
  }
}

/// Whether a pack ends in the check sum that its index says (gitformat-pack): it does not when either
/// was cut.
private func isWhole(_ pack: String) -> Bool {
  guard let sum = bytes(of: pack + ".pack", beforeEnd: 20),
    let indexed = bytes(of: pack + ".idx", beforeEnd: 40)
  else { return false }
  return sum == indexed
}

/// 20 bytes of a file, so many before its end; nil when it has none.
private func bytes(of file: String, beforeEnd distance: Int) -> [UInt8]? {
  let descriptor = open(file, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  guard lseek(descriptor, -distance, SEEK_END) >= 0 else { return nil }
  var bytes = [UInt8](repeating: 0, count: 20)
  return read(descriptor, &bytes, 20) == 20 ? bytes : nil
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
