/// A `time.Time` with a zone's name and its distance from UTC.
final class GoTime: GoObject {
  let seconds: Int64
  let nanoseconds: Int
  let zone: Zone

  /// A place's time.
  struct Zone {
    var name: String
    var offsetSeconds: Int
    static let utc = Zone(name: "UTC", offsetSeconds: 0)
  }

  init(seconds: Int64, nanoseconds: Int = 0, zone: Zone = .utc) {
    // Within what the calendar below can count.
    self.seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
    self.nanoseconds = nanoseconds
    self.zone = zone
    super.init(typeName: "time.Time")
  }

  /// The date and time of day in the zone.
  var parts: TimeParts { TimeParts(seconds: seconds + Int64(zone.offsetSeconds)) }

  override var text: [UInt8]? { formatted(Array("2006-01-02 15:04:05.999999999 -0700 MST".utf8)) }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    switch String(decoding: name, as: UTF8.self) {
    case "Year", "Month", "Day", "Hour", "Minute", "Second", "Nanosecond", "Weekday", "YearDay",
      "Unix", "UnixNano", "UnixMilli", "UTC", "Local", "String", "IsZero":
      0...0
    case "Format", "Before", "After", "Equal", "Add", "Sub", "Truncate", "Round": 1...1
    case "AddDate": 3...3
    default: nil
    }
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) throws -> GoValue {
    let parts = parts
    switch String(decoding: name, as: UTF8.self) {
    case "Year": return .int(parts.year)
    case "Month": return .object(GoNamedInt("time.Month", parts.month, monthNames[parts.month - 1]))
    case "Day": return .int(parts.day)
    case "Hour": return .int(parts.hour)
    case "Minute": return .int(parts.minute)
    case "Second": return .int(parts.second)
    case "Nanosecond": return .int(nanoseconds)
    case "Weekday":
      return .object(GoNamedInt("time.Weekday", parts.weekday, dayNames[parts.weekday]))
    case "YearDay": return .int(parts.yearDay)
    case "Unix": return .int64(seconds)
    case "UnixMilli": return .int64(seconds &* 1000 &+ Int64(nanoseconds / 1_000_000))
    case "UnixNano": return .int64(seconds &* 1_000_000_000 &+ Int64(nanoseconds))
    case "UTC", "Local":
      return .object(GoTime(seconds: seconds, nanoseconds: nanoseconds))
    case "String": return .string(text ?? [])
    case "IsZero": return .bool(seconds == -62_135_596_800 && nanoseconds == 0)
    case "Format":
      guard case .string(let layout)? = arguments.first else {
        throw FunctionError("wrong type for value; expected string")
      }
      return .string(formatted(layout))
    case "AddDate":
      let numbers = arguments.map { toInt64($0) }
      let months = Int64(parts.month) &- 1 &+ numbers[1]
      let year = Int64(parts.year) &+ numbers[0] &+ (months >= 0 ? months / 12 : (months - 11) / 12)
      guard year.magnitude < 100_000, numbers[2].magnitude < 10_000_000 else {
        throw FunctionError("the date is out of range")
      }
      let month = Int((months % 12 + 12) % 12) + 1
      let days = daysFromCivil(Int(year), month, parts.day) + Int(numbers[2])
      return .object(
        GoTime(
          seconds: Int64(days) * 86_400 + Int64(parts.secondOfDay) - Int64(zone.offsetSeconds),
          nanoseconds: nanoseconds, zone: zone))
    case "Add", "Truncate", "Round":
      let span = try duration(arguments.first)
      return .object(name.elementsEqual("Add".utf8) ? adding(span) : cut(to: span, name))
    default:
      guard case .object(let object)? = arguments.first, let other = object as? GoTime else {
        throw FunctionError("wrong type for value; expected time.Time")
      }
      let order = (seconds, nanoseconds)
      let second = (other.seconds, other.nanoseconds)
      switch String(decoding: name, as: UTF8.self) {
      case "Before": return .bool(order < second)
      case "After": return .bool(order > second)
      case "Sub":
        let (span, overflow) = (seconds - other.seconds).multipliedReportingOverflow(
          by: 1_000_000_000)
        return .object(
          GoDurationObject(
            GoDuration(
              nanoseconds: overflow
                ? (seconds > other.seconds ? .max : .min)
                : span &+ Int64(nanoseconds - other.nanoseconds))))
      default: return .bool(order == second)
      }
    }
  }
}

extension GoTime {
  /// A span as Go's methods take it: a duration, or a number of nanoseconds.
  private func duration(_ value: GoValue?) throws -> Int64 {
    switch value {
    case .int(let span)?: return Int64(span)
    case .object(let object)?:
      if let span = object as? GoDurationObject { return span.duration.nanoseconds }
    default: break
    }
    throw FunctionError("wrong type for value; expected time.Duration")
  }

  /// The time so many nanoseconds later.
  func adding(_ span: Int64) -> GoTime {
    let sum = Int64(nanoseconds) + span % 1_000_000_000
    let carry: Int64 = sum < 0 ? -1 : sum >= 1_000_000_000 ? 1 : 0
    return GoTime(
      seconds: seconds + span / 1_000_000_000 + carry,
      nanoseconds: Int(sum - carry * 1_000_000_000), zone: zone)
  }

  /// The time at a multiple of a span since the year 1: the one before, or the nearest.
  private func cut(to span: Int64, _ name: [UInt8]) -> GoTime {
    guard span > 0 else { return self }
    let year1: Int64 = -62_135_596_800
    let (high, low) = (seconds - year1).multipliedFullWidth(by: 1_000_000_000)
    let (sum, overflow) = low.addingReportingOverflow(UInt64(nanoseconds))
    guard high >= 0 else { return self }
    let rest = UInt64(span).dividingFullWidth(
      (UInt64(high) % UInt64(span) + (overflow ? 1 : 0), sum)
    ).remainder
    let isUp = name.elementsEqual("Round".utf8) && rest >= UInt64(span) - rest
    return adding(isUp ? span - Int64(rest) : -Int64(rest))
  }
}

/// A number with a name: a month, a weekday.
final class GoNamedInt: GoObject {
  private let name: String

  init(_ type: String, _ value: Int, _ name: String) {
    self.name = name
    super.init(typeName: type, kind: "int", underlying: .int(value))
  }

  override var text: [UInt8]? { Array(name.utf8) }
}

let monthNames = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December",
]
let dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

/// Days since 1970-01-01 of a date in the Gregorian calendar.
func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let year = month <= 2 ? year - 1 : year
  let era = (year >= 0 ? year : year - 399) / 400
  let yearOfEra = year - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/// A date and a time of day.
struct TimeParts {
  var year: Int
  var month: Int
  var day: Int
  var secondOfDay: Int
  var weekday: Int

  init(seconds: Int64) {
    let days = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    secondOfDay = Int(seconds) - days * 86_400
    weekday = ((days + 4) % 7 + 7) % 7
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * part + 2) / 5 + 1
    month = part < 10 ? part + 3 : part - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var hour: Int { secondOfDay / 3600 }
  var minute: Int { secondOfDay / 60 % 60 }
  var second: Int { secondOfDay % 60 }
  var yearDay: Int { daysFromCivil(year, month, day) - daysFromCivil(year, 1, 1) + 1 }
}
