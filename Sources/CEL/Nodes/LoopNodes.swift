import Documents

/// What the macros over a list or map share: the range and where the variables are.
class LoopNode: Node, @unchecked Sendable {
  final let range: Node
  /// The local of the element (of a list) or the key (of a map); with two variables, of the index
  /// or the key.
  final let first: Int
  /// The local of the element or value, of macros with two variables; else -1.
  final let second: Int

  init(_ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int) {
    self.range = range
    self.first = first
    self.second = second
    super.init(syntax)
  }

  /// Runs the body for each element until it returns false. Returns an error if the range cannot
  /// be iterated or there are too many steps.
  @inline(__always)
  final func forEach(_ frame: Frame, _ body: (Int) -> Bool) -> Value? {
    forEach(of: range.value(in: frame), frame, body)
  }

  @inline(__always)
  final func forEach(of range: Value, _ frame: Frame, _ body: (Int) -> Bool) -> Value? {
    let locals = frame.state.pointee.locals
    if range.isKind(.list) {
      let elements = range.elements
      var index = 0
      while index < elements.count {
        guard frame.spend(1) else { return frame.fail(.stepLimit, at: self) }
        if second < 0 {
          locals[first] = elements[index]
        } else {
          locals[first] = .int(Int64(index))
          locals[second] = elements[index]
        }
        if !body(index) { return nil }
        index &+= 1
      }
      return nil
    }
    if range.isKind(.map) {
      let entries = range.entries
      var index = 0
      while index < entries.count {
        guard frame.spend(1) else { return frame.fail(.stepLimit, at: self) }
        locals[first] = entries[index].key
        if second >= 0 { locals[second] = entries[index].value }
        if !body(index) { return nil }
        index &+= 1
      }
      return nil
    }
    return range.isError ? range : frame.fail(.notIterable, at: self, range)
  }
}

/// `all` and `exists`: stop at the first decisive element; errors count only if nothing decides.
final class QuantifierNode: LoopNode, @unchecked Sendable {
  let body: Node
  /// The value that decides: false for `all`, true for `exists`.
  let decisive: Bool

  init(
    _ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int, body: Node, decisive: Bool
  ) {
    self.body = body
    self.decisive = decisive
    super.init(syntax, range: range, first: first, second: second)
  }

  override func value(in frame: Frame) -> Value {
    let word: UInt64 = decisive ? 1 : 0
    var failure = Value.absent
    var isDecided = false
    let problem = forEach(frame) { _ in
      let value = body.value(in: frame)
      if value.isBool {
        isDecided = value.payload == word
        return !isDecided
      }
      if failure.isAbsent {
        failure = value.isError ? value : frame.fail(.noSuchOverload, at: self, value)
      }
      return true
    }
    if isDecided { return .bool(decisive) }
    if let problem { return problem }
    return failure.isAbsent ? .bool(!decisive) : failure
  }
}

/// `exists_one`: does not absorb errors.
final class ExistsOneNode: LoopNode, @unchecked Sendable {
  let body: Node

  init(_ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int, body: Node) {
    self.body = body
    super.init(syntax, range: range, first: first, second: second)
  }

  override func value(in frame: Frame) -> Value {
    var count = 0
    var failure = Value.absent
    let problem = forEach(frame) { _ in
      let value = body.value(in: frame)
      guard value.isBool else {
        failure = value.isError ? value : frame.fail(.noSuchOverload, at: self, value)
        return false
      }
      if value.payload != 0 { count &+= 1 }
      return true
    }
    if let problem { return problem }
    return failure.isAbsent ? .bool(count == 1) : failure
  }
}

/// `map`, `filter`, `transformList`: a list of results, of the elements that pass the condition.
final class ListLoopNode: LoopNode, @unchecked Sendable {
  let condition: Node?
  /// Nil: the element itself.
  let body: Node?

  init(
    _ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int, condition: Node?, body: Node?
  ) {
    self.condition = condition
    self.body = body
    super.init(syntax, range: range, first: first, second: second)
  }

  override func value(in frame: Frame) -> Value {
    let range = range.value(in: frame)
    if range.count == 0, range.isKind(.list) || range.isKind(.map) { return .emptyList }
    let memory = frame.arena.allocate(byteCount: range.isError ? 0 : range.count * 16)
      .assumingMemoryBound(to: Value.self)
    let locals = frame.state.pointee.locals
    var count = 0
    var failure = Value.absent
    let problem = forEach(of: range, frame) { _ in
      if let condition {
        let passes = condition.value(in: frame)
        guard passes.isBool else {
          failure = passes.isError ? passes : frame.fail(.noSuchOverload, at: self, passes)
          return false
        }
        if passes.payload == 0 { return true }
      }
      let value = body?.value(in: frame) ?? locals[first]
      if value.isError {
        failure = value
        return false
      }
      memory[count] = value
      count &+= 1
      return true
    }
    if let problem { return problem }
    if !failure.isAbsent { return failure }
    return .list(UnsafeBufferPointer(start: memory, count: count))
  }
}

/// `size(x.filter(…))`: counts without making the list.
final class CountNode: Node, @unchecked Sendable {
  let loop: ListLoopNode

  init(_ syntax: SyntaxTree.Node, _ loop: ListLoopNode) {
    self.loop = loop
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    guard let condition = loop.condition else { return .int(0) }
    var count: Int64 = 0
    var failure = Value.absent
    let problem = loop.forEach(frame) { _ in
      let passes = condition.value(in: frame)
      guard passes.isBool else {
        failure = passes.isError ? passes : frame.fail(.noSuchOverload, at: loop, passes)
        return false
      }
      if passes.payload != 0 { count &+= 1 }
      return true
    }
    if let problem { return problem }
    return failure.isAbsent ? .int(count) : failure
  }
}

/// `transformMap`, `transformMapEntry`
final class MapLoopNode: LoopNode, @unchecked Sendable {
  let condition: Node?
  let body: Node
  /// Whether the body makes an entry, not a value.
  let makesEntries: Bool

  init(
    _ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int, condition: Node?, body: Node,
    makesEntries: Bool
  ) {
    self.condition = condition
    self.body = body
    self.makesEntries = makesEntries
    super.init(syntax, range: range, first: first, second: second)
  }

  override func value(in frame: Frame) -> Value {
    let range = range.value(in: frame)
    var builder = MapBuilder(capacity: range.isError ? 1 : min(range.count, 1 << 20), frame)
    let locals = frame.state.pointee.locals
    var failure = Value.absent
    let problem = forEach(of: range, frame) { _ in
      if let condition {
        let passes = condition.value(in: frame)
        guard passes.isBool else {
          failure = passes.isError ? passes : frame.fail(.noSuchOverload, at: self, passes)
          return false
        }
        if passes.payload == 0 { return true }
      }
      let key = locals[first]
      let value = body.value(in: frame)
      if value.isError {
        failure = value
      } else if !makesEntries {
        if let code = builder.insert(key, value, isStrict: true) {
          failure = frame.fail(code, at: self, key)
        }
      } else if value.isKind(.map) {
        for entry in value.entries {
          if let code = builder.insert(entry.key, entry.value, isStrict: true) {
            failure = frame.fail(code, at: self, entry.key)
          }
        }
      } else {
        failure = frame.fail(.noSuchOverload, at: self, value)
      }
      return failure.isAbsent
    }
    if let problem { return problem }
    return failure.isAbsent ? builder.map : failure
  }
}

/// `optMap`, `optFlatMap`
final class OptionalMapNode: Node, @unchecked Sendable {
  let target: Node
  let local: Int
  let body: Node
  let isFlat: Bool

  init(_ syntax: SyntaxTree.Node, _ target: Node, local: Int, body: Node, isFlat: Bool) {
    self.target = target
    self.local = local
    self.body = body
    self.isFlat = isFlat
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let target = target.value(in: frame)
    guard target.isBox(.optional) else {
      return target.isError ? target : frame.fail(.noSuchOverload, at: self, target)
    }
    guard let content = target.optionalContent else { return .none }
    frame.state.pointee.locals[local] = content
    let value = body.value(in: frame)
    if value.isError || isFlat { return value }
    return frame.arena.optional(value)
  }
}

/// `a.or(b)`, `a.orValue(b)`
final class OptionalOrNode: Node, @unchecked Sendable {
  let first: Node
  let second: Node
  let givesValue: Bool

  init(_ syntax: SyntaxTree.Node, _ first: Node, _ second: Node, givesValue: Bool) {
    self.first = first
    self.second = second
    self.givesValue = givesValue
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = first.value(in: frame)
    guard value.isBox(.optional) else {
      return value.isError ? value : frame.fail(.noSuchOverload, at: self, value)
    }
    if let content = value.optionalContent { return givesValue ? content : value }
    let other = second.value(in: frame)
    if givesValue || other.isError || other.isBox(.optional) { return other }
    return frame.fail(.noSuchOverload, at: self, value, other)
  }
}

/// `x.sortBy(e, key)`
final class SortByNode: LoopNode, @unchecked Sendable {
  let body: Node

  init(_ syntax: SyntaxTree.Node, range: Node, first: Int, body: Node) {
    self.body = body
    super.init(syntax, range: range, first: first, second: -1)
  }

  override func value(in frame: Frame) -> Value {
    let range = range.value(in: frame)
    guard range.isKind(.list) else {
      return range.isError ? range : frame.fail(.noSuchOverload, at: self, range)
    }
    var keys: [Value] = []
    keys.reserveCapacity(range.count)
    var failure = Value.absent
    let problem = forEach(of: range, frame) { _ in
      let key = body.value(in: frame)
      if key.isError { failure = key }
      keys.append(key)
      return failure.isAbsent
    }
    if let problem { return problem }
    if !failure.isAbsent { return failure }
    let sorted = Sorting.sorted(range.elements, by: keys, frame)
    return sorted.isError ? frame.placed(sorted, at: self) : sorted
  }
}

/// Stable sorting by keys of one kind.
enum Sorting {
  static func sorted(
    _ elements: UnsafeBufferPointer<Value>, by keys: [Value], _ frame: Frame
  ) -> Value {
    for key in keys {
      guard let order = Equality.order(keys[0], key), order != .unordered || keys.count == 1,
        key.meta & (0xFF << 32) == keys[0].meta & (0xFF << 32)
      else {
        return frame.error("list elements must have the same comparable type")
      }
    }
    guard frame.spend(keys.count &* 8) else { return frame.error(.stepLimit) }
    let indices = keys.indices.sorted {
      let order = Equality.order(keys[$0], keys[$1])
      return order == .less || order == .equal && $0 < $1
    }
    return frame.arena.list(indices.map { elements[$0] })
  }
}
