import Charts
import Files
import GoTemplates
import Testing

/// What is kept from template to template and from release to release changes nothing.
@Suite struct RememberedTests {
  private func chart(_ files: [String: String]) throws -> Chart {
    var files = files
    files["Chart.yaml"] = "name: web\nversion: 1.0.0\n"
    return try Chart(folder: "", of: MemoryFileTree(texts: files))
  }

  private func text(
    _ chart: Chart, _ name: String = "r", values: String = ""
  ) throws -> String {
    let rendered = try chart.rendered(
      Release(name: name, namespace: "ns"), values: valuesMap(Array(values.utf8)))
    return String(decoding: try rendered.text(), as: UTF8.self)
  }

  @Test("an include sees each change of a map, wherever the map came from")
  func changes() throws {
    let chart = try chart([
      "values.yaml": "a: 1\nnested: {b: 1}\n",
      "templates/_h.tpl": """
      {{- define "h" }}{{ .Values.a }},{{ .Values.nested.b }},{{ dig "c" "d" 0 .Values.nested }}
      {{- end }}
      """,
      "templates/a.yaml": """
      {{- $new := dict "d" 5 }}
      one: {{ include "h" . }} {{ include "h" . }}
      {{- $_ := set .Values "a" 2 }}
      two: {{ include "h" . }}
      {{- $_ := merge .Values (dict "nested" (dict "b" 7 "c" $new)) }}
      three: {{ include "h" . }}
      {{- $_ := set $new "d" 6 }}
      four: {{ include "h" . }}
      {{- $_ := mergeOverwrite .Values.nested (dict "b" 8) }}
      five: {{ include "h" . }}
      {{- $_ := unset .Values.nested "c" }}
      six: {{ include "h" . }}
      {{- $copy := deepCopy .Values }}
      {{- $_ := set $copy "a" 9 }}
      seven: {{ include "h" . }}
      """,
    ])
    #expect(
      try text(chart) == """
        ---
        # Source: web/templates/a.yaml
        one: 1,1,0 1,1,0
        two: 2,1,0
        three: 2,1,5
        four: 2,1,6
        five: 2,8,6
        six: 2,8,0
        seven: 2,8,0

        """)
  }

  @Test("an include that reads the file's name gives each file its own")
  func fileNames() throws {
    let bodies = [
      "{{ .Template.Name }}", "{{ get . \"Template\" | toJson }}",
      "{{ range $key, $value := . }}{{ if eq $key \"Template\" }}{{ $value.Name }}{{ end }}{{ end }}",
      "{{ (index . \"Template\").Name }}", "{{ (pick . \"Template\").Template.Name }}",
      "{{ include \"inner\" . }}", "{{ tpl \"{{ .Template.Name }}\" . }}",
    ]
    for body in bodies {
      let chart = try chart([
        "templates/_h.tpl": "{{ define \"inner\" }}{{ .Template.Name }}{{ end }}"
          + "{{ define \"h\" }}\(body){{ end }}",
        "templates/a.yaml": "x: {{ include \"h\" . | quote }}",
        "templates/b.yaml": "x: {{ include \"h\" . | quote }}",
      ])
      let text = try text(chart)
      #expect(text.split(separator: "a.yaml").count == 3, "\(body): \(text)")
      #expect(text.split(separator: "b.yaml").count == 3, "\(body): \(text)")
    }
  }

  @Test("a text of tpl may define what an include asks for")
  func texts() throws {
    let chart = try chart([
      "templates/_h.tpl": "{{ define \"h\" }}{{ include \"name\" . }}{{ end }}"
        + "{{ define \"name\" }}outer{{ end }}",
      "templates/a.yaml": """
      a: {{ include "h" . }}
      b: {{ tpl "{{ define \\"name\\" }}inner{{ end }}{{ include \\"h\\" . }}" . }}
      c: {{ include "h" . }}
      """,
    ])
    #expect(try text(chart).contains("a: outer\nb: inner\nc: outer\n"))
  }

  @Test("releases see their own values, and what others wrote only where they write the same")
  func releases() throws {
    let chart = try chart([
      "values.yaml": "a: 1\n",
      "templates/_h.tpl": "{{ define \"h\" }}{{ .Release.Name }}-{{ .Values.a }}{{ end }}",
      "templates/a.yaml": "kind: A\nx: {{ include \"h\" . }}\n",
      "templates/b.yaml": "kind: B\n---\nkind: {{ .Values.kind | default \"C\" }}\n",
    ])
    func expected(_ name: String, _ kind: String) -> String {
      let last = "---\n# Source: web/templates/b.yaml\nkind: \(kind)\n"
      return "---\n# Source: web/templates/a.yaml\nkind: A\nx: \(name)\n"
        + "---\n# Source: web/templates/b.yaml\nkind: B\n" + last
    }
    #expect(try text(chart, "r") == expected("r-1", "C"))
    #expect(try text(chart, "s") == expected("s-1", "C"))
    #expect(try text(chart, "s", values: "{a: 2, kind: D}") == expected("s-2", "D"))
    #expect(try text(chart, "r") == expected("r-1", "C"))
  }

  @Test(
    "what is random or the time is refused only where it changes what is written",
    arguments: [
      // Asked for and not used; used; put where another file sees it, which uses it or does not.
      ("x: {{ default (randAlpha 5) \"given\" }}", "y: 1", true),
      ("x: {{ now | date \"2006\" }}", "y: 1", false),
      ("{{ $_ := set .Values \"a\" (randAlpha 5) }}x: 1", "y: 1", true),
      ("{{ $_ := set .Values \"a\" (randAlpha 5) }}x: 1", "y: {{ .Values.a }}", false),
      ("{{ $_ := set .Values \"a\" (dict \"b\" (uuidv4)) }}x: 1", "y: {{ .Values.a.b }}", false),
      ("{{ $d := dict }}{{ $_ := set $d \"a\" (uuidv4) }}x: {{ len $d.a }}", "y: 1", true),
      ("# {{ randAlpha 5 | len }}\nx: 1", "y: {{ include \"chance\" . }}", false),
      (
        "{{ if eq (int (now | unixEpoch)) 86399 }}{{ $_ := set .Values \"a\" 1 }}{{ end }}x: 1",
        "y: {{ .Values.a }}", false
      ),
    ])
  func chance(_ second: String, _ first: String, isRendered: Bool) throws {
    // Helm executes the later name first.
    let chart = try chart([
      "templates/_h.tpl": "{{ define \"chance\" }}{{ randAlpha 5 }}{{ end }}",
      "templates/b.yaml": second, "templates/a.yaml": first,
    ])
    for _ in 0..<2 {
      if isRendered {
        #expect(try text(chart).contains("y: 1"))
      } else {
        let error = #expect(throws: ChartError.self) { try text(chart) }
        #expect(error?.code == .nondeterministic)
      }
    }
  }
}
