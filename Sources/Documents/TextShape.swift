/// What the bytes of a text say about how it can be written in YAML: one table look-up a byte.
///
/// The table is memory of its own, made once for a writer.
struct TextShape: ~Copyable {
  static let lineFeed: UInt8 = 1
  /// A character that only an escape can write: a control character except tab and line feed.
  static let control: UInt8 = 2
  static let tab: UInt8 = 4
  /// `:` or `#`, which may end a plain scalar.
  static let separator: UInt8 = 8
  /// `"` or `\`.
  static let doubleQuoteOrBackslash: UInt8 = 16
  static let notASCII: UInt8 = 32
  static let singleQuote: UInt8 = 64

  /// What a text's first byte means.
  enum Start {
    static let letter: UInt8 = 0
    /// No plain scalar may start so (YAML 1.2 section 7.3.3), or only before a non-blank.
    static let indicator: UInt8 = 1
    /// The text may be a number, a date, a boolean, null, a merge key.
    static let ambiguous: UInt8 = 2
  }

  private let flags: UnsafeMutablePointer<UInt8>
  private let starts: UnsafeMutablePointer<UInt8>

  init() {
    flags = .allocate(capacity: 256)
    starts = .allocate(capacity: 256)
    flags.initialize(repeating: 0, count: 256)
    starts.initialize(repeating: Start.letter, count: 256)
    for byte in 0..<0x20 { flags[byte] = Self.control }
    flags[0x7F] = Self.control
    flags[0x0A] = Self.lineFeed
    flags[0x09] = Self.tab
    for byte in 0x80...0xFF { flags[byte] = Self.notASCII }
    for byte in ":#".utf8 { flags[Int(byte)] = Self.separator }
    for byte in #""\"#.utf8 { flags[Int(byte)] = Self.doubleQuoteOrBackslash }
    flags[Int(UInt8(ascii: "'"))] = Self.singleQuote
    for byte in " -?:,[]{}#&*!|>'\"%@`".utf8 { starts[Int(byte)] = Start.indicator }
    for byte in "0123456789+.~=<yYnNtTfFoO".utf8 { starts[Int(byte)] = Start.ambiguous }
  }

  deinit {
    flags.deallocate()
    starts.deallocate()
  }

  /// The flags of all bytes of a text.
  @inline(__always)
  func flags(of text: UnsafeBufferPointer<UInt8>) -> UInt8 {
    guard let start = text.baseAddress else { return 0 }
    var all: UInt8 = 0
    var index = 0
    while index < text.count {
      all |= flags[Int(start[index])]
      index &+= 1
    }
    return all
  }

  @inline(__always)
  func start(_ byte: UInt8) -> UInt8 { starts[Int(byte)] }
}

/// Whether a text has a character above ASCII that YAML forbids or takes for a line break, or is
/// not UTF-8: then only an escape can write it.
func needsEscapes(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  var index = 0
  while index < text.count {
    if text[index] < 0x80 {
      index += 1
      continue
    }
    guard let (scalar, length) = decodedScalar(text, at: index) else { return true }
    if mustEscape(scalar) { return true }
    index += length
  }
  return false
}

/// Whether a character above ASCII is a line break of YAML 1.1 or no character of YAML.
func mustEscape(_ scalar: UInt32) -> Bool {
  scalar < 0xA0 || scalar == 0x2028 || scalar == 0x2029 || scalar == 0xFEFF || scalar == 0xFFFE
    || scalar == 0xFFFF
}

/// Whether `: `, ` #` or a final `:` would end a plain scalar early.
func hasPlainSeparator(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  for index in 0..<text.count {
    if text[index] == UInt8(ascii: ":") {
      if index + 1 == text.count || text[index + 1] == 0x20 { return true }
    } else if text[index] == UInt8(ascii: "#"), index > 0, text[index - 1] == 0x20 {
      return true
    }
  }
  return false
}

/// Whether a YAML 1.1 or 1.2 reader could take a plain text for something other than a string.
///
/// Covers the types of yaml.org/type (bool, null, int with base 60, float, timestamp, merge,
/// value) and YAML 1.2's core schema, also where the Kubernetes reader would not.
func looksLikeAnotherType(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let first = text.first else { return true }
  switch first {
  case UInt8(ascii: "~"), UInt8(ascii: "="): return text.count == 1
  case UInt8(ascii: "<"): return text.count == 2 && text[1] == first
  case UInt8(ascii: "+"), UInt8(ascii: "-"):
    return looksLikeNumber(UnsafeBufferPointer(rebasing: text[1...]))
  case UInt8(ascii: "."), 0x30...0x39:
    return looksLikeNumber(text) || looksLikeDate(text)
  default: return isReservedWord(text)
  }
}

private func isReservedWord(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard text.count <= 5 else { return false }
  var word: UInt64 = 0
  for byte in text { word = word << 8 | UInt64(byte | 0x20) }
  switch word {
  case 0x79, 0x6E,  // y, n
    0x79_6573, 0x6E6F,  // yes, no
    0x6F6E, 0x6F_6666,  // on, off
    0x7472_7565, 0x66_616C_7365,  // true, false
    0x6E75_6C6C:  // null
    return true
  default: return false
  }
}

/// Whether an unsigned text is an integer in any base, a float, or a base 60 number.
private func looksLikeNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let first = text.first else { return false }
  if first == UInt8(ascii: "."), text.count == 4 {
    let word = text.dropFirst().reduce(UInt32(0)) { $0 << 8 | UInt32($1 | 0x20) }
    if word == 0x69_6E66 || word == 0x6E_616E { return true }  // inf, nan
  }
  if first == 0x30, text.count > 2 {
    switch text[1] | 0x20 {
    case UInt8(ascii: "x"), UInt8(ascii: "o"), UInt8(ascii: "b"):
      return text.dropFirst(2).allSatisfy {
        isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) || $0 == UInt8(ascii: "_")
      }
    default: break
    }
  }
  var digitCount = 0
  var pointCount = 0
  var colonCount = 0
  var index = 0
  scan: while index < text.count {
    switch text[index] {
    case 0x30...0x39: digitCount += 1
    case UInt8(ascii: "_"), UInt8(ascii: ","): break
    case UInt8(ascii: "."): pointCount += 1
    case UInt8(ascii: ":"): colonCount += 1
    default: break scan
    }
    index += 1
  }
  guard digitCount > 0, pointCount <= 1 else { return false }
  if index == text.count { return true }
  guard colonCount == 0, text[index] | 0x20 == UInt8(ascii: "e") else { return false }
  index += 1
  if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
    index += 1
  }
  return index < text.count && text[index...].allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") }
}

/// Whether a text starts like `2024-01-31`, alone or before a time.
private func looksLikeDate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  guard text.count >= 8, text[4] == UInt8(ascii: "-"), text[..<4].allSatisfy(isDigit) else {
    return false
  }
  var index = 5
  func skipDigits() -> Bool {
    let start = index
    while index < text.count, index < start + 2, isDigit(text[index]) { index += 1 }
    return index > start
  }
  guard skipDigits(), index < text.count, text[index] == UInt8(ascii: "-") else { return false }
  index += 1
  guard skipDigits() else { return false }
  return index == text.count || text[index] | 0x20 == UInt8(ascii: "t") || text[index] == 0x20
}
