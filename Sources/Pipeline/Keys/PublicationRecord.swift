import Diagnostics
import Repositories

extension RecordWriter {
  mutating func add(_ state: OutputState) {
    add(state.path)
    add(list: state.references.sorted { $0.key < $1.key }) { writer, reference in
      writer.add(reference.key)
      writer.add(optional: reference.value) { $0.add($1) }
    }
  }

  mutating func add(_ ledger: Ledger) {
    for number in [
      ledger.manifests, ledger.policies, ledger.evaluations, ledger.reused, ledger.waived,
    ] {
      add(number)
    }
    add(list: ledger.notMatched) { $0.add($1) }
    add(optional: ledger.oldSide)
    add(list: ledger.notEvaluated) { writer, left in
      writer.add(left.subject)
      writer.add(left.reason)
    }
  }
}

extension RecordReader {
  mutating func outputState() throws(DamagedRecord) -> OutputState {
    let path = try text()
    var references: [String: ObjectID?] = [:]
    for _ in 0..<(try count()) {
      let name = try text()
      references[name] = .some(
        try optional { (reader) throws(DamagedRecord) in try reader.objectID() })
    }
    return OutputState(path: path, references: references)
  }

  mutating func ledger() throws(DamagedRecord) -> Ledger {
    var ledger = Ledger()
    ledger.manifests = try number()
    ledger.policies = try number()
    ledger.evaluations = try number()
    ledger.reused = try number()
    ledger.waived = try number()
    ledger.notMatched = try list { (reader) throws(DamagedRecord) in try reader.text() }
    ledger.oldSide = try optionalText()
    ledger.notEvaluated = try list { (reader) throws(DamagedRecord) in
      let subject = try reader.text()
      return .init(subject: subject, reason: try reader.text())
    }
    return ledger
  }
}
