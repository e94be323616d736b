import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import ServedKinds

extension ObjectChange {
  /// What an update would lose. A claim that shrinks is left out where the server refuses the change:
  /// that is said then.
  func destructive(isRefused: Bool) -> [Verdict] {
    guard let object, let oldObject else { return [] }
    return destructiveChanges(from: oldObject, to: object)
      .filter { !isRefused || $0.rule != "destructive/pvc-shrink" }
      .map { $0.verdict(about: object) }
  }
}

extension DestructiveChange {
  /// The change as a warning about an object.
  func verdict(about object: Manifest) -> Verdict {
    var finding = Finding(rule: rule, severity: .warning, message, help: help)
    finding.object = object.reference
    finding.path = path
    return Verdict(finding: finding, fields: [path])
  }
}

/// A deleted object that a unit still names.
struct StillNamed: Sendable {
  /// The object's index among the deleted ones.
  let object: Int
  /// The index of the unit's job.
  let index: Int
  let change: DestructiveChange
  /// The name of the unit's intent.
  let place: Place
}

extension LoadedPlatform {
  /// What the units still name of deleted objects, by the objects' indices.
  ///
  /// Renders the units of their environments once more: a change seldom deletes anything, and to keep
  /// what all manifests name would cost every other run.
  func stillNamed(_ gone: [GoneObject], in jobs: [UnitJob]) -> [Int: [StillNamed]] {
    if gone.isEmpty { return [:] }
    let indices = Dictionary(grouping: gone.indices) { gone[$0].environment }
    let deleted = indices.mapValues { DeletedObjects($0.map { gone[$0].manifest }) }
    let workers = eachIndex(
      below: jobs.count, blockCount: 8,
      makeState: { UnitWorker(self, tasks: [], policySets: []) }
    ) { index, worker in
      let environment = jobs[index].environment
      guard let objects = deleted[environment], let places = indices[environment] else { return }
      worker.noteNames(of: objects, at: places, in: jobs[index], index: index)
    }
    let found = workers.flatMap(\.stillNamed).enumerated()
      .sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
    return Dictionary(grouping: found.map(\.element), by: \.object)
  }
}

extension UnitWorker {
  /// Notes which deleted objects, whose indices are `places`, a unit names.
  fileprivate func noteNames(
    of objects: DeletedObjects, at places: [Int], in job: UnitJob, index: Int
  ) {
    let intent = loaded.intents[job.intent]
    let environment = loaded.platform.environments[job.environment].name
    let effective = EffectiveIntent(intent, in: environment)
    let unit = renderer(job.environment).render(
      effective, replacing: before(effective, environment))
    for manifest in unit.manifests {
      for named in objects.named(by: manifest) {
        stillNamed.append(
          StillNamed(
            object: places[named.object], index: index, change: named.change,
            place: intent.place(FieldPath(keys: "metadata", "name"))))
      }
    }
  }
}
