import Documents

/// `[a, ?b]`
final class ListNode: Node, @unchecked Sendable {
  let elements: [Node]
  let optionals: [Bool]
  let hasOptionals: Bool

  init(_ syntax: SyntaxTree.Node, _ elements: [Node], optionals: [Bool]) {
    self.elements = elements
    self.optionals = optionals
    hasOptionals = optionals.contains(true)
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let memory = frame.arena.allocate(byteCount: elements.count * 16)
      .assumingMemoryBound(to: Value.self)
    var count = 0
    for index in elements.indices {
      var value = elements[index].value(in: frame)
      if value.isError { return value }
      if hasOptionals, optionals[index] {
        guard value.isBox(.optional) else { return frame.fail(.noSuchOverload, at: self, value) }
        guard let content = value.optionalContent else { continue }
        value = content
      }
      memory[count] = value
      count += 1
    }
    guard frame.spend(count) else { return frame.fail(.stepLimit, at: self) }
    return count == 0 ? .emptyList : .list(UnsafeBufferPointer(start: memory, count: count))
  }
}

/// `{a: b, ?c: d}`
final class MapNode: Node, @unchecked Sendable {
  let keys: [Node]
  let values: [Node]
  let optionals: [Bool]
  let isStrict: Bool

  /// `isStrict`: a repeated key is an error; else the last holds, as in Kubernetes.
  init(_ syntax: SyntaxTree.Node, keys: [Node], values: [Node], optionals: [Bool], isStrict: Bool) {
    self.keys = keys
    self.values = values
    self.optionals = optionals
    self.isStrict = isStrict
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    var builder = MapBuilder(capacity: keys.count, frame)
    for index in keys.indices {
      let key = keys[index].value(in: frame)
      if key.isError { return key }
      var value = values[index].value(in: frame)
      if value.isError { return value }
      if optionals[index] {
        guard value.isBox(.optional) else { return frame.fail(.noSuchOverload, at: self, value) }
        guard let content = value.optionalContent else { continue }
        value = content
      }
      if let code = builder.insert(key, value, isStrict: isStrict) {
        return frame.fail(code, at: keys[index], key)
      }
    }
    return builder.map
  }
}

/// Puts entries together into a map, watching for repeated keys.
struct MapBuilder {
  private let frame: Frame
  private var entries: UnsafeMutablePointer<MapEntry>
  private var capacity: Int
  private var count = 0
  /// Where keys are, once there are many.
  private var index: NameTable<Int>?

  init(capacity: Int, _ frame: Frame) {
    self.frame = frame
    self.capacity = max(capacity, 1)
    entries = frame.arena.allocate(byteCount: self.capacity * 32)
      .assumingMemoryBound(to: MapEntry.self)
  }

  var map: Value { frame.arena.map(UnsafeBufferPointer(start: entries, count: count)) }

  /// Adds an entry; what is wrong with it otherwise.
  mutating func insert(_ key: Value, _ value: Value, isStrict: Bool) -> ErrorCode? {
    switch key.kind {
    case .string, .int, .uint, .bool: break
    default:
      if isStrict || key.kind != .double && key.kind != .null { return .unsupportedKey }
    }
    if let known = position(of: key) {
      if isStrict { return .duplicateKey }
      entries[known].value = value
      return nil
    }
    guard frame.spend(1 + (key.isString ? 0 : count >> 3)) else { return .stepLimit }
    if count == capacity { grow() }
    entries[count] = MapEntry(key: key, value: value)
    if key.isString { index?[key] = count }
    count += 1
    if count == 32 { makeIndex() }
    return nil
  }

  private func position(of key: Value) -> Int? {
    if key.isString {
      if let index { return index[key] }
      for position in 0..<count where entries[position].key.hasSameBytes(as: key) {
        return position
      }
      return nil
    }
    for position in 0..<count where Equality.areEqual(entries[position].key, key, frame) {
      return position
    }
    return nil
  }

  private mutating func makeIndex() {
    var table = NameTable<Int>()
    for position in 0..<count where entries[position].key.isString {
      table[entries[position].key] = position
    }
    index = table
  }

  private mutating func grow() {
    let larger = frame.arena.allocate(byteCount: capacity * 64)
      .assumingMemoryBound(to: MapEntry.self)
    larger.update(from: entries, count: count)
    entries = larger
    capacity *= 2
  }
}
