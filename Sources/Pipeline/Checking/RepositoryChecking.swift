import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Policies

/// A change of an object that is kept until all of its environment are known, with both sides as an API
/// server would hold them.
struct KeptObject: Sendable {
  /// What the change is part of.
  enum Subject: Sendable {
    /// A unit that renders the object.
    case unit(UnitJob)
    /// No unit has the object any more.
    case gone(GoneObject)
  }

  let subject: Subject
  var change: ObjectAdmitter.AdmittedChange

  /// The index of its environment.
  var environment: Int {
    switch subject {
    case .unit(let job): job.environment
    case .gone(let object): object.environment
    }
  }

  /// The index of its intent; none for what is gone, which comes last.
  fileprivate var intent: Int {
    switch subject {
    case .unit(let job): job.intent
    case .gone: .max
    }
  }

  /// By environment, intent and identity: the same on any number of threads.
  fileprivate static func isOrdered(_ left: KeptObject, _ right: KeptObject) -> Bool {
    if left.environment != right.environment { return left.environment < right.environment }
    if left.intent != right.intent { return left.intent < right.intent }
    guard let first = left.change.change.subject, let second = right.change.change.subject else {
      return false
    }
    return first.identity < second.identity
  }
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

  /// Adds what the RepositoryPolicies of each environment say of the changes that workers kept.
  func addRepositoryFindings(
    _ workers: [UnitWorker], _ sets: [PolicySet?], against oldSide: OldSide,
    to rendering: inout Rendering
  ) {
    let kept = workers.flatMap(\.keptObjects).sorted(by: KeptObject.isOrdered)
    var merged: Ledger?
    for environment in rendering.environments {
      guard let set = sets[environment] else { continue }
      let own = kept.filter { $0.environment == environment }
      let result = checkRepository(environment, set, own)
      var findings = result.findings
      if case .published = oldSide {
        if own.allSatisfy(\.isUnchanged) {
          for index in findings.indices { findings[index].state = .same }
        } else {
          let before = checkRepository(environment, set, own.compactMap(\.before))
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
    _ environment: Int, _ set: PolicySet, _ kept: [KeptObject]
  ) -> (findings: [Finding], tallies: [PolicyTally]) {
    let kinds = set.keptKinds
    let gone = Set(
      kept.filter { $0.change.change.object == nil }.compactMap(\.change.change.subject?.key))
    let others = checks[environment].cluster.filter {
      kinds.contains(group: $0.group.asString ?? "", kind: $0.kind.asString ?? "")
        && !gone.contains($0.key)
    }.map(checks[environment].admitter.stored)
    let objects = RepositoryObjects(
      objectsOnce(kept.compactMap(\.change.change.object), and: others), for: set)
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
      state.checker.check(kept[index].change, isBaseline: true) { verdict in
        state.findings.append((index, worker.finding(verdict, kept[index])))
      }
    }
    let findings = states.flatMap(\.findings).enumerated()
      .sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
    return (findings.map(\.element.finding), states.map(\.checker.evaluator.tally))
  }
}

extension KeptObject {
  /// Whether the change leaves the object as it was.
  fileprivate var isUnchanged: Bool {
    guard let object = change.change.object, let old = change.change.oldObject else { return false }
    return object.value.isIdentical(to: old.value)
  }

  /// The object as it stood before; nil when there was none.
  fileprivate var before: KeptObject? {
    guard let old = change.change.oldObject else { return nil }
    let standing = ObjectChange(
      object: old, oldObject: old, written: isUnchanged ? change.change.written : nil)
    return KeptObject(subject: subject, change: .init(change: standing))
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
  /// Keeps a change that RepositoryPolicies of its environment look at or ask for.
  func keepForRepository(_ change: ObjectAdmitter.AdmittedChange, _ subject: KeptObject.Subject) {
    let kept = KeptObject(subject: subject, change: change)
    guard kept.environment < repositoryNeeds.count, let needs = repositoryNeeds[kept.environment],
      let object = change.change.subject,
      needs.kinds.isEverything
        || needs.kinds.contains(
          group: object.group.asString ?? "", kind: object.kind.asString ?? "")
    else { return }
    keptObjects.append(kept)
    if !needs.readsWritten { keptObjects[keptObjects.count - 1].change.change.written = nil }
  }

  /// Copies what was kept of a unit, so that the rest of the unit's memory can go.
  func freeKeptUnit() {
    if ownedObjectCount == keptObjects.count { return }
    let arena = Arena(firstChunkByteCount: 4096)
    let document = Document(root: .null, arena: arena)
    func copy(_ manifest: Manifest?) -> Manifest? {
      manifest.map {
        Manifest(document: document, value: arena.copy($0.value), resource: $0.resource)
      }
    }
    for index in ownedObjectCount..<keptObjects.count {
      let change = keptObjects[index].change.change
      let object = copy(change.object)
      let isUnchanged = keptObjects[index].isUnchanged
      keptObjects[index].change.change = ObjectChange(
        object: object, oldObject: isUnchanged ? object : copy(change.oldObject),
        written: copy(change.written))
    }
    ownedObjectCount = keptObjects.count
  }

  /// A verdict on a kept change as a finding at the place to mend.
  fileprivate func finding(_ verdict: Verdict, _ kept: KeptObject) -> Finding {
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
      if let key = kept.change.change.object?.key,
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

/// What RepositoryPolicies of an environment want to be kept.
struct RepositoryNeeds: Sendable {
  /// The kinds of objects.
  let kinds: RepositoryKinds
  /// Whether they look at objects as they were written.
  let readsWritten: Bool

  init(_ set: PolicySet) {
    kinds = set.keptKinds
    readsWritten = set.readsWritten
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
