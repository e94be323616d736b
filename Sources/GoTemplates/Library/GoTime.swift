/// A `time.Time` with a zone's name and its distance from UTC.
final class GoTime: GoObject {
  let seconds: Int64
  let nanoseconds: Int
  let zone: Zone

  struct Zone {
    var name: String
    var offsetSeconds: Int
    static let utc = Zone(name: "UTC", offsetSeconds: 0)
  }

  init(seconds: Int64, nanoseconds: Int = 0, zone: Zone = .utc) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.zone = zone
    super.init(typeName: "time.Time")
  }

  override var text: [UInt8]? { formatted(Array("2006-01-02 15:04:05.999999999 -0700 MST".utf8)) }
}
extension GoTime { func formatted(_ l: [UInt8]) -> [UInt8] { [] } }
