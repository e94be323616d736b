import Documents

/// `+`, `-`, `*`, `/`, `%`
enum Arithmetic: UInt8 {
  case add, subtract, multiply, divide, modulo

  /// The result for two ints.
  @inline(__always)
  func ints(_ left: Int64, _ right: Int64, at node: Node, _ frame: Frame) -> Value {
    let (result, overflow): (Int64, Bool)
    switch self {
    case .add: (result, overflow) = left.addingReportingOverflow(right)
    case .subtract: (result, overflow) = left.subtractingReportingOverflow(right)
    case .multiply: (result, overflow) = left.multipliedReportingOverflow(by: right)
    case .divide:
      if right == 0 { return frame.fail(.divisionByZero, at: node) }
      (result, overflow) = left.dividedReportingOverflow(by: right)
    case .modulo:
      if right == 0 { return frame.fail(.modulusByZero, at: node) }
      (result, overflow) = left.remainderReportingOverflow(dividingBy: right)
    }
    return overflow ? frame.fail(.intOverflow, at: node) : .int(result)
  }

  private func uints(_ left: UInt64, _ right: UInt64, at node: Node, _ frame: Frame) -> Value {
    let (result, overflow): (UInt64, Bool)
    switch self {
    case .add: (result, overflow) = left.addingReportingOverflow(right)
    case .subtract: (result, overflow) = left.subtractingReportingOverflow(right)
    case .multiply: (result, overflow) = left.multipliedReportingOverflow(by: right)
    case .divide:
      if right == 0 { return frame.fail(.divisionByZero, at: node) }
      (result, overflow) = (left / right, false)
    case .modulo:
      if right == 0 { return frame.fail(.modulusByZero, at: node) }
      (result, overflow) = (left % right, false)
    }
    return overflow ? frame.fail(.uintOverflow, at: node) : .uint(result)
  }

  /// The result for all kinds.
  @inline(never)
  func slow(_ left: Value, _ right: Value, at node: Node, _ frame: Frame) -> Value {
    switch (left.kind, right.kind) {
    case (.error, _): return left
    case (_, .error): return right
    case (.int, .int): return ints(left.intPayload, right.intPayload, at: node, frame)
    case (.uint, .uint): return uints(left.payload, right.payload, at: node, frame)
    case (.double, .double):
      let (first, second) = (left.doublePayload, right.doublePayload)
      switch self {
      case .add: return .double(first + second)
      case .subtract: return .double(first - second)
      case .multiply: return .double(first * second)
      case .divide: return .double(first / second)
      case .modulo: break
      }
    case (.string, .string) where self == .add, (.bytes, .bytes) where self == .add:
      return concatenated(left, right, at: node, frame)
    case (.list, .list) where self == .add: return joined(left, right, at: node, frame)
    case (.box, .box) where self == .add || self == .subtract:
      if let result = TimeArithmetic.result(self, left, right, frame) {
        return result.isError ? frame.placed(result, at: node) : result
      }
    default: break
    }
    return frame.fail(.noSuchOverload, at: node, left, right)
  }

  private func concatenated(_ left: Value, _ right: Value, at node: Node, _ frame: Frame) -> Value {
    if left.count == 0 { return right }
    if right.count == 0 { return left }
    let count = left.count + right.count
    guard count < 1 << 28, frame.spend(count >> 4) else { return frame.fail(.stepLimit, at: node) }
    let memory = frame.arena.allocate(byteCount: count)
    if let first = left.utf8.baseAddress, let second = right.utf8.baseAddress {
      memory.copyMemory(from: first, byteCount: left.count)
      (memory + left.count).copyMemory(from: second, byteCount: right.count)
    }
    let start = UnsafePointer(memory.assumingMemoryBound(to: UInt8.self))
    return left.isString
      ? .string(at: start, count: count, isASCII: left.isASCII && right.isASCII)
      : .bytes(at: start, count: count)
  }

  private func joined(_ left: Value, _ right: Value, at node: Node, _ frame: Frame) -> Value {
    if left.count == 0 { return right }
    if right.count == 0 { return left }
    let count = left.count + right.count
    guard count < 1 << 26, frame.spend(count >> 2) else { return frame.fail(.stepLimit, at: node) }
    let memory = frame.arena.allocate(byteCount: count * 16).assumingMemoryBound(to: Value.self)
    if let first = left.elements.baseAddress, let second = right.elements.baseAddress {
      memory.update(from: first, count: left.count)
      (memory + left.count).update(from: second, count: right.count)
    }
    return .list(UnsafeBufferPointer(start: memory, count: count))
  }
}

/// `a + b` and the like.
final class ArithmeticNode: Node, @unchecked Sendable {
  let operation: Arithmetic
  let left: Node
  let right: Node

  init(_ syntax: SyntaxTree.Node, _ operation: Arithmetic, _ left: Node, _ right: Node) {
    self.operation = operation
    self.left = left
    self.right = right
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let first = left.value(in: frame)
    if first.isError { return first }
    let second = right.value(in: frame)
    if first.isKind(.int), second.isKind(.int) {
      return operation.ints(first.intPayload, second.intPayload, at: self, frame)
    }
    return operation.slow(first, second, at: self, frame)
  }
}

/// `-a`
final class NegateNode: Node, @unchecked Sendable {
  let operand: Node

  init(_ syntax: SyntaxTree.Node, _ operand: Node) {
    self.operand = operand
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    let value = operand.value(in: frame)
    switch value.kind {
    case .int:
      return value.intPayload == .min
        ? frame.fail(.intOverflow, at: self) : .int(-value.intPayload)
    case .double: return .double(-value.doublePayload)
    case .error: return value
    default: return frame.fail(.noSuchOverload, at: self, value)
    }
  }
}
