import Glibc

/// The names in a folder without `.` and `..`, in no order; empty when there is no folder.
public func names(inFolder folder: String) -> [String] {
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
public func isFolder(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Takes away a file, or a folder with what is in it as far as that is allowed; a link is not followed.
public func removeTree(_ path: String) {
  guard isFolder(path) else {
    unlink(path)
    return
  }
  for name in names(inFolder: path) { removeTree(path + "/" + name) }
  rmdir(path)
}
