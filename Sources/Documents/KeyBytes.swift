/// A string value as a key of a Swift dictionary: equal by bytes.
struct KeyBytes: Hashable {
  let value: Value

  init(_ value: Value) { self.value = value }

  static func == (left: KeyBytes, right: KeyBytes) -> Bool {
    left.value.hasSameBytes(as: right.value)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(bytes: UnsafeRawBufferPointer(value.utf8))
  }
}

/// Whether two keys of a map are the same string: by pairs while few, through a table when many.
func hasEqualKeys(_ entries: UnsafeBufferPointer<MapEntry>) -> Bool {
  if entries.count > MapIndex.threshold {
    var seen = Set<KeyBytes>(minimumCapacity: entries.count)
    for entry in entries where !seen.insert(KeyBytes(entry.key)).inserted { return true }
    return false
  }
  var index = 1
  while index < entries.count {
    let key = entries[index].key
    var before = 0
    while before < index {
      if entries[before].key.hasSameBytes(as: key) { return true }
      before &+= 1
    }
    index &+= 1
  }
  return false
}
