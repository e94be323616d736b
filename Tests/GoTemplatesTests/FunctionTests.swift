import GoTemplates
import Testing

@Suite("functions")
struct FunctionTests {
  @Test(
    "of sprig and Helm",
    arguments: [
      ("{{ \"aBc\" | upper | quote }}", "\"ABC\""),
      ("{{ merge (dict \"a\" 1) (dict \"a\" 2 \"b\" 3) }}", "map[a:1 b:3]"),
      (
        "{{ mergeOverwrite (dict \"a\" (dict \"x\" 1)) (dict \"a\" (dict \"y\" 2)) }}",
        "map[a:map[x:1 y:2]]"
      ),
      ("{{ regexReplaceAll \"a(x*)b\" \"-axxb-\" \"${1}W\" }}", "-xxW-"),
      ("{{ semverCompare \">=1.19-0\" \"v1.32.0-eks-1\" }}", "true"),
      ("{{ date \"2006-01-02\" now }}", "2001-09-09"),
      ("{{ mulf 1.1 1.1 }} {{ divf 1 3 }}", "1.21 0.3333333333333333"),
      ("{{ snakecase \"HTTPServer2Go\" }} {{ camelcase \"my_name\" }}", "http_server2_go MyName"),
      (
        "{{ sha256sum \"abc\" }}",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      ),
      ("{{ b64dec (b64enc \"Zoë\") }} {{ b32enc \"hi\" }}", "Zoë NBUQ===="),
      ("{{ toToml (dict \"a\" 1 \"b\" (dict \"c\" \"x\")) }}", "a = 1\n\n[b]\n  c = \"x\"\n"),
      (
        "{{ fromToml \"[[a]]\\nb = [1, 2]\\n[c.d]\\ne = 'f'\" }}",
        "map[a:[map[b:[1 2]]] c:map[d:map[e:f]]]"
      ),
      ("{{ fromYaml \"a: yes\\nb: 010\\nc: {<<: {d: 1}}\" }}", "map[a:true b:8 c:map[d:1]]"),
      (
        "{{ fromJson \"[1]\" }}",
        "map[Error:json: cannot unmarshal array into Go value of type map[string]interface {}]"
      ),
      ("{{ (semver \"1.2.3\").Minor }} {{ typeOf (list \"a\" | sortAlpha) }}", "2 []string"),
      ("{{ decryptAES \"k\" (encryptAES \"k\" \"text\") }}", "text"),
      ("{{ env \"HOME\" }}", "error: template: t:1: function \"env\" not defined"),
    ])
  func answers(template: String, expected: String) {
    #expect(rendered(template, nondeterminism: .seeded("s")) == expected)
  }

  @Test("bcrypt gives the digest that other implementations give for the salt in it")
  func bcryptDigest() {
    // libxcrypt says the same of that salt.
    let first = rendered("{{ bcrypt \"secret\" }}", nondeterminism: .seeded("s"))
    #expect(first == "$2a$10$VUqO99vuk4oNjBEBg93r3.qhTp9pFZBy9rBKy62IDr5j4Og7.C.Ya")
    #expect(first == rendered("{{ bcrypt \"secret\" }}", nondeterminism: .seeded("s")))
    #expect(first != rendered("{{ bcrypt \"secret\" }}", nondeterminism: .seeded("t")))
  }

  @Test(
    "what differs from run to run is refused",
    arguments: ["randAlphaNum 5", "uuidv4", "genCA \"a\" 1"])
  func refusals(call: String) {
    #expect(rendered("{{ \(call) }}").contains("gives another answer on each run"))
  }

  @Test(
    "YAML is written as go-yaml v2 writes it",
    arguments: [
      ("yes", "\"yes\""), ("a: b", "'a: b'"), ("1e3", "\"1e3\""), ("x\ny\n", "|\n  x\n  y"),
      ("", "\"\""),
      ("it's", "it's"), ("- a", "'- a'"), ("tab\there", "\"tab\\there\""), ("😀", "\"\\U0001F600\""),
      ("2024-01-01", "\"2024-01-01\""), ("12:30", "\"12:30\""), (" a\nb", "|2-\n   a\n  b"),
    ])
  func yamlStrings(text: String, expected: String) {
    #expect(rendered("{{ toYaml . }}", GoValue(text)) == expected)
  }

  @Test("YAML is read and written again")
  func yamlCollections() {
    let yaml = "a10: 1\na9:\n- x\n- b: 2\n  c: {}\nnull_: ~"
    #expect(
      rendered("{{ toYaml . }}", data(yaml)) == "a9:\n- x\n- b: 2\n  c: {}\na10: 1\nnull_: null")
    #expect(
      rendered("{{ toYamlPretty . }}", data("a:\n- 1000000")) == "a:\n  - 1e+06")
  }
}
