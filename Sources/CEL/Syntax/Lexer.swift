/// Cuts the bytes of an expression into tokens, one at a time.
struct Lexer {
  enum Token: UInt8 {
    case end
    case identifier, reserved, quotedIdentifier
    case int, hexInt, uint, hexUint, double
    case string, bytes
    case trueWord, falseWord, nullWord, inWord
    case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
    case dot, comma, colon, question
    case or, and, not, minus, plus, times, slash, percent
    case equal, notEqual, less, lessEqual, greater, greaterEqual
  }

  let bytes: UnsafeBufferPointer<UInt8>
  /// The token that was read last and where it stands (UTF-8 byte offsets).
  private(set) var token = Token.end
  private(set) var start = 0
  private(set) var end = 0
  /// The end of the token before.
  private(set) var previousEnd = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  @inline(__always)
  private func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The text of the token as messages show it.
  var tokenText: String {
    token == .end ? "the end" : "'\(text(start..<min(end, start + 40)))'"
  }

  func issue(_ message: String, _ range: Range<Int>, help: String? = nil) -> CompileFailure.Issue {
    CompileFailure.Issue(message: message, range: range, help: help)
  }

  /// Reads the next token.
  mutating func advance() throws(CompileFailure.Issue) {
    previousEnd = end
    skipBlanks()
    start = end
    guard start < bytes.count else {
      token = .end
      return
    }
    let first = bytes[start]
    if isIdentifierStart(first) {
      try word()
    } else if isDigit(first) || first == 0x2E && isDigit(byte(start + 1)) {
      try number()
    } else if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      try string(prefix: 0)
    } else {
      try punctuation(first)
    }
  }

  private mutating func skipBlanks() {
    while end < bytes.count {
      switch bytes[end] {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: end += 1
      case 0x2F where byte(end + 1) == 0x2F:
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      default: return
      }
    }
  }

  // MARK: words

  private mutating func word() throws(CompileFailure.Issue) {
    var position = start + 1
    while position < bytes.count, isIdentifierPart(bytes[position]) { position += 1 }
    end = position
    let count = position - start
    if count <= 2, byte(position) == 0x22 || byte(position) == 0x27, isStringPrefix(count) {
      return try string(prefix: count)
    }
    token =
      count >= 2 && count <= 9
      ? keyword(UnsafeBufferPointer(rebasing: bytes[start..<end])) : .identifier
  }

  private func isStringPrefix(_ count: Int) -> Bool {
    let first = bytes[start] | 0x20
    if count == 1 { return first == UInt8(ascii: "r") || first == UInt8(ascii: "b") }
    return first == UInt8(ascii: "b") && bytes[start + 1] | 0x20 == UInt8(ascii: "r")
  }

  private func keyword(_ word: UnsafeBufferPointer<UInt8>) -> Token {
    func isWord(_ text: StaticString) -> Bool {
      word.count == text.utf8CodeUnitCount
        && word.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: word.count))
    }
    switch word[0] {
    case UInt8(ascii: "t"): return isWord("true") ? .trueWord : .identifier
    case UInt8(ascii: "f"):
      return isWord("false")
        ? .falseWord : isWord("for") || isWord("function") ? .reserved : .identifier
    case UInt8(ascii: "n"):
      return isWord("null") ? .nullWord : isWord("namespace") ? .reserved : .identifier
    case UInt8(ascii: "i"):
      return isWord("in") ? .inWord : isWord("if") || isWord("import") ? .reserved : .identifier
    case UInt8(ascii: "a"): return isWord("as") ? .reserved : .identifier
    case UInt8(ascii: "b"): return isWord("break") ? .reserved : .identifier
    case UInt8(ascii: "c"):
      return isWord("const") || isWord("continue") ? .reserved : .identifier
    case UInt8(ascii: "e"): return isWord("else") ? .reserved : .identifier
    case UInt8(ascii: "l"): return isWord("let") || isWord("loop") ? .reserved : .identifier
    case UInt8(ascii: "p"): return isWord("package") ? .reserved : .identifier
    case UInt8(ascii: "r"): return isWord("return") ? .reserved : .identifier
    case UInt8(ascii: "v"): return isWord("var") || isWord("void") ? .reserved : .identifier
    case UInt8(ascii: "w"): return isWord("while") ? .reserved : .identifier
    default: return .identifier
    }
  }

  // MARK: numbers

  private mutating func number() throws(CompileFailure.Issue) {
    var position = start
    if bytes[start] == 0x30, byte(start + 1) | 0x20 == UInt8(ascii: "x"),
      isHexDigit(byte(start + 2))
    {
      position += 2
      while isHexDigit(byte(position)) { position += 1 }
      token = .hexInt
    } else {
      while isDigit(byte(position)) { position += 1 }
      token = .int
      if byte(position) == 0x2E, isDigit(byte(position + 1)) {
        position += 1
        while isDigit(byte(position)) { position += 1 }
        token = .double
      }
      if byte(position) | 0x20 == UInt8(ascii: "e") {
        var exponent = position + 1
        if byte(exponent) == 0x2B || byte(exponent) == 0x2D { exponent += 1 }
        if isDigit(byte(exponent)) {
          while isDigit(byte(exponent)) { exponent += 1 }
          position = exponent
          token = .double
        }
      }
    }
    if byte(position) | 0x20 == UInt8(ascii: "u"), token != .double {
      token = token == .hexInt ? .hexUint : .uint
      position += 1
    }
    end = position
    if isIdentifierPart(byte(position)) {
      throw issue(
        "'\(text(start..<position + 1))' is not a number", start..<position + 1,
        help: "a name cannot start with a digit")
    }
  }

  // MARK: strings

  private mutating func string(prefix: Int) throws(CompileFailure.Issue) {
    var isRaw = false
    token = .string
    for offset in 0..<prefix {
      if bytes[start + offset] | 0x20 == UInt8(ascii: "r") { isRaw = true } else { token = .bytes }
    }
    let quote = bytes[start + prefix]
    var position = start + prefix + 1
    let isTriple = byte(position) == quote && byte(position + 1) == quote
    if isTriple { position += 2 }
    while position < bytes.count {
      let byte = bytes[position]
      if byte == quote {
        if !isTriple {
          end = position + 1
          return
        }
        if self.byte(position + 1) == quote, self.byte(position + 2) == quote {
          end = position + 3
          return
        }
      } else if byte == UInt8(ascii: "\\"), !isRaw {
        position += 1
      } else if !isTriple, byte == 0x0A || byte == 0x0D {
        throw issue(
          "a line ends inside a string", start..<position,
          help: "close the string, or write it in triple quotes")
      }
      position += 1
    }
    throw issue("the string is not closed", start..<bytes.count)
  }

  // MARK: the rest

  private mutating func punctuation(_ first: UInt8) throws(CompileFailure.Issue) {
    let second = byte(start + 1)
    end = start + 1
    func pair(_ expected: Character, _ kind: Token) -> Token? {
      second == expected.asciiValue ? kind : nil
    }
    switch Character(UnicodeScalar(first)) {
    case "(": token = .leftParen
    case ")": token = .rightParen
    case "[": token = .leftBracket
    case "]": token = .rightBracket
    case "{": token = .leftBrace
    case "}": token = .rightBrace
    case ".": token = .dot
    case ",": token = .comma
    case ":": token = .colon
    case "?": token = .question
    case "+": token = .plus
    case "-": token = .minus
    case "*": token = .times
    case "/": token = .slash
    case "%": token = .percent
    case "`": try quotedIdentifier()
    case "!": token = pair("=", .notEqual) ?? .not
    case "<": token = pair("=", .lessEqual) ?? .less
    case ">": token = pair("=", .greaterEqual) ?? .greater
    case "=":
      guard second == 0x3D else {
        throw issue("'=' is no operator", start..<end, help: "write '==' to compare")
      }
      token = .equal
    case "&":
      guard second == 0x26 else {
        throw issue("'&' is no operator", start..<end, help: "write '&&'")
      }
      token = .and
    case "|":
      guard second == 0x7C else {
        throw issue("'|' is no operator", start..<end, help: "write '||'")
      }
      token = .or
    default:
      var last = start + 1
      while last < bytes.count, bytes[last] & 0xC0 == 0x80 { last += 1 }
      throw issue("unexpected character '\(text(start..<last))'", start..<last)
    }
    switch token {
    case .equal, .and, .or, .notEqual, .lessEqual, .greaterEqual: end = start + 2
    default: break
    }
  }

  private mutating func quotedIdentifier() throws(CompileFailure.Issue) {
    var position = start + 1
    while position < bytes.count, isQuotedPart(bytes[position]) { position += 1 }
    guard byte(position) == UInt8(ascii: "`"), position > start + 1 else {
      throw issue(
        "a name in backticks holds letters, digits and '_', '.', '-', '/', ' ' only",
        start..<min(position + 1, bytes.count))
    }
    token = .quotedIdentifier
    end = position + 1
  }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }

@inline(__always)
func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 <= 5 }

@inline(__always)
private func isIdentifierStart(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- 0x61 <= 25 || byte == 0x5F
}

@inline(__always)
private func isIdentifierPart(_ byte: UInt8) -> Bool { isIdentifierStart(byte) || isDigit(byte) }

private func isQuotedPart(_ byte: UInt8) -> Bool {
  isIdentifierPart(byte) || byte == 0x2E || byte == 0x2D || byte == 0x2F || byte == 0x20
}
