#if canImport(Glibc)
  public import Glibc
#endif

/// The index table of a map with many entries.
///
/// It stands right before the entries in the arena: `slotCount` words of 32 bits, open addressing,
/// each holding an entry's index plus one, or 0. Only string keys are found through it.
@usableFromInline
enum MapIndex {
  /// Maps of more entries than this have an index.
  @usableFromInline static var threshold: Int { 16 }

  /// The number of slots for `count` entries: the power of two of at least twice as many.
  @usableFromInline
  static func slotCount(_ count: Int) -> Int {
    1 << (Int.bitWidth - (2 * count - 1).leadingZeroBitCount)
  }

  @usableFromInline
  static func lookup(_ key: Value, _ entries: UnsafePointer<MapEntry>, _ count: Int) -> Value {
    guard key.isKind(.string) else {
      for index in 0..<count
      where entries[index].key.meta == key.meta && entries[index].key.payload == key.payload {
        return entries[index].value
      }
      return .absent
    }
    let slots = slotCount(count)
    let table = UnsafeRawPointer(entries).assumingMemoryBound(to: UInt32.self) - slots
    var slot = Int(truncatingIfNeeded: fullHash(key)) & (slots - 1)
    while table[slot] != 0 {
      let index = Int(table[slot]) - 1
      if entries[index].key.hasSameBytes(as: key) { return entries[index].value }
      slot = (slot + 1) & (slots - 1)
    }
    return .absent
  }

  /// Fills the table before `entries`; of equal keys the first is found.
  static func build(_ entries: UnsafePointer<MapEntry>, _ count: Int) {
    let slots = slotCount(count)
    let table =
      UnsafeMutableRawPointer(mutating: UnsafeRawPointer(entries))
      .assumingMemoryBound(to: UInt32.self) - slots
    table.update(repeating: 0, count: slots)
    for index in 0..<count where entries[index].key.isKind(.string) {
      var slot = Int(truncatingIfNeeded: fullHash(entries[index].key)) & (slots - 1)
      while table[slot] != 0 { slot = (slot + 1) & (slots - 1) }
      table[slot] = UInt32(index + 1)
    }
  }

  /// FNV-1a over all bytes with a final mix: the short hash would let an attacker collide keys.
  private static func fullHash(_ key: Value) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ processSeed
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash ^= hash >> 32
    return hash &* 0x9E37_79B9_7F4A_7C15 >> 20
  }

  /// Differs from run to run, so that keys cannot be chosen to collide. Nothing that is written
  /// depends on it: entries keep their order.
  private static let processSeed = UInt64.random(in: 0 ... .max)
}

/// Whether two stretches of memory hold the same bytes.
@inlinable @inline(__always)
public func bytesAreEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool
{
  if count <= 16 {
    if count >= 8 {
      return left.loadUnaligned(as: UInt64.self) == right.loadUnaligned(as: UInt64.self)
        && left.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
          == right.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    }
    if count >= 4 {
      return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
        && left.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
          == right.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
    }
    var index = 0
    while index < count {
      if left.load(fromByteOffset: index, as: UInt8.self)
        != right.load(fromByteOffset: index, as: UInt8.self)
      {
        return false
      }
      index &+= 1
    }
    return true
  }
  return memcmp(left, right, count) == 0
}
