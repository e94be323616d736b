import Glibc

/// A file tree over a folder on disk.
///
/// Symbolic links are followed only as long as they stay inside the folder: a link that leaves it
/// reads as an error and is never listed.
public struct DiskFileTree: FileTree {
  /// The folder's real, absolute path.
  public let root: String

  /// A tree over the folder at `path`; nil when there is no folder.
  public init?(_ path: String) {
    guard let real = realPath(path), isFolder(real) else { return nil }
    root = real
  }

  /// Whether the folder at `folder` has a regular file (or a link to one) named `name`.
  public static func hasFile(_ name: String, in folder: String) -> Bool {
    isRegularFile(folder + "/" + name)
  }

  /// The bytes of a file; nil when there is none. A link that leaves the folder is an error.
  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    guard staysInside(path) else {
      throw FileTreeError(
        code: .badPath, path: path, message: "'\(path)' is not a path inside the folder")
    }
    guard let real = realPath(root + "/" + path) else { return nil }
    guard isInside(real) else {
      throw FileTreeError(
        code: .leavesTree, path: path, message: "'\(path)' is a link that leaves '\(root)'")
    }
    guard !isFolder(real) else { return nil }
    return try readFile(real, named: path)
  }

  /// The files below a folder, sorted by bytes.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    guard folder.isEmpty || staysInside(folder) else { return [] }
    guard let real = realPath(folder.isEmpty ? root : root + "/" + folder), isInside(real) else {
      return []
    }
    if !isFolder(real) { return [folder] }
    var found: [String] = []
    try collect(folder, depth: 0, into: &found)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func isInside(_ real: String) -> Bool {
    root == "/" || real == root || real.hasPrefix(root + "/")
  }

  private func collect(
    _ folder: String, depth: Int, into found: inout [String]
  ) throws(FileTreeError) {
    guard depth < 64 else {
      throw FileTreeError(
        code: .unreadable, path: folder, message: "'\(folder)' is nested over 64 folders deep")
    }
    guard let stream = opendir(folder.isEmpty ? root : root + "/" + folder) else {
      throw FileTreeError(
        code: .unreadable, path: folder,
        message: "cannot list '\(folder)': \(lastSystemError())")
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = entryName(entry)
      if name == "." || name == ".." || name == ".git" { continue }
      let path = folder.isEmpty ? name : folder + "/" + name
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_REG): found.append(path)
      case Int32(DT_DIR): try collect(path, depth: depth + 1, into: &found)
      case Int32(DT_LNK), Int32(DT_UNKNOWN):
        guard let real = realPath(root + "/" + path), isInside(real) else { continue }
        if isRegularFile(real) {
          found.append(path)
        } else if Int32(entry.pointee.d_type) == Int32(DT_UNKNOWN), isFolder(real) {
          try collect(path, depth: depth + 1, into: &found)
        }
      default: continue
      }
    }
  }
}

/// The bytes of the file at an absolute or relative path on disk; nil when there is no file.
///
/// `name` stands for the file in the error's message.
public func readFile(_ path: String, named name: String) throws(FileTreeError) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileTreeError(
      code: .unreadable, path: name, message: "cannot read '\(name)': \(lastSystemError())")
  }
  defer { close(descriptor) }
  do throws(ReadError) {
    return try readAll(descriptor, limit: largestFileByteCount)
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

/// Everything that can still be read from standard input.
public func readStandardInput() throws(FileTreeError) -> [UInt8] {
  do {
    return try readAll(STDIN_FILENO, limit: .max)
  } catch {
    throw FileTreeError(code: .unreadable, path: "-", message: "cannot read standard input")
  }
}

private enum ReadError: Error {
  case tooLarge
  case system(String)
}

private func readAll(_ descriptor: Int32, limit: Int) throws(ReadError) -> [UInt8] {
  var status = stat()
  let expected =
    fstat(descriptor, &status) == 0 ? min(max(Int(status.st_size), 0), largestFileByteCount) : 0
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
    if got == 0 { return bytes }
    if bytes.count > limit { throw .tooLarge }
    capacity = max(65_536, bytes.count)
    if bytes.count == expected { capacity = 1 }
  }
}

/// The path with symbolic links and `..` resolved; nil when nothing is there.
func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

private func isFolder(_ path: String) -> Bool { mode(of: path) == S_IFDIR }

private func isRegularFile(_ path: String) -> Bool { mode(of: path) == S_IFREG }

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
