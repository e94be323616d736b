public import Documents

/// What went wrong in an evaluation.
public struct EvaluationFailure: Error, Sendable {
  /// What happened, in cel-go's words where it has some.
  public var message: String
  /// The part of the expression that failed, in UTF-8 bytes of its source.
  public var range: Range<Int>?
  /// More than the cluster would say: the kinds that did not fit.
  public var help: String?
}

enum ErrorCode: UInt32 {
  case message
  case noSuchKey
  case noSuchAttribute
  case noSuchFunction
  case noSuchOverload
  case indexOutOfBounds
  case divisionByZero
  case modulusByZero
  case intOverflow
  case uintOverflow
  case duplicateKey
  case unsupportedKey
  case notIterable
  case stepLimit
  case noneDereferenced
}

/// The content of an error value. Text is made of it only when somebody asks.
private struct ErrorContent: BitwiseCopyable {
  var code: UInt32
  var start: Int32
  var end: Int32
  var first: Value
  var second: Value
}

extension Frame {
  /// An error at a node.
  @inline(never)
  func fail(_ code: ErrorCode, at node: Node, _ first: Value = .absent, _ second: Value = .absent)
    -> Value
  {
    error(code, node.start, node.end, first, second)
  }

  private func error(
    _ code: ErrorCode, _ start: Int32, _ end: Int32, _ first: Value, _ second: Value
  ) -> Value {
    let memory = arena.allocate(byteCount: MemoryLayout<ErrorContent>.size)
    memory.storeBytes(
      of: ErrorContent(code: code.rawValue, start: start, end: end, first: first, second: second),
      as: ErrorContent.self)
    return Value(.error, payload: UInt64(UInt(bitPattern: memory)))
  }

  /// An error with its own message, for functions: the call adds the place.
  @inline(never)
  func error(_ message: String) -> Value {
    error(.message, -1, -1, arena.string(message), .absent)
  }

  @inline(never)
  func error(_ code: ErrorCode, _ first: Value = .absent, _ second: Value = .absent) -> Value {
    error(code, -1, -1, first, second)
  }

  /// An error at a node that is about its beginning only.
  @inline(never)
  func shortened(_ error: Value, at node: Node, end: Int32) -> Value {
    guard let memory = UnsafeMutablePointer<ErrorContent>(bitPattern: UInt(error.payload)),
      memory.pointee.start == node.start, memory.pointee.end == node.end
    else { return error }
    memory.pointee.end = end
    return error
  }

  /// An error made by a function, placed at the node that called it.
  @inline(never)
  func placed(_ error: Value, at node: Node) -> Value {
    guard let memory = UnsafeMutablePointer<ErrorContent>(bitPattern: UInt(error.payload)),
      memory.pointee.start < 0
    else { return error }
    memory.pointee.start = node.start
    memory.pointee.end = node.end
    return error
  }
}

extension Evaluator {
  /// The text and place of an error value, until `reset()`.
  public func explain(_ error: Value) -> EvaluationFailure {
    guard error.isError, let content = error.unboxed(as: ErrorContent.self) else {
      return EvaluationFailure(message: "not an error")
    }
    let first = content.first
    let kinds = [content.first, content.second].filter { !$0.isAbsent }
      .map { "'\(TypeValues.type(of: $0).typeNameValue.asString ?? "")'" }
    var help: String?
    let message: String
    switch ErrorCode(rawValue: content.code) ?? .message {
    case .message: message = first.asString ?? "error"
    case .noSuchKey: message = "no such key: \(keyText(first))"
    case .noSuchAttribute: message = "no such attribute(s): \(keyText(first))"
    case .noSuchFunction: message = "no such function: \(keyText(first))"
    case .noSuchOverload:
      message = "no such overload"
      if !kinds.isEmpty { help = "found \(kinds.joined(separator: " and "))" }
    case .indexOutOfBounds: message = "index out of bounds: \(keyText(first))"
    case .divisionByZero: message = "division by zero"
    case .modulusByZero: message = "modulus by zero"
    case .intOverflow: message = "integer overflow"
    case .uintOverflow: message = "unsigned integer overflow"
    case .duplicateKey: message = "Failed with repeated key: \(keyText(first))"
    case .unsupportedKey: message = "unsupported key type: \(kinds.first ?? "''")"
    case .notIterable:
      message = "expected iterable, found \(kinds.first ?? "''")"
    case .stepLimit: message = "the evaluation takes too many steps"
    case .noneDereferenced: message = "optional.none() dereference"
    }
    let range = content.start >= 0 ? Int(content.start)..<Int(content.end) : nil
    return EvaluationFailure(message: message, range: range, help: help)
  }

  private func keyText(_ key: Value) -> String {
    switch key.kind {
    case .string: key.asString ?? ""
    case .int: "\(key.intPayload)"
    case .uint: "\(key.payload)"
    case .double: Numbers.text(key.doublePayload)
    case .bool: key.isTrue ? "true" : "false"
    default: TypeValues.type(of: key).typeNameValue.asString ?? ""
    }
  }
}
