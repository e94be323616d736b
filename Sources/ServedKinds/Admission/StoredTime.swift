/// A time as it is stored, in UTC and to the second (or with six digits below it); nil for what Go's RFC 3339 reader
/// refuses (apimachinery `meta/v1/time.go`, `micro_time.go`).
func storedTime(_ text: UnsafeBufferPointer<UInt8>, hasMicroseconds: Bool) -> String? {
  var reader = TimeReader(text: text)
  guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
    reader.skip("-"), let day = reader.number(2), reader.skip("T"), let hour = reader.number(2),
    reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
    let second = reader.number(2), (1...12).contains(month), hour < 24, minute < 60, second < 60,
    day >= 1, day <= daysOf(month: month, year: year)
  else { return nil }
  let micros = reader.fraction()
  guard let micros, let offset = reader.offset(), reader.isAtEnd else { return nil }
  var seconds = daysSinceEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
  seconds -= offset * 60
  return formatted(seconds) + (hasMicroseconds ? "." + padded(micros, 6) : "") + "Z"
}

private struct TimeReader {
  let text: UnsafeBufferPointer<UInt8>
  var index = 0

  var isAtEnd: Bool { index == text.count }

  mutating func number(_ digits: Int) -> Int? {
    guard index + digits <= text.count else { return nil }
    var value = 0
    for _ in 0..<digits {
      guard (0x30...0x39).contains(text[index]) else { return nil }
      value = value * 10 + Int(text[index] - 0x30)
      index += 1
    }
    return value
  }

  mutating func skip(_ character: Character) -> Bool {
    guard index < text.count, text[index] == character.asciiValue else { return false }
    index += 1
    return true
  }

  /// The microseconds of a fraction, 0 where there is none; nil where its digits are missing.
  mutating func fraction() -> Int? {
    guard index < text.count, text[index] == 0x2E || text[index] == 0x2C else { return 0 }
    index += 1
    var micros = 0
    var count = 0
    while index < text.count, (0x30...0x39).contains(text[index]) {
      if count < 6 { micros = micros * 10 + Int(text[index] - 0x30) }
      count += 1
      index += 1
    }
    guard count > 0 else { return nil }
    while count < 6 {
      micros *= 10
      count += 1
    }
    return micros
  }

  /// Minutes east of UTC.
  mutating func offset() -> Int? {
    if skip("Z") { return 0 }
    let sign = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
      minutes < 60
    else { return nil }
    return sign * (hours * 60 + minutes)
  }
}

private func daysOf(month: Int, year: Int) -> Int {
  let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar.
private func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let shifted = month <= 2 ? year - 1 : year
  let era = (shifted >= 0 ? shifted : shifted - 399) / 400
  let yearOfEra = shifted - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
}

private func formatted(_ seconds: Int) -> String {
  let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
  let rest = seconds - days * 86400
  let shifted = days + 719468
  let era = (shifted >= 0 ? shifted : shifted - 146096) / 146097
  let dayOfEra = shifted - era * 146097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthIndex = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
  let month = monthIndex + (monthIndex < 10 ? 3 : -9)
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
    + "\(padded(rest / 3600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = "\(number)"
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
