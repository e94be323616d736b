import Files
import Glibc

/// Writes a file that a report or a command makes, into the place of one that is there; ends the command with exit code 2
/// when it cannot be written.
func write(_ bytes: [UInt8], toFile path: String) throws {
  try write(bytes, toFile: path, flags: O_TRUNC)
}

/// Writes a file that must not be there yet, with the folders above it.
func writeNew(_ bytes: [UInt8], toFile path: String) throws {
  try makeFolders(above: path)
  try write(bytes, toFile: path, flags: O_EXCL)
}

/// Writes a file with the folders above it.
func writeFile(_ bytes: [UInt8], _ path: String) throws {
  try makeFolders(above: path)
  try write(bytes, toFile: path)
}

/// The bytes of a file; nil when it is not there.
func bytesIfThere(ofFile path: String) throws -> [UInt8]? {
  do {
    return try readFile(path, named: path)
  } catch {
    throw CommandFailure(message: error.message)
  }
}

private func write(_ bytes: [UInt8], toFile path: String, flags: Int32) throws {
  let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o666)
  guard file >= 0 else {
    if errno == EEXIST {
      throw CommandFailure(message: "'\(path)' is there already and was not touched")
    }
    throw writeFailure(path)
  }
  defer { close(file) }
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    if written > 0 {
      rest = rest.dropFirst(written)
    } else if errno != EINTR {
      throw writeFailure(path)
    }
  }
}

private func makeFolders(above path: String) throws {
  var end = path.startIndex
  while let slash = path[end...].dropFirst().firstIndex(of: "/") {
    let folder = String(path[..<slash])
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST || errno == EISDIR else {
      throw CommandFailure(
        message: "cannot make the folder '\(folder)': \(String(cString: strerror(errno)))")
    }
    end = slash
  }
}

private func writeFailure(_ path: String) -> CommandFailure {
  CommandFailure(message: "cannot write '\(path)': \(String(cString: strerror(errno)))")
}
