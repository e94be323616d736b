import Schemas
import Testing

@Suite struct FormatTests {
  @Test(arguments: [
    ("byte", "aGk=", true), ("byte", "aGk", false), ("byte", "a b=", false), ("byte", "", true),
    ("date", "2024-02-29", true), ("date", "2023-02-29", false), ("date", "2023-2-9", false),
    ("date-time", "2026-11-25T10:00:00Z", true), ("date-time", "2026-11-25T10:00:00.5+02:00", true),
    ("date-time", "2026-11-25 10:00:00Z", false), ("date-time", "2026-11-25T25:00:00Z", false),
    ("date-time", "2026-11-25T10:00:00", false), ("date-time", "2026-11-25T10:00:00.Z", false),
    ("uuid", "123e4567-e89b-12d3-a456-426614174000", true), ("uuid", "123e4567", false),
    ("ipv4", "10.0.0.255", true), ("ipv4", "10.0.0.256", false), ("ipv4", "10.0.0.01", false),
    ("ipv4", "10.0.0", false), ("ipv4", "::1", false),
    ("ipv6", "2001:db8::1", true), ("ipv6", "10.0.0.1", false), ("cidr", "10.0.0.0/8", true),
    ("cidr", "10.0.0.0", false), ("cidr", "2001:db8::/33", true),
    ("hostname", "a.b-c.example", true), ("hostname", "-a", false),
    ("hostname", "a..b", false), ("unheard-of", "anything", true),
  ])
  func accepts(format: String, text: String, isGood: Bool) {
    let schema = JSONCase("{type: string, format: \(format)}")
    #expect(schema.problems("'\(text)'").isEmpty == isGood)
  }
}
