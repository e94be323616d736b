func addDates(to table: inout FunctionTable) {
  table.add("now", "") { execution, _ in
    .object(GoTime(seconds: try execution.now(for: "now")))
  }
  table.add2("date", "sa") { execution, layout, value in
    .string(try execution.time(value, "date").formatted(layout.asBytes ?? []))
  }
  table.add("dateInZone", "sas") { execution, values in
    let time = try execution.time(values[1], "dateInZone")
    return .string(inZone(time, values[2]).formatted(values[0].asBytes ?? []))
  }
  table.alias("date_in_zone", of: "dateInZone")
  let day = Array("2006-01-02".utf8)
  table.add1("htmlDate", "a") { execution, value in
    .string(try execution.time(value, "htmlDate").formatted(day))
  }
  table.add2("htmlDateInZone", "as") { execution, value, zone in
    .string(inZone(try execution.time(value, "htmlDateInZone"), zone).formatted(day))
  }
  table.add2("dateModify", "st") { _, change, value in
    guard let duration = try? GoDuration(change.asBytes ?? []) else { return value }
    return .object(shifted(value, duration))
  }
  table.add2("mustDateModify", "st") { _, change, value in
    .object(shifted(value, try GoDuration(change.asBytes ?? [])))
  }
  table.alias("date_modify", of: "dateModify")
  table.alias("must_date_modify", of: "mustDateModify")
  table.add2("toDate", "ss") { _, layout, value in
    let zero = GoTime(seconds: -62_135_596_800)
    return .object((try? parsedTime(layout.asBytes ?? [], value.asBytes ?? [])) ?? zero)
  }
  table.add2("mustToDate", "ss") { _, layout, value in
    .object(try parsedTime(layout.asBytes ?? [], value.asBytes ?? []))
  }
  table.add1("unixEpoch", "t") { _, value in
    guard case .object(let object) = value, let time = object as? GoTime else { return value }
    return GoValue(String(time.seconds))
  }
  addDurationTexts(to: &table)
}

extension Execution {
  /// What sprig's date functions take for a time: times, whole seconds; anything else is now.
  fileprivate func time(_ value: GoValue, _ function: String) throws -> GoTime {
    switch value {
    case .object(let object): if let time = object as? GoTime { return time }
    case .int(let seconds): return GoTime(seconds: Int64(seconds))
    case .int64(let seconds): return GoTime(seconds: seconds)
    default: break
    }
    return GoTime(seconds: try now(for: function))
  }
}

/// The time in a zone of that name; in UTC where there is none, as in sprig.
private func inZone(_ time: GoTime, _ zone: GoValue) -> GoTime {
  let rule = zoneRules[zone.asString ?? ""].flatMap { ZoneRule($0) }
  return GoTime(
    seconds: time.seconds, nanoseconds: time.nanoseconds,
    zone: rule?.zone(at: time.seconds) ?? .utc)
}

private func shifted(_ value: GoValue, _ duration: GoDuration) -> GoTime {
  guard case .object(let object) = value, let time = object as? GoTime else {
    return GoTime(seconds: 0)
  }
  return time.adding(duration.nanoseconds)
}

private func addDurationTexts(to table: inout FunctionTable) {
  table.add1("duration", "a") { _, value in
    var seconds: Int64 = 0
    switch value {
    case .string(let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      // `strconv.ParseInt` gives the nearest number of what is too large.
      let digits = text.drop { $0 == "-" || $0 == "+" }
      let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
      seconds = Int64(text) ?? (!isNumber ? 0 : text.hasPrefix("-") ? .min : .max)
    case .int64(let int): seconds = int
    default: break
    }
    return .string(GoDuration(nanoseconds: seconds &* 1_000_000_000).formatted)
  }
  table.add1("durationRound", "a") { execution, value in
    var nanoseconds: Int64 = 0
    switch value {
    case .string(let bytes): nanoseconds = (try? GoDuration(bytes))?.nanoseconds ?? 0
    case .int64(let int): nanoseconds = int
    case .object(let object):
      if let time = object as? GoTime {
        // `time.Since` gives the nearest duration of what is too long.
        let seconds = try execution.now(for: "durationRound") &- time.seconds
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
      } else if let duration = object as? GoDurationObject {
        nanoseconds = duration.duration.nanoseconds
      }
    default: break
    }
    let magnitude = nanoseconds.magnitude
    let hour: UInt64 = 3_600_000_000_000
    let units: [(UInt64, String)] = [
      (hour * 24 * 365, "y"), (hour * 24 * 30, "mo"), (hour * 24, "d"), (hour, "h"),
      (hour / 60, "m"), (hour / 3600, "s"),
    ]
    for (unit, name) in units where magnitude > unit {
      return GoValue("\(magnitude / unit)\(name)")
    }
    return GoValue("0s")
  }
  table.add1("ago", "a") { execution, value in
    let time = try execution.time(value, "ago")
    let seconds = try execution.now(for: "ago") &- time.seconds
    return .string(GoDuration(nanoseconds: seconds &* 1_000_000_000).formatted)
  }
}
