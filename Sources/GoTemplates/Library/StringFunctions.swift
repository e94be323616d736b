func addStrings(to table: inout FunctionTable) {
  table.add("quote", "a*") { execution, values in
    try execution.string(eachJoined(values) { goQuotedBytes($0) })
  }
  table.add("squote", "a*") { execution, values in
    try execution.string(eachJoined(values) { [0x27] + $0 + [0x27] })
  }
  table.add("cat", "a*") { execution, values in
    try execution.string(joined(values.filter { !$0.isNil }.map { text($0) }, [0x20]))
  }
  table.add2("indent", "is") { execution, count, value in
    try execution.string(try indented(value.asBytes ?? [], int(count), execution))
  }
  table.add2("nindent", "is") { execution, count, value in
    try execution.string(
      try indented(value.asBytes ?? [], int(count), execution, after: [0x0A]))
  }
  table.add("replace", "sss") { execution, values in
    let (old, new, source) = (
      values[0].asBytes ?? [], values[1].asBytes ?? [], values[2].asBytes ?? []
    )
    try execution.charge(bytes: new.count &* (source.count / max(1, old.count) + 1))
    return try execution.string(goReplaced(old, new, source))
  }
  table.add("plural", "ssi") { _, values in int(values[2]) == 1 ? values[0] : values[1] }
  table.add2("trunc", "is") { _, count, value in
    let (count, bytes) = (int(count), value.asBytes ?? [])
    if count < 0, bytes.count + count > 0 { return .string(Array(bytes[(bytes.count + count)...])) }
    if count >= 0, bytes.count > count { return .string(Array(bytes[..<count])) }
    return value
  }
  table.add("substr", "iis") { _, values in
    let (start, end, bytes) = (int(values[0]), int(values[1]), values[2].asBytes ?? [])
    let range =
      start < 0 ? (0, end) : end < 0 || end > bytes.count ? (start, bytes.count) : (start, end)
    guard range.0 <= range.1, range.0 >= 0, range.1 <= bytes.count else {
      throw FunctionError(
        "runtime error: slice bounds out of range [\(range.0):\(range.1)] with length \(bytes.count)"
      )
    }
    return .string(Array(bytes[range.0..<range.1]))
  }
  table.add2("repeat", "is") { execution, count, value in
    let bytes = value.asBytes ?? []
    guard int(count) >= 0 else { throw FunctionError("strings: negative Repeat count") }
    let (total, overflow) = int(count).multipliedReportingOverflow(by: bytes.count)
    try execution.charge(bytes: overflow ? .max : total)
    var result: [UInt8] = []
    result.reserveCapacity(total)
    if !bytes.isEmpty { for _ in 0..<int(count) { result += bytes } }
    return .string(result)
  }
  addSearches(to: &table)
  addTrims(to: &table)
  addSplits(to: &table)
  addLayouts(to: &table)
}

func int(_ value: GoValue) -> Int {
  if case .int(let int) = value { return int }
  return 0
}

/// What is made of the text of each value that is not nil, with blanks between.
private func eachJoined(_ values: [GoValue], _ quoted: ([UInt8]) -> [UInt8]) -> [UInt8] {
  // Mostly it is one.
  if values.count == 1 { return values[0].isNil ? [] : quoted(text(values[0])) }
  return joined(values.filter { !$0.isNil }.map { quoted(text($0)) }, [0x20])
}

func joined(_ parts: [[UInt8]], _ separator: [UInt8]) -> [UInt8] {
  Array(parts.joined(separator: separator))
}

/// The text behind `start` with so many blanks at the beginning of each line.
private func indented(
  _ text: [UInt8], _ count: Int, _ execution: Execution, after start: [UInt8] = []
) throws -> [UInt8] {
  guard count >= 0 else { throw FunctionError("strings: negative Repeat count") }
  return try text.withUnsafeBufferPointer { text in
    var lines = 1
    var index = 0
    while let end = nextIndex(of: 0x0A, in: text, from: index) {
      lines += 1
      index = end + 1
    }
    let (total, overflow) = lines.multipliedReportingOverflow(by: count)
    try execution.charge(bytes: overflow ? .max : total)
    var result = start
    result.reserveCapacity(start.count + text.count + total)
    index = 0
    while true {
      for _ in 0..<count { result.append(0x20) }
      guard let end = nextIndex(of: 0x0A, in: text, from: index) else { break }
      result.append(contentsOf: UnsafeBufferPointer(rebasing: text[index...end]))
      index = end + 1
    }
    result.append(contentsOf: UnsafeBufferPointer(rebasing: text[index...]))
    return result
  }
}

/// `strings.Replace(source, old, new, -1)`: an empty `old` is found before every character.
private func goReplaced(_ old: [UInt8], _ new: [UInt8], _ source: [UInt8]) -> [UInt8] {
  if !old.isEmpty { return replacingAll(old, with: new, in: source) }
  var result = new
  for scalar in characters(source) { result += scalar + new }
  return result
}

/// The text cut into characters of UTF-8.
func characters(_ text: [UInt8]) -> [[UInt8]] {
  var result: [[UInt8]] = []
  text.withUnsafeBufferPointer { text in
    var index = 0
    while index < text.count {
      let length = decodeScalar(text, at: index).1
      result.append(Array(text[index..<(index + length)]))
      index += length
    }
  }
  return result
}

// MARK: searching

func position(of part: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
  if part.isEmpty { return start <= text.count ? start : nil }
  return text.withUnsafeBufferPointer { text in
    part.withUnsafeBufferPointer { nextIndex(of: $0, in: text, from: start) }
  }
}

func hasSuffix(_ text: [UInt8], _ part: [UInt8]) -> Bool {
  text.count >= part.count && text[(text.count - part.count)...].elementsEqual(part)
}

private func addSearches(to table: inout FunctionTable) {
  table.add2("contains", "ss") { _, part, value in
    .bool(position(of: part.asBytes ?? [], in: value.asBytes ?? []) != nil)
  }
  table.add2("hasPrefix", "ss") { _, part, value in
    .bool((value.asBytes ?? []).starts(with: part.asBytes ?? []))
  }
  table.add2("hasSuffix", "ss") { _, part, value in
    .bool(hasSuffix(value.asBytes ?? [], part.asBytes ?? []))
  }
}

// MARK: trimming

private func isUnicodeSpace(_ scalar: UInt32) -> Bool {
  switch scalar {
  case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
    0x3000:
    true
  default: false
  }
}

private func trimmed(_ text: [UInt8], _ isOff: (UInt32) -> Bool) -> [UInt8] {
  if isASCII(text) {
    var (start, end) = (0, text.count)
    while start < end, isOff(UInt32(text[start])) { start += 1 }
    while end > start, isOff(UInt32(text[end - 1])) { end -= 1 }
    return start == 0 && end == text.count ? text : Array(text[start..<end])
  }
  var parts = characters(text)[...]
  func scalar(_ part: [UInt8]) -> UInt32 { scalars(of: part).first ?? 0 }
  while let first = parts.first, isOff(scalar(first)) { parts.removeFirst() }
  while let last = parts.last, isOff(scalar(last)) { parts.removeLast() }
  return Array(parts.joined())
}

/// `strings.TrimSpace`.
func trimmedSpace(_ text: [UInt8]) -> [UInt8] {
  return trimmed(text, isUnicodeSpace)
}

private func addTrims(to table: inout FunctionTable) {
  table.add1("trim", "s") { _, value in .string(trimmedSpace(value.asBytes ?? [])) }
  table.add2("trimAll", "ss") { _, cut, value in
    let cut = scalars(of: cut.asBytes ?? [])
    return .string(trimmed(value.asBytes ?? []) { cut.contains($0) })
  }
  table.alias("trimall", of: "trimAll")
  table.add2("trimPrefix", "ss") { _, part, value in
    let (part, bytes) = (part.asBytes ?? [], value.asBytes ?? [])
    return bytes.starts(with: part) ? .string(Array(bytes[part.count...])) : value
  }
  table.add2("trimSuffix", "ss") { _, part, value in
    let (part, bytes) = (part.asBytes ?? [], value.asBytes ?? [])
    return hasSuffix(bytes, part) ? .string(Array(bytes[..<(bytes.count - part.count)])) : value
  }
  table.add1("nospace", "s") { _, value in
    // goutils' DeleteWhiteSpace takes each byte for a character, once there is anything to delete.
    let bytes = value.asBytes ?? []
    let kept = bytes.map { UInt32($0) }.filter { !isUnicodeSpace($0) }
    return kept.count == bytes.count ? value : .string(utf8(kept))
  }
}

// MARK: splitting

/// `strings.SplitN`: an empty separator splits into characters.
func split(_ text: [UInt8], _ separator: [UInt8], limit: Int = -1) -> [[UInt8]] {
  if limit == 0 { return [] }
  if separator.isEmpty {
    let parts = characters(text)
    if limit < 0 || parts.count <= limit { return parts }
    return Array(parts[..<(limit - 1)]) + [Array(parts[(limit - 1)...].joined())]
  }
  var parts: [[UInt8]] = []
  var start = 0
  while limit < 0 || parts.count < limit - 1,
    let found = position(of: separator, in: text, from: start)
  {
    parts.append(Array(text[start..<found]))
    start = found + separator.count
  }
  parts.append(Array(text[start...]))
  return parts
}

private func numbered(_ parts: [[UInt8]]) -> GoValue {
  let map = GoMap(type: .string)
  for (index, part) in parts.enumerated() { map["_\(index)"] = .string(part) }
  return .map(map)
}

private func addSplits(to table: inout FunctionTable) {
  table.add2("split", "ss") { execution, separator, value in
    try execution.charge(bytes: (value.asBytes ?? []).count &* 16)
    return numbered(split(value.asBytes ?? [], separator.asBytes ?? []))
  }
  table.add("splitn", "sis") { execution, values in
    try execution.charge(bytes: (values[2].asBytes ?? []).count &* 16)
    return numbered(
      split(values[2].asBytes ?? [], values[0].asBytes ?? [], limit: int(values[1])))
  }
  table.add2("splitList", "ss") { execution, separator, value in
    try execution.charge(bytes: (value.asBytes ?? []).count &* 16)
    return .list(GoList(strings: split(value.asBytes ?? [], separator.asBytes ?? [])))
  }
  table.add2("join", "sa") { execution, separator, value in
    let parts = texts(value)
    let separator = separator.asBytes ?? []
    try execution.charge(bytes: separator.count &* parts.count)
    return try execution.string(joined(parts, separator))
  }
  table.add1("toStrings", "a") { _, value in .list(GoList(strings: texts(value))) }
  table.add1("sortAlpha", "a") { _, value in
    let texts = value.isNil ? [text(value)] : texts(value)
    return .list(GoList(strings: texts.sorted { byteOrder($0, $1) < 0 }))
  }
  table.add1("toString", "a") { execution, value in
    if case .string = value { return value }
    return try execution.string(text(value))
  }
}

// MARK: lines

private func addLayouts(to table: inout FunctionTable) {
  table.add2("wrap", "is") { execution, width, value in
    try execution.string(wrapped(value.asBytes ?? [], int(width), [0x0A], breaksWords: false))
  }
  table.add("wrapWith", "iss") { execution, values in
    var separator = values[1].asBytes ?? []
    if separator.isEmpty { separator = [0x0A] }
    try execution.charge(bytes: separator.count &* (values[2].asBytes ?? []).count)
    return try execution.string(
      wrapped(values[2].asBytes ?? [], int(values[0]), separator, breaksWords: true))
  }
  table.add2("abbrev", "is") { _, width, value in
    let (width, bytes) = (int(width), value.asBytes ?? [])
    return width < 4 ? value : .string(abbreviated(bytes, 0, width))
  }
  table.add("abbrevboth", "iis") { _, values in
    let (left, right, bytes) = (int(values[0]), int(values[1]), values[2].asBytes ?? [])
    if right < 4 || left > 0 && right < 7 { return values[2] }
    return .string(abbreviated(bytes, left, right))
  }
}

/// `goutils.WrapCustom`.
private func wrapped(
  _ text: [UInt8], _ width: Int, _ separator: [UInt8], breaksWords: Bool
) -> [UInt8] {
  let width = max(1, width)
  var result: [UInt8] = []
  var offset = 0
  while text.count - offset > width {
    if text[offset] == 0x20 {
      offset += 1
      continue
    }
    let end = offset + width + 1
    if let blank = text[offset..<end].lastIndex(of: 0x20) {
      result += text[offset..<blank] + separator
      offset = blank + 1
    } else if breaksWords {
      result += text[offset..<(offset + width)] + separator
      offset += width
    } else if let blank = text[(offset + width)...].firstIndex(of: 0x20) {
      result += text[offset..<blank] + separator
      offset = blank + 1
    } else {
      result += text[offset...]
      offset = text.count
    }
  }
  return result + text[offset...]
}

/// `goutils.AbbreviateFull`.
private func abbreviated(_ text: [UInt8], _ start: Int, _ width: Int) -> [UInt8] {
  let dots = Array("...".utf8)
  guard width >= 4, text.count > width else { return width >= 4 ? text : [] }
  var offset = min(max(0, start), text.count)
  if text.count - offset < width - 3 { offset = text.count - (width - 3) }
  if offset <= 4 { return text[..<(width - 3)] + dots }
  if width < 7 { return [] }
  if offset + width - 3 < text.count {
    return dots + abbreviated(Array(text[offset...]), 0, width - 3)
  }
  return dots + text[(text.count - (width - 3))...]
}
