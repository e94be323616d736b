/// One value of a document or of an expression: 16 trivial bytes over memory that an `Arena` owns.
///
/// Scalars stand inline. Strings, bytes, lists and maps are a pointer and a count; the pointer is
/// good for as long as the arena (or the `Document`) that made the value is alive, so public
/// functions pass a value together with its document, never alone across rooms.
///
/// Layout: `payload` holds the number or the pointer. `meta` holds, from the low bits up, a 32-bit
/// count (UTF-8 bytes of a string, elements of a list, entries of a map), 8 bits of kind, 8 bits of
/// flags and, for strings, a 16-bit hash. Equal strings always have equal `meta`, so one 64-bit
/// comparison refuses nearly all unequal ones.
@frozen
public struct Value: Sendable {
  /// The number, or the address of what the value points to.
  public var payload: UInt64
  /// Count, kind, flags and hash, as laid out above.
  public var meta: UInt64

  /// A value from its two words.
  @inlinable @inline(__always)
  public init(payload: UInt64, meta: UInt64) {
    self.payload = payload
    self.meta = meta
  }

  /// A value without content: only its kind and one word.
  @inlinable @inline(__always)
  public init(_ kind: Kind, payload: UInt64 = 0) {
    self.init(payload: payload, meta: UInt64(kind.rawValue) << 32)
  }

  /// What a value is. The first ten are what YAML and JSON can say; the others come from
  /// expressions.
  @frozen
  public enum Kind: UInt8, Sendable {
    /// No value at all: a key that is not there.
    case absent
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case list
    case map
    /// An error of an expression: `payload` belongs to the evaluator.
    case error
    /// A boxed value of an expression (timestamp, duration, type, optional, quantity …):
    /// `payload` points to a box in the arena, the count says which kind of box.
    case box
  }

  /// What this is.
  @inlinable @inline(__always)
  public var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: meta >> 32)) ?? .absent }

  /// The number of UTF-8 bytes, elements or entries; 0 for a scalar.
  @inlinable @inline(__always)
  public var count: Int { Int(truncatingIfNeeded: meta & 0xFFFF_FFFF) }

  /// Whether this is of the given kind: one comparison of one byte.
  @inlinable @inline(__always)
  public func isKind(_ kind: Kind) -> Bool {
    UInt8(truncatingIfNeeded: meta >> 32) == kind.rawValue
  }

  // MARK: scalars

  /// No value: what a lookup answers for a key that is not there.
  @inlinable @inline(__always)
  public static var absent: Value { Value(payload: 0, meta: 0) }

  /// The null of YAML and JSON.
  @inlinable @inline(__always)
  public static var null: Value { Value(.null) }

  /// The boolean true.
  @inlinable @inline(__always)
  public static var `true`: Value { Value(.bool, payload: 1) }

  /// The boolean false.
  @inlinable @inline(__always)
  public static var `false`: Value { Value(.bool, payload: 0) }

  /// A boolean.
  @inlinable @inline(__always)
  public static func bool(_ value: Bool) -> Value { Value(.bool, payload: value ? 1 : 0) }

  /// A signed integer.
  @inlinable @inline(__always)
  public static func int(_ value: Int64) -> Value {
    Value(.int, payload: UInt64(bitPattern: value))
  }

  /// An unsigned integer: in documents only those over Int64.
  @inlinable @inline(__always)
  public static func uint(_ value: UInt64) -> Value { Value(.uint, payload: value) }

  /// A floating-point number.
  @inlinable @inline(__always)
  public static func double(_ value: Double) -> Value { Value(.double, payload: value.bitPattern) }

  /// Whether there is no value at all.
  @inlinable @inline(__always)
  public var isAbsent: Bool { isKind(.absent) }

  /// Whether this is null.
  @inlinable @inline(__always)
  public var isNull: Bool { isKind(.null) }

  /// Whether this is the boolean true.
  @inlinable @inline(__always)
  public var isTrue: Bool { isKind(.bool) && payload == 1 }

  /// The number that `payload` holds; call it only on an `int`.
  @inlinable @inline(__always)
  public var intPayload: Int64 { Int64(bitPattern: payload) }

  /// The number that `payload` holds; call it only on a `double`.
  @inlinable @inline(__always)
  public var doublePayload: Double { Double(bitPattern: payload) }

  /// The boolean; nil for any other kind.
  public var asBool: Bool? { isKind(.bool) ? payload == 1 : nil }
  /// The signed integer; nil for any other kind.
  public var asInt: Int64? { isKind(.int) ? intPayload : nil }
  /// The double; nil for any other kind, integers too.
  public var asDouble: Double? { isKind(.double) ? doublePayload : nil }

  // MARK: strings and bytes

  /// A string or bytes value over memory that somebody else owns.
  ///
  /// `isASCII` must be true exactly when no byte is over 0x7F: it is part of `meta`, which must be
  /// equal for equal strings.
  @inlinable @inline(__always)
  public static func string(at start: UnsafePointer<UInt8>, count: Int, isASCII: Bool) -> Value {
    let flags: UInt64 = isASCII ? 1 << 40 : 0
    return Value(
      payload: UInt64(UInt(bitPattern: start)),
      meta: UInt64(UInt32(truncatingIfNeeded: count)) | UInt64(Kind.string.rawValue) << 32 | flags
        | UInt64(shortHash(start, count)) << 48)
  }

  /// A bytes value over memory that somebody else owns.
  @inlinable @inline(__always)
  public static func bytes(at start: UnsafePointer<UInt8>, count: Int) -> Value {
    Value(
      payload: UInt64(UInt(bitPattern: start)),
      meta: UInt64(UInt32(truncatingIfNeeded: count)) | UInt64(Kind.bytes.rawValue) << 32)
  }

  /// Whether a string has only ASCII bytes, so that its byte count is its character count.
  @inlinable @inline(__always)
  public var isASCII: Bool { meta & (1 << 40) != 0 }

  /// The bytes of a string or bytes value, UTF-8 for a string. Valid while the arena lives.
  @inlinable @inline(__always)
  public var utf8: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(payload)), count: count)
  }

  /// The text of a string; nil for any other kind.
  public var asString: String? { isKind(.string) ? String(decoding: utf8, as: UTF8.self) : nil }

  /// A 16-bit hash of a byte string: its count and its first and last eight bytes.
  @inlinable @inline(__always)
  public static func shortHash(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt16 {
    let raw = UnsafeRawPointer(start)
    var word: UInt64
    if count >= 8 {
      word = raw.loadUnaligned(as: UInt64.self)
      word ^= raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) &* 0x9E37_79B9_7F4A_7C15
    } else if count >= 4 {
      let head = UInt64(raw.loadUnaligned(as: UInt32.self))
      word = head | UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)) << 32
    } else if count > 0 {
      word = UInt64(start[0]) | UInt64(start[count >> 1]) << 8 | UInt64(start[count - 1]) << 16
    } else {
      word = 0
    }
    return UInt16(truncatingIfNeeded: (word &* 0xFF51_AFD7_ED55_8CCD) >> 48)
  }

  /// Whether two strings (or two bytes values) have the same bytes.
  @inlinable @inline(__always)
  public func hasSameBytes(as other: Value) -> Bool {
    guard meta == other.meta else { return false }
    if payload == other.payload || count == 0 { return true }
    guard let left = UnsafeRawPointer(bitPattern: UInt(payload)),
      let right = UnsafeRawPointer(bitPattern: UInt(other.payload))
    else { return false }
    return bytesAreEqual(left, right, count)
  }

  /// A string value of a text known when the program was built: it points into the binary.
  @inlinable @inline(__always)
  public init(_ text: StaticString) {
    self =
      text.utf8CodeUnitCount == 0
      ? .emptyString
      : .string(at: text.utf8Start, count: text.utf8CodeUnitCount, isASCII: text.isASCII)
  }

  /// Whether this is a string of exactly the given text; for what runs for every object, since the comparison is
  /// put where it is called.
  @inlinable @inline(__always)
  public func isText(_ text: StaticString) -> Bool { hasSameBytes(as: Value(text)) }

  /// Whether this is a string of exactly the given text.
  public func isString(_ text: StaticString) -> Bool {
    guard isKind(.string), count == text.utf8CodeUnitCount else { return false }
    guard count > 0, let start = UnsafeRawPointer(bitPattern: UInt(payload)) else {
      return count == 0
    }
    return bytesAreEqual(start, UnsafeRawPointer(text.utf8Start), count)
  }

  // MARK: lists and maps

  /// A list over elements that somebody else owns.
  @inlinable @inline(__always)
  public static func list(_ elements: UnsafeBufferPointer<Value>) -> Value {
    Value(
      payload: UInt64(UInt(bitPattern: elements.baseAddress)),
      meta: UInt64(UInt32(truncatingIfNeeded: elements.count)) | UInt64(Kind.list.rawValue) << 32)
  }

  /// The elements of a list; empty for any other kind.
  @inlinable @inline(__always)
  public var elements: UnsafeBufferPointer<Value> {
    guard isKind(.list) else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(payload)), count: count)
  }

  /// The entries of a map in the order they were written; empty for any other kind.
  @inlinable @inline(__always)
  public var entries: UnsafeBufferPointer<MapEntry> {
    guard isKind(.map) else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(payload)), count: count)
  }

  /// The value under a string key; `.absent` when it is not there or this is no map.
  ///
  /// A scan of 64-bit comparisons up to 16 entries, an index table above.
  @inlinable @inline(__always)
  public func lookup(_ key: Value) -> Value {
    guard isKind(.map) else { return .absent }
    let count = self.count
    guard let entries = UnsafePointer<MapEntry>(bitPattern: UInt(payload)) else { return .absent }
    if count > MapIndex.threshold { return MapIndex.lookup(key, entries, count) }
    var index = 0
    while index < count {
      if entries[index].key.hasSameBytes(as: key) { return entries[index].value }
      index &+= 1
    }
    return .absent
  }

  /// The value under a key known when the program was built; `.absent` when it is not there or this is no map.
  ///
  /// The compiler makes the key's `meta` a constant: a lookup is a scan of comparisons and no more.
  @inlinable @inline(__always)
  public subscript(name: StaticString) -> Value {
    lookup(Value(name))
  }

  /// The value under a key; `.absent` when it is not there or this is no map.
  ///
  /// Generic only so that a literal means the subscript above: beside one of `String` it would not, whatever is
  /// disfavoured.
  @_disfavoredOverload @inlinable @inline(__always)
  public subscript<Key: StringProtocol>(key: Key) -> Value {
    value(under: String(key))
  }

  @usableFromInline
  func value(under key: String) -> Value {
    guard isKind(.map) else { return .absent }
    var key = key
    return key.withUTF8 { bytes in
      guard let start = bytes.baseAddress else {
        return lookup(Value(payload: 0, meta: Value.emptyString.meta))
      }
      return lookup(
        .string(at: start, count: bytes.count, isASCII: bytes.allSatisfy { $0 < 0x80 }))
    }
  }

  /// The value at a path below this one; `.absent` when it is not there.
  public subscript(path: [String]) -> Value {
    var value = self
    for key in path { value = value[key] }
    return value
  }

  /// The string of no characters. It needs no arena.
  public static var emptyString: Value {
    Value(payload: 0, meta: UInt64(Kind.string.rawValue) << 32 | 1 << 40)
  }

  /// The list of no elements. It needs no arena.
  public static var emptyList: Value { Value(.list) }

  /// The map of no entries. It needs no arena.
  public static var emptyMap: Value { Value(.map) }
}

/// One key and its value. Keys of documents are strings; those of expressions may also be bool,
/// int or uint.
@frozen
public struct MapEntry: Sendable {
  /// The key: a string in documents.
  public var key: Value
  /// What stands under the key.
  public var value: Value

  /// An entry from its key and value.
  @inlinable @inline(__always)
  public init(key: Value, value: Value) {
    self.key = key
    self.value = value
  }
}
