import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Policies

extension LoadedPlatform {
  /// Adds what the RepositoryPolicies of each environment say of the changes that workers kept.
  func addRepositoryFindings(
    _ workers: [UnitWorker], _ sets: [PolicySet?], against oldSide: OldSide,
    to rendering: inout Rendering
  ) {
    let kept = KeptChanges(of: workers, environmentCount: platform.environments.count)
    var merged: Ledger?
    for environment in rendering.environments {
      guard let set = sets[environment] else { continue }
      let own = kept.ofEnvironments[environment]
      let result = checkRepository(environment, set, own, in: kept.document)
      var findings = result.findings
      if case .published = oldSide {
        if own.allSatisfy(\.isUnchanged) {
          for index in findings.indices { findings[index].state = .same }
        } else {
          let before = checkRepository(
            environment, set, own.compactMap(\.before), in: kept.document)
          rendering.baseline += withSettings(before.findings)
        }
      }
      rendering.findings += withSettings(findings)
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

  /// Holds the changes of an environment against its RepositoryPolicies, on all cores. What policies find under
  /// `objects` are the new sides, and what is under `cluster`, as a server would hold them.
  private func checkRepository(
    _ environment: Int, _ set: PolicySet, _ kept: [KeptObject], in document: Document
  ) -> (findings: [Finding], tallies: [PolicyTally]) {
    let kinds = set.keptKinds
    func manifest(_ value: Value) -> Manifest { Manifest(document: document, value: value) }
    let gone = Set(kept.filter(\.object.isAbsent).map { manifest($0.oldObject).key })
    let others = checks[environment].cluster.filter {
      kinds.contains(group: $0.group.asString ?? "", kind: $0.kind.asString ?? "")
        && !gone.contains($0.key)
    }.map(checks[environment].admitter.stored)
    let own = kept.compactMap { $0.object.isAbsent ? nil : manifest($0.object) }
    // What several units ask for is one object.
    let different = library.sharesObjects ? objectsOnce([], and: own) : own
    let objects = RepositoryObjects(objectsOnce(different, and: others), for: set)
    let requester = requester
    let states = eachIndex(
      below: kept.count, blockCount: 32,
      makeState: {
        RepositoryState(
          worker: UnitWorker(self, tasks: [], policySets: []),
          checker: ChangeChecker(set, requester: requester, objects: objects))
      }
    ) { index, state in
      let worker = state.worker
      state.checker.check(kept[index].change(in: document), isBaseline: true) { verdict in
        state.findings.append((index, worker.finding(verdict, kept[index], in: document)))
      }
    }
    let findings = states.flatMap(\.findings).enumerated()
      .sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
    return (findings.map(\.element.finding), states.map(\.checker.evaluator.tally))
  }
}

/// The objects of two lists; of those that are in both, or more than once in the second, the first.
func objectsOnce(_ first: [Manifest], and second: [Manifest]) -> [Manifest] {
  if second.isEmpty { return first }
  var known = Set(first.map(\.key))
  return first + second.filter { known.insert($0.key).inserted }
}

/// What one thread found.
private struct RepositoryState {
  let worker: UnitWorker
  let checker: ChangeChecker
  var findings: [(index: Int, finding: Finding)] = []
}

extension UnitWorker {
  /// Keeps a change that RepositoryPolicies of its environment look at or ask for.
  func keepForRepository(
    _ change: ObjectAdmitter.AdmittedChange, _ subject: KeptObject.Subject, environment: Int
  ) {
    guard environment < repositoryNeeds.count, let needs = repositoryNeeds[environment],
      let object = change.change.subject, needs.contains(object)
    else { return }
    keptObjects.keep(change, subject, writtenToo: needs.containsWritten(object))
  }

  /// A verdict on a kept change as a finding at the place to mend.
  fileprivate func finding(
    _ verdict: Verdict, _ kept: KeptObject, in document: Document
  ) -> Finding {
    var finding = verdict.finding
    switch kept.subject {
    case .gone(let object):
      finding.environment = loaded.platform.environments[object.environment].name
      finding.intent = object.intent
      finding.place = object.place
      return finding
    case .unit(let job):
      let intent = loaded.intents[job.intent]
      let environment = loaded.platform.environments[job.environment]
      let effective = EffectiveIntent(intent, in: environment.name)
      chartAttempts = UnitWorker.mostChartAttempts
      if !kept.object.isAbsent,
        case let key = Manifest(document: document, value: kept.object).key,
        let written = writtenManifest(key, of: effective, job)
      {
        blame(
          verdict, &finding, written.manifest, effective, job, iteration: written.iteration)
      }
      return about(intent, environment, finding)
    }
  }

  /// An object as its unit renders it, and its index among those of its resource; rendered again, since what is kept is
  /// what a server would make of it.
  private func writtenManifest(
    _ key: ManifestKey, of effective: EffectiveIntent, _ job: UnitJob
  ) -> (manifest: Manifest, iteration: Int)? {
    if lastRendered?.job != job {
      lastRendered = (job, renderer(job.environment).render(effective).manifests)
    }
    var iteration = 0
    var resource: String?
    for manifest in lastRendered?.manifests ?? [] {
      iteration = manifest.resource == resource ? iteration + 1 : 0
      resource = manifest.resource
      if manifest.key == key { return (manifest, iteration) }
    }
    return nil
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
