import CEL
import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import OutputTrees
import Policies
import Repositories

/// One unit to be rendered: indices into the platform's environments and intents.
struct UnitJob: Hashable, Sendable {
  let environment: Int
  let intent: Int
}

/// Renders units, checks their manifests and writes them as bytes, one unit after the other. One a
/// thread: it owns a renderer and an evaluator for each environment, and the writer's buffer.
///
/// A unit's trees are forgotten when its bytes and findings are known.
final class UnitWorker {
  struct Result {
    /// The job's index.
    let index: Int
    /// Which part of what is said of the job: its unit first, then single objects.
    var part = 0
    let files: RenderedFiles?
    let findings: [Finding]
    /// The unit as it should stand in the output, where that was asked for.
    var output: OutputUnit?
  }

  /// What is wrong with an object as it was.
  struct Baseline {
    /// The job's index.
    let index: Int
    let part: Int
    let finding: Finding
  }

  var results: [Result] = []
  /// The objects to be kept of each unit, by the job's index, and their memory.
  private var kept: [(index: Int, values: [Value])] = []
  private lazy var keptMemory = ValuePool()
  /// Objects that were in no unit's place before.
  var newcoming: [NewcomingObject] = []
  /// Objects that were in a unit's place before.
  var gone: [GoneObject] = []
  /// What the policies say of changed objects as they were; only against what is published.
  var baseline: [Baseline] = []
  /// What is worked on: a job's index, and which part of it.
  var index = 0
  var part = 0
  /// The unit that is worked on, as it should stand in the output.
  var output: OutputUnit?
  /// The same by its ids alone.
  var keptOutput: KeptUnit?
  /// Whether an object of the unit that is worked on is not what it was.
  var isChanged = false
  /// Why the output could not be read.
  var failure: OutputError?
  /// Units whose old side is not known.
  var unknownBefore: Set<Ledger.NotEvaluated> = []

  let loaded: LoadedPlatform
  let oldSide: OldSide
  let policySets: [PolicySet?]
  var checkers: [ChangeChecker?]
  var baseRenderers: [Int: Renderer] = [:]
  /// Renderings of charts that are left for finding out what fields of the unit are made of.
  var chartAttempts = 0
  /// For each environment, what is kept for RepositoryPolicies.
  let repositoryNeeds: [RepositoryNeeds?]
  /// The manifests of the unit that was rendered last to find a place.
  var lastRendered: (job: UnitJob, manifests: [Manifest])?
  /// The changes kept for RepositoryPolicies.
  let keptObjects = KeptObjects()
  /// The instances that Argo CD would take units for.
  var instances: [InstanceLabel] = []
  /// The deleted objects that units still name.
  var stillNamed: [StillNamed] = []
  /// What may be taken over from earlier runs; nil when everything is to be done.
  let keys: UnitKeys?
  /// Whether the unit that is worked on is what it was.
  var isStanding = false
  /// What the policies of each environment did with units that are done.
  var tallies: [PolicyTally?]
  /// For each environment, which golden paths may make what RepositoryPolicies look at.
  var mayRender: [Int: [Bool]] = [:]
  /// Evaluations of earlier runs that were taken over.
  var reusedEvaluations = 0
  /// Manifests that no policy could be asked about, by kind and reason, of units that are done.
  var notRequested: [Ledger.NotEvaluated: Int] = [:]
  let tasks: RenderingTasks
  private let wanted: Surroundings?
  private var renderers: [Renderer?]
  private let writer = YAMLWriter()
  private lazy var delivery = DeliveryRendering(loaded)
  private let folderEvaluator = Evaluator(slotCount: outputVariables.count)

  init(
    _ loaded: LoadedPlatform, tasks: RenderingTasks, policySets: [PolicySet?],
    against oldSide: OldSide = .nothing, keeping wanted: Surroundings? = nil,
    repositoryNeeds: [RepositoryNeeds?] = [], keys: UnitKeys? = nil
  ) {
    self.keys = keys
    tallies = policySets.map { $0.map { PolicyTally(policyCount: $0.policyCount) } }
    self.oldSide = oldSide
    self.repositoryNeeds = repositoryNeeds
    self.loaded = loaded
    self.tasks = tasks
    self.policySets = policySets
    self.wanted = wanted
    renderers = Array(repeating: nil, count: loaded.platform.environments.count)
    checkers = Array(repeating: nil, count: loaded.platform.environments.count)
  }

  /// What the policies of an environment did.
  func tally(_ environment: Int) -> [PolicyTally] {
    [tallies[environment], checkers[environment]?.evaluator.tally].compactMap { $0 }
  }

  /// Manifests that no policy could be asked about, by kind and reason.
  var allNotRequested: [Ledger.NotEvaluated: Int] {
    checkers.reduce(into: notRequested) { counts, checker in
      counts.merge(checker?.notRequested ?? [:], uniquingKeysWith: +)
    }
  }

  /// Renders a unit and notes what comes of it, or takes that over from an earlier run.
  func work(on job: UnitJob, index: Int) {
    let standing = standing(job)
    if let standing, takeOver(standing, job, index: index) { return }
    isStanding = standing?.side == .itself
    isChanged = false
    output = nil
    keptOutput = nil
    (self.index, part) = (index, 0)
    let mark = mark
    render(job, index: index)
    isStanding = false
    close(standing, job, since: mark)
  }

  private func render(_ job: UnitJob, index: Int) {
    let intent = loaded.intents[job.intent]
    let environment = loaded.platform.environments[job.environment]
    let renderer = renderer(job.environment)
    let effective = EffectiveIntent(intent, in: environment.name)
    let unit = renderer.render(effective, replacing: before(effective, environment.name))
    if let wanted {
      let values = withExtendedLifetime(unit) {
        unit.manifests.filter(wanted.contains).map { keptMemory.copy($0.value) }
      }
      if !values.isEmpty { kept.append((index, values)) }
      return
    }
    var findings = unit.findings
    guard !findings.contains(where: { $0.severity == .error }) else {
      results.append(Result(index: index, files: nil, findings: findings))
      return
    }
    var folder = ""
    let checked: Swift.Result<String, OutputPatternFailure> = self.folder(
      of: effective, renderer.context)
    switch checked {
    case .success(let text): folder = text
    case .failure(let failure):
      var finding = about(intent, environment, failure.finding)
      finding.related.append(
        .init(label: "the intent", place: intent.place(FieldPath(keys: "metadata", "name"))))
      findings.append(finding)
      results.append(Result(index: index, files: nil, findings: findings))
      return
    }
    var files = write(unit, job, folder: folder)
    if tasks.contains(.output) { output = outputUnit(files) }
    if tasks.contains(.check) {
      checkIntent(effective, job, into: &findings)
      check(
        unit.manifests, of: effective, job, index: index, folder: folder, into: &findings)
    }
    if let output {
      keptOutput = output.kept
      self.output = inPlace(output, job) ?? output
      files.bytes = []
    }
    results.append(
      Result(index: index, files: files, findings: findings, output: self.output))
  }

  func renderer(_ environment: Int) -> Renderer {
    if let renderer = renderers[environment] { return renderer }
    let renderer = Renderer(
      library: loaded.library,
      context: RenderContext(loaded.platform.environments[environment], of: loaded.platform))
    renderers[environment] = renderer
    return renderer
  }

  /// The objects that were kept, by the job's index; no more can be kept.
  func keptSurroundings() -> [(index: Int, manifests: [Manifest])] {
    guard !kept.isEmpty else { return [] }
    let document = keptMemory.freeze()
    return kept.map { ($0.index, $0.values.map { Manifest(document: document, value: $0) }) }
  }

  // MARK: the folder

  /// The folder of a unit in the output; empty when the platform has no output, or the folder is refused.
  func folder(of effective: EffectiveIntent, _ context: RenderContext) -> String {
    let folder: Swift.Result<String, OutputPatternFailure> = self.folder(of: effective, context)
    return (try? folder.get()) ?? ""
  }

  private func folder(
    of effective: EffectiveIntent, _ context: RenderContext
  ) -> Swift.Result<String, OutputPatternFailure> {
    guard let pattern = loaded.folders else { return .success("") }
    folderEvaluator.reset()
    folderEvaluator.set(context.environmentDocument.root, slot: 0)
    folderEvaluator.set(context.platformDocument.root, slot: 1)
    folderEvaluator.set(effective.document.root, slot: 2)
    let folder = pattern.text(folderEvaluator)
    guard case .success(let path) = folder else { return folder }
    var problem: String?
    do throws(RepositoryError) {
      try checkPath(path)
      problem = reservedOutputPath(holding: path, environment: context.environment)
        .map { "the folder '\(path)' is inside '\($0)', which pave uses itself" }
    } catch {
      problem = error.message
    }
    guard let problem else { return folder }
    return .failure(
      OutputPatternFailure(
        finding: Finding(
          rule: "output/path", problem,
          at: loaded.platform.place(FieldPath(keys: "spec", "output", "path")),
          help: "the folder of a unit must be a plain path inside the output")))
  }

  // MARK: findings

  /// The finding with the unit it is about, and the intent as its place when it has none.
  func about(
    _ intent: Intent, _ environment: Environment, _ finding: Finding
  ) -> Finding {
    var finding = finding
    finding.environment = environment.name
    finding.intent = intent.reference
    if finding.place == nil { finding.place = intent.place(FieldPath(keys: "metadata", "name")) }
    return finding
  }

  // MARK: bytes

  private func outputUnit(_ files: RenderedFiles) -> OutputUnit? {
    guard let output = loaded.platform.output else { return nil }
    do throws(RepositoryError) {
      return try loaded.outputUnit(files, output, writer, delivery)
    } catch {
      failure = OutputError(error)
      return nil
    }
  }

  /// The unit by its ids alone where the output holds it so already: its bytes are not needed then.
  private func inPlace(_ unit: OutputUnit, _ job: UnitJob) -> OutputUnit? {
    guard case .published(let published) = oldSide, let kept = unit.kept,
      published.holds(kept, at: unit.path, job.environment)
    else { return nil }
    return OutputUnit(
      kept, environment: unit.environment, path: unit.path, intent: unit.intent, place: unit.place)
  }

  private func write(_ unit: RenderedUnit, _ job: UnitJob, folder: String) -> RenderedFiles {
    writer.reset()
    var files: [RenderedFiles.File] = []
    files.reserveCapacity(unit.manifests.count)
    var fingerprints: [UInt64] = []
    fingerprints.reserveCapacity(unit.manifests.count)
    for manifest in unit.manifests {
      let start = writer.byteCount
      if tasks.contains(.bytes) { writer.write(manifest.value) }
      files.append(.init(identity: manifest.identity, range: start..<writer.byteCount))
      fingerprints.append(fingerprint(of: manifest))
    }
    return RenderedFiles(
      identity: unit.identity, environment: job.environment, intent: job.intent, folder: folder,
      files: files, fingerprints: fingerprints, bytes: writer.bytes)
  }
}
