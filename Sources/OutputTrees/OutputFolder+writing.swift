import Glibc
import Repositories

extension OutputFolder {
  /// Carries a plan out: each file takes its place in one step, empty folders are removed.
  ///
  /// Stopped at any moment, running again ends at the same files: old files go first, then the
  /// inventories say what is to come, then the files come. Throws when a file cannot be written.
  public func carryOut(_ plan: OutputPlan) throws(OutputError) {
    precondition(!plan.isRefused, "a plan with an error must not be carried out")
    if plan.edits.isEmpty { return }
    try makeRoot()
    var writer = FolderWriter(root: path)
    defer { writer.close() }
    let isInventory = { (edit: TreeEdit) in edit.path.hasPrefix(inventoryFolder + "/") }
    for edit in plan.edits where !isInventory(edit) { try writer.delete(edit) }
    for edit in plan.edits where isInventory(edit) { try writer.write(edit) }
    for edit in plan.edits where !isInventory(edit) { try writer.write(edit) }
    for edit in plan.edits where isInventory(edit) { try writer.delete(edit) }
  }

  private func makeRoot() throws(OutputError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let folder = String(path[..<end])
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST || errno == EISDIR else {
        throw OutputError("cannot make the folder '\(folder)': \(systemError())")
      }
    }
  }
}

/// Writes and deletes files below a root, never through a link; keeps the last folder open.
private struct FolderWriter {
  let root: String
  private var folder: (path: String, descriptor: Int32)?

  init(root: String) { self.root = root }

  mutating func close() {
    if let folder { Glibc.close(folder.descriptor) }
    folder = nil
  }

  mutating func write(_ edit: TreeEdit) throws(OutputError) {
    guard case .write(_, let bytes) = edit.change else { return }
    let (path, name) = split(edit.path)
    guard let folder = try open(path, isMaking: true) else { return }
    let temporary = temporaryName(of: name)
    unlinkat(folder, temporary, 0)
    let file = openat(
      folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure("write", edit.path) }
    let isWritten = writeAll(bytes, to: file)
    guard Glibc.close(file) == 0, isWritten, renameat(folder, temporary, folder, name) == 0 else {
      let error = failure("write", edit.path)
      unlinkat(folder, temporary, 0)
      throw error
    }
  }

  mutating func delete(_ edit: TreeEdit) throws(OutputError) {
    guard case .delete = edit.change else { return }
    let (path, name) = split(edit.path)
    guard let folder = try open(path, isMaking: false) else { return }
    guard unlinkat(folder, name, 0) == 0 || errno == ENOENT else {
      throw failure("delete", edit.path)
    }
    try removeEmptyFolders(from: path)
  }

  private mutating func removeEmptyFolders(from path: String) throws(OutputError) {
    var path = path
    while !path.isEmpty {
      let (parent, name) = split(path)
      guard let folder = try open(parent, isMaking: false),
        unlinkat(folder, name, AT_REMOVEDIR) == 0
      else { return }
      path = parent
    }
  }

  /// A descriptor of the folder at a path below the root; nil when it is missing and not made.
  private mutating func open(_ path: String, isMaking: Bool) throws(OutputError) -> Int32? {
    if let folder, folder.path == path { return folder.descriptor }
    close()
    var descriptor = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", "") }
    for step in path.split(separator: "/") {
      if isMaking { mkdirat(descriptor, String(step), 0o777) }
      let next = openat(descriptor, String(step), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let reason = errno
      Glibc.close(descriptor)
      errno = reason
      if next < 0 {
        if !isMaking, reason == ENOENT { return nil }
        throw failure("open the folder", path)
      }
      descriptor = next
    }
    folder = (path, descriptor)
    return descriptor
  }

  private func failure(_ verb: String, _ path: String) -> OutputError {
    let isLink = errno == ELOOP || errno == ENOTDIR
    return OutputError(
      "cannot \(verb) '\(path.isEmpty ? root : root + "/" + path)': \(systemError())",
      help: isLink ? "a link or a file stands where a folder is needed: move it away" : nil)
  }
}

private func writeAll(_ bytes: ArraySlice<UInt8>, to file: Int32) -> Bool {
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
