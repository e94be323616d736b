import Documents

extension Library {
  /// The parts of timestamps, in UTC or in a zone, and the totals of durations.
  static let time: [Function] =
    accessor("getFullYear") { Int($0.year) }
    + accessor("getMonth") { $0.month - 1 }
    + accessor("getDate") { $0.day }
    + accessor("getDayOfMonth") { $0.day - 1 }
    + accessor("getDayOfWeek") { $0.dayOfWeek }
    + accessor("getDayOfYear") { $0.dayOfYear }
    + accessor("getHours") { $0.hour }
    + accessor("getMinutes") { $0.minute }
    + accessor("getSeconds") { $0.second }
    + milliseconds
    + [
      total("getHours", 3_600_000_000_000), total("getMinutes", 60_000_000_000),
      total("getSeconds", 1_000_000_000),
    ]

  private static func total(_ name: String, _ unit: Int64) -> Function {
    Function(name, on: .duration, returns: .int) { value, _ in
      .int(value.durationNanoseconds / unit)
    }
  }

  private static func accessor(
    _ name: String, _ part: @escaping @Sendable (Calendar.Fields) -> Int
  ) -> [Function] {
    [
      Function(name, on: .timestamp, returns: .int) { value, _ in
        .int(Int64(part(Calendar.fields(ofSeconds: value.instant.seconds))))
      },
      Function(name, on: .timestamp, .string, returns: .int) { value, zone, frame in
        let seconds = value.instant.seconds
        guard let offset = offset(of: zone, atSeconds: seconds) else {
          return frame.error(TimeZones.problem(of: zone.asString ?? ""))
        }
        return .int(Int64(part(Calendar.fields(ofSeconds: seconds + offset))))
      },
    ]
  }

  private static func offset(of zone: Value, atSeconds seconds: Int64) -> Int64? {
    TimeZones.offset(of: zone.asString ?? "", atSeconds: seconds)
  }

  private static let milliseconds: [Function] = [
    Function("getMilliseconds", on: .timestamp, returns: .int) { value, _ in
      .int(Int64(value.instant.nanoseconds / 1_000_000))
    },
    Function("getMilliseconds", on: .timestamp, .string, returns: .int) { value, zone, frame in
      offset(of: zone, atSeconds: value.instant.seconds) == nil
        ? frame.error(TimeZones.problem(of: zone.asString ?? ""))
        : .int(Int64(value.instant.nanoseconds / 1_000_000))
    },
    // The specification's suite wants the part below a second, cel-go gives the total.
    Function(
      "getMilliseconds", on: .duration, returns: .int,
      in: Availability(inSpec: true, inKro: false, kubernetes: nil)
    ) { value, _ in .int(value.durationNanoseconds / 1_000_000 % 1000) },
    Function(
      "getMilliseconds", on: .duration, returns: .int,
      in: Availability(inSpec: false, inKro: true, kubernetes: 0..<1000)
    ) { value, _ in .int(value.durationNanoseconds / 1_000_000) },
  ]
}
