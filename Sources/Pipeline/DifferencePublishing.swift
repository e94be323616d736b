public import Diagnostics
import Intents
import OutputTrees
import Repositories

/// What came of publishing by what differs.
public enum DifferencePublication {
  /// It is done.
  case done(Difference)
  /// Everything has to be looked at; what moved already is given.
  case whole(moved: [BranchPublication])

  /// What a publication says, and what it leaves for the next.
  public struct Difference {
    /// What came of the branches.
    public let result: PublishResult
    /// All that is found of the platform.
    public let findings: [Finding]
    /// What was done, and what had been done before.
    public let ledger: Ledger
    /// Nil where the output moved on meanwhile.
    public let last: LastPublication?
    /// The part of the platform that was looked at.
    public let loaded: LoadedPlatform
    fileprivate let source: Commit
    fileprivate let stores: [String: OutputStore]

    /// What to keep where nothing had to be written; nil elsewhere. `text` is what the command prints.
    public func unchanged(_ text: String) -> UnchangedPublication? {
      loaded.unchanged(
        result, from: source, to: stores, findings: findings, ledger: ledger, text: text)
    }
  }
}

extension Loading {
  /// Publishes the units of the files that were read, where all others stand as `last` says; gives what publishing the
  /// whole platform would give.
  ///
  /// Nothing is written unless that is certain. It ends with `whole` where the output is not where it was, where a unit's
  /// findings, objects, folder or evaluations are not what they were, and where anything goes wrong: then nothing
  /// or whole commits were written.
  public func publishDifference(
    since last: LastPublication, from source: PlatformSource, platformFolder folder: String,
    to stores: [String: OutputStore], _ options: PublishOptions
  ) -> DifferencePublication {
    var moved: [BranchPublication] = []
    guard let loaded, !isUnreadable, !isAboutIntents, loaded.isPart, !options.isDryRun,
      let rendering = loaded.rendering(since: last, folder, stores, options.guards),
      let planned = rendering.publishing,
      let result = try? loaded.publishOnce(
        planned.desired, planned, from: source.commit, in: source.repository, to: stores, options,
        &moved)
    else { return .whole(moved: moved) }
    var ledger = last.ledger
    ledger.evaluations = rendering.ledger.evaluations
    ledger.reused += (rendering.trace?.baselineEvaluations ?? 0) - ledger.evaluations
    var next = last
    next.pending = rendering.trace?.pending ?? []
    if let tree = source.treeID { next.tree = tree }
    let states = loaded.states(after: result, rendering, stores)
    if let states { next.outputs = states }
    return .done(
      .init(
        result: result, findings: last.findings, ledger: ledger, last: states.map { _ in next },
        loaded: loaded, source: source.commit, stores: stores))
  }
}

extension LoadedPlatform {
  /// The rendering of the units of a part, planned for the output; nil where they are not what they were but for the bytes of
  /// their objects.
  fileprivate func rendering(
    since last: LastPublication, _ folder: String, _ stores: [String: OutputStore],
    _ guards: OutputGuards
  ) -> Rendering? {
    guard unusableIntents.isEmpty, intents.allSatisfy(\.dependsOn.isEmpty),
      let states = outputStates(of: stores), states == last.outputs,
      case .success(let published) = publishedUnits(platformFolder: folder),
      published.homes.allSatisfy({ home, tip in
        tip.commit != nil && home.branch == home.activeBranch
          && states.contains { $0.tip(of: home.branch) == tip.commit }
      }),
      let rendering = try? renderForOutput(
        everything, against: published, guards: guards, isTraced: true),
      let trace = rendering.trace, let planned = rendering.publishing,
      planned.desired.findings.isEmpty, planned.branches.count == published.homes.count
    else { return nil }
    // Every file gave units then, and no file is something else beside.
    guard Set(intents.map(\.file)).count == trace.files.count,
      trace.files.allSatisfy({ last.digest(of: $0.path) == $0.digest }),
      planned.branches.values.allSatisfy({ branch in
        branch.plan.onlyUpdates && (branch.plan.changesObjects || branch.plan.edits.isEmpty)
      })
    else { return nil }
    return rendering
  }
}
