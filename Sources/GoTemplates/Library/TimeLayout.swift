/// The elements of Go's layouts (`time/format.go`).
enum LayoutElement {
  case longMonth, month, numberMonth, zeroMonth
  case longWeekday, weekday
  case day, spacedDay, zeroDay, spacedYearDay, zeroYearDay
  case hour, hour12, zeroHour12, minute, zeroMinute, second, zeroSecond
  case longYear, year, upperHalf, lowerHalf, zone
  case zoneOffset(isISO: Bool, hasColon: Bool, hasMinutes: Bool, hasSeconds: Bool)
  case fraction(digits: Int, dropsZeros: Bool, mark: UInt8)
  case text([UInt8])
}

private let words: [(String, LayoutElement)] = [
  ("January", .longMonth), ("Jan", .month), ("Monday", .longWeekday), ("Mon", .weekday),
  ("MST", .zone), ("01", .zeroMonth), ("02", .zeroDay), ("03", .zeroHour12), ("04", .zeroMinute),
  ("05", .zeroSecond), ("06", .year), ("002", .zeroYearDay), ("__2", .spacedYearDay),
  ("_2006", .text([0x5F])), ("_2", .spacedDay), ("15", .hour), ("1", .numberMonth),
  ("2006", .longYear),
  ("2", .day), ("3", .hour12), ("4", .minute), ("5", .second), ("PM", .upperHalf),
  ("pm", .lowerHalf),
  ("-07:00:00", .zoneOffset(isISO: false, hasColon: true, hasMinutes: true, hasSeconds: true)),
  ("-070000", .zoneOffset(isISO: false, hasColon: false, hasMinutes: true, hasSeconds: true)),
  ("-07:00", .zoneOffset(isISO: false, hasColon: true, hasMinutes: true, hasSeconds: false)),
  ("-0700", .zoneOffset(isISO: false, hasColon: false, hasMinutes: true, hasSeconds: false)),
  ("-07", .zoneOffset(isISO: false, hasColon: false, hasMinutes: false, hasSeconds: false)),
  ("Z07:00:00", .zoneOffset(isISO: true, hasColon: true, hasMinutes: true, hasSeconds: true)),
  ("Z070000", .zoneOffset(isISO: true, hasColon: false, hasMinutes: true, hasSeconds: true)),
  ("Z07:00", .zoneOffset(isISO: true, hasColon: true, hasMinutes: true, hasSeconds: false)),
  ("Z0700", .zoneOffset(isISO: true, hasColon: false, hasMinutes: true, hasSeconds: false)),
  ("Z07", .zoneOffset(isISO: true, hasColon: false, hasMinutes: false, hasSeconds: false)),
]

private let wordBytes: [(bytes: [UInt8], element: LayoutElement)] = words.map {
  (Array($0.0.utf8), $0.1)
}.sorted { $0.bytes.count > $1.bytes.count }

/// A layout cut into its elements.
func layoutElements(_ layout: [UInt8]) -> [LayoutElement] {
  var result: [LayoutElement] = []
  var plain: [UInt8] = []
  func flush() {
    if !plain.isEmpty { result.append(.text(plain)) }
    plain = []
  }
  var index = 0
  outer: while index < layout.count {
    if layout[index] == 0x2E || layout[index] == 0x2C, index + 1 < layout.count,
      layout[index + 1] == 0x30 || layout[index + 1] == 0x39
    {
      let digit = layout[index + 1]
      var end = index + 1
      while end < layout.count, layout[end] == digit { end += 1 }
      let followsDigit = end < layout.count && (0x30...0x39).contains(layout[end])
      if !followsDigit {
        flush()
        result.append(
          .fraction(digits: end - index - 1, dropsZeros: digit == 0x39, mark: layout[index]))
        index = end
        continue
      }
    }
    for word in wordBytes where layout[index...].starts(with: word.bytes) {
      let end = index + word.bytes.count
      // "Janet" is no month.
      if word.bytes == Array("Jan".utf8) || word.bytes == Array("Mon".utf8), end < layout.count,
        (0x61...0x7A).contains(layout[end])
      {
        continue
      }
      if word.bytes == Array("_2006".utf8) {
        plain.append(0x5F)
        flush()
        result.append(.longYear)
        index = end
        continue outer
      }
      flush()
      result.append(word.element)
      index = end
      continue outer
    }
    plain.append(layout[index])
    index += 1
  }
  flush()
  return result
}

private func padded(_ value: Int, _ width: Int, with pad: UInt8 = 0x30) -> [UInt8] {
  let digits = Array(String(abs(value)).utf8)
  return (value < 0 ? [0x2D] : [])
    + [UInt8](repeating: pad, count: max(0, width - digits.count)) + digits
}

extension GoTime {
  /// The time by a layout of Go (`Time.Format`).
  func formatted(_ layout: [UInt8]) -> [UInt8] {
    let parts = parts
    var result: [UInt8] = []
    for element in layoutElements(layout) {
      switch element {
      case .longMonth: result += monthNames[parts.month - 1].utf8
      case .month: result += monthNames[parts.month - 1].utf8.prefix(3)
      case .numberMonth: result += padded(parts.month, 1)
      case .zeroMonth: result += padded(parts.month, 2)
      case .longWeekday: result += dayNames[parts.weekday].utf8
      case .weekday: result += dayNames[parts.weekday].utf8.prefix(3)
      case .day: result += padded(parts.day, 1)
      case .spacedDay: result += padded(parts.day, 2, with: 0x20)
      case .zeroDay: result += padded(parts.day, 2)
      case .spacedYearDay: result += padded(parts.yearDay, 3, with: 0x20)
      case .zeroYearDay: result += padded(parts.yearDay, 3)
      case .hour: result += padded(parts.hour, 2)
      case .hour12: result += padded(parts.hour % 12 == 0 ? 12 : parts.hour % 12, 1)
      case .zeroHour12: result += padded(parts.hour % 12 == 0 ? 12 : parts.hour % 12, 2)
      case .minute: result += padded(parts.minute, 1)
      case .zeroMinute: result += padded(parts.minute, 2)
      case .second: result += padded(parts.second, 1)
      case .zeroSecond: result += padded(parts.second, 2)
      case .longYear: result += padded(parts.year, 4)
      case .year: result += padded(parts.year % 100, 2)
      case .upperHalf: result += (parts.hour >= 12 ? "PM" : "AM").utf8
      case .lowerHalf: result += (parts.hour >= 12 ? "pm" : "am").utf8
      case .zone:
        result += zone.name.isEmpty ? offset(false, false, true, false) : Array(zone.name.utf8)
      case .zoneOffset(let isISO, let hasColon, let hasMinutes, let hasSeconds):
        result += offset(isISO, hasColon, hasMinutes, hasSeconds)
      case .fraction(let digits, let dropsZeros, let mark):
        var text = Array(padded(nanoseconds, 9).prefix(min(9, digits)))
        if dropsZeros { while text.last == 0x30 { text.removeLast() } }
        if !text.isEmpty { result += [mark] + text }
      case .text(let text): result += text
      }
    }
    return result
  }

  private func offset(
    _ isISO: Bool, _ hasColon: Bool, _ hasMinutes: Bool, _ hasSeconds: Bool
  ) -> [UInt8] {
    if isISO, zone.offsetSeconds == 0 { return [0x5A] }
    let seconds = abs(zone.offsetSeconds)
    var result: [UInt8] = [zone.offsetSeconds < 0 ? 0x2D : 0x2B] + padded(seconds / 3600, 2)
    if hasMinutes {
      if hasColon { result.append(0x3A) }
      result += padded(seconds / 60 % 60, 2)
    }
    if hasSeconds {
      if hasColon { result.append(0x3A) }
      result += padded(seconds % 60, 2)
    }
    return result
  }
}

/// A time by a layout of Go (`time.Parse`). Throws `FunctionError`.
func parsedTime(_ layout: [UInt8], _ text: [UInt8]) throws -> GoTime {
  var reader = TimeReader(text: text)
  let failure = FunctionError(
    "parsing time \(goQuoted(text)) as \(goQuoted(layout)): cannot parse \(goQuoted(text))")
  for element in layoutElements(layout) {
    guard reader.read(element) else { throw failure }
  }
  if reader.index < text.count {
    throw FunctionError(
      "parsing time \(goQuoted(text)): extra text: \(goQuoted(Array(text[reader.index...])))")
  }
  guard let time = reader.time else {
    throw FunctionError("parsing time \(goQuoted(text)): day out of range")
  }
  return time
}

private struct TimeReader {
  let text: [UInt8]
  var index = 0
  private var (year, month, day, yearDay) = (0, 1, 1, -1)
  private var (hour, minute, second, nanoseconds) = (0, 0, 0, 0)
  private var isAfternoon: Bool?
  private var zone = GoTime.Zone.utc

  init(text: [UInt8]) { self.text = text }

  var time: GoTime? {
    var hour = hour
    if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
    guard (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year) else {
      return nil
    }
    var days = daysFromCivil(year, month, day)
    if yearDay > 0 { days = daysFromCivil(year, 1, 1) + yearDay - 1 }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - zone.offsetSeconds
    return GoTime(seconds: Int64(seconds), nanoseconds: nanoseconds, zone: zone)
  }

  private mutating func number(_ least: Int, _ most: Int) -> Int? {
    let start = index
    var value = 0
    while index < text.count, index - start < most, (0x30...0x39).contains(text[index]) {
      value = value * 10 + Int(text[index] - 0x30)
      index += 1
    }
    return index - start >= least ? value : nil
  }

  private mutating func name(_ names: [String], length: Int? = nil) -> Int? {
    for (number, name) in names.enumerated() {
      let bytes = Array(length.map { Array(name.utf8.prefix($0)) } ?? Array(name.utf8))
      if index + bytes.count <= text.count,
        text[index..<(index + bytes.count)].map(lowerASCII) == bytes.map(lowerASCII)
      {
        index += bytes.count
        return number
      }
    }
    return nil
  }

  private mutating func skipBlank() {
    while index < text.count, text[index] == 0x20 { index += 1 }
  }

  mutating func read(_ element: LayoutElement) -> Bool {
    func put(_ value: Int?, _ range: ClosedRange<Int>, _ target: inout Int) -> Bool {
      guard let value, range.contains(value) else { return false }
      target = value
      return true
    }
    switch element {
    case .longMonth: return put(name(monthNames).map { $0 + 1 }, 1...12, &month)
    case .month: return put(name(monthNames, length: 3).map { $0 + 1 }, 1...12, &month)
    case .numberMonth: return put(number(1, 2), 1...12, &month)
    case .zeroMonth: return put(number(2, 2), 1...12, &month)
    case .longWeekday: return name(dayNames) != nil
    case .weekday: return name(dayNames, length: 3) != nil
    case .day: return put(number(1, 2), 1...31, &day)
    case .spacedDay:
      skipBlank()
      return put(number(1, 2), 1...31, &day)
    case .zeroDay: return put(number(2, 2), 1...31, &day)
    case .spacedYearDay:
      skipBlank()
      return put(number(1, 3), 1...366, &yearDay)
    case .zeroYearDay: return put(number(3, 3), 1...366, &yearDay)
    case .hour: return put(number(2, 2), 0...23, &hour)
    case .hour12: return put(number(1, 2), 1...12, &hour)
    case .zeroHour12: return put(number(2, 2), 1...12, &hour)
    case .minute: return put(number(1, 2), 0...59, &minute)
    case .zeroMinute: return put(number(2, 2), 0...59, &minute)
    case .second, .zeroSecond: return readSecond(element)
    case .longYear: return put(number(4, 4), 0...9999, &year)
    case .year:
      guard let value = number(2, 2) else { return false }
      year = value + (value >= 69 ? 1900 : 2000)
      return true
    case .upperHalf, .lowerHalf:
      guard let half = name(["AM", "PM"]) else { return false }
      isAfternoon = half == 1
      return true
    case .zone: return readZoneName()
    case .zoneOffset(let isISO, let hasColon, let hasMinutes, let hasSeconds):
      return readOffset(isISO, hasColon, hasMinutes, hasSeconds)
    case .fraction: return readFraction(isNeeded: true)
    case .text(let expected):
      guard text[index...].starts(with: expected) else { return false }
      index += expected.count
      return true
    }
  }

  private mutating func readSecond(_ element: LayoutElement) -> Bool {
    var least = 1
    if case .zeroSecond = element { least = 2 }
    guard let value = number(least, 2), value < 60 else { return false }
    second = value
    // A fraction is read even where the layout has none.
    return readFraction(isNeeded: false)
  }

  private mutating func readFraction(isNeeded: Bool) -> Bool {
    guard index + 1 < text.count, text[index] == 0x2E || text[index] == 0x2C,
      (0x30...0x39).contains(text[index + 1])
    else { return true }
    index += 1
    var digits = 0
    var value = 0
    while index < text.count, (0x30...0x39).contains(text[index]) {
      if digits < 9 {
        value = value * 10 + Int(text[index] - 0x30)
        digits += 1
      }
      index += 1
    }
    while digits < 9 {
      value *= 10
      digits += 1
    }
    nanoseconds = value
    return true
  }

  private mutating func readZoneName() -> Bool {
    let start = index
    while index < text.count, (0x41...0x5A).contains(text[index]), index - start < 5 { index += 1 }
    guard index - start >= 3 else { return false }
    zone.name = String(decoding: text[start..<index], as: UTF8.self)
    return true
  }

  private mutating func readOffset(
    _ isISO: Bool, _ hasColon: Bool, _ hasMinutes: Bool, _ hasSeconds: Bool
  ) -> Bool {
    guard index < text.count else { return false }
    if isISO, text[index] == 0x5A {
      index += 1
      return true
    }
    guard text[index] == 0x2B || text[index] == 0x2D else { return false }
    let sign = text[index] == 0x2D ? -1 : 1
    index += 1
    guard let hours = number(2, 2), hours <= 24 else { return false }
    var seconds = hours * 3600
    for unit in [hasMinutes ? 60 : 0, hasSeconds ? 1 : 0] where unit > 0 {
      if hasColon {
        guard index < text.count, text[index] == 0x3A else { return false }
        index += 1
      }
      guard let value = number(2, 2), value < 60 else { return false }
      seconds += value * unit
    }
    let offset = sign * seconds
    zone = offset == 0 ? .utc : GoTime.Zone(name: "", offsetSeconds: offset)
    return true
  }
}
