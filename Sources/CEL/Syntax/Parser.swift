import Documents

/// Reads the tokens of an expression into a syntax tree, with macros expanded.
///
/// Stops at the first mistake. Depth is bounded twice: while descending, and by the height of what
/// was built (a long chain of operators is deep though it does not nest).
struct Parser {
  static let maximumDepth = 250
  static let maximumCodePoints = 100_000

  var lexer: Lexer
  var tree = SyntaxTree()
  let arena: Arena
  var macros: MacroSet
  let allowsQuotedFields: Bool
  private var pending: [(operator: SyntaxTree.Kind, precedence: Int, operand: SyntaxTree.ID)] = []

  init(_ source: UnsafeBufferPointer<UInt8>, arena: Arena, profile: Profile) {
    lexer = Lexer(source)
    self.arena = arena
    macros = MacroSet(profile)
    allowsQuotedFields = !profile.isKubernetes
    tree.nodes.reserveCapacity(source.count / 4 + 8)
  }

  /// The tree of the whole expression.
  mutating func parse() throws(CompileFailure.Issue) -> SyntaxTree {
    let codePoints =
      lexer.bytes.count <= Parser.maximumCodePoints
      ? lexer.bytes.count : lexer.bytes.reduce(into: 0) { $0 += $1 & 0xC0 != 0x80 ? 1 : 0 }
    guard codePoints <= Parser.maximumCodePoints else {
      throw lexer.issue(
        "expression code point size exceeds limit: size: \(codePoints), limit "
          + "\(Parser.maximumCodePoints)", 0..<0)
    }
    try lexer.advance()
    if lexer.token == .end {
      throw lexer.issue("the expression is empty", 0..<lexer.bytes.count)
    }
    tree.root = try expression(depth: 1)
    guard lexer.token == .end else { throw unexpected("an operator or the end") }
    return tree
  }

  // MARK: errors

  func unexpected(_ expected: String) -> CompileFailure.Issue {
    lexer.issue(
      "expected \(expected) but found \(lexer.tokenText)",
      lexer.start..<max(lexer.end, lexer.start))
  }

  func tooDeep(_ range: Range<Int>) -> CompileFailure.Issue {
    lexer.issue("expression recursion limit exceeded: \(Parser.maximumDepth)", range)
  }

  // MARK: building nodes

  mutating func add(_ node: SyntaxTree.Node) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    var node = node
    var height: UInt16 = 0
    if node.a >= 0 { height = max(height, tree[node.a].height) }
    if node.b >= 0 { height = max(height, tree[node.b].height) }
    if node.c >= 0 { height = max(height, tree[node.c].height) }
    for item in tree.list(of: node) {
      height = max(height, tree[item < 0 ? ~item : item].height)
    }
    node.height = height + 1
    if Int(node.height) > Parser.maximumDepth {
      throw tooDeep(Int(node.start)..<Int(node.end))
    }
    tree.nodes.append(node)
    return SyntaxTree.ID(tree.nodes.count - 1)
  }

  mutating func add(
    _ kind: SyntaxTree.Kind, from start: Int32, a: SyntaxTree.ID = -1, b: SyntaxTree.ID = -1,
    c: SyntaxTree.ID = -1, list: [SyntaxTree.ID] = [], value: Value = .absent, flag: Bool = false
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    var node = SyntaxTree.Node(
      kind: kind, flag: flag, start: start, end: Int32(lexer.previousEnd), a: a, b: b, c: c,
      value: value)
    if !list.isEmpty {
      node.listStart = Int32(tree.lists.count)
      node.listCount = Int32(list.count)
      tree.lists.append(contentsOf: list)
    }
    return try add(node)
  }

  /// A string value of the bytes in a range of the source, without a copy.
  func name(_ range: Range<Int>) -> Value {
    guard let base = lexer.bytes.baseAddress, !range.isEmpty else { return .emptyString }
    return .string(
      at: base + range.lowerBound, count: range.count,
      isASCII: isAllASCII(base + range.lowerBound, range.count))
  }

  // MARK: operators

  /// `Or ["?" Or ":" Expr]`
  mutating func expression(depth: Int) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    guard depth <= Parser.maximumDepth else { throw tooDeep(lexer.start..<lexer.end) }
    let condition = try operators(depth: depth)
    guard lexer.token == .question else { return condition }
    try lexer.advance()
    let first = try operators(depth: depth + 1)
    guard lexer.token == .colon else { throw unexpected("':' of a conditional") }
    try lexer.advance()
    let second = try expression(depth: depth + 1)
    return try add(.conditional, from: tree[condition].start, a: condition, b: first, c: second)
  }

  private func binaryOperator() -> (SyntaxTree.Kind, Int)? {
    switch lexer.token {
    case .or: (.or, 1)
    case .and: (.and, 2)
    case .equal: (.equal, 3)
    case .notEqual: (.notEqual, 3)
    case .less: (.less, 3)
    case .lessEqual: (.lessEqual, 3)
    case .greater: (.greater, 3)
    case .greaterEqual: (.greaterEqual, 3)
    case .inWord: (.contains, 3)
    case .plus: (.add, 4)
    case .minus: (.subtract, 4)
    case .times: (.multiply, 5)
    case .slash: (.divide, 5)
    case .percent: (.modulo, 5)
    default: nil
    }
  }

  /// All binary operators, by precedence; runs of `&&` and `||` become one node.
  private mutating func operators(depth: Int) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let base = pending.count
    var operand = try unary(depth: depth)
    while let (kind, precedence) = binaryOperator() {
      let isRun = kind == .or || kind == .and
      operand = try reduce(operand, above: base, while: isRun ? precedence + 1 : precedence)
      pending.append((kind, precedence, operand))
      try lexer.advance()
      operand = try unary(depth: depth)
    }
    return try reduce(operand, above: base, while: 0)
  }

  private mutating func reduce(
    _ last: SyntaxTree.ID, above base: Int, while minimum: Int
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    var operand = last
    while pending.count > base, let top = pending.last, top.precedence >= minimum {
      if top.operator == .or || top.operator == .and {
        var operands = [operand]
        while pending.count > base, let left = pending.last, left.operator == top.operator {
          operands.append(left.operand)
          pending.removeLast()
        }
        operands.reverse()
        operand = try add(
          top.operator, from: tree[operands[0]].start, list: operands)
        tree[operand].end = tree[last].end
      } else {
        pending.removeLast()
        operand = try add(
          top.operator, from: tree[top.operand].start, a: top.operand, b: operand)
      }
    }
    return operand
  }

  /// A run of `!`, or a run of `-`, and a member.
  private mutating func unary(depth: Int) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let sign = lexer.token
    guard sign == .not || sign == .minus else { return try member(depth: depth, isNegative: false) }
    let start = Int32(lexer.start)
    var count = 0
    while lexer.token == sign {
      count += 1
      try lexer.advance()
    }
    let isNumber = lexer.token == .int || lexer.token == .hexInt || lexer.token == .double
    if sign == .minus, count == 1, isNumber {
      return try member(depth: depth, isNegative: true, from: start)
    }
    var operand: SyntaxTree.ID
    if sign == .not, lexer.token == .minus {
      let minus = Int32(lexer.start)
      try lexer.advance()
      guard lexer.token == .int || lexer.token == .hexInt || lexer.token == .double else {
        throw unexpected("a number after '!-'")
      }
      operand = try member(depth: depth, isNegative: true, from: minus)
    } else {
      operand = try member(depth: depth, isNegative: false)
    }
    // An even run cancels out, as cel-go has it.
    if count % 2 == 1 { operand = try add(sign == .not ? .not : .negate, from: start, a: operand) }
    return operand
  }
}
