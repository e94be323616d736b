import Documents

/// A value that is compared by what it holds: the order of map entries does not count, and whole
/// numbers are equal to the same number with a fraction of zero.
struct DeepValue: Hashable {
  let value: Value

  static func == (left: DeepValue, right: DeepValue) -> Bool {
    areEqual(left.value, right.value)
  }

  func hash(into hasher: inout Hasher) {
    switch value.kind {
    case .string, .bytes: hasher.combine(bytes: UnsafeRawBufferPointer(value.utf8))
    case .int, .uint, .double: hasher.combine(number(value))
    case .bool: hasher.combine(value.payload)
    case .list:
      hasher.combine(value.count)
      for element in value.elements { DeepValue(value: element).hash(into: &hasher) }
    case .map: hasher.combine(value.count)
    default: hasher.combine(value.meta)
    }
  }
}

/// Whether two values hold the same.
func areEqual(_ left: Value, _ right: Value) -> Bool {
  switch (left.kind, right.kind) {
  case (.int, .int): return left.intPayload == right.intPayload
  case (.int, .uint), (.int, .double), (.uint, .int), (.uint, .uint), (.uint, .double),
    (.double, .int), (.double, .uint), (.double, .double):
    return number(left) == number(right)
  case (.bool, .bool): return left.payload == right.payload
  case (.null, .null), (.absent, .absent): return true
  case (.string, .string): return left.hasSameBytes(as: right)
  case (.bytes, .bytes):
    return left.count == right.count && zip(left.utf8, right.utf8).allSatisfy { $0 == $1 }
  case (.list, .list):
    return left.count == right.count
      && zip(left.elements, right.elements).allSatisfy { areEqual($0, $1) }
  case (.map, .map):
    return left.count == right.count
      && left.entries.allSatisfy { entry in
        let other = right.lookup(entry.key)
        return !other.isAbsent && areEqual(entry.value, other)
      }
  default: return false
  }
}

private func number(_ value: Value) -> Double {
  switch value.kind {
  case .int: Double(value.intPayload)
  case .uint: Double(value.payload)
  default: value.doublePayload
  }
}

/// The index of the first element that equals an earlier one, and that one's index; nil when all
/// differ. Elements are compared by the fields of the given names, or as a whole without names.
func firstDuplicate(
  _ elements: UnsafeBufferPointer<Value>, by keys: UnsafeBufferPointer<Value>?
) -> (index: Int, earlier: Int)? {
  // Pairs cost less than a table up to here, and make no garbage.
  guard elements.count > 12 else {
    for index in elements.indices.dropFirst() {
      for earlier in 0..<index where isSame(elements[earlier], elements[index], keys) {
        return (index, earlier)
      }
    }
    return nil
  }
  var seen: [[DeepValue]: Int] = [:]
  seen.reserveCapacity(elements.count)
  for (index, element) in elements.enumerated() {
    let key = keys?.map { DeepValue(value: element.lookup($0)) } ?? [DeepValue(value: element)]
    if let earlier = seen.updateValue(index, forKey: key) { return (index, earlier) }
  }
  return nil
}

private func isSame(_ left: Value, _ right: Value, _ keys: UnsafeBufferPointer<Value>?) -> Bool {
  guard let keys else { return areEqual(left, right) }
  return keys.allSatisfy { areEqual(left.lookup($0), right.lookup($0)) }
}
