/// Reads the YAML that most templates write (blocks, scalars of one line, literal texts, short flows) in
/// one pass, some five times quicker than from libyaml's events.
///
/// It answers only where it is certain: `document` is nil for all else, be it right or wrong, and the
/// full reader decides. Anchors, tags, folded texts, scalars of several lines and tabs are such.
struct BlockYAMLReading {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0
  /// Whether only what stands under `metadata`, and scalars at the top, is made.
  private let keepsOnlyHead: Bool
  private var isInMetadata = false
  /// Whether nothing is made of what is read now.
  private var isSkipping = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, keepsOnlyHead: Bool = false) {
    self.bytes = bytes
    self.keepsOnlyHead = keepsOnlyHead
  }

  /// The collection that the text holds; nil if the full reader must say.
  mutating func document() -> GoValue? {
    guard isPlainText, let column = nextColumn(), let root = block(column, 0) else { return nil }
    return nextColumn() == nil && index == bytes.count ? root : nil
  }

  // MARK: bytes and lines

  /// Whether no byte is a control character, a line's end of another kind, or no UTF-8.
  private var isPlainText: Bool {
    var isASCII = true
    var last: UInt8 = 0
    var lastButOne: UInt8 = 0
    for byte in bytes {
      if byte < 0x20 {
        if byte != 0x0A, byte != 0x09 { return false }
      } else if byte >= 0x7F {
        if byte == 0x7F { return false }
        isASCII = false
        // U+0080 to U+009F, U+2028, U+2029, and U+F000 to U+FFFF.
        if last == 0xC2, byte < 0xA0 { return false }
        if last == 0x80, lastButOne == 0xE2, byte == 0xA8 || byte == 0xA9 { return false }
        if byte == 0xEF { return false }
      }
      lastButOne = last
      last = byte
    }
    return isASCII || String(validating: bytes, as: UTF8.self) != nil
  }

  @inline(__always)
  private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0x0A }

  /// Goes to the next line with content, from the end or the start of a line, and gives its column; nil
  /// at the end of the text, or where the full reader must say.
  private mutating func nextColumn() -> Int? {
    while index < bytes.count {
      let start = index
      while byte(index) == 0x20 { index += 1 }
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

  private func isRepeated(_ first: UInt8, _ wanted: UInt8) -> Bool {
    first == wanted && byte(index + 1) == wanted && byte(index + 2) == wanted
  }

  /// Goes behind the end of the line.
  private mutating func toLineEnd() {
    while index < bytes.count {
      index += 1
      if bytes[index - 1] == 0x0A { return }
    }
  }

  /// Goes behind the line if nothing but a comment follows; false if something does.
  private mutating func endsLine() -> Bool {
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
  private mutating func peekColumn() -> Int? {
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
    if byte(index) == 0x7C { return literal(column) }
    if endsLine() {
      guard let next = peekColumn() else { return nil }
      if next > column {
        index += next
        return isEntry || hasKey() ? block(next, depth + 1) : nil
      }
      if next == column, !isInSequence {
        index += column
        if isEntry { return sequence(column, depth + 1) }
        index -= column
      }
      return .null
    }
    guard let value = inline(), endsLine(), let next = peekColumn(), next <= column else {
      return nil
    }
    return value
  }

  // MARK: keys

  /// Whether a key stands here, on this line.
  private func hasKey() -> Bool {
    var copy = self
    return copy.key() != nil
  }

  /// The key that stands here and the blanks behind its colon.
  private mutating func key() -> [UInt8]? {
    let first = byte(index)
    let name: [UInt8]
    if first == 0x22 || first == 0x27 {
      guard let text = quoted() else { return nil }
      name = text
      while byte(index) == 0x20 { index += 1 }
      guard byte(index) == 0x3A, byte(index + 1) == 0x20 || byte(index + 1) == 0x0A else {
        return nil
      }
    } else {
      guard isPlainStart(first), first != 0x3C, first != 0x3D, first != 0x2D else { return nil }
      let start = index
      while true {
        let current = byte(index)
        if current == 0x0A || current == 0x23 || current == 0x09 { return nil }
        if current == 0x3A, byte(index + 1) == 0x20 || byte(index + 1) == 0x0A { break }
        index += 1
      }
      var end = index
      while end > start, bytes[end - 1] == 0x20 { end -= 1 }
      if isSkipping, isPlainWord(first) {
        guard end - start < 500 else { return nil }
        index += 1
        while byte(index) == 0x20 { index += 1 }
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
    while byte(index) == 0x20 { index += 1 }
    return name
  }

  /// Whether a plain scalar that begins so is a text or a bool, whatever follows, but no null.
  private func isPlainWord(_ first: UInt8) -> Bool {
    (0x41...0x5A).contains(first & 0xDF) && first & 0xDF != 0x4E
  }

  private static let metadata = Array("metadata".utf8)

  /// Whether a plain scalar may begin with the byte; with a dash only before something.
  private func isPlainStart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
    // - has what follows checked by who reads on.
    case 0x24, 0x28, 0x29, 0x2B, 0x2D, 0x2E, 0x2F, 0x3B, 0x3C, 0x3D, 0x5C, 0x5E, 0x5F, 0x7E: true
    default: false
    }
  }

  // MARK: scalars of one line

  private mutating func inline() -> GoValue? {
    switch byte(index) {
    case 0x22, 0x27: return quoted().map { .string($0) }
    case 0x5B, 0x7B: return flow(0)
    default: return plain()
    }
  }

  /// A plain scalar up to the end of the line or a comment.
  private mutating func plain() -> GoValue? {
    let start = index
    guard isPlainStart(byte(index)) else { return nil }
    if byte(index) == 0x2D, byte(index + 1) == 0x20 || byte(index + 1) == 0x0A { return nil }
    scan: while true {
      switch byte(index) {
      case 0x0A: break scan
      case 0x09: return nil
      case 0x3A where byte(index + 1) == 0x20 || byte(index + 1) == 0x0A: return nil
      case 0x23 where bytes[index - 1] == 0x20: break scan
      default: index += 1
      }
    }
    while bytes[index - 1] == 0x20 { index -= 1 }
    if isSkipping, (0x41...0x5A).contains(bytes[start] & 0xDF) { return .null }
    return scalar(Array(bytes[start..<index]))
  }

  private func scalar(_ text: [UInt8]) -> GoValue? {
    switch resolvedYAML(text) {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let int): return .float(Double(int))
    case .uint(let int): return .float(Double(int))
    case .float(let float): return float.isFinite ? .float(float) : nil
    case .timestamp, .string: return .string(text)
    }
  }

  /// A quoted scalar that ends on its line.
  private mutating func quoted() -> [UInt8]? {
    let quote = byte(index)
    index += 1
    let start = index
    while byte(index) != quote, byte(index) != 0x5C, byte(index) != 0x0A, byte(index) != 0x09 {
      index += 1
    }
    if byte(index) == quote, byte(index + 1) != quote {
      index += 1
      return isSkipping ? [] : Array(bytes[start..<(index - 1)])
    }
    var text = Array(bytes[start..<index])
    while true {
      let current = byte(index)
      index += 1
      if current == 0x0A || current == 0x09 { return nil }
      if current == quote {
        guard quote == 0x27, byte(index) == 0x27 else { return text }
        text.append(0x27)
        index += 1
      } else if current == 0x5C, quote == 0x22 {
        switch byte(index) {
        case 0x22, 0x5C, 0x2F: text.append(byte(index))
        case 0x6E: text.append(0x0A)
        case 0x74: text.append(0x09)
        default: return nil
        }
        index += 1
      } else {
        text.append(current)
      }
    }
  }

  // MARK: flows of one line

  private mutating func flow(_ depth: Int) -> GoValue? {
    guard depth < 50 else { return nil }
    let isMapping = byte(index) == 0x7B
    let close: UInt8 = isMapping ? 0x7D : 0x5D
    let map = GoMap()
    var elements: [GoValue] = []
    index += 1
    skipBlanks()
    if byte(index) == close {
      index += 1
      return isMapping ? .map(map) : .list(GoList([]))
    }
    while true {
      let isQuoted = byte(index) == 0x22 || byte(index) == 0x27
      guard let item = flowItem(depth) else { return nil }
      if isMapping {
        guard case .string(let name) = item, byte(index) == 0x3A,
          isQuoted || byte(index + 1) == 0x20
        else { return nil }
        index += 1
        skipBlanks()
        guard let value = flowItem(depth) else { return nil }
        map[name] = value
      } else {
        elements.append(item)
      }
      skipBlanks()
      if byte(index) == close { break }
      guard byte(index) == 0x2C else { return nil }
      index += 1
      skipBlanks()
    }
    index += 1
    return isMapping ? .map(map) : .list(GoList(elements))
  }

  private mutating func skipBlanks() { while byte(index) == 0x20 { index += 1 } }

  private mutating func flowItem(_ depth: Int) -> GoValue? {
    let first = byte(index)
    if first == 0x5B || first == 0x7B { return flow(depth + 1) }
    if first == 0x22 || first == 0x27 { return quoted().map { .string($0) } }
    let start = index
    while true {
      switch byte(index) {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2F: index += 1
      case 0x2D where index > start: index += 1
      default:
        // Blanks within a scalar, and all that could end it otherwise, are left to the full reader.
        let end = byte(index)
        guard index > start, end == 0x2C || end == 0x5D || end == 0x7D || end == 0x3A || end == 0x20
        else { return nil }
        if end == 0x20 {
          var next = index
          while byte(next) == 0x20 { next += 1 }
          guard byte(next) == 0x2C || byte(next) == 0x5D || byte(next) == 0x7D else { return nil }
        }
        return scalar(Array(bytes[start..<index]))
      }
    }
  }

  // MARK: literal texts

  /// A text behind `|`, under a key or a dash of the column.
  private mutating func literal(_ column: Int) -> GoValue? {
    index += 1
    let chomping = byte(index)
    if chomping == 0x2D || chomping == 0x2B { index += 1 }
    while byte(index) == 0x20 { index += 1 }
    guard index < bytes.count, bytes[index] == 0x0A else { return nil }
    index += 1
    var breaks = 0
    while index < bytes.count, bytes[index] == 0x0A {
      breaks += 1
      index += 1
    }
    var indent = 0
    while byte(index + indent) == 0x20 { indent += 1 }
    // Texts without content and first lines of blanks are left to the full reader.
    guard indent > column, index + indent < bytes.count, byte(index + indent) != 0x0A,
      byte(index + indent) != 0x09
    else { return nil }
    var text: [UInt8] = []
    while index < bytes.count {
      var blanks = 0
      while blanks < indent, byte(index + blanks) == 0x20 { blanks += 1 }
      if blanks < indent {
        if index + blanks >= bytes.count {
          index = bytes.count
          break
        }
        if bytes[index + blanks] == 0x09 { return nil }
        if bytes[index + blanks] != 0x0A { break }
        breaks += 1
        index += blanks + 1
        continue
      }
      let start = index + indent
      if start >= bytes.count {
        index = start
        break
      }
      var end = start
      while byte(end) != 0x0A { end += 1 }
      if end == start {
        breaks += 1
        index = end + 1
        continue
      }
      if !isSkipping {
        text.append(contentsOf: repeatElement(0x0A, count: breaks))
        text.append(contentsOf: bytes[start..<end])
      }
      breaks = end < bytes.count ? 1 : 0
      index = end < bytes.count ? end + 1 : end
    }
    switch chomping {
    case 0x2D: break
    case 0x2B: text.append(contentsOf: repeatElement(0x0A, count: breaks))
    default: if breaks > 0 { text.append(0x0A) }
    }
    return .string(text)
  }
}
