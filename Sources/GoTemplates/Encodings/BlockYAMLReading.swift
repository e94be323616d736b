/// Reads the YAML that most templates write (blocks, scalars of one line, literal texts, short flows) in
/// one pass, some five times quicker than from libyaml's events.
///
/// It answers only where it is certain: `document` is nil for all else, be it right or wrong, and the
/// full reader decides. Anchors, tags, flows of several lines and tabs are such. Scalars are in
/// `BlockYAMLScalars.swift`.
struct BlockYAMLReading {
  let bytes: UnsafeBufferPointer<UInt8>
  var index = 0
  /// Whether only what stands under `metadata`, and scalars at the top, is made.
  private let keepsOnlyHead: Bool
  private var isInMetadata = false
  /// Whether nothing is made of what is read now.
  var isSkipping = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, keepsOnlyHead: Bool = false) {
    self.bytes = bytes
    self.keepsOnlyHead = keepsOnlyHead
  }

  /// The collection that the text holds; nil if the full reader must say.
  mutating func document() -> GoValue? {
    guard isPlainText, let column = nextColumn() ?? columnBehindMark(), let root = block(column, 0)
    else { return nil }
    return nextColumn() == nil && index == bytes.count ? root : nil
  }

  /// The column of the first line with content behind the mark `---` that stands here.
  private mutating func columnBehindMark() -> Int? {
    guard isRepeated(byte(index), 0x2D), index == 0 || bytes[index - 1] == 0x0A else { return nil }
    index += 3
    return endsLine() ? nextColumn() : nil
  }

  // MARK: bytes and lines

  /// Whether no byte is a control character, a line's end of another kind, or no UTF-8.
  private var isPlainText: Bool {
    let raw = UnsafeRawBufferPointer(bytes)
    var isASCII = true
    var index = 0
    while index < bytes.count {
      if index + 8 <= bytes.count,
        isEightPlain(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      {
        index += 8
        continue
      }
      for _ in 0..<min(8, bytes.count - index) {
        guard isPlain(at: index) else { return false }
        if bytes[index] >= 0x80 { isASCII = false }
        index += 1
      }
    }
    return isASCII || String(validating: bytes, as: UTF8.self) != nil
  }

  /// Whether eight bytes are line ends and what ASCII prints.
  @inline(__always)
  private func isEightPlain(_ word: UInt64) -> Bool {
    let highs: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    guard word & highs == 0 else { return false }
    let belowBlank = ~((word | highs) &- ones &* 0x20) & highs
    let noLineEnd = (word ^ ones &* 0x0A) &+ ones &* 0x7F
    let delete = (word &+ ones) & highs
    return belowBlank & noLineEnd | delete == 0
  }

  private func isPlain(at index: Int) -> Bool {
    let byte = bytes[index]
    if byte < 0x20 { return byte == 0x0A || byte == 0x09 }
    if byte < 0x7F { return true }
    if byte == 0x7F { return false }
    // U+0080 to U+009F, U+2028, U+2029, and U+F000 to U+FFFF.
    let last = index > 0 ? bytes[index - 1] : 0
    if last == 0xC2, byte < 0xA0 { return false }
    if last == 0x80, index > 1, bytes[index - 2] == 0xE2, byte == 0xA8 || byte == 0xA9 {
      return false
    }
    return byte != 0xEF
  }

  @inline(__always)
  func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0x0A }

  /// Goes to the next line with content, from the end or the start of a line, and gives its column; nil
  /// at the end of the text, or where the full reader must say.
  private mutating func nextColumn() -> Int? {
    while index < bytes.count {
      let start = index
      skipBlanks()
      if index >= bytes.count { return nil }
      switch bytes[index] {
      case 0x0A: index += 1
      case 0x23: toLineEnd()
      case 0x09: return nil
      default:
        let column = index - start
        // Ends of documents and directives.
        if column == 0 {
          let first = bytes[index]
          if first == 0x25 || isRepeated(first, 0x2D) || isRepeated(first, 0x2E) { return nil }
        }
        return column
      }
    }
    return nil
  }

  func isRepeated(_ first: UInt8, _ wanted: UInt8) -> Bool {
    first == wanted && byte(index + 1) == wanted && byte(index + 2) == wanted
  }

  /// Goes behind the end of the line.
  private mutating func toLineEnd() {
    while index < bytes.count {
      index += 1
      if bytes[index - 1] == 0x0A { return }
    }
  }

  @inline(__always)
  mutating func skipBlanks() {
    let raw = UnsafeRawBufferPointer(bytes)
    while index + 8 <= raw.count,
      raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) == 0x2020_2020_2020_2020
    {
      index += 8
    }
    while byte(index) == 0x20 { index += 1 }
  }

  /// Goes to the next byte at which a plain scalar may end: the end of the line, a tab, `:` or `#`.
  @inline(__always)
  mutating func skipPlain() {
    let stops: UInt64 = 1 << 0x0A | 1 << 0x09 | 1 << 0x3A | 1 << 0x23
    while index < bytes.count, bytes[index] >= 64 || stops >> UInt64(bytes[index]) & 1 == 0 {
      index += 1
    }
  }

  /// Goes behind the line if nothing but a comment follows; false if something does.
  mutating func endsLine() -> Bool {
    let start = index
    while byte(index) == 0x20 { index += 1 }
    if index >= bytes.count { return true }
    if bytes[index] == 0x0A {
      index += 1
      return true
    }
    guard bytes[index] == 0x23, index > start || index > 0 && bytes[index - 1] == 0x20 else {
      return false
    }
    toLineEnd()
    return true
  }

  /// The column of the next line with content, which stays to be read; -1 at the end of the text.
  mutating func peekColumn() -> Int? {
    guard let column = nextColumn() else { return index >= bytes.count ? -1 : nil }
    index -= column
    return column
  }

  // MARK: collections

  /// The collection whose first entry stands here, in this column.
  private mutating func block(_ column: Int, _ depth: Int) -> GoValue? {
    guard depth < 100 else { return nil }
    guard keepsOnlyHead, depth > 0, !isInMetadata, !isSkipping else {
      return isEntry ? sequence(column, depth) : mapping(column, depth)
    }
    isSkipping = true
    defer { isSkipping = false }
    if isEntry { return sequence(column, depth) == nil ? nil : .list(GoList([])) }
    return mapping(column, depth) == nil ? nil : .map(GoMap())
  }

  private var isEntry: Bool {
    byte(index) == 0x2D && (byte(index + 1) == 0x20 || byte(index + 1) == 0x0A)
  }

  private mutating func mapping(_ column: Int, _ depth: Int) -> GoValue? {
    let map = isSkipping ? nil : GoMap(reserving: 4)
    while true {
      guard let name = key() else { return nil }
      // Go's JSON finds a field in letters of another case too.
      if depth == 0 { isInMetadata = name.elementsEqual(Self.metadata) { $0 | 0x20 == $1 } }
      guard let value = value(under: column, isInSequence: false, depth) else { return nil }
      map?[name] = value
      guard let next = peekColumn(), next <= column else { return nil }
      guard next == column else { return map.map { .map($0) } ?? .null }
      index += column
      if isEntry { return nil }
    }
  }

  private mutating func sequence(_ column: Int, _ depth: Int) -> GoValue? {
    var elements: [GoValue] = []
    while true {
      let start = index
      index += 1
      while byte(index) == 0x20 { index += 1 }
      let inner = column + index - start
      let element: GoValue?
      if isEntry || hasKey() {
        element = block(inner, depth + 1)
      } else {
        element = value(under: column, isInSequence: true, depth)
      }
      guard let element else { return nil }
      if !isSkipping { elements.append(element) }
      guard let next = peekColumn(), next <= column else { return nil }
      guard next == column else { break }
      index += column
      guard isEntry else {
        // A key behind a sequence in its own column.
        index -= column
        break
      }
    }
    return isSkipping ? .null : .list(GoList(elements))
  }

  /// What stands behind a key or a dash: on the line, or on the lines below.
  private mutating func value(
    under column: Int, isInSequence: Bool, _ depth: Int
  ) -> GoValue? {
    let first = byte(index)
    if first == 0x7C || first == 0x3E { return blockScalar(column, isFolded: first == 0x3E) }
    guard endsLine() else { return lines(under: column) }
    guard let next = peekColumn() else { return nil }
    if next > column {
      index += next
      return isEntry || hasKey() ? block(next, depth + 1) : lines(under: column)
    }
    if next == column, !isInSequence {
      index += column
      if isEntry { return sequence(column, depth + 1) }
      index -= column
    }
    return .null
  }

  /// A scalar or a flow that begins here, up to the end of its last line.
  private mutating func lines(under column: Int) -> GoValue? {
    guard let value = inline(under: column), endsLine(), let next = peekColumn(), next <= column
    else { return nil }
    return value
  }

  // MARK: keys

  /// Whether a key stands here, on this line.
  private func hasKey() -> Bool {
    var copy = self
    copy.isSkipping = true
    return copy.key() != nil
  }

  /// The key that stands here and the blanks behind its colon.
  private mutating func key() -> [UInt8]? {
    let first = byte(index)
    let name: [UInt8]
    if first == 0x22 || first == 0x27 {
      guard let text = quoted(spansLines: false) else { return nil }
      name = text
      skipBlanks()
      guard byte(index) == 0x3A, byte(index + 1) == 0x20 || byte(index + 1) == 0x0A else {
        return nil
      }
    } else {
      guard isPlainStart(first), first != 0x3C, first != 0x3D, first != 0x2D else { return nil }
      let start = index
      while true {
        skipPlain()
        let current = byte(index)
        if current != 0x3A { return nil }
        if byte(index + 1) == 0x20 || byte(index + 1) == 0x0A { break }
        index += 1
      }
      var end = index
      while end > start, bytes[end - 1] == 0x20 { end -= 1 }
      if isSkipping, isPlainWord(first) {
        guard end - start < 500 else { return nil }
        index += 1
        skipBlanks()
        return []
      }
      let text = Array(bytes[start..<end])
      switch resolvedYAML(text) {
      case .string, .timestamp: name = text
      case .bool(let flag): name = Array((flag ? "true" : "false").utf8)
      case .int(let int): name = Array(String(int).utf8)
      default: return nil
      }
    }
    guard name.count < 500 else { return nil }
    index += 1
    skipBlanks()
    return name
  }

  /// Whether a plain scalar that begins so is a text or a bool, whatever follows, but no null.
  private func isPlainWord(_ first: UInt8) -> Bool {
    (0x41...0x5A).contains(first & 0xDF) && first & 0xDF != 0x4E
  }

  private static let metadata = Array("metadata".utf8)
}
