import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Offsets from UTC by zone name, from the system's TZif files (RFC 8536).
enum TimeZones {
  /// The zone's offset from UTC in seconds at a point in time; nil for an unknown zone.
  ///
  /// Zones are `UTC`, `''`, IANA names, and fixed offsets: `+05:30`, `05:30`, `-02:30`.
  static func offset(of zone: String, atSeconds seconds: Int64) -> Int64? {
    if zone.isEmpty || zone == "UTC" || zone == "Z" { return 0 }
    if let fixed = fixedOffset(zone) { return fixed }
    return named(zone)?.offset(atSeconds: seconds)
  }

  /// Why a zone has no offset: its name is unknown, or there is nothing to look it up in.
  static func problem(of zone: String, folders: [String] = folders) -> String {
    if folders.contains(where: { access($0, R_OK) == 0 }) { return "unknown time zone \(zone)" }
    return "time zone '\(zone)' cannot be looked up: there is no zone database"
      + " (\(folders[0])); a fixed offset, '+02:00', needs none"
  }

  /// Where systems keep their zone database.
  static let folders = [
    "/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/", "/etc/zoneinfo/",
  ]

  private static func fixedOffset(_ text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    var sign: Int64 = 1
    if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") {
      sign = bytes.first == UInt8(ascii: "-") ? -1 : 1
      bytes = bytes.dropFirst()
    }
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy(isDigit) })
    else { return nil }
    let numbers = parts.map { $0.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) } }
    guard numbers[0] < 24, numbers[1] < 60 else { return nil }
    return sign * (numbers[0] * 3600 + numbers[1] * 60)
  }

  private static let cache = Mutex<[String: TimeZoneRules?]>([:])

  private static func named(_ name: String) -> TimeZoneRules? {
    cache.withLock { cache in
      if let known = cache[name] { return known }
      let zone = read(name).flatMap { TimeZoneRules($0) }
      if cache.count < 1000 { cache[name] = .some(zone) }
      return zone
    }
  }

  private static func read(_ name: String) -> [UInt8]? {
    let isGoodName =
      name.utf8.count < 100 && !name.hasPrefix("/") && !name.hasSuffix("/")
      && !name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .contains { $0.isEmpty || $0.first == UInt8(ascii: ".") || $0.contains(0) }
    guard isGoodName else { return nil }
    for folder in folders {
      guard let file = fopen(folder + name, "rb") else { continue }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 17)
      let count = fread(&bytes, 1, bytes.count, file)
      if count > 44 { return Array(bytes.prefix(count)) }
    }
    return nil
  }
}

/// The changes of offset of one zone.
struct TimeZoneRules: Sendable {
  private var times: [Int64] = []
  private var offsets: [Int64] = []
  private var firstOffset: Int64 = 0
  private var footer: PosixZone?

  /// Reads a TZif file; nil if it is none.
  init?(_ bytes: [UInt8]) {
    func number(_ offset: Int, _ count: Int) -> Int64? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      var result: Int64 = count == 4 && bytes[offset] >= 0x80 ? -1 : 0
      for byte in bytes[offset..<offset + count] { result = result << 8 | Int64(byte) }
      return result
    }
    guard bytes.starts(with: Array("TZif".utf8)) else { return nil }
    var header = 0
    var wide = 4
    func counts(_ header: Int) -> [Int]? {
      let counts = (0..<6).compactMap { number(header + 20 + $0 * 4, 4).map(Int.init) }
      return counts.count == 6 && counts.allSatisfy { $0 >= 0 && $0 < 100_000 } ? counts : nil
    }
    guard var c = counts(0) else { return nil }
    if bytes[4] >= UInt8(ascii: "2") {
      header = 44 + c[3] * 5 + c[4] * 6 + c[5] + c[2] * 8 + c[1] + c[0]
      guard let second = counts(header) else { return nil }
      c = second
      wide = 8
    }
    let (timeCount, typeCount) = (c[3], c[4])
    let start = header + 44
    let typeStart = start + timeCount * wide + timeCount
    var types: [Int64] = []
    for index in 0..<typeCount {
      guard let offset = number(typeStart + index * 6, 4) else { return nil }
      types.append(offset)
    }
    for index in 0..<timeCount {
      guard let time = number(start + index * wide, wide),
        let type = number(start + timeCount * wide + index, 1), Int(type) < types.count
      else { return nil }
      times.append(time)
      offsets.append(types[Int(type)])
    }
    guard let first = types.first else { return nil }
    firstOffset = first
    if wide == 8 {
      let footerStart = typeStart + typeCount * 6 + c[5] + c[2] * 12 + c[1] + c[0] + 1
      if footerStart < bytes.count {
        footer = PosixZone(
          String(decoding: bytes[footerStart...].prefix { $0 != 0x0A }, as: UTF8.self))
      }
    }
  }

  func offset(atSeconds seconds: Int64) -> Int64 {
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    if low == times.count, let footer { return footer.offset(atSeconds: seconds) }
    return low == 0 ? firstOffset : offsets[low - 1]
  }
}
