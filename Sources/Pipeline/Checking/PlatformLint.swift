public import Diagnostics
public import Files
import GoldenPaths
import Intents
public import OutputTrees
public import Repositories

/// What a platform's objects were before the change.
public enum LintOldSide: Sendable {
  /// Nothing: every object counts as created.
  case nothing
  /// What the branches of the output repository hold, where it is on this machine; nothing otherwise.
  case published(platformFolder: String)
  /// The platform at another commit, rendered.
  case base(BasePlatform)
}

/// A platform as it stands at the commit that a change starts from.
public struct BasePlatform: Sendable {
  let loaded: LoadedPlatform
  let findings: [Finding]
  let source: BaseSource
  /// The new side under the rules of the base; nil when the change leaves them as they are, or is
  /// held to them anyway.
  public var underBaseRules: LoadedPlatform?

  /// The platform's files there.
  public var files: any FileTree { source.files }
  /// The commit's id.
  public var revision: String { source.commit.description }

  /// Whether a changed platform is held to other files than this one.
  public func hasOtherRules(than head: LoadedPlatform) -> Bool {
    loaded.configuration != head.configuration
  }

  /// A loaded platform with what was found in loading it.
  public init(_ loaded: LoadedPlatform, findings: [Finding], _ source: BaseSource) {
    self.loaded = loaded
    self.findings = findings
    self.source = source
  }
}

extension LoadedPlatform {
  /// Renders the selected units and holds them, and what is no more, against the policies.
  ///
  /// Findings are marked by how they stand against the old side: new, there before, or fixed.
  /// `found` is what loading found. Throws only for what Git reports of the base.
  public func lint(
    _ selection: UnitSelection, found: [Finding], against oldSide: LintOldSide
  ) throws(OutputError) -> Linting {
    switch oldSide {
    case .nothing: return lint(selection, found, oldSide: "nothing")
    case .base(let base):
      var linting = lint(selection, found + changesOfGoldenPaths(since: base), base)
      if let other = base.underBaseRules {
        let kept = other.lint(other.selection(like: selection, of: self), [], base)
        linting.findings += vanished(kept.findings, from: linting.findings)
      }
      return linting
    case .published(let folder):
      switch publishedUnits(platformFolder: folder) {
      case .failure(let reason): return lint(selection, found, oldSide: "nothing: \(reason.text)")
      case .success(let published):
        do throws(OutputError) {
          let rendering = try renderForOutput(
            selection, against: published, guards: .everythingAllowed)
          return linted(rendering, selection, found, oldSide: published.description)
        } catch {
          return lint(selection, found, oldSide: "nothing: \(error.message)")
        }
      }
    }
  }

  /// What the change takes from intents that are valid at the base.
  private func changesOfGoldenPaths(since base: BasePlatform) -> [Finding] {
    breakingChanges(from: base.loaded.library, to: library).map { finding in
      finding.rule == "golden-path/removed-kind"
        ? finding.at(revision: base.source.commit) : finding
    }
  }

  /// As if nothing had been before.
  private func lint(
    _ selection: UnitSelection, _ found: [Finding], oldSide: String
  ) -> Linting {
    let rendering = render(selection, [.check])
    var ledger = rendering.ledger
    ledger.oldSide = oldSide
    return withWaivers(
      withSettings(found) + rendering.findings, ledger, isWhole: isWhole(selection))
  }

  private func lint(
    _ selection: UnitSelection, _ found: [Finding], _ base: BasePlatform
  ) -> Linting {
    let revision = base.source.commit.description
    var platform = base.loaded
    platform.known = known
    let rendering = render(
      selection, [.check], against: .base(BaseUnits(platform)), revision: revision)
    let before = platform.render(
      platform.selection(like: selection, of: self), [.check], against: .itself, revision: "")
    let old =
      (platform.withSettings(base.findings) + before.findings)
      .map { $0.at(revision: base.source.commit) }
    var ledger = rendering.ledger
    ledger.oldSide = base.source.description
    return withWaivers(
      marked(withSettings(found) + rendering.findings, against: old), ledger,
      isWhole: isWhole(selection))
  }

  /// The findings of an old side that is published, where most objects are what they were.
  private func linted(
    _ rendering: Rendering, _ selection: UnitSelection, _ found: [Finding], oldSide: String
  ) -> Linting {
    var ledger = rendering.ledger
    ledger.oldSide = oldSide
    return withWaivers(
      marked(withSettings(found) + rendering.findings, against: rendering.baseline), ledger,
      isWhole: isWhole(selection))
  }

  private func isWhole(_ selection: UnitSelection) -> Bool {
    selection.environments.count == platform.environments.count
      && selection.intents.count == intents.count
  }

  private func withWaivers(
    _ findings: [Finding], _ ledger: Ledger, isWhole: Bool
  ) -> Linting {
    let result = waived(findings.map(inRules), isWhole: isWhole)
    var ledger = ledger
    ledger.waived = result.waived
    return Linting(findings: result.findings, ledger: ledger)
  }

  /// The finding with places in the files of other rules where those stand.
  private func inRules(_ finding: Finding) -> Finding {
    guard let rulesRevision else { return finding }
    func moved(_ place: Place) -> Place {
      guard place.revision == nil, configuration.holds(place.file) else { return place }
      var place = place
      place.revision = rulesRevision
      return place
    }
    var finding = finding
    finding.place = finding.place.map(moved)
    finding.related = finding.related.map { .init(label: $0.label, place: moved($0.place)) }
    return finding
  }

  /// Everything rendered, held against what is published, and ready to be published.
  ///
  /// Where the output cannot be read every object counts as created: publishing says what is wrong. A
  /// damaged copy of a server's repository is fetched again.
  public func lintForPublishing(
    found: [Finding], platformFolder folder: String, to stores: [String: OutputStore],
    guards: OutputGuards
  ) -> (rendering: Rendering, linting: Linting) {
    do throws(OutputError) {
      let units: Result<PublishedUnits, NoPublishedSide>
      let rendering: Rendering
      do throws(OutputError) {
        (units, rendering) = try renderedForOutput(platformFolder: folder, guards)
      } catch {
        let healed = stores.filter { $1.heal(branches: branches(in: $0)) }
        guard !healed.isEmpty else { throw error }
        (units, rendering) = try renderedForOutput(platformFolder: folder, guards)
      }
      let oldSide =
        switch units {
        case .success(let published): published.description
        case .failure(let missing): "nothing: \(missing.text)"
        }
      return (rendering, linted(rendering, everything, found, oldSide: oldSide))
    } catch {
      return (
        render(everything, [.bytes]), lint(everything, found, oldSide: "nothing: \(error.message)")
      )
    }
  }

  private func renderedForOutput(
    platformFolder folder: String, _ guards: OutputGuards
  ) throws(OutputError) -> (Result<PublishedUnits, NoPublishedSide>, Rendering) {
    let units = publishedUnits(platformFolder: folder)
    return (
      units,
      try renderForOutput(
        everything, against: try? units.get(), guards: guards, isTraced: true)
    )
  }

  /// The units that another platform's selection means here.
  func selection(like other: UnitSelection, of head: LoadedPlatform) -> UnitSelection {
    let names = Set(other.environments.map { head.platform.environments[$0].name })
    var selected = everything
    selected.environments = selected.environments.filter {
      names.contains(platform.environments[$0].name)
    }
    if other.intents.count < head.intents.count {
      let units = Set(other.intents.map { head.intents[$0].unit(in: "") })
      selected.intents = selected.intents.filter { units.contains(intents[$0].unit(in: "")) }
    }
    return selected
  }
}

/// Where the platform's files are read at the commit that a change starts from.
public struct BaseSource: Sendable {
  /// The commit: where HEAD parted from the revision, or the revision itself.
  public let commit: ObjectID
  /// The platform's files there.
  public var files: any FileTree { tree }
  let tree: any CommitFileTree
  /// What it is, for the ledger.
  public let description: String

  /// The platform in the folder `folder` on disk, as it was where HEAD parted from a revision.
  ///
  /// Other people's later commits on the base's branch are no part of the change. Without a common
  /// commit (a shallow clone) it is the revision itself. A repository that libgit2 cannot open (a partial
  /// clone) is read by the program `git`, with `environment`. Throws when the folder is in no repository,
  /// or the revision means no commit.
  public init(
    folder: String, revision: String, environment: [String: String]
  ) throws(OutputError) {
    let repository: Repository
    do throws(RepositoryError) {
      repository = try Repository(holding: folder)
    } catch {
      guard error.code == .unsupported else { throw OutputError(error) }
      try self.init(GitProgram(folder: folder, environment: environment), revision: revision)
      return
    }
    let inside = relativePath(of: folder, in: repository.workTree)
    let tip = try git { () throws(RepositoryError) in try repository.commitID(of: revision) }
    let parted = try git { () throws(RepositoryError) -> ObjectID? in
      guard let head = try repository.head() else { return nil }
      return try repository.mergeBase(of: head, and: tip)
    }
    let start = parted ?? tip
    let tree = try git { () throws(RepositoryError) in
      try GitFileTree(repository, commit: start, folder: inside)
    }
    self.init(start, tip: tip, revision: revision, tree)
  }

  private init(_ program: GitProgram, revision: String) throws(OutputError) {
    let tip = try program.commit(of: revision)
    let start = try program.mergeBase(ofHeadAnd: tip) ?? tip
    let tree = try GitProgramTree(program, commit: start, folder: program.inside())
    self.init(start, tip: tip, revision: revision, tree)
  }

  private init(_ start: ObjectID, tip: ObjectID, revision: String, _ tree: any CommitFileTree) {
    commit = start
    self.tree = tree
    description =
      start == tip
      ? "\(revision) (\(start.abbreviated))"
      : "\(start.abbreviated), where HEAD parted from \(revision)"
  }
}

extension Finding {
  /// The finding with its places in the files of a commit.
  public func at(revision: ObjectID) -> Finding {
    let name = revision.description
    var finding = self
    if let place = finding.place, place.revision == nil { finding.place?.revision = name }
    for index in finding.related.indices where finding.related[index].place.revision == nil {
      finding.related[index].place.revision = name
    }
    return finding
  }
}
