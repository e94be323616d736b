public import Diagnostics
public import OutputTrees
import Files
import Repositories

/// How what is rendered differs from what is published.
public struct Comparison: Sendable {
  /// One entry an object, sorted by path, the branches one after the other.
  public let changes: [ChangeSet.Change]
  /// Foreign and hand-edited files, and what is wrong with the output.
  public let findings: [Finding]
  /// Why there is no published side; nil when there is one.
  public let missing: String?
}

extension LoadedPlatform {
  /// Compares rendered units with the tips of the output's branches; writes nothing.
  ///
  /// Without an output repository, or without a branch in it, everything is created.
  public func compare(
    _ rendering: Rendering, platformFolder folder: String
  ) throws(OutputError) -> Comparison {
    let desired = try desiredOutput(of: rendering)
    guard !desired.findings.contains(where: { $0.severity == .error }) else {
      return Comparison(changes: [], findings: desired.findings, missing: nil)
    }
    var changes: [ChangeSet.Change] = []
    var findings = desired.findings
    var missing: String?
    for branch in desired.branches {
      let plan: OutputPlan
      if let repository = try outputRepository(named: branch.repository, platformFolder: folder) {
        let tip = try git { () throws(RepositoryError) in try branch.home.tips(in: repository).tip }
        if tip == nil { missing = "the output has no branch '\(branch.branch)' yet" }
        plan = try branch.tree.plan(
          against: try CommittedTree(repository, commit: tip), guards: .everythingAllowed)
      } else {
        missing = missingOutput(branch.repository)
        plan = try branch.tree.plan(against: EmptyOutput(), guards: .everythingAllowed)
      }
      changes += plan.changes.changes
      findings += plan.findings
    }
    return Comparison(changes: changes, findings: findings, missing: missing)
  }
}

extension LoadedPlatform {
  /// Makes a folder on disk hold the rendered units; with `isCheck` only tells what would change.
  ///
  /// Branches do not matter here: all environments stand in one folder. With a finding of severity
  /// error nothing is written.
  public func write(
    _ rendering: Rendering, toFolder path: String, isCheck: Bool
  ) throws(OutputError) -> (changes: [ChangeSet.Change], findings: [Finding]) {
    let desired = try desiredOutput(of: rendering, isOneFolder: true)
    var findings = desired.findings
    var changes: [ChangeSet.Change] = []
    var plans: [OutputPlan] = []
    if realPath(path) != nil, DiskFileTree(path) == nil {
      throw OutputError("'\(path)' is no folder")
    }
    let folder = OutputFolder(path)
    for branch in desired.branches {
      let plan = try branch.tree.plan(against: folder, guards: .everythingAllowed)
      changes += plan.changes.changes
      findings += plan.findings
      plans.append(plan)
    }
    guard !isCheck, !findings.contains(where: { $0.severity == .error }) else {
      return (changes, findings)
    }
    for plan in plans { try folder.carryOut(plan) }
    return (changes, findings)
  }
}

extension OutputGuards {
  /// For looking only: guards are for writing.
  static var everythingAllowed: OutputGuards {
    var guards = OutputGuards()
    guards.allowsEmpty = true
    guards.allowsDeletions = true
    guards.allowsProtected = true
    return guards
  }
}

/// An output in which nothing has been published.
struct EmptyOutput: PublishedTree, Sendable {
  func files(under folder: String) throws(OutputError) -> [PublishedFile] { [] }
  func file(at path: String) throws(OutputError) -> PublishedFile? { nil }
  func treeID(at folder: String) throws(OutputError) -> ObjectID? { nil }
  func bytes(of file: PublishedFile) throws(OutputError) -> [UInt8] { [] }
}
