import Documents

/// `a == b`, `a != b`
final class EqualNode: Node, @unchecked Sendable {
  let left: Node
  let right: Node
  let isNegated: Bool

  init(_ syntax: SyntaxTree.Node, _ left: Node, _ right: Node, isNegated: Bool) {
    self.left = left
    self.right = right
    self.isNegated = isNegated
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let first = left.value(in: frame)
    if first.isError { return first }
    let second = right.value(in: frame)
    if second.isError { return second }
    if first.isKind(.box), first.isBox(.omitted) || second.isBox(.omitted) {
      return omittedOperand(frame)
    }
    let areEqual = Equality.areEqual(first, second, frame)
    return frame.state.pointee.remainingSteps < 0
      ? frame.fail(.stepLimit, at: self) : .bool(areEqual != isNegated)
  }
}

/// `a == 'text'`, `a != 5`: with a string, int or bool constant.
final class EqualConstantNode: Node, @unchecked Sendable {
  let operand: Node
  let other: Value
  let isNegated: Bool

  init(_ syntax: SyntaxTree.Node, _ operand: Node, _ other: Value, isNegated: Bool) {
    self.operand = operand
    self.other = other
    self.isNegated = isNegated
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value { result(operand.value(in: frame), frame) }

  @inline(__always)
  func result(_ value: Value, _ frame: Frame) -> Value {
    if other.isString, value.isString { return .bool(value.hasSameBytes(as: other) != isNegated) }
    if value.isError { return value }
    if value.isBox(.omitted) { return omittedOperand(frame) }
    return .bool(Equality.areEqual(value, other, frame) != isNegated)
  }
}

extension Node {
  /// What comes of comparing with kro's `omit()`.
  @inline(never)
  fileprivate func omittedOperand(_ frame: Frame) -> Value {
    frame.placed(
      frame.error("omit() is a field-removal sentinel and cannot be compared"), at: self)
  }
}

/// `<`, `<=`, `>`, `>=`
enum Relation: UInt8 {
  case less, lessEqual, greater, greaterEqual

  @inline(__always)
  func holds(_ left: Int64, _ right: Int64) -> Bool {
    switch self {
    case .less: left < right
    case .lessEqual: left <= right
    case .greater: left > right
    case .greaterEqual: left >= right
    }
  }

  func holds(_ order: Numbers.Order) -> Bool {
    switch self {
    case .less: order == .less
    case .lessEqual: order == .less || order == .equal
    case .greater: order == .greater
    case .greaterEqual: order == .greater || order == .equal
    }
  }

  @inline(never)
  func slow(
    _ left: Value, _ right: Value, at node: Node, failsForNaN: Bool, _ frame: Frame
  ) -> Value {
    if left.isError { return left }
    if right.isError { return right }
    guard let order = Equality.order(left, right) else {
      return frame.fail(.noSuchOverload, at: node, left, right)
    }
    if order == .unordered, failsForNaN {
      return frame.placed(frame.error("NaN values cannot be ordered"), at: node)
    }
    return .bool(holds(order))
  }
}

/// `a < b` and the like.
final class RelationNode: Node, @unchecked Sendable {
  let relation: Relation
  let left: Node
  let right: Node
  let failsForNaN: Bool

  init(
    _ syntax: SyntaxTree.Node, _ relation: Relation, _ left: Node, _ right: Node,
    failsForNaN: Bool
  ) {
    self.relation = relation
    self.left = left
    self.right = right
    self.failsForNaN = failsForNaN
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let first = left.value(in: frame)
    if first.isError { return first }
    let second = right.value(in: frame)
    if first.isKind(.int), second.isKind(.int) {
      return .bool(relation.holds(first.intPayload, second.intPayload))
    }
    return relation.slow(first, second, at: self, failsForNaN: failsForNaN, frame)
  }
}

/// `a < 5` and the like: with an int constant.
final class RelationToIntNode: Node, @unchecked Sendable {
  let relation: Relation
  let operand: Node
  let other: Int64
  let failsForNaN: Bool

  init(
    _ syntax: SyntaxTree.Node, _ relation: Relation, _ operand: Node, _ other: Int64,
    failsForNaN: Bool
  ) {
    self.relation = relation
    self.operand = operand
    self.other = other
    self.failsForNaN = failsForNaN
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    if value.isKind(.int) { return .bool(relation.holds(value.intPayload, other)) }
    return relation.slow(value, .int(other), at: self, failsForNaN: failsForNaN, frame)
  }
}

/// `a in b`
final class ContainsNode: Node, @unchecked Sendable {
  let element: Node
  let range: Node

  init(_ syntax: SyntaxTree.Node, _ element: Node, _ range: Node) {
    self.element = element
    self.range = range
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let element = element.value(in: frame)
    if element.isError { return element }
    let range = range.value(in: frame)
    switch range.kind {
    case .list:
      guard frame.spend(range.count) else { return frame.fail(.stepLimit, at: self) }
      for candidate in range.elements where Equality.areEqual(candidate, element, frame) {
        return .true
      }
      return .false
    case .map: return .bool(!Equality.lookup(range, element).isAbsent)
    case .error: return range
    default: return frame.fail(.noSuchOverload, at: self, element, range)
    }
  }
}

/// `a in ['x', 'y']`: with a list of string constants, held as the keys of a map.
final class ContainsConstantNode: Node, @unchecked Sendable {
  let element: Node
  let set: Value

  init(_ syntax: SyntaxTree.Node, _ element: Node, set: Value) {
    self.element = element
    self.set = set
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let element = element.value(in: frame)
    if element.isString { return .bool(!set.lookup(element).isAbsent) }
    return element.isError ? element : .false
  }
}
