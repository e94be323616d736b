import Documents

/// Finds reads of fields that need not be there and that nothing guards: where one is missing, the whole
/// expression fails.
///
/// A field may be missing when its type says so (`ObjectType.optionalFields`, any key of a map). It is guarded by
/// `has`, `in`, `.?`, `hasValue` and the like, on whatever branch or operand holds before the result depends on
/// the read. What is not known for sure counts as guarded, so that whatever is found is worth mending.
public struct GuardAnalysis {
  /// A read that may fail.
  public struct Read: Hashable, Sendable {
    /// The number of the expression, in the order in which they were given.
    public let expression: Int
    /// Where it stands in the expression, in UTF-8 bytes.
    public let range: Range<Int>
    /// What is read, such as `object.spec.hostNetwork`; elements of lists as `[*]`.
    public let field: String
    /// The name of the field that may be missing.
    public let name: String
    /// Whether it is a key of a map whose keys are free.
    public let isKey: Bool
    /// A way to write it that does not fail, such as `object.spec.?hostNetwork.orValue(…)`.
    public let guarded: String
  }

  /// What is found, in the order of the expressions; each field once.
  public private(set) var reads: [Read] = []

  let profile: Profile
  let roots: [String: CELType]
  let constants: [String: String]
  var expressions: [GuardedExpression?] = []
  /// Expressions of `variables`, by name.
  var variables: [String: Int] = [:]
  /// The variables and loop variables that are in scope, innermost last.
  var locals: [(name: Value, value: GuardedValue)] = []
  /// The fields that are surely there.
  var facts: Set<String>
  /// Whether nothing is reported: only what an expression stands for is asked.
  var isQuiet = false
  private var reported: Set<String> = []
  var depth = 0
  private var steps = 0

  /// An analysis of expressions in a dialect.
  ///
  /// `roots` are the types of the variables that are looked at, `constants` the texts of fields that are the same in all
  /// objects (`object.kind`), which decide branches, and `present` fields that are there whatever their types say.
  public init(
    profile: Profile, roots: [String: CELType], constants: [String: String] = [:],
    present: Set<String> = []
  ) {
    self.profile = profile
    self.roots = roots
    self.constants = constants
    facts = present
  }

  /// Makes an expression known as `variables.name`: it is looked at wherever it is used, under what is known there.
  public mutating func define(_ name: String, _ source: String) {
    variables[name] = expressions.count
    expressions.append(GuardedExpression(source, profile))
  }

  /// Looks at conditions that must all be true before anything else is evaluated: one that is false makes errors of the
  /// others harmless. What they guard is guarded in all that follows.
  public mutating func assume(_ sources: [String]) {
    let first = expressions.count
    expressions += sources.map { GuardedExpression($0, profile) }
    let known = (first..<expressions.count).map { truths(root(of: $0), true) }
    for index in known.indices {
      let others = known.indices.filter { $0 != index }.reduce(into: Set<String>()) {
        $0.formUnion(known[$1])
      }
      _ = assuming(others) { $0.walk($0.root(of: first + index)) }
    }
    for own in known { facts.formUnion(own) }
  }

  /// Looks at an expression.
  public mutating func check(_ source: String) {
    expressions.append(GuardedExpression(source, profile))
    _ = walk(root(of: expressions.count - 1))
  }

  /// Whether a constant condition among those that must be true is false, so that nothing is evaluated at all.
  public mutating func isNever(_ sources: [String]) -> Bool {
    var copy = self
    copy.isQuiet = true
    return sources.contains { source in
      copy.expressions.append(GuardedExpression(source, profile))
      return copy.constant(copy.root(of: copy.expressions.count - 1)) == false
    }
  }

  // MARK: bookkeeping

  /// A node of one of the expressions.
  struct Node {
    let expression: Int
    let id: SyntaxTree.ID
  }

  func root(of expression: Int) -> Node {
    Node(expression: expression, id: expressions[expression]?.tree.root ?? -1)
  }

  /// Runs the body with further fields known to be there.
  mutating func assuming<Result>(
    _ more: Set<String>, _ body: (inout GuardAnalysis) -> Result
  ) -> Result {
    if more.isEmpty { return body(&self) }
    let before = facts
    facts.formUnion(more)
    defer { facts = before }
    return body(&self)
  }

  /// Whether there is room for one more step: expressions can be nested through variables, and what takes too long is
  /// left alone.
  mutating func mayGoOn() -> Bool {
    steps += 1
    return steps < 100_000 && depth < 400
  }

  mutating func report(_ path: GuardedPath, _ name: Value, isKey: Bool, _ node: Node) {
    guard !isQuiet, reported.insert(path.text).inserted,
      let expression = expressions[node.expression]
    else { return }
    let name = name.asString ?? ""
    let syntax = expression.tree[node.id]
    let operand = expression.text(expression.tree.range(of: syntax.a))
    reads.append(
      Read(
        expression: node.expression, range: expression.tree.range(of: node.id), field: path.text,
        name: name, isKey: isKey,
        guarded: operand + (isIdentifier(name) ? ".?\(name)" : "[?'\(name)']") + ".orValue(…)"))
  }

  private func isIdentifier(_ name: String) -> Bool {
    var bytes = name.utf8[...]
    func isLetter(_ byte: UInt8) -> Bool {
      (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
    guard let first = bytes.popFirst(), isLetter(first) else { return false }
    return bytes.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
  }
}

/// An expression that was parsed, with the memory of its literals.
final class GuardedExpression {
  let tree: SyntaxTree
  private let arena: Arena
  private let source: String

  /// Nil for what is no expression: that is reported elsewhere.
  init?(_ source: String, _ profile: Profile) {
    let arena = Arena(firstChunkByteCount: 1024)
    var text = source
    let bytes = text.withUTF8 { arena.string($0) }.utf8
    // Those that need a stack of their own are left alone.
    guard LargeStack.depth(of: bytes) <= LargeStack.ordinaryDepth else { return nil }
    var parser = Parser(bytes, arena: arena, profile: profile)
    guard let tree = try? parser.parse(), tree.height <= LargeStack.ordinaryDepth else {
      return nil
    }
    self.tree = tree
    self.arena = arena
    self.source = source
  }

  func text(_ range: Range<Int>) -> String {
    let utf8 = source.utf8
    let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
    let end = utf8.index(utf8.startIndex, offsetBy: range.upperBound)
    return String(source[start..<end])
  }
}

/// A place in an object that a value may be.
struct GuardedPath {
  /// Such as `object.spec.containers[*].image`.
  let text: String
  /// The texts of what it is in, outermost first.
  let parents: [String]
  let type: CELType

  /// What is there when the place is.
  var presence: [String] { parents + [text] }

  /// A field or key; nil when nothing is known of it.
  func field(_ name: String) -> (path: GuardedPath, mayBeMissing: Bool, isKey: Bool)? {
    switch type {
    case .object(let object):
      guard let type = object.fields[name] else { return nil }
      return (below(".\(name)", type), object.optionalFields.contains(name), false)
    case .map(_, let type): return (below(".\(name)", type), true, true)
    default: return nil
    }
  }

  /// The elements of a list, or the values of a map; nil when it is neither.
  var element: GuardedPath? {
    switch type {
    case .list(let type), .map(_, let type): below("[*]", type)
    default: nil
    }
  }

  var isMap: Bool {
    if case .map = type { return true }
    return false
  }

  private func below(_ step: String, _ type: CELType) -> GuardedPath {
    GuardedPath(text: text + step, parents: presence, type: type)
  }
}

/// What is known of the value of an expression.
struct GuardedValue {
  /// The places that it may be; empty when it may be anything.
  var paths: [GuardedPath] = []
  /// The places that the elements of a list may be that is no place itself.
  var elements: [GuardedPath] = []
  /// What is there of every element.
  var elementFacts: Set<String> = []
  /// Whether it is an optional: what is read of it is one too.
  var isOptional = false
  /// The text that it is in all objects.
  var constant: String?

  static let unknown = GuardedValue()

  /// Either of two values.
  func or(_ other: GuardedValue) -> GuardedValue {
    GuardedValue(
      paths: paths + other.paths, elements: elements + other.elements,
      elementFacts: elementFacts.intersection(other.elementFacts),
      isOptional: isOptional || other.isOptional)
  }

  /// The value inside an optional.
  var content: GuardedValue {
    var value = self
    value.isOptional = false
    return value
  }
}
