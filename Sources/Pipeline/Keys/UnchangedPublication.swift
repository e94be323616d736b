public import Diagnostics
import Files
import OutputTrees
public import Repositories

/// What a publication said that had nothing to write: it says so again as long as the same is asked, and the
/// output's references stand where they stood.
public struct UnchangedPublication: Sendable, Equatable {
  /// A repository of the output on this machine, and where its references stood.
  struct Output: Sendable, Equatable {
    var path: String
    var references: [String: ObjectID?]
  }

  var outputs: [Output]
  /// What was found.
  public var findings: [Finding]
  /// What was done, and what had been done before.
  public var ledger: Ledger
  /// What the command prints.
  public var text: String

  /// Whether the output stands as it stood.
  public func holds() -> Bool {
    outputs.allSatisfy { output in
      guard let repository = try? Repository(at: output.path), repository.isBare else {
        return false
      }
      return output.references.allSatisfy { name, id in
        do {
          return try repository.reference(name) == id
        } catch {
          return false
        }
      }
    }
  }
}

extension LoadedPlatform {
  /// What to keep of a publication that had nothing to write; nil where the same may have another answer
  /// although nothing moved: for outputs on servers, and when others publish at the same time.
  public func unchanged(
    _ result: PublishResult, from source: Commit, to stores: [String: OutputStore],
    findings: [Finding], ledger: Ledger, text: String
  ) -> UnchangedPublication? {
    var outputs: [UnchangedPublication.Output] = []
    for (name, store) in stores.sorted(by: { $0.key < $1.key }) {
      guard store.isOnThisMachine, store.repository.isBare,
        let path = realPath(store.repository.path)
      else { return nil }
      var references: [String: ObjectID?] = [:]
      for reference in branches(in: name).map({ "refs/heads/" + $0 }) + [PublicationNotes.reference]
      {
        do {
          references[reference] = .some(try store.repository.reference(reference))
        } catch {
          return nil
        }
      }
      outputs.append(.init(path: path, references: references))
      for branch in result.branches where branch.repository == name {
        guard case .unchanged = branch.outcome, let tip = branch.tip,
          references["refs/heads/" + branch.branch] == .some(.some(tip)),
          (try? PublicationNotes.source(on: tip, in: store.repository)) == source.id
        else { return nil }
      }
    }
    guard !outputs.isEmpty, !result.branches.isEmpty else { return nil }
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
    writer.add(list: outputs) { writer, output in
      writer.add(output.path)
      writer.add(list: output.references.sorted { $0.key < $1.key }) { writer, reference in
        writer.add(reference.key)
        writer.add(optional: reference.value) { $0.add($1) }
      }
    }
    writer.add(list: findings) { $0.add($1) }
    for number in [
      ledger.manifests, ledger.policies, ledger.evaluations, ledger.reused, ledger.waived,
    ] {
      writer.add(number)
    }
    writer.add(list: ledger.notMatched) { $0.add($1) }
    writer.add(optional: ledger.oldSide)
    writer.add(list: ledger.notEvaluated) { writer, left in
      writer.add(left.subject)
      writer.add(left.reason)
    }
    writer.add(text)
    return writer.bytes
  }

  fileprivate init(reading bytes: [UInt8]) throws(DamagedRecord) {
    var reader = RecordReader(bytes, in: bytes.indices)
    outputs = try reader.list { (reader) throws(DamagedRecord) in
      let path = try reader.text()
      var references: [String: ObjectID?] = [:]
      for _ in 0..<(try reader.count()) {
        let name = try reader.text()
        let id = try reader.optional { (reader) throws(DamagedRecord) in try reader.objectID() }
        references[name] = .some(id)
      }
      return Output(path: path, references: references)
    }
    findings = try reader.list { (reader) throws(DamagedRecord) in try reader.finding() }
    ledger = Ledger()
    ledger.manifests = try reader.number()
    ledger.policies = try reader.number()
    ledger.evaluations = try reader.number()
    ledger.reused = try reader.number()
    ledger.waived = try reader.number()
    ledger.notMatched = try reader.list { (reader) throws(DamagedRecord) in try reader.text() }
    ledger.oldSide = try reader.optionalText()
    ledger.notEvaluated = try reader.list { (reader) throws(DamagedRecord) in
      let subject = try reader.text()
      return .init(subject: subject, reason: try reader.text())
    }
    text = try reader.text()
    guard reader.isAtEnd else { throw DamagedRecord() }
  }
}
