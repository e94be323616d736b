public import Diagnostics
import Documents
import GoldenPaths
public import Intents
public import Manifests
import Policies
import ServedKinds

/// Which units are meant: indices into the platform's environments and intents, rising.
public struct UnitSelection: Sendable {
  /// Indices into `platform.environments`.
  public var environments: [Int]
  /// Indices into the intents.
  public var intents: [Int]
}

/// What is done with each manifest.
public struct RenderingTasks: OptionSet, Sendable {
  /// One bit a task.
  public let rawValue: Int
  /// The tasks of the bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Its YAML is kept.
  public static let bytes = RenderingTasks(rawValue: 1)
  /// It is held against the policies.
  public static let check = RenderingTasks(rawValue: 2)
  /// Its unit is made ready for the output; needs `bytes`.
  static let output = RenderingTasks(rawValue: 4)
}

/// One unit's manifests as bytes.
public struct RenderedFiles: Sendable {
  /// One manifest among the unit's bytes.
  public struct File: Sendable {
    /// The object.
    public let identity: ObjectIdentity
    /// Where its YAML stands in `bytes`.
    public let range: Range<Int>
  }

  /// The unit.
  public let identity: UnitIdentity
  /// The index of its environment.
  public let environment: Int
  /// The index of its intent.
  public let intent: Int
  /// Its folder in the output; empty when the platform has no output.
  public let folder: String
  /// The manifests in dependency order; empty when they were taken over from an earlier run.
  public let files: [File]
  /// The fingerprints of the manifests, in the same order.
  let fingerprints: [UInt64]
  /// The YAML of all manifests, one after the other; empty unless bytes were asked for.
  public internal(set) var bytes: [UInt8]

  /// The number of manifests.
  public var manifestCount: Int { fingerprints.count }

  init(
    identity: UnitIdentity, environment: Int, intent: Int, folder: String, files: [File] = [],
    fingerprints: [UInt64], bytes: [UInt8] = []
  ) {
    self.identity = identity
    self.environment = environment
    self.intent = intent
    self.folder = folder
    self.files = files
    self.fingerprints = fingerprints
    self.bytes = bytes
  }
}

/// What rendering the selected units gave.
public struct Rendering: Sendable {
  /// The indices of the environments that were rendered, rising.
  public let environments: [Int]
  /// The units in the order of environments, then intents; those with errors are left out.
  public let units: [RenderedFiles]
  /// What was found in rendering and checking; rules' settings are applied.
  public var findings: [Finding]
  /// What was done and what was not.
  public var ledger: Ledger
  /// What is wrong with changed objects as they are published; only where that was the old side.
  var baseline: [Finding] = []
  /// What the output should hold, and how it is to be made so; only where that was asked for.
  var publishing: PlannedOutput?
}

/// The rendering of selected units, prepared.
struct RenderingRun: Sendable {
  let jobs: [UnitJob]
  let environments: [Int]
  let oldSide: OldSide
  let sets: [PolicySet?]
  let repositorySets: [PolicySet?]
  /// What was found in preparing.
  let findings: [Finding]
  let makeWorker: @Sendable () -> UnitWorker

  /// Works on all units, on all cores.
  func workers() -> [UnitWorker] {
    let jobs = jobs
    return eachIndex(below: jobs.count, blockCount: 8, makeState: makeWorker) { index, worker in
      worker.work(on: jobs[index], index: index)
    }
  }
}

extension LoadedPlatform {
  /// Renders the selected units on all cores, and does with each manifest what `tasks` say.
  ///
  /// The result does not depend on the number of cores or on their timing. Every object counts as
  /// created.
  public func render(_ selection: UnitSelection, _ tasks: RenderingTasks) -> Rendering {
    render(selection, tasks, against: .nothing, revision: "")
  }

  /// As `render(_:_:)`, with what the objects were before. `revision` names the base's commit.
  func render(
    _ selection: UnitSelection, _ tasks: RenderingTasks, against oldSide: OldSide, revision: String
  ) -> Rendering {
    let run = prepare(selection, tasks, against: oldSide)
    var workers = run.workers()
    if case .base(let base) = oldSide, tasks.contains(.check) {
      let others = base.others(than: run.jobs, of: self)
      let extra = eachIndex(below: others.count, blockCount: 8, makeState: run.makeWorker) {
        index, worker in
        worker.noteGone(
          others[index], of: base, revision: revision, index: .max - others.count + index)
      }
      let isWhole = selection.intents.count == intents.count
      workers += extra
      workers += settle(workers, run, gone: workers.flatMap(\.gone), deletes: isWhole)
    }
    return finish(run, workers)
  }

  /// Compiles what all units of a selection have in common.
  func prepare(
    _ selection: UnitSelection, _ tasks: RenderingTasks, against oldSide: OldSide
  ) -> RenderingRun {
    let jobs = selection.environments.flatMap { environment in
      selection.intents.compactMap { intent -> UnitJob? in
        guard !unusableIntents.contains(intent),
          intents[intent].isFor(platform.environments[environment].name)
        else { return nil }
        return UnitJob(environment: environment, intent: intent)
      }
    }
    var sets: [PolicySet?] = Array(repeating: nil, count: platform.environments.count)
    var repositorySets: [PolicySet?] = sets
    var ofPolicies: [(environment: Int, findings: [Finding])] = []
    var surroundings: [[Manifest]] = Array(repeating: [], count: platform.environments.count)
    if tasks.contains(.check) {
      for environment in selection.environments {
        surroundings[environment] = self.surroundings(environment, jobs)
      }
      let compiled = compileChecks(selection.environments, surroundings)
      for (environment, checks) in zip(selection.environments, compiled) {
        sets[environment] = checks.set
        repositorySets[environment] = checks.repositorySet
        ofPolicies.append((environment, checks.findings))
      }
    }
    let findings =
      (tasks.contains(.check) ? templateFindings(selection.environments) : [])
      + once(ofPolicies)
    let repositoryNeeds = repositorySets.map { $0.map(RepositoryNeeds.init) }
    let policySets = sets
    let keys = tasks.contains(.check) ? unitKeys(selection.environments, surroundings) : nil
    let makeWorker = { @Sendable in
      UnitWorker(
        self, tasks: tasks, policySets: policySets, against: oldSide,
        repositoryNeeds: repositoryNeeds, keys: keys)
    }
    return RenderingRun(
      jobs: jobs, environments: selection.environments, oldSide: oldSide, sets: sets,
      repositorySets: repositorySets, findings: findings, makeWorker: makeWorker)
  }

  /// What workers found, as one.
  func finish(_ run: RenderingRun, _ workers: [UnitWorker]) -> Rendering {
    var rendering = assemble(
      workers, sets: run.sets, environments: run.environments, run.findings)
    addRepositoryFindings(workers, run.repositorySets, against: run.oldSide, to: &rendering)
    return rendering
  }

  /// What was found in several environments, once: without an environment where it holds in all of them,
  /// else with the name of each, since policies depend on its Kubernetes version.
  private func once(_ lists: [(environment: Int, findings: [Finding])]) -> [Finding] {
    var result: [Finding] = []
    for (environment, findings) in lists {
      for finding in findings where !result.contains(finding) {
        if lists.allSatisfy({ $0.findings.contains(finding) }) {
          result.append(finding)
        } else {
          var own = finding
          own.environment = platform.environments[environment].name
          result.append(own)
        }
      }
    }
    return result
  }

  private func assemble(
    _ workers: [UnitWorker], sets: [PolicySet?], environments: [Int], _ found: [Finding]
  ) -> Rendering {
    let order = resultsInOrder(of: workers)
    var findings = found
    for (worker, index) in order where !workers[worker].results[index].findings.isEmpty {
      findings += workers[worker].results[index].findings
    }
    let units = order.compactMap { workers[$0.worker].results[$0.index].files }
    findings = missingSchemasOnce(findings)
    findings += duplicateManifests(units)
    findings += unitFolderConflicts(units)
    findings += sharedInstances(workers.flatMap(\.instances))

    return Rendering(
      environments: environments, units: units, findings: withSettings(findings),
      ledger: ledger(workers, sets: sets, manifests: units.reduce(0) { $0 + $1.manifestCount }),
      baseline: withSettings(
        workers.flatMap(\.baseline).sorted { ($0.index, $0.part) < ($1.index, $1.part) }
          .map(\.finding)))
  }

  private func ledger(_ workers: [UnitWorker], sets: [PolicySet?], manifests: Int) -> Ledger {
    var ledger = Ledger()
    ledger.manifests = manifests
    var left = Set(notEvaluated)
    var isMatched: [String: Bool] = [:]
    for (environment, set) in sets.enumerated() {
      guard let set else { continue }
      let part = set.ledger(workers.flatMap { $0.tally(environment) })
      ledger.evaluations += part.evaluations
      left.formUnion(part.notEvaluated)
      let unmatched = Set(part.notMatched)
      for name in set.names {
        isMatched[name] = isMatched[name] == true || !unmatched.contains(name)
      }
    }
    var unknown: [Ledger.NotEvaluated: Int] = [:]
    for worker in workers { unknown.merge(worker.allNotRequested) { $0 + $1 } }
    ledger.reused = workers.reduce(0) { $0 + $1.reusedEvaluations }
    left.formUnion(unknown.counted)
    for worker in workers { left.formUnion(worker.unknownBefore) }
    ledger.policies = isMatched.count
    // Where nothing was rendered there was nothing to match.
    ledger.notMatched = manifests == 0 ? [] : isMatched.filter { !$0.value }.map(\.key).sorted()
    ledger.notEvaluated = left.sorted { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
    return ledger
  }

  /// The findings with the severities that `rules:` of the platform and the environment set.
  ///
  /// Only findings about objects, and warnings, can be set: other errors of Pave's own stages mean
  /// that something was not rendered, and stay.
  public func withSettings(_ findings: [Finding]) -> [Finding] {
    guard !platform.rules.isEmpty || platform.environments.contains(where: { !$0.rules.isEmpty })
    else { return findings }
    return findings.compactMap { finding in
      let own = finding.environment.flatMap { platform.environment(named: $0)?.rules[finding.rule] }
      guard let setting = own ?? platform.rules[finding.rule],
        finding.policy != nil || finding.object != nil || finding.severity < .error
          || finding.rule.hasPrefix("engine/")
      else { return finding }
      switch setting {
      case .off: return nil
      case .severity(let severity):
        var changed = finding
        changed.severity = severity
        return changed
      }
    }
  }
}

/// Where the results of workers stand, in the order of their jobs.
func resultsInOrder(of workers: [UnitWorker]) -> [(worker: Int, index: Int)] {
  var places: [(job: Int, part: Int, worker: Int, index: Int)] = []
  places.reserveCapacity(workers.reduce(0) { $0 + $1.results.count })
  for (worker, of) in workers.enumerated() {
    for index in of.results.indices {
      places.append((of.results[index].index, of.results[index].part, worker, index))
    }
  }
  places.sort { ($0.job, $0.part) < ($1.job, $1.part) }
  return places.map { ($0.worker, $0.index) }
}

extension Rendering {
  /// All manifests as one stream of YAML documents, each with its file in the output as a comment,
  /// in the order of environments, intents and dependencies.
  public var documentStream: [UInt8] {
    var stream: [UInt8] = []
    stream.reserveCapacity(units.reduce(0) { $0 + $1.bytes.count + $1.files.count * 80 })
    for unit in units {
      for file in unit.files {
        if !stream.isEmpty { stream += Array("---\n".utf8) }
        stream += Array("# \(unit.identity.environment): \(file.identity.reference)\n".utf8)
        stream += unit.bytes[file.range]
      }
    }
    return stream
  }
}

extension LoadedPlatform {
  /// What is wrong with the golden paths' templates as objects of the environments' Kubernetes versions; what is so in
  /// several is said once.
  private func templateFindings(_ environments: [Int]) -> [Finding] {
    var findings: [Finding] = []
    var minors: Set<Int> = []
    var places: Set<Place> = []
    for environment in environments {
      let kinds = checks[environment].admitter.kinds
      guard minors.insert(kinds.minor).inserted else { continue }
      for finding in library.typeFindings(in: kinds) {
        if let place = finding.place, places.insert(place).inserted { findings.append(finding) }
      }
    }
    return findings
  }
}
