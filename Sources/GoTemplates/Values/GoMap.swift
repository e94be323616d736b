/// A map with string keys, shared by reference, its entries always in the order of the keys' bytes:
/// that is the order in which templates see them.
public final class GoMap {
  /// The Go type, as `typeOf` and `%T` tell it.
  public enum MapType: Sendable {
    /// `map[string]interface {}`
    case any
    /// `map[string]string`
    case string
    /// `chartutil.Values`
    case values
  }

  /// One entry.
  public struct Entry {
    /// The first eight bytes of the key, so that most comparisons touch no key.
    @usableFromInline let prefix: UInt64
    /// The key.
    public let key: [UInt8]
    /// The value; `.null` for nil.
    public var value: GoValue
  }

  /// The entries in the order of the keys' bytes.
  public var entries: [Entry] {
    if let scope { scope.readCount.value += 1 }
    return original?.entries ?? own
  }

  /// What is remembered of the map where it is all that a file's templates see; nil for any other.
  @exclusivity(unchecked) package var scope: Scope?
  /// Whether a function of a template made it, and no map holds it that was there before: what changes in
  /// it is seen by nobody who does not have it. Never set where that is not certain.
  @exclusivity(unchecked) var isLocal = false

  // Never reached again while it is changed, which would cost a check each time.
  @exclusivity(unchecked) private var own: [Entry] = []
  /// The map that this is under another type.
  private let original: GoMap?
  /// What Go would say the map is.
  public var type: MapType

  /// An empty map.
  public init(type: MapType = .any) {
    self.type = type
    original = nil
  }

  /// An empty map with room for some entries.
  init(reserving count: Int) {
    type = .any
    original = nil
    own.reserveCapacity(count)
  }

  /// The same map under another type, as a conversion in Go: what changes in one changes in the other.
  public init(converting other: GoMap, to type: MapType) {
    self.type = type
    original = other
  }

  /// A map that holds what another holds, one level deep.
  public init(copying other: GoMap, type: MapType = .any) {
    self.type = type
    own = other.entries
    original = nil
  }

  /// A map of keys and values; a later one of the same key wins.
  public convenience init(_ pairs: [(String, GoValue)], type: MapType = .any) {
    self.init(type: type)
    for (key, value) in pairs { self[Array(key.utf8)] = value }
  }

  /// A map of keys in the order of their bytes, none twice, and values.
  package init(sorted pairs: [(key: [UInt8], value: GoValue)], type: MapType = .any) {
    self.type = type
    original = nil
    own.reserveCapacity(pairs.count + 1)
    for (key, value) in pairs {
      own.append(Entry(prefix: keyPrefix(key), key: key, value: value))
    }
  }

  /// Puts what `other` gives for a value in its place; nil leaves it.
  package func replaceValues(_ other: (GoValue) -> GoValue?) {
    for index in own.indices {
      if let value = other(own[index].value) { own[index].value = value }
    }
  }

  /// The number of entries.
  public var count: Int { original?.count ?? own.count }

  /// How Go writes the type: `map[string]interface {}`.
  public var typeName: String {
    switch type {
    case .any: "map[string]interface {}"
    case .string: "map[string]string"
    case .values: "chartutil.Values"
    }
  }

  /// The value of a key, nil if the map has no such key. Setting nil removes the entry.
  public subscript(key: [UInt8]) -> GoValue? {
    get { lookup(key, prefix: keyPrefix(key)) }
    set {
      if let original { return original[key] = newValue }
      let prefix = keyPrefix(key)
      let (index, isFound) = position(of: key, prefix: prefix)
      switch (newValue, isFound) {
      case (let value?, true): own[index].value = value
      case (let value?, false):
        own.insert(Entry(prefix: prefix, key: key, value: value), at: index)
      case (nil, true): own.remove(at: index)
      case (nil, false): break
      }
    }
  }

  /// The value of a key written as text.
  public subscript(text: String) -> GoValue? {
    get { self[Array(text.utf8)] }
    set { self[Array(text.utf8)] = newValue }
  }

  /// The value of a key whose prefix is known (see `keyPrefix`).
  @inline(__always)
  func lookup(_ key: [UInt8], prefix: UInt64) -> GoValue? {
    if let original { return original.lookup(key, prefix: prefix) }
    if let scope, prefix == Scope.fileKeyPrefix { scope.readCount.value += 1 }
    let (index, isFound) = position(of: key, prefix: prefix)
    return isFound ? own[index].value : nil
  }

  /// Where the key is, or where it would have to be.
  @inline(__always)
  private func position(of key: [UInt8], prefix: UInt64) -> (index: Int, isFound: Bool) {
    own.withUnsafeBufferPointer { entries in
      var low = 0
      var high = entries.count
      // What is read or written in order goes to the end.
      if high > 0, entries[high - 1].prefix < prefix { return (high, false) }
      while low < high {
        let middle = (low + high) / 2
        let other = entries[middle].prefix
        if other == prefix {
          let order = byteOrder(entries[middle].key, key)
          if order == 0 { return (middle, true) }
          if order < 0 { low = middle + 1 } else { high = middle }
        } else if other < prefix {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return (low, false)
    }
  }
}
