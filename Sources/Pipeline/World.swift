public import Files

/// Everything outside that the stages may look at.
public struct World: Sendable {
  /// The platform's files, with `pave.yaml` at the root.
  public var files: any FileTree

  /// The version of Pave that renders: `requires` in `pave.yaml` is held against it.
  public var version: String

  /// A world of the given files.
  public init(files: any FileTree, version: String) {
    self.files = files
    self.version = version
  }
}
