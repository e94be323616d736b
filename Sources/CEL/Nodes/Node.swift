import Documents

/// One step of a program. Nodes are immutable, and made by the planner only.
class Node: @unchecked Sendable {
  /// Where the expression stands in the source, in UTF-8 bytes.
  final let start: Int32
  final let end: Int32

  init(_ syntax: SyntaxTree.Node) {
    start = syntax.start
    end = syntax.end
  }

  init(replacing node: Node) {
    start = node.start
    end = node.end
  }

  /// The value of the expression; an error is a value.
  func value(in frame: Frame) -> Value { .absent }

  /// The value when it is the same in every frame.
  var constant: Value? { nil }
}

/// A value known before evaluation.
final class ConstantNode: Node, @unchecked Sendable {
  let result: Value

  init(_ syntax: SyntaxTree.Node, _ result: Value) {
    self.result = result
    super.init(syntax)
  }

  init(replacing node: Node, _ result: Value) {
    self.result = result
    super.init(replacing: node)
  }

  override func value(in frame: Frame) -> Value { result }
  override var constant: Value? { result }
}

/// An expression that always fails: an unknown name or function.
final class FailureNode: Node, @unchecked Sendable {
  let code: ErrorCode
  let detail: Value

  init(_ syntax: SyntaxTree.Node, _ code: ErrorCode, _ detail: Value) {
    self.code = code
    self.detail = detail
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value { frame.fail(code, at: self, detail) }
}
