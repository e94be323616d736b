import Files
import Repositories
import Synchronization

/// A file tree that notes the content of everything that is read through it, as the id of a Git blob.
///
/// What a platform came from is recorded here, not guessed.
final class HashedFileTree: FileTree {
  /// What stands at a path.
  enum Content: Sendable, Equatable {
    case absent
    case blob(ObjectID)
    /// Bytes that no id is given to: part of a known attack on SHA-1.
    case unknown
  }

  private let base: any FileTree
  private let contents = Mutex<[String: Content]>([:])

  init(_ base: any FileTree) { self.base = base }

  /// What was read so far, by path.
  var reads: [String: Content] { contents.withLock { $0 } }

  /// What was read at a path; nil when nobody asked.
  func content(_ path: String) -> Content? { contents.withLock { $0[path] } }

  func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    let bytes: [UInt8]?
    let content: Content
    if let shared = base as? SharedFileTree {
      let found = try shared.identified(path)
      bytes = found?.bytes
      content = found.map { .blob($0.id) } ?? .absent
    } else {
      bytes = try base.read(path)
      content = bytes.map { Content(of: $0) } ?? .absent
    }
    contents.withLock { $0[path] = content }
    return bytes
  }

  func paths(under folder: String) throws(FileTreeError) -> [String] {
    try base.paths(under: folder)
  }
}

extension HashedFileTree.Content {
  init(of bytes: [UInt8]) {
    if let id = ObjectID(checking: .blob, bytes[...]) {
      self = .blob(id)
    } else {
      self = .unknown
    }
  }

  /// The id of the bytes; nil where there are none, or none can be given.
  var id: ObjectID? { if case .blob(let id) = self { id } else { nil } }
}
