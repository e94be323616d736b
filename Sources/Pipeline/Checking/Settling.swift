import Intents
import Manifests

extension LoadedPlatform {
  /// Pairs what no unit could pair alone, and holds it: objects that moved from unit to unit or were
  /// renamed with their intent are updated, others created; what is left of the old side is deleted.
  ///
  /// `deletes` is false when only some of the units were rendered. Answers the workers that did it.
  func settle(
    _ workers: [UnitWorker], _ jobs: [UnitJob], against oldSide: OldSide, revision: String,
    deletes: Bool, _ makeWorker: @Sendable () -> UnitWorker
  ) -> [UnitWorker] {
    var gone = workers.flatMap(\.gone)
    var extra: [UnitWorker] = []
    switch oldSide {
    case .nothing, .itself: break
    case .published(let published): gone += published.gone
    case .base(let base):
      let others = base.others(than: jobs, of: self)
      extra = eachIndex(below: others.count, blockCount: 8, makeState: makeWorker) {
        index, worker in
        worker.noteGone(others[index], of: base, revision: revision)
      }
      gone += extra.flatMap(\.gone)
    }
    var byKey: [[ManifestKey: Int]] = Array(repeating: [:], count: platform.environments.count)
    for (index, object) in gone.enumerated() {
      byKey[object.environment][object.manifest.key] = index
    }
    let newcoming = workers.flatMap(\.newcoming).sorted { $0.index < $1.index }
    var old: [Manifest?] = []
    var isKept = Array(repeating: false, count: gone.count)
    for object in newcoming {
      let index = byKey[object.job.environment][object.manifest.key]
      if let index { isKept[index] = true }
      old.append(index.map { gone[$0].manifest })
    }
    let rest =
      deletes
      ? gone.indices.filter {
        !isKept[$0] && byKey[gone[$0].environment][gone[$0].manifest.key] == $0
      }
      .map { gone[$0] }
      .sorted {
        ($0.environment, $0.intent, $0.manifest.identity)
          < ($1.environment, $1.intent, $1.manifest.identity)
      } : []
    let before = old
    let named = stillNamed(rest, in: jobs)
    return extra
      + eachIndex(
        below: newcoming.count + rest.count, blockCount: 8, makeState: makeWorker
      ) { index, worker in
        if index < newcoming.count {
          worker.settle(newcoming[index], old: before[index])
        } else {
          let number = index - newcoming.count
          worker.settle(rest[number], index: jobs.count + index, named: named[number] ?? [])
        }
      }
  }
}
