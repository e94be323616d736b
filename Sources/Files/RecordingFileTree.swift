import Synchronization

/// A file tree that remembers what was read through it: what a rendering depends on is recorded,
/// not guessed.
public final class RecordingFileTree: FileTree {
  private let base: any FileTree
  private let reads = Mutex<Set<String>>([])

  /// A recorder over another tree.
  public init(_ base: any FileTree) { self.base = base }

  /// The paths that were asked for so far, there or not, sorted by bytes.
  public var recordedPaths: [String] {
    reads.withLock { $0.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
  }

  /// The bytes that the tree behind it gives; the path is noted.
  public func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    _ = reads.withLock { $0.insert(path) }
    return try base.read(path)
  }

  /// The paths that the tree behind it lists; nothing is noted.
  public func paths(under folder: String) throws(FileTreeError) -> [String] {
    try base.paths(under: folder)
  }
}
