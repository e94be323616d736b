import Intents
import Manifests

extension LoadedPlatform {
  /// Pairs what no unit could pair alone, and holds it: objects that moved from unit to unit or were
  /// renamed with their intent are updated, others created; what is left of the old side is deleted.
  ///
  /// `gone` are the objects of the old side that are no more where they were. `deletes` is false when only
  /// some of the units were rendered. Answers the workers that did it.
  func settle(
    _ workers: [UnitWorker], _ run: RenderingRun, gone: [GoneObject], deletes: Bool
  ) -> [UnitWorker] {
    let jobs = run.jobs
    let gone = withoutShared(gone, workers).sorted {
      ($0.environment, $0.intent, $0.manifest.identity)
        < ($1.environment, $1.intent, $1.manifest.identity)
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
      .map { gone[$0] } : []
    let before = old
    let named = stillNamed(rest, in: jobs)
    return eachIndex(
      below: newcoming.count + rest.count, blockCount: 8, makeState: run.makeWorker
    ) { index, worker in
      if index < newcoming.count {
        worker.settle(newcoming[index], old: before[index], part: index + 1)
      } else {
        let number = index - newcoming.count
        worker.settle(rest[number], index: jobs.count + index, named: named[number] ?? [])
      }
    }
  }

  /// The objects that are gone, less those that a unit gave up and another one still asks for.
  private func withoutShared(_ gone: [GoneObject], _ workers: [UnitWorker]) -> [GoneObject] {
    guard gone.contains(where: \.manifest.isShared) else { return gone }
    var rendered: [Int: Set<UInt64>] = [:]
    for files in workers.flatMap(\.results).compactMap(\.files) {
      rendered[files.environment, default: []].formUnion(files.fingerprints)
    }
    return gone.filter { object in
      !object.manifest.isShared
        || rendered[object.environment]?.contains(fingerprint(of: object.manifest)) != true
    }
  }
}
