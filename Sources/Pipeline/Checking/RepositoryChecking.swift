import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Policies

/// A rendered object that is kept until all of its environment are known.
struct KeptObject: Sendable {
  let job: UnitJob
  let manifest: Manifest
}

extension LoadedPlatform {
  /// The compiled RepositoryPolicies of an environment; nil when it has none.
  func compileRepositoryPolicies(
    _ environment: Int, exists rendered: [Manifest]
  ) -> (set: PolicySet, findings: [Finding])? {
    let checks = checks[environment]
    guard !checks.policies.repositoryPolicies.isEmpty else { return nil }
    return PolicySet.compileRepositoryPolicies(
      checks.policies, directory: checks.directory,
      cluster: ClusterState(objects: rendered + checks.cluster))
  }

  /// Adds what the RepositoryPolicies of each environment say of the objects that workers kept.
  func addRepositoryFindings(
    _ workers: [UnitWorker], _ sets: [PolicySet?], to rendering: inout Rendering
  ) {
    let kept = workers.flatMap(\.keptObjects)
      .sorted { ($0.job.environment, $0.job.intent) < ($1.job.environment, $1.job.intent) }
    var merged: Ledger?
    for environment in rendering.environments {
      guard let set = sets[environment] else { continue }
      let result = checkRepository(environment, set, kept)
      rendering.findings += withSettings(result.findings)
      let part = set.ledger(result.tallies)
      guard var known = merged else {
        merged = part
        continue
      }
      known.policies = max(known.policies, part.policies)
      known.evaluations += part.evaluations
      known.notMatched.removeAll { !part.notMatched.contains($0) }
      known.notEvaluated += part.notEvaluated
      merged = known
    }
    if let merged { rendering.ledger.add(policiesOf: merged) }
  }

  /// Holds the objects of an environment against its RepositoryPolicies, on all cores.
  ///
  /// Every object is taken as one that is created. What policies see are the objects as they were
  /// rendered, and those under `cluster`.
  func checkRepository(
    _ environment: Int, _ set: PolicySet, _ kept: [KeptObject]
  ) -> (findings: [Finding], tallies: [PolicyTally]) {
    let kept = kept.filter { $0.job.environment == environment }
    let objects = RepositoryObjects(
      objectsOnce(kept.map(\.manifest), and: checks[environment].cluster), for: set)
    let requester = requester
    let states = eachIndex(
      below: kept.count, blockCount: 32,
      makeState: {
        RepositoryState(
          worker: UnitWorker(self, tasks: [], policySets: []),
          checker: ChangeChecker(set, requester: requester, objects: objects))
      }
    ) { index, state in
      let manifest = kept[index].manifest
      let worker = state.worker
      state.checker.check(ObjectChange(object: manifest, oldObject: nil)) { verdict in
        state.findings.append((index, worker.finding(verdict, manifest, kept[index].job)))
      }
    }
    let findings = states.flatMap(\.findings).enumerated()
      .sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
    return (findings.map(\.element.finding), states.map(\.checker.evaluator.tally))
  }
}

/// The objects of two lists; of those that are in both, the first list's.
func objectsOnce(_ first: [Manifest], and second: [Manifest]) -> [Manifest] {
  let known = Set(first.map(\.key))
  return first + second.filter { !known.contains($0.key) }
}

/// What one thread found.
private struct RepositoryState {
  let worker: UnitWorker
  let checker: ChangeChecker
  var findings: [(index: Int, finding: Finding)] = []
}

extension UnitWorker {
  /// Keeps the manifests that RepositoryPolicies of the environment look at or ask for.
  func keepForRepository(_ manifests: [Manifest], _ job: UnitJob) {
    guard job.environment < repositoryKinds.count, let kinds = repositoryKinds[job.environment]
    else { return }
    let wanted = manifests.filter { manifest in
      kinds.isEverything
        || kinds.contains(
          group: manifest.group.asString ?? "", kind: manifest.kind.asString ?? "")
    }
    if wanted.isEmpty { return }
    // Copied, so that the rest of the unit's memory can go.
    let arena = Arena(firstChunkByteCount: 2048)
    let copies = wanted.map { arena.copy($0.value) }
    let document = Document(root: .null, arena: arena)
    for (manifest, copy) in zip(wanted, copies) {
      keptObjects.append(
        KeptObject(
          job: job,
          manifest: Manifest(document: document, value: copy, resource: manifest.resource)))
    }
  }

  /// A verdict on a manifest as a finding at the place to mend.
  func finding(_ verdict: Verdict, _ manifest: Manifest, _ job: UnitJob) -> Finding {
    let intent = loaded.intents[job.intent]
    let environment = loaded.platform.environments[job.environment]
    var finding = verdict.finding
    chartAttempts = UnitWorker.mostChartAttempts
    blame(
      verdict, &finding, manifest, EffectiveIntent(intent, in: environment.name), job,
      iteration: nil)
    return about(intent, environment, finding)
  }
}

extension Ledger {
  /// Adds what further policies did with the same manifests.
  mutating func add(policiesOf other: Ledger) {
    policies += other.policies
    evaluations += other.evaluations
    notMatched = (notMatched + other.notMatched).sorted()
    notEvaluated = Set(notEvaluated + other.notEvaluated)
      .sorted { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
  }
}
