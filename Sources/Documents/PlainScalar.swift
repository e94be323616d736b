#if canImport(Glibc)
  internal import Glibc
#endif

/// What a plain (unquoted) scalar means to the reader of the Kubernetes API server.
///
/// That reader is sigs.k8s.io/yaml over its copy of go-yaml v2 (`goyaml.v2/resolve.go`, v1.4.0;
/// every rule here was held against `kubectl annotate --local` 1.32.4):
/// - words, in three spellings each (`yes Yes YES`): `true yes on y` and `false no off n` are
///   booleans, also the single letters; empty, `~` and `null` are null; `.inf` (signed or not) and
///   `.nan` are floats;
/// - a word that starts with a digit or a sign loses all its `_`, then is an integer in Go's
///   base 0 (`0x`, `0b`, `0o`, either case, and `017` as octal), else a float of the form
///   `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` (so `08` is the number 8);
/// - a word that starts with `.` is a float if Go's `ParseFloat` takes it;
/// - dates stay text once they went through JSON, base 60 (`1:30`) is not read as a number, and a
///   float out of range stays text.
///
/// Unlike that reader, integers over Int64 are kept exactly (`uint`, up to UInt64), and floats
/// stay floats where JSON would make `1.0` an integer.
struct PlainScalar {
  /// `.absent` when the word is text.
  var value: Value
  /// Why a person might have meant something else.
  var surprise: Surprise?

  /// A reading that surprises many.
  enum Surprise {
    /// `yes`, `no`, `on`, `off`, `y`, `n`.
    case word
    /// `017`, `0o17`.
    case octal
    /// `08`: no octal, so decimal.
    case leadingZero
    /// `1_000`.
    case underscore
    /// `1234e56`: perhaps a commit.
    case exponent
    /// `.inf`, `.nan`: JSON has no word for it.
    case notJSON
  }

  /// Most scalars are text: their first byte says so.
  @inline(__always)
  static func isSurelyText(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count > 0 else { return false }
    switch text[0] {
    case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "~"):
      return false
    case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"),
      UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"),
      UInt8(ascii: "o"), UInt8(ascii: "O"):
      return text.count > 5
    default:
      return true
    }
  }

  /// The meaning of a plain scalar's text.
  init(_ text: UnsafeBufferPointer<UInt8>) {
    value = .absent
    guard text.count > 0 else {
      value = .null
      return
    }
    if let word = Self.word(text) {
      self = word
      return
    }
    switch text[0] {
    case UInt8(ascii: "."): readPointFloat(text)
    case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"): readNumber(text)
    default: break
    }
  }

  private init(_ value: Value, _ surprise: Surprise? = nil) {
    self.value = value
    self.surprise = surprise
  }

  private static func word(_ text: UnsafeBufferPointer<UInt8>) -> PlainScalar? {
    guard text.count <= 5 else { return nil }
    // At most five ASCII bytes in a number; then the spelling: all lower, all upper, or capital.
    var lower: UInt64 = 0
    var upperCount = 0
    var letterCount = 0
    for byte in text {
      let isUpper = byte >= 0x41 && byte <= 0x5A
      let isLower = byte >= 0x61 && byte <= 0x7A
      if isUpper { upperCount += 1 }
      if isUpper || isLower { letterCount += 1 }
      lower = lower << 8 | UInt64(isUpper ? byte | 0x20 : byte)
    }
    func packed(_ word: StaticString) -> UInt64 {
      var number: UInt64 = 0
      for index in 0..<word.utf8CodeUnitCount {
        number = number << 8 | UInt64(word.utf8Start[index])
      }
      return number
    }
    let first = text[0]
    let isCapital = upperCount == 1 && first >= 0x41 && first <= 0x5A
    let isRegular = upperCount == 0 || upperCount == letterCount || isCapital
    switch lower {
    case packed("~"): return PlainScalar(.null)
    case packed("null") where isRegular: return PlainScalar(.null)
    case packed("true") where isRegular: return PlainScalar(.true)
    case packed("false") where isRegular: return PlainScalar(.false)
    case packed("yes"), packed("on"), packed("y"):
      return isRegular ? PlainScalar(.true, .word) : nil
    case packed("no"), packed("off"), packed("n"):
      return isRegular ? PlainScalar(.false, .word) : nil
    case packed(".inf"), packed("+.inf"), packed("-.inf"), packed(".nan"):
      // `.inf .Inf .INF`, but `.nan .NaN .NAN`.
      let letters = text[(text.count - 3)...]
      let shape = letters.map { $0 >= 0x41 && $0 <= 0x5A }
      let isNaN = lower == packed(".nan")
      guard
        shape == [false, false, false] || shape == [true, true, true]
          || shape == (isNaN ? [true, false, true] : [true, false, false])
      else { return nil }
      let number: Double = isNaN ? .nan : first == UInt8(ascii: "-") ? -.infinity : .infinity
      return PlainScalar(.double(number), .notJSON)
    default: return nil
    }
  }

  private mutating func readPointFloat(_ text: UnsafeBufferPointer<UInt8>) {
    // Go's ParseFloat takes single underscores between digits here: ".1_0".
    var digits: [UInt8] = []
    var hasUnderscore = false
    var previous = text[0]
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: "_") {
        guard isDigit(previous), index + 1 < text.count, isDigit(text[index + 1]) else { return }
        hasUnderscore = true
      } else {
        digits.append(byte)
      }
      previous = byte
    }
    digits.withUnsafeBufferPointer { digits in
      guard let number = yamlFloat(digits) else { return }
      value = .double(number)
      surprise = hasUnderscore ? .underscore : nil
    }
  }

  private mutating func readNumber(_ text: UnsafeBufferPointer<UInt8>) {
    if text.contains(UInt8(ascii: "_")) {
      let plain = text.filter { $0 != UInt8(ascii: "_") }
      plain.withUnsafeBufferPointer { readPlainNumber($0) }
      if !value.isAbsent { surprise = .underscore }
    } else {
      readPlainNumber(text)
    }
  }

  private mutating func readPlainNumber(_ text: UnsafeBufferPointer<UInt8>) {
    var index = 0
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative || text.count > 0 && text[0] == UInt8(ascii: "+") { index = 1 }
    guard index < text.count else { return }
    var base: UInt64 = 10
    if text[index] == 0x30, index + 1 < text.count {
      switch text[index + 1] | 0x20 {
      case UInt8(ascii: "x"): (base, index) = (16, index + 2)
      case UInt8(ascii: "o"): (base, index) = (8, index + 2)
      case UInt8(ascii: "b"): (base, index) = (2, index + 2)
      default: if isDigit(text[index + 1]) { (base, index) = (8, index + 1) }
      }
      if base == 8 { surprise = .octal }
    }
    switch magnitude(text, from: index, base: base) {
    case .number(let number):
      if isNegative {
        if number <= 1 << 63 { value = .int(Int64(truncatingIfNeeded: 0 &- number)) }
      } else if number <= UInt64(Int64.max) {
        value = .int(Int64(number))
      } else if text[0] != UInt8(ascii: "+") {
        // Go's ParseUint takes no sign.
        value = .uint(number)
      }
    case .tooLarge, .notDigits: break
    }
    guard value.isAbsent else { return }
    surprise = nil
    guard let number = yamlFloat(text) else { return }
    value = .double(number)
    if base == 8 { surprise = .leadingZero }
    if text.count >= 7, text.allSatisfy({ isDigit($0) || $0 | 0x20 == UInt8(ascii: "e") }),
      text.contains(where: { $0 | 0x20 == UInt8(ascii: "e") })
    {
      surprise = .exponent
    }
  }

  private enum Magnitude {
    case number(UInt64)
    case tooLarge
    case notDigits
  }

  private func magnitude(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, base: UInt64
  ) -> Magnitude {
    guard start < text.count else { return .notDigits }
    var number: UInt64 = 0
    var isTooLarge = false
    for index in start..<text.count {
      let byte = text[index]
      let digit: UInt64
      switch byte {
      case 0x30...0x39: digit = UInt64(byte) - 0x30
      case 0x41...0x46: digit = UInt64(byte) - 0x37
      case 0x61...0x66: digit = UInt64(byte) - 0x57
      default: return .notDigits
      }
      guard digit < base else { return .notDigits }
      let (product, overflow) = number.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      isTooLarge = isTooLarge || overflow || carry
      number = sum
    }
    return isTooLarge ? .tooLarge : .number(number)
  }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// The number of a text of the form `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; nil for
/// any other text and for one that is out of a double's range.
func yamlFloat(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
  var index = 0
  func skipDigits() -> Int {
    let start = index
    while index < text.count, isDigit(text[index]) { index += 1 }
    return index - start
  }
  if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
    index += 1
  }
  let whole = skipDigits()
  if index < text.count, text[index] == UInt8(ascii: ".") {
    index += 1
    let fraction = skipDigits()
    guard whole + fraction > 0 else { return nil }
  } else if whole == 0 {
    return nil
  }
  if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
    index += 1
    if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
      index += 1
    }
    guard skipDigits() > 0 else { return nil }
  }
  guard index == text.count else { return nil }
  return parsedDouble(text)
}

/// The double nearest to a decimal text that is known to be well-formed; nil when out of range.
func parsedDouble(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
  // strtod reads up to a NUL, which neither libyaml's copy nor a slice of JSON promises.
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy in
    for index in 0..<text.count { copy[index] = CChar(bitPattern: text[index]) }
    copy[text.count] = 0
    guard let start = copy.baseAddress else { return nil }
    let number = strtod(start, nil)
    return number.isFinite ? number : nil
  }
}
