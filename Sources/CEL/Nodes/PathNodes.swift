import Documents

/// The way from a variable to a value below it, in one step: keys and constant indices.
struct PathSteps: @unchecked Sendable {
  let keys: UnsafePointer<Value>
  let count: Int
  /// Where each step ends in the source: an error ends with the step that failed.
  let ends: UnsafePointer<Int32>

  /// No step: the variable itself.
  static let none = PathSteps(
    keys: UnsafePointer(UnsafeMutablePointer.allocate(capacity: 1)), count: 0,
    ends: UnsafePointer(UnsafeMutablePointer.allocate(capacity: 1)))

  /// The value below `root`; errors carry the place of `node`.
  @inline(__always)
  func value(below root: Value, at node: Node, _ frame: Frame) -> Value {
    var value = root
    var index = 0
    while index < count {
      let key = keys[index]
      let next = key.isString ? value.lookup(key) : .absent
      if next.isAbsent {
        value = Path.slowStep(value, key, at: node, frame)
        if value.isError { return frame.shortened(value, at: node, end: ends[index]) }
      } else {
        value = next
      }
      index &+= 1
    }
    return value
  }
}

/// Single steps into values.
enum Path {
  /// `value[key]` with all rules; a map's missing key and every other failure is an error.
  @inline(never)
  static func slowStep(_ value: Value, _ key: Value, at node: Node, _ frame: Frame) -> Value {
    switch value.kind {
    case .map:
      let found = Equality.lookup(value, key)
      if !found.isAbsent { return found }
      switch key.kind {
      case .string, .int, .uint, .bool, .double: return frame.fail(.noSuchKey, at: node, key)
      case .error: return key
      default: return frame.fail(.unsupportedKey, at: node, key)
      }
    case .list:
      guard let index = index(key) else {
        return key.isError ? key : frame.fail(.noSuchOverload, at: node, value, key)
      }
      let elements = value.elements
      guard index >= 0, index < elements.count else {
        return frame.fail(.indexOutOfBounds, at: node, key)
      }
      return elements[index]
    case .box where value.isBox(.optional):
      guard let content = value.optionalContent else { return .none }
      return optionalStep(content, key, at: node, frame)
    case .error: return value
    default:
      if key.isError { return key }
      // Kubernetes' cel-go looks for the field in whatever is there: `null.x` lacks it.
      return frame.state.pointee.isLenient
        ? frame.fail(.noSuchKey, at: node, key)
        : frame.fail(.noSuchOverload, at: node, value, key)
    }
  }

  /// A list index of any number kind; nil when it is not a whole number.
  static func index(_ key: Value) -> Int? {
    switch key.kind {
    case .int: Int(key.intPayload)
    case .uint: Int(exactly: key.payload) ?? Int.max
    case .double: Int(exactly: key.doublePayload)
    default: nil
    }
  }

  /// `value[?key]`: an optional of what is there.
  static func optionalStep(_ value: Value, _ key: Value, at node: Node, _ frame: Frame) -> Value {
    switch value.kind {
    case .map:
      if key.isError { return key }
      let found = Equality.lookup(value, key)
      return found.isAbsent ? .none : frame.arena.optional(found)
    case .list:
      guard let index = index(key) else {
        return key.isError ? key : frame.fail(.noSuchOverload, at: node, value, key)
      }
      let elements = value.elements
      return elements.indices.contains(index) ? frame.arena.optional(elements[index]) : .none
    case .box where value.isBox(.optional):
      guard let content = value.optionalContent else { return .none }
      return optionalStep(content, key, at: node, frame)
    case .error: return value
    default:
      if frame.state.pointee.isLenient { return .none }
      return key.isError ? key : frame.fail(.noSuchOverload, at: node, value, key)
    }
  }

  /// `has(value.key)`.
  @inline(__always)
  static func has(_ value: Value, _ key: Value, at node: Node, _ frame: Frame) -> Value {
    if value.isKind(.map) { return .bool(!value.lookup(key).isAbsent) }
    return hasSlow(value, key, at: node, frame)
  }

  @inline(never)
  private static func hasSlow(_ value: Value, _ key: Value, at node: Node, _ frame: Frame) -> Value
  {
    if value.isError { return value }
    if value.isBox(.optional) {
      guard let content = value.optionalContent else { return .false }
      return has(content, key, at: node, frame)
    }
    return frame.state.pointee.isLenient ? .false : frame.fail(.noSuchOverload, at: node, value)
  }
}

/// A variable, and what is below it: `object.spec.replicas`.
final class VariablePathNode: Node, @unchecked Sendable {
  let slot: Int
  let name: Value
  let steps: PathSteps

  init(_ syntax: SyntaxTree.Node, slot: Int, name: Value, steps: PathSteps) {
    self.slot = slot
    self.name = name
    self.steps = steps
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    var root = frame.state.pointee.slots[slot]
    if root.isAbsent {
      root = frame.missingVariable(slot, self, name)
      if root.isError { return root }
    }
    return steps.value(below: root, at: self, frame)
  }
}

/// A loop or bind variable, and what is below it.
final class LocalPathNode: Node, @unchecked Sendable {
  let index: Int
  let steps: PathSteps

  init(_ syntax: SyntaxTree.Node, index: Int, steps: PathSteps) {
    self.index = index
    self.steps = steps
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    steps.value(below: frame.state.pointee.locals[index], at: self, frame)
  }
}

/// A bind variable: computed at its first use.
final class LazyLocalNode: Node, @unchecked Sendable {
  let index: Int
  let initial: Node

  init(_ syntax: SyntaxTree.Node, index: Int, initial: Node) {
    self.index = index
    self.initial = initial
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let known = frame.state.pointee.locals[index]
    if !known.isAbsent { return known }
    let value = initial.value(in: frame)
    frame.state.pointee.locals[index] = value
    return value
  }
}

/// `cel.bind`: forgets the variable's value, then evaluates the body.
final class BindNode: Node, @unchecked Sendable {
  let index: Int
  let body: Node

  init(_ syntax: SyntaxTree.Node, index: Int, body: Node) {
    self.index = index
    self.body = body
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    frame.state.pointee.locals[index] = .absent
    return body.value(in: frame)
  }
}

/// `cel.block`: all values in order, then the body. One that fails is an error where it is used.
///
/// Not at their first use, as `cel.bind`: a chain of thousands would recurse as deep.
final class BlockNode: Node, @unchecked Sendable {
  let values: [Node]
  let firstLocal: Int
  let body: Node

  init(_ syntax: SyntaxTree.Node, _ values: [Node], firstLocal: Int, body: Node) {
    self.values = values
    self.firstLocal = firstLocal
    self.body = body
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    for (offset, value) in values.enumerated() {
      let count = frame.log?.outcomes.count ?? 0
      frame.state.pointee.locals[firstLocal + offset] = value.value(in: frame)
      if let log = frame.log { log.locals[firstLocal + offset] = log.take(since: count).last }
    }
    return body.value(in: frame)
  }
}

/// `a.f`, `a['f']` below an expression that is no variable.
final class SelectNode: Node, @unchecked Sendable {
  let operand: Node
  let key: Value

  init(_ syntax: SyntaxTree.Node, _ operand: Node, _ key: Value) {
    self.operand = operand
    self.key = key
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    let found = value.lookup(key)
    return found.isAbsent ? Path.slowStep(value, key, at: self, frame) : found
  }
}

/// `a[b]`
final class IndexNode: Node, @unchecked Sendable {
  let operand: Node
  let key: Node

  init(_ syntax: SyntaxTree.Node, _ operand: Node, _ key: Node) {
    self.operand = operand
    self.key = key
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    if value.isError { return value }
    return Path.slowStep(value, key.value(in: frame), at: self, frame)
  }
}

/// `a.?f`, `a[?b]`
final class OptionalIndexNode: Node, @unchecked Sendable {
  let operand: Node
  let key: Node

  init(_ syntax: SyntaxTree.Node, _ operand: Node, _ key: Node) {
    self.operand = operand
    self.key = key
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    if value.isError { return value }
    return Path.optionalStep(value, key.value(in: frame), at: self, frame)
  }
}

/// `has(a.f)`
final class HasNode: Node, @unchecked Sendable {
  let operand: Node
  let key: Value

  init(_ syntax: SyntaxTree.Node, _ operand: Node, _ key: Value) {
    self.operand = operand
    self.key = key
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    Path.has(operand.value(in: frame), key, at: self, frame)
  }
}

/// `has(variables.x)` where `variables.x` is itself a variable: true, unless it fails.
final class HasVariableNode: Node, @unchecked Sendable {
  let variable: Node

  init(_ syntax: SyntaxTree.Node, _ variable: Node) {
    self.variable = variable
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = variable.value(in: frame)
    return value.isError ? value : .true
  }
}
