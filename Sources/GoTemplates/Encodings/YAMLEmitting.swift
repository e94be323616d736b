/// A value as sigs.k8s.io/yaml (JSON, then go-yaml v2) writes it, with the line end after it.
///
/// Throws for what JSON cannot hold and for control characters that YAML does not take.
public func toYAML(_ value: GoValue, limit: Int = 1 << 28) throws -> [UInt8] {
  var emitter = YAMLEmitter(isVersion3: false, limit: limit)
  try emitter.document(value)
  return emitter.output
}

/// A value as go-yaml v3 writes it with an indent of two: lists below their key are indented, lines
/// are not folded, numbers do not go through JSON.
public func toPrettyYAML(_ value: GoValue, limit: Int = 1 << 28) throws -> [UInt8] {
  var emitter = YAMLEmitter(isVersion3: true, limit: limit)
  try emitter.document(value)
  return emitter.output
}

/// The emitter of go-yaml (`emitterc.go`), which is libyaml's, over values instead of events.
struct YAMLEmitter {
  var output: [UInt8] = []
  let isVersion3: Bool
  let limit: Int
  /// Lines are folded after that column.
  let bestWidth: Int

  var indent = -1
  /// In characters.
  var column = 0
  /// Whether the last character was a blank.
  var isAfterSpace = true
  /// Whether there is only indentation in the line so far.
  var isAtIndent = true
  var isSimpleKey = false

  init(isVersion3: Bool, limit: Int) {
    self.isVersion3 = isVersion3
    self.limit = limit
    bestWidth = isVersion3 ? .max : 80
  }

  mutating func document(_ value: GoValue) throws {
    try node(value, inMapping: false, depth: 0)
    indent = -1
    writeIndent()
  }

  // MARK: nodes

  private mutating func node(_ value: GoValue, inMapping: Bool, depth: Int) throws {
    guard depth < 1000 else { throw FunctionError("the value is nested too deep", kind: .limit) }
    guard output.count <= limit else {
      throw FunctionError("exceeded the limit of \(limit) bytes", kind: .limit)
    }
    switch value {
    case .list(let list):
      if list.isNil, !isVersion3 { return try scalar(.null) }
      if list.type == .byte { return try scalar(value) }
      try sequence(list, inMapping: inMapping, depth)
    case .map(let map): try mapping(map, depth)
    case .object(let object):
      if let inner = object.underlying {
        return try node(inner, inMapping: inMapping, depth: depth)
      }
      if object is GoTime || object.fields.isEmpty { return try scalar(value) }
      let fields =
        isVersion3
        ? object.fields.map { ($0.name.lowercased(), $0.value) }
        : object.encodedFields.map { ($0.name, $0.value) }
      try mapping(GoMap(fields), depth)
    default: try scalar(value)
    }
  }

  private mutating func sequence(_ list: GoList, inMapping: Bool, _ depth: Int) throws {
    if list.elements.isEmpty {
      indicator("[", needsSpace: true)
      return indicator("]", needsSpace: false)
    }
    let outer = indent
    let isIndentless = inMapping && !isAtIndent && !isVersion3
    increaseIndent(isIndentless: isIndentless)
    for element in list.elements {
      writeIndent()
      indicator("-", needsSpace: true, keepsIndent: true)
      isAfterSpace = false
      try node(element, inMapping: false, depth: depth + 1)
    }
    indent = outer
  }

  private mutating func mapping(_ map: GoMap, _ depth: Int) throws {
    if map.count == 0 {
      indicator("{", needsSpace: true)
      return indicator("}", needsSpace: false)
    }
    let outer = indent
    increaseIndent(isIndentless: false)
    for entry in naturallySorted(map.entries, isVersion3: isVersion3) {
      writeIndent()
      if isSimple(entry.key) {
        isSimpleKey = true
        try text(entry.key, resolves: false)
        isSimpleKey = false
        indicator(":", needsSpace: false)
      } else {
        indicator("?", needsSpace: true, keepsIndent: true)
        try text(entry.key, resolves: false)
        writeIndent()
        indicator(":", needsSpace: true, keepsIndent: true)
      }
      try node(entry.value, inMapping: true, depth: depth + 1)
    }
    indent = outer
  }

  /// Whether a key fits before a colon (`yaml_emitter_check_simple_key`).
  private func isSimple(_ key: [UInt8]) -> Bool {
    key.count <= 128 && !hasBreak(key)
  }

  private func hasBreak(_ text: [UInt8]) -> Bool {
    for (index, byte) in text.enumerated() {
      if byte == 0x0A || byte == 0x0D { return true }
      if byte >= 0x80, breakLength(text, index) > 0 { return true }
    }
    return false
  }

  private mutating func increaseIndent(isIndentless: Bool) {
    if indent < 0 { indent = 0 } else if !isIndentless { indent += 2 }
  }

  // MARK: scalars

  private mutating func scalar(_ value: GoValue) throws {
    switch value {
    case .invalid, .null: plain("null")
    case .bool(let flag): plain(flag ? "true" : "false")
    case .int(let int): plain(String(int))
    case .int64(let int): plain(String(int))
    case .uint64(let int): plain(String(int))
    case .float(let float): try self.float(float)
    case .string(let bytes): try text(bytes, resolves: true)
    case .list, .object:
      // Bytes, times and what prints as text go through JSON's string.
      let json = try readJSON(try toJSON(value))
      try scalar(json)
    case .map: break
    }
  }

  private mutating func float(_ value: Double) throws {
    if isVersion3 {
      if value.isNaN { return plain(".nan") }
      if value.isInfinite { return plain(value < 0 ? "-.inf" : ".inf") }
      return plain(String(decoding: shortest(value), as: UTF8.self))
    }
    guard value.isFinite else {
      throw FunctionError(
        "json: unsupported value: \(String(decoding: shortest(value), as: UTF8.self))")
    }
    if let int = Int64(exactly: value), int.magnitude < 1 << 53 { return plain(String(int)) }
    let json = jsonFloat(value)
    // The JSON is read again: what looks whole and fits is an integer from then on.
    if let int = goInteger(json) { return plain(String(int)) }
    if let int = goUnsigned(json) { return plain(String(int)) }
    plain(String(decoding: shortest(value), as: UTF8.self))
  }

  private mutating func plain(_ text: String) {
    if !isAfterSpace { put(0x20) }
    output.append(contentsOf: text.utf8)
    column += text.utf8.count
    isAfterSpace = false
    isAtIndent = false
  }

  mutating func withScalarIndent(_ body: (inout YAMLEmitter) -> Void) {
    let outer = indent
    indent = indent < 0 ? 2 : indent + 2
    body(&self)
    indent = outer
  }

  // MARK: writing

  @inline(__always)
  mutating func put(_ byte: UInt8) {
    output.append(byte)
    column += 1
  }

  mutating func putBreak() {
    output.append(0x0A)
    column = 0
  }

  mutating func writeIndent() {
    let indent = max(0, self.indent)
    if !isAtIndent || column > indent || column == indent && !isAfterSpace { putBreak() }
    while column < indent { put(0x20) }
    isAfterSpace = true
    isAtIndent = true
  }

  /// `keepsIndent` for `-`, `?` and `:` of a block, after which a blank is no longer needed.
  mutating func indicator(_ text: StaticString, needsSpace: Bool, keepsIndent: Bool = false) {
    if needsSpace, !isAfterSpace { put(0x20) }
    text.withUTF8Buffer { for byte in $0 { put(byte) } }
    isAfterSpace = false
    isAtIndent = isAtIndent && keepsIndent
  }
}

/// The entries in the order of go-yaml's `keyList`: digits as numbers, letters after other signs.
func naturallySorted(
  _ entries: [GoMap.Entry], isVersion3: Bool = false
) -> [GoMap.Entry] {
  // Most maps are in that order already: they are sorted by bytes.
  for index in entries.indices.dropFirst()
  where !isNaturallyLess(entries[index - 1].key, entries[index].key, isVersion3) {
    return entries.sorted { isNaturallyLess($0.key, $1.key, isVersion3) }
  }
  return entries
}

func isNaturallyLess(_ left: [UInt8], _ right: [UInt8], _ isVersion3: Bool) -> Bool {
  quickOrder(left, right) ?? isNaturallyLess(scalars(of: left), scalars(of: right), isVersion3)
}

/// The order where the first difference is between signs of ASCII that say it: nil for digits, which count as
/// numbers, and for a letter beside another sign, which the versions see differently.
private func quickOrder(_ left: [UInt8], _ right: [UInt8]) -> Bool? {
  let common = min(left.count, right.count)
  var index = 0
  while index < common, left[index] == right[index] { index += 1 }
  guard index < common else {
    return isASCII(left) && isASCII(right) ? left.count < right.count : nil
  }
  let (first, second) = (left[index], right[index])
  guard first < 0x80, second < 0x80 else { return nil }
  let isLetter = (first | 0x20) &- 0x61 < 26
  if isLetter == ((second | 0x20) &- 0x61 < 26) {
    return isLetter || first &- 0x30 >= 10 && second &- 0x30 >= 10 ? first < second : nil
  }
  return nil
}

private func isNaturallyLess(_ left: [UInt32], _ right: [UInt32], _ isVersion3: Bool) -> Bool {
  var afterDigit = false
  for index in 0..<min(left.count, right.count) {
    let (first, second) = (left[index], right[index])
    if first == second {
      afterDigit = isDigit(first)
      continue
    }
    let (isLetter, otherIsLetter) = (isLetter(first), GoTemplates.isLetter(second))
    if isLetter, otherIsLetter { return first < second }
    if isLetter || otherIsLetter {
      return isVersion3 && afterDigit ? isLetter : otherIsLetter
    }
    var (number, otherNumber): (Int64, Int64) = (0, 0)
    if first == 0x30 || second == 0x30 {
      var before = index - 1
      while before >= 0, isDigit(left[before]) {
        if left[before] != 0x30 {
          (number, otherNumber) = (1, 1)
          break
        }
        before -= 1
      }
    }
    var (end, otherEnd) = (index, index)
    while end < left.count, isDigit(left[end]) {
      number = number &* 10 &+ Int64(left[end]) &- 0x30
      end += 1
    }
    while otherEnd < right.count, isDigit(right[otherEnd]) {
      otherNumber = otherNumber &* 10 &+ Int64(right[otherEnd]) &- 0x30
      otherEnd += 1
    }
    if number != otherNumber { return number < otherNumber }
    if end != otherEnd { return end < otherEnd }
    return first < second
  }
  return left.count < right.count
}

private func isDigit(_ scalar: UInt32) -> Bool {
  if scalar < 0x80 { return (0x30...0x39).contains(scalar) }
  return Unicode.Scalar(scalar)?.properties.generalCategory == .decimalNumber
}

private func isLetter(_ scalar: UInt32) -> Bool {
  if scalar < 0x80 { return (0x41...0x5A).contains(scalar) || (0x61...0x7A).contains(scalar) }
  guard let scalar = Unicode.Scalar(scalar) else { return false }
  return scalar.isLetterOrDigit && scalar.properties.generalCategory != .decimalNumber
}

/// The length of the line break at the index, 0 if there is none: CR, LF, NEL, LS, PS.
func breakLength(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
  switch text[index] {
  case 0x0A, 0x0D: return 1
  case 0xC2: return index + 1 < text.count && text[index + 1] == 0x85 ? 2 : 0
  case 0xE2:
    let isBreak =
      index + 2 < text.count && text[index + 1] == 0x80
      && (text[index + 2] == 0xA8 || text[index + 2] == 0xA9)
    return isBreak ? 3 : 0
  default: return 0
  }
}

func breakLength(_ text: [UInt8], _ index: Int) -> Int {
  text.withUnsafeBufferPointer { breakLength($0, index) }
}
