import Files
import OutputTrees
import Repositories

/// A publication that found every branch as it should be: what it would find and say again, as long as
/// nothing that it came from is another.
public struct SettledRun: Sendable {
  /// A reference of an output repository on this machine, and where it stood.
  struct Tip: Sendable {
    /// The repository's Git folder.
    let folder: String
    /// As `refs/heads/main`.
    let reference: String
    /// Nil where there was none.
    let id: ObjectID?
  }

  /// What it came from, the tips aside.
  let key: ObjectID
  let tips: [Tip]
  /// What it printed.
  public let standardOutput: [UInt8]
  /// What it printed as findings.
  public let standardError: [UInt8]

  /// A run as it ended; nil when a branch changed or is on a server, where only asking tells.
  init?(
    _ result: PublishResult, in stores: [String: OutputStore], key: ObjectID,
    output: [UInt8], errors: [UInt8]
  ) {
    var tips: [Tip] = []
    for branch in result.branches {
      guard case .unchanged = branch.outcome, let tip = branch.tip,
        let repository = stores[branch.repository]?.local
      else { return nil }
      let folder = repository.commonFolder
      tips.append(Tip(folder: folder, reference: "refs/heads/" + branch.branch, id: tip))
      guard let notes = try? repository.reference(PublicationNotes.reference) else { return nil }
      tips.append(Tip(folder: folder, reference: PublicationNotes.reference, id: notes))
    }
    guard !tips.isEmpty else { return nil }
    self.key = key
    self.tips = tips
    standardOutput = output
    standardError = errors
  }

  /// Whether everything still stands where it stood.
  var stillStands: Bool {
    var repositories: [String: Repository] = [:]
    for tip in tips {
      guard let repository = repositories[tip.folder] ?? (try? Repository(at: tip.folder)),
        let now = try? repository.reference(tip.reference) as ObjectID?, now == tip.id
      else { return false }
      repositories[tip.folder] = repository
    }
    return true
  }
}

/// The last settled run on this machine: `pave/settled` in the Git folder of the repository that holds the
/// platform. Losing it costs time and nothing else.
public struct SettledRunFile: Sendable {
  private let path: String
  private let key: ObjectID

  private static let header = "pave settled 1\n"
  private static let mostBytes = 1 << 20

  /// The file of the platform in the folder `folder`, for runs of this program today on a commit. `options`
  /// are all that changes what a run does or prints. Nil where nothing can be kept.
  public init?(_ source: PlatformSource, folder: String, today: String, options: [String]) {
    let build = programBuild()
    guard !build.isEmpty, let place = realPath(folder) else { return nil }
    var writer = RecordWriter()
    writer.add("pave settled 1")
    writer.add(build)
    writer.add(today)
    // Where relative paths of repositories begin.
    writer.add(place)
    writer.add(source.folder)
    writer.add(source.commit.id)
    writer.add(list: options) { $0.add($1) }
    key = writer.digest
    path = source.repository.commonFolder + "pave/settled"
  }

  /// The run before, if it was settled and nothing is another since.
  public func read() -> SettledRun? {
    guard let bytes = wholeFile(path, mostBytes: SettledRunFile.mostBytes),
      let run = try? run(in: bytes), run.key == key, run.stillStands
    else { return nil }
    return run
  }

  /// Keeps a run for the next; forgets the one before when this one is not settled.
  public func write(
    _ result: PublishResult, in stores: [String: OutputStore], output: [UInt8], errors: [UInt8]
  ) {
    guard
      let run = SettledRun(result, in: stores, key: key, output: output, errors: errors)
    else { return }
    var writer = RecordWriter()
    writer.add(raw: SettledRunFile.header.utf8)
    writer.add(run.key)
    writer.add(list: run.tips) { writer, tip in
      writer.add(tip.folder)
      writer.add(tip.reference)
      writer.add(optional: tip.id) { $0.add($1) }
    }
    writer.add(run.standardOutput.count)
    writer.add(raw: run.standardOutput)
    writer.add(run.standardError.count)
    writer.add(raw: run.standardError)
    writer.add(word: checksum(writer.bytes[...]))
    guard writer.bytes.count <= SettledRunFile.mostBytes else { return }
    replaceFile(path, with: writer.bytes)
  }

  private func run(in bytes: [UInt8]) throws(DamagedRecord) -> SettledRun {
    let header = Array(SettledRunFile.header.utf8)
    let end = bytes.count - 8
    guard end >= header.count, bytes.starts(with: header) else { throw DamagedRecord() }
    var sum = RecordReader(bytes, in: end..<bytes.count)
    guard try sum.word() == checksum(bytes[..<end]) else { throw DamagedRecord() }
    var reader = RecordReader(bytes, in: header.count..<end)
    let key = try reader.objectID()
    var tips: [SettledRun.Tip] = []
    for _ in 0..<(try reader.count()) {
      let folder = try reader.text()
      let reference = try reader.text()
      let id = try reader.optional { (reader) throws(DamagedRecord) in try reader.objectID() }
      tips.append(SettledRun.Tip(folder: folder, reference: reference, id: id))
    }
    let output = try reader.range(try reader.number())
    let errors = try reader.range(try reader.number())
    guard reader.isAtEnd, !tips.isEmpty else { throw DamagedRecord() }
    return SettledRun(
      key: key, tips: tips, standardOutput: Array(bytes[output]),
      standardError: Array(bytes[errors]))
  }
}

extension SettledRun {
  fileprivate init(
    key: ObjectID, tips: [Tip], standardOutput: [UInt8], standardError: [UInt8]
  ) {
    self.key = key
    self.tips = tips
    self.standardOutput = standardOutput
    self.standardError = standardError
  }
}
