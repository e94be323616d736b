import Quantities
import Testing

@Suite struct NameFormatTests {
  static let accepted: [(NameFormat, [String])] = [
    (.dns1123Label, ["a", "0", "my-name", "123-abc", "a--b", String(repeating: "a", count: 63)]),
    (.dns1123Subdomain, ["a", "example.com", "1.2.3", String(repeating: "a", count: 253)]),
    (.dns1035Label, ["a", "abc-123"]),
    (.wildcardDNS1123Subdomain, ["*.example.com"]),
    (.dns1123LabelPrefix, ["web-", "web"]),
    (.dns1123SubdomainPrefix, ["mysubdomain.prefix.-"]),
    (.dns1035LabelPrefix, ["my-label-prefix-"]),
    (.qualifiedName, ["a", "A.b_c-1", "apiextensions.k8s.io/v1beta1"]),
    (.labelValue, ["", "a", "MyValue", "1.2_3-4"]),
    (.cIdentifier, ["_", "a1", "MY_NAME"]),
    (.portName, ["http", "a-1", "8080a"]),
    (.environmentVariableName, ["A", "my.env-name", "_"]),
    (.configMapKey, ["a", ".a", "key.name", "KEY_NAME"]),
    (.httpHeaderName, ["X-Header-Name"]),
    (.percent, ["1%", "093%"]),
  ]

  @Test(arguments: accepted) func acceptsGoodNames(format: NameFormat, names: [String]) {
    for name in names {
      #expect(format.problems(in: name) == [])
      #expect(format.accepts(name), "\(format) '\(name)'")
    }
  }

  static let refused: [(NameFormat, String, [String])] = [
    (.dns1123Label, "a.b", ["must not contain dots"]),
    (.dns1123Label, "", [label]), (.dns1123Label, "-a", [label]), (.dns1123Label, "a\n", [label]),
    (.dns1123Label, String(repeating: "a", count: 64), ["must be no more than 63 characters"]),
    (
      .dns1123Subdomain, "a..b",
      [
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
          + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
          + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
      ]
    ),
    (
      .qualifiedName, "/" + String(repeating: "a", count: 64),
      ["prefix part must be non-empty", "name part must be no more than 63 bytes"]
    ),
    (
      .labelValue, String(repeating: "v", count: 64), ["must be no more than 63 bytes"]
    ),
    (
      .portName, "-",
      ["must contain at least one letter (a-z)", "must not begin or end with a hyphen"]
    ),
    (.configMapKey, "..a", ["must not start with '..'"]),
    (.configMapKey, "..", ["must not be '..'"]),
  ]
  static let label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    + "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    + "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

  @Test(arguments: refused)
  func refusesInTheWordsOfTheServer(format: NameFormat, name: String, problems: [String]) {
    #expect(format.problems(in: name) == problems)
    #expect(!format.accepts(name))
  }

  @Test func asksForAtMostOneSlash() {
    let problems = NameFormat.qualifiedName.problems(in: "a/b/c")
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("a qualified name must consist of") == true)
    #expect(problems.first?.hasSuffix("'/' (e.g. 'example.com/MyName')") == true)
    #expect(
      NameFormat.qualifiedName.problems(in: "").first == "name part must be non-empty")
  }

  /// The quick answer is the one of the messages, for texts of the bytes that matter.
  @Test(arguments: NameFormat.allCases) func acceptsWhatHasNoProblem(_ format: NameFormat) {
    let bytes = Array("aZ0-._/*%é".utf8)
    var state: UInt64 = 42
    for round in 0..<20_000 {
      var text: [UInt8] = []
      for _ in 0..<(round % 9) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(bytes[Int(state >> 33) % bytes.count])
      }
      if round % 50 == 0 { text += Array(repeating: 0x61, count: 60) }
      let name = String(decoding: text, as: UTF8.self)
      #expect(format.accepts(name) == format.problems(in: name).isEmpty, "\(format) '\(name)'")
    }
  }
}
