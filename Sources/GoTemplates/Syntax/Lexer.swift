/// Cuts a template into tokens, as `text/template/parse.lexer` of Go 1.24 does.
struct Lexer {
  let text: [UInt8]
  private(set) var position = 0
  private var start = 0
  private var depth = 0
  private var state = State.text
  /// A token that was found together with another.
  private var pending: [Token] = []

  private enum State { case text, action, done }

  init(_ text: [UInt8]) { self.text = text }

  /// The next token; after the end or an error always the same kind again.
  mutating func next() -> Token {
    while pending.isEmpty {
      switch state {
      case .text: lexText()
      case .action: lexAction()
      case .done: return Token(kind: .eof, offset: text.count, end: text.count)
      }
    }
    return pending.removeFirst()
  }

  private mutating func emit(_ kind: Token.Kind) {
    pending.append(Token(kind: kind, offset: start, end: position))
    start = position
  }

  private mutating func fail(_ message: String) {
    pending.append(Token(kind: .error, offset: start, end: position, message: message))
    state = .done
  }

  private func byte(_ index: Int) -> UInt8? { index < text.count ? text[index] : nil }

  private func has(_ first: UInt8, _ second: UInt8, at index: Int) -> Bool {
    index + 1 < text.count && text[index] == first && text[index + 1] == second
  }

  // MARK: text and comments

  private mutating func lexText() {
    var index = position
    while index < text.count, !has(0x7B, 0x7B, at: index) { index += 1 }
    guard index < text.count else {
      position = text.count
      if position > start { emit(.text) }
      pending.append(Token(kind: .eof, offset: position, end: position))
      state = .done
      return
    }
    let trims = byte(index + 2) == 0x2D && byte(index + 3).map(isSpace) == true
    var end = index
    if trims { while end > start, isSpace(text[end - 1]) { end -= 1 } }
    if end > start {
      position = end
      emit(.text)
    }
    position = index
    start = index
    lexLeftDelimiter(trims)
  }

  private mutating func lexLeftDelimiter(_ trims: Bool) {
    position += 2
    let marker = trims ? 2 : 0
    if has(0x2F, 0x2A, at: position + marker) {
      position += marker
      start = position
      return lexComment()
    }
    emit(.leftDelimiter)
    position += marker
    start = position
    depth = 0
    state = .action
  }

  private mutating func lexComment() {
    var index = position + 2
    while index < text.count, !has(0x2A, 0x2F, at: index) { index += 1 }
    guard index < text.count else { return fail("unclosed comment") }
    position = index + 2
    let (isEnd, trims) = rightDelimiter(at: position)
    guard isEnd else { return fail("comment ends before closing delimiter") }
    position += trims ? 4 : 2
    if trims { skipSpaces() }
    start = position
    state = .text
  }

  private mutating func skipSpaces() {
    while let next = byte(position), isSpace(next) { position += 1 }
  }

  private func rightDelimiter(at index: Int) -> (isEnd: Bool, trims: Bool) {
    if let first = byte(index), isSpace(first), byte(index + 1) == 0x2D,
      has(0x7D, 0x7D, at: index + 2)
    {
      return (true, true)
    }
    return (has(0x7D, 0x7D, at: index), false)
  }

  private mutating func lexRightDelimiter() {
    let (_, trims) = rightDelimiter(at: position)
    if trims { position += 2 }
    start = position
    position += 2
    emit(.rightDelimiter)
    if trims { skipSpaces() }
    start = position
    state = .text
  }

  // MARK: actions

  private mutating func lexAction() {
    if rightDelimiter(at: position).isEnd {
      return depth == 0 ? lexRightDelimiter() : fail("unclosed left paren")
    }
    guard let first = byte(position) else { return fail("unclosed action") }
    switch first {
    case 0x20, 0x09, 0x0D, 0x0A: return lexSpace()
    case 0x3D: single(.assign)
    case 0x3A:
      position += 1
      guard byte(position) == 0x3D else { return fail("expected :=") }
      single(.declare)
    case 0x7C: single(.pipe)
    case 0x22: return lexQuoted(0x22, .string, "unterminated quoted string")
    case 0x27: return lexQuoted(0x27, .charConstant, "unterminated character constant")
    case 0x60: return lexRaw()
    case 0x24: return lexFieldOrVariable(.variable)
    case 0x2E:
      if let next = byte(position + 1), !(0x30...0x39).contains(next) {
        return lexFieldOrVariable(.field)
      }
      return lexNumber()
    case 0x2B, 0x2D, 0x30...0x39: return lexNumber()
    case 0x28:
      depth += 1
      single(.leftParenthesis)
    case 0x29:
      depth -= 1
      if depth < 0 { return fail("unexpected right paren") }
      single(.rightParenthesis)
    default:
      if scalar(at: position).isWord { return lexIdentifier() }
      if (0x20...0x7E).contains(first) { return single(.char) }
      let found = scalar(at: position)
      fail("unrecognized character in action: \(codePoint(found.value, quoted: true))")
    }
  }

  private mutating func single(_ kind: Token.Kind) {
    position += 1
    emit(kind)
  }

  private mutating func lexSpace() {
    var count = 0
    while let next = byte(position), isSpace(next) {
      position += 1
      count += 1
    }
    let (isEnd, trims) = rightDelimiter(at: position - 1)
    if isEnd, trims {
      position -= 1
      if count == 1 { return lexRightDelimiter() }
    }
    emit(.space)
  }

  private mutating func lexQuoted(_ mark: UInt8, _ kind: Token.Kind, _ message: String) {
    position += 1
    while let next = byte(position), next != 0x0A {
      position += 1
      if next == mark { return emit(kind) }
      if next == 0x5C {
        guard let escaped = byte(position), escaped != 0x0A else { break }
        position += 1
      }
    }
    fail(message)
  }

  private mutating func lexRaw() {
    position += 1
    while let next = byte(position) {
      position += 1
      if next == 0x60 { return emit(.rawString) }
    }
    fail("unterminated raw quoted string")
  }

  private mutating func skipWord() {
    while position < text.count {
      let found = scalar(at: position)
      guard found.isWord else { return }
      position += found.length
    }
  }

  private var isAtTerminator: Bool {
    guard let next = byte(position) else { return true }
    switch next {
    case 0x20, 0x09, 0x0D, 0x0A, 0x2E, 0x2C, 0x7C, 0x3A, 0x28, 0x29: return true
    default: return has(0x7D, 0x7D, at: position)
    }
  }

  private mutating func badCharacter() {
    fail("bad character \(codePoint(scalar(at: position).value, quoted: true))")
  }

  private mutating func lexFieldOrVariable(_ kind: Token.Kind) {
    position += 1
    if isAtTerminator { return emit(kind == .variable ? .variable : .dot) }
    skipWord()
    isAtTerminator ? emit(kind) : badCharacter()
  }

  private mutating func lexIdentifier() {
    skipWord()
    guard isAtTerminator else { return badCharacter() }
    emit(keyword(text[start..<position]))
  }

  private func keyword(_ word: ArraySlice<UInt8>) -> Token.Kind {
    switch String(decoding: word, as: UTF8.self) {
    case "true", "false": .bool
    case "block": .block
    case "break": .break
    case "continue": .continue
    case "define": .define
    case "else": .else
    case "end": .end
    case "if": .if
    case "nil": .nil
    case "range": .range
    case "template": .template
    case "with": .with
    default: .identifier
    }
  }

  // MARK: numbers

  private mutating func lexNumber() {
    guard scanNumber() else { return badNumber() }
    if let sign = byte(position), sign == 0x2B || sign == 0x2D {
      guard scanNumber(), text[position - 1] == 0x69 else { return badNumber() }
      return emit(.complex)
    }
    emit(.number)
  }

  private mutating func badNumber() {
    fail("bad number syntax: \(goQuoted(Array(text[start..<position])))")
  }

  private mutating func accept(_ letters: StaticString) -> Bool {
    guard let next = byte(position), letters.withUTF8Buffer({ $0.contains(next) }) else {
      return false
    }
    position += 1
    return true
  }

  private mutating func scanNumber() -> Bool {
    _ = accept("+-")
    var digits: StaticString = "0123456789_"
    var base = 10
    if accept("0") {
      if accept("xX") {
        digits = "0123456789abcdefABCDEF_"
        base = 16
      } else if accept("oO") {
        digits = "01234567_"
        base = 8
      } else if accept("bB") {
        digits = "01_"
        base = 2
      }
    }
    while accept(digits) {}
    if accept(".") { while accept(digits) {} }
    if base == 10, accept("eE") {
      _ = accept("+-")
      while accept("0123456789_") {}
    }
    if base == 16, accept("pP") {
      _ = accept("+-")
      while accept("0123456789_") {}
    }
    _ = accept("i")
    if position < text.count, scalar(at: position).isWord {
      position += scalar(at: position).length
      return false
    }
    return true
  }

  private func scalar(at index: Int) -> (value: UInt32, length: Int, isWord: Bool) {
    guard index < text.count else { return (0xFFFD, 1, false) }
    let first = text[index]
    if first < 0x80 {
      let isWord =
        first == 0x5F || (0x30...0x39).contains(first) || (0x41...0x5A).contains(first)
        || (0x61...0x7A).contains(first)
      return (UInt32(first), 1, isWord)
    }
    let (value, length) = text.withUnsafeBufferPointer { decodeScalar($0, at: index) }
    guard let scalar = Unicode.Scalar(value), value != 0xFFFD else { return (value, length, false) }
    return (value, length, scalar.isLetterOrDigit)
  }
}

/// Go's template space: blank, tab, carriage return, newline.
@inline(__always)
func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B && byte != 0x0C
}

extension Unicode.Scalar {
  var isLetterOrDigit: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      true
    default: false
    }
  }
}
