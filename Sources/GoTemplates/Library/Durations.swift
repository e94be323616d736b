#if canImport(Glibc)
  import Glibc
#endif

/// A `time.Duration`.
struct GoDuration {
  var nanoseconds: Int64

  init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// `time.ParseDuration`. Throws `FunctionError` in its words.
  init(_ text: [UInt8]) throws {
    let invalid = FunctionError("time: invalid duration \(goQuoted(text))")
    var rest = text[...]
    var isNegative = false
    if let first = rest.first, first == 0x2D || first == 0x2B {
      isNegative = first == 0x2D
      rest.removeFirst()
    }
    if rest.elementsEqual([0x30]) {
      nanoseconds = 0
      return
    }
    guard !rest.isEmpty else { throw invalid }
    var total = 0.0
    var exact: Int64 = 0
    while !rest.isEmpty {
      let number = rest.prefix { (0x30...0x39).contains($0) || $0 == 0x2E }
      rest = rest[number.endIndex...]
      guard number.contains(where: { $0 != 0x2E }), number.count(where: { $0 == 0x2E }) < 2 else {
        throw invalid
      }
      let unit = rest.prefix { !(0x30...0x39).contains($0) && $0 != 0x2E }
      rest = rest[unit.endIndex...]
      guard !unit.isEmpty else {
        throw FunctionError("time: missing unit in duration \(goQuoted(text))")
      }
      guard let scale = Self.units[String(decoding: unit, as: UTF8.self)] else {
        throw FunctionError(
          "time: unknown unit \(goQuoted(Array(unit))) in duration \(goQuoted(text))")
      }
      let parts = number.split(separator: 0x2E, omittingEmptySubsequences: false)
      let whole = parts[0].isEmpty ? 0 : Int64(String(decoding: parts[0], as: UTF8.self))
      guard let whole else { throw invalid }
      let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
      let (sum, overflows) = exact.addingReportingOverflow(product)
      if overflow || overflows { throw invalid }
      exact = sum
      if parts.count == 2, !parts[1].isEmpty {
        total = (Double("0." + String(decoding: parts[1], as: UTF8.self)) ?? 0) * Double(scale)
        let (sum, overflow) = exact.addingReportingOverflow(Int64(total))
        if overflow { throw invalid }
        exact = sum
      }
    }
    nanoseconds = isNegative ? 0 &- exact : exact
  }

  private static let units: [String: Int64] = [
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000,
    "m": 60_000_000_000, "h": 3_600_000_000_000,
  ]

  /// `Duration.String()`: `1h2m3.5s`.
  var formatted: [UInt8] {
    if nanoseconds == 0 { return Array("0s".utf8) }
    let magnitude = nanoseconds.magnitude
    let sign = nanoseconds < 0 ? "-" : ""
    func fraction(_ value: UInt64, _ unit: UInt64) -> String {
      let whole = value / unit
      guard value % unit > 0 else { return "\(whole)" }
      var digits = String(value % unit + unit)
      digits.removeFirst()
      while digits.hasSuffix("0") { digits.removeLast() }
      return "\(whole).\(digits)"
    }
    if magnitude < 1000 { return Array("\(sign)\(magnitude)ns".utf8) }
    if magnitude < 1_000_000 { return Array("\(sign)\(fraction(magnitude, 1000))µs".utf8) }
    if magnitude < 1_000_000_000 {
      return Array("\(sign)\(fraction(magnitude, 1_000_000))ms".utf8)
    }
    let minutes = magnitude / 60_000_000_000
    var text = "\(fraction(magnitude % 60_000_000_000, 1_000_000_000))s"
    if minutes > 0 { text = "\(minutes % 60)m" + text }
    if minutes >= 60 { text = "\(minutes / 60)h" + text }
    return Array((sign + text).utf8)
  }
}

/// A `time.Duration` as a value.
final class GoDurationObject: GoObject {
  let duration: GoDuration

  init(_ duration: GoDuration) {
    self.duration = duration
    super.init(
      typeName: "time.Duration", kind: "int64", underlying: .int64(duration.nanoseconds))
  }

  override var text: [UInt8]? { duration.formatted }
  override var isTrue: Bool { duration.nanoseconds != 0 }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    switch String(decoding: name, as: UTF8.self) {
    case "Seconds", "Minutes", "Hours", "Milliseconds", "Microseconds", "Nanoseconds", "String":
      0...0
    default: nil
    }
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) throws -> GoValue {
    let value = duration.nanoseconds
    switch String(decoding: name, as: UTF8.self) {
    case "Seconds": return .float(Double(value) / 1e9)
    case "Minutes": return .float(Double(value) / 6e10)
    case "Hours": return .float(Double(value) / 3.6e12)
    case "Milliseconds": return .int64(value / 1_000_000)
    case "Microseconds": return .int64(value / 1000)
    case "String": return .string(duration.formatted)
    default: return .int64(value)
    }
  }
}

/// The duration functions of Helm 4: numbers are seconds, texts durations or numbers.
func addDurations(to table: inout FunctionTable) {
  table.add1("mustToDuration", "a") { _, value in
    .object(GoDurationObject(try duration(value)))
  }
  table.add1("toDuration", "a") { _, value in .object(GoDurationObject(lenient(value))) }
  let units: [(String, Double)] = [
    ("Seconds", 1e9), ("Minutes", 6e10), ("Hours", 3.6e12), ("Days", 8.64e13),
    ("Weeks", 6.048e14),
  ]
  for (name, scale) in units {
    table.add1("duration" + name, "a") { _, value in
      .float(Double(lenient(value).nanoseconds) / scale)
    }
  }
  for (name, scale) in [
    ("Milliseconds", Int64(1_000_000)), ("Microseconds", 1000), ("Nanoseconds", 1),
  ] {
    table.add1("duration" + name, "a") { _, value in .int64(lenient(value).nanoseconds / scale) }
  }
  table.add2("durationRoundTo", "aa") { _, value, unit in
    .object(GoDurationObject(rounded(lenient(value), to: lenient(unit))))
  }
  table.add2("durationTruncateTo", "aa") { _, value, unit in
    let (value, unit) = (lenient(value).nanoseconds, lenient(unit).nanoseconds)
    return .object(
      GoDurationObject(GoDuration(nanoseconds: unit <= 0 ? value : value - value % unit)))
  }
}

private func lenient(_ value: GoValue) -> GoDuration {
  (try? duration(value)) ?? GoDuration(nanoseconds: 0)
}

/// `Duration.Round`: half away from zero.
private func rounded(_ value: GoDuration, to unit: GoDuration) -> GoDuration {
  let (value, unit) = (value.nanoseconds, unit.nanoseconds)
  guard unit > 0 else { return GoDuration(nanoseconds: value) }
  let rest = value % unit
  let down = value - rest
  if rest.magnitude < unit.magnitude - rest.magnitude { return GoDuration(nanoseconds: down) }
  let (up, overflow) = down.addingReportingOverflow(value < 0 ? -unit : unit)
  return GoDuration(nanoseconds: overflow ? (value < 0 ? .min : .max) : up)
}

private func duration(_ value: GoValue) throws -> GoDuration {
  func seconds(_ value: Double) throws -> GoDuration {
    guard value.isFinite, (value * 1e9).magnitude < 0x1p63 else {
      throw FunctionError("duration out of range")
    }
    return GoDuration(nanoseconds: Int64(value * 1e9))
  }
  switch value {
  case .int, .int64, .uint64, .float: return try seconds(toFloat(value))
  case .string(let bytes):
    let text = trimmedSpace(bytes)
    guard !text.isEmpty else { throw FunctionError("empty duration string") }
    if let duration = try? GoDuration(text) { return duration }
    if let number = goFloat(text, underscores: false) { return try seconds(number) }
    throw FunctionError("could not parse duration \(goQuoted(bytes))")
  case .object(let object):
    if let duration = object as? GoDurationObject { return duration.duration }
    throw FunctionError("unsupported duration type \(object.typeName)")
  default: throw FunctionError("unsupported duration type \(typeName(value))")
  }
}
