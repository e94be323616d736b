/// Where each byte of a scalar's text stands in the file.
///
/// Undoes quotes, escapes, folding, indentation and chomping as libyaml 0.2.5 does (`scanner.c`),
/// so that `text` is what libyaml gives; a test holds the two equal.
struct ScalarTextMap {
  /// The decoded text, UTF-8.
  private(set) var text: [UInt8] = []
  /// For each byte of the text, the file's byte range it comes from.
  private var starts: [UInt32] = []
  private var ends: [UInt32] = []

  private var bytes: UnsafeBufferPointer<UInt8>
  private var index: Int
  private var end: Int

  /// A map of the scalar at `range` of the file; `expected` is the text of a block scalar, which
  /// tells its indentation. Nil when the text cannot be mapped.
  init?(
    _ file: UnsafeBufferPointer<UInt8>, range: Range<Int>, style: ScalarStyle,
    expected: ArraySlice<UInt8>
  ) {
    bytes = file
    index = range.lowerBound
    end = min(range.upperBound, file.count)
    switch style {
    case .plain:
      readFlow(until: nil)
    case .singleQuoted, .doubleQuoted:
      let quote = style == .singleQuoted ? UInt8(ascii: "'") : UInt8(ascii: "\"")
      guard index < end, bytes[index] == quote else { return nil }
      index += 1
      readFlow(until: quote)
    case .literal, .folded:
      guard let block = Self.block(file, start: index, style: style, expected: expected) else {
        return nil
      }
      self = block
    }
  }

  /// The file's byte range of a byte range of the text; nil when it is not inside the text.
  func fileRange(_ range: Range<Int>) -> Range<Int>? {
    guard range.lowerBound >= 0, range.upperBound <= text.count else { return nil }
    guard range.lowerBound < text.count else {
      let offset = ends.last.map(Int.init) ?? index
      return offset..<offset
    }
    let start = Int(starts[range.lowerBound])
    return range.isEmpty ? start..<start : start..<max(start, Int(ends[range.upperBound - 1]))
  }

  private mutating func append(_ byte: UInt8, _ start: Int, _ end: Int) {
    text.append(byte)
    starts.append(UInt32(truncatingIfNeeded: start))
    ends.append(UInt32(truncatingIfNeeded: end))
  }

  private mutating func append(_ piece: Piece) {
    for byte in piece.bytes { append(byte, piece.start, piece.end) }
  }

  /// A line break, or blanks, that may or may not become text.
  private struct Piece {
    var bytes: [UInt8]
    var start: Int
    var end: Int
  }

  /// The line break at an offset, as text: CR LF, CR, LF and NEL are one line feed; U+2028 and
  /// U+2029 stay themselves.
  private static func lineBreak(
    _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, end: Int
  ) -> Piece? {
    guard offset < end else { return nil }
    func byte(_ distance: Int) -> UInt8 { offset + distance < end ? bytes[offset + distance] : 0 }
    switch bytes[offset] {
    case 0x0D where byte(1) == 0x0A: return Piece(bytes: [0x0A], start: offset, end: offset + 2)
    case 0x0A, 0x0D: return Piece(bytes: [0x0A], start: offset, end: offset + 1)
    case 0xC2 where byte(1) == 0x85: return Piece(bytes: [0x0A], start: offset, end: offset + 2)
    case 0xE2 where byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9):
      return Piece(bytes: [0xE2, 0x80, byte(2)], start: offset, end: offset + 3)
    default: return nil
    }
  }

  private func lineBreak() -> Piece? { Self.lineBreak(bytes, at: index, end: end) }

  // MARK: plain and quoted

  private mutating func readFlow(until quote: UInt8?) {
    while index < end {
      if bytes[index] == quote {
        guard quote == UInt8(ascii: "'"), index + 1 < end, bytes[index + 1] == quote else { return }
        append(UInt8(ascii: "'"), index, index + 2)
        index += 2
      } else if bytes[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        readEscape()
      } else if bytes[index] == 0x20 || bytes[index] == 0x09 || lineBreak() != nil {
        readBlanks(afterEscapedBreak: false)
      } else {
        append(bytes[index], index, index + 1)
        index += 1
      }
    }
  }

  /// Blanks and breaks: blanks within a line stay, one break becomes a space, more become line
  /// feeds.
  private mutating func readBlanks(afterEscapedBreak: Bool) {
    var blanks: [Piece] = []
    var firstBreak: Piece?
    var moreBreaks: [Piece] = []
    var isFolding = afterEscapedBreak
    while index < end {
      if bytes[index] == 0x20 || bytes[index] == 0x09 {
        if !isFolding { blanks.append(Piece(bytes: [bytes[index]], start: index, end: index + 1)) }
        index += 1
      } else if let lineBreak = lineBreak() {
        if isFolding {
          moreBreaks.append(lineBreak)
        } else {
          (firstBreak, isFolding) = (lineBreak, true)
        }
        index = lineBreak.end
      } else {
        break
      }
    }
    guard isFolding else {
      for blank in blanks { append(blank) }
      return
    }
    if let firstBreak, firstBreak.bytes == [0x0A] {
      if moreBreaks.isEmpty { append(0x20, firstBreak.start, firstBreak.end) }
    } else if let firstBreak {
      append(firstBreak)
    }
    for lineBreak in moreBreaks { append(lineBreak) }
  }

  private mutating func readEscape() {
    let start = index
    index += 1
    if let lineBreak = lineBreak() {
      index = lineBreak.end
      readBlanks(afterEscapedBreak: true)
      return
    }
    guard index < end else { return }
    let letter = bytes[index]
    index += 1
    var scalar: UInt32
    switch letter {
    case UInt8(ascii: "0"): scalar = 0
    case UInt8(ascii: "a"): scalar = 7
    case UInt8(ascii: "b"): scalar = 8
    case UInt8(ascii: "t"), 0x09: scalar = 9
    case UInt8(ascii: "n"): scalar = 10
    case UInt8(ascii: "v"): scalar = 11
    case UInt8(ascii: "f"): scalar = 12
    case UInt8(ascii: "r"): scalar = 13
    case UInt8(ascii: "e"): scalar = 0x1B
    case UInt8(ascii: "N"): scalar = 0x85
    case UInt8(ascii: "_"): scalar = 0xA0
    case UInt8(ascii: "L"): scalar = 0x2028
    case UInt8(ascii: "P"): scalar = 0x2029
    case UInt8(ascii: "x"): scalar = hexadecimal(2)
    case UInt8(ascii: "u"): scalar = hexadecimal(4)
    case UInt8(ascii: "U"): scalar = hexadecimal(8)
    default: scalar = UInt32(letter)
    }
    if Unicode.Scalar(scalar) == nil { scalar = 0xFFFD }
    for byte in String(Unicode.Scalar(scalar) ?? " ").utf8 { append(byte, start, index) }
  }

  private mutating func hexadecimal(_ count: Int) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<count where index < end {
      number = number << 4 | UInt32(Character(Unicode.Scalar(bytes[index])).hexDigitValue ?? 0)
      index += 1
    }
    return number
  }

  // MARK: block scalars

  /// Tries the indentations that the first lines allow until the text is the expected one.
  private static func block(
    _ bytes: UnsafeBufferPointer<UInt8>, start: Int, style: ScalarStyle,
    expected: ArraySlice<UInt8>
  ) -> ScalarTextMap? {
    guard start < bytes.count else { return nil }
    var index = start + 1
    var chomping: UInt8?
    while index < bytes.count, lineBreak(bytes, at: index, end: bytes.count) == nil {
      if bytes[index] == UInt8(ascii: "#") { break }
      if bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
        chomping = bytes[index]
      }
      index += 1
    }
    while index < bytes.count, lineBreak(bytes, at: index, end: bytes.count) == nil { index += 1 }
    guard let first = lineBreak(bytes, at: index, end: bytes.count) else { return nil }
    for indentation in candidateIndentations(bytes, from: first.end) {
      var map = ScalarTextMap(bytes: bytes, index: first.end)
      map.readBlock(
        indentation: indentation, isLiteral: style == .literal, chomping: chomping,
        limit: expected.count)
      if map.text.elementsEqual(expected) { return map }
    }
    return nil
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, index: Int) {
    self.bytes = bytes
    self.index = index
    end = bytes.count
  }

  /// The most spaces that a line may be indented by, up to the first that has text, downwards.
  private static func candidateIndentations(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> [Int] {
    var index = start
    var most = 1
    while index < bytes.count {
      let lineStart = index
      while index < bytes.count, bytes[index] == 0x20 { index += 1 }
      most = max(most, index - lineStart)
      guard let lineBreak = lineBreak(bytes, at: index, end: bytes.count) else { break }
      index = lineBreak.end
    }
    return Array((1...most).reversed().prefix(1_000))
  }

  /// Reads the lines of a block scalar; stops once the text is longer than `limit`.
  private mutating func readBlock(
    indentation: Int, isLiteral: Bool, chomping: UInt8?, limit: Int
  ) {
    var leadingBreak: Piece?
    var isLeadingBlank = false
    var (moreBreaks, column) = blockBreaks(indentation)
    while column == indentation, index < end, text.count <= limit {
      let isBlank = bytes[index] == 0x20 || bytes[index] == 0x09
      if !isLiteral, let lineBreak = leadingBreak, lineBreak.bytes == [0x0A], !isLeadingBlank,
        !isBlank
      {
        if moreBreaks.isEmpty { append(0x20, lineBreak.start, lineBreak.end) }
      } else if let leadingBreak {
        append(leadingBreak)
      }
      for lineBreak in moreBreaks { append(lineBreak) }
      isLeadingBlank = isBlank
      while index < end, lineBreak() == nil {
        append(bytes[index], index, index + 1)
        index += 1
      }
      leadingBreak = lineBreak()
      if let leadingBreak { index = leadingBreak.end }
      (moreBreaks, column) = blockBreaks(indentation)
    }
    if chomping != UInt8(ascii: "-"), let leadingBreak { append(leadingBreak) }
    if chomping == UInt8(ascii: "+") { for lineBreak in moreBreaks { append(lineBreak) } }
  }

  /// Eats indentation and empty lines; the column is where it stopped in the last line.
  private mutating func blockBreaks(_ indentation: Int) -> (breaks: [Piece], column: Int) {
    var breaks: [Piece] = []
    while true {
      var column = 0
      while column < indentation, index < end, bytes[index] == 0x20 {
        index += 1
        column += 1
      }
      guard let lineBreak = lineBreak() else { return (breaks, column) }
      breaks.append(lineBreak)
      index = lineBreak.end
    }
  }
}
