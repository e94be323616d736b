import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Policies
import ServedKinds

extension UnitWorker {
  /// What an object was before the change.
  enum Before {
    case itself
    case changed(Manifest)
    /// Nothing in its unit; it may have been in another one.
    case absent
  }

  /// Holds a unit's manifests against the policies of its environment, each with what it was.
  func check(
    _ manifests: [Manifest], of effective: EffectiveIntent, _ job: UnitJob, index: Int,
    folder: String, into findings: inout [Finding]
  ) {
    guard let checker = checker(job.environment) else { return }
    let before = before(manifests, of: effective, job, folder: folder)
    chartAttempts = UnitWorker.mostChartAttempts
    checkEngine(
      manifests, before: before, of: effective, job, index: index, folder: folder, into: &findings)
    var iteration = 0
    for (position, manifest) in manifests.enumerated() {
      let isNext = position > 0 && manifests[position - 1].resource == manifest.resource
      iteration = isNext ? iteration + 1 : 0
      switch before?[position] ?? .absent {
      case .itself:
        hold(
          ObjectChange(object: manifest, oldObject: manifest), checker, effective, job,
          state: isAgainstPublished ? .same : .new, iteration: iteration, into: &findings)
      case .changed(let old):
        hold(
          ObjectChange(object: manifest, oldObject: old), checker, effective, job,
          iteration: iteration, into: &findings)
        if isAgainstPublished { addBaseline(old, checker, effective, job) }
      case .absent where oldSide.mayHoldOthers:
        newcoming.append(
          NewcomingObject(index: index, job: job, manifest: manifest, iteration: iteration))
      case .absent:
        hold(
          ObjectChange(object: manifest, oldObject: nil), checker, effective, job,
          iteration: iteration, into: &findings)
      }
    }
  }

  var isAgainstPublished: Bool {
    if case .published = oldSide { true } else { false }
  }

  /// What each manifest of a unit was; nil when none of them was anything.
  private func before(
    _ manifests: [Manifest], of effective: EffectiveIntent, _ job: UnitJob, folder: String
  ) -> [Before]? {
    switch oldSide {
    case .nothing: return nil
    case _ where isStanding: return manifests.map { _ in .itself }
    case .itself: return manifests.map { _ in .itself }
    case .published(let published):
      let before = published.before(manifests.count, of: output, job.environment)
      isChanged = before.contains { if case .itself = $0 { false } else { true } }
      return before
    case .base(let base):
      let environment = loaded.platform.environments[job.environment].name
      guard let oldJob = base.job(of: effective.intent, in: environment) else { return nil }
      let old = renderBase(oldJob, base)
      var rest = Dictionary(old.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      let before = manifests.map { manifest -> Before in
        guard let old = rest.removeValue(forKey: manifest.key) else { return .absent }
        return old.value.isIdentical(to: manifest.value) ? .itself : .changed(old)
      }
      if !rest.isEmpty {
        let kept = old.filter { rest[$0.key] != nil }
        addGone(kept, environment: job.environment, effective.intent, revision: nil)
      }
      return before
    }
  }

  /// The manifests of a unit as it was; none, and a note, when it cannot be rendered.
  private func renderBase(_ job: UnitJob, _ base: BaseUnits) -> [Manifest] {
    let environment = base.loaded.platform.environments[job.environment]
    let renderer =
      baseRenderers[job.environment]
      ?? Renderer(
        library: base.loaded.library, context: RenderContext(environment, of: base.loaded.platform))
    baseRenderers[job.environment] = renderer
    let unit = renderer.render(
      EffectiveIntent(base.loaded.intents[job.intent], in: environment.name))
    guard !unit.findings.contains(where: { $0.severity == .error }) else {
      unknownBefore.insert(
        .init(
          subject: "\(environment.name): \(base.loaded.intents[job.intent].reference)",
          reason: "what it was cannot be rendered: its objects count as created"))
      return []
    }
    return unit.manifests
  }

  /// Notes the objects of a unit of the base that is no more.
  func noteGone(_ job: UnitJob, of base: BaseUnits, revision: String, index: Int) {
    let environment = base.loaded.platform.environments[job.environment]
    guard let own = loaded.platform.environment(named: environment.name) else { return }
    let intent = base.loaded.intents[job.intent]
    addGone(renderBase(job, base), environment: own.index, intent, revision: revision)
    var place = intent.place(FieldPath(keys: "metadata", "name"))
    place.revision = revision
    let findings = checkDeletion(
      of: EffectiveIntent(intent, in: environment.name), base.loaded.library,
      environment: own.index, place: place)
    if !findings.isEmpty { results.append(Result(index: index, files: nil, findings: findings)) }
  }

  private func addGone(
    _ manifests: [Manifest], environment: Int, _ intent: Intent, revision: String?
  ) {
    var place = intent.place(FieldPath(keys: "metadata", "name"))
    place.revision = revision
    for manifest in manifests {
      gone.append(
        GoneObject(
          environment: environment, manifest: manifest, intent: intent.reference, place: place))
    }
  }

  // MARK: what is left

  /// Holds an object that is new in its place; `old` is what it was in another one.
  func settle(_ object: NewcomingObject, old: Manifest?, part: Int) {
    guard let checker = checker(object.job.environment) else { return }
    (index, self.part) = (object.index, part)
    chartAttempts = UnitWorker.mostChartAttempts
    let environment = loaded.platform.environments[object.job.environment].name
    let effective = EffectiveIntent(loaded.intents[object.job.intent], in: environment)
    var findings: [Finding] = []
    hold(
      ObjectChange(object: object.manifest, oldObject: old), checker, effective, object.job,
      iteration: object.iteration, into: &findings)
    if let old, isAgainstPublished { addBaseline(old, checker, effective, object.job) }
    if !findings.isEmpty {
      results.append(Result(index: object.index, part: part, files: nil, findings: findings))
    }
  }

  /// Holds the deletion of an object.
  func settle(_ object: GoneObject, index: Int, named: [StillNamed]) {
    guard let checker = checker(object.environment) else { return }
    (self.index, part) = (index, 0)
    let environment = loaded.platform.environments[object.environment].name
    var findings: [Finding] = []
    func add(_ finding: Finding, to findings: inout [Finding]) {
      var finding = finding
      finding.environment = environment
      finding.intent = object.intent
      finding.place = object.place
      findings.append(finding)
    }
    for change in destructiveDeletion(of: object.manifest) {
      add(change.verdict(about: object.manifest).finding, to: &findings)
    }
    for reference in named {
      var finding = reference.change.verdict(about: object.manifest).finding
      finding.related.append(.init(label: "the reference is from here", place: reference.place))
      add(finding, to: &findings)
    }
    let admitter = loaded.checks[object.environment].admitter
    let deletion = admitter.admitted(ObjectChange(object: nil, oldObject: object.manifest)) { _ in }
    keepForRepository(deletion, .gone(object), environment: object.environment)
    checker.check(deletion) { add($0.finding, to: &findings) }
    if isAgainstPublished {
      let standing = ObjectChange(object: object.manifest, oldObject: object.manifest)
      var found: [Finding] = []
      let admitted = admitter.admitted(standing) { add($0.finding, to: &found) }
      checker.check(admitted, isBaseline: true) { add($0.finding, to: &found) }
      found.forEach(addBaseline)
    }
    if !findings.isEmpty {
      results.append(Result(index: index, files: nil, findings: findings))
    }
  }

  // MARK: verdicts

  private func hold(
    _ change: ObjectChange, _ checker: ChangeChecker, _ effective: EffectiveIntent, _ job: UnitJob,
    state: Finding.State = .new, iteration: Int?, into findings: inout [Finding]
  ) {
    let environment = loaded.platform.environments[job.environment]
    func add(_ verdict: Verdict) {
      var finding = verdict.finding
      finding.state = state
      if let manifest = change.object {
        blame(verdict, &finding, manifest, effective, job, iteration: iteration)
      }
      findings.append(about(effective.intent, environment, finding.pointingToName()))
    }
    let admitted = loaded.checks[job.environment].admitter.admitted(change, add)
    keepForRepository(admitted, .unit(job), environment: job.environment)
    change.destructive(isRefused: admitted.isRefused).forEach(add)
    checker.check(admitted, add)
  }

  /// Notes what is wrong with an object as it was.
  func addBaseline(_ finding: Finding) {
    baseline.append(Baseline(index: index, part: part, finding: finding))
  }

  /// Notes what the policies say of an object as it stands.
  private func addBaseline(
    _ old: Manifest, _ checker: ChangeChecker, _ effective: EffectiveIntent, _ job: UnitJob
  ) {
    let environment = loaded.platform.environments[job.environment]
    func add(_ verdict: Verdict) {
      addBaseline(about(effective.intent, environment, verdict.finding))
    }
    let standing = ObjectChange(object: old, oldObject: old)
    let admitted = loaded.checks[job.environment].admitter.admitted(standing, add)
    let apart = checker.evaluator.countedApart {
      checker.check(admitted, isBaseline: true, add)
    }
    tallies[job.environment]?.add(apart)
    if baselineTally?.add(apart) == nil { baselineTally = apart }
  }

  /// Gives a finding the place where what decided it can be mended: the intent's line, a setting of the platform, the
  /// default in the schema, or the template. Left to the intent as a whole when that is not known for sure.
  func blame(
    _ verdict: Verdict, _ finding: inout Finding, _ manifest: Manifest,
    _ effective: EffectiveIntent, _ job: UnitJob, iteration: Int?
  ) {
    let environment = loaded.platform.environments[job.environment]
    var blame = Blame(of: effective) { [loaded] in
      loaded.place(ofSetting: $0, $1, in: environment)
    }
    for field in verdict.fields {
      let source =
        loaded.library.source(
          of: field, in: manifest, of: effective, iteration: iteration,
          tellingApart: renderer(job.environment))
        ?? chartSource(of: field, in: manifest, of: effective, job)
      guard let source else { return }
      blame.add(
        source,
        isKey: verdict.keyFields.contains(field) || finding.rule == "schema/unknown-field")
    }
    blame.apply(to: &finding)
    // A value that stands in the intent as it stands in the object can be replaced there.
    if let wanted = verdict.wanted, verdict.fields.count == 1, let place = finding.place,
      place.file == effective.intent.file, case .field(_, let path, .value) = place.anchor
    {
      let value = effective.intent.document.root[path]
      let isScalar = !value.isAbsent && !value.isKind(.map) && !value.isKind(.list)
      if isScalar, value.isIdentical(to: manifest.value[verdict.fields[0]]) {
        finding.fix = Fix(at: place, wanted, isText: value.isKind(.string))
      }
    }
  }

  /// What a field of a chart's manifest is made of, as long as the unit's attempts last.
  private func chartSource(
    of field: FieldPath, in manifest: Manifest, of effective: EffectiveIntent, _ job: UnitJob
  ) -> FieldSource? {
    let attempts = min(UnitWorker.chartAttemptsOfAField, chartAttempts)
    guard
      let source = renderer(job.environment).chartSource(
        of: field, in: manifest, of: effective, attempts: attempts)
    else { return nil }
    chartAttempts -= attempts
    return source
  }

  /// Renderings of a chart for finding out what one field, and what all fields of a unit, are made of. By unit, so
  /// that what is found does not depend on which thread does what.
  private static let chartAttemptsOfAField = 64
  static let mostChartAttempts = 640

  func checker(_ environment: Int) -> ChangeChecker? {
    if let checker = checkers[environment] { return checker }
    guard let set = policySets[environment] else { return nil }
    let checker = ChangeChecker(set, requester: loaded.requester)
    checkers[environment] = checker
    return checker
  }
}

extension LoadedPlatform {
  /// Who makes the requests: the delivery engine, unless the user is given.
  var requester: Requester {
    request.map { Requester($0) }
      ?? Requester(engine: (platform.output?.delivery.engine ?? .none).rawValue)
  }
}
