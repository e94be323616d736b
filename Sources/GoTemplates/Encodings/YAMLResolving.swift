/// What a plain scalar is, as go-yaml v2's `resolve` sees it.
enum YAMLScalar {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case float(Double)
  case timestamp
  case string
}

/// Resolves a plain scalar. With `isVersion3` as go-yaml v3: only `true` and `false` are bools.
func resolvedYAML(_ text: [UInt8], isVersion3: Bool = false) -> YAMLScalar {
  guard let first = text.first else { return .null }
  switch first {
  case 0x79, 0x59, 0x6E, 0x4E, 0x74, 0x54, 0x66, 0x46, 0x6F, 0x4F, 0x7E:
    return text.count <= 5 ? word(text, isVersion3) : .string
  case 0x2E:
    if let special = specialFloat(text) { return .float(special) }
    return goFloat(text, underscores: false).map { .float($0) } ?? .string
  case 0x2B, 0x2D, 0x30...0x39:
    if let special = specialFloat(text) { return .float(special) }
    if isTimestamp(text) { return .timestamp }
    return number(text)
  default: return .string
  }
}

/// Words of at most five letters, in small or capital letters or with a capital first.
private func word(_ text: [UInt8], _ isVersion3: Bool) -> YAMLScalar {
  var letters: UInt64 = 0
  var capitals = 0
  for byte in text {
    letters = letters << 8 | UInt64(byte | 0x20)
    if byte & 0x20 == 0 { capitals += 1 }
  }
  guard capitals == 0 || capitals == text.count || capitals == 1 && text[0] & 0x20 == 0 else {
    return .string
  }
  switch letters {
  case 0x7472_7565: return .bool(true)  // true
  case 0x66_616C_7365: return .bool(false)  // false
  case 0x6E75_6C6C, 0x7E: return .null  // null ~
  case 0x79, 0x79_6573, 0x6F6E: return isVersion3 ? .string : .bool(true)  // y yes on
  case 0x6E, 0x6E6F, 0x6F_6666: return isVersion3 ? .string : .bool(false)  // n no off
  default: return .string
  }
}

private func specialFloat(_ text: [UInt8]) -> Double? {
  guard text.count == 4 || text.count == 5, text[0] < 0x30 else { return nil }
  switch String(decoding: text, as: UTF8.self) {
  case ".nan", ".NaN", ".NAN": return .nan
  case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
  case "-.inf", "-.Inf", "-.INF": return -.infinity
  default: return nil
  }
}

private func number(_ text: [UInt8]) -> YAMLScalar {
  let plain = text.contains(0x5F) ? text.filter { $0 != 0x5F } : text
  if let int = goInteger(plain) { return .int(int) }
  if let int = goUnsigned(plain) { return .uint(int) }
  if isDecimalFloat(plain), let float = goFloat(plain, underscores: false), float.isFinite {
    return .float(float)
  }
  return .string
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
private func isDecimalFloat(_ text: [UInt8]) -> Bool {
  var index = 0
  func digits() -> Int {
    let start = index
    while index < text.count, (0x30...0x39).contains(text[index]) { index += 1 }
    return index - start
  }
  if let first = text.first, first == 0x2B || first == 0x2D { index += 1 }
  let whole = digits()
  if index < text.count, text[index] == 0x2E {
    index += 1
    let fraction = digits()
    if whole == 0, fraction == 0 { return false }
  } else if whole == 0 {
    return false
  }
  if index < text.count, text[index] | 0x20 == 0x65 {
    index += 1
    if index < text.count, text[index] == 0x2B || text[index] == 0x2D { index += 1 }
    if digits() == 0 { return false }
  }
  return index == text.count
}

/// Whether go-yaml's `parseTimestamp` takes it: `2006-1-2`, with `T15:4:5.9Z07:00`, `t…` or ` 15:4:5.9`.
func isTimestamp(_ text: [UInt8]) -> Bool {
  guard text.count >= 8, text.count <= 64, text[4] == 0x2D else { return false }
  var index = 0
  func digits(_ least: Int, _ most: Int) -> Int? {
    var value = 0
    let start = index
    while index < text.count, index - start < most, (0x30...0x39).contains(text[index]) {
      value = value * 10 + Int(text[index] - 0x30)
      index += 1
    }
    return index - start >= least ? value : nil
  }
  func skip(_ byte: UInt8) -> Bool {
    guard index < text.count, text[index] == byte else { return false }
    index += 1
    return true
  }
  guard let year = digits(4, 4), skip(0x2D), let month = digits(1, 2), skip(0x2D),
    let day = digits(1, 2), (1...12).contains(month), day >= 1,
    day <= daysIn(month: month, year: year)
  else { return false }
  if index == text.count { return true }
  let mark = text[index]
  guard mark == 0x54 || mark == 0x74 || mark == 0x20 else { return false }
  index += 1
  guard let hour = digits(1, 2), hour < 24, skip(0x3A), let minute = digits(1, 2), minute < 60,
    skip(0x3A), let second = digits(1, 2), second < 60
  else { return false }
  if index < text.count, text[index] == 0x2E || text[index] == 0x2C {
    index += 1
    guard digits(1, 40) != nil else { return false }
  }
  if mark == 0x20 { return index == text.count }
  if skip(0x5A) { return index == text.count }
  guard skip(0x2B) || skip(0x2D), let hours = digits(2, 2), hours <= 24, skip(0x3A),
    let minutes = digits(2, 2), minutes < 60
  else { return false }
  return index == text.count
}

/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`
func isBase60(_ text: [UInt8]) -> Bool {
  guard text.contains(0x3A) else { return false }
  var index = 0
  if text[0] == 0x2B || text[0] == 0x2D { index += 1 }
  guard index < text.count, (0x30...0x39).contains(text[index]) else { return false }
  while index < text.count, (0x30...0x39).contains(text[index]) || text[index] == 0x5F {
    index += 1
  }
  var groups = 0
  while index < text.count, text[index] == 0x3A {
    let start = index + 1
    index = start
    while index < text.count, (0x30...0x39).contains(text[index]) { index += 1 }
    let count = index - start
    guard count == 1 || count == 2 && text[start] <= 0x35 else { return false }
    groups += 1
  }
  guard groups > 0 else { return false }
  if index < text.count, text[index] == 0x2E {
    index += 1
    while index < text.count, (0x30...0x39).contains(text[index]) || text[index] == 0x5F {
      index += 1
    }
  }
  return index == text.count
}

func daysIn(month: Int, year: Int) -> Int {
  switch month {
  case 4, 6, 9, 11: 30
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  default: 31
  }
}
