/// The text of timestamps (RFC 3339) and durations (Go's `time.ParseDuration`).
enum TimeText {
  // MARK: timestamps

  /// The timestamp that a text says; nil if it is none: `T` and `Z` in upper case, no leap second,
  /// years 0001 to 9999. Digits past nanoseconds are dropped.
  static func instant(_ text: UnsafeBufferPointer<UInt8>) -> Instant? {
    guard text.count >= 20, text.count < 64 else { return nil }
    func number(_ start: Int, _ count: Int) -> Int? {
      var result = 0
      for byte in text[start..<start + count] {
        guard isDigit(byte) else { return nil }
        result = result * 10 + Int(byte - 0x30)
      }
      return result
    }
    func isAt(_ offset: Int, _ character: Unicode.Scalar) -> Bool {
      text[offset] == UInt8(ascii: character)
    }
    guard isAt(4, "-"), isAt(7, "-"), isAt(10, "T"), isAt(13, ":"), isAt(16, ":"),
      let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
      let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
      (1...12).contains(month), day >= 1, day <= Calendar.daysInMonth(month, year: Int64(year)),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var position = 19
    var nanoseconds: Int32 = 0
    if isAt(position, ".") || isAt(position, ",") {
      position += 1
      let first = position
      while position < text.count, isDigit(text[position]) {
        if position - first < 9 { nanoseconds = nanoseconds * 10 + Int32(text[position] - 0x30) }
        position += 1
      }
      guard position > first else { return nil }
      for _ in min(position - first, 9)..<9 { nanoseconds *= 10 }
    }
    guard position < text.count else { return nil }
    var offset = 0
    if isAt(position, "Z") {
      guard position + 1 == text.count else { return nil }
    } else {
      guard isAt(position, "+") || isAt(position, "-"), position + 6 == text.count,
        isAt(position + 3, ":"), let hours = number(position + 1, 2),
        let minutes = number(position + 4, 2), hours < 24, minutes < 60
      else { return nil }
      offset = (isAt(position, "-") ? -1 : 1) * (hours * 60 + minutes)
    }
    let days = Calendar.days(year: Int64(year), month: month, day: day)
    let seconds =
      days * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset) * 60
    guard Calendar.isRepresentable(seconds) else { return nil }
    return Instant(seconds: seconds, nanoseconds: nanoseconds, offsetMinutes: Int32(offset))
  }

  /// A timestamp as text, with the offset it was written with.
  static func text(of instant: Instant) -> String {
    let fields = Calendar.fields(
      ofSeconds: instant.seconds + Int64(instant.offsetMinutes) * 60)
    var result = "\(padded(fields.year, 4))-\(padded(fields.month, 2))-\(padded(fields.day, 2))T"
    result += "\(padded(fields.hour, 2)):\(padded(fields.minute, 2)):\(padded(fields.second, 2))"
    if instant.nanoseconds != 0 { result += "." + fraction(Int64(instant.nanoseconds)) }
    if instant.offsetMinutes == 0 { return result + "Z" }
    let size = abs(Int(instant.offsetMinutes))
    return result + (instant.offsetMinutes < 0 ? "-" : "+")
      + "\(padded(size / 60, 2)):\(padded(size % 60, 2))"
  }

  private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// Nanoseconds below a second as digits without trailing zeros.
  private static func fraction(_ nanoseconds: Int64) -> String {
    var digits = padded(nanoseconds, 9)
    while digits.hasSuffix("0") { digits.removeLast() }
    return digits
  }

  // MARK: durations

  /// The nanoseconds that a text like `1h2.5s` says; nil if it is none or does not fit.
  static func duration(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    var position = 0
    var isNegative = false
    if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      position = 1
    }
    if text.count == position + 1, text[position] == UInt8(ascii: "0") { return 0 }
    guard position < text.count else { return nil }
    var total: UInt64 = 0
    while position < text.count {
      guard let part = durationPart(text, &position) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow, sum <= 1 << 63 else { return nil }
      total = sum
    }
    if isNegative { return Int64(truncatingIfNeeded: 0 &- total) }
    return Int64(exactly: total)
  }

  /// One number and its unit.
  private static func durationPart(
    _ text: UnsafeBufferPointer<UInt8>, _ position: inout Int
  ) -> UInt64? {
    let start = position
    var whole: UInt64 = 0
    while position < text.count, isDigit(text[position]) {
      let (product, overflow) = whole.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(text[position] - 0x30))
      guard !overflow, !carry, sum <= 1 << 63 else { return nil }
      whole = sum
      position += 1
    }
    var digitCount = position - start
    var fraction: UInt64 = 0
    var scale = 1.0
    if position < text.count, text[position] == UInt8(ascii: ".") {
      position += 1
      let first = position
      while position < text.count, isDigit(text[position]) {
        if fraction < (1 << 63) / 10 - 10 {
          fraction = fraction * 10 + UInt64(text[position] - 0x30)
          scale *= 10
        }
        position += 1
      }
      digitCount += position - first
    }
    guard digitCount > 0, let unit = unit(text, &position) else { return nil }
    let (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow, nanoseconds <= 1 << 63 else { return nil }
    return nanoseconds + UInt64(Double(fraction) * (Double(unit) / scale))
  }

  private static func unit(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt64? {
    let start = position
    while position < text.count, text[position] != UInt8(ascii: "."), !isDigit(text[position]) {
      position += 1
    }
    switch String(decoding: text[start..<position], as: UTF8.self) {
    case "ns": return 1
    case "us", "\u{b5}s", "\u{3bc}s": return 1000
    case "ms": return 1_000_000
    case "s": return 1_000_000_000
    case "m": return 60_000_000_000
    case "h": return 3_600_000_000_000
    default: return nil
    }
  }

  /// A duration in seconds: `5400s`, `-1.5s`.
  static func text(ofDuration nanoseconds: Int64) -> String {
    let size = nanoseconds.magnitude
    let fraction = Int64(size % 1_000_000_000)
    return (nanoseconds < 0 ? "-" : "") + "\(size / 1_000_000_000)"
      + (fraction == 0 ? "" : "." + self.fraction(fraction)) + "s"
  }
}
