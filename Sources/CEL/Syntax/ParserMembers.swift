import Documents

// Selections, calls, and what they start from.
extension Parser {
  mutating func member(
    depth: Int, isNegative: Bool, from: Int32? = nil
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let start = from ?? Int32(lexer.start)
    var node = try primary(depth: depth, isNegative: isNegative, start: start)
    while true {
      switch lexer.token {
      case .dot:
        try lexer.advance()
        node = try selection(of: node, start: start, depth: depth)
      case .leftBracket:
        try lexer.advance()
        let isOptional = lexer.token == .question
        if isOptional { try lexer.advance() }
        let index = try expression(depth: depth + 1)
        try expect(.rightBracket, "']'")
        node = try add(isOptional ? .optionalIndex : .index, from: start, a: node, b: index)
      case .leftBrace where isQualifiedName(node):
        node = try message(named: node, start: start, depth: depth)
      default:
        return node
      }
    }
  }

  mutating func expect(_ token: Lexer.Token, _ text: String) throws(CompileFailure.Issue) {
    guard lexer.token == token else { throw unexpected(text) }
    try lexer.advance()
  }

  /// After the dot: `f`, `?f`, or `f(…)`.
  private mutating func selection(
    of node: SyntaxTree.ID, start: Int32, depth: Int
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let isOptional = lexer.token == .question
    if isOptional { try lexer.advance() }
    let range = lexer.start..<lexer.end
    let field: Value
    switch lexer.token {
    case .identifier, .reserved: field = name(range)
    case .quotedIdentifier where allowsQuotedFields:
      field = name(range.lowerBound + 1..<range.upperBound - 1)
    default: throw unexpected("the name of a field")
    }
    let isQuoted = lexer.token == .quotedIdentifier
    try lexer.advance()
    if !isOptional, !isQuoted, lexer.token == .leftParen {
      let arguments = try self.arguments(depth: depth)
      return try call(field, on: node, arguments, start: start)
    }
    return try add(
      isOptional ? .optionalSelect : .select, from: start, a: node, value: field, flag: isQuoted)
  }

  /// `(a, b)`: no comma after the last.
  mutating func arguments(depth: Int) throws(CompileFailure.Issue) -> [SyntaxTree.ID] {
    try lexer.advance()
    var result: [SyntaxTree.ID] = []
    if lexer.token == .rightParen {
      try lexer.advance()
      return result
    }
    while true {
      result.append(try expression(depth: depth + 1))
      if lexer.token == .comma {
        try lexer.advance()
      } else {
        try expect(.rightParen, "',' or ')'")
        return result
      }
    }
  }

  func isQualifiedName(_ id: SyntaxTree.ID) -> Bool {
    var node = tree[id]
    while node.kind == .select, !node.flag { node = tree[node.a] }
    return node.kind == .identifier && lexer.bytes[Int(node.start)] != UInt8(ascii: "(")
  }

  private mutating func primary(
    depth: Int, isNegative: Bool, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    switch lexer.token {
    case .identifier, .reserved, .dot: return try identifier(depth: depth, start: start)
    case .int, .hexInt, .uint, .hexUint, .double:
      return try number(isNegative: isNegative, start: start)
    case .string, .bytes:
      let value = try Literals.string(lexer, isBytes: lexer.token == .bytes, into: arena)
      return try literal(value, start: start)
    case .trueWord: return try literal(.true, start: start)
    case .falseWord: return try literal(.false, start: start)
    case .nullWord: return try literal(.null, start: start)
    case .leftParen:
      try lexer.advance()
      let inner = try expression(depth: depth + 1)
      try expect(.rightParen, "')'")
      return inner
    case .leftBracket: return try list(depth: depth, start: start)
    case .leftBrace: return try map(depth: depth, start: start)
    default: throw unexpected("an expression")
    }
  }

  private mutating func literal(
    _ value: Value, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    try lexer.advance()
    return try add(.literal, from: start, value: value)
  }

  private mutating func identifier(
    depth: Int, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let isRooted = lexer.token == .dot
    if isRooted { try lexer.advance() }
    guard lexer.token == .identifier else {
      if lexer.token == .reserved {
        throw lexer.issue(
          "reserved identifier: \(lexer.text(lexer.start..<lexer.end))", lexer.start..<lexer.end)
      }
      throw unexpected(isRooted ? "a name after '.'" : "an expression")
    }
    let name = self.name(lexer.start..<lexer.end)
    try lexer.advance()
    if lexer.token == .leftParen {
      let arguments = try self.arguments(depth: depth)
      return try call(name, on: -1, arguments, start: start)
    }
    return try add(.identifier, from: start, value: name, flag: isRooted)
  }

  private mutating func number(
    isNegative: Bool, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let range = lexer.start..<lexer.end
    let value: Value?
    switch lexer.token {
    case .int, .hexInt:
      value = Literals.int(
        lexer.bytes[range], isHex: lexer.token == .hexInt, isNegative: isNegative
      ).map(Value.int)
    case .uint, .hexUint:
      value = Literals.uint(lexer.bytes[range.dropLast()], isHex: lexer.token == .hexUint)
        .map(Value.uint)
    default:
      value = Double(lexer.text(range)).flatMap {
        $0.isFinite ? .double(isNegative ? -$0 : $0) : nil
      }
    }
    guard let value else {
      let kind = lexer.token == .double ? "double" : "int"
      let type = lexer.token == .uint || lexer.token == .hexUint ? "uint" : kind
      throw lexer.issue("invalid \(type) literal '\(lexer.text(range))': out of range", range)
    }
    return try literal(value, start: start)
  }

  private mutating func list(
    depth: Int, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    try lexer.advance()
    var elements: [SyntaxTree.ID] = []
    if lexer.token == .comma {
      try lexer.advance()
      try expect(.rightBracket, "']'")
      return try add(.list, from: start)
    }
    while lexer.token != .rightBracket {
      let isOptional = lexer.token == .question
      if isOptional { try lexer.advance() }
      let element = try expression(depth: depth + 1)
      elements.append(isOptional ? ~element : element)
      guard lexer.token == .comma else { break }
      try lexer.advance()
    }
    try expect(.rightBracket, "',' or ']'")
    return try add(.list, from: start, list: elements)
  }

  private mutating func map(
    depth: Int, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    try lexer.advance()
    var entries: [SyntaxTree.ID] = []
    if lexer.token == .comma {
      try lexer.advance()
      try expect(.rightBrace, "'}'")
      return try add(.map, from: start)
    }
    while lexer.token != .rightBrace {
      let isOptional = lexer.token == .question
      if isOptional { try lexer.advance() }
      let key = try expression(depth: depth + 1)
      try expect(.colon, "':' after a key")
      entries.append(isOptional ? ~key : key)
      entries.append(try expression(depth: depth + 1))
      guard lexer.token == .comma else { break }
      try lexer.advance()
    }
    try expect(.rightBrace, "',' or '}'")
    return try add(.map, from: start, list: entries)
  }

  /// `Name{field: value}`
  private mutating func message(
    named type: SyntaxTree.ID, start: Int32, depth: Int
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let typeName = qualifiedName(type)
    try lexer.advance()
    var entries: [SyntaxTree.ID] = []
    if lexer.token == .comma {
      try lexer.advance()
      try expect(.rightBrace, "'}'")
      return try add(.message, from: start, value: typeName)
    }
    while lexer.token != .rightBrace {
      let isOptional = lexer.token == .question
      if isOptional { try lexer.advance() }
      guard
        lexer.token == .identifier || lexer.token == .reserved || lexer.token == .quotedIdentifier
      else { throw unexpected("the name of a field") }
      let range = lexer.start..<lexer.end
      let isQuoted = lexer.token == .quotedIdentifier
      let field = name(isQuoted ? range.lowerBound + 1..<range.upperBound - 1 : range)
      let key = try literal(field, start: Int32(range.lowerBound))
      try expect(.colon, "':' after the name of a field")
      entries.append(isOptional ? ~key : key)
      entries.append(try expression(depth: depth + 1))
      guard lexer.token == .comma else { break }
      try lexer.advance()
    }
    try expect(.rightBrace, "',' or '}'")
    return try add(.message, from: start, list: entries, value: typeName)
  }

  /// `a.b.c` as one name, with a leading dot if it was written so.
  func qualifiedName(_ id: SyntaxTree.ID) -> Value {
    var parts: [Value] = []
    var node = tree[id]
    while node.kind == .select {
      parts.append(node.value)
      node = tree[node.a]
    }
    var bytes: [UInt8] = node.flag ? [UInt8(ascii: ".")] : []
    bytes += node.value.utf8
    for part in parts.reversed() {
      bytes.append(UInt8(ascii: "."))
      bytes += part.utf8
    }
    return arena.string(bytes)
  }
}
