import Quantities
import Testing

@Suite struct QuantityTests {
  /// What is written, as `resource.Quantity` prints it, and as an integer if it is one.
  static let printed: [(String, String, Int64?)] = [
    ("0", "0", 0), ("0Ki", "0", 0), ("-0", "0", 0), ("1", "1", 1), ("100m", "100m", nil),
    ("0.1", "100m", nil), ("1.5", "1500m", nil), ("1.0", "1", nil), ("0.5Gi", "512Mi", nil),
    ("1.5Gi", "1536Mi", nil), ("1024", "1024", 1024), ("1024Ki", "1Mi", 1 << 20),
    ("12e6", "12e6", 12_000_000), ("1000k", "1M", 1_000_000), ("1000E", "1000E", nil),
    ("1e3", "1e3", 1000), ("1E", "1E", 1_000_000_000_000_000_000),
    ("100Ei", "9223372036854775807", nil),
    ("0.0000000001", "1n", nil), ("1.1n", "2n", nil), ("-1.1n", "-2n", nil), (".5", "500m", nil),
    ("5.", "5.", 5), ("+5", "+5", 5), ("0.5Ki", "512", nil), ("500Mi", "500Mi", 500 << 20),
    ("123456789012345678901234567890", "123456789012345678901234567890", nil),
    ("1e30", "1e30", nil), ("1.2345678901234567890e3", "1234567890124e-9", nil),
  ]

  @Test(arguments: printed)
  func printsAsKubernetes(text: String, expected: String, integer: Int64?) throws {
    let quantity = try Quantity.parse(text).get()
    #expect(quantity.description == expected)
    #expect(quantity.int64 == integer)
    #expect(try Quantity.parse(quantity.canonicalText).get() == quantity)
  }

  @Test(arguments: [
    "", "K", "20Mo", "10Mm", "1K", "1e", "--1", "1 ", "Ki1", "1kk", "1e1.5", "1.2.3",
  ])
  func refuses(text: String) {
    #expect(throws: QuantityError.self) { try Quantity.parse(text).get() }
  }

  @Test(arguments: printed)
  func readsTheSameWithoutAllocating(text: String, expected: String, integer: Int64?) throws {
    var text = text
    let quantity = try Quantity.parse(text).get()
    let scaled = text.withUTF8(Quantity.parseScaled)
    #expect(scaled?.value == quantity.scaledAmount?.value)
    #expect(scaled?.scale == quantity.scaledAmount?.scale)
    if let scaled { #expect((scaled.isTextKept ? text : nil) == quantity.writtenText) }
  }

  @Test func refusesNumbersWithoutEnd() {
    #expect(Array("1e100000".utf8).withUnsafeBufferPointer { Quantity.parseScaled($0) == nil })
    #expect(throws: QuantityError.self) { try Quantity.parse("1e100000").get() }
    #expect(throws: QuantityError.self) {
      try Quantity.parse(String(repeating: "9", count: 5000)).get()
    }
  }

  static let ordered: [(String, String, Int)] = [
    ("200M", "0.2G", 0), ("50M", "50Mi", -1), ("1Gi", "1024Mi", 0), ("1", "1000m", 0),
    ("1e30", "1e29", 1), ("-1", "1", -1), ("-1e30", "-1e29", -1), ("9E", "9e18", 0),
    ("0", "0.0", 0), ("100Ei", "9223372036854775807", 0), ("1m", "999u", 1),
  ]

  @Test(arguments: ordered) func compares(left: String, right: String, order: Int) throws {
    let (first, second) = (try Quantity.parse(left).get(), try Quantity.parse(right).get())
    #expect(first.order(to: second) == order)
    #expect(second.order(to: first) == -order)
  }

  @Test func addsAndSubtracts() throws {
    let sum = try Quantity.parse("50k").get().adding(Quantity(20))
    #expect(sum == (try Quantity.parse("50.02k").get()))
    #expect(sum.description == "50020")
    #expect(sum.subtracting(try Quantity.parse("100k").get()).int64 == -49980)
    #expect(Quantity(0).adding(try Quantity.parse("1Ki").get()).description == "1Ki")
    let large = try Quantity.parse("9223372036854775807").get().adding(Quantity(1))
    #expect(large.description == "9223372036854775808")
    #expect(large.subtracting(large).description == "0")
    #expect(try Quantity.parse("1.5").get().subtracting(Quantity(2)).description == "-500m")
    #expect(Quantity(.min).subtracting(Quantity(.min)).signum == 0)
    #expect(try Quantity.parse("1.5").get().approximateDouble == 1.5)
    #expect(try Quantity.parse("1500m").get().roundedUpInt64 == 2)
  }

  @Test func whatIsSurelyCanonicalIsPrintedAsItIsWritten() {
    var count = 0
    for number in [
      "0", "1", "7", "10", "100", "128", "999", "1000", "1024", "1536", "12345", "99999",
      "123456789", "01",
    ] {
      for suffix in [
        "", "n", "u", "m", "k", "K", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
        "e3", "i", "mi",
      ] {
        let text = number + suffix
        guard Array(text.utf8).withUnsafeBufferPointer(Quantity.isSurelyCanonical) else { continue }
        count += 1
        guard case .success(let quantity) = Quantity.parse(text) else {
          Issue.record("'\(text)' is no quantity")
          continue
        }
        #expect(quantity.description == text)
        #expect(quantity.canonicalText == text)
      }
    }
    #expect(count > 60)
  }
}
