/// How a zone's time differs from UTC, by a rule of POSIX such as `EST5EDT,M3.2.0,M11.1.0`
/// (POSIX.1-2017, 8.3, with the names in `<…>`).
struct ZoneRule {
  private var standard = GoTime.Zone.utc
  private var summer: GoTime.Zone?
  private var start = Change()
  private var end = Change()

  /// When a change comes: a weekday of a month, counted from 1, the last as 5; or a day of the year from 1 on.
  private struct Change {
    var month = 0
    var week = 0
    /// 0 is Sunday; or the day of the year.
    var day = 0
    /// Whether 29 February counts, for a day of the year.
    var countsLeapDay = true
    /// After midnight of local time.
    var seconds = 7200

    func unixSeconds(year: Int) -> Int {
      guard month > 0 else {
        let isLeap = daysIn(month: 2, year: year) == 29
        let shift = !countsLeapDay && isLeap && day >= 60 ? 1 : 0
        return (daysFromCivil(year, 1, 1) + day + shift - (countsLeapDay ? 0 : 1)) * 86_400
          + seconds
      }
      let first = daysFromCivil(year, month, 1)
      let weekday = ((first + 4) % 7 + 7) % 7
      var date = 1 + (day - weekday + 7) % 7 + (week - 1) * 7
      if date > daysIn(month: month, year: year) { date -= 7 }
      return (first + date - 1) * 86_400 + seconds
    }
  }

  /// A rule; nil for a text that is none.
  init?(_ text: String) {
    var reader = Reader(text: Array(text.utf8))
    guard let name = reader.name(), let offset = reader.time() else { return nil }
    standard = GoTime.Zone(name: name, offsetSeconds: -offset)
    guard let other = reader.name() else { return }
    var summer = GoTime.Zone(name: other, offsetSeconds: standard.offsetSeconds + 3600)
    if let offset = reader.time() { summer.offsetSeconds = -offset }
    guard let start = reader.change(), let end = reader.change() else { return nil }
    (self.summer, self.start, self.end) = (summer, start, end)
  }

  /// What holds at a moment.
  func zone(at unixSeconds: Int64) -> GoTime.Zone {
    guard let summer else { return standard }
    let seconds = Int(unixSeconds)
    let year = TimeParts(seconds: unixSeconds + Int64(standard.offsetSeconds)).year
    let from = start.unixSeconds(year: year) - standard.offsetSeconds
    let to = end.unixSeconds(year: year) - summer.offsetSeconds
    let isSummer = from < to ? seconds >= from && seconds < to : seconds >= from || seconds < to
    return isSummer ? summer : standard
  }

  private struct Reader {
    let text: [UInt8]
    var index = 0

    private var byte: UInt8? { index < text.count ? text[index] : nil }

    private mutating func take(_ wanted: Character) -> Bool {
      guard byte == wanted.asciiValue else { return false }
      index += 1
      return true
    }

    mutating func name() -> String? {
      let isQuoted = take("<")
      let start = index
      while let byte, isQuoted ? byte != 0x3E : (0x41...0x5A).contains(byte & 0xDF) { index += 1 }
      let name = String(decoding: text[start..<index], as: UTF8.self)
      if isQuoted { index += 1 }
      return name.isEmpty ? nil : name
    }

    private mutating func number() -> Int? {
      let start = index
      var value = 0
      while let byte, byte &- 0x30 < 10, index - start < 4 {
        value = value * 10 + Int(byte - 0x30)
        index += 1
      }
      return index > start ? value : nil
    }

    /// `5`, `-5:30`, `+5:30:00`: in seconds.
    mutating func time() -> Int? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard var seconds = number().map({ $0 * 3600 }) else { return nil }
      for unit in [60, 1] where take(":") { seconds += (number() ?? 0) * unit }
      return isNegative ? -seconds : seconds
    }

    /// `,M3.2.0/2`, `,J60`, `,59`.
    mutating func change() -> Change? {
      guard take(",") else { return nil }
      var change = Change()
      if take("M") {
        guard let month = number(), (1...12).contains(month), take("."), let week = number(),
          (1...5).contains(week), take("."), let day = number(), day < 7
        else { return nil }
        (change.month, change.week, change.day) = (month, week, day)
      } else {
        change.countsLeapDay = !take("J")
        guard let day = number() else { return nil }
        change.day = day
      }
      if take("/") {
        guard let seconds = time() else { return nil }
        change.seconds = seconds
      }
      return change
    }
  }
}
