import Repositories

/// What stands in an output now: a commit of a repository or a folder on disk.
public protocol PublishedTree {
  /// The files below a folder, by path from the root; links and such are listed as not plain.
  func files(under folder: String) throws(OutputError) -> [PublishedFile]

  /// The file at a path from the root; nil when there is none.
  func file(at path: String) throws(OutputError) -> PublishedFile?

  /// The id of the tree of a folder, where that is known without reading its files; nil otherwise.
  func treeID(at folder: String) throws(OutputError) -> ObjectID?

  /// The bytes of a file.
  func bytes(of file: PublishedFile) throws(OutputError) -> [UInt8]
}

/// One file of an output.
public struct PublishedFile: Sendable {
  /// From the root of the output.
  public let path: String
  /// The id of the blob of its bytes.
  public let id: ObjectID
  /// Whether it is a regular file that is not executable, as Pave writes them.
  public let isPlain: Bool
}

/// Why an output could not be read or written.
public struct OutputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What Git reported, when it was Git.
  public let repositoryError: RepositoryError?
  /// One line, lower case, no full stop.
  public let message: String
  /// The way out, where one is known.
  public let help: String?

  /// An error about files on disk.
  public init(_ message: String, help: String? = nil) {
    repositoryError = nil
    self.message = message
    self.help = help
  }

  /// An error that Git reported.
  public init(_ error: RepositoryError) {
    repositoryError = error
    message = error.message
    help = error.help
  }

  /// The message.
  public var description: String { message }
}

/// Calls Git and throws what it reports as an error of the output.
func gitOutput<Result>(
  _ body: () throws(RepositoryError) -> Result
) throws(OutputError) -> Result {
  do throws(RepositoryError) {
    return try body()
  } catch {
    throw OutputError(error)
  }
}
