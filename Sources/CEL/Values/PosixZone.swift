/// The rule at the end of a TZif file: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX TZ, RFC 8536 3.3.1).
struct PosixZone: Sendable {
  private enum Day {
    case weekday(month: Int, week: Int, day: Int)
    case julian(Int)
    case ordinal(Int)
  }

  private struct Change {
    var day: Day
    var seconds: Int64
  }

  private var standard: Int64
  private var daylight: Int64?
  private var changes: (start: Change, end: Change)?

  init?(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8))
    guard reader.name(), let standard = reader.time() else { return nil }
    self.standard = -standard
    guard reader.name() else { return }
    daylight = reader.time().map { -$0 } ?? self.standard + 3600
    guard reader.take(","), let start = reader.change(), reader.take(","),
      let end = reader.change()
    else { return nil }
    changes = (start, end)
  }

  func offset(atSeconds seconds: Int64) -> Int64 {
    guard let daylight, let changes else { return standard }
    let year = Calendar.fields(ofSeconds: seconds + standard).year
    let start = Self.seconds(changes.start, year) - standard
    let end = Self.seconds(changes.end, year) - daylight
    let isDaylight =
      start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
    return isDaylight ? daylight : standard
  }

  /// When a change happens in a year, in local seconds since 1970.
  private static func seconds(_ change: Change, _ year: Int64) -> Int64 {
    let first = Calendar.days(year: year, month: 1, day: 1)
    let days: Int64
    switch change.day {
    case .ordinal(let day): days = first + Int64(day)
    case .julian(let day):
      let isLeap = Calendar.daysInMonth(2, year: year) == 29
      days = first + Int64(day - 1) + (isLeap && day >= 60 ? 1 : 0)
    case .weekday(let month, let week, let day):
      let monthStart = Calendar.days(year: year, month: month, day: 1)
      let weekdayOfFirst = Int(((monthStart + 4) % 7 + 7) % 7)
      var offset = (day - weekdayOfFirst + 7) % 7 + (week - 1) * 7
      while offset >= Calendar.daysInMonth(month, year: year) { offset -= 7 }
      days = monthStart + Int64(offset)
    }
    return days * 86_400 + change.seconds
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    /// Skips a zone's name; false when there is none.
    mutating func name() -> Bool {
      let start = position
      if take("<") {
        while position < bytes.count, bytes[position] != UInt8(ascii: ">") { position += 1 }
        return take(">")
      }
      while position < bytes.count, (bytes[position] | 0x20) &- 0x61 <= 25 { position += 1 }
      return position > start
    }

    mutating func number() -> Int? {
      let start = position
      var result = 0
      while position < bytes.count, isDigit(bytes[position]), position - start < 6 {
        result = result * 10 + Int(bytes[position] - 0x30)
        position += 1
      }
      return position > start ? result : nil
    }

    /// `[+-]h[:m[:s]]` in seconds.
    mutating func time() -> Int64? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard let hours = number() else { return nil }
      var seconds = hours * 3600
      if take(":") { seconds += (number() ?? 0) * 60 }
      if take(":") { seconds += number() ?? 0 }
      return Int64(isNegative ? -seconds : seconds)
    }

    mutating func change() -> Change? {
      let day: Day
      if take("M") {
        guard let month = number(), (1...12).contains(month), take("."), let week = number(),
          (1...5).contains(week), take("."), let weekday = number(), weekday < 7
        else { return nil }
        day = .weekday(month: month, week: week, day: weekday)
      } else if take("J") {
        guard let number = number() else { return nil }
        day = .julian(number)
      } else {
        guard let number = number() else { return nil }
        day = .ordinal(number)
      }
      return Change(day: day, seconds: take("/") ? time() ?? 7200 : 7200)
    }
  }
}
