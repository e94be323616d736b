/// The syntax tree of a pattern: nodes in one array, each after those that it holds.
struct SyntaxTree: Sendable {
  var nodes: [Node] = []
  var root = 0
  /// The name of each group by its number; group 0 is the whole match.
  var groupNames: [String?] = [nil]
}

struct Node: Sendable {
  enum Content: Sendable {
    case empty
    /// One scalar, as it stands.
    case literal(UInt32)
    case characterClass(CharacterClass)
    case assertion(Assertion)
    case capture(group: Int, node: Int)
    /// `maximum` is nil for no limit.
    case repetition(node: Int, minimum: Int, maximum: Int?, isGreedy: Bool)
    case concatenation([Int])
    case alternation([Int])
  }

  let content: Content
  /// The levels of nodes below this one and it.
  let height: Int
  /// The greatest product of nested counted repetitions, which RE2 holds to 1000.
  let repeatProduct: Int
  /// Whether it can match the empty string.
  let isNullable: Bool
}

/// A condition on a place between two bytes.
enum Assertion: UInt8, Sendable {
  case beginLine, endLine, beginText, endText, wordBoundary, notWordBoundary
}

extension SyntaxTree {
  /// Adds a node and answers its index.
  mutating func add(_ content: Node.Content) -> Int {
    var height = 0
    var product = 1
    func include(_ index: Int) {
      height = max(height, nodes[index].height)
      product = max(product, nodes[index].repeatProduct)
    }
    let isNullable: Bool
    switch content {
    case .empty, .assertion: isNullable = true
    case .literal, .characterClass: isNullable = false
    case .capture(_, let node):
      include(node)
      isNullable = nodes[node].isNullable
    case .repetition(let node, let minimum, let maximum, _):
      include(node)
      isNullable = minimum == 0 || nodes[node].isNullable
      if maximum != 1 || minimum > 1 {
        let factor = maximum ?? minimum
        if factor > 1 { product = min(product * factor, 1 << 30) }
        if factor == 0, maximum == 0 { product = 1 }
      }
    case .concatenation(let parts):
      parts.forEach(include)
      isNullable = parts.allSatisfy { nodes[$0].isNullable }
    case .alternation(let parts):
      parts.forEach(include)
      isNullable = parts.contains { nodes[$0].isNullable }
    }
    nodes.append(
      Node(
        content: content, height: height + 1, repeatProduct: product, isNullable: isNullable))
    return nodes.count - 1
  }
}
