import GoTemplates
import Testing

@Suite("limits")
struct LimitTests {
  @Test(
    "bad templates are stopped with their place",
    arguments: [
      "{{ range until 999999999999 }}{{ end }}", "{{ repeat 999999999 \"aaaaaaaaaa\" }}",
      "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}",
      "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
      "{{ $s := \"aaaaaaaaaaaaaaaa\" }}{{ range until 100 }}{{ $s = print $s $s }}{{ end }}",
      "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
      "{{ indent 99999999999 \"a\" }}", "{{ seq 1 99999999999 }}",
      "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ mustToJson $d }}",
      "{{ $t := \"{{ tpl .t . }}\" }}{{ tpl $t (dict \"t\" $t) }}",
    ])
  func stopped(template: String) {
    var limits = Limits()
    limits.steps = 5_000_000
    limits.bytes = 32 << 20
    let answer = rendered(template, limits: limits)
    #expect(answer.hasPrefix("error: template: "), "\(answer.prefix(200))")
  }

  @Test(
    "patterns take time in proportion to the text, or are refused",
    arguments: [
      ("{{ regexMatch \"^(a*)*$\" (print (repeat 20000 \"a\") \"b\") }}", "false"),
      ("{{ regexFind \"(x+x+)+y\" (repeat 20000 \"x\") | len }}", "0"),
      ("{{ regexReplaceAll \"(a|aa)+\" (repeat 20000 \"a\") \"-\" }}", "-"),
      ("{{ regexMatch \"((a{1000}){1000}){1000}\" \"a\" }}", "false"),
    ])
  func patterns(template: String, expected: String) {
    #expect(rendered(template) == expected)
  }

  @Test(
    "deep texts are refused or read, without a trap",
    arguments: [
      "{{ fromYaml (repeat 100000 \"[\") | toString | trunc 10 }}",
      "{{ fromYaml (repeat 100000 \"- \") | toString | trunc 10 }}",
      "{{ fromYaml (repeat 3000 \"{a: \") | toString | trunc 10 }}",
      "{{ fromJson (repeat 100000 \"[\") | toString | trunc 10 }}",
      "{{ fromToml (print \"a = \" (repeat 100000 \"[\")) | toString | trunc 10 }}",
    ])
  func deep(template: String) {
    let answer = rendered(template)
    #expect(answer.hasPrefix("map[Error:") || answer == "", "\(answer)")
  }

  @Test("a width beyond what Go takes is said in the output")
  func width() {
    #expect(rendered("{{ printf \"%999999999d\" 1 }}").contains("%!"))
  }

  @Test("mutated templates and data never trap", arguments: 0..<8)
  func mutations(seed: UInt64) {
    var generator = Mutator(state: seed &* 0x9E37_79B9 &+ 1)
    let seeds = [
      "{{ range $i, $x := .list }}{{ printf \"%5.2f %q %[1]d\" $x \"a\" }}{{ else }}{{ end }}",
      "{{ define \"a\" }}{{ .map.a | default \"x\" | trunc 3 | nindent 2 }}{{ end }}{{ include \"a\" . }}",
      "{{ toYaml .map | b64enc }}{{ fromYaml \"a: [1, {b: 2}]\\nc: &x 1\" }}{{ tpl .text . }}",
      "{{ substr 1 3 .text }}{{ slice .list 1 2 }}{{ index .map \"a\" }}{{ until 3 | join \",\" }}",
      "{{ toDate \"2006-01-02 15:04:05\" \"2020-02-29 10:11:12\" | date \"Jan _2 06 03:04PM\" }}",
      "{{ round 2.5 1 }}{{ add 9223372036854775807 1 }}{{ div -9223372036854775808 -1 }}{{ mod 7 3 }}",
      "{{ semver \"1.2.3-a\" }}{{ urlParse \"http://a:b@c:1/d?e#f\" }}{{ fromToml \"a = 1\\n[b]\" }}",
      "{{ wrap 5 .text }}{{ abbrev 5 .text }}{{ splitn \",\" 2 \"a,b,c\" }}{{ chunk 2 .list }}",
    ]
    let values = data("{list: [1, 2.5, x], map: {a: b, c: null}, text: \"hello {{ .map.a }}\"}")
    var limits = Limits()
    limits.steps = 20_000
    limits.bytes = 1 << 20
    for _ in 0..<300 {
      let bytes = generator.mutated(Array(seeds[Int(generator.next() % UInt64(seeds.count))].utf8))
      let answer = rendered(String(decoding: bytes, as: UTF8.self), values, limits: limits)
      #expect(!answer.hasPrefix("other error"), "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}

/// Changes texts at random, the same way for the same seed.
private struct Mutator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...(next() % 4) {
      let place = Int(next()) % max(1, text.count)
      let parts = [
        "{{", "}}", "-9223372036854775808", "999999", "\"", "|", "(", ")", ".", "$x", "nil", "%",
        " ",
      ]
      switch next() % 4 {
      case 0: if !text.isEmpty { text.remove(at: place) }
      case 1: if !text.isEmpty { text[place] = UInt8(next() % 256) }
      case 2: text.insert(contentsOf: parts[Int(next()) % parts.count].utf8, at: place)
      default:
        let end = min(text.count, place + Int(next() % 8))
        text.insert(contentsOf: text[place..<end], at: Int(next()) % max(1, text.count))
      }
    }
    return text
  }
}
