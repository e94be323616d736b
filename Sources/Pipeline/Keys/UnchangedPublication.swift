public import Diagnostics
import Files
import OutputTrees
public import Repositories

/// What a publication said that had nothing to write: it says so again as long as the same is asked, and the
/// output's references stand where they stood.
public struct UnchangedPublication: Sendable, Equatable {
  var outputs: [OutputState]
  /// What was found.
  public var findings: [Finding]
  /// What was done, and what had been done before.
  public var ledger: Ledger
  /// What the command prints.
  public var text: String

  /// Whether the output stands as it stood.
  public func holds() -> Bool { outputs.allSatisfy { $0.holds() } }
}

extension LoadedPlatform {
  /// What to keep of a publication that had nothing to write; nil where the same may have another answer
  /// although nothing moved: for outputs on servers, and when others publish at the same time.
  public func unchanged(
    _ result: PublishResult, from source: Commit, to stores: [String: OutputStore],
    findings: [Finding], ledger: Ledger, text: String
  ) -> UnchangedPublication? {
    guard let outputs = outputStates(of: stores), !outputs.isEmpty, !result.branches.isEmpty else {
      return nil
    }
    for branch in result.branches {
      guard case .unchanged = branch.outcome, let tip = branch.tip,
        let repository = stores[branch.repository]?.repository,
        let path = realPath(repository.path),
        outputs.contains(where: { $0.path == path && $0.tip(of: branch.branch) == tip }),
        (try? PublicationNotes.source(on: tip, in: repository)) == source.id
      else { return nil }
    }
    var ledger = ledger
    ledger.reused += ledger.evaluations
    ledger.evaluations = 0
    return UnchangedPublication(outputs: outputs, findings: findings, ledger: ledger, text: text)
  }
}

extension KnownOutcomes {
  /// What a publication like this said when it had nothing to write, and the output stood as it stands.
  /// `question` is all that its answer depends on beside the output.
  public func unchanged(_ question: [String]) -> UnchangedPublication? {
    guard let key = key(of: question), let bytes = note(key),
      let publication = try? UnchangedPublication(reading: bytes), publication.holds()
    else { return nil }
    return publication
  }

  /// Leaves what a publication said for later ones.
  public func add(_ publication: UnchangedPublication, _ question: [String]) {
    guard let key = key(of: question),
      (try? UnchangedPublication(reading: publication.record)) == publication
    else { return }
    add(note: publication.record, key)
  }

  private func key(of question: [String]) -> ObjectID? {
    var writer = RecordWriter()
    writer.add("pave unchanged 1")
    writer.add(list: question) { $0.add($1) }
    return writer.digest
  }
}

extension UnchangedPublication {
  fileprivate var record: [UInt8] {
    var writer = RecordWriter()
    writer.add(list: outputs) { $0.add($1) }
    writer.add(list: findings) { $0.add($1) }
    writer.add(ledger)
    writer.add(text)
    return writer.bytes
  }

  fileprivate init(reading bytes: [UInt8]) throws(DamagedRecord) {
    var reader = RecordReader(bytes, in: bytes.indices)
    outputs = try reader.list { (reader) throws(DamagedRecord) in try reader.outputState() }
    findings = try reader.list { (reader) throws(DamagedRecord) in try reader.finding() }
    ledger = try reader.ledger()
    text = try reader.text()
    guard reader.isAtEnd else { throw DamagedRecord() }
  }
}
