/// Copies of values in one memory, in which equal parts mostly stand once: for keeping many documents that are alike.
///
/// Keys, and what a template gives to all objects, are most of what Kubernetes' objects hold. Equal parts are looked
/// for in a table of at most 2 MiB, in which later parts take the places of earlier ones: a part that comes again long
/// after stands twice. For one thread; any can read the copies once `freeze` was called.
public final class ValuePool {
  private let arena = Arena()
  /// Two places for each hash; absent where nothing was put.
  private var places: UnsafeMutablePointer<Value>
  private var placeCount: Int
  /// How many parts were put into the places there are.
  private var partCount = 0
  /// The copied children of the lists and maps that are being copied.
  private var children = NodeStack()

  private static let mostPlaces = 1 << 17

  /// A pool without copies.
  public init() {
    placeCount = 4096
    places = ValuePool.emptyPlaces(placeCount)
  }

  deinit { places.deallocate() }

  /// The memory of all copies; nothing may be copied any more.
  public func freeze() -> Document { Document(root: .null, arena: arena) }

  /// A copy of a YAML or JSON value, with all that it holds and the order of its keys; good while the pool lives, or
  /// what `freeze` answered. What the value points into must live until the copy is made.
  public func copy(_ value: Value) -> Value { copy(value, &children) }

  private func copy(_ value: Value, _ children: inout NodeStack) -> Value {
    if value.count == 0 { return isScalar(value) ? value : Value(payload: 0, meta: value.meta) }
    switch value.kind {
    case .string, .bytes: return known(value, ValuePool.hash(ofText: value))
    case .list:
      let start = children.count
      for element in value.elements {
        let child = copy(element, &children)
        children.push(child, ValuePool.nowhere)
      }
      let part = known(
        .list(children.values(from: start)), ValuePool.hash(of: children.values(from: start)))
      children.cut(to: start)
      return part
    case .map:
      let start = children.count
      for entry in value.entries {
        let key = copy(entry.key, &children)
        children.push(key, ValuePool.nowhere)
        let child = copy(entry.value, &children)
        children.push(child, ValuePool.nowhere)
      }
      let part = known(
        Arena.map(at: children.entries(from: start)),
        ValuePool.hash(of: children.values(from: start)))
      children.cut(to: start)
      return part
    default: return value
    }
  }

  private static let nowhere = NodeStack.Mark(start: 0, end: 0)

  private func isScalar(_ value: Value) -> Bool {
    switch value.kind {
    case .string, .bytes, .list, .map: false
    default: true
    }
  }

  // MARK: the table

  /// The part with the content of `value`: one that was copied before, or a new one.
  private func known(_ value: Value, _ hash: UInt64) -> Value {
    let place = Int(truncatingIfNeeded: hash) & (placeCount - 1)
    let first = places[place]
    if isPart(first, value) { return first }
    let second = places[place ^ 1]
    if isPart(second, value) { return second }
    let part = stored(value)
    places[place] = part
    if !first.isAbsent { places[place ^ 1] = first }
    partCount += 1
    if partCount > placeCount, placeCount < ValuePool.mostPlaces { grow() }
    return part
  }

  /// Whether a part has the content of a value whose children are parts themselves.
  @inline(__always)
  private func isPart(_ part: Value, _ value: Value) -> Bool {
    guard part.meta == value.meta, let left = UnsafeRawPointer(bitPattern: UInt(part.payload)),
      let right = UnsafeRawPointer(bitPattern: UInt(value.payload))
    else { return false }
    return bytesAreEqual(left, right, ValuePool.byteCount(value))
  }

  private static func byteCount(_ value: Value) -> Int {
    switch value.kind {
    case .list: value.count &* MemoryLayout<Value>.stride
    case .map: value.count &* MemoryLayout<MapEntry>.stride
    default: value.count
    }
  }

  private func stored(_ value: Value) -> Value {
    switch value.kind {
    case .list: arena.list(value.elements)
    case .map: arena.map(value.entries)
    case .bytes: arena.bytes(value.utf8)
    default: arena.string(value.utf8)
    }
  }

  private static func emptyPlaces(_ count: Int) -> UnsafeMutablePointer<Value> {
    let places = UnsafeMutablePointer<Value>.allocate(capacity: count)
    places.initialize(repeating: .absent, count: count)
    return places
  }

  /// Four times the places, with the parts that are known.
  private func grow() {
    let (old, oldCount) = (places, placeCount)
    placeCount *= 4
    places = ValuePool.emptyPlaces(placeCount)
    partCount = 0
    for part in UnsafeBufferPointer(start: old, count: oldCount) where !part.isAbsent {
      let place = Int(truncatingIfNeeded: ValuePool.hash(ofPart: part)) & (placeCount - 1)
      places[places[place].isAbsent ? place : place ^ 1] = part
      partCount += 1
    }
    old.deallocate()
  }

  // MARK: hashes

  private static func hash(ofPart part: Value) -> UInt64 {
    switch part.kind {
    case .list: hash(of: part.elements)
    case .map:
      part.entries.withMemoryRebound(to: Value.self) {
        hash(of: UnsafeBufferPointer(start: $0.baseAddress, count: part.count * 2))
      }
    default: hash(ofText: part)
    }
  }

  /// Of the words of parts: equal parts have the same.
  private static func hash(of parts: UnsafeBufferPointer<Value>) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for part in parts {
      hash = mixed(hash ^ part.payload)
      hash = mixed(hash ^ part.meta)
    }
    return hash >> 17
  }

  /// Of all bytes, eight at a time; the last eight may overlap.
  private static func hash(ofText text: Value) -> UInt64 {
    let count = text.count
    guard count >= 8, let start = UnsafeRawPointer(bitPattern: UInt(text.payload)) else {
      // What is short has a hash already, of all bytes or of nearly all.
      return mixed(text.meta) >> 17
    }
    var hash = text.meta
    var offset = 0
    while offset &+ 8 < count {
      hash = mixed(hash ^ start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    return mixed(hash ^ start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)) >> 17
  }

  @inline(__always)
  private static func mixed(_ word: UInt64) -> UInt64 {
    let product = (word ^ word >> 32) &* 0xFF51_AFD7_ED55_8CCD
    return product ^ product >> 29
  }
}
