import Documents

#if canImport(Glibc)
  import Glibc
#endif

/// Equality, order and lookup by CEL's rules: numbers compare across kinds, other kinds differ.
enum Equality {
  /// Deeper than any document or expression can nest.
  static let maximumDepth = 600

  @inline(__always)
  static func areEqual(_ left: Value, _ right: Value, _ frame: Frame) -> Bool {
    let kind = left.kind
    if kind == right.kind {
      switch kind {
      case .int, .uint, .bool: return left.payload == right.payload
      case .string, .bytes: return left.hasSameBytes(as: right)
      case .null: return true
      default: break
      }
    }
    return areEqualSlow(left, right, frame, 0)
  }

  @inline(never)
  static func areEqualSlow(_ left: Value, _ right: Value, _ frame: Frame, _ depth: Int) -> Bool {
    switch (left.kind, right.kind) {
    case (.null, .null): return true
    case (.bool, .bool): return left.payload == right.payload
    case (.string, .string), (.bytes, .bytes): return left.hasSameBytes(as: right)
    case (.list, .list):
      let first = left.elements
      let second = right.elements
      guard first.count == second.count, depth < maximumDepth, frame.spend(first.count)
      else { return false }
      for index in first.indices
      where !areEqualSlow(first[index], second[index], frame, depth + 1) { return false }
      return true
    case (.map, .map):
      guard left.count == right.count, depth < maximumDepth, frame.spend(left.count)
      else { return false }
      for entry in left.entries {
        let other = lookup(right, entry.key)
        if other.isAbsent || !areEqualSlow(entry.value, other, frame, depth + 1) { return false }
      }
      return true
    case (.box, .box): return Boxes.areEqual(left, right, frame, depth)
    default:
      return Numbers.compare(left, right) == .equal
    }
  }

  /// The value under a key of any kind; `.absent` when it is not there or this is no map.
  @inline(__always)
  static func lookup(_ map: Value, _ key: Value) -> Value {
    key.isString ? map.lookup(key) : lookupOther(map, key)
  }

  @inline(never)
  private static func lookupOther(_ map: Value, _ key: Value) -> Value {
    switch key.kind {
    case .bool:
      for entry in map.entries where entry.key.meta == key.meta && entry.key.payload == key.payload
      {
        return entry.value
      }
    case .int, .uint, .double:
      for entry in map.entries where Numbers.compare(entry.key, key) == .equal {
        return entry.value
      }
    default: break
    }
    return .absent
  }

  /// The order of two values; nil when they have none.
  static func order(_ left: Value, _ right: Value) -> Numbers.Order? {
    switch (left.kind, right.kind) {
    case (.string, .string), (.bytes, .bytes): return bytesOrder(left, right)
    case (.bool, .bool):
      return left.payload == right.payload
        ? .equal : left.payload < right.payload ? .less : .greater
    case (.box, .box): return Boxes.order(left, right)
    default: return Numbers.compare(left, right)
    }
  }

  static func bytesOrder(_ left: Value, _ right: Value) -> Numbers.Order {
    let common = min(left.count, right.count)
    if common > 0, let first = UnsafeRawPointer(bitPattern: UInt(left.payload)),
      let second = UnsafeRawPointer(bitPattern: UInt(right.payload))
    {
      let order = memcmp(first, second, common)
      if order != 0 { return order < 0 ? .less : .greater }
    }
    return left.count == right.count ? .equal : left.count < right.count ? .less : .greater
  }
}

/// Equality and order of boxed values.
enum Boxes {
  static func areEqual(_ left: Value, _ right: Value, _ frame: Frame, _ depth: Int) -> Bool {
    guard left.meta == right.meta, let kind = left.boxKind else { return false }
    switch kind {
    case .duration: return left.payload == right.payload
    case .timestamp: return left.instant == right.instant
    case .type: return left.typeNameValue.hasSameBytes(as: right.typeNameValue)
    case .optional:
      guard let first = left.optionalContent, let second = right.optionalContent else {
        return left.payload == right.payload
      }
      return depth < Equality.maximumDepth
        && Equality.areEqualSlow(first, second, frame, depth + 1)
    default: return BoxLibrary.areEqual(kind, left, right)
    }
  }

  static func order(_ left: Value, _ right: Value) -> Numbers.Order? {
    guard left.meta == right.meta else { return nil }
    if left.isBox(.duration) {
      return Numbers.order(left.durationNanoseconds, right.durationNanoseconds)
    }
    if left.isBox(.timestamp) {
      let (first, second) = (left.instant, right.instant)
      return first == second ? .equal : first < second ? .less : .greater
    }
    return nil
  }
}
