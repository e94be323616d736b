import Charts
import Files
import GoTemplates
import Testing

/// A chart of a few files, rendered as release `r` in namespace `ns`.
private func rendered(
  _ files: [String: String], values: String = "",
  _ options: RenderedChart.PrintOptions = .init()
) throws -> String {
  var files = files
  if files["Chart.yaml"] == nil { files["Chart.yaml"] = "name: web\nversion: 1.0.0\n" }
  let chart = try Chart(folder: "", of: MemoryFileTree(texts: files))
  let result = try chart.rendered(
    Release(name: "r", namespace: "ns"), values: valuesMap(Array(values.utf8)))
  return String(decoding: try result.text(options), as: UTF8.self)
}

/// The message of what a rendering throws.
private func failure(_ files: [String: String], values: String = "") -> ChartError? {
  do {
    _ = try rendered(files, values: values)
    return nil
  } catch {
    return error as? ChartError
  }
}

@Suite struct ChartTests {
  @Test("objects come in the order of installation, each with its source")
  func order() throws {
    let text = try rendered([
      "templates/a.yaml": "kind: Ingress\n---\nkind: Zebra\n---\nkind: Apple\n",
      "templates/b.yaml": "kind: ServiceAccount\n",
      "templates/_c.yaml": "kind: Partial\n", "templates/NOTES.txt": "hello",
    ])
    #expect(
      text == """
        ---
        # Source: web/templates/b.yaml
        kind: ServiceAccount
        ---
        # Source: web/templates/a.yaml
        kind: Ingress
        ---
        # Source: web/templates/a.yaml
        kind: Apple
        ---
        # Source: web/templates/a.yaml
        kind: Zebra

        """)
  }

  @Test("a separator right behind another is text, as in Helm")
  func separators() throws {
    let text = try rendered(["templates/a.yaml": "---\n---\nkind: A\n"])
    #expect(text == "---\n# Source: web/templates/a.yaml\n---\nkind: A\n")
  }

  @Test("hooks come last and can be left out")
  func hooks() throws {
    let files = [
      "templates/a.yaml": """
      kind: Job
      metadata: {annotations: {helm.sh/hook: "test"}}
      ---
      kind: Pod
      metadata: {annotations: {helm.sh/hook: "pre-install, bogus"}}
      ---
      kind: Service
      """
    ]
    #expect(try rendered(files).contains("kind: Job"))
    #expect(try !rendered(files).contains("kind: Pod"))
    var options = RenderedChart.PrintOptions()
    options.leavesOutTests = true
    #expect(try !rendered(files, options).contains("kind: Job"))
  }

  @Test(
    "null takes a default away",
    arguments: [
      ("a: null", "{\"b\":{\"c\":1,\"d\":2}}"),
      ("b: {c: null}", "{\"a\":1,\"b\":{\"d\":2}}"),
      ("b: {c: null, e: null}", "{\"a\":1,\"b\":{\"d\":2,\"e\":null}}"),
      ("new: null", "{\"a\":1,\"b\":{\"c\":1,\"d\":2},\"new\":null}"),
    ])
  func nulls(values: String, expected: String) throws {
    let text = try rendered(
      ["values.yaml": "a: 1\nb: {c: 1, d: 2}", "templates/a.yaml": "v: {{ toJson .Values }}"],
      values: values)
    #expect(text.hasSuffix("v: \(expected)\n"))
  }

  @Test(
    "conditions and tags switch subcharts, the first bool wins",
    arguments: [
      ("", true), ("db: {enabled: false}", false), ("tags: {store: false}", false),
      ("tags: {store: false}\ndb: {enabled: true}", true),
    ])
  func switches(values: String, isOn: Bool) throws {
    let text = try rendered(
      [
        "Chart.yaml": """
        {apiVersion: v2, name: web, version: 1.0.0, dependencies: [
          {name: postgres, version: ^1, alias: db, condition: "x.y,db.enabled", tags: [store]}]}
        """,
        "charts/postgres/Chart.yaml": "{name: postgres, version: 1.4.2}",
        "charts/postgres/values.yaml": "size: 1",
        "charts/postgres/templates/a.yaml":
          "n: {{ .Chart.Name }} {{ .Values.size }} {{ .Values.global.g }}",
      ], values: "global: {g: 7}\n" + values)
    let line = "# Source: web/charts/db/templates/a.yaml\nn: db 1 7\n"
    #expect(text.contains(line) == isOn)
  }

  @Test("values are imported from a subchart, the parent's own win")
  func imports() throws {
    let text = try rendered([
      "Chart.yaml": """
      {apiVersion: v2, name: web, version: 1.0.0, dependencies: [
        {name: sub, version: "*", import-values: [shared, {child: inner, parent: outer.x}]}]}
      """,
      "values.yaml": "a: 1",
      "templates/a.yaml": "v: {{ .Values.a }} {{ .Values.b }} {{ .Values.outer.x.k }}",
      "charts/sub/Chart.yaml": "{name: sub, version: 0.1.0}",
      "charts/sub/values.yaml": "exports: {shared: {a: 8, b: 9}}\ninner: {k: 5}",
    ])
    #expect(text.hasSuffix("v: 1 9 5\n"))
  }

  @Test("a schema holds the values of its chart once the defaults are in")
  func schema() throws {
    let files = [
      "values.yaml": "size: 1",
      "values.schema.json": #"{"properties": {"size": {"type": "integer"}}, "required": ["size"]}"#,
      "templates/a.yaml": "v: {{ .Values.size }}",
    ]
    #expect(try rendered(files).hasSuffix("v: 1\n"))
    let error = try #require(failure(files, values: "size: x"))
    #expect(error.code == .schema)
    #expect(error.problems.map(\.path) == [[.key("size")]])
  }

  @Test("a failure names the template, the line and the way there")
  func failures() throws {
    let refused = try #require(
      failure(["templates/a.yaml": "a: 1\nb: {{ fail \"no\" }}"]))
    #expect(refused.message == "execution error at (web/templates/a.yaml:2:6): no")
    let deep = try #require(
      failure([
        "templates/_h.tpl": "{{ define \"h\" }}{{ .a.b }}{{ end }}",
        "templates/a.yaml": "{{ include \"h\" . }}",
      ]))
    #expect(deep.steps.map(\.file) == ["web/templates/a.yaml", "web/templates/_h.tpl"])
    #expect(
      failure(["templates/a.yaml": "a: [}"])?.message.hasPrefix(
        "YAML parse error on web/templates/a.yaml") == true)
  }

  @Test("random values are refused only where they show")
  func randomness() throws {
    #expect(
      failure(["templates/a.yaml": "p: {{ randAlphaNum 8 }}"])?.code == .nondeterministic)
    #expect(
      try rendered(["templates/a.yaml": "p: {{ randAlphaNum 8 | len }}"]).hasSuffix("p: 8\n"))
  }

  @Test("limits hold: recursion, huge output")
  func limits() throws {
    let files = [
      "templates/a.yaml": "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}"
    ]
    #expect(failure(files) != nil)
    #expect(failure(["templates/a.yaml": "{{ repeat 2000000000 \"abc\" }}"])?.code == .limit)
  }

  @Test("the chain of includes is told, however a limit is reached")
  func chain() {
    let files = [
      "templates/a.yaml": "{{ include \"x\" . }}",
      "templates/_b.tpl": "{{ define \"x\" }}\n{{ range until 99999999999 }}{{ end }}{{ end }}",
    ]
    let found = failure(files)
    #expect(found?.code == .limit)
    #expect(
      found?.steps.map { "\($0.file):\($0.line)" }
        == ["web/templates/a.yaml:1", "web/templates/_b.tpl:2"])
  }

  @Test("values that are nested too deep are refused, in a file and in a template")
  func deepValues() {
    let deep = String(repeating: "{a: ", count: 200) + "1" + String(repeating: "}", count: 200)
    #expect(failure([:], values: "a: \(deep)")?.code == .limit)
    let deeper = String(repeating: "[", count: 100_000)
    #expect(throws: ChartError.self) { try valuesMap(Array("a: \(deeper)".utf8)) }
    #expect(throws: ChartError.self) {
      try valuesMap(Array(String(repeating: "- ", count: 100_000).utf8))
    }
  }

  @Test("files that .helmignore names are not there")
  func ignored() throws {
    let text = try rendered([
      ".helmignore": "*.bak\nsecret/\n", "a.bak": "x", "secret/b": "x", "c": "x",
      "templates/a.yaml": "v: {{ range $n, $_ := .Files.Glob \"**\" }}{{ $n }} {{ end }}",
    ])
    #expect(text.hasSuffix("v: .helmignore c\n"))
  }
}

@Suite struct SetValuesTests {
  private func json(_ text: String, _ form: SetValues.Form = .typed, over: String = "") throws
    -> String
  {
    let values = try valuesMap(Array(over.utf8))
    try SetValues.apply(text, as: form, to: values)
    return try rendered(
      ["templates/a.yaml": "{{ toJson .Values | quote }}"], values: values)
  }

  private func rendered(_ files: [String: String], values: GoMap) throws -> String {
    var files = files
    files["Chart.yaml"] = "name: web\nversion: 1.0.0\n"
    files["templates/a.yaml"] = "v: {{ toJson .Values }}"
    let chart = try Chart(folder: "", of: MemoryFileTree(texts: files))
    let result = try chart.rendered(Release(name: "r", namespace: "ns"), values: values)
    let text = String(decoding: try result.text(), as: UTF8.self)
    return String(text.dropFirst("---\n# Source: web/templates/a.yaml\nv: ".count).dropLast())
  }

  @Test(arguments: [
    ("a.b=1,c=x y", #"{"a":{"b":1},"c":"x y"}"#),
    ("a={1,true,z},b[1].c=2", #"{"a":[1,true,"z"],"b":[null,{"c":2}]}"#),
    (#"a\.b=c\,d"#, #"{"a.b":"c,d"}"#),
    ("a=007,b=null,c=0", #"{"a":"007","b":null,"c":0}"#),
    ("a=", #"{"a":""}"#),
  ])
  func typed(text: String, expected: String) throws {
    #expect(try json(text) == expected)
  }

  @Test(arguments: ["a", "a.b", "a=1,b", "a[-1]=2", "a[99999999]=1", "a={1,2", "a[x]=1"])
  func refused(text: String) {
    #expect(throws: ChartError.self) { try json(text) }
  }

  @Test func otherForms() throws {
    #expect(try json("a=1", .string) == #"{"a":"1"}"#)
    #expect(try json(#"a={"b":[1]},c="x,y""#, .json) == #"{"a":{"b":[1]},"c":"x,y"}"#)
    #expect(try json("a=1,b=2", .literal) == #"{"a":"1,b=2"}"#)
    #expect(try json("a.c=2", over: "a: {b: 1}") == #"{"a":{"b":1,"c":2}}"#)
  }
}

@Suite struct ArchiveTests {
  @Test("what is no archive is refused, not read")
  func damaged() {
    for bytes in [[], [0x1F, 0x8B], [UInt8](repeating: 0x1F, count: 64)] as [[UInt8]] {
      #expect(throws: ChartError.self) { try Chart(archive: bytes) }
    }
  }

  /// A gzip file of one stored block.
  private func gzip(_ content: [UInt8]) -> [UInt8] {
    var sum = ~UInt32(0)
    for byte in content {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    func little(_ value: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(UInt32(content.count), 2)
      + little(~UInt32(content.count), 2) + content + little(~sum, 4)
      + little(UInt32(content.count), 4)
  }

  /// A tar file of one entry.
  private func tar(_ name: String, _ content: String, type: Character = "0") -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ start: Int) {
      for (index, byte) in text.utf8.enumerated() { header[start + index] = byte }
    }
    let size = String(content.utf8.count, radix: 8)
    put(name, 0)
    put(String(repeating: "0", count: 11 - size.count) + size, 124)
    put("        ", 148)
    put(String(type), 156)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", 148)
    let padding = [UInt8](repeating: 0, count: (512 - content.utf8.count % 512) % 512)
    return header + Array(content.utf8) + padding
  }

  private let end = [UInt8](repeating: 0, count: 1024)

  @Test("a chart is read from its archive")
  func chart() throws {
    let bytes = gzip(
      tar("web/Chart.yaml", "{name: web, version: 1.0.0}") + tar("web/templates/a.yaml", "a: 1")
        + end)
    #expect(try Chart(archive: bytes).name == "web")
  }

  @Test("an archive that swells is stopped")
  func bomb() {
    // One literal, then its repetitions, 258 bytes from 13 bits each.
    var bits: [UInt8] = []
    var (buffer, count) = (UInt32(0), UInt32(0))
    func put(_ value: UInt32, _ width: UInt32) {
      for index in 0..<width {
        buffer |= (value >> (width - 1 - index) & 1) << count
        count += 1
        if count == 8 {
          bits.append(UInt8(buffer))
          (buffer, count) = (0, 0)
        }
      }
    }
    // The last block, with the fixed code (RFC 1951, 3.2.6), whose type has its low bit first.
    put(1, 1)
    put(0b10, 2)
    put(0x30, 8)
    for _ in 0..<(ChartLimits.chartByteCount / 258 + 2) { put(0b1100_0101, 8); put(0, 5) }
    let bytes = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + bits
    #expect(throws: ChartError.self) { try Chart(archive: bytes) }
    do { _ = try Chart(archive: bytes) } catch { #expect((error as? ChartError)?.code == .limit) }
  }

  @Test(
    "paths and links that leave the folder are refused",
    arguments: [
      ("web/../../x", "0"), ("web//etc/passwd", "0"), ("Chart.yaml", "0"), ("web/x", "2"),
      ("web/x", "1"), ("web/c:/x", "0"),
    ] as [(String, Character)])
  func escapes(name: String, type: Character) {
    let bytes = gzip(
      tar("web/Chart.yaml", "{name: web, version: 1.0.0}") + tar(name, "x", type: type) + end)
    #expect(throws: ChartError.self) { try Chart(archive: bytes) }
  }
}
