/// Makes a program of a syntax tree, from the end of the pattern to its start: every piece is built
/// for the instruction that follows it.
struct Compiler {
  /// The instructions and transitions that one program may have: about 24 MB of memory.
  static let sizeLimit = 1_000_000

  private let tree: SyntaxTree
  private var instructions: [RegexProgram.Instruction] = []
  private var transitions: [RegexProgram.Transition] = []

  static func compile(_ tree: SyntaxTree) throws(RegexError) -> RegexProgram {
    var compiler = Compiler(tree: tree)
    let match = try compiler.emit(.match)
    let end = try compiler.emit(.save, next: match, other: 1)
    let body = try compiler.compile(tree.root, then: end)
    let start = try compiler.emit(.save, next: body, other: 0)
    return RegexProgram(
      instructions: compiler.instructions, transitions: compiler.transitions, start: start,
      slotCount: tree.groupNames.count * 2, isAnchoredAtStart: tree.isAnchoredAtStart(tree.root))
  }

  private init(tree: SyntaxTree) { self.tree = tree }

  private mutating func emit(
    _ operation: RegexProgram.Operation, low: UInt8 = 0, high: UInt8 = 0, next: Int32 = 0,
    other: Int32 = 0
  ) throws(RegexError) -> Int32 {
    guard instructions.count + transitions.count < Self.sizeLimit else {
      throw RegexError(.tooLarge, "", at: 0)
    }
    instructions.append(
      RegexProgram.Instruction(
        operation: operation, low: low, high: high, next: next, other: other))
    return Int32(truncatingIfNeeded: instructions.count - 1)
  }

  /// The first instruction of a node that goes on to `next`. Recursion is as deep as the tree is
  /// high, which the parser limits.
  private mutating func compile(_ index: Int, then next: Int32) throws(RegexError) -> Int32 {
    switch tree.nodes[index].content {
    case .empty: return next
    case .literal(let scalar): return try compileLiteral(scalar, then: next)
    case .characterClass(let set): return try compileClass(set, then: next)
    case .assertion(let assertion):
      return try emit(.assert, low: assertion.rawValue, next: next)
    case .capture(let group, let node):
      let slot = Int32(truncatingIfNeeded: group * 2)
      let end = try emit(.save, next: next, other: slot + 1)
      let body = try compile(node, then: end)
      return try emit(.save, next: body, other: slot)
    case .concatenation(let parts):
      var following = next
      for part in parts.reversed() { following = try compile(part, then: following) }
      return following
    case .alternation(let parts):
      var start = try compile(parts[parts.count - 1], then: next)
      for part in parts.dropLast().reversed() {
        let first = try compile(part, then: next)
        start = try emit(.split, next: first, other: start)
      }
      return start
    case .repetition(let node, let minimum, let maximum, let isGreedy):
      return try compileRepetition(node, minimum, maximum, isGreedy, then: next)
    }
  }

  private mutating func compileRepetition(
    _ node: Int, _ minimum: Int, _ maximum: Int?, _ isGreedy: Bool, then next: Int32
  ) throws(RegexError) -> Int32 {
    if case .empty = tree.nodes[node].content { return next }
    var start = next
    var copies = minimum
    if let maximum {
      // x{2,4} is xx(x(x)?)?
      for _ in 0..<(maximum - minimum) {
        let body = try compile(node, then: start)
        start = try emitSplit(body, next, isGreedy)
      }
    } else if minimum > 0 || tree.nodes[node].isNullable {
      // x+. A nullable x* is (x+)?, which keeps the order of preference right (golang.org/issue/46123).
      let loop = try emit(.split)
      start = try compile(node, then: loop)
      setSplit(loop, start, next, isGreedy)
      if minimum == 0 { return try emitSplit(start, next, isGreedy) }
      copies -= 1
    } else {
      let loop = try emit(.split)
      let body = try compile(node, then: loop)
      setSplit(loop, body, next, isGreedy)
      return loop
    }
    for _ in 0..<copies { start = try compile(node, then: start) }
    return start
  }

  private mutating func emitSplit(
    _ body: Int32, _ next: Int32, _ isGreedy: Bool
  ) throws(RegexError) -> Int32 {
    try isGreedy ? emit(.split, next: body, other: next) : emit(.split, next: next, other: body)
  }

  private mutating func setSplit(_ at: Int32, _ body: Int32, _ next: Int32, _ isGreedy: Bool) {
    instructions[Int(at)].next = isGreedy ? body : next
    instructions[Int(at)].other = isGreedy ? next : body
  }

  // MARK: characters

  private mutating func compileLiteral(
    _ scalar: UInt32, then next: Int32
  ) throws(RegexError) -> Int32 {
    guard !(0xD800...0xDFFF).contains(scalar) else { return try emit(.fail) }
    var following = next
    for byte in utf8Bytes(of: scalar).reversed() {
      following = try emit(.byte, low: byte, high: byte, next: following)
    }
    return following
  }

  private mutating func compileClass(
    _ set: CharacterClass, then next: Int32
  ) throws(RegexError) -> Int32 {
    if set.isEmpty { return try emit(.fail) }
    var builder = UTF8Automaton(final: next)
    for range in set.ranges {
      forEachUTF8Sequence(from: range.low, through: range.high) { builder.insert($0) }
    }
    var failure: RegexError?
    let start = builder.finish { node in
      do throws(RegexError) {
        return try self.emitTransitions(node)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return start
  }

  private mutating func emitTransitions(
    _ node: [RegexProgram.Transition]
  ) throws(RegexError) -> Int32 {
    if node.isEmpty { return try emit(.fail) }
    if node.count == 1 {
      return try emit(.byte, low: node[0].low, high: node[0].high, next: node[0].next)
    }
    let first = Int32(truncatingIfNeeded: transitions.count)
    transitions += node
    return try emit(.sparse, next: first, other: Int32(truncatingIfNeeded: node.count))
  }
}

extension SyntaxTree {
  /// Whether every match of a node starts with `\A`.
  func isAnchoredAtStart(_ index: Int) -> Bool {
    switch nodes[index].content {
    case .assertion(.beginText): true
    case .capture(_, let node): isAnchoredAtStart(node)
    case .concatenation(let parts): isAnchoredAtStart(parts[0])
    case .alternation(let parts): parts.allSatisfy(isAnchoredAtStart)
    case .repetition(let node, let minimum, _, _): minimum > 0 && isAnchoredAtStart(node)
    default: false
    }
  }
}
