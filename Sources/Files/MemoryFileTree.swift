/// A file tree of texts held in memory.
public struct MemoryFileTree: FileTree {
  private let files: [String: [UInt8]]

  /// A tree of the given files by path.
  public init(_ files: [String: [UInt8]]) { self.files = files }

  /// A tree of the given texts by path.
  public init(texts: [String: String]) { self.init(texts.mapValues { Array($0.utf8) }) }

  /// The bytes of a file; nil when there is none.
  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? { files[path] }

  /// The files below a folder, sorted by bytes.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    files.keys.filter { folder.isEmpty || $0 == folder || $0.hasPrefix(folder + "/") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
