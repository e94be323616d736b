import Diagnostics
import Documents
import Manifests
import OutputTrees
import Policies
import Repositories

/// All that the rendering and checking of one unit gives, but for its bytes: what can be taken over by a
/// run in which nothing that it came from has changed.
struct UnitOutcome: Sendable, Equatable {
  /// An instance that objects of the unit say they belong to.
  struct Instance: Sendable, Equatable {
    var value: String
    var object: ObjectReference
    var isPublished: Bool
  }

  /// The folder in the output.
  var folder = ""
  /// The fingerprints of its objects; nil when it has errors and is not rendered.
  var objects: [UInt64]?
  /// In order; without settings and waivers.
  var findings: [Finding] = []
  var instances: [Instance] = []
  /// What the policies did; nil when none were asked.
  var tally: PolicyTally?
  /// Manifests that no policy could be asked about.
  var notRequested: [Ledger.NotEvaluated: Int] = [:]
  /// Nil where nothing was written.
  var published: KeptUnit?
}

extension UnitOutcome {
  /// The bytes to keep; nil when they would not give the same outcome again.
  var record: [UInt8]? {
    var writer = RecordWriter()
    writer.add(folder)
    writer.add(optional: objects) { writer, objects in
      writer.add(list: objects) { $0.add(word: $1) }
    }
    writer.add(list: findings) { $0.add($1) }
    writer.add(list: instances) { writer, instance in
      writer.add(instance.value)
      writer.add(instance.object)
      writer.add(instance.isPublished)
    }
    writer.add(optional: tally) { writer, tally in
      writer.add(tally.requests)
      writer.add(tally.evaluations)
      writer.add(list: tally.matched) { $0.add($1) }
      writer.add(list: tally.notEvaluatedCounts) { writer, entry in
        writer.add(entry.policy)
        writer.add(entry.count)
      }
    }
    let unasked = notRequested.sorted {
      ($0.key.subject, $0.key.reason) < ($1.key.subject, $1.key.reason)
    }
    writer.add(list: unasked) { writer, entry in
      writer.add(entry.key.subject)
      writer.add(entry.key.reason)
      writer.add(entry.value)
    }
    writer.add(optional: published) { writer, published in
      writer.add(published.tree)
      writer.add(published.inventory)
      writer.add(published.fileCount)
      writer.add(list: published.elsewhere) { writer, file in
        writer.add(file.path)
        writer.add(file.id)
      }
    }
    // A finding may get a field that is not written here: then it is not kept at all.
    guard !findings.isEmpty else { return writer.bytes }
    let again = try? UnitOutcome(
      reading: writer.bytes, in: writer.bytes.indices, policyCount: tally?.policyCount)
    return again == self ? writer.bytes : nil
  }

  /// The outcome of a record; `policyCount` is the number of policies of its environment, nil where none
  /// are asked.
  init(
    reading bytes: [UInt8], in range: Range<Int>, policyCount: Int?
  ) throws(DamagedRecord) {
    var reader = RecordReader(bytes, in: range)
    folder = try reader.text()
    objects = try reader.optional { (reader) throws(DamagedRecord) in
      try reader.list { (reader) throws(DamagedRecord) in try reader.word() }
    }
    findings = try reader.list { (reader) throws(DamagedRecord) in try reader.finding() }
    instances = try reader.list { (reader) throws(DamagedRecord) in
      let value = try reader.text()
      let object = try reader.object()
      return Instance(value: value, object: object, isPublished: try reader.isTrue())
    }
    tally = try reader.optional { (reader) throws(DamagedRecord) in
      try reader.tally(policyCount: policyCount)
    }
    for _ in 0..<(try reader.count()) {
      let subject = try reader.text()
      let reason = try reader.text()
      notRequested[.init(subject: subject, reason: reason)] = try reader.number()
    }
    published = try reader.optional { (reader) throws(DamagedRecord) in
      let tree = try reader.objectID()
      let inventory = try reader.objectID()
      let fileCount = try reader.number()
      let elsewhere = try reader.list { (reader) throws(DamagedRecord) in
        let path = try reader.text()
        return KeptUnit.File(path: path, id: try reader.objectID())
      }
      return KeptUnit(
        tree: tree, inventory: inventory, elsewhere: elsewhere, fileCount: fileCount)
    }
    guard reader.isAtEnd else { throw DamagedRecord() }
  }
}

extension RecordWriter {
  mutating func add(_ id: ObjectID) { id.append(to: &bytes) }
}

extension RecordReader {
  mutating func objectID() throws(DamagedRecord) -> ObjectID {
    let range = try range(ObjectID.byteCount)
    guard let id = withBytes({ ObjectID(in: $0, at: range.lowerBound) }) else {
      throw DamagedRecord()
    }
    return id
  }

  fileprivate mutating func tally(policyCount: Int?) throws(DamagedRecord) -> PolicyTally {
    guard let policyCount else { throw DamagedRecord() }
    var tally = PolicyTally(policyCount: policyCount)
    let requests = try number()
    let evaluations = try number()
    let matched = try list { (reader) throws(DamagedRecord) in try reader.number() }
    let left = try list { (reader) throws(DamagedRecord) -> (policy: Int, count: Int) in
      let policy = try reader.number()
      return (policy, try reader.number())
    }
    guard (matched + left.map(\.policy)).allSatisfy({ (0..<policyCount).contains($0) }) else {
      throw DamagedRecord()
    }
    tally.add(
      requests: requests, evaluations: evaluations, matched: matched, notEvaluated: left)
    return tally
  }
}

/// A number that tells objects of a cluster apart, but for accidents: equal for all versions of an object.
///
/// FNV-1a over the parts with their lengths, then mixed (the finaliser of SplitMix64). Whoever wants two
/// objects to have one number can have that; it costs a closer look, never an answer.
func fingerprint(of manifest: Manifest) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for part in [manifest.group, manifest.kind, manifest.namespace, manifest.name] {
    for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash = (hash ^ UInt64(part.count) ^ 0x100) &* 0x0000_0100_0000_01B3
  }
  hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
  hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
  return hash ^ hash >> 31
}
