import Policies
import Repositories
import Synchronization

/// The outcomes of units by their verdict keys: those of earlier runs, as records, and those of this one.
///
/// Losing them costs time and nothing else. Any thread may ask and add.
public final class KnownOutcomes: Sendable {
  private struct State {
    var fresh: [ObjectID: UnitOutcome] = [:]
    var notes: [ObjectID: [UInt8]] = [:]
    var isUsed: [Bool]
  }

  private let stored: OutcomeRecords
  private let state: Mutex<State>

  /// Nothing known yet.
  public convenience init() { self.init(.none) }

  init(_ stored: OutcomeRecords) {
    self.stored = stored
    state = Mutex(State(isUsed: Array(repeating: false, count: stored.count)))
  }

  /// The outcome of a key, and whether it is of an earlier run; nil when it is not known. `policyCount` is the
  /// number of policies of the unit's environment.
  func outcome(
    _ key: ObjectID, policyCount: Int?
  ) -> (outcome: UnitOutcome, isOfEarlierRun: Bool)? {
    if let index = stored.index(of: key) {
      state.withLock { $0.isUsed[index] = true }
      let outcome = try? UnitOutcome(
        reading: stored.bytes, in: stored.ranges[index], policyCount: policyCount)
      return outcome.map { ($0, true) }
    }
    return state.withLock { $0.fresh[key] }.map { ($0, false) }
  }

  func add(_ outcome: UnitOutcome, _ key: ObjectID) {
    state.withLock { $0.fresh[key] = outcome }
  }

  /// Something else that was kept, by its key.
  func note(_ key: ObjectID) -> [UInt8]? {
    guard let index = stored.index(of: key) else { return nil }
    state.withLock { $0.isUsed[index] = true }
    return Array(stored.bytes[stored.ranges[index]])
  }

  func add(note: [UInt8], _ key: ObjectID) {
    state.withLock { $0.notes[key] = note }
  }

  /// What to keep for later runs: what this run used or found, and what earlier ones left and is not too
  /// old. Nil when this run found nothing new.
  func records(keepingUnused: Bool) -> [UInt8]? {
    let state = state.withLock { $0 }
    let fresh = state.fresh.compactMapValues(\.record).merging(state.notes) { first, _ in first }
    guard !fresh.isEmpty else { return nil }
    return stored.replaced(by: fresh, used: state.isUsed, keepingUnused: keepingUnused)
  }
}

/// Records of outcomes as they are kept: in one file, or in one blob.
///
/// `pave keys 1` and a line feed, the number of records, then for each its key, how many runs ago it was
/// last used, and its bytes; at the end a check sum. Read only when whole.
struct OutcomeRecords: Sendable {
  let bytes: [UInt8]
  private(set) var ranges: [Range<Int>] = []
  private var ages: [Int] = []
  private var places: [ObjectID: Int] = [:]

  static let none = OutcomeRecords()
  private static let header = Array("pave keys 1\n".utf8)
  /// Runs that a record may go unused.
  private static let oldestAge = 8
  /// The most bytes that are kept: 64 MiB.
  static let mostBytes = 64 << 20

  private init() { bytes = [] }

  /// The records in bytes; none when they are damaged or of another version.
  init(reading bytes: [UInt8]) {
    self = (try? OutcomeRecords(checked: bytes)) ?? .none
  }

  private init(checked bytes: [UInt8]) throws(DamagedRecord) {
    self.bytes = bytes
    let end = bytes.count - 8
    guard end >= OutcomeRecords.header.count, bytes.starts(with: OutcomeRecords.header) else {
      throw DamagedRecord()
    }
    var sum = RecordReader(bytes, in: end..<bytes.count)
    guard try sum.word() == checksum(bytes[..<end]) else { throw DamagedRecord() }
    var reader = RecordReader(bytes, in: OutcomeRecords.header.count..<end)
    let count = try reader.count()
    ranges.reserveCapacity(count)
    places.reserveCapacity(count)
    for index in 0..<count {
      places[try reader.objectID()] = index
      ages.append(try reader.number())
      ranges.append(try reader.range(try reader.number()))
    }
    guard reader.isAtEnd else { throw DamagedRecord() }
  }

  var count: Int { ranges.count }

  func index(of key: ObjectID) -> Int? { places[key] }

  /// The bytes of these records with those of a run: sorted by key, so that equal runs give equal bytes.
  func replaced(
    by fresh: [ObjectID: [UInt8]], used isUsed: [Bool], keepingUnused: Bool
  ) -> [UInt8] {
    var kept: [(key: ObjectID, age: Int, bytes: ArraySlice<UInt8>)] = []
    var unused: [(key: ObjectID, age: Int, bytes: ArraySlice<UInt8>)] = []
    for (key, record) in fresh { kept.append((key, 0, record[...])) }
    for (key, index) in places where fresh[key] == nil {
      if isUsed[index] {
        kept.append((key, 0, bytes[ranges[index]]))
      } else if keepingUnused, ages[index] < OutcomeRecords.oldestAge {
        unused.append((key, ages[index] + 1, bytes[ranges[index]]))
      }
    }
    // Youngest first, as far as there is room.
    unused.sort { ($0.age, $0.key) < ($1.age, $1.key) }
    var byteCount = kept.reduce(0) { $0 + $1.bytes.count + 32 }
    for entry in unused {
      byteCount += entry.bytes.count + 32
      if byteCount > OutcomeRecords.mostBytes { break }
      kept.append(entry)
    }
    kept.sort { $0.key < $1.key }
    var writer = RecordWriter()
    writer.add(raw: OutcomeRecords.header)
    writer.add(kept.count)
    for entry in kept {
      writer.add(entry.key)
      writer.add(entry.age)
      writer.add(entry.bytes.count)
      writer.add(raw: entry.bytes)
    }
    writer.add(word: checksum(writer.bytes[...]))
    return writer.bytes
  }
}

/// A sum that a cut or damaged file does not have; no protection against who can write the file.
private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.withUnsafeBytes { raw in
    var sum: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(raw.count)
    var offset = 0
    while offset + 8 <= raw.count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      sum = (sum ^ word) &* 0xBF58_476D_1CE4_E5B9
      sum ^= sum >> 29
      offset += 8
    }
    while offset < raw.count {
      sum = (sum ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01B3
      offset += 1
    }
    return sum ^ sum >> 32
  }
}
