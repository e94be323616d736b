import Diagnostics
import GoldenPaths
import Intents
import OutputTrees
import Policies
import Repositories

/// What a unit gave, as a hash.
struct UnitTrace: Sendable {
  /// The job's index.
  let index: Int
  /// Of who the unit is and of its outcome, but for the bytes of its files.
  let digest: ObjectID
  /// Whether an object of it is not what is published.
  let isChanged: Bool
}

/// What the units of a rendering gave, file by file: as long as a file's units give the same, everything that is
/// said of the platform as a whole stays.
struct RenderingTrace: Sendable {
  /// A file of intents with all that its units gave, but for the bytes of their files.
  struct File: Sendable, Equatable {
    var path: String
    var digest: ObjectID
  }

  /// Sorted by path; without those of which more depends than their units.
  let files: [File]
  /// The files with a unit that was not what is published: what it gives when it is was not seen.
  let pending: [String]
  /// Policy evaluations of objects as they were: another publication has none of them.
  let baselineEvaluations: Int
}

extension UnitWorker {
  /// Notes what a unit gave. Nothing more may be known where its findings depend on which other units have the same.
  func trace(_ outcome: UnitOutcome, _ job: UnitJob, index: Int, isChanged: Bool) {
    let intent = loaded.intents[job.intent]
    guard outcome.objects != nil,
      !isChanged || !outcome.findings.contains(where: { $0.rule == missingSchemaRule })
    else {
      isUntraceable = true
      return
    }
    var outcome = outcome
    outcome.published = nil
    guard let record = outcome.record else {
      isUntraceable = true
      return
    }
    var writer = RecordWriter()
    writer.bytes.reserveCapacity(record.count + 128)
    writer.add(loaded.platform.environments[job.environment].name)
    writer.add(intent.apiVersion)
    writer.add(keys?.render.references[job.intent] ?? intent.reference)
    writer.add(intent.documentIndex)
    writer.add(raw: record)
    traces.append(
      UnitTrace(
        index: index, digest: ObjectID(of: .blob, writer.bytes[...]), isChanged: isChanged))
  }

  /// Whether the policies did nothing more with objects as they were than evaluate what they evaluate of objects as they
  /// are; counts that.
  func addsNothing(to tally: PolicyTally?) -> Bool {
    guard let before = baselineTally else { return true }
    baselineEvaluations += before.evaluations
    return before.notEvaluatedCounts.isEmpty
      && Set(before.matched).isSubset(of: tally?.matched ?? [])
  }

  /// The findings of a changed unit with how they stand against what was found about it as it is published; nil
  /// where one is gone, or may be another unit's.
  func settled(_ findings: [Finding], against before: [Finding]) -> [Finding]? {
    let areOwn = (findings + before).allSatisfy {
      $0.object != nil || $0.policy == nil && $0.intent != nil
    }
    guard areOwn else { return nil }
    let result = marked(findings, against: before)
    return result.count == findings.count ? result : nil
  }
}

extension LoadedPlatform {
  /// What the next publication may know of the units of a run; nil where what it finds depends on more than one
  /// unit after the other.
  func trace(_ run: RenderingRun, _ workers: [UnitWorker]) -> RenderingTrace? {
    let traces = workers.flatMap(\.traces).sorted { $0.index < $1.index }
    guard run.isUnitByUnit, !maySetDuplicates, traces.count == run.jobs.count,
      !workers.contains(where: \.isUntraceable)
    else { return nil }
    var writers: [RecordWriter] = []
    var paths: [String] = []
    var isPending: [Bool] = []
    var isLeftOut: [Bool] = []
    // Intents are in the order of their files.
    let places = intents.map { intent in
      if paths.last != intent.file {
        paths.append(intent.file)
        writers.append(RecordWriter())
        isPending.append(false)
        isLeftOut.append(false)
      }
      if !intent.dependsOn.isEmpty { isLeftOut[paths.count - 1] = true }
      return paths.count - 1
    }
    for trace in traces {
      let place = places[run.jobs[trace.index].intent]
      writers[place].add(trace.digest)
      if trace.isChanged { isPending[place] = true }
    }
    for index in unusableIntents { isLeftOut[places[index]] = true }
    let isSeparate = separateIntentFiles
    let hashed = writers
    let digests = eachResult(below: hashed.count, blockCount: 256) {
      ObjectID(of: .blob, hashed[$0].bytes[...])
    }
    var files: [RenderingTrace.File] = []
    files.reserveCapacity(paths.count)
    for (index, path) in paths.enumerated()
    where !isLeftOut[index] && !writers[index].bytes.isEmpty && isSeparate(path) {
      files.append(.init(path: path, digest: digests[index]))
    }
    files.sort { isPathBefore($0.path, $1.path) }
    guard zip(files, files.dropFirst()).allSatisfy({ $0.path != $1.path }) else { return nil }
    return RenderingTrace(
      files: files, pending: paths.indices.filter { isPending[$0] }.map { paths[$0] },
      baselineEvaluations: workers.reduce(0) { $0 + $1.baselineEvaluations })
  }

  /// Whether two units may have one object: then findings about it may be either's.
  private var maySetDuplicates: Bool {
    ([platform.rules] + platform.environments.map(\.rules)).contains {
      $0["manifest/duplicate"] != nil
    }
  }

  /// Tells files of intents that are nothing else beside, and hold no waivers.
  private var separateIntentFiles: (String) -> Bool {
    let chartFolders = library.paths.flatMap { library.closure(of: $0).chartFolders }
    let schemas = Set(inputs.verdicts.flatMap(\.keys))
    let hasVendored = !platform.vendoredPaths.isEmpty
    return { [inputs, configuration, waivedFiles] path in
      inputs.rendering[path] == nil && !inputs.mixedIntents.contains(path)
        && !configuration.holds(path) && waivedFiles[path] == nil
        && !schemas.contains("schema " + path)
        && !chartFolders.contains { $0.isEmpty || path.hasPrefix($0 + "/") }
        && !(hasVendored && path.hasPrefix("vendor/"))
    }
  }
}

private func isPathBefore(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
