public import Diagnostics
public import Documents
import Manifests
public import OutputTrees
import Policies
import ServedKinds

/// Files that no golden path made: two sides of a change, and what it is held against.
public struct PlainFiles: Sendable {
  /// The objects as they shall be.
  public var manifests: [ParsedFile] = []
  /// The objects as they were.
  public var old: [ParsedFile] = []
  /// Policies and bindings; other objects in them count as being in the cluster.
  public var policies: [ParsedFile] = []
  /// What else is in the cluster: Namespaces, parameters.
  public var cluster: [ParsedFile] = []
  /// CustomResourceDefinitions.
  public var schemas: [ParsedFile] = []
  /// The Kubernetes 1.x minor version of the cluster.
  public var kubernetesMinor: Int
  /// What is known of the request: a map with any of `userInfo`, `dryRun`, `options`.
  public var request: Document?
  /// Who applies the objects: each folder is one application of its. Nil where nobody was named.
  public var delivery: DeliveryEngine?

  /// No files yet, for a cluster of Kubernetes 1.`kubernetesMinor`.
  public init(kubernetesMinor: Int) { self.kubernetesMinor = kubernetesMinor }
}

/// What holding something against its rules gave.
public struct Linting: Sendable {
  /// What was found.
  public var findings: [Finding]
  /// What was done and what was not.
  public var ledger: Ledger
}

/// Holds the objects of plain files against policies, as the API server would: what is only on the
/// new side is created, what is on both updated, what is only on the old side deleted.
public func lint(_ files: PlainFiles) -> Linting {
  var findings: [Finding] = []
  for list in [files.manifests, files.old, files.policies, files.cluster, files.schemas] {
    findings += list.flatMap(\.findings)
  }
  let directory = ResourceDirectory(
    minor: files.kubernetesMinor, definitions: files.schemas.flatMap(\.documents))
  let new = PlacedManifest.all(in: files.manifests, directory)
  let old = PlacedManifest.all(in: files.old, directory)
  let cluster = PlacedManifest.all(in: files.cluster, directory)
  findings += new.findings + old.findings + cluster.findings

  var policies = PolicyFiles()
  for file in files.policies {
    findings += policies.add(file: file.file, documents: file.documents)
  }
  let admitter = ObjectAdmitter(
    kinds: ServedKinds(
      minor: files.kubernetesMinor, customResources: files.schemas.flatMap(\.documents)))
  let others = objectsOnce(
    cluster.manifests.map(\.manifest),
    and: policies.objects.map { inNamespace(Manifest($0.document), directory) })
  let exists = admitter.stored(
    objectsOnce(cluster.manifests.map(\.manifest) + new.manifests.map(\.manifest), and: others),
    for: policies)
  let requester =
    files.request.map(Requester.init)
    ?? Requester(engine: files.delivery == .flux ? "flux" : "argocd")
  let (set, problems) = PolicySet.compile(
    policies, directory: directory, cluster: ClusterState(objects: exists), requester: requester,
    types: admitter.objectTypes)
  findings += problems
  let repository = PolicySet.compileRepositoryPolicies(
    policies, directory: directory, cluster: ClusterState(objects: exists),
    types: admitter.objectTypes)
  findings += repository.findings
  let pairs = PlacedChange.pairs(new: new.manifests, old: old.manifests)
  findings += pairs.findings
  let states = eachIndex(
    below: pairs.changes.count, blockCount: 32,
    makeState: {
      PlainState(
        checker: ChangeChecker(set, requester: requester),
        keepsObjects: !repository.set.names.isEmpty)
    }
  ) { index, state in
    let placed = pairs.changes[index]
    func add(_ verdict: Verdict) {
      var finding = verdict.finding
      finding.place = placed.subject.place(verdict.fields.first)
      state.findings.append((index, finding.pointingToName()))
    }
    let admitted = admitter.admitted(placed.change, add)
    placed.change.destructive(isRefused: admitted.isRefused).forEach(add)
    state.checker.check(admitted, add)
    if state.keepsObjects { state.admitted.append((index, admitted)) }
  }
  let ofRepository = checkRepository(
    states.flatMap(\.admitted).sorted { $0.index < $1.index }, pairs.changes, repository.set,
    others: others.map(admitter.stored), requester)
  let found =
    (states.flatMap(\.findings) + ofRepository.findings + deletions(in: pairs.changes)).enumerated()
    .sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
  findings += missingSchemasOnce(found.map(\.element.finding))
  if let engine = files.delivery { findings += engineFindings(new.manifests, engine) }
  var ledger = set.ledger(states.map(\.checker.evaluator.tally))
  ledger.add(policiesOf: repository.set.ledger(ofRepository.tallies))
  ledger.manifests = pairs.changes.count
  if !files.old.isEmpty { ledger.oldSide = "the given files" }
  var left = Set(ledger.notEvaluated)
  var counts: [Ledger.NotEvaluated: Int] = [:]
  for state in states { counts.merge(state.checker.notRequested, uniquingKeysWith: +) }
  left.formUnion(counts.counted)
  ledger.notEvaluated = left.sorted { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
  return Linting(findings: findings, ledger: ledger)
}

/// What a delivery engine would do with the objects of each folder: rules `engine/…`.
private func engineFindings(
  _ manifests: [PlacedManifest], _ engine: DeliveryEngine
) -> [Finding] {
  let entries = manifests.map { placed in
    let end = placed.file.utf8.lastIndex(of: UInt8(ascii: "/"))
    return EngineManifest(
      file: placed.file, byteCount: 0, folder: end.map { String(placed.file[..<$0]) } ?? ".",
      manifest: placed.manifest)
  }
  return OutputTrees.engineFindings(entries, engine: engine).map { found in
    // A file may hold several objects: the rules name the file only.
    let placed = manifests.last {
      $0.file == found.place?.file && $0.manifest.reference == found.object
    }
    var finding = found
    if let placed {
      finding.place = placed.place(found.path?.steps.isEmpty == true ? nil : found.path)
    }
    return finding
  }
}

/// What deletions among the changes lose, with the indices of the changes.
private func deletions(in changes: [PlacedChange]) -> [(index: Int, finding: Finding)] {
  let gone = changes.indices.filter { changes[$0].object == nil }
  if gone.isEmpty { return [] }
  var findings: [(index: Int, finding: Finding)] = []
  func add(_ change: DestructiveChange, _ index: Int, from other: PlacedManifest? = nil) {
    let subject = changes[index].subject
    var finding = change.verdict(about: subject.manifest).finding
    finding.place = subject.place(nil)
    if let other {
      finding.related.append(.init(label: "the reference is from here", place: other.place(nil)))
    }
    findings.append((index, finding))
  }
  for index in gone {
    for change in destructiveDeletion(of: changes[index].subject.manifest) { add(change, index) }
  }
  let deleted = DeletedObjects(gone.map { changes[$0].subject.manifest })
  for change in changes {
    guard let other = change.object else { continue }
    for named in deleted.named(by: other.manifest) {
      add(named.change, gone[named.object], from: other)
    }
  }
  return findings
}

/// What one thread found.
private struct PlainState {
  let checker: ChangeChecker
  /// Whether there are policies that want to see all objects.
  let keepsObjects: Bool
  var admitted: [(index: Int, change: ObjectAdmitter.AdmittedChange)] = []
  var findings: [(index: Int, finding: Finding)] = []
}

/// Holds admitted changes, with the indices of their files' changes, against policies that see all objects as a
/// server would hold them: the new ones, and `others` that exist.
private func checkRepository(
  _ admitted: [(index: Int, change: ObjectAdmitter.AdmittedChange)], _ changes: [PlacedChange],
  _ set: PolicySet, others: @autoclosure () -> [Manifest], _ requester: Requester
) -> (findings: [(index: Int, finding: Finding)], tallies: [PolicyTally]) {
  if set.names.isEmpty { return ([], []) }
  let gone = Set(
    admitted.filter { $0.change.change.object == nil }.compactMap(\.change.change.oldObject?.key))
  let objects = RepositoryObjects(
    objectsOnce(
      admitted.compactMap(\.change.change.object), and: others().filter { !gone.contains($0.key) }),
    for: set)
  let states = eachIndex(
    below: admitted.count, blockCount: 32,
    makeState: { RepositoryState(ChangeChecker(set, requester: requester, objects: objects)) }
  ) { position, state in
    let (index, change) = admitted[position]
    state.checker.check(change, isBaseline: true) { verdict in
      var finding = verdict.finding
      finding.place = changes[index].subject.place(verdict.fields.first)
      state.findings.append((index, finding))
    }
  }
  return (states.flatMap(\.findings), states.map(\.checker.evaluator.tally))
}

private struct RepositoryState {
  let checker: ChangeChecker
  var findings: [(index: Int, finding: Finding)] = []

  init(_ checker: ChangeChecker) { self.checker = checker }
}

/// A change whose objects stand in files.
struct PlacedChange: Sendable {
  let object: PlacedManifest?
  let old: PlacedManifest?
  /// The new object where there is one.
  let subject: PlacedManifest

  var change: ObjectChange {
    ObjectChange(object: object?.manifest, oldObject: old?.manifest)
  }

  /// The changes in the order of the new side, then what is only on the old side.
  ///
  /// Objects pair by group, kind, namespace and name, whatever their files and versions. Findings:
  /// `manifest/duplicate` (warning) for an object that stands twice on one side: each of the new
  /// ones is checked, and the first of the old ones counts.
  static func pairs(
    new: [PlacedManifest], old: [PlacedManifest]
  ) -> (changes: [PlacedChange], findings: [Finding]) {
    var findings: [Finding] = []
    var oldByKey: [ManifestKey: Int] = [:]
    for (index, placed) in old.enumerated() where !placed.manifest.name.isAbsent {
      if let first = oldByKey[placed.manifest.key] {
        findings.append(duplicate(placed, old[first]))
      } else {
        oldByKey[placed.manifest.key] = index
      }
    }
    var changes: [PlacedChange] = []
    changes.reserveCapacity(new.count)
    var seen: [ManifestKey: Int] = [:]
    for (index, placed) in new.enumerated() {
      var before: PlacedManifest?
      if !placed.manifest.name.isAbsent {
        let key = placed.manifest.key
        before = oldByKey[key].map { old[$0] }
        if let first = seen[key] {
          findings.append(duplicate(placed, new[first]))
        } else {
          seen[key] = index
        }
      }
      changes.append(PlacedChange(object: placed, old: before, subject: placed))
    }
    for (index, placed) in old.enumerated() where !placed.manifest.name.isAbsent {
      let key = placed.manifest.key
      guard seen[key] == nil, oldByKey[key] == index else { continue }
      changes.append(PlacedChange(object: nil, old: placed, subject: placed))
    }
    return (changes, findings)
  }

  private static func duplicate(_ placed: PlacedManifest, _ first: PlacedManifest) -> Finding {
    var finding = Finding(
      rule: "manifest/duplicate", severity: .warning,
      "'\(placed.manifest.reference)' stands in these files already", at: placed.place(nil),
      related: [.init(label: "first given here", place: first.place(nil))])
    finding.object = placed.manifest.reference
    return finding
  }
}
