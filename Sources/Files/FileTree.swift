/// Files by path: a folder on disk, a Git tree, or a table in memory.
///
/// Paths are `/`-separated, relative to the tree's root, without `.` or `..` steps.
public protocol FileTree: Sendable {
  /// The bytes of the file at `path`; nil when there is no file.
  ///
  /// Throws `FileTreeError` when the file is there but cannot be had: unreadable, too large, or
  /// a symbolic link that leaves the tree.
  func read(_ path: String) throws(FileTreeError) -> [UInt8]?

  /// The paths of all files at and below the folder `folder` (`""`: the root), sorted by bytes.
  ///
  /// Folders named `.git` and files that are neither regular nor links to regular files inside
  /// the tree are left out. Empty when the folder is not there.
  func paths(under folder: String) throws(FileTreeError) -> [String]
}

/// Why a file that should be there could not be had.
public struct FileTreeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Code: Sendable {
    case unreadable
    case tooLarge
    case leavesTree
    case badPath
  }

  /// What kind of failure it was.
  public let code: Code
  /// The path as it was asked for.
  public let path: String
  /// One line, lower case, with the path in quotes.
  public let message: String

  /// An error about `path`.
  public init(code: Code, path: String, message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  /// The message.
  public var description: String { message }
}

/// The largest file that Pave reads: 10 MiB.
public let largestFileByteCount = 10 << 20

/// Whether a path stays inside a tree by its text alone: not empty, not absolute, no empty, `.` or
/// `..` step, no NUL.
public func staysInside(_ path: String) -> Bool {
  !path.isEmpty && !path.utf8.contains(0)
    && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
}
