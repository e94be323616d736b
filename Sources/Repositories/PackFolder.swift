import CLibGit2
import Glibc

extension Repository {
  /// Writes objects as one pack with its index, safe against a power cut once it returns; gives the
  /// pack's bytes.
  ///
  /// Every object is hashed again, by a hash that notices collision attacks. The pack takes its name
  /// before its index does: without an index nobody looks into it, and `git gc` removes what a process
  /// that was killed left behind (`tmp_pack_*`, `tmp_idx_*`: git-prune-packed(1)).
  func writePack(_ objects: NewObjects) throws(RepositoryError) -> [UInt8] {
    for object in objects.objects where !object.id.isConfirmed(object.kind, object.bytes) {
      throw RepositoryError(
        .corrupt, .writeObjects,
        "the object '\(object.id)'\(object.path.isEmpty ? "" : " of '\(object.path)'") "
          + "has the marks of an attack on SHA-1, or changed while it was written")
    }
    let pack = PackWriter.pack(objects.objects)
    let trailer = Array(pack.bytes.suffix(ObjectID.byteCount))
    let index = PackIndex.encoded(pack.entries, packTrailer: trailer)
    let name = "pack-" + (ObjectID(bytes: trailer)?.description ?? "")
    try withHandle { (handle) throws(RepositoryError) in
      let folder = try PackFolder(handle)
      try folder.write(pack.bytes, as: name + ".pack", temporary: "tmp_pack_")
      try folder.write(index, as: name + ".idx", temporary: "tmp_idx_")
      try folder.synchronize()
      var store: OpaquePointer?
      try git(.writeObjects) { git_repository_odb(&store, handle) }
      defer { git_odb_free(store) }
      try git(.writeObjects) { git_odb_refresh(store) }
    }
    return pack.bytes
  }
}

/// The folder `objects/pack` of a repository.
private struct PackFolder {
  private let path: String
  private let sharing: FileSharing

  init(_ handle: OpaquePointer) throws(RepositoryError) {
    var objects = git_buf()
    try git(.writeObjects) {
      git_repository_item_path(&objects, handle, GIT_REPOSITORY_ITEM_OBJECTS)
    }
    defer { git_buf_dispose(&objects) }
    path = objects.ptr.map { String(cString: $0) + "pack" } ?? ""
    sharing = FileSharing(of: handle)
    try makeFolder(path)
  }

  /// Writes a file under a passing name, gives it its own when it is on the disk.
  func write(
    _ bytes: [UInt8], as name: String, temporary prefix: String
  ) throws(RepositoryError) {
    let (file, temporary) = try open(prefix)
    let isWritten = writeAll(bytes, to: file) && sharing.apply(to: file) && fsync(file) == 0
    let reason = errno
    guard close(file) == 0, isWritten, rename(temporary, path + "/" + name) == 0 else {
      let error = failure("write the pack", isWritten ? errno : reason)
      unlink(temporary)
      throw error
    }
  }

  /// Makes the names in the folder last.
  func synchronize() throws(RepositoryError) {
    let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if folder >= 0 { close(folder) } }
    guard folder >= 0, fsync(folder) == 0 else { throw failure("write the folder", errno) }
  }

  /// A new file that nobody may change (mode 0444 less the umask), as Git makes them.
  private func open(_ prefix: String) throws(RepositoryError) -> (file: Int32, path: String) {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    for _ in 0..<100 {
      let suffix = String(
        decoding: (0..<6).map { _ in letters[Int.random(in: letters.indices)] }, as: UTF8.self)
      let temporary = path + "/" + prefix + suffix
      let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
      if file >= 0 { return (file, temporary) }
      guard errno == EEXIST else { break }
    }
    throw failure("make a file", errno)
  }

  private func failure(_ verb: String, _ code: Int32) -> RepositoryError {
    RepositoryError(
      .failed, .writeObjects, "cannot \(verb) in '\(path)': \(String(cString: strerror(code)))")
  }
}

/// Who else may read new files, by `core.sharedRepository` (git-config(1)).
private struct FileSharing {
  private var bits: mode_t = 0
  /// Whether the bits stand in the place of what the umask leaves.
  private var isExact = false

  init(of handle: OpaquePointer) {
    var configuration: OpaquePointer?
    guard git_repository_config_snapshot(&configuration, handle) == 0 else { return }
    defer { git_config_free(configuration) }
    var text: UnsafePointer<CChar>?
    guard git_config_get_string(&text, configuration, "core.sharedrepository") == 0, let text else {
      return
    }
    switch String(cString: text).lowercased() {
    case "umask", "false", "no", "off", "0", "": break
    case "group", "true", "yes", "on", "1": bits = 0o660
    case "all", "world", "everybody", "2": bits = 0o664
    case let octal:
      guard let mode = mode_t(octal, radix: 8), mode & 0o600 == 0o600 else { return }
      bits = mode & 0o666
      isExact = true
    }
  }

  /// Sets a file's mode as `adjust_shared_perm` of path.c does for one without write permission.
  func apply(to file: Int32) -> Bool {
    if bits == 0 { return true }
    var status = stat()
    guard fstat(file, &status) == 0 else { return false }
    let readable = bits & ~0o222
    return fchmod(file, isExact ? readable : status.st_mode & 0o7777 | readable) == 0
  }
}

private func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
  bytes.withUnsafeBytes { buffer in
    var count = 0
    while count < buffer.count {
      let written = Glibc.write(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { return false }
      count += written
    }
    return true
  }
}
