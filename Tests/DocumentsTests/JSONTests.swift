import Diagnostics
import Documents
import Testing

@Suite struct JSONTests {
  private func compact(_ text: String, order: KeyOrder = .asIs, indented: Bool = false) -> String {
    let parsed = parseJSON(Array(text.utf8), file: "a.json")
    return withExtendedLifetime(parsed) {
      guard let root = parsed.documents.first?.root else {
        return parsed.findings.map { "\($0.rule) \($0.message)" }.joined(separator: "; ")
      }
      return String(
        decoding: jsonBytes(of: root, order: order, indented: indented), as: UTF8.self)
    }
  }

  @Test(arguments: [
    (
      " [1, -2, 1.0, 1e3, 18446744073709551615, 18446744073709551616, -0] ",
      "[1,-2,1.0,1000.0,18446744073709551615,1.8446744073709552e+19,0]"
    ),
    (
      #"{"b": {"c": null}, "a": [true, false, {}, []]}"#,
      #"{"b":{"c":null},"a":[true,false,{},[]]}"#
    ),
    (#""\u0041\n\"\\\/\u00e9\ud83d\ude00\u0001é""#, #""A\n\"\\/é😀\u0001é""#),
    ("\u{FEFF}1", "1"),
  ])
  func readsAndWrites(_ text: String, _ written: String) {
    #expect(compact(text) == written)
  }

  @Test func ordersAndIndents() {
    let text = #"{"b": {"d": 1, "c": [1, []]}, "kind": "a", "a": {}}"#
    #expect(compact(text, order: .sorted) == #"{"a":{},"b":{"c":[1,[]],"d":1},"kind":"a"}"#)
    #expect(compact(text, order: .kubernetes) == #"{"kind":"a","a":{},"b":{"c":[1,[]],"d":1}}"#)
    #expect(
      compact(text, indented: true) == """
        {
          "b": {
            "d": 1,
            "c": [
              1,
              []
            ]
          },
          "kind": "a",
          "a": {}
        }
        """)
  }

  @Test(arguments: [
    ("", "0-0 json/syntax: the file ends where a value was expected"),
    ("[1,]", "3-4 json/syntax: found ']', expected a value (remove the ',' before it)"),
    (
      "{\"a\":1,}",
      "7-8 json/syntax: found '}', expected a key in double quotes (remove the ',' before it)"
    ),
    ("{a: 1}", "1-2 json/syntax: found 'a', expected a key in double quotes"),
    ("[1 2]", "3-4 json/syntax: found '2', expected ',' or ']'"),
    (
      "01",
      "1-2 json/syntax: found '1', expected no digit after a leading 0 (JSON numbers have no leading zeros)"
    ),
    ("1.", "2-2 json/syntax: the file ends where a digit was expected"),
    ("1e400", "0-5 json/number: the number is too large for 64 bits of floating point"),
    ("'a'", "0-1 json/syntax: found ''', expected a value (JSON quotes strings with '\"')"),
    ("\"a", "0-2 json/syntax: the string is never closed"),
    (
      "\"\t\"",
      "1-2 json/syntax: found character U+0009, expected '\"' (write control characters as escapes)"
    ),
    (#""\x""#, #"2-3 json/syntax: found 'x', expected one of " \ / b f n r t u after '\'"#),
    (
      #""\ud800""#,
      "1-7 json/encoding: the escape is half of a surrogate pair, which is no character"
    ),
    ("nul", "3-3 json/syntax: the file ends where the rest of 'null' was expected"),
    ("1 é", "2-4 json/syntax: found 'é', expected the end of the file"),
    (
      #"{"a": 1, "b": 2, "a": 3}"#, "17-20 json/duplicate-key: key 'a' is given twice in one object"
    ),
  ])
  func saysWhatIsWrong(_ text: String, _ expected: String) {
    let parsed = parseJSON(Array(text.utf8), file: "a.json")
    let found = parsed.findings.map { finding in
      guard case .bytes(let range)? = finding.place?.anchor else { return "no place" }
      return "\(range.lowerBound)-\(range.upperBound) \(finding.rule): \(finding.message)"
        + (finding.help.map { " (\($0))" } ?? "")
    }
    #expect(found == [expected])
  }

  @Test func bytesThatAreNotUTF8AndDeepNestingAreFindings() {
    #expect(
      parseJSON([0x22, 0xC3, 0x22], file: "a").findings.map(\.rule) == ["json/encoding"])
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 10_000)
    #expect(parseJSON(deep, file: "a").findings.map(\.rule) == ["json/limit"])
  }

  @Test func writtenJSONReadsBack() {
    var trees = RandomTrees(seed: 11)
    for _ in 0..<500 {
      let tree = trees.tree(depth: 4)
      for indented in [false, true] {
        let bytes = jsonBytes(of: tree, order: .sorted, indented: indented)
        let parsed = parseJSON(bytes, file: "a.json")
        #expect(parsed.findings.isEmpty)
        withExtendedLifetime(parsed) {
          #expect(isSame(parsed.documents.first?.root ?? .absent, tree))
        }
      }
    }
  }

  /// As `go run` prints `json.Marshal` of them.
  @Test(arguments: [
    (1.0, "1"), (-0.0, "-0"), (0.000001, "0.000001"), (0.0000001, "1e-7"),
    (1e20, "100000000000000000000"),
    (1e21, "1e+21"), (1.5, "1.5"), (9_223_372_036_854_775_808.0, "9223372036854776000"),
    (123456.789, "123456.789"),
    (1.25e-9, "1.25e-9"), (-3.5e22, "-3.5e+22"),
  ])
  func writesDoublesAsGoDoes(_ number: Double, _ text: String) {
    let writer = JSONWriter(doubles: .asGo)
    writer.write(.double(number))
    #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
  }
}
