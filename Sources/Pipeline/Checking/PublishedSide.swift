import Diagnostics
import Documents
import Intents
import Manifests
import OutputTrees
import Repositories

/// What the branches of the output hold, read where it is asked for.
struct PublishedUnits: Sendable {
  /// What stands at the tip of a branch.
  struct Tip: Sendable {
    /// The commit that is published on; nil for a branch that is not there yet.
    let commit: ObjectID?
    let tree: any PublishedTree & Sendable
  }

  /// The tree of each environment's branch, by the environment's index.
  let trees: [any PublishedTree & Sendable]
  /// What every branch holds.
  let homes: [OutputHome: Tip]
  /// The platform's name.
  let platform: String
  /// What it is, for the ledger.
  let description: String

  /// Whether a unit of an environment stands there exactly so; false too for what cannot be read.
  func holds(_ unit: KeptUnit, at path: String, _ environment: Int) -> Bool {
    (try? trees[environment].holds(unit, at: path, platform: platform)) ?? false
  }

  /// What stands in place of each of a unit's manifests. What cannot be read or is no object is taken for
  /// absent: planning tells what is wrong with it.
  func before(_ count: Int, of unit: OutputUnit?, _ environment: Int) -> [UnitWorker.Before] {
    var before: [UnitWorker.Before] = Array(repeating: .itself, count: count)
    guard let unit else { return before }
    let tree = trees[environment]
    if let kept = unit.kept, holds(kept, at: unit.path, environment) { return before }
    for (file, path) in unit.filesInOutput {
      guard let index = file.manifestIndex, before.indices.contains(index) else { continue }
      guard let there = (try? tree.file(at: path)) ?? nil else {
        before[index] = .absent
        continue
      }
      if there.id == file.id { continue }
      let old = (try? tree.bytes(of: there)).flatMap { publishedManifest(in: $0) }
      before[index] = old.map { .changed($0) } ?? .absent
    }
    return before
  }
}

/// The object in a published file; nil when it holds none.
func publishedManifest(in bytes: [UInt8]) -> Manifest? {
  let file = parseYAML(bytes, file: "")
  guard !file.hasErrors, let document = file.documents.first, document.root.isKind(.map) else {
    return nil
  }
  return Manifest(document)
}

/// Whether a file of the output lists others and holds no object.
func isKustomization(_ path: String) -> Bool { path.hasSuffix("/" + kustomizationFile) }

/// Why there is no published side to hold anything against.
struct NoPublishedSide: Error, Sendable {
  /// The reason, in a few words.
  let text: String
}

/// What the output should hold, and how its branches as they are become that.
struct PlannedOutput: Sendable {
  struct Branch: Sendable {
    let tip: ObjectID?
    let plan: OutputPlan
  }

  let desired: DesiredOutput
  /// Empty where nothing is published, or something is wrong with what is desired.
  let branches: [OutputHome: Branch]
}

extension LoadedPlatform {
  /// What the branches of the output hold.
  func publishedUnits(platformFolder folder: String) -> Result<PublishedUnits, NoPublishedSide> {
    guard platform.output != nil else {
      return .failure(NoPublishedSide(text: "pave.yaml says nothing about the output"))
    }
    do throws(OutputError) {
      var repositories: [String: Repository] = [:]
      let names = try outputNames
      for name in names {
        repositories[name] = try outputRepository(named: name, platformFolder: folder)
      }
      guard !repositories.isEmpty else {
        return .failure(NoPublishedSide(text: missingOutput(names.first ?? "")))
      }
      var homes: [OutputHome: PublishedUnits.Tip] = [:]
      var missing: String?
      for home in targets.map(\.home) where homes[home] == nil {
        guard let repository = repositories[home.repository] else {
          missing = missing ?? missingOutput(home.repository)
          homes[home] = PublishedUnits.Tip(commit: nil, tree: EmptyOutput())
          continue
        }
        let tip = try git { () throws(RepositoryError) in try home.tips(in: repository).tip }
        if tip == nil { missing = missing ?? "the output has no branch '\(home.branch)' yet" }
        homes[home] = PublishedUnits.Tip(
          commit: tip, tree: try CommittedTree(repository, commit: tip))
      }
      if let missing, homes.values.allSatisfy({ $0.commit == nil }) {
        return .failure(NoPublishedSide(text: missing))
      }
      let shown = unique(names.map { shownOutput($0) }).joined(separator: "', '")
      return .success(
        PublishedUnits(
          trees: targets.compactMap { homes[$0.home]?.tree }, homes: homes, platform: platform.name,
          description: missing.map { "nothing: \($0)" } ?? "what '\(shown)' holds"))
    } catch {
      return .failure(NoPublishedSide(text: error.message))
    }
  }

  /// Renders and checks units against what is published (nil: nothing is), and plans how the output becomes
  /// that.
  ///
  /// Everything is done in one pass; `isTraced` notes what the next publication may know of it. Throws when the
  /// output cannot be read.
  func renderForOutput(
    _ selection: UnitSelection, against published: PublishedUnits?, guards: OutputGuards,
    isTraced: Bool = false
  ) throws(OutputError) -> Rendering {
    let isTraced = isTraced && known != nil && published != nil
    let run = prepare(
      selection, isTraced ? [.bytes, .check, .output, .trace] : [.bytes, .check, .output],
      against: published.map { .published($0) } ?? .nothing)
    var workers = run.workers()
    if let failure = workers.compactMap(\.failure).first { throw failure }
    let units = resultsInOrder(of: workers).compactMap {
      workers[$0.worker].results[$0.index].output
    }
    let desired = try desiredOutput(units, of: selection.environments)
    var planned: [OutputHome: PlannedOutput.Branch] = [:]
    if let published {
      if !desired.findings.contains(where: { $0.severity == .error }) {
        for branch in desired.branches {
          guard let tip = published.homes[branch.home] else { continue }
          planned[branch.home] = PlannedOutput.Branch(
            tip: tip.commit, plan: try branch.tree.plan(against: tip.tree, guards: guards))
        }
      }
      let changes = desired.branches.flatMap { planned[$0.home]?.plan.changes.changes ?? [] }
      workers += settle(
        workers, run, gone: gone(changes), deletes: selection.intents.count == intents.count)
    }
    var rendering = finish(run, workers)
    if isTraced { rendering.trace = trace(run, workers) }
    rendering.publishing = PlannedOutput(desired: desired, branches: planned)
    return rendering
  }

  /// The published objects whose files go.
  private func gone(_ changes: [ChangeSet.Change]) -> [GoneObject] {
    let places = Dictionary(
      platform.environments.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    let known = Dictionary(
      intents.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    return changes.compactMap { change in
      guard let environment = places[change.environment], change.new == nil,
        change.path.hasPrefix(change.unit + "/"), !isKustomization(change.path),
        let manifest = change.old.flatMap({ publishedManifest(in: $0) })
      else { return nil }
      let place =
        known[change.intent]?.place(FieldPath(keys: "metadata", "name"))
        ?? Place(file: platformFile)
      return GoneObject(
        environment: environment, manifest: manifest, intent: change.intent, place: place)
    }
  }
}
