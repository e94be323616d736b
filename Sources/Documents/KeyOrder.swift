/// In which order a writer puts the keys of maps. The order never depends on how a tree was made,
/// except in `asIs`.
public enum KeyOrder: Sendable {
  /// Of the top map `apiVersion`, `kind`, `metadata` first; all other keys, at every level,
  /// sorted by their UTF-8 bytes.
  case kubernetes
  /// All keys sorted by their UTF-8 bytes.
  case sorted
  /// As the tree has them.
  case asIs
}

/// The orders of the maps that are being written: a stack in memory of its own.
///
/// A key is compared by its first eight bytes as a number, and only equal ones byte by byte.
struct KeySorter: ~Copyable {
  private struct Slot {
    var prefix: UInt64
    var index: Int
  }

  private var slots: UnsafeMutablePointer<Slot>
  private var capacity = 64
  private(set) var count = 0

  init() { slots = .allocate(capacity: capacity) }

  deinit { slots.deallocate() }

  /// Forgets the orders pushed since the stack had `newCount` slots.
  @inline(__always)
  mutating func cut(to newCount: Int) { count = newCount }

  /// The index of the entry that comes at a position of the order that starts at slot `base`.
  @inline(__always)
  func entryIndex(_ base: Int, _ position: Int) -> Int { slots[base &+ position].index }

  /// Pushes the order of a map's entries, which all have string keys; false, and nothing is
  /// pushed, when they are in order as they are.
  @inline(__always)
  mutating func push(_ entries: UnsafeBufferPointer<MapEntry>, isKubernetesRoot: Bool) -> Bool {
    let base = count
    if capacity &- base < entries.count { grow(entries.count) }
    var isSorted = true
    var index = 0
    while index < entries.count {
      let key = entries[index].key
      var prefix = Self.prefix(key)
      if isKubernetesRoot { prefix = Self.rootRank(key, prefix) }
      let slot = Slot(prefix: prefix, index: index)
      (slots + (base &+ index)).initialize(to: slot)
      if index > 0, isBefore(slot, slots[base &+ index &- 1], entries) { isSorted = false }
      index &+= 1
    }
    if isSorted { return false }
    count = base &+ entries.count
    sort(from: base, entries)
    return true
  }

  private func sort(from base: Int, _ entries: UnsafeBufferPointer<MapEntry>) {
    if entries.count > 24 {
      var buffer = UnsafeMutableBufferPointer(start: slots + base, count: entries.count)
      buffer.sort { left, right in Self.isBefore(left, right, entries) }
      return
    }
    var index = 1
    while index < entries.count {
      let slot = slots[base &+ index]
      var hole = base &+ index
      while hole > base, isBefore(slot, slots[hole &- 1], entries) {
        slots[hole] = slots[hole &- 1]
        hole &-= 1
      }
      slots[hole] = slot
      index &+= 1
    }
  }

  @inline(__always)
  private func isBefore(
    _ left: Slot, _ right: Slot, _ entries: UnsafeBufferPointer<MapEntry>
  ) -> Bool {
    left.prefix != right.prefix ? left.prefix < right.prefix : Self.isBefore(left, right, entries)
  }

  @inline(never)
  private static func isBefore(
    _ left: Slot, _ right: Slot, _ entries: UnsafeBufferPointer<MapEntry>
  ) -> Bool {
    if left.prefix != right.prefix { return left.prefix < right.prefix }
    let leftKey = entries[left.index].key
    let rightKey = entries[right.index].key
    let order = compareBytes(leftKey.utf8, rightKey.utf8)
    return order != 0 ? order < 0 : left.index < right.index
  }

  /// The first eight bytes of a key as a big-endian number, zeros after a shorter one.
  @inline(__always)
  private static func prefix(_ key: Value) -> UInt64 {
    let count = key.count
    guard count > 0, let start = UnsafeRawPointer(bitPattern: UInt(key.payload)) else { return 0 }
    if count >= 8 { return UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)) }
    var word: UInt64
    if count >= 4 {
      let tailShift = UInt64(8 &- count) &* 8
      let head = UInt64(UInt32(bigEndian: start.loadUnaligned(as: UInt32.self)))
      let tail = UInt64(
        UInt32(bigEndian: start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
      word = head << 32 | tail << tailShift
    } else {
      word = UInt64(start.load(as: UInt8.self)) << 56
      if count > 1 { word |= UInt64(start.load(fromByteOffset: 1, as: UInt8.self)) << 48 }
      if count > 2 { word |= UInt64(start.load(fromByteOffset: 2, as: UInt8.self)) << 40 }
    }
    return word
  }

  private static func rootRank(_ key: Value, _ prefix: UInt64) -> UInt64 {
    if key.isString("apiVersion") { return 0 }
    if key.isString("kind") { return 1 }
    if key.isString("metadata") { return 2 }
    return max(prefix, 3)
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let newCapacity = max(capacity * 2, count + more)
    let new = UnsafeMutablePointer<Slot>.allocate(capacity: newCapacity)
    new.update(from: slots, count: count)
    slots.deallocate()
    (slots, capacity) = (new, newCapacity)
  }
}

/// Below 0, 0 or above 0 as the left bytes come before, are equal to or come after the right.
func compareBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
  let common = min(left.count, right.count)
  var index = 0
  while index < common {
    if left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
    index += 1
  }
  return left.count - right.count
}
