import Documents

/// `a && b && …`: false if any is false, whatever the others are; else the first error.
final class AndNode: Node, @unchecked Sendable {
  let first: Node
  let second: Node
  let rest: [Node]

  init(_ syntax: SyntaxTree.Node, _ operands: [Node]) {
    first = operands[0]
    second = operands[1]
    rest = Array(operands.dropFirst(2))
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let left = first.value(in: frame)
    if left.isBool, left.payload == 0 { return left }
    let right = second.value(in: frame)
    if right.isBool, right.payload == 0 { return right }
    if left.isBool, right.isBool, rest.isEmpty { return right }
    return slow(left, right, frame)
  }

  private func slow(_ left: Value, _ right: Value, _ frame: Frame) -> Value {
    var failure = Logic.failure(left, Logic.failure(right, nil, self, frame), self, frame)
    for operand in rest {
      let value = operand.value(in: frame)
      if value.isBool, value.payload == 0 { return value }
      failure = failure ?? Logic.failure(value, nil, self, frame)
    }
    return failure ?? .true
  }
}

/// `a || b || …`: true if any is true, whatever the others are; else the first error.
final class OrNode: Node, @unchecked Sendable {
  let first: Node
  let second: Node
  let rest: [Node]

  init(_ syntax: SyntaxTree.Node, _ operands: [Node]) {
    first = operands[0]
    second = operands[1]
    rest = Array(operands.dropFirst(2))
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let left = first.value(in: frame)
    if left.isTrue { return left }
    let right = second.value(in: frame)
    if right.isTrue { return right }
    if left.isBool, right.isBool, rest.isEmpty { return right }
    return slow(left, right, frame)
  }

  private func slow(_ left: Value, _ right: Value, _ frame: Frame) -> Value {
    var failure = Logic.failure(left, Logic.failure(right, nil, self, frame), self, frame)
    for operand in rest {
      let value = operand.value(in: frame)
      if value.isTrue { return value }
      failure = failure ?? Logic.failure(value, nil, self, frame)
    }
    return failure ?? .false
  }
}

enum Logic {
  /// What is wrong with an operand: its error, or that it is no bool; else `other`.
  static func failure(_ value: Value, _ other: Value?, _ node: Node, _ frame: Frame) -> Value? {
    if value.isBool { return other }
    return value.isError ? value : frame.fail(.noSuchOverload, at: node, value)
  }
}

/// `!a`
final class NotNode: Node, @unchecked Sendable {
  let operand: Node

  init(_ syntax: SyntaxTree.Node, _ operand: Node) {
    self.operand = operand
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    if value.isBool { return .bool(value.payload == 0) }
    return value.isError ? value : frame.fail(.noSuchOverload, at: self, value)
  }
}

/// `c ? a : b`
final class ConditionalNode: Node, @unchecked Sendable {
  let condition: Node
  let first: Node
  let second: Node

  init(_ syntax: SyntaxTree.Node, _ condition: Node, _ first: Node, _ second: Node) {
    self.condition = condition
    self.first = first
    self.second = second
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = condition.value(in: frame)
    guard value.isBool else {
      return value.isError ? value : frame.fail(.noSuchOverload, at: self, value)
    }
    return value.payload != 0 ? first.value(in: frame) : second.value(in: frame)
  }
}
