/// Reads a pattern in RE2's syntax, as Go's `regexp/syntax` takes it with its Perl flags (Go 1.24).
///
/// One pass over the bytes with a stack of open groups of its own: deep nesting costs no call stack.
struct Parser {
  struct Flags: OptionSet {
    let rawValue: UInt8
    static let foldCase = Flags(rawValue: 1)
    static let multiline = Flags(rawValue: 2)
    static let dotMatchesNewline = Flags(rawValue: 4)
    static let ungreedy = Flags(rawValue: 8)
  }

  /// A group that is not closed yet.
  struct OpenGroup {
    var number: Int?
    var flagsOutside: Flags
    var start: Int
    var alternatives: [Int] = []
    var items: [Int] = []
  }

  /// The levels of nesting that Go and RE2 allow.
  static let heightLimit = 1000
  /// The greatest count in braces, and the greatest product of nested ones.
  static let repeatLimit = 1000

  let bytes: UnsafeBufferPointer<UInt8>
  var index = 0
  var flags: Flags = []
  var tree = SyntaxTree()
  var open = [OpenGroup(number: nil, flagsOutside: [], start: 0)]

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(RegexError) -> SyntaxTree {
    var parser = Parser(bytes)
    try parser.parsePattern()
    return parser.tree
  }

  // MARK: the bytes

  var isAtEnd: Bool { index >= bytes.count }

  func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[start..<end], as: UTF8.self)
  }

  func failure(
    _ kind: RegexError.Kind, _ start: Int, _ end: Int, help: String? = nil
  ) -> RegexError {
    RegexError(kind, text(start, min(end, bytes.count)), at: start, help: help)
  }

  /// The scalar at `index`, which moves past it.
  mutating func nextScalar() throws(RegexError) -> UInt32 {
    let first = bytes[index]
    if first < 0x80 {
      index += 1
      return UInt32(first)
    }
    guard let (scalar, count) = decodeScalar(bytes, at: index) else {
      throw failure(.invalidUTF8, index, index + 1)
    }
    index += count
    return scalar
  }

  // MARK: the pattern

  private mutating func parsePattern() throws(RegexError) {
    /// Where the repetition operator just before started, or -1.
    var lastRepetition = -1
    while !isAtEnd {
      let start = index
      var repetition = -1
      switch bytes[index] {
      case UInt8(ascii: "("): try parseGroupStart()
      case UInt8(ascii: "|"):
        index += 1
        closeAlternative()
      case UInt8(ascii: ")"):
        index += 1
        try closeGroup(at: start)
      case UInt8(ascii: "^"):
        index += 1
        append(.assertion(flags.contains(.multiline) ? .beginLine : .beginText))
      case UInt8(ascii: "$"):
        index += 1
        append(.assertion(flags.contains(.multiline) ? .endLine : .endText))
      case UInt8(ascii: "."):
        index += 1
        append(.characterClass(flags.contains(.dotMatchesNewline) ? .any : .notNewline))
      case UInt8(ascii: "["): append(.characterClass(try parseClass()))
      case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
        let operation = bytes[index]
        index += 1
        try appendRepetition(
          minimum: operation == UInt8(ascii: "+") ? 1 : 0,
          maximum: operation == UInt8(ascii: "?") ? 1 : nil, start: start, last: lastRepetition)
        repetition = start
      case UInt8(ascii: "{"):
        if let (minimum, maximum, end) = repeatCount(at: index) {
          index = end
          guard minimum >= 0, minimum <= Self.repeatLimit, maximum ?? 0 <= Self.repeatLimit,
            maximum.map({ $0 >= minimum }) ?? true
          else { throw failure(.invalidRepeatCount, start, end) }
          try appendRepetition(
            minimum: minimum, maximum: maximum, start: start, last: lastRepetition)
          repetition = start
        } else {
          index += 1
          appendLiteral(0x7B)
        }
      case UInt8(ascii: "\\"): try parseEscapeSequence()
      default: appendLiteral(try nextScalar())
      }
      lastRepetition = repetition
    }
    guard open.count == 1 else {
      throw RegexError(
        .missingParenthesis, text(0, bytes.count), at: open[open.count - 1].start)
    }
    tree.root = try finishedAlternation(of: open[0])
  }

  mutating func append(_ content: Node.Content) {
    open[open.count - 1].items.append(tree.add(content))
  }

  mutating func appendLiteral(_ scalar: UInt32) {
    guard flags.contains(.foldCase) else { return append(.literal(scalar)) }
    var variants = CharacterClass(scalar, scalar)
    variants.insertCaseVariants()
    append(
      variants.ranges.count == 1 && variants.ranges[0].low == variants.ranges[0].high
        ? .literal(scalar) : .characterClass(variants))
  }

  /// Makes the last item one that repeats. `index` stands after the operator.
  private mutating func appendRepetition(
    minimum: Int, maximum: Int?, start: Int, last: Int
  ) throws(RegexError) {
    var isGreedy = !flags.contains(.ungreedy)
    if byte(at: index) == UInt8(ascii: "?") {
      index += 1
      isGreedy.toggle()
    }
    if last >= 0 {
      throw failure(
        .invalidNestedRepetition, last, index,
        help: "RE2 has no possessive repetition; put the inner one in a group, as in '(?:x*)*'")
    }
    guard let item = open[open.count - 1].items.popLast() else {
      throw failure(
        .missingRepeatArgument, start, index, help: "write '\\' before it to mean itself")
    }
    let node = tree.add(
      .repetition(node: item, minimum: minimum, maximum: maximum, isGreedy: isGreedy))
    guard tree.nodes[node].repeatProduct <= Self.repeatLimit else {
      throw failure(.invalidRepeatCount, start, index)
    }
    try checkHeight(node)
    open[open.count - 1].items.append(node)
  }

  private func checkHeight(_ node: Int) throws(RegexError) {
    guard tree.nodes[node].height <= Self.heightLimit else {
      throw RegexError(.nestsTooDeeply, "", at: index)
    }
  }

  /// The count of `{n}`, `{n,}` or `{n,m}` and where it ends; nil when the brace stands for itself.
  private func repeatCount(at start: Int) -> (minimum: Int, maximum: Int?, end: Int)? {
    var position = start + 1
    /// A number without leading zeros; -1 for one that is too large to count.
    func number() -> Int? {
      let first = position
      var value = 0
      while let digit = byte(at: position), digit &- 0x30 < 10 {
        value = value >= 10_000_000 || value < 0 ? -1 : value * 10 + Int(digit - 0x30)
        position += 1
      }
      if position == first || (position - first > 1 && bytes[first] == 0x30) { return nil }
      return value
    }
    guard let minimum = number() else { return nil }
    var maximum: Int? = minimum
    if byte(at: position) == UInt8(ascii: ",") {
      position += 1
      if byte(at: position) == UInt8(ascii: "}") {
        maximum = nil
      } else {
        guard let value = number() else { return nil }
        maximum = value < 0 ? Int.max : value
      }
    }
    guard byte(at: position) == UInt8(ascii: "}") else { return nil }
    return (minimum, maximum, position + 1)
  }

  // MARK: groups

  private mutating func closeAlternative() {
    let items = open[open.count - 1].items
    open[open.count - 1].items = []
    open[open.count - 1].alternatives.append(concatenation(items))
  }

  private mutating func concatenation(_ items: [Int]) -> Int {
    switch items.count {
    case 0: tree.add(.empty)
    case 1: items[0]
    default: tree.add(.concatenation(items))
    }
  }

  private mutating func finishedAlternation(of group: OpenGroup) throws(RegexError) -> Int {
    let last = concatenation(group.items)
    let node =
      group.alternatives.isEmpty ? last : tree.add(.alternation(group.alternatives + [last]))
    try checkHeight(node)
    return node
  }

  private mutating func closeGroup(at start: Int) throws(RegexError) {
    guard open.count > 1, let group = open.popLast() else {
      throw RegexError(.unexpectedParenthesis, text(0, bytes.count), at: start)
    }
    var node = try finishedAlternation(of: group)
    if let number = group.number { node = tree.add(.capture(group: number, node: node)) }
    try checkHeight(node)
    flags = group.flagsOutside
    open[open.count - 1].items.append(node)
  }

  private mutating func openGroup(number: Int?, start: Int) throws(RegexError) {
    guard open.count <= Self.heightLimit else {
      throw RegexError(.nestsTooDeeply, "", at: start)
    }
    open.append(OpenGroup(number: number, flagsOutside: flags, start: start))
  }

  private mutating func parseGroupStart() throws(RegexError) {
    let start = index
    guard byte(at: index + 1) == UInt8(ascii: "?") else {
      index += 1
      tree.groupNames.append(nil)
      return try openGroup(number: tree.groupNames.count - 1, start: start)
    }
    let nameStart =
      byte(at: index + 2) == UInt8(ascii: "P") && byte(at: index + 3) == UInt8(ascii: "<")
      ? index + 4 : byte(at: index + 2) == UInt8(ascii: "<") ? index + 3 : nil
    if let nameStart {
      if nameStart == index + 3, let next = byte(at: nameStart), next == 0x3D || next == 0x21 {
        throw failure(.invalidPerlSyntax, start, nameStart + 1, help: Self.noLookAround)
      }
      return try parseNamedGroup(start: start, nameStart: nameStart)
    }
    try parseFlags(start: start)
  }

  private static let noLookAround = "RE2 has no look-around: it could not match in linear time"

  private mutating func parseNamedGroup(start: Int, nameStart: Int) throws(RegexError) {
    guard let end = bytes[nameStart...].firstIndex(of: UInt8(ascii: ">")) else {
      throw failure(.invalidNamedCapture, start, bytes.count)
    }
    let isName = bytes[nameStart..<end].allSatisfy {
      $0 == 0x5F || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26
    }
    guard isName, end > nameStart else { throw failure(.invalidNamedCapture, start, end + 1) }
    tree.groupNames.append(text(nameStart, end))
    index = end + 1
    try openGroup(number: tree.groupNames.count - 1, start: start)
  }

  /// `(?flags)`, `(?flags:…)`, and what RE2 refuses.
  private mutating func parseFlags(start: Int) throws(RegexError) {
    index += 2
    var changed = flags
    var isNegative = false
    var sawFlag = false
    while !isAtEnd {
      let character = try nextScalar()
      let flag: Flags
      switch character {
      case 0x69: flag = .foldCase
      case 0x6D: flag = .multiline
      case 0x73: flag = .dotMatchesNewline
      case 0x55: flag = .ungreedy
      case 0x2D:
        if isNegative { throw failure(.invalidPerlSyntax, start, index) }
        isNegative = true
        sawFlag = false
        continue
      case 0x3A, 0x29:
        if isNegative, !sawFlag { throw failure(.invalidPerlSyntax, start, index) }
        if character == 0x3A { try openGroup(number: nil, start: start) }
        flags = changed
        return
      default:
        let isLookAround = character == 0x3D || character == 0x21
        throw failure(
          .invalidPerlSyntax, start, index, help: isLookAround ? Self.noLookAround : nil)
      }
      sawFlag = true
      if isNegative { changed.remove(flag) } else { changed.insert(flag) }
    }
    throw RegexError(.missingParenthesis, text(0, bytes.count), at: start)
  }
}

/// The scalar that starts at an offset of valid UTF-8, and its length in bytes; nil where the bytes
/// are not UTF-8.
func decodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (UInt32, Int)? {
  let first = UInt32(bytes[start])
  func continuation(_ offset: Int) -> UInt32? {
    guard start + offset < bytes.count, bytes[start + offset] & 0xC0 == 0x80 else { return nil }
    return UInt32(bytes[start + offset] & 0x3F)
  }
  switch first {
  case 0..<0x80: return (first, 1)
  case 0xC2..<0xE0:
    guard let one = continuation(1) else { return nil }
    return ((first & 0x1F) << 6 | one, 2)
  case 0xE0..<0xF0:
    guard let one = continuation(1), let two = continuation(2) else { return nil }
    let scalar = (first & 0xF) << 12 | one << 6 | two
    return scalar < 0x800 || (0xD800...0xDFFF).contains(scalar) ? nil : (scalar, 3)
  case 0xF0..<0xF5:
    guard let one = continuation(1), let two = continuation(2), let three = continuation(3) else {
      return nil
    }
    let scalar = (first & 7) << 18 | one << 12 | two << 6 | three
    return scalar < 0x10000 || scalar > 0x10FFFF ? nil : (scalar, 4)
  default: return nil
  }
}
