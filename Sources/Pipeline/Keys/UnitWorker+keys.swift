import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import OutputTrees
import Policies
import Repositories

extension UnitWorker {
  /// A unit whose outcome depends on nothing but its key.
  struct Standing {
    let key: ObjectID
    let side: StandingSide
  }

  /// How far the lists of a worker had come before a unit.
  struct Mark {
    let newcoming: Int
    let gone: Int
    let baseline: Int
    let unknownBefore: Int
    let instances: Int
  }

  /// The key of a unit that stands as it stood; nil when it changes, or keys are not asked for.
  func standing(_ job: UnitJob) -> Standing? {
    guard let keys, let renderKey = keys.render.key(of: job) else { return nil }
    let side: StandingSide
    switch oldSide {
    case .nothing: side = .nothing
    case .itself: side = .itself
    case .base(let base):
      let environment = loaded.platform.environments[job.environment].name
      guard base.renderKey(of: loaded.intents[job.intent], in: environment) == renderKey else {
        return nil
      }
      side = .itself
    case .published: side = .published
    }
    guard let key = keys.verdict(of: renderKey, job, side) else { return nil }
    return Standing(key: key, side: side)
  }

  /// Takes over what an earlier run found of a unit; false when that is not known.
  func takeOver(_ standing: Standing, _ job: UnitJob, index: Int) -> Bool {
    let policyCount = policySets[job.environment]?.policyCount
    guard let keys,
      let (outcome, isOfEarlierRun) = keys.known.outcome(standing.key, policyCount: policyCount)
    else { return false }
    let intent = loaded.intents[job.intent]
    let environment = loaded.platform.environments[job.environment].name
    var output: OutputUnit?
    if tasks.contains(.output), outcome.objects != nil {
      guard case .published(let published) = oldSide, let kept = outcome.published,
        published.holds(kept, at: outcome.folder, job.environment)
      else { return false }
      output = OutputUnit(
        kept, environment: environment, path: outcome.folder,
        intent: keys.render.references[job.intent], place: intent.place(namePath))
    }
    let files = outcome.objects.map { objects in
      RenderedFiles(
        identity: intent.unit(in: environment), environment: job.environment, intent: job.intent,
        folder: outcome.folder, fingerprints: objects)
    }
    results.append(
      Result(index: index, files: files, findings: outcome.findings, output: output))
    for instance in outcome.instances {
      instances.append(
        InstanceLabel(
          index: index, job: job, folder: outcome.folder, value: instance.value,
          object: instance.object, isPublished: instance.isPublished))
    }
    if let tally = outcome.tally {
      if isOfEarlierRun { reusedEvaluations += tally.evaluations }
      tallies[job.environment]?.add(isOfEarlierRun ? tally.withoutEvaluations : tally)
    }
    notRequested.merge(outcome.notRequested, uniquingKeysWith: +)
    if tasks.contains(.trace) { trace(outcome, job, index: index, isChanged: false) }
    if files != nil { keepRendered(of: intent, environment, job, standing.side) }
    return true
  }

  /// Renders a unit for the RepositoryPolicies alone, where it may have what they look at.
  private func keepRendered(
    of intent: Intent, _ environment: String, _ job: UnitJob, _ side: StandingSide
  ) {
    guard job.environment < repositoryNeeds.count,
      let needs = repositoryNeeds[job.environment],
      needs.kinds.isEverything || mayRender(needs.kinds, job)
    else { return }
    let effective = EffectiveIntent(intent, in: environment)
    let admitter = loaded.checks[job.environment].admitter
    for manifest in renderer(job.environment).render(effective).manifests
    where needs.contains(manifest) {
      let change = ObjectChange(object: manifest, oldObject: side == .nothing ? nil : manifest)
      keepForRepository(
        admitter.admitted(change) { _ in }, .unit(job), environment: job.environment)
    }
  }

  private func mayRender(_ kinds: RepositoryKinds, _ job: UnitJob) -> Bool {
    guard let path = loaded.pathOfIntent[job.intent] else { return false }
    if mayRender[job.environment] == nil {
      let wanted = kinds.groupKinds
      mayRender[job.environment] = loaded.library.paths.map {
        loaded.library.mayRender(wanted, $0)
      }
    }
    return mayRender[job.environment]?[path] ?? false
  }

  var mark: Mark {
    Mark(
      newcoming: newcoming.count, gone: gone.count, baseline: baseline.count,
      unknownBefore: unknownBefore.count, instances: instances.count)
  }

  /// Counts what the policies did with a unit, and leaves its outcome for later runs.
  func close(_ standing: Standing?, _ job: UnitJob, since mark: Mark) {
    guard keys != nil else { return }
    let tally = checkers[job.environment]?.evaluator.takeTally()
    let unasked = checkers[job.environment]?.takeNotRequested() ?? [:]
    if let tally { tallies[job.environment]?.add(tally) }
    notRequested.merge(unasked, uniquingKeysWith: +)
    guard let result = results.last, mark.newcoming == newcoming.count, mark.gone == gone.count,
      mark.unknownBefore == unknownBefore.count
    else {
      isUntraceable = true
      return
    }
    let isStanding = standing != nil && !isChanged && mark.baseline == baseline.count
    guard isStanding || tasks.contains(.trace) else { return }
    var outcome = UnitOutcome()
    outcome.folder = result.files?.folder ?? ""
    outcome.objects = result.files?.fingerprints
    outcome.findings = result.findings
    outcome.instances = instances[mark.instances...].map {
      .init(value: $0.value, object: $0.object, isPublished: $0.isPublished)
    }
    outcome.tally = tally
    outcome.notRequested = unasked
    outcome.published = keptOutput
    if isStanding, let standing {
      keys?.known.add(outcome, standing.key)
      leaveAsPublished(outcome, job)
    }
    guard tasks.contains(.trace) else { return }
    if !isStanding {
      let before = baseline[mark.baseline...].map(\.finding)
      guard let found = settled(outcome.findings, against: before), addsNothing(to: tally) else {
        isUntraceable = true
        return
      }
      outcome.findings = found
    }
    trace(outcome, job, index: result.index, isChanged: isChanged)
  }
}

extension UnitWorker {
  /// Leaves what a unit that is created will give when it is published, where nothing was found that would be marked as
  /// standing then.
  private func leaveAsPublished(_ outcome: UnitOutcome, _ job: UnitJob) {
    guard standsAsCreated[job.environment], outcome.findings.isEmpty, outcome.published != nil,
      let keys, let renderKey = keys.render.key(of: job),
      let key = keys.verdict(of: renderKey, job, .published)
    else { return }
    var outcome = outcome
    for index in outcome.instances.indices { outcome.instances[index].isPublished = true }
    keys.known.add(outcome, key)
  }
}

private let namePath = FieldPath(keys: "metadata", "name")

extension RepositoryKinds {
  /// The kinds that are named, as golden paths name them.
  var groupKinds: Set<GroupKind> {
    Set(
      names.map { name in
        guard let slash = name.firstIndex(of: "/") else { return GroupKind(group: "", kind: name) }
        return GroupKind(
          group: String(name[..<slash]), kind: String(name[name.index(after: slash)...]))
      })
  }
}
