// Escapes and bracketed classes of a pattern.

extension Parser {
  private static let noBackReference =
    "RE2 has no back-references: it could not match in linear time"

  /// What starts with a backslash outside of brackets.
  mutating func parseEscapeSequence() throws(RegexError) {
    let start = index
    guard let letter = byte(at: index + 1) else {
      throw failure(.trailingBackslash, start, start + 1)
    }
    switch letter {
    case UInt8(ascii: "A"): appendAssertion(.beginText)
    case UInt8(ascii: "z"): appendAssertion(.endText)
    case UInt8(ascii: "b"): appendAssertion(.wordBoundary)
    case UInt8(ascii: "B"): appendAssertion(.notWordBoundary)
    case UInt8(ascii: "C"):
      throw failure(.invalidEscape, start, start + 2, help: "'\\C' would match part of a character")
    case UInt8(ascii: "Z"):
      throw failure(.invalidEscape, start, start + 2, help: "write '\\z' for the end of the text")
    case UInt8(ascii: "Q"): try appendQuoted()
    default:
      if let named = try parseEscapedClass() {
        append(.characterClass(named))
      } else {
        appendLiteral(try parseEscapedScalar())
      }
    }
  }

  private mutating func appendAssertion(_ assertion: Assertion) {
    index += 2
    append(.assertion(assertion))
  }

  /// `\Q…\E`, or to the end of the pattern.
  private mutating func appendQuoted() throws(RegexError) {
    index += 2
    while !isAtEnd {
      if bytes[index] == UInt8(ascii: "\\"), byte(at: index + 1) == UInt8(ascii: "E") {
        index += 2
        return
      }
      appendLiteral(try nextScalar())
    }
  }

  /// `\d \s \w \D \S \W \pN \p{Name} \PN \P{^Name}`; nil for any other escape.
  mutating func parseEscapedClass() throws(RegexError) -> CharacterClass? {
    let start = index
    guard bytes[index] == UInt8(ascii: "\\"), let letter = byte(at: index + 1) else { return nil }
    if var named = CharacterClass.perl(letter | 0x20) {
      index += 2
      if flags.contains(.foldCase) { named.insertCaseVariants() }
      return letter & 0x20 == 0 ? named.inverted : named
    }
    guard letter | 0x20 == UInt8(ascii: "p"), byte(at: index + 2) != nil else { return nil }
    index += 2
    var isNegative = letter == UInt8(ascii: "P")
    var nameStart = index
    var nameEnd = index
    if bytes[index] == UInt8(ascii: "{") {
      guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else {
        throw failure(.invalidClassRange, start, bytes.count)
      }
      (nameStart, nameEnd, index) = (nameStart + 1, end, end + 1)
    } else {
      _ = try nextScalar()
      nameEnd = index
    }
    if nameStart < nameEnd, bytes[nameStart] == UInt8(ascii: "^") {
      isNegative.toggle()
      nameStart += 1
    }
    guard var named = CharacterClass.unicode(Substring(text(nameStart, nameEnd))) else {
      throw failure(
        .invalidClassRange, start, index,
        help: "a name is a general category ('L', 'Lu') or a script ('Greek'), in that spelling")
    }
    if flags.contains(.foldCase) { named.insertCaseVariants() }
    return isNegative ? named.inverted : named
  }

  /// An escape that stands for one scalar. `index` is at the backslash.
  mutating func parseEscapedScalar() throws(RegexError) -> UInt32 {
    let start = index
    index += 1
    guard !isAtEnd else { throw failure(.trailingBackslash, start, index) }
    let letter = try nextScalar()
    switch letter {
    case 0x31...0x37:
      // One digit is a back-reference; an octal number has more.
      guard let digit = byte(at: index), digit &- 0x30 < 8 else {
        throw failure(.invalidEscape, start, index, help: Self.noBackReference)
      }
      return octal(letter - 0x30)
    case 0x30: return octal(0)
    case 0x78: return try parseHexadecimal(start)
    case 0x61: return 0x07
    case 0x66: return 0x0C
    case 0x6E: return 0x0A
    case 0x72: return 0x0D
    case 0x74: return 0x09
    case 0x76: return 0x0B
    default:
      let isAlphanumeric = letter &- 0x30 < 10 || (letter | 0x20) &- 0x61 < 26
      guard letter < 0x80, !isAlphanumeric else {
        let isReference = letter == 0x38 || letter == 0x39 || letter == 0x6B
        throw failure(.invalidEscape, start, index, help: isReference ? Self.noBackReference : nil)
      }
      return letter
    }
  }

  private mutating func octal(_ first: UInt32) -> UInt32 {
    var value = first
    var count = 1
    while count < 3, let digit = byte(at: index), digit &- 0x30 < 8 {
      value = value * 8 + UInt32(digit - 0x30)
      index += 1
      count += 1
    }
    return value
  }

  /// `\x7F` or `\x{10FFFF}`; `index` is after the x.
  private mutating func parseHexadecimal(_ start: Int) throws(RegexError) -> UInt32 {
    let isBraced = byte(at: index) == UInt8(ascii: "{")
    if isBraced { index += 1 }
    var value: UInt32 = 0
    var count = 0
    while isBraced || count < 2, let digit = byte(at: index), let number = hexadecimalValue(digit) {
      value = value * 16 + number
      index += 1
      count += 1
      if value > CharacterClass.maximum { throw failure(.invalidEscape, start, index) }
    }
    if isBraced {
      guard count > 0, byte(at: index) == UInt8(ascii: "}") else {
        throw failure(.invalidEscape, start, index + 1)
      }
      index += 1
    } else if count < 2 {
      throw failure(.invalidEscape, start, index)
    }
    return value
  }

  // MARK: brackets

  /// A class in brackets. `index` is at the bracket.
  mutating func parseClass() throws(RegexError) -> CharacterClass {
    let start = index
    index += 1
    var result = CharacterClass()
    let isNegative = byte(at: index) == UInt8(ascii: "^")
    if isNegative { index += 1 }
    var isFirst = true
    while isFirst || byte(at: index) != UInt8(ascii: "]") {
      guard !isAtEnd else { throw failure(.missingBracket, start, bytes.count) }
      isFirst = false
      if let named = try parsePOSIXClass() {
        result.insert(named)
      } else if let named = try parseEscapedClass() {
        result.insert(named)
      } else {
        try parseClassRange(into: &result, classStart: start)
      }
    }
    index += 1
    result.normalize()
    return isNegative ? result.inverted : result
  }

  private mutating func parseClassRange(
    into result: inout CharacterClass, classStart: Int
  ) throws(RegexError) {
    let start = index
    let low = try parseClassScalar(classStart)
    var high = low
    if byte(at: index) == UInt8(ascii: "-"), let next = byte(at: index + 1), next != 0x5D {
      index += 1
      high = try parseClassScalar(classStart)
      guard low <= high else { throw failure(.invalidClassRange, start, index) }
    }
    guard flags.contains(.foldCase) else { return result.insert(low, high) }
    var folded = CharacterClass(low, high)
    folded.insertCaseVariants()
    result.insert(folded)
  }

  private mutating func parseClassScalar(_ classStart: Int) throws(RegexError) -> UInt32 {
    guard !isAtEnd else { throw failure(.missingBracket, classStart, bytes.count) }
    return bytes[index] == UInt8(ascii: "\\") ? try parseEscapedScalar() : try nextScalar()
  }

  /// `[:name:]` or `[:^name:]` inside of brackets; nil when the bracket stands for itself.
  private mutating func parsePOSIXClass() throws(RegexError) -> CharacterClass? {
    guard bytes[index] == UInt8(ascii: "["), byte(at: index + 1) == UInt8(ascii: ":") else {
      return nil
    }
    var end = index + 2
    while end + 1 < bytes.count, bytes[end] != UInt8(ascii: ":") || bytes[end + 1] != 0x5D {
      end += 1
    }
    guard end + 1 < bytes.count else { return nil }
    var nameStart = index + 2
    let isNegative = byte(at: nameStart) == UInt8(ascii: "^")
    if isNegative { nameStart += 1 }
    guard nameStart <= end, var named = CharacterClass.posix(Substring(text(nameStart, end))) else {
      throw failure(.invalidClassRange, index, end + 2)
    }
    index = end + 2
    if flags.contains(.foldCase) { named.insertCaseVariants() }
    return isNegative ? named.inverted : named
  }
}

private func hexadecimalValue(_ digit: UInt8) -> UInt32? {
  switch digit {
  case 0x30...0x39: UInt32(digit - 0x30)
  case 0x41...0x46: UInt32(digit - 0x37)
  case 0x61...0x66: UInt32(digit - 0x57)
  default: nil
  }
}
