/// The values of open lists and maps, with their places: grows, and is cut off at the end of each.
///
/// Keys and values of a map lie one after the other as `MapEntry` does in memory, so a finished
/// map is copied into the arena as it lies here.
struct NodeStack: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var values: UnsafeMutablePointer<Value>
  private var marks: UnsafeMutablePointer<Mark>

  /// Character offsets of a node's first character and of the one after its last.
  struct Mark {
    var start: UInt32
    var end: UInt32
  }

  init(capacity: Int = 256) {
    self.capacity = max(16, capacity)
    values = .allocate(capacity: self.capacity)
    marks = .allocate(capacity: self.capacity)
  }

  deinit {
    values.deallocate()
    marks.deallocate()
  }

  @inline(__always)
  mutating func push(_ value: Value, _ mark: Mark) {
    if count == capacity { grow() }
    (values + count).initialize(to: value)
    (marks + count).initialize(to: mark)
    count &+= 1
  }

  /// Forgets all values from an index on.
  @inline(__always)
  mutating func cut(to newCount: Int) { count = max(0, min(count, newCount)) }

  /// The mark of the value at an index.
  func mark(_ index: Int) -> Mark { index < count ? marks[index] : Mark(start: 0, end: 0) }

  /// The values from an index on, good until the next push.
  @inline(__always)
  func values(from start: Int) -> UnsafeBufferPointer<Value> {
    UnsafeBufferPointer(start: values + start, count: count &- start)
  }

  /// The values from an index on as keys and values, good until the next push.
  @inline(__always)
  func entries(from start: Int) -> UnsafeBufferPointer<MapEntry> {
    let raw = UnsafeRawPointer(values + start).assumingMemoryBound(to: MapEntry.self)
    return UnsafeBufferPointer(start: raw, count: (count &- start) / 2)
  }

  @inline(never)
  private mutating func grow() {
    let newValues = UnsafeMutablePointer<Value>.allocate(capacity: capacity * 2)
    let newMarks = UnsafeMutablePointer<Mark>.allocate(capacity: capacity * 2)
    newValues.moveInitialize(from: values, count: count)
    newMarks.moveInitialize(from: marks, count: count)
    values.deallocate()
    marks.deallocate()
    (values, marks, capacity) = (newValues, newMarks, capacity * 2)
  }
}
