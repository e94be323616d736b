import Documents

/// A dictionary keyed by string values, by their bytes.
///
/// Swift's `Dictionary<String, _>` would compare by canonical equivalence, and hashing a `String`
/// costs five times as much.
struct NameTable<Content: Sendable>: @unchecked Sendable {
  private var table: [Int32]
  private var keys: [Value] = []
  private var contents: [Content] = []

  init() { table = Array(repeating: -1, count: 16) }

  /// The keys in the order they were put in.
  var names: [Value] { keys }
  var isEmpty: Bool { keys.isEmpty }

  /// The content under a name. Keys must outlive the table.
  subscript(name: Value) -> Content? {
    get {
      let mask = table.count - 1
      var slot = Self.hash(name) & mask
      while table[slot] >= 0 {
        let index = Int(table[slot])
        if keys[index].hasSameBytes(as: name) { return contents[index] }
        slot = (slot + 1) & mask
      }
      return nil
    }
    set {
      guard let newValue else { return }
      let mask = table.count - 1
      var slot = Self.hash(name) & mask
      while table[slot] >= 0 {
        let index = Int(table[slot])
        if keys[index].hasSameBytes(as: name) {
          contents[index] = newValue
          return
        }
        slot = (slot + 1) & mask
      }
      table[slot] = Int32(keys.count)
      keys.append(name)
      contents.append(newValue)
      if keys.count * 2 > table.count { grow() }
    }
  }

  private mutating func grow() {
    table = Array(repeating: -1, count: table.count * 2)
    let mask = table.count - 1
    for (index, key) in keys.enumerated() {
      var slot = Self.hash(key) & mask
      while table[slot] >= 0 { slot = (slot + 1) & mask }
      table[slot] = Int32(index)
    }
  }

  private static func hash(_ name: Value) -> Int {
    Int(truncatingIfNeeded: name.meta >> 48) ^ name.count
  }
}
