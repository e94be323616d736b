import Foundation
import Regexes
import Testing

@Suite struct RegexTests {
  private func ranges(_ pattern: String, _ text: String) throws -> [String] {
    let regex = try Regex.compile(pattern).get()
    var text = text
    return text.withUTF8 { utf8 in
      regex.allRanges(in: utf8).map { String(decoding: utf8[$0], as: UTF8.self) }
    }
  }

  static let found: [(String, String, [String])] = [
    ("a", "banana", ["a", "a", "a"]),
    ("a*", "baaac", ["", "aaa", ""]),
    ("", "ab", ["", "", ""]),
    ("(?i)straße", "STRASSE STRAßE", ["STRAßE"]),
    ("(?i)k", "kK\u{212A}", ["k", "K", "\u{212A}"]),
    ("[[:^alpha:]]+", "a1.2b", ["1.2"]),
    ("\\p{Greek}+", "abc αβγ", ["αβγ"]),
    ("\\pL+", "a1é_Ж中", ["a", "é", "Ж中"]),
    ("\\p{Lu}", "aBÉ", ["B", "É"]),
    ("\\P{^Lu}", "aBÉ", ["B", "É"]),
    ("(?i)\\p{Lu}+", "aB1É", ["aB", "É"]),
    ("[^a-z]+", "abÜ1c", ["Ü1"]),
    (".", "a\né", ["a", "é"]),
    ("(?s).", "a\n", ["a", "\n"]),
    ("(?m)^.", "ab\ncd", ["a", "c"]),
    ("(?m).$", "ab\ncd", ["b", "d"]),
    (".$", "ab\ncd\n", []),
    ("\\bfoo\\b", "foo foobar foo", ["foo", "foo"]),
    ("\\Boo", "foo oo", ["oo"]), ("\\B", "aéb", []), ("\\B", "é", ["", ""]),
    ("a{2,3}", "aaaaa", ["aaa", "aa"]),
    ("a{2,3}?", "aaaaa", ["aa", "aa"]),
    ("(?U)a+", "aa", ["a", "a"]),
    ("(?U)a+?", "aa", ["aa"]),
    ("a{,2}", "a{,2}", ["a{,2}"]),
    ("\\Qa.b\\E+", "a.bbb axb", ["a.bbb"]),
    ("\\x{1F600}|\\x41|\\101", "😀A", ["😀", "A"]),
    ("[]a]+", "]a", ["]a"]),
    ("[a-]+", "a-b", ["a-"]),
    ("foo|foobar", "foobar", ["foo"]),
    ("(?:(?:))*x", "x", ["x"]),
    ("[\\x{D7FF}-\\x{E000}]", "\u{E000}", ["\u{E000}"]),
    ("[^\\x00-\\x{10FFFF}]", "abc", []),
    ("^abc$", "abc", ["abc"]), ("^abc$", "abcd", []), ("abc$", "xabc", ["abc"]),
    ("^ab", "abab", ["ab"]), ("colou?r", "color colour", ["color", "colour"]),
  ]

  @Test(arguments: found)
  func findsAsGoDoes(pattern: String, text: String, expected: [String]) throws {
    #expect(try ranges(pattern, text) == expected)
    #expect(try Regex.compile(pattern).get().matches(text) == !expected.isEmpty)
  }

  static let refused: [(String, String, Int)] = [
    ("a**", "invalid nested repetition operator: `**`", 1),
    ("*", "missing argument to repetition operator: `*`", 0),
    ("a|*", "missing argument to repetition operator: `*`", 2),
    ("(a", "missing closing ): `(a`", 0),
    ("a)", "unexpected ): `a)`", 1),
    ("[a", "missing closing ]: `[a`", 0),
    ("[z-a]", "invalid character class range: `z-a`", 1),
    ("[[:foo:]]", "invalid character class range: `[:foo:]`", 1),
    ("\\", "trailing backslash at end of expression", 0),
    ("\\8", "invalid escape sequence: `\\8`", 0),
    ("(a)\\1", "invalid escape sequence: `\\1`", 3),
    ("\\Z", "invalid escape sequence: `\\Z`", 0),
    ("\\C", "invalid escape sequence: `\\C`", 0),
    ("(?=a)", "invalid or unsupported Perl syntax: `(?=`", 0),
    ("(?<!a)", "invalid or unsupported Perl syntax: `(?<!`", 0),
    ("(?i", "missing closing ): `(?i`", 0),
    ("(?P<a b>x)", "invalid named capture: `(?P<a b>`", 0),
    ("a{1001}", "invalid repeat count: `{1001}`", 1),
    ("a{2,1}", "invalid repeat count: `{2,1}`", 1),
    ("(a{100}){100}", "invalid repeat count: `{100}`", 8),
    ("\\p{greek}", "invalid character class range: `\\p{greek}`", 0),
    ("\\x{110000}", "invalid escape sequence: `\\x{110000`", 0),
  ]

  @Test(arguments: refused)
  func refusesInGosWords(pattern: String, message: String, byteOffset: Int) {
    guard case .failure(let error) = Regex.compile(pattern) else {
      Issue.record("'\(pattern)' is taken")
      return
    }
    #expect(error.message == message)
    #expect(error.byteOffset == byteOffset)
  }

  @Test func saysThatLookAroundIsNotThere() {
    for pattern in ["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1"] {
      guard case .failure(let error) = Regex.compile(pattern) else {
        Issue.record("'\(pattern)' is taken")
        continue
      }
      #expect(error.help?.contains("linear time") == true)
    }
  }

  @Test func stopsAtLimits() throws {
    let deep = String(repeating: "(", count: 10_000) + String(repeating: ")", count: 10_000)
    guard case .failure(let error) = Regex.compile(deep) else {
      Issue.record("10,000 levels are taken")
      return
    }
    #expect(error.kind == .nestsTooDeeply)
    let wide = String(repeating: "a{1000}", count: 5_000)
    guard case .failure(let error) = Regex.compile(wide) else {
      Issue.record("5 million instructions are taken")
      return
    }
    #expect(error.kind == .tooLarge)
    let nearlyDeep = String(repeating: "(?:a", count: 400) + String(repeating: ")*", count: 400)
    #expect(try Regex.compile(nearlyDeep).get().matches("a"))
  }

  /// Patterns that take exponential time or very many states elsewhere.
  @Test(arguments: [
    ("(a+)+$", "a", "!", false), ("(x+x+)+y", "x", "", false), ("^(a|aa)*$", "a", "b", false),
    ("(a|b)*a(a|b){14}c", "ab", "", false), ("(.*)(.*)(.*)(.*)(.*)=", "x", "", false),
    ("(?i)(\\w|\\d|é)*!", "aé1", "", false),
  ])
  func takesLinearTime(pattern: String, unit: String, end: String, expected: Bool) throws {
    let regex = try Regex.compile(pattern).get()
    var text = String(repeating: unit, count: 20_000) + end
    #expect(regex.matches(text) == expected)
    text.withUTF8 { #expect((regex.firstMatch(in: $0) != nil) == expected) }
  }

  @Test func answersPlacesInTextsOfAnyLength() throws {
    let regex = try Regex.compile("(?P<key>[a-z]+)=(?<value>[0-9]+)?;").get()
    var text = String(repeating: "é,", count: 200_000) + "abc=12;x=;"
    try text.withUTF8 { utf8 in
      let match = try #require(regex.firstMatch(in: utf8))
      #expect(match.ranges == [600_000..<600_007, 600_000..<600_003, 600_004..<600_006])
      let next = try #require(regex.firstMatch(in: utf8, from: match.range.upperBound))
      #expect(next.ranges == [600_007..<600_010, 600_007..<600_008, nil])
    }
    #expect(regex.groupNames == [nil, "key", "value"])
  }

  static let replaced: [(String, String, String, String)] = [
    ("a+", "b", "baac", "bbc"), ("", "-", "ab", "-a-b-"), ("a*", "x", "baaac", "xbxcx"),
    ("(?P<first>\\w+) (\\w+)", "$2 ${first}!", "hello world", "world hello!"),
    ("(\\w)", "$1x", "ab", ""), ("(\\w)", "${1}x$$", "ab", "ax$bx$"), ("é", "$", "éa", "$a"),
  ]

  @Test(arguments: replaced)
  func replacesAsGoDoes(pattern: String, template: String, text: String, expected: String) throws {
    let regex = try Regex.compile(pattern).get()
    let result = Array(text.utf8).withUnsafeBufferPointer { text in
      Array(template.utf8).withUnsafeBufferPointer { regex.replacingAll(in: text, with: $0) }
    }
    #expect(String(decoding: result, as: UTF8.self) == expected)
  }

  static let splits: [(String, String, Int, [String])] = [
    (",", "a,b,c", -1, ["a", "b", "c"]), (",", "a,b,c", 2, ["a", "b,c"]), (",", "", -1, [""]),
    ("", "abc", -1, ["a", "b", "c"]), ("a*", "abaabaccadaaae", 5, ["", "b", "b", "c", "cadaaae"]),
    (",", "a,", -1, ["a", ""]), (",", "a", 0, []),
  ]

  @Test(arguments: splits)
  func splitsAsGoDoes(pattern: String, text: String, limit: Int, expected: [String]) throws {
    let regex = try Regex.compile(pattern).get()
    var text = text
    let parts = text.withUTF8 { utf8 in
      regex.split(utf8, limit: limit).map { String(decoding: utf8[$0], as: UTF8.self) }
    }
    #expect(parts == expected)
  }

  @Test func isSharedByThreads() async throws {
    let regex = try Regex.compile("^(a|b)*a(a|b){6}(é|[0-9]+)$").get()
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          var state = UInt64(task) &* 0x9E37_79B9_7F4A_7C15 | 1
          for _ in 0..<400 {
            var text = ""
            for _ in 0..<30 {
              state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
              text += state >> 60 & 1 == 0 ? "a" : "b"
            }
            let seventhLast = text[text.index(text.endIndex, offsetBy: -7)]
            if regex.matches(text + "12") != (seventhLast == "a") { return false }
          }
          return true
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func escapesWhatMeansSomething() throws {
    let text = "a.b*(c)[d]{1}^$|\\+?é"
    #expect(try Regex.compile("^" + Regex.escaped(text) + "$").get().matches(text))
  }
}
