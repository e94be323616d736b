import Glibc
public import Repositories

/// A folder on disk that holds an output, for teams that commit manifests in the same change.
///
/// No symbolic link below it is followed, for reading or for writing, so nothing outside can be
/// touched. A folder that is missing is empty.
public struct OutputFolder: PublishedTree {
  /// The folder's path, as given.
  public let path: String

  /// The folder at `path`; nothing is opened yet.
  public init(_ path: String) { self.path = path }

  /// The files below a folder, by path from the root; links and such are listed as not plain.
  public func files(under folder: String) throws(OutputError) -> [PublishedFile] {
    guard let descriptor = try openFolder(folder) else {
      return try file(at: folder).map { [$0] } ?? []
    }
    var found: [PublishedFile] = []
    try collect(descriptor, folder, depth: 0, into: &found)
    return found
  }

  /// The file at a path from the root; nil when there is none.
  public func file(at path: String) throws(OutputError) -> PublishedFile? {
    let (folder, name) = split(path)
    guard let descriptor = try openFolder(folder) else { return nil }
    defer { close(descriptor) }
    return try file(name, in: descriptor, at: path)
  }

  /// Always nil: a folder on disk has no id without reading its files.
  public func treeID(at folder: String) throws(OutputError) -> ObjectID? { nil }

  /// The bytes of a file; empty when it is gone by now.
  public func bytes(of file: PublishedFile) throws(OutputError) -> [UInt8] {
    let (folder, name) = split(file.path)
    guard let descriptor = try openFolder(folder) else { return [] }
    defer { close(descriptor) }
    return try contents(of: name, in: descriptor, at: file.path) ?? []
  }

  /// A descriptor of a folder below this one; nil when there is none, or a link or a file stands in
  /// its place.
  private func openFolder(_ folder: String) throws(OutputError) -> Int32? {
    var descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for step in folder.split(separator: "/") where descriptor >= 0 {
      let next = openat(descriptor, String(step), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let reason = errno
      close(descriptor)
      errno = reason
      descriptor = next
    }
    if descriptor >= 0 { return descriptor }
    guard [ENOENT, ENOTDIR, ELOOP].contains(errno) else {
      throw OutputError("cannot read the folder '\(path)/\(folder)': \(systemError())")
    }
    return nil
  }

  private func collect(
    _ descriptor: Int32, _ folder: String, depth: Int, into found: inout [PublishedFile]
  ) throws(OutputError) {
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      throw OutputError("cannot list '\(folder)': \(systemError())")
    }
    defer { closedir(stream) }
    guard depth < 64 else { throw OutputError("'\(folder)' is nested over 64 folders deep") }
    while let entry = readdir(stream) {
      let name = entryName(entry)
      if name == "." || name == ".." || isTemporary(name) { continue }
      let path = folder + "/" + name
      let sub = openat(
        dirfd(stream), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if sub >= 0 {
        try collect(sub, path, depth: depth + 1, into: &found)
      } else if let file = try file(name, in: dirfd(stream), at: path) {
        found.append(file)
      }
    }
  }

  private func file(
    _ name: String, in folder: Int32, at path: String
  ) throws(OutputError) -> PublishedFile? {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    if status.st_mode & S_IFMT == S_IFDIR { return nil }
    let isPlain = status.st_mode & S_IFMT == S_IFREG && status.st_mode & S_IXUSR == 0
    let bytes = isPlain ? try contents(of: name, in: folder, at: path) : nil
    let id = ObjectID(of: .blob, (bytes ?? [])[...])
    return PublishedFile(path: path, id: id, isPlain: bytes != nil)
  }

  /// The bytes of a regular file; nil for anything else and for a file over 10 MiB.
  private func contents(
    of name: String, in folder: Int32, at path: String
  ) throws(OutputError) -> [UInt8]? {
    let descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if [ENOENT, ELOOP, ENXIO].contains(errno) { return nil }
      throw OutputError("cannot read '\(path)': \(systemError())")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= 10 << 20
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw OutputError("cannot read '\(path)': \(systemError())") }
      if got == 0 { break }
      count += got
    }
    bytes.removeSubrange(count...)
    return bytes
  }
}

/// The folder and the last step of a path.
func split(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
  return (String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
}

/// The name under which a file is written before it takes its own.
func temporaryName(of name: String) -> String { ".pave-" + name + ".tmp" }

private func isTemporary(_ name: String) -> Bool {
  name.hasPrefix(".pave-") && name.hasSuffix(".tmp")
}

func systemError() -> String { String(cString: strerror(errno)) }

private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
  withUnsafePointer(to: &entry.pointee.d_name) {
    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
  }
}
