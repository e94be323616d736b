import Documents

/// A call of a function of one argument.
final class UnaryCallNode: Node, @unchecked Sendable {
  let overloads: [Function]
  let body: Function.One
  let kinds: KindSet
  let argument: Node

  /// `body` is the first overload's, or one prepared for constants.
  init(
    _ syntax: SyntaxTree.Node, _ overloads: [Function], _ body: @escaping Function.One,
    _ argument: Node
  ) {
    self.overloads = overloads
    self.body = body
    kinds = overloads[0].firstKinds
    self.argument = argument
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value { result(argument.value(in: frame), frame) }

  /// The result for a value of the argument.
  @inline(__always)
  func result(_ value: Value, _ frame: Frame) -> Value {
    if kinds.contains(value) {
      let result = body(value, frame)
      return result.isError ? frame.placed(result, at: self) : result
    }
    if value.isError { return value }
    return Call.dispatch(value, overloads, at: self, frame)
  }
}

/// A call of a function of two arguments, or of a method with one.
final class BinaryCallNode: Node, @unchecked Sendable {
  let overloads: [Function]
  let body: Function.Two
  let firstKinds: KindSet
  let secondKinds: KindSet
  let first: Node
  let second: Node

  init(
    _ syntax: SyntaxTree.Node, _ overloads: [Function], _ body: @escaping Function.Two,
    _ first: Node, _ second: Node
  ) {
    self.overloads = overloads
    self.body = body
    firstKinds = overloads[0].firstKinds
    secondKinds = overloads[0].secondKinds
    self.first = first
    self.second = second
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let left = first.value(in: frame)
    if left.isError { return left }
    return result(left, second.value(in: frame), frame)
  }

  /// The result for values of the arguments, the first of which is no error.
  @inline(__always)
  func result(_ left: Value, _ right: Value, _ frame: Frame) -> Value {
    if firstKinds.contains(left), secondKinds.contains(right) {
      let result = body(left, right, frame)
      return result.isError ? frame.placed(result, at: self) : result
    }
    if right.isError { return right }
    return Call.dispatch(left, right, overloads, at: self, frame)
  }
}

/// Any other call.
final class CallNode: Node, @unchecked Sendable {
  let overloads: [Function]
  let prepared: Function.Body?
  let arguments: [Node]

  init(
    _ syntax: SyntaxTree.Node, _ overloads: [Function], _ arguments: [Node],
    prepared: Function.Body?
  ) {
    self.overloads = overloads
    self.prepared = prepared
    self.arguments = arguments
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let memory = frame.arena.allocate(byteCount: arguments.count * 16)
      .assumingMemoryBound(to: Value.self)
    for index in arguments.indices {
      let value = arguments[index].value(in: frame)
      if value.isError { return value }
      memory[index] = value
    }
    let values = UnsafeBufferPointer(start: memory, count: arguments.count)
    if let prepared, overloads[0].accepts(values) {
      return Call.placed(Call.run(prepared, values, frame), at: self, frame)
    }
    return Call.dispatch(values, overloads, at: self, frame)
  }
}

enum Call {
  /// Calls the first overload that takes an argument of this kind.
  @inline(never)
  static func dispatch(
    _ argument: Value, _ overloads: [Function], at node: Node, _ frame: Frame
  ) -> Value {
    for overload in overloads where overload.firstKinds.contains(argument) {
      guard case .one(let body) = overload.body else { continue }
      return placed(body(argument, frame), at: node, frame)
    }
    return frame.fail(.noSuchOverload, at: node, argument)
  }

  /// Calls the first overload that takes arguments of these kinds.
  @inline(never)
  static func dispatch(
    _ first: Value, _ second: Value, _ overloads: [Function], at node: Node, _ frame: Frame
  ) -> Value {
    for overload in overloads
    where overload.firstKinds.contains(first) && overload.secondKinds.contains(second) {
      guard case .two(let body) = overload.body else { continue }
      return placed(body(first, second, frame), at: node, frame)
    }
    return frame.fail(.noSuchOverload, at: node, first, second)
  }

  static func dispatch(
    _ arguments: UnsafeBufferPointer<Value>, _ overloads: [Function], at node: Node,
    _ frame: Frame
  ) -> Value {
    for overload in overloads where overload.accepts(arguments) {
      return placed(run(overload.body, arguments, frame), at: node, frame)
    }
    return frame.fail(
      .noSuchOverload, at: node, arguments.first ?? .absent,
      arguments.count > 1 ? arguments[1] : .absent)
  }

  static func placed(_ result: Value, at node: Node, _ frame: Frame) -> Value {
    result.isError ? frame.placed(result, at: node) : result
  }

  @inline(__always)
  static func run(
    _ body: Function.Body, _ arguments: UnsafeBufferPointer<Value>, _ frame: Frame
  ) -> Value {
    switch body {
    case .one(let body): body(arguments[0], frame)
    case .two(let body): body(arguments[0], arguments[1], frame)
    case .many(let body): body(arguments, frame)
    }
  }
}
