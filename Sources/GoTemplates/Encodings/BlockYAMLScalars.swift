// Scalars and flows within the quick reader of blocks.

extension BlockYAMLReading {
  /// Whether a plain scalar may begin with the byte; with a dash only before something.
  func isPlainStart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
    // - has what follows checked by who reads on.
    case 0x24, 0x28, 0x29, 0x2B, 0x2D, 0x2E, 0x2F, 0x3B, 0x3C, 0x3D, 0x5C, 0x5E, 0x5F, 0x7E: true
    default: false
    }
  }

  /// A quoted or plain scalar, or a flow, under a key or a dash of the column.
  mutating func inline(under column: Int) -> GoValue? {
    switch byte(index) {
    case 0x22, 0x27: quoted(spansLines: true).map { .string($0) }
    case 0x5B, 0x7B: flow(0)
    default: plain(under: column)
    }
  }

  // MARK: plain scalars

  /// A plain scalar up to the end of its last line or a comment.
  private mutating func plain(under column: Int) -> GoValue? {
    let start = index
    guard isPlainStart(byte(index)) else { return nil }
    if byte(index) == 0x2D, byte(index + 1) == 0x20 || byte(index + 1) == 0x0A { return nil }
    guard var breaks = endOfPlainLine(column) else { return nil }
    if breaks == 0 {
      if isSkipping, (0x41...0x5A).contains(bytes[start] & 0xDF) { return .null }
      return scalar(Array(bytes[start..<index]))
    }
    var text = isSkipping ? [] : Array(bytes[start..<index])
    while breaks > 0 {
      var next = index
      while byte(next) == 0x20 || byte(next) == 0x0A { next += 1 }
      index = next
      guard let following = endOfPlainLine(column) else { return nil }
      if !isSkipping {
        fold(breaks, into: &text)
        text.append(contentsOf: bytes[next..<index])
      }
      breaks = following
    }
    return isSkipping ? .null : scalar(text)
  }

  /// Goes to the end of a line of a plain scalar, without the blanks there, and gives the number of line
  /// ends before its next line: 0 if this is the last; nil where the full reader must say.
  private mutating func endOfPlainLine(_ column: Int) -> Int? {
    var isComment = false
    let start = index
    scan: while true {
      skipPlain()
      switch byte(index) {
      case 0x0A: break scan
      case 0x09: return nil
      case 0x3A where byte(index + 1) == 0x20 || byte(index + 1) == 0x0A: return nil
      case 0x23 where index > start && bytes[index - 1] == 0x20:
        isComment = true
        break scan
      default: index += 1
      }
    }
    var next = index
    while bytes[index - 1] == 0x20 { index -= 1 }
    if isComment { return 0 }
    var breaks = 0
    var lineStart = next
    while next < bytes.count {
      switch bytes[next] {
      case 0x0A:
        breaks += 1
        lineStart = next + 1
      case 0x20: break
      case 0x09: return nil
      case 0x23: return 0
      default: return next - lineStart > column ? breaks : 0
      }
      next += 1
    }
    return 0
  }

  /// What line ends come to within a scalar: a blank for one, one less for more.
  private func fold(_ breaks: Int, into text: inout [UInt8]) {
    if breaks == 1 { return text.append(0x20) }
    text.append(contentsOf: repeatElement(0x0A, count: breaks - 1))
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

  // MARK: quoted scalars

  /// A quoted scalar; nil where the full reader must say.
  mutating func quoted(spansLines: Bool) -> [UInt8]? {
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
    // How much stays where the line ends: blanks there go, unless they are written as escapes.
    var kept = (text.lastIndex { $0 != 0x20 } ?? -1) + 1
    while index < bytes.count {
      let current = bytes[index]
      index += 1
      switch current {
      case 0x09: return nil
      case 0x0A:
        guard spansLines, let breaks = lineEnds() else { return nil }
        text.removeLast(text.count - kept)
        fold(breaks + 1, into: &text)
        kept = text.count
      case quote:
        guard quote == 0x27, byte(index) == 0x27 else { return text }
        text.append(0x27)
        index += 1
        kept = text.count
      case 0x5C where quote == 0x22:
        guard escape(into: &text, spansLines) else { return nil }
        kept = text.count
      default:
        text.append(current)
        if current != 0x20 { kept = text.count }
      }
    }
    return nil
  }

  /// Goes to the next line with content within quotation marks and gives the number of empty lines before
  /// it; nil where the full reader must say.
  private mutating func lineEnds() -> Int? {
    var breaks = 0
    while true {
      let start = index
      skipBlanks()
      guard index < bytes.count, bytes[index] != 0x09 else { return nil }
      if bytes[index] != 0x0A { return index > start ? breaks : nil }
      breaks += 1
      index += 1
    }
  }

  /// What stands behind a backslash.
  private mutating func escape(into text: inout [UInt8], _ spansLines: Bool) -> Bool {
    let letter = byte(index)
    if letter == 0x0A {
      index += 1
      guard spansLines, index < bytes.count, let breaks = lineEnds() else { return false }
      text.append(contentsOf: repeatElement(0x0A, count: breaks))
      return true
    }
    switch letter {
    case 0x20, 0x22, 0x5C, 0x2F: text.append(letter)
    case 0x6E: text.append(0x0A)
    case 0x74: text.append(0x09)
    default: return false
    }
    index += 1
    return true
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

  private func isWordByte(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2F
  }

  private mutating func flowItem(_ depth: Int) -> GoValue? {
    let first = byte(index)
    if first == 0x5B || first == 0x7B { return flow(depth + 1) }
    if first == 0x22 || first == 0x27 { return quoted(spansLines: false).map { .string($0) } }
    let start = index
    while true {
      switch byte(index) {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2F: index += 1
      case 0x2D where index > start: index += 1
      case 0x3A where index > start && isWordByte(byte(index + 1)): index += 1
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

  // MARK: texts of whole lines

  /// Goes to the first line with content of a text and gives the number of empty lines before it, and its
  /// column; nil where the full reader must say.
  private mutating func blockIndent(_ column: Int) -> (breaks: Int, indent: Int)? {
    var breaks = 0
    var widest = 0
    while true {
      let start = index
      skipBlanks()
      let width = index - start
      guard index < bytes.count, bytes[index] != 0x09 else { return nil }
      if bytes[index] != 0x0A {
        index = start
        return width > column && width >= widest ? (breaks, width) : nil
      }
      widest = max(widest, width)
      breaks += 1
      index += 1
    }
  }

  /// A text behind `|` or `>`, under a key or a dash of the column.
  mutating func blockScalar(_ column: Int, isFolded: Bool) -> GoValue? {
    index += 1
    let chomping = byte(index)
    if chomping == 0x2D || chomping == 0x2B { index += 1 }
    skipBlanks()
    if index >= bytes.count { return .string([]) }
    guard bytes[index] == 0x0A else { return nil }
    index += 1
    guard let (emptyLines, indent) = blockIndent(column) else { return nil }
    var breaks = emptyLines
    var text: [UInt8] = []
    // Lines are folded between two that do not begin with a blank.
    var folds = false
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
        let isBlank = bytes[start] == 0x20 || bytes[start] == 0x09
        if folds, !isBlank {
          fold(breaks, into: &text)
        } else {
          text.append(contentsOf: repeatElement(0x0A, count: breaks))
        }
        folds = isFolded && !isBlank
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
