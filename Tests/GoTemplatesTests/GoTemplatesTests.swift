import GoTemplates
import Testing

@Suite("Go templates")
struct GoTemplatesTests {
  @Test(
    "actions",
    arguments: [
      ("{{ if .flag }}a{{ else }}b{{ end }}", "a"),
      ("{{ range $i, $x := .list }}{{ $i }}={{ $x }};{{ else }}none{{ end }}", "0=1;1=2;"),
      ("{{ range .none }}x{{ else }}none{{ end }}", "none"),
      ("{{ range .list }}{{ if eq . 2.0 }}{{ break }}{{ end }}{{ . }}{{ end }}", "1"),
      ("{{ with .map }}{{ .b }}{{ .a }}{{ end }}", "zx"),
      ("{{ with .none }}x{{ else with .map }}{{ .a }}{{ end }}", "x"),
      ("a {{- /* gone */ -}} b", "ab"),
      ("{{ $x := 1 }}{{ if true }}{{ $x = add $x 1 }}{{ end }}{{ $x }}", "2"),
      ("{{ $x := 1 }}{{ if true }}{{ $x := add $x 5 }}{{ $x }}{{ end }}{{ $x }}", "61"),
      ("{{ define \"d\" }}<{{ . }}>{{ end }}{{ template \"d\" .flag }}", "<true>"),
      ("{{ block \"b\" .map }}{{ .a }}{{ end }}", "x"),
      ("{{ .nothing }}|{{ print nil }}", "<no value>|<nil>"),
      ("{{ and 1 0 2 }}{{ or 0 \"\" \"x\" }}", "0x"),
      ("{{ tpl \"{{ .a }}\" .map }}", "x"),
    ])
  func actions(template: String, expected: String) {
    let values = data("{flag: true, list: [1, 2], map: {a: x, b: z}}")
    #expect(rendered(template, values) == expected)
  }

  @Test(
    "failures have their place",
    arguments: [
      (
        "a\n{{ .a.b }}",
        "error: template: t:2:5: executing \"t\" at <.a.b>: nil pointer evaluating interface {}.b"
      ),
      ("{{ nope }}", "error: template: t:1: function \"nope\" not defined"),
      ("{{ if }}{{ end }}", "error: template: t:1: missing value for if"),
      ("{{ break }}", "error: template: t:1: {{break}} outside {{range}}"),
      (
        "x\n{{ trunc \"a\" 1 }}",
        "error: template: t:2:9: executing \"t\" at <\"a\">: expected integer; found \"a\""
      ),
      (
        "{{ define \"in\" }}{{ fail \"no\" }}{{ end }}{{ include \"in\" . }}",
        "error: template: t:1:44: executing \"t\" at <include \"in\" .>: error calling include: template: t:1:20: executing \"in\" at <fail \"no\">: no"
      ),
    ])
  func failures(template: String, expected: String) {
    #expect(rendered(template, data("a: null")) == expected)
  }

  @Test(
    "printing",
    arguments: [
      (
        "{{ printf \"%5.2f|%-4s|%04d|%x|%q|%v\" 3.14159 \"a\" 7 \"hi\" \"q\" (list 1 nil) }}",
        " 3.14|a   |0007|6869|\"q\"|[1 <nil>]"
      ),
      ("{{ printf \"%d %s\" \"x\" 1 }}", "%!d(string=x) %!s(int=1)"),
      ("{{ printf \"%d\" }}{{ printf \"a\" 1 }}", "%!d(MISSING)a%!(EXTRA int=1)"),
      ("{{ .big }} {{ .small }} {{ .whole }}", "1e+06 1e-05 3"),
      ("{{ toJson .big }} {{ toYaml .big }}", "1000000 1000000"),
      ("{{ print 1 2 \"a\" \"b\" 3 4 }}", "1 2ab3 4"),
    ])
  func printing(template: String, expected: String) {
    #expect(rendered(template, data("{big: 1000000, small: 0.00001, whole: 3.0}")) == expected)
  }

  @Test("a name stands for the last text that was parsed, but not for an empty one")
  func redefinition() throws {
    let set = TemplateSet(functions: .go)
    try set.parse(name: "a", Array("{{ define \"x\" }}1{{ end }}{{ template \"x\" }}".utf8))
    try set.parse(name: "b", Array("{{ define \"x\" }}2{{ end }}".utf8))
    try set.parse(name: "c", Array("{{ define \"x\" }} {{ end }}".utf8))
    let copy = set.clone()
    try copy.parse(name: "d", Array("{{ define \"x\" }}3{{ end }}".utf8))
    #expect(try Execution(set).execute("a", .invalid) == Array("2".utf8))
    #expect(try Execution(copy).execute("a", .invalid) == Array("3".utf8))
  }
}
