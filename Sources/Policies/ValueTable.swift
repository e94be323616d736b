import Documents

/// A table from string values to elements: found by bytes, without making a text.
///
/// Keys must outlive the table: they are not copied.
struct ValueTable<Element> {
  private(set) var keys: [Value] = []
  private(set) var elements: [Element] = []
  /// Open addressing: an index into `keys` plus one, or 0.
  private var slots = [UInt32](repeating: 0, count: 16)

  /// The index of a key; nil when it is not there.
  func index(of key: Value) -> Int? {
    var slot = ValueTable.hash(key) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if keys[index].hasSameBytes(as: key) { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The element of a key; setting nil is not supported.
  subscript(key: Value) -> Element? { index(of: key).map { elements[$0] } }

  /// Sets the element of a key and answers its index.
  @discardableResult
  mutating func set(_ element: Element, for key: Value) -> Int {
    if let index = index(of: key) {
      elements[index] = element
      return index
    }
    keys.append(key)
    elements.append(element)
    if keys.count * 2 > slots.count {
      slots = [UInt32](repeating: 0, count: slots.count * 2)
      for index in keys.indices { occupy(index) }
    } else {
      occupy(keys.count - 1)
    }
    return keys.count - 1
  }

  /// Changes the element at an index.
  mutating func update(_ index: Int, _ change: (inout Element) -> Void) { change(&elements[index]) }

  private mutating func occupy(_ index: Int) {
    var slot = ValueTable.hash(keys[index]) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(truncatingIfNeeded: index + 1)
  }

  /// FNV-1a over all bytes: names are short.
  private static func hash(_ key: Value) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash ^= hash >> 29
    return Int(truncatingIfNeeded: hash & 0x7FFF_FFFF)
  }
}

extension ValueTable: Sendable where Element: Sendable {}
