// Upper and lower case, and words joined in the ways of programming languages.

func mapped(_ value: GoValue, _ change: (Unicode.Scalar) -> UInt32) -> GoValue {
  guard case .string(let bytes) = value else { return value }
  return .string(utf8(scalars(of: bytes).map { Unicode.Scalar($0).map(change) ?? $0 }))
}

/// `unicode.ToUpper`: one character for one.
func upper(_ scalar: Unicode.Scalar) -> UInt32 {
  if scalar.value < 0x80 {
    return (0x61...0x7A).contains(scalar.value) ? scalar.value - 0x20 : scalar.value
  }
  let mapping = scalar.properties.uppercaseMapping.unicodeScalars
  return mapping.count == 1 ? mapping.first?.value ?? scalar.value : scalar.value
}

func lower(_ scalar: Unicode.Scalar) -> UInt32 {
  if scalar.value < 0x80 {
    return (0x41...0x5A).contains(scalar.value) ? scalar.value + 0x20 : scalar.value
  }
  let mapping = scalar.properties.lowercaseMapping.unicodeScalars
  return mapping.first?.value ?? scalar.value
}

func title(_ scalar: Unicode.Scalar) -> UInt32 {
  let mapping = scalar.properties.titlecaseMapping.unicodeScalars
  return mapping.count == 1 ? mapping.first?.value ?? scalar.value : scalar.value
}

func isUpper(_ scalar: UInt32) -> Bool {
  if scalar < 0x80 { return (0x41...0x5A).contains(scalar) }
  return Unicode.Scalar(scalar)?.properties.generalCategory == .uppercaseLetter
}

func isLower(_ scalar: UInt32) -> Bool {
  if scalar < 0x80 { return (0x61...0x7A).contains(scalar) }
  return Unicode.Scalar(scalar)?.properties.generalCategory == .lowercaseLetter
}

private func changed(_ scalar: UInt32, _ change: (Unicode.Scalar) -> UInt32) -> UInt32 {
  Unicode.Scalar(scalar).map(change) ?? scalar
}

private func isSpaceScalar(_ scalar: UInt32) -> Bool {
  scalar < 0x80
    ? scalar == 0x20 || (0x09...0x0D).contains(scalar)
    : Unicode.Scalar(scalar)?.properties.isWhitespace ?? false
}

func addCases(to table: inout FunctionTable) {
  table.add1("upper", "s") { _, value in mapped(value, upper) }
  table.add1("lower", "s") { _, value in mapped(value, lower) }
  table.add1("title", "s") { _, value in
    var previous: UInt32 = 0x20
    let result = scalars(of: value.asBytes ?? []).map { scalar -> UInt32 in
      defer { previous = scalar }
      return isSeparator(previous) ? changed(scalar, title) : scalar
    }
    return .string(utf8(result))
  }
  table.add1("untitle", "s") { _, value in
    var startsWord = true
    let result = scalars(of: value.asBytes ?? []).map { scalar -> UInt32 in
      if isSpaceScalar(scalar) {
        startsWord = true
        return scalar
      }
      defer { startsWord = false }
      return startsWord ? changed(scalar, lower) : scalar
    }
    return .string(utf8(result))
  }
  table.add1("swapcase", "s") { _, value in
    var afterSpace = true
    let result = scalars(of: value.asBytes ?? []).map { scalar -> UInt32 in
      let category = Unicode.Scalar(scalar)?.properties.generalCategory
      if category == .uppercaseLetter || category == .titlecaseLetter {
        afterSpace = false
        return changed(scalar, lower)
      }
      if category == .lowercaseLetter {
        defer { afterSpace = false }
        return afterSpace ? changed(scalar, title) : changed(scalar, upper)
      }
      afterSpace = isSpaceScalar(scalar)
      return scalar
    }
    return .string(utf8(result))
  }
  table.add1("initials", "s") { _, value in
    var startsWord = true
    var result: [UInt32] = []
    // goutils takes each byte for a character.
    for scalar in (value.asBytes ?? []).map({ UInt32($0) }) {
      if isSpaceScalar(scalar) {
        startsWord = true
      } else if startsWord {
        result.append(scalar)
        startsWord = false
      }
    }
    return .string(utf8(result))
  }
  table.add1("camelcase", "s") { _, value in
    .string(utf8(camelCase(scalars(of: value.asBytes ?? []))))
  }
  table.add1("snakecase", "s") { _, value in
    var words = CaseWords(scalars(of: value.asBytes ?? []))
    return .string(utf8(words.joined(by: 0x5F)))
  }
  table.add1("kebabcase", "s") { _, value in
    var words = CaseWords(scalars(of: value.asBytes ?? []))
    return .string(utf8(words.joined(by: 0x2D)))
  }
}

/// What `strings.Title` takes for the end of a word.
private func isSeparator(_ scalar: UInt32) -> Bool {
  if scalar < 0x80 {
    return
      !((0x30...0x39).contains(scalar) || (0x41...0x5A).contains(scalar)
      || (0x61...0x7A).contains(scalar) || scalar == 0x5F)
  }
  if Unicode.Scalar(scalar)?.isLetterOrDigit ?? false { return false }
  return isSpaceScalar(scalar)
}

private func isConnector(_ scalar: UInt32) -> Bool {
  scalar == 0x2D || scalar == 0x5F || isSpaceScalar(scalar)
}

/// `xstrings.ToPascalCase`.
private func camelCase(_ text: [UInt32]) -> [UInt32] {
  var result: [UInt32] = []
  var index = 0
  var current: UInt32 = 0
  var isFirstUpper = false
  while index < text.count {
    current = text[index]
    index += 1
    if !isConnector(current) {
      isFirstUpper = isUpper(current)
      current = changed(current, upper)
      break
    }
    result.append(current)
  }
  if index == text.count {
    if let last = text.last, !isConnector(last) { result.append(current) }
    return result
  }
  while index < text.count {
    let previous = current
    current = text[index]
    index += 1
    if isConnector(current), isConnector(previous) {
      result.append(previous)
      continue
    }
    if isConnector(previous) {
      isFirstUpper = isUpper(current)
      current = changed(current, upper)
    } else {
      if isFirstUpper {
        if isUpper(current) { current = changed(current, lower) } else { isFirstUpper = false }
      }
      result.append(previous)
    }
  }
  return result + [current]
}

/// The words of `xstrings.ToSnakeCase` and `ToKebabCase`.
private struct CaseWords {
  private enum Kind { case invalid, number, upper, alphabet, connector, punctuation, other }

  private var rest: ArraySlice<UInt32>
  private var kind = Kind.invalid
  private var word: ArraySlice<UInt32> = []
  private var result: [UInt32] = []

  init(_ text: [UInt32]) { rest = text[...] }

  mutating func joined(by connector: UInt32) -> [UInt32] {
    if rest.isEmpty { return [] }
    next()
    while !rest.isEmpty {
      if kind != .connector { add(kind, word, connector) }
      let (previous, last) = (kind, word)
      next()
      switch previous {
      case .number:
        takeAlphabet(connector)
        if kind != .invalid, kind != .punctuation, kind != .connector { result.append(connector) }
      case .connector: add(previous, last, connector)
      case .punctuation: break
      default: afterWord(connector)
      }
    }
    add(kind, word, connector)
    return result
  }

  private mutating func takeAlphabet(_ connector: UInt32) {
    while kind == .alphabet || kind == .number {
      add(kind, word, connector)
      next()
    }
  }

  private mutating func afterWord(_ connector: UInt32) {
    guard kind == .number else {
      if kind != .connector, kind != .punctuation { result.append(connector) }
      return
    }
    if rest.isEmpty { return }
    let number = word
    next()
    guard kind == .alphabet else {
      add(.number, number, connector)
      if kind != .connector, kind != .punctuation { result.append(connector) }
      return
    }
    result.append(connector)
    add(.number, number, connector)
    takeAlphabet(connector)
    if kind != .invalid, kind != .connector, kind != .punctuation { result.append(connector) }
  }

  private mutating func add(_ kind: Kind, _ word: ArraySlice<UInt32>, _ connector: UInt32) {
    guard kind == .upper || kind == .connector else {
      result += word
      return
    }
    for scalar in word {
      result.append(isConnector(scalar) ? connector : changed(scalar, lower))
    }
  }

  private mutating func next() {
    guard let first = rest.first else {
      (kind, word) = (.invalid, [])
      return
    }
    let start = rest.startIndex
    var end = start + 1
    func take(_ fits: (UInt32) -> Bool) {
      while end < rest.endIndex, fits(rest[end]) { end += 1 }
    }
    if isConnector(first) {
      kind = .connector
      take(isConnector)
    } else if isPunctuation(first) {
      kind = .punctuation
      take(isPunctuation)
    } else if isUpper(first) {
      kind = .upper
      if end < rest.endIndex, isUpper(rest[end]) {
        take(isUpper)
        // "HTTPStatus" is "HTTP" and "Status".
        if end < rest.endIndex, isAlphabet(rest[end]) { end -= 1 }
      } else {
        take { isAlphabet($0) && !isUpper($0) }
      }
    } else if isAlphabet(first) {
      kind = .alphabet
      take { isAlphabet($0) && !isUpper($0) }
    } else if isNumber(first) {
      kind = .number
      take(isNumber)
    } else {
      kind = .other
      take { !isConnector($0) && !isAlphabet($0) && !isNumber($0) && !isPunctuation($0) }
    }
    word = rest[start..<end]
    rest = rest[end...]
  }

  private func isAlphabet(_ scalar: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(scalar) else { return false }
    return scalar.isLetterOrDigit && scalar.properties.generalCategory != .decimalNumber
  }

  private func isNumber(_ scalar: UInt32) -> Bool {
    switch Unicode.Scalar(scalar)?.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  private func isPunctuation(_ scalar: UInt32) -> Bool {
    switch Unicode.Scalar(scalar)?.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }
}
