import OutputTrees
import Remotes
import Repositories

/// The output repository while a publication works on it: one on this machine, or a server's, whose
/// copy here is locked meanwhile.
///
/// Use it on one thread.
public final class OutputStore {
  private let local: Repository?
  private let copy: RemoteCopy?
  private var hasHealed = false
  private let retrySeconds: Double

  /// A repository on this machine.
  init(_ repository: Repository, retrySeconds: Double) {
    local = repository
    copy = nil
    self.retrySeconds = retrySeconds
  }

  /// A server's repository.
  init(_ copy: RemoteCopy, retrySeconds: Double) {
    local = nil
    self.copy = copy
    self.retrySeconds = retrySeconds
  }

  /// Where commits are read and written: the repository itself, or the copy.
  var repository: Repository {
    guard let repository = local ?? copy?.repository else {
      preconditionFailure("a store has a repository or a copy of one")
    }
    return repository
  }

  /// Whether it is a repository on this machine rather than a server's.
  var isOnThisMachine: Bool { local != nil }

  /// Attempts at moving what others move too.
  var retries: Retries { Retries(seconds: retrySeconds) }

  /// Brings the copy of a server's repository to what the server has; nothing for one on this machine.
  func refresh(branches: [String]) throws(OutputError) {
    try remote { () throws(RemoteError) in
      try copy?.refresh(branches: branches, prefixes: OutputStore.prefixes)
    }
  }

  /// Whether a copy turned out to be damaged; it was thrown away then and fetched again, once.
  func heal(branches: [String]) -> Bool {
    guard let copy, !hasHealed, !copy.isWhole(branches.map { "refs/heads/" + $0 }) else {
      return false
    }
    hasHealed = true
    do throws(RemoteError) {
      try copy.discard()
      try copy.refresh(branches: branches, prefixes: OutputStore.prefixes)
      return true
    } catch {
      return false
    }
  }

  /// Moves references that are still where they are expected: at a server all by one push, on this
  /// machine one after the other. When some were moved and others could not be, the error names those
  /// that were.
  func move(_ updates: [ReferenceUpdate], reason: String) throws(PublishInterruption) {
    if updates.isEmpty { return }
    guard let copy else { return try moveHere(updates, reason: reason) }
    do throws(RemoteError) {
      try copy.push(updates)
    } catch {
      let outputError = OutputError(error.message, help: error.help)
      throw error.code == .moved ? .moved(outputError) : .failed(outputError)
    }
  }

  private func moveHere(
    _ updates: [ReferenceUpdate], reason: String
  ) throws(PublishInterruption) {
    var moved: [String] = []
    for update in updates {
      do throws(RepositoryError) {
        guard update.name.hasPrefix(branchPrefix) else {
          try repository.moveReference(
            update.name, from: update.old, to: update.new, reason: reason)
          continue
        }
        let branch = String(update.name.dropFirst(branchPrefix.utf8.count))
        try repository.moveBranch(branch, from: update.old, to: update.new, reason: reason)
        moved.append("\(branch) -> \(update.new.abbreviated)")
      } catch {
        if error.code == .moved { throw .moved(OutputError(error)) }
        guard !moved.isEmpty else { throw .failed(OutputError(error)) }
        throw .failed(
          OutputError(
            "\(error.message); published already: \(moved.joined(separator: ", "))",
            help: "publish again when that is mended: what is published already stays as it is"))
      }
    }
  }

  /// What is fetched beside the branches.
  private static let prefixes = ["refs/notes/"]
}

private let branchPrefix = "refs/heads/"

/// Calls a remote and throws what it reports as an error of the output.
func remote<Result>(
  _ body: () throws(RemoteError) -> Result
) throws(OutputError) -> Result {
  do throws(RemoteError) {
    return try body()
  } catch {
    throw OutputError(error.message, help: error.help)
  }
}
