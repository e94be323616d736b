/// Bytes that are written one after the other into memory that grows.
///
/// Everything goes through `reserve`, which makes sure of the room, then writes without checks.
struct ByteBuffer: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var start: UnsafeMutablePointer<UInt8>

  init(capacity: Int = 4096) {
    self.capacity = max(64, capacity)
    start = .allocate(capacity: self.capacity)
  }

  deinit { start.deallocate() }

  /// The bytes written, good until the next one.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// Forgets what was written and keeps the memory.
  mutating func removeAll() { count = 0 }

  /// Cuts off the last bytes so that `newCount` are left.
  mutating func cut(to newCount: Int) { count = max(0, min(count, newCount)) }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if capacity &- count < more { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let newCapacity = max(capacity * 2, count + more)
    let new = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
    new.update(from: start, count: count)
    start.deallocate()
    (start, capacity) = (new, newCapacity)
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    start[count] = byte
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ first: UInt8, _ second: UInt8) {
    reserve(2)
    start[count] = first
    start[count &+ 1] = second
    count &+= 2
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress else { return }
    // Room for whole words: short texts are copied eight bytes at a time.
    reserve(bytes.count &+ 8)
    let target = UnsafeMutableRawPointer(start + count)
    if bytes.count <= 16 {
      copyUpTo16(target, source, bytes.count)
    } else {
      target.copyMemory(from: source, byteCount: bytes.count)
    }
    count &+= bytes.count
  }

  @inline(__always)
  private func copyUpTo16(
    _ target: UnsafeMutableRawPointer, _ source: UnsafePointer<UInt8>, _ count: Int
  ) {
    let raw = UnsafeRawPointer(source)
    if count >= 8 {
      target.storeBytes(of: raw.loadUnaligned(as: UInt64.self), as: UInt64.self)
      let tail = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      target.storeBytes(of: tail, toByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      target.storeBytes(of: raw.loadUnaligned(as: UInt32.self), as: UInt32.self)
      let tail = raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      target.storeBytes(of: tail, toByteOffset: count &- 4, as: UInt32.self)
    } else {
      var index = 0
      while index < count {
        target.storeBytes(of: source[index], toByteOffset: index, as: UInt8.self)
        index &+= 1
      }
    }
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  /// Appends so many spaces.
  @inline(__always)
  mutating func appendSpaces(_ spaces: Int) {
    guard spaces > 0 else { return }
    reserve(spaces &+ 8)
    let target = UnsafeMutableRawPointer(start + count)
    var written = 0
    while written < spaces {
      target.storeBytes(of: 0x2020_2020_2020_2020, toByteOffset: written, as: UInt64.self)
      written &+= 8
    }
    count &+= spaces
  }

  /// Appends the decimal digits of a number.
  mutating func append(decimal magnitude: UInt64, isNegative: Bool = false) {
    reserve(21)
    var number = magnitude
    var digitCount = 1
    var rest = number / 10
    while rest > 0 {
      digitCount &+= 1
      rest /= 10
    }
    if isNegative {
      start[count] = UInt8(ascii: "-")
      count &+= 1
    }
    var index = count &+ digitCount
    count = index
    repeat {
      index &-= 1
      start[index] = UInt8(truncatingIfNeeded: 0x30 &+ number % 10)
      number /= 10
    } while number > 0
  }

  /// Appends the UTF-8 bytes of U+FFFD, which stands for what is not UTF-8.
  mutating func appendReplacement() { append("\u{FFFD}" as StaticString) }
}
