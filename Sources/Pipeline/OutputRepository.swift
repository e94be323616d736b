import Files
import Intents
public import OutputTrees
public import Remotes
import Repositories

extension LoadedPlatform {
  /// An output repository, by the name that `pave.yaml` gives it, on this machine, or the copy of a
  /// server's as it was last fetched; nil when there is none yet. Connects to nobody.
  ///
  /// `folder` is the platform's folder on disk: a relative path in `pave.yaml` starts there, and
  /// `.` means the repository that holds it. With `create` a missing repository is made, bare. Throws
  /// for what Git reports.
  func outputRepository(
    named name: String, platformFolder folder: String, create: Bool = false
  ) throws(OutputError) -> Repository? {
    let address = try address(of: name)
    if address.scheme == .file { return try localOutput(address.path, folder, create: create) }
    return remoteCopies.flatMap { RemoteCopy.existing(address, in: $0) }
  }

  /// Opens the output repositories to publish to them, by the names that `pave.yaml` gives them; those
  /// that are not there are left out when `create` is false.
  ///
  /// A server is connected to, if `connection` allows it, and what is published there is fetched into
  /// the copy on this machine, which stays locked as long as its store is there.
  public func openOutputs(
    platformFolder folder: String, create: Bool, _ connection: ConnectionOptions
  ) throws(OutputError) -> [String: OutputStore] {
    var stores: [String: OutputStore] = [:]
    // In one order for all, so that two runs do not each hold what the other waits for.
    for name in try outputNames.sorted() {
      stores[name] = try openOutput(name, folder, create: create, connection)
    }
    return stores
  }

  private func openOutput(
    _ name: String, _ folder: String, create: Bool, _ connection: ConnectionOptions
  ) throws(OutputError) -> OutputStore? {
    let address = try address(of: name)
    if address.scheme == .file {
      return try localOutput(address.path, folder, create: create).map {
        OutputStore($0, retrySeconds: connection.retrySeconds)
      }
    }
    try remote { () throws(RemoteError) in try connection.check(address) }
    guard let remoteCopies else {
      throw OutputError(
        "there is no folder for the copy of '\(address)' on this machine",
        help: "name one with --cache DIR, or set HOME or XDG_CACHE_HOME")
    }
    let copy = try remote { () throws(RemoteError) in
      try RemoteCopy(address, in: remoteCopies, connection)
    }
    let store = OutputStore(copy, retrySeconds: connection.retrySeconds)
    try store.refresh(branches: branches(in: name))
    return store
  }

  /// Why there is no output repository of a name to compare with, in a few words.
  func missingOutput(_ name: String) -> String {
    guard let address = try? address(of: name), address.scheme != .file else {
      return "there is no output repository yet"
    }
    return "'\(address)' was not fetched to this machine yet"
  }

  /// The names of the output repositories, in the order of the environments.
  ///
  /// Throws when the platform says nothing about its output.
  var outputNames: [String] {
    get throws(OutputError) {
      guard platform.output != nil else {
        throw OutputError(
          "pave.yaml says nothing about the output",
          help: "write 'spec.output.repository' and 'spec.output.branch'")
      }
      return unique(targets.map(\.repository))
    }
  }

  /// The branches of a repository that are read or written.
  func branches(in repository: String) -> [String] {
    unique(
      targets.filter { $0.repository == repository }.flatMap { [$0.branch, $0.activeBranch] })
  }

  /// The name of an output repository without the password or token that may stand in it.
  public func shownOutput(_ name: String) -> String {
    (try? RemoteAddress(name))?.description ?? name
  }

  private func address(of name: String) throws(OutputError) -> RemoteAddress {
    try remote { () throws(RemoteError) in try RemoteAddress(name) }
  }

  private func localOutput(
    _ written: String, _ folder: String, create: Bool
  ) throws(OutputError) -> Repository? {
    if written == "." {
      return try git { () throws(RepositoryError) in try Repository(holding: folder) }
    }
    let path = written.hasPrefix("/") ? written : "\(folder)/\(written)"
    do throws(RepositoryError) {
      return try Repository(at: path)
    } catch {
      guard error.code == .notFound else { throw OutputError(error) }
    }
    if let there = realPath(path), (try? DiskFileTree(there)?.paths(under: "").isEmpty) != true {
      throw OutputError(
        "'\(written)' is there and is no Git repository",
        help: "correct 'spec.output.repository', or move what is there away")
    }
    guard create else { return nil }
    return try git { () throws(RepositoryError) in
      try Repository.createBare(
        at: path, initialBranch: firstBranch(platform.output?.branch ?? "main"))
    }
  }

  /// The branch that HEAD of a new repository names: the one of a single branch, else `main`.
  private func firstBranch(_ pattern: String) -> String {
    pattern.utf8.contains(UInt8(ascii: "$")) ? "main" : pattern
  }
}
