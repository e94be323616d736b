/// A file tree in which some files have other bytes: what a tree would be after an edit.
public struct OverlaidFileTree: FileTree {
  private let base: any FileTree
  private let files: [String: [UInt8]]

  /// The files of `base`, those named in `files` with the bytes given there.
  public init(_ base: any FileTree, files: [String: [UInt8]]) {
    self.base = base
    self.files = files
  }

  /// The bytes of a file; nil when there is none.
  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    if let bytes = files[path] { return bytes }
    return try base.read(path)
  }

  /// The files below a folder of the tree as it was: no file comes or goes.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    try base.paths(under: folder)
  }
}
