public import Diagnostics
import Intents
public import OutputTrees
public import Repositories

/// What a user allows a publication to do.
public struct PublishOptions: Sendable {
  /// Makes the output repository when it is not there.
  public var create = false
  /// Plans and compares, and writes nothing.
  public var isDryRun = false
  /// Publishes although the output was rendered from a commit that is no ancestor of ours.
  public var allowsRewind = false
  /// What may be deleted.
  public var guards = OutputGuards()

  /// Nothing beyond the ordinary is allowed.
  public init() {}
}

/// What came of one branch.
public struct BranchPublication: Sendable {
  /// How it ended.
  public enum Outcome: Sendable {
    /// The branch moved to the commit.
    case published(ObjectID)
    /// No object changed.
    case unchanged
    /// What would be published; nothing was written.
    case planned
    /// The output holds a later state of the source: this runner came too late.
    case superseded(by: ObjectID)
  }

  /// The branch, without `refs/heads/`.
  public let branch: String
  /// The tip before; nil for a new branch.
  public let tip: ObjectID?
  /// What differs from what was published.
  public let changes: ChangeSet
  /// What became of it.
  public let outcome: Outcome
}

/// What came of a publication.
public struct PublishResult: Sendable {
  /// By branch, in the order of the environments; empty when it was refused.
  public let branches: [BranchPublication]
  /// What was found while planning; with an error nothing was written.
  public let findings: [Finding]
}

extension LoadedPlatform {
  /// Publishes rendered units: plans every branch, writes all commits, then moves branch by branch.
  ///
  /// Nothing moves unless everything could be planned and written. When a branch moved meanwhile, all
  /// is planned again on its new tip, up to 5 times. Throws when the output cannot be read or written;
  /// some branches may have moved then, and running again converges.
  public func publish(
    _ rendering: Rendering, from source: Commit, in sourceRepository: Repository,
    platformFolder folder: String, _ options: PublishOptions
  ) throws(OutputError) -> PublishResult {
    var planned = rendering.publishing
    var desired: DesiredOutput
    if let planned { desired = planned.desired } else { desired = try desiredOutput(of: rendering) }
    if desired.findings.contains(where: { $0.severity == .error }) {
      return PublishResult(branches: [], findings: desired.findings)
    }
    guard
      let repository = try outputRepository(
        platformFolder: folder, create: options.create && !options.isDryRun)
    else {
      if options.isDryRun { return try firstPublication(desired) }
      throw OutputError(
        "there is no output repository '\(platform.output?.repository ?? "")'",
        help: "make it with 'pave publish --create'")
    }
    var attempt = 0
    while true {
      attempt += 1
      do throws(PublishInterruption) {
        return try publishOnce(
          desired, planned, from: source, in: sourceRepository, to: repository, options)
      } catch {
        switch error {
        case .failed(let error): throw error
        case .moved(let error) where attempt >= 5: throw OutputError(error)
        case .moved: continue
        case .missingUnits:
          desired = try desiredOutput(of: render(everything, [.bytes]))
          planned = nil
        }
      }
    }
  }

  /// What a first publication would make, when there is no repository yet.
  private func firstPublication(_ desired: DesiredOutput) throws(OutputError) -> PublishResult {
    var branches: [BranchPublication] = []
    var findings = desired.findings
    for branch in desired.branches {
      let plan = try branch.tree.plan(against: EmptyOutput())
      findings += plan.findings
      branches.append(
        BranchPublication(
          branch: branch.branch, tip: nil, changes: plan.changes, outcome: .planned))
    }
    return PublishResult(branches: branches, findings: findings)
  }

  private func publishOnce(
    _ desired: DesiredOutput, _ ready: PlannedOutput?, from source: Commit,
    in sourceRepository: Repository,
    to repository: Repository, _ options: PublishOptions
  ) throws(PublishInterruption) -> PublishResult {
    var findings = desired.findings
    var planned: [(branch: String, tip: ObjectID?, plan: OutputPlan)] = []
    var results: [BranchPublication] = []
    for branch in desired.branches {
      try interrupting { () throws(RepositoryError) in
        try repository.checkNotCheckedOut(branch.branch)
      }
      let tip = try interrupting { () throws(RepositoryError) in
        try repository.tip(of: branch.branch)
      }
      if let tip,
        let later = try supersedingSource(
          of: tip, in: repository, than: source, sourceRepository, options)
      {
        results.append(
          BranchPublication(
            branch: branch.branch, tip: tip, changes: ChangeSet(), outcome: .superseded(by: later)))
        continue
      }
      let known = ready?.branches[branch.branch].flatMap { $0.tip == tip ? $0.plan : nil }
      let plan: OutputPlan
      if let known {
        plan = known
      } else {
        plan = try planning { () throws(OutputError) in
          try branch.tree.plan(
            against: try CommittedTree(repository, commit: tip), guards: options.guards)
        }
      }
      guard plan.missingUnits.isEmpty else { throw .missingUnits }
      findings += plan.findings
      planned.append((branch.branch, tip, plan))
    }
    if findings.contains(where: { $0.severity == .error }) {
      return PublishResult(branches: [], findings: findings)
    }
    results += try carryOut(planned, from: source, to: repository, options)
    let order = desired.branches.map(\.branch)
    results.sort { (order.firstIndex(of: $0.branch) ?? 0) < (order.firstIndex(of: $1.branch) ?? 0) }
    return PublishResult(branches: results, findings: findings)
  }

  private func carryOut(
    _ planned: [(branch: String, tip: ObjectID?, plan: OutputPlan)], from source: Commit,
    to repository: Repository, _ options: PublishOptions
  ) throws(PublishInterruption) -> [BranchPublication] {
    let publication = Publication(platform: platform.name, source: source)
    var written: [(commit: ObjectID?, index: Int)] = []
    if !options.isDryRun {
      for (index, entry) in planned.enumerated() {
        let commit = try interrupting { () throws(RepositoryError) in
          try publication.write(entry.plan, to: repository, tip: entry.tip)
        }
        written.append((commit, index))
      }
      try move(written, of: planned, in: repository, reason: "publish: \(source.id.abbreviated)")
    }
    return planned.enumerated().map { index, entry in
      let outcome: BranchPublication.Outcome =
        if !entry.plan.changesObjects {
          .unchanged
        } else if let commit = options.isDryRun ? nil : written[index].commit {
          .published(commit)
        } else {
          .planned
        }
      return BranchPublication(
        branch: entry.branch, tip: entry.tip, changes: entry.plan.changes, outcome: outcome)
    }
  }

  /// Moves branch by branch. When one cannot be moved, the error names those that were.
  private func move(
    _ written: [(commit: ObjectID?, index: Int)],
    of planned: [(branch: String, tip: ObjectID?, plan: OutputPlan)], in repository: Repository,
    reason: String
  ) throws(PublishInterruption) {
    var moved: [String] = []
    for (commit, index) in written {
      guard let commit else { continue }
      let branch = planned[index].branch
      do throws(RepositoryError) {
        try repository.moveBranch(branch, from: planned[index].tip, to: commit, reason: reason)
        moved.append("\(branch) -> \(commit.abbreviated)")
      } catch {
        if error.code == .moved { throw .moved(error) }
        guard !moved.isEmpty else { throw .failed(OutputError(error)) }
        throw .failed(
          OutputError(
            "\(error.message); published already: \(moved.joined(separator: ", "))",
            help: "publish again when that is mended: what is published already stays as it is"))
      }
    }
  }

  /// The source commit that the output was rendered from when that is a descendant of ours; nil when
  /// ours comes after it. Throws when the two have parted, or ours does not know the other.
  private func supersedingSource(
    of tip: ObjectID, in repository: Repository, than source: Commit,
    _ sourceRepository: Repository, _ options: PublishOptions
  ) throws(PublishInterruption) -> ObjectID? {
    guard
      let recorded = try interrupting({ () throws(RepositoryError) in
        try Publication.latest(of: platform.name, from: tip, in: repository)?.source
      }), recorded != source.id
    else { return nil }
    do throws(RepositoryError) {
      if try sourceRepository.isDescendant(source.id, of: recorded) { return nil }
      if options.allowsRewind { return nil }
      if try sourceRepository.isDescendant(recorded, of: source.id) { return recorded }
    } catch {
      if options.allowsRewind { return nil }
      throw .failed(
        OutputError(
          "the output was rendered from commit \(recorded.abbreviated), which this clone does not have",
          help: "fetch it, or allow to go on without it with --allow-rewind"))
    }
    throw .failed(
      OutputError(
        "the output was rendered from commit \(recorded.abbreviated), which is no ancestor of \(source.id.abbreviated)",
        help: "rebase onto what is published, or allow to replace it with --allow-rewind"))
  }
}

/// Why one attempt at a publication did not end.
private enum PublishInterruption: Error {
  /// Somebody moved a branch first.
  case moved(RepositoryError)
  /// Units that stood in the output do so no more: they were not rendered.
  case missingUnits
  case failed(OutputError)
}

private func interrupting<Result>(
  _ body: () throws(RepositoryError) -> Result
) throws(PublishInterruption) -> Result {
  do throws(RepositoryError) {
    return try body()
  } catch {
    throw error.code == .moved ? .moved(error) : .failed(OutputError(error))
  }
}

private func planning<Result>(
  _ body: () throws(OutputError) -> Result
) throws(PublishInterruption) -> Result {
  do throws(OutputError) {
    return try body()
  } catch {
    throw .failed(error)
  }
}
