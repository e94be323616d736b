import Quantities
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("192.168.0.1", "192.168.0.1"), ("::", "::"), ("::1", "::1"), ("2001:DB8::68", "2001:db8::68"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
    ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
    ("1::", "1::"), ("fe80::1:0:0", "fe80::1:0:0"),
  ])
  func printsCanonically(text: String, expected: String) throws {
    #expect(try IPAddress.parse(text).get().description == expected)
  }

  @Test(arguments: [
    ("2001:db8:::68", "each colon-separated field must have at least one digit (at \":68\")"),
    ("", "unable to parse IP"), ("1.2.3", "IPv4 address too short"),
    ("1.2.3.4.5", "IPv4 address too long"), ("01.2.3.4", "IPv4 field has octet with leading zero"),
    ("256.1.1.1", "IPv4 field has value >255"),
    ("1..2.3", "IPv4 field must have at least one digit (at \".2.3\")"),
    ("1.2.3.a", "unexpected character (at \"a\")"), ("1:2", "address string too short"),
    ("1::2::3", "multiple :: in address (at \":3\")"),
    ("12345::", "each group must have 4 or fewer digits (at \"12345::\")"),
    ("1:2:3:4:5:6:7:8:9", "trailing garbage after address (at \"9\")"),
    ("1:2:3:4:5:6:7::8", "the :: must expand to at least one field of zeros"),
  ])
  func refusesInGosWords(text: String, message: String) {
    guard case .failure(let error) = IPAddress.parse(text) else {
      Issue.record("'\(text)' is taken")
      return
    }
    #expect(error.message == "ParseAddr(\"\(text)\"): \(message)")
  }

  @Test func refusesZones() {
    guard case .failure(let error) = IPAddress.parse("fe80::1%eth0") else {
      Issue.record("a zone is taken")
      return
    }
    #expect(error.isOnlyZone)
  }

  @Test func knowsSpecialAddresses() throws {
    func address(_ text: String) throws -> IPAddress { try IPAddress.parse(text).get() }
    #expect(try address("127.9.9.9").isLoopback)
    #expect(try address("ff02::1").isLinkLocalMulticast)
    #expect(try !address("fd00::1").isLinkLocalMulticast)
    #expect(try address("fe80::1").isLinkLocalUnicast)
    #expect(try !address("fd80::1").isLinkLocalUnicast)
    #expect(try address("224.0.0.1").isLinkLocalMulticast)
    #expect(try !address("224.0.1.1").isLinkLocalMulticast)
    #expect(try !address("255.255.255.255").isGlobalUnicast)
    #expect(try address("2001:db8::abcd").isGlobalUnicast)
    #expect(try !address("ff00::1").isGlobalUnicast)
  }

  @Test func containsAddressesAndBlocks() throws {
    let block = try CIDRBlock.parse("192.168.3.1/22").get()
    #expect(block.description == "192.168.3.1/22")
    #expect(block.masked.description == "192.168.0.0/22")
    #expect(try block.contains(IPAddress.parse("192.168.2.9").get()))
    #expect(try !block.contains(IPAddress.parse("192.168.4.0").get()))
    #expect(try !block.contains(IPAddress.parse("::c0a8:201").get()))
    #expect(try block.contains(CIDRBlock.parse("192.168.0.0/25").get()))
    #expect(try !block.contains(CIDRBlock.parse("192.168.0.0/16").get()))
    #expect(try CIDRBlock.parse("2001:db8:1::/32").get().masked.description == "2001:db8::/32")
    #expect(try CIDRBlock.parse("::/0").get().contains(IPAddress.parse("ffff::1").get()))
  }

  @Test(arguments: [
    "1.2.3.4", "1.2.3.4/33", "1.2.3.4/01", "1.2.3.4/", "1.2.3.4/+1", "::1%a/64", "x/1",
  ])
  func refusesBlock(text: String) {
    #expect(throws: IPAddressError.self) { try CIDRBlock.parse(text).get() }
  }
}
