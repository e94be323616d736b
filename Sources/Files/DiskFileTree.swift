import Glibc
import Synchronization

/// A file tree over a folder on disk.
///
/// No symbolic link below the folder is followed: a commit of the folder holds the link and not what
/// it leads to, and both must read alike. What is met is an error, never passed over.
public struct DiskFileTree: FileTree {
  /// The folder's real, absolute path.
  public let root: String
  private let folders = RealFolders()

  /// A tree over the folder at `path`; nil when there is no folder.
  public init?(_ path: String) {
    guard let real = realPath(path), isFolder(real) else { return nil }
    root = real
  }

  /// Whether the folder at `folder` has a regular file (or a link to one) named `name`.
  public static func hasFile(_ name: String, in folder: String) -> Bool {
    isRegularFile(folder + "/" + name)
  }

  /// The bytes of a file; nil when there is none.
  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    guard staysInside(path) else {
      throw FileTreeError(
        code: .badPath, path: path, message: "'\(path)' is not a path inside the folder")
    }
    let place = absolute(path)
    let folder = place[..<(place.utf8.lastIndex(of: UInt8(ascii: "/")) ?? place.startIndex)]
    guard folders.holds(String(folder)) else {
      guard realPath(place) == nil else { throw .link(path) }
      if mode(ofLink: place) == S_IFLNK { throw .link(path) }
      return nil
    }
    return try readFile(place, named: path, isInTree: true)
  }

  /// The paths of all files at and below a folder, sorted by bytes; throws for a linked folder.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    guard folder.isEmpty || staysInside(folder) else { return [] }
    guard let real = realPath(absolute(folder)) else { return [] }
    guard real == absolute(folder) else { throw .link(folder) }
    if !isFolder(real) { return [folder] }
    var found: [String] = []
    try collect(folder, depth: 0, into: &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func absolute(_ path: String) -> String {
    path.isEmpty ? root : root == "/" ? "/" + path : root + "/" + path
  }

  private func collect(
    _ folder: String, depth: Int, into found: inout [String]
  ) throws(FileTreeError) {
    guard depth < 64 else {
      throw FileTreeError(
        code: .unreadable, path: folder, message: "'\(folder)' is nested over 64 folders deep")
    }
    guard let stream = opendir(absolute(folder)) else {
      throw FileTreeError(
        code: .unreadable, path: folder,
        message: "cannot list '\(folder)': \(lastSystemError())")
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = entryName(entry)
      if name == "." || name == ".." || name == ".git" { continue }
      let path = folder.isEmpty ? name : folder + "/" + name
      switch kind(of: entry, at: path) {
      case S_IFDIR: try collect(path, depth: depth + 1, into: &found)
      case S_IFLNK where isFolder(absolute(path)): throw .link(path)
      default: found.append(path)
      }
    }
  }
}

extension DiskFileTree {
  /// The type of an entry of a folder. Most file systems tell it with the name.
  private func kind(of entry: UnsafeMutablePointer<dirent>, at path: String) -> mode_t {
    switch Int(entry.pointee.d_type) {
    case Int(DT_REG): S_IFREG
    case Int(DT_DIR): S_IFDIR
    default: mode(ofLink: absolute(path))
    }
  }
}

/// Folders that no link leads to: most files share theirs with others, and to follow each step of a path anew
/// takes longer than to read the file.
private final class RealFolders: Sendable {
  private let known = Mutex<Set<String>>([])

  /// Whether a folder is there and no step of its absolute path is a link.
  func holds(_ folder: String) -> Bool {
    if known.withLock({ $0.contains(folder) }) { return true }
    let path = folder.isEmpty ? "/" : folder
    guard realPath(path) == path, isFolder(path) else { return false }
    known.withLock { _ = $0.insert(folder) }
    return true
  }
}

/// The bytes of the file at an absolute or relative path on disk; nil when there is no file.
///
/// `name` stands for the file in the error's message.
public func readFile(_ path: String, named name: String) throws(FileTreeError) -> [UInt8]? {
  try readFile(path, named: name, isInTree: false)
}

/// As `readFile(_:named:)`; in a tree a link is an error, and a folder no file.
private func readFile(
  _ path: String, named name: String, isInTree: Bool
) throws(FileTreeError) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (isInTree ? O_NOFOLLOW : 0))
  guard descriptor >= 0 else {
    if errno == ENOENT || errno == ENOTDIR { return nil }
    if isInTree, errno == ELOOP { throw .link(name) }
    throw FileTreeError(
      code: .unreadable, path: name, message: "cannot read '\(name)': \(lastSystemError())")
  }
  defer { close(descriptor) }
  var status = stat()
  let isKnown = fstat(descriptor, &status) == 0
  if isInTree, isKnown, status.st_mode & S_IFMT == S_IFDIR { return nil }
  guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
    throw FileTreeError(
      code: .unreadable, path: name, message: "'\(name)' is no regular file")
  }
  do throws(ReadError) {
    let expected = min(max(Int(status.st_size), 0), largestFileByteCount)
    return try readAll(descriptor, expecting: expected, limit: largestFileByteCount)
  } catch {
    switch error {
    case .tooLarge:
      throw FileTreeError(
        code: .tooLarge, path: name,
        message: "'\(name)' is over \(largestFileByteCount >> 20) MiB")
    case .system(let message):
      throw FileTreeError(
        code: .unreadable, path: name, message: "cannot read '\(name)': \(message)")
    }
  }
}

private enum ReadError: Error {
  case tooLarge
  case system(String)
}

/// The bytes of a regular file, which may change while it is read.
private func readAll(
  _ descriptor: Int32, expecting expected: Int, limit: Int
) throws(ReadError) -> [UInt8] {
  var bytes: [UInt8] = []
  var capacity = expected + 1
  while true {
    let start = bytes.count
    var got = 0
    let grown = [UInt8](unsafeUninitializedCapacity: start + capacity) { buffer, count in
      _ = buffer.update(fromContentsOf: bytes)
      got = read(descriptor, buffer.baseAddress.map { $0 + start }, capacity)
      count = start + max(got, 0)
    }
    if got < 0 {
      if errno == EINTR { continue }
      throw .system(lastSystemError())
    }
    bytes = grown
    // Of a regular file less than asked for comes only at its end.
    if got == 0 || start == 0 && got == expected { return bytes }
    if bytes.count > limit { throw .tooLarge }
    capacity = max(65_536, bytes.count)
    if bytes.count == expected { capacity = 1 }
  }
}

/// The path with symbolic links and `..` resolved; nil when nothing is there.
public func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

private func isFolder(_ path: String) -> Bool { mode(of: path) == S_IFDIR }

private func isRegularFile(_ path: String) -> Bool { mode(of: path) == S_IFREG }

/// The type of what stands at a path, without following a link there; 0 when nothing does.
private func mode(ofLink path: String) -> mode_t {
  var status = stat()
  return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
}

private func mode(of path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
}

private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
  withUnsafePointer(to: &entry.pointee.d_name) {
    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
  }
}

private func lastSystemError() -> String { String(cString: strerror(errno)) }
