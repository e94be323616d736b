/// A value of a template, typed as Go types it: a chart can see the difference (`typeOf`, `eq`, `%d`).
///
/// Maps are references shared by everybody who holds them (`set` changes them in place), lists are
/// values. 16 bytes.
public enum GoValue {
  /// No value at all, what Go's reflection calls invalid: prints `<no value>`.
  case invalid
  /// A nil interface: an entry of a map or list that holds nil.
  case null
  /// A bool.
  case bool(Bool)
  /// An `int`: what a number without a point in a template is.
  case int(Int)
  /// An `int64`: what sprig's arithmetic gives.
  case int64(Int64)
  /// A `uint64`.
  case uint64(UInt64)
  /// A `float64`: what every number of a values file is.
  case float(Double)
  /// A `string`, bytes that need not be UTF-8.
  case string([UInt8])
  /// A slice.
  case list(GoList)
  /// A map with string keys.
  case map(GoMap)
  /// A struct, a pointer, or a named type with methods.
  case object(GoObject)

  /// A string from text.
  public init(_ text: String) { self = .string(Array(text.utf8)) }

  /// True for `invalid` and `null`.
  public var isNil: Bool {
    switch self {
    case .invalid, .null: true
    default: false
    }
  }

  /// The map, also that below a named map type; nil for anything else.
  public var asMap: GoMap? {
    switch self {
    case .map(let map): map
    case .object(let object): object.underlying?.asMap
    default: nil
    }
  }

  /// The list, also that below a named slice type; nil for anything else.
  public var asList: GoList? {
    switch self {
    case .list(let list): list
    case .object(let object): object.underlying?.asList
    default: nil
    }
  }

  /// The bytes of a string; nil for anything else.
  public var asBytes: [UInt8]? {
    if case .string(let bytes) = self { return bytes }
    return nil
  }

  /// The text of a string, with what is no UTF-8 replaced; nil for anything else.
  public var asString: String? { asBytes.map { String(decoding: $0, as: UTF8.self) } }
}

/// What Go calls the truth of a value (`text/template.IsTrue`): not zero, not empty, not nil.
@inline(__always)
public func isTrue(_ value: GoValue) -> Bool {
  switch value {
  case .invalid, .null: false
  case .bool(let flag): flag
  case .int(let number): number != 0
  case .int64(let number): number != 0
  case .uint64(let number): number != 0
  case .float(let number): number != 0
  case .string(let bytes): !bytes.isEmpty
  case .list(let list): !list.elements.isEmpty
  case .map(let map): map.count > 0
  case .object(let object): object.isTrue
  }
}
