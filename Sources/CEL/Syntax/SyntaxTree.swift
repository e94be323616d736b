import Documents

/// An expression as it was parsed: nodes in an array that name each other by index.
struct SyntaxTree {
  typealias ID = Int32

  /// What a node is. Operands are in `a`, `b`, `c`; lists of nodes in `list`.
  enum Kind: UInt8 {
    /// `value` is the literal.
    case literal
    /// `value` is the name; `flag` when written with a leading dot.
    case identifier
    /// `a.value`
    case select
    /// `a.?value`
    case optionalSelect
    /// `has(a.value)`
    case has
    /// `a[b]`
    case index
    /// `a[?b]`
    case optionalIndex
    /// `value(list)`, or `a.value(list)` when `a` is not negative.
    case call
    /// The elements; an optional one as its bitwise complement.
    case list
    /// Keys and values in turn; an optional entry's key as its bitwise complement.
    case map
    /// `value{…}`: field names (literals) and values in turn.
    case message
    /// `a ? b : c`
    case conditional
    /// All operands of a run of `&&` or `||`.
    case and, or
    case not, negate
    case equal, notEqual, less, lessEqual, greater, greaterEqual, contains
    case add, subtract, multiply, divide, modulo
    /// Macros over a list or map: range, variable, bodies.
    case all, exists, existsOne, transform, filter
    /// Macros with two variables: range, variable, variable, bodies.
    case all2, exists2, existsOne2, transformList, transformMap, transformMapEntry
    /// `cel.bind(variable, value, body)`
    case bind
    /// `cel.block([values], body)`: values, then the body.
    case block
    /// target, variable, body
    case optionalMap, optionalFlatMap, sortBy
  }

  struct Node {
    var kind: Kind
    var flag = false
    /// Levels of nodes below and including this one.
    var height: UInt16 = 1
    var start: Int32
    var end: Int32
    var a: ID = -1
    var b: ID = -1
    var c: ID = -1
    /// Where the node's list is in `lists`.
    var listStart: Int32 = 0
    var listCount: Int32 = 0
    var value: Value = .absent
  }

  var nodes: [Node] = []
  var lists: [ID] = []
  var root: ID = -1

  subscript(id: ID) -> Node {
    get { nodes[Int(id)] }
    set { nodes[Int(id)] = newValue }
  }

  func list(of node: Node) -> ArraySlice<ID> {
    lists[Int(node.listStart)..<Int(node.listStart + node.listCount)]
  }

  func list(of id: ID) -> ArraySlice<ID> { list(of: self[id]) }

  /// The number of levels of nodes.
  var height: Int { root < 0 ? 0 : Int(self[root].height) }

  /// The n-th entry of a node's list.
  func item(_ index: Int, of node: Node) -> ID { lists[Int(node.listStart) + index] }

  func range(of id: ID) -> Range<Int> { Int(self[id].start)..<Int(self[id].end) }
}
