public import Diagnostics
import Intents
public import OutputTrees
import Remotes
public import Repositories

/// What a user allows a publication to do.
public struct PublishOptions: Sendable {
  /// Plans and compares, and writes nothing.
  public var isDryRun = false
  /// Publishes although the output was rendered from a commit that is no ancestor of ours.
  public var allowsRewind = false
  /// What may be deleted.
  public var guards = OutputGuards()

  /// Who writes the objects.
  public var engine = WritingEngine.own
  /// Signs the commits; nil leaves them unsigned.
  public var signer: CommitSigner?

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

  /// The repository, as `pave.yaml` gives it.
  public let repository: String
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

/// What is to become of one branch.
private struct PlannedBranch {
  let desired: DesiredBranch
  /// Nil for a repository that is not there yet.
  let store: OutputStore?
  /// Where the branch stands; nil for one that is not there yet.
  let expected: ObjectID?
  /// The commit that is published on.
  let tip: ObjectID?
  let plan: OutputPlan
  /// The message of its commit; nil for the standard one.
  let message: String?
  /// The commit that was written for it.
  var commit: ObjectID?
}

extension LoadedPlatform {
  /// Publishes rendered units: plans every branch, writes all commits, then moves branch by branch, or
  /// all those of one server by one push.
  ///
  /// Nothing moves unless everything could be planned and written. When a branch moved meanwhile, it is
  /// fetched and all is planned again on its new tip, for as long as the stores say. Throws when the
  /// output cannot be read or written; some branches may have moved then, and running again converges.
  /// `stores` are the repositories by the names that `pave.yaml` gives them, without those that are not
  /// there yet, and `moved` the branches that an attempt before moved already.
  public func publish(
    _ rendering: Rendering, from source: Commit, in sourceRepository: Repository,
    to stores: [String: OutputStore], _ options: PublishOptions, moved: [BranchPublication] = []
  ) throws(OutputError) -> PublishResult {
    precondition(!isPart, "a part of a platform is published by what differs")
    var planned = rendering.publishing
    var desired: DesiredOutput
    if let planned { desired = planned.desired } else { desired = try desiredOutput(of: rendering) }
    if desired.findings.contains(where: { $0.severity == .error }) {
      return PublishResult(branches: [], findings: desired.findings)
    }
    if !options.isDryRun {
      for branch in desired.branches where stores[branch.repository] == nil {
        throw OutputError(
          "there is no output repository '\(shownOutput(branch.repository))'",
          help: "make it with 'pave publish --create'")
      }
    }
    var retries = stores.values.first?.retries ?? Retries(seconds: 0)
    // Branches that an attempt moved before another branch stopped it.
    var done = moved
    while true {
      do throws(PublishInterruption) {
        return try publishOnce(
          desired, planned, from: source, in: sourceRepository, to: stores, options, &done)
      } catch {
        switch error {
        case .missingUnits:
          desired = try desiredOutput(of: render(everything, [.bytes]))
          planned = nil
        case .failed(let error):
          let isHealed = stores.filter { $1.heal(branches: branches(in: $0)) }
          guard !isHealed.isEmpty else { throw error }
        case .moved(let error):
          guard retries.pause() else {
            throw OutputError(
              "\(error.message); \(retries.count + 1) attempts were too slow",
              help: "publish again, or let it try for longer with --retry SECONDS")
          }
          for (name, store) in stores { try store.refresh(branches: branches(in: name)) }
        }
      }
    }
  }

  /// One attempt. A part of a platform is published only as it was planned, on the tips that were seen then.
  func publishOnce(
    _ desired: DesiredOutput, _ ready: PlannedOutput?, from source: Commit,
    in sourceRepository: Repository,
    to stores: [String: OutputStore], _ options: PublishOptions, _ done: inout [BranchPublication]
  ) throws(PublishInterruption) -> PublishResult {
    var findings = desired.findings
    var planned: [PlannedBranch] = []
    var superseded: [BranchPublication] = []
    for branch in desired.branches {
      let store = stores[branch.repository]
      let tips = try tips(of: branch, in: store?.repository)
      if let tip = tips.tip, let repository = store?.repository,
        let later = try supersedingSource(
          of: tip, in: repository, than: source, sourceRepository, options)
      {
        if isPart { throw .missingUnits }
        superseded.append(
          BranchPublication(
            repository: branch.repository, branch: branch.branch, tip: tip, changes: ChangeSet(),
            outcome: .superseded(by: later)))
        continue
      }
      let plan = try planning { () throws(OutputError) in
        if let ready = ready?.branches[branch.home], ready.tip == tips.tip { return ready.plan }
        // What is not in the part was looked at on another tip.
        if isPart { return OutputPlan(missingUnits: [branch.branch]) }
        return try self.plan(branch, on: tips.tip, in: store?.repository, options)
      }
      guard plan.missingUnits.isEmpty else { throw .missingUnits }
      let text = try planning { () throws(OutputError) in
        try message?.text(for: plan.changes, from: source, to: branch.branch)
      }
      findings += plan.findings
      planned.append(
        PlannedBranch(
          desired: branch, store: store, expected: tips.expected, tip: tips.tip,
          plan: plan, message: text))
    }
    if findings.contains(where: { $0.severity == .error }) {
      return PublishResult(branches: [], findings: findings)
    }
    if !options.isDryRun {
      try write(&planned, from: source, in: sourceRepository, options)
      try move(planned, from: source, &done)
    }
    var results = superseded + planned.map { publication(of: $0, options, done) }
    let order = desired.branches.map { [$0.repository, $0.branch] }
    results.sort {
      (order.firstIndex(of: [$0.repository, $0.branch]) ?? 0)
        < (order.firstIndex(of: [$1.repository, $1.branch]) ?? 0)
    }
    return PublishResult(branches: results, findings: findings)
  }

  private func tips(
    of branch: DesiredBranch, in repository: Repository?
  ) throws(PublishInterruption) -> (expected: ObjectID?, tip: ObjectID?) {
    guard let repository else { return (nil, nil) }
    return try interrupting { () throws(RepositoryError) in
      try repository.checkNotCheckedOut(branch.branch)
      return try branch.home.tips(in: repository)
    }
  }

  private func plan(
    _ branch: DesiredBranch, on tip: ObjectID?, in repository: Repository?,
    _ options: PublishOptions
  ) throws(OutputError) -> OutputPlan {
    guard let repository else { return try branch.tree.plan(against: EmptyOutput()) }
    return try branch.tree.plan(
      against: try CommittedTree(repository, commit: tip), guards: options.guards)
  }

  /// Writes the commit of every branch; none of them moves yet.
  private func write(
    _ planned: inout [PlannedBranch], from source: Commit, in sourceRepository: Repository,
    _ options: PublishOptions
  ) throws(PublishInterruption) {
    let publication = try publication(of: source, in: sourceRepository, options)
    for (index, entry) in planned.enumerated() {
      guard let repository = entry.store?.repository else { continue }
      planned[index].commit = try interrupting { () throws(RepositoryError) in
        try publication.write(entry.plan, to: repository, tip: entry.tip, message: entry.message)
      }
    }
  }

  /// Moves the branches, repository by repository, each with the notes on its tips.
  private func move(
    _ planned: [PlannedBranch], from source: Commit, _ done: inout [BranchPublication]
  ) throws(PublishInterruption) {
    for name in unique(planned.map(\.desired.repository)) {
      let entries = planned.filter { $0.desired.repository == name }
      guard let store = entries.first?.store else { continue }
      var updates: [ReferenceUpdate] = []
      for entry in entries {
        guard let commit = entry.commit else { continue }
        updates.append(
          ReferenceUpdate("refs/heads/" + entry.desired.branch, from: entry.expected, to: commit))
      }
      let notes = try interrupting { () throws(RepositoryError) in
        try self.notes(
          on: entries.compactMap { $0.commit ?? $0.tip }, from: source, in: store.repository)
      }
      if let notes { updates.append(notes) }
      do throws(PublishInterruption) {
        try store.move(updates, reason: "publish: \(source.id.abbreviated)")
      } catch {
        // What did move is told, whether or not another attempt follows.
        for entry in entries {
          guard let commit = entry.commit,
            (try? store.repository.tip(of: entry.desired.branch)) == commit
          else { continue }
          done.append(result(of: entry, .published(commit)))
        }
        throw published(before: error, done)
      }
      for entry in entries {
        if let commit = entry.commit { done.append(result(of: entry, .published(commit))) }
      }
    }
  }

  /// An error with the branches that were published before it.
  private func published(
    before error: PublishInterruption, _ done: [BranchPublication]
  ) -> PublishInterruption {
    guard case .failed(let error) = error, !done.isEmpty,
      !error.message.contains("published already")
    else { return error }
    let names = done.map { entry in
      if case .published(let commit) = entry.outcome {
        return "\(entry.branch) -> \(commit.abbreviated)"
      }
      return entry.branch
    }
    return .failed(
      OutputError(
        "\(error.message); published already: \(names.joined(separator: ", "))",
        help: "publish again when that is mended: what is published already stays as it is"))
  }

  private func result(
    of entry: PlannedBranch, _ outcome: BranchPublication.Outcome
  ) -> BranchPublication {
    BranchPublication(
      repository: entry.desired.repository, branch: entry.desired.branch, tip: entry.tip,
      changes: entry.plan.changes, outcome: outcome)
  }

  private func publication(
    of entry: PlannedBranch, _ options: PublishOptions, _ done: [BranchPublication]
  ) -> BranchPublication {
    let earlier = done.last {
      $0.repository == entry.desired.repository && $0.branch == entry.desired.branch
    }
    if let commit = entry.commit { return result(of: entry, .published(commit)) }
    if entry.plan.changesObjects { return result(of: entry, .planned) }
    return earlier ?? result(of: entry, .unchanged)
  }

  /// The source commit that the output was rendered from when that is a descendant of ours; nil when
  /// ours comes after it. Throws when the two have parted, or ours does not know the other.
  private func supersedingSource(
    of tip: ObjectID, in repository: Repository, than source: Commit,
    _ sourceRepository: Repository, _ options: PublishOptions
  ) throws(PublishInterruption) -> ObjectID? {
    guard
      let recorded = try interrupting({ () throws(RepositoryError) in
        try Publication.processedSource(of: platform.name, at: tip, in: repository)
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
