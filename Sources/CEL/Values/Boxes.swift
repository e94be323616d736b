import Documents

/// What a value of kind `.box` holds. The raw value stands in the value's count; `KindSet` has
/// room for sixteen.
enum BoxKind: UInt32, Sendable, CaseIterable {
  /// Nanoseconds, inline in the payload.
  case duration
  /// A pointer to an `Instant`.
  case timestamp
  /// A pointer to a string value: the type's name.
  case type
  /// A pointer to the value held; 0 for none.
  case optional
  case quantity
  case url
  case ip
  case cidr
  case semver
  case format
  /// kro's `omit()`: the field is left out.
  case omitted
  /// Kubernetes' authorizer and what its calls give; the payload is an `AuthorizerAnswer`.
  case authorizer
  case pathCheck
  case groupCheck
  case resourceCheck
  case decision

  /// The name that `type(x)` prints.
  var typeName: StaticString {
    switch self {
    case .duration: "google.protobuf.Duration"
    case .timestamp: "google.protobuf.Timestamp"
    case .type: "type"
    case .optional: "optional_type"
    case .quantity: "kubernetes.Quantity"
    case .url: "kubernetes.URL"
    case .ip: "net.IP"
    case .cidr: "net.CIDR"
    case .semver: "kubernetes.Semver"
    case .format: "kubernetes.NamedFormat"
    case .omitted: "kro.omit"
    case .authorizer: "kubernetes.authorization.Authorizer"
    case .pathCheck: "kubernetes.authorization.PathCheck"
    case .groupCheck: "kubernetes.authorization.GroupCheck"
    case .resourceCheck: "kubernetes.authorization.ResourceCheck"
    case .decision: "kubernetes.authorization.Decision"
    }
  }
}

/// A point in time: seconds since 1970-01-01T00:00:00Z and nanoseconds (0..<1e9), with the offset
/// from UTC it was written with, which only its text shows.
struct Instant: BitwiseCopyable {
  var seconds: Int64
  var nanoseconds: Int32
  var offsetMinutes: Int32 = 0

  static func == (left: Instant, right: Instant) -> Bool {
    left.seconds == right.seconds && left.nanoseconds == right.nanoseconds
  }

  static func < (left: Instant, right: Instant) -> Bool {
    left.seconds != right.seconds
      ? left.seconds < right.seconds : left.nanoseconds < right.nanoseconds
  }
}

extension Value {
  @inline(__always)
  static func box(_ kind: BoxKind, payload: UInt64) -> Value {
    Value(payload: payload, meta: UInt64(kind.rawValue) | UInt64(Kind.box.rawValue) << 32)
  }

  @inline(__always)
  func isBox(_ kind: BoxKind) -> Bool {
    meta == UInt64(kind.rawValue) | UInt64(Kind.box.rawValue) << 32
  }

  var boxKind: BoxKind? { isKind(.box) ? BoxKind(rawValue: UInt32(count)) : nil }

  @inline(__always)
  var isError: Bool { isKind(.error) }

  @inline(__always)
  var isBool: Bool { isKind(.bool) }

  @inline(__always)
  var isString: Bool { isKind(.string) }

  /// The content of a box whose payload is a pointer to a `T`.
  @inline(__always)
  func unboxed<T: BitwiseCopyable>(as type: T.Type) -> T? {
    UnsafePointer<T>(bitPattern: UInt(payload))?.pointee
  }

  // MARK: durations and timestamps

  static func duration(nanoseconds: Int64) -> Value {
    .box(.duration, payload: UInt64(bitPattern: nanoseconds))
  }

  /// The nanoseconds of a duration; call it only on one.
  var durationNanoseconds: Int64 { Int64(bitPattern: payload) }

  /// The point in time of a timestamp; call it only on one.
  var instant: Instant { unboxed(as: Instant.self) ?? Instant(seconds: 0, nanoseconds: 0) }

  // MARK: optionals

  static var none: Value { .box(.optional, payload: 0) }

  /// The value inside an optional; nil when it is none. Call it only on an optional.
  var optionalContent: Value? { unboxed(as: Value.self) }

  /// What kro's `omit()` gives.
  static var omitted: Value { .box(.omitted, payload: 0) }

  // MARK: types

  /// The name of a type value, as a string value; call it only on one.
  var typeNameValue: Value { unboxed(as: Value.self) ?? .emptyString }
}

extension Arena {
  /// A box of the given kind around a trivial struct.
  func box<T: BitwiseCopyable>(_ kind: BoxKind, _ content: T) -> Value {
    let memory = allocate(byteCount: MemoryLayout<T>.size)
    memory.storeBytes(of: content, as: T.self)
    return .box(kind, payload: UInt64(UInt(bitPattern: memory)))
  }

  func timestamp(_ instant: Instant) -> Value { box(.timestamp, instant) }
  func optional(_ value: Value) -> Value { box(.optional, value) }

  func string(_ text: StaticString) -> Value {
    .string(
      at: text.utf8Start, count: text.utf8CodeUnitCount,
      isASCII: isAllASCII(text.utf8Start, text.utf8CodeUnitCount))
  }

  /// A string value with a copy of the bytes, which must be UTF-8.
  func string(_ bytes: [UInt8]) -> Value { bytes.withUnsafeBufferPointer { string($0) } }

  /// A bytes value with a copy of the bytes.
  func bytes(_ bytes: [UInt8]) -> Value { bytes.withUnsafeBufferPointer { self.bytes($0) } }
}

/// The type values that exist in every program. They are never freed.
enum TypeValues {
  private static let arena = Arena()
  private static let byKind: [Value] = [
    "error", "null_type", "bool", "int", "uint", "double", "string", "bytes", "list", "map",
    "error",
  ].map { arena.box(.type, arena.string($0 as String)) }
  private static let byBox: [Value] = BoxKind.allCases.map {
    arena.box(.type, arena.string($0.typeName))
  }

  /// `type(value)`.
  static func type(of value: Value) -> Value {
    if let box = value.boxKind { return byBox[Int(box.rawValue)] }
    return byKind[min(Int(value.kind.rawValue), byKind.count - 1)]
  }

  /// The types that an expression can name, and what their names stand for.
  static func named(_ name: Value) -> Value? { table[name] }

  private static let table: NameTable<Value> = {
    var table = NameTable<Value>()
    for value in byKind[1..<10] + byBox {
      table[value.typeNameValue] = value
    }
    return table
  }()
}
