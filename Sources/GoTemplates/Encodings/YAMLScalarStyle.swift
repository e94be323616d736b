// How a string is written: which style, and in that style.

private enum Style { case plain, single, double, literal }

/// What `yaml_emitter_analyze_scalar` finds out.
private struct Shape {
  var isMultiline = false
  var allowsPlain = true
  var allowsSingle = true
  var allowsBlock = true

  init(_ text: [UInt8], isVersion3: Bool) {
    self = text.withUnsafeBufferPointer { Shape($0, isVersion3) }
  }

  private init(_ text: UnsafeBufferPointer<UInt8>, _ isVersion3: Bool) {
    guard let first = text.first else {
      allowsBlock = false
      return
    }
    var hasIndicators = Self.hasIndicatorAtStart(text)
    var (leading, trailingSpace, trailingBreak) = (first == 0x20, false, false)
    var (breakSpace, spaceBreak, special, tab) = (false, false, false, false)
    var (previousSpace, previousBreak, afterBlank) = (false, false, true)
    var index = 0
    while index < text.count {
      let byte = text[index]
      // Most bytes are such that nothing is to be seen.
      if byte > 0x23, byte < 0x7F, byte != 0x3A {
        (previousSpace, previousBreak, afterBlank) = (false, false, false)
        index += 1
        continue
      }
      let width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      let next = index + width
      if index > 0 {
        if byte == 0x3A, next >= text.count || isBlankOrBreak(text, next) { hasIndicators = true }
        if byte == 0x23, afterBlank { hasIndicators = true }
      }
      if !isPlainPrintable(text, index) {
        if isVersion3, byte == 0x09 { tab = true } else { special = true }
      }
      let breakLength = breakLength(text, index)
      if byte == 0x20 {
        if next == text.count { trailingSpace = true }
        if previousBreak { breakSpace = true }
        (previousSpace, previousBreak) = (true, false)
      } else if breakLength > 0 {
        isMultiline = true
        if index == 0 { leading = true }
        if index + breakLength >= text.count { trailingBreak = true }
        if previousSpace { spaceBreak = true }
        (previousSpace, previousBreak) = (false, true)
      } else {
        (previousSpace, previousBreak) = (false, false)
      }
      afterBlank = byte == 0x20 || byte == 0x09 || breakLength > 0
      index = next
    }
    if leading || trailingSpace || trailingBreak || isMultiline || hasIndicators {
      allowsPlain = false
    }
    if trailingSpace { allowsBlock = false }
    if breakSpace { (allowsPlain, allowsSingle) = (false, false) }
    if spaceBreak || tab || special { (allowsPlain, allowsSingle) = (false, false) }
    if spaceBreak || special { allowsBlock = false }
  }

  /// Whether the text begins as something other than a plain scalar.
  private static func hasIndicatorAtStart(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let first = text[0]
    if text.count >= 3, first == 0x2D || first == 0x2E, text[1] == first, text[2] == first {
      return true
    }
    switch first {
    case 0x23, 0x2C, 0x5B, 0x5D, 0x7B, 0x7D, 0x26, 0x2A, 0x21, 0x7C, 0x3E, 0x27, 0x22, 0x25, 0x40,
      0x60:
      return true
    case 0x3F, 0x3A, 0x2D: return text.count == 1 || isBlankOrBreak(text, 1)
    default: return false
    }
  }
}

private func isBlankOrBreak(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
  text[index] == 0x20 || text[index] == 0x09 || breakLength(text, index) > 0
}

/// libyaml's IS_PRINTABLE, which leaves out everything beyond the basic plane.
private func isPlainPrintable(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
  let byte = text[index]
  func following(_ offset: Int) -> UInt8 {
    index + offset < text.count ? text[index + offset] : 0
  }
  switch byte {
  case 0x0A, 0x20...0x7E: return true
  case 0xC2: return following(1) >= 0xA0
  case 0xC3...0xEC, 0xEE: return true
  case 0xED: return following(1) < 0xA0
  case 0xEF:
    let isMark = following(1) == 0xBB && following(2) == 0xBF
    let isNone = following(1) == 0xBF && (following(2) == 0xBE || following(2) == 0xBF)
    return !isMark && !isNone
  default: return false
  }
}

extension YAMLEmitter {
  /// Writes a string or a key.
  mutating func text(_ given: [UInt8], resolves: Bool) throws {
    let text = isVersion3 ? given : try throughJSON(given)
    var style: Style
    if text.contains(0x0A) {
      style = .literal
    } else if isString(text) {
      style = .plain
    } else {
      style = .double
    }
    let shape = Shape(text, isVersion3: isVersion3)
    if isSimpleKey, shape.isMultiline { style = .double }
    if style == .plain, !shape.allowsPlain || text.isEmpty && isSimpleKey { style = .single }
    if style == .single, !shape.allowsSingle { style = .double }
    if style == .literal, !shape.allowsBlock || isSimpleKey { style = .double }
    withScalarIndent { emitter in
      switch style {
      case .plain: emitter.writePlain(text)
      case .single: emitter.writeSingle(text)
      case .double: emitter.writeDouble(text)
      case .literal: emitter.writeLiteral(text)
      }
    }
  }

  /// Whether it is still a string when it is read without quotation marks.
  private func isString(_ text: [UInt8]) -> Bool {
    guard case .string = resolvedYAML(text) else { return false }
    guard let first = text.first else { return false }
    if first == 0x2B || first == 0x2D || (0x30...0x39).contains(first) { return !isBase60(text) }
    return true
  }

  /// sigs.k8s.io/yaml writes JSON and reads it as YAML: control characters stop it, NEL is a line
  /// break that is folded.
  private func throughJSON(_ given: [UInt8]) throws -> [UInt8] {
    let text = validUTF8(given)
    var hasNextLine = false
    try text.withUnsafeBufferPointer { text in
      for (index, byte) in text.enumerated() where byte >= 0x7F {
        let isControl =
          switch byte {
          case 0x7F: true
          case 0xC2: text[index + 1] < 0xA0
          case 0xEF: text[index + 1] == 0xBF && text[index + 2] >= 0xBE
          default: false
          }
        guard isControl else { continue }
        guard byte == 0xC2, text[index + 1] == 0x85 else {
          throw FunctionError("yaml: control characters are not allowed")
        }
        hasNextLine = true
      }
    }
    return hasNextLine ? folded(text) : text
  }

  private func folded(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt32] = []
    var breaks = 0
    var blanks: [UInt32] = []
    for scalar in scalars(of: text) {
      if scalar == 0x85 {
        breaks += 1
        blanks = []
      } else if scalar == 0x20 {
        if breaks == 0 { blanks.append(scalar) }
      } else {
        if breaks == 1 { result.append(0x20) }
        if breaks > 1 { result += [UInt32](repeating: 0x0A, count: breaks - 1) }
        if breaks == 0 { result += blanks }
        result.append(scalar)
        breaks = 0
        blanks = []
      }
    }
    if breaks == 1 { result.append(0x20) }
    if breaks > 1 { result += [UInt32](repeating: 0x0A, count: breaks - 1) }
    return utf8(result + (breaks == 0 ? blanks : []))
  }

  // MARK: styles

  /// Copies one character.
  @inline(__always)
  private mutating func copy(_ text: [UInt8], _ index: inout Int) {
    let byte = text[index]
    let width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    let end = min(text.count, index + width)
    output += text[index..<end]
    column += 1
    index = end
  }

  private mutating func copyBreak(_ text: [UInt8], _ index: inout Int) {
    if text[index] == 0x0A {
      putBreak()
      index += 1
    } else {
      copy(text, &index)
      column = 0
    }
  }

  private mutating func writePlain(_ text: [UInt8]) {
    if !text.isEmpty, !isAfterSpace { put(0x20) }
    if isSimpleKey || column + text.count <= bestWidth, isASCII(text) {
      output.append(contentsOf: text)
      column += text.count
      isAfterSpace = false
      isAtIndent = false
      return
    }
    var afterSpace = false
    var index = 0
    while index < text.count {
      if text[index] == 0x20 {
        let isNextSpace = index + 1 < text.count && text[index + 1] == 0x20
        if !isSimpleKey, !afterSpace, column > bestWidth, !isNextSpace {
          writeIndent()
          index += 1
        } else {
          copy(text, &index)
        }
        afterSpace = true
      } else {
        copyWord(text, &index)
        isAtIndent = false
        afterSpace = false
      }
    }
    isAfterSpace = false
    isAtIndent = false
  }

  private mutating func writeSingle(_ text: [UInt8]) {
    indicator("'", needsSpace: true)
    var afterSpace = false
    var afterBreak = false
    var index = 0
    while index < text.count {
      if text[index] == 0x20 {
        let isInside = index > 0 && index < text.count - 1 && text[index + 1] != 0x20
        if !isSimpleKey, !afterSpace, column > bestWidth, isInside {
          writeIndent()
          index += 1
        } else {
          copy(text, &index)
        }
        afterSpace = true
      } else if breakLength(text, index) > 0 {
        if !afterBreak, text[index] == 0x0A { putBreak() }
        copyBreak(text, &index)
        isAtIndent = true
        afterBreak = true
      } else {
        if afterBreak { writeIndent() }
        if text[index] == 0x27 {
          put(0x27)
          copy(text, &index)
        } else {
          copyWord(text, &index)
        }
        isAtIndent = false
        afterSpace = false
        afterBreak = false
      }
    }
    indicator("'", needsSpace: false)
  }

  private mutating func writeDouble(_ text: [UInt8]) {
    indicator("\"", needsSpace: true)
    // go-yaml looks for the byte order mark at the start only, and then escapes everything.
    let escapesAll = text.starts(with: [0xEF, 0xBB, 0xBF])
    var afterSpace = false
    var index = 0
    while index < text.count {
      if escapesAll || isEscaped(text, index) {
        let (value, length) = text.withUnsafeBufferPointer { decodeScalar($0, at: index) }
        escape(value)
        index += length
        afterSpace = false
      } else if text[index] == 0x20 {
        let isInside = index > 0 && index < text.count - 1
        if !isSimpleKey, !afterSpace, column > bestWidth, isInside {
          writeIndent()
          if text[index + 1] == 0x20 { put(0x5C) }
          index += 1
        } else {
          copy(text, &index)
        }
        afterSpace = true
      } else {
        copy(text, &index)
        afterSpace = false
      }
    }
    indicator("\"", needsSpace: false)
  }

  private func isEscaped(_ text: [UInt8], _ index: Int) -> Bool {
    let byte = text[index]
    if byte < 0x7F { return byte < 0x20 || byte == 0x22 || byte == 0x5C }
    return text.withUnsafeBufferPointer {
      !isPlainPrintable($0, index) || breakLength($0, index) > 0
    }
  }

  private mutating func escape(_ value: UInt32) {
    put(0x5C)
    let letter: UInt8? =
      switch value {
      case 0: 0x30
      case 7: 0x61
      case 8: 0x62
      case 9: 0x74
      case 0xA: 0x6E
      case 0xB: 0x76
      case 0xC: 0x66
      case 0xD: 0x72
      case 0x1B: 0x65
      case 0x22, 0x5C: UInt8(value)
      case 0x85: 0x4E
      case 0xA0: 0x5F
      case 0x2028: 0x4C
      case 0x2029: 0x50
      default: nil
      }
    if let letter { return put(letter) }
    let width = value <= 0xFF ? 2 : value <= 0xFFFF ? 4 : 8
    put(width == 2 ? 0x78 : width == 4 ? 0x75 : 0x55)
    for digit in hex(value, width: width) { put(upperASCII(digit)) }
  }

  private mutating func writeLiteral(_ text: [UInt8]) {
    indicator("|", needsSpace: true)
    if text[0] == 0x20 || breakLength(text, 0) > 0 { indicator("2", needsSpace: false) }
    let (endsInBreak, isLonger) = ending(text)
    if !endsInBreak {
      indicator("-", needsSpace: false)
    } else if isLonger {
      indicator("+", needsSpace: false)
    }
    putBreak()
    isAtIndent = true
    isAfterSpace = true
    var afterBreak = true
    var index = 0
    while index < text.count {
      if breakLength(text, index) > 0 {
        copyBreak(text, &index)
        isAtIndent = true
        afterBreak = true
      } else {
        if afterBreak { writeIndent() }
        copyLine(text, &index)
        isAtIndent = false
        afterBreak = false
      }
    }
  }

  /// Copies what is left of a word as far as it is ASCII and no single quotation mark, or one character.
  private mutating func copyWord(_ text: [UInt8], _ index: inout Int) {
    var end = index
    while end < text.count, (0x21...0x7E).contains(text[end]), text[end] != 0x27 { end += 1 }
    if end == index { return copy(text, &index) }
    output += text[index..<end]
    column += end - index
    index = end
  }

  /// Copies what is left of a line as far as it is ASCII, or one character.
  private mutating func copyLine(_ text: [UInt8], _ index: inout Int) {
    var end = index
    while end < text.count, (0x20...0x7E).contains(text[end]) { end += 1 }
    if end == index { return copy(text, &index) }
    output += text[index..<end]
    column += end - index
    index = end
  }

  /// Whether the text ends in a line break, and whether in more than one or in nothing else.
  private func ending(_ text: [UInt8]) -> (endsInBreak: Bool, isLonger: Bool) {
    var last = text.count - 1
    while last > 0, text[last] & 0xC0 == 0x80 { last -= 1 }
    guard breakLength(text, last) > 0 else { return (false, false) }
    if last == 0 { return (true, true) }
    last -= 1
    while last > 0, text[last] & 0xC0 == 0x80 { last -= 1 }
    return (true, breakLength(text, last) > 0)
  }
}
