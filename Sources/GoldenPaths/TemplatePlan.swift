import Documents

/// A template, compiled once so that it can be rendered many times.
///
/// A tree in one array: the children of a node stand side by side, so that rendering follows no
/// references and retains nothing. Subtrees without expressions are one constant, shared with the
/// template's own document.
final class TemplatePlan: @unchecked Sendable {
  /// The nodes; the root is the first.
  let nodes: UnsafeBufferPointer<PlanNode>
  /// The keys and list indices of plain paths; each path has a stretch of them.
  let steps: UnsafeBufferPointer<Value>
  let expressions: [Expression]
  /// What the parts of libraries in it are given.
  let arguments: [ImportedArgument]
  /// About how many bytes of an arena one rendering takes.
  let byteEstimate: Int
  /// What made values (keys that the template does not have) point into.
  let document: Document

  init(
    nodes: [PlanNode], steps: [Value], expressions: [Expression], document: Document,
    arguments: [ImportedArgument] = []
  ) {
    self.arguments = arguments
    self.nodes = TemplatePlan.copied(nodes)
    self.steps = TemplatePlan.copied(steps)
    self.expressions = expressions
    self.document = document
    byteEstimate = nodes.reduce(0) { sum, node in
      switch node.kind {
      case .map, .mergingMap: sum + Int(node.count) * 32
      case .list: sum + Int(node.count) * 16
      case .text: sum + 48
      case .program: sum + 32
      case .constant, .path, .inheritedNamespace: sum
      }
    }
  }

  deinit {
    nodes.deallocate()
    steps.deallocate()
  }

  private static func copied<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = copy.initialize(from: elements)
    return UnsafeBufferPointer(copy)
  }
}

/// One node of a template: trivial, so that walking over it costs nothing.
struct PlanNode {
  enum Kind: UInt8 {
    /// `value` as it is.
    case constant
    /// A plain path below a variable: `slot`, and a stretch of the plan's steps.
    case path
    /// Any other expression that is the whole scalar.
    case program
    /// A text of several parts, which are the children.
    case text
    case map
    /// A map, with what children under the key `<<` give merged into it.
    case mergingMap
    case list
    /// The unit's namespace.
    case inheritedNamespace
  }

  var kind: Kind
  /// The key under which the node stands in its parent map.
  var key: Value = .absent
  var value: Value = .absent
  /// The first child, or the first step of a path.
  var start: Int32 = 0
  var count: Int32 = 0
  var slot: Int32 = 0
  /// The expression of a path or program node.
  var expression: Int32 = 0
}
