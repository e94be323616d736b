import Quantities
import Testing

@Suite struct SemanticVersionTests {
  @Test(arguments: [
    ("", "Version string empty"), ("v1.0", "No Major.Minor.Patch elements found"),
    ("1.0", "No Major.Minor.Patch elements found"),
    ("01.0.0", "Major number must not contain leading zeroes \"01\""),
    (" 1.0.0", "Invalid character(s) found in major number \" 1\""),
    ("1.0.0-", "Prerelease is empty"), ("1.0.0+", "Build meta data is empty"),
    ("1.0.0-01", "Numeric PreRelease version must not contain leading zeroes \"01\""),
    ("1..0", "strconv.ParseUint: parsing \"\": invalid syntax"),
  ])
  func refuses(text: String, message: String) {
    guard case .failure(let error) = SemanticVersion.parse(text) else {
      Issue.record("'\(text)' is taken")
      return
    }
    #expect(error.message == message)
  }

  @Test(arguments: [
    ("v1.0", "1.0.0"), ("01.01.01", "1.1.1"), ("1", "1.0.0"), ("v1.2.3-rc.1+b", "1.2.3-rc.1+b"),
    ("00.0", "0.0.0"), ("1.2.0-rc", "1.2.0-rc"),
  ])
  func normalizes(text: String, expected: String) throws {
    #expect(try SemanticVersion.parseNormalizing(text).get().description == expected)
  }

  @Test func ordersAsTheSpecificationSays() throws {
    let texts = [
      "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
      "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "2.0.0",
    ]
    let versions = try texts.map { try SemanticVersion.parse($0).get() }
    #expect(versions.reversed().sorted().map(\.description) == texts)
    #expect(try SemanticVersion.parse("1.0.0+a").get().order(to: SemanticVersion(1, 0, 0)) == 0)
  }

  static let constraints: [(String, [String], [String])] = [
    (">=1.35", ["1.35.0", "1.36.2", "2.0.0"], ["1.34.9", "1.35.0-rc.1"]),
    (">=0.1", ["0.1.0", "1.0.0"], ["0.0.9"]),
    ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
    ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]), ("^0.0.3", ["0.0.3"], ["0.0.4"]),
    ("^0.0", ["0.0.9"], ["0.1.0"]), ("^0", ["0.9.0"], ["1.0.0"]),
    ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0"]), ("~1", ["1.9.0"], ["2.0.0"]),
    ("1.2", ["1.2.0", "1.2.7"], ["1.3.0"]), ("1.x", ["1.0.0", "1.9.9"], ["2.0.0"]),
    ("*", ["0.0.0", "9.9.9"], ["1.0.0-rc"]), ("!=1.2.x", ["1.3.0"], ["1.2.5"]),
    (">1.2", ["1.3.0", "2.0.0"], ["1.2.9"]), ("<=1.2", ["1.2.9", "0.9.0"], ["1.3.0"]),
    ("1.2 - 1.4.5", ["1.2.0", "1.4.5"], ["1.4.6", "1.1.0"]),
    (">=1.2, <2 || 3.x", ["1.2.0", "3.4.5"], ["2.0.0", "1.1.0"]),
    (">= 1.2 < 1.5", ["1.4.9"], ["1.5.0"]), (">=1.0.0-0", ["1.0.0-rc.1"], ["0.9.0"]),
    ("=1.2.3", ["1.2.3"], ["1.2.4"]), ("v1.2.3", ["1.2.3"], ["1.2.4"]),
  ]

  @Test(arguments: constraints)
  func constrains(text: String, accepted: [String], refused: [String]) throws {
    let constraint = try VersionConstraint.parse(text).get()
    for version in accepted {
      #expect(constraint.accepts(try SemanticVersion.parse(version).get()), "\(version)")
    }
    for version in refused {
      #expect(!constraint.accepts(try SemanticVersion.parse(version).get()), "\(version)")
    }
  }

  @Test(arguments: ["", "foo", ">=", "1.2.3.4", ">>1", "1,,2", "1.2 ||", "1.a"])
  func refusesConstraint(text: String) {
    #expect(throws: VersionConstraint.ParseError.self) { try VersionConstraint.parse(text).get() }
  }
}
