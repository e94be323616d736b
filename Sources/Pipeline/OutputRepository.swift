import Files
import Intents
public import OutputTrees
public import Repositories

extension LoadedPlatform {
  /// The output repository on this machine; nil when there is none yet.
  ///
  /// `folder` is the platform's folder on disk: a relative path in `pave.yaml` starts there, and
  /// `.` means the repository that holds it. With `create` a missing repository is made, bare. Throws
  /// for a URL, which this version does not connect to, and for what Git reports.
  public func outputRepository(
    platformFolder folder: String, create: Bool
  ) throws(OutputError) -> Repository? {
    guard let output = platform.output else {
      throw OutputError(
        "pave.yaml says nothing about the output",
        help: "write 'spec.output.repository' and 'spec.output.branch'")
    }
    if output.repository == "." {
      return try git { () throws(RepositoryError) in try Repository(holding: folder) }
    }
    guard !isURL(output.repository) else {
      throw OutputError(
        "the output repository '\(output.repository)' is not on this machine",
        help: "name the path of a clone or a bare repository in 'spec.output.repository'")
    }
    let path =
      output.repository.hasPrefix("/") ? output.repository : "\(folder)/\(output.repository)"
    do throws(RepositoryError) {
      return try Repository(at: path)
    } catch {
      guard error.code == .notFound else { throw OutputError(error) }
    }
    if let there = realPath(path), (try? DiskFileTree(there)?.paths(under: "").isEmpty) != true {
      throw OutputError(
        "'\(output.repository)' is there and is no Git repository",
        help: "correct 'spec.output.repository', or move what is there away")
    }
    guard create else { return nil }
    return try git { () throws(RepositoryError) in
      try Repository.createBare(at: path, initialBranch: firstBranch(output.branch))
    }
  }

  /// The branch that HEAD of a new repository names: the one of a single branch, else `main`.
  private func firstBranch(_ pattern: String) -> String {
    pattern.utf8.contains(UInt8(ascii: "$")) ? "main" : pattern
  }
}

/// Whether a repository is named by a URL or as `host:path` rather than by a path (git-clone(1),
/// "GIT URLS": a colon before the first slash makes it an address).
private func isURL(_ text: String) -> Bool {
  if text.contains("://") { return true }
  guard let colon = text.firstIndex(of: ":") else { return false }
  return !text[..<colon].contains("/")
}
