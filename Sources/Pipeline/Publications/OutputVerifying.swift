public import Diagnostics
import Files
import Intents
public import OutputTrees
public import Repositories

/// A commit of an output, and the source commit that it says it was rendered from.
public struct VerifiedCommit: Sendable {
  /// The repository, as `pave.yaml` gives it.
  public let repository: String
  /// The branch that it was found by, or the revision that was asked for.
  public let name: String
  /// The commit whose files are held against the rendering.
  public let commit: ObjectID
  /// The commit of the platform that is rendered again.
  public let source: ObjectID
  /// The names of the environments that are published there.
  public let environments: [String]
  /// The files of the commit, for showing where something is wrong.
  public let files: GitFileTree
  let tree: CommittedTree
}

extension LoadedPlatform {
  /// What is to be verified: the tips of all branches that the delivery engine reads, or one commit of the output.
  ///
  /// Throws when the output is not there, when `revision` means no commit in it, and when nothing there says what it was
  /// rendered from.
  public func commitsToVerify(
    _ revision: String?, in selection: [Int], platformFolder folder: String, proposed: Bool
  ) throws(OutputError) -> [VerifiedCommit] {
    _ = try outputNames
    var commits: [VerifiedCommit] = []
    for group in branchGroups(selection, proposed: proposed) {
      guard
        let repository = try outputRepository(named: group.repository, platformFolder: folder)
      else { throw OutputError(missingOutput(group.repository)) }
      let commit = try git { () throws(RepositoryError) in
        if let revision { return try repository.commitID(of: revision) }
        guard let tip = try repository.tip(of: group.branch) else {
          throw RepositoryError(
            .notFound, .resolve, "the output has no branch '\(group.branch)' yet")
        }
        return tip
      }
      let source = try git { () throws(RepositoryError) in
        try OutputHistory(repository, platform: platform.name).source(at: commit)
      }
      guard let source else {
        throw OutputError(
          "nothing at \(commit.abbreviated) says from which commit of '\(platform.name)' it was rendered",
          help: "name a commit of the output that 'pave publish' made, or one after it")
      }
      commits.append(
        VerifiedCommit(
          repository: group.repository, name: revision ?? group.branch, commit: commit,
          source: source,
          environments: group.environments.map { platform.environments[$0].name },
          files: try git { () throws(RepositoryError) in
            try GitFileTree(repository, commit: commit, folder: "")
          }, tree: try CommittedTree(repository, commit: commit)))
    }
    return commits
  }

  /// Renders this platform, as its source commit has it, and holds the commit of an output against that.
  ///
  /// Gives what is found in rendering, and `output/…` (`OutputTree.verify`). Throws when the output cannot be read.
  public func verify(_ commit: VerifiedCommit) throws(OutputError) -> [Finding] {
    let indices = platform.environments.indices.filter {
      commit.environments.contains(platform.environments[$0].name)
    }
    let everything = everything
    let rendering = render(
      UnitSelection(environments: indices, intents: everything.intents), [.bytes])
    let failures = rendering.findings.filter { $0.severity == .error }
    guard failures.isEmpty else { return failures }
    let desired = try desiredOutput(of: rendering, isOneFolder: true)
    guard let branch = desired.branches.first, desired.findings.isEmpty else {
      return desired.findings
    }
    return try branch.tree.verify(against: commit.tree, revision: "\(commit.commit)")
  }
}
