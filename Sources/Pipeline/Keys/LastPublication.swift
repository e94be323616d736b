public import Diagnostics
import Files
import OutputTrees
import Repositories

/// What the last publication of a platform came to: enough to publish the next by what differs.
///
/// As long as nothing but the bytes of some files of intents changed, the output stands where it stood, and the units of
/// those files give the same but for the bytes of their objects, everything else that a publication says stays.
public struct LastPublication: Sendable, Equatable {
  /// The tree of the platform's folder that was published.
  var tree: ObjectID
  var outputs: [OutputState]
  /// What is found, and says nothing new the next time.
  public internal(set) var findings: [Finding]
  /// All evaluations count as reused.
  var ledger: Ledger
  /// What the units of each file of intents gave, sorted by path.
  var files: [RenderingTrace.File]
  /// Files with units that have not been looked at since they stand in the output.
  var pending: [String]

  /// The most files that are told from all others.
  private static let mostFiles = 128

  /// The files of intents whose units have to be looked at to publish a source; nil when that is all of them.
  public func intentFiles(toPublish source: PlatformSource) -> [String]? {
    guard pending.count <= LastPublication.mostFiles, let tree = source.treeID,
      let changed = try? source.repository.rewrittenFiles(
        from: self.tree, to: tree, most: LastPublication.mostFiles)
    else { return nil }
    let wanted = Set(changed).union(pending).sorted()
    return wanted.allSatisfy { digest(of: $0) != nil } ? wanted : nil
  }

  /// What the units of a file gave; nil when more depends on it than they.
  func digest(of path: String) -> ObjectID? {
    var (low, high) = (0, files.count)
    while low < high {
      let middle = (low + high) / 2
      if files[middle].path.utf8.lexicographicallyPrecedes(path.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low < files.count && files[low].path == path ? files[low].digest : nil
  }
}

extension PlatformSource {
  /// The tree of the platform's folder in the commit; nil when it cannot be told.
  var treeID: ObjectID? {
    (try? TreeReader(repository, root: commit.tree).treeID(at: folder)) ?? nil
  }
}

extension LoadedPlatform {
  /// What to keep of a publication of the whole platform for the next one; nil where that cannot be known from it. `found`
  /// is what loading found, `findings` all that was.
  public func lastPublication(
    _ result: PublishResult, _ rendering: Rendering, from source: PlatformSource,
    to stores: [String: OutputStore], found: [Finding], findings: [Finding], ledger: Ledger
  ) -> LastPublication? {
    guard !isPart, let trace = rendering.trace, trace.pending.count <= trace.files.count / 2,
      !rendering.environments.isEmpty, result.findings.isEmpty, !result.branches.isEmpty,
      !findings.contains(where: { $0.state == .fixed }), let tree = source.treeID,
      let states = states(after: result, rendering, stores)
    else { return nil }
    var namedFiles: Set<String> = []
    for finding in found {
      for place in [finding.place].compactMap({ $0 }) + finding.related.map(\.place) {
        namedFiles.insert(place.file)
      }
    }
    let files = trace.files.filter { !namedFiles.contains($0.path) }
    var ledger = ledger
    ledger.reused += ledger.evaluations - trace.baselineEvaluations
    ledger.evaluations = 0
    return LastPublication(
      tree: tree, outputs: states, findings: findings, ledger: ledger, files: files,
      pending: trace.pending)
  }

  /// How the output stands when all of it is as it was planned; nil when it is not, or something was left for later.
  func states(
    after result: PublishResult, _ rendering: Rendering, _ stores: [String: OutputStore]
  ) -> [OutputState]? {
    guard let planned = rendering.publishing, let states = outputStates(of: stores) else {
      return nil
    }
    for branch in result.branches {
      guard let home = planned.branches.keys.first(where: { $0.isHome(of: branch) }),
        let ready = planned.branches[home], ready.tip == branch.tip, let tip = branch.tip,
        ready.plan.onlyUpdates, home.branch == home.activeBranch,
        let path = stores[branch.repository].flatMap({ realPath($0.repository.path) }),
        let state = states.first(where: { $0.path == path })
      else { return nil }
      switch branch.outcome {
      case .published(let commit):
        guard state.tip(of: branch.branch) == commit else { return nil }
      case .unchanged:
        guard ready.plan.edits.isEmpty, state.tip(of: branch.branch) == tip else { return nil }
      case .planned, .superseded: return nil
      }
    }
    return states
  }
}

extension OutputHome {
  /// Whether this is the branch of a publication.
  func isHome(of publication: BranchPublication) -> Bool {
    repository == publication.repository && branch == publication.branch
  }
}

extension OutputPlan {
  /// Whether no object comes or goes, and nothing is wrong.
  var onlyUpdates: Bool {
    findings.isEmpty && missingUnits.isEmpty && changes.changes.allSatisfy { $0.kind == .updated }
  }
}

extension KnownOutcomes {
  /// What the last publication like this came to. `question` is all that its answer depends on beside the platform's files
  /// and the output.
  public func lastPublication(_ question: [String]) -> LastPublication? {
    lastKey(of: question).flatMap(note).flatMap { try? LastPublication(reading: $0) }
  }

  /// Leaves what a publication came to for the next one.
  public func add(_ publication: LastPublication, _ question: [String]) {
    let record = publication.record
    guard let key = lastKey(of: question), (try? LastPublication(reading: record)) == publication
    else { return }
    add(note: record, key)
  }

  private func lastKey(of question: [String]) -> ObjectID? {
    var writer = RecordWriter()
    writer.add("pave last 1")
    writer.add(list: question) { $0.add($1) }
    return writer.digest
  }
}

extension LastPublication {
  fileprivate var record: [UInt8] {
    var writer = RecordWriter()
    writer.bytes.reserveCapacity(files.count * 64)
    writer.add(tree)
    writer.add(list: outputs) { $0.add($1) }
    writer.add(list: findings) { $0.add($1) }
    writer.add(ledger)
    writer.add(list: files) { writer, file in
      writer.add(file.path)
      writer.add(file.digest)
    }
    writer.add(list: pending) { $0.add($1) }
    return writer.bytes
  }

  fileprivate init(reading bytes: [UInt8]) throws(DamagedRecord) {
    var reader = RecordReader(bytes, in: bytes.indices)
    tree = try reader.objectID()
    outputs = try reader.list { (reader) throws(DamagedRecord) in try reader.outputState() }
    findings = try reader.list { (reader) throws(DamagedRecord) in try reader.finding() }
    ledger = try reader.ledger()
    files = try reader.list { (reader) throws(DamagedRecord) in
      let path = try reader.text()
      return .init(path: path, digest: try reader.objectID())
    }
    pending = try reader.list { (reader) throws(DamagedRecord) in try reader.text() }
    guard reader.isAtEnd else { throw DamagedRecord() }
  }
}
