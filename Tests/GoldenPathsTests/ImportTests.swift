import Diagnostics
import Documents
import Foundation
import Manifests
import Testing

@testable import GoldenPaths

/// `spec.imports`: variables and parts of libraries.
@Suite struct ImportTests {
  private let labels = """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPathLibrary
    metadata: {name: labels}
    spec:
      variables:
        team: ${schema.metadata.?labels.?team.orValue("nobody")}
        all: '${{"app": schema.metadata.name, "team": team}}'
        host: ${schema.metadata.name}.${environment.values.domain}
        port: 8080
        broken: ${schema.spec.note}
      parts:
        probe:
          parameters: {path: string | default=/healthz}
          template: {httpGet: {path: "${path}", port: "${port}"}}
        container:
          parameters: {image: string, name: string | default=app}
          template:
            name: ${name}
            image: ${image}
            readinessProbe: ${probe}
            livenessProbe: '${probe{path: "/" + name}}'
        secure:
          template: {privileged: false, runAsUser: 1000}
    """

  /// The data of the one manifest, as JSON, or the findings as `rule file:path message`.
  private func data(
    _ data: String, imports: String = "[{from: _lib/labels.yaml, as: labels}]", more: String = "",
    libraries: [String: String] = [:], spec: String = ""
  ) throws -> String {
    let rendering = try rendered(
      data, imports: imports, more: more, libraries: libraries, spec: spec)
    guard rendering.findings.isEmpty else {
      return rendering.findings.map { finding in
        var place = finding.place?.file ?? ""
        if case .field(_, let path, _)? = finding.place?.anchor { place += ":\(path)" }
        return "\(finding.rule) \(place) \(finding.message)"
      }.joined(separator: "\n")
    }
    let value = try #require(rendering.manifests.first).value["data"]
    return String(decoding: jsonBytes(of: value), as: UTF8.self)
  }

  private func rendered(
    _ data: String, imports: String, more: String = "", name: String = "a",
    libraries: [String: String] = [:], spec: String = ""
  ) throws -> TestRendering {
    let path = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPath
      metadata: {name: web}
      spec:
        imports: \(imports)
        schema:
          group: acme.dev
          apiVersion: v1
          kind: Web
          spec: {image: string, note: string, extra: "map[string]string", tags: "[]string"}
        resources:
          - id: config
            \(more)
            template:
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: "\(name)"}
              data: \(data)
      """
    var files = libraries
    files["_lib/labels.yaml"] = files["_lib/labels.yaml"] ?? labels
    let app = """
      apiVersion: acme.dev/v1
      kind: Web
      metadata: {name: a, namespace: shop, labels: {team: pay}}
      spec: {image: "web:1"\(spec)}
      """
    return try render(paths: [path], intent: app, libraries: files)
  }

  // MARK: variables

  @Test func aVariableIsAValue() throws {
    #expect(
      try data("{a: '${labels.team}', b: '${labels.all}', c: '${labels.host}'}")
        == #"{"a":"pay","b":{"app":"a","team":"pay"},"c":"a.dev.acme.test"}"#)
  }

  @Test func aVariableInsideALongerExpressionAndText() throws {
    #expect(
      try data("{a: '${string(labels.port + 1)}', b: 'x-${labels.team}', c: '${labels.all.app}'}")
        == #"{"a":"8081","b":"x-pay","c":"a"}"#)
  }

  @Test func aVariableThatNothingReadsIsNotEvaluated() throws {
    #expect(try data("{a: '${true ? labels.team : labels.broken}'}") == #"{"a":"pay"}"#)
  }

  @Test func aFailingVariableIsToldOnceAtItsPlaceInTheLibrary() throws {
    let rendering = try rendered(
      "{a: '${labels.broken}', b: '${labels.broken}'}",
      imports: "[{from: _lib/labels.yaml, as: labels}]")
    #expect(rendering.findings.map(\.rule) == ["intent/missing-key"])
    let finding = try #require(rendering.findings.first)
    #expect(
      finding.place
        == .field(
          "_lib/labels.yaml", FieldPath(keys: "spec", "variables", "broken"), part: .text(2..<18)))
    #expect(finding.related.contains { $0.place.file == "path0.yaml" })
    #expect(finding.related.contains { $0.label == "the intent" })
  }

  @Test func aRuleAndAConditionReadVariables() throws {
    #expect(
      try data(
        "{a: x}", more: "includeWhen: ['${labels.team == \"pay\"}']") == #"{"a":"x"}"#)
  }

  @Test func theTypesAreThoseOfTheImportingPath() throws {
    let library = labels.replacingOccurrences(of: "schema.spec.note", with: "schema.spec.missing")
    #expect(
      try data("{a: '${labels.broken}'}", libraries: ["_lib/labels.yaml": library])
        == "golden-path/unknown-field _lib/labels.yaml:spec.variables.broken "
        + "'schema.spec' has no field 'missing'")
    // Nothing reads it: the golden path has nothing to do with it.
    #expect(
      try data("{a: '${labels.team}'}", libraries: ["_lib/labels.yaml": library])
        == #"{"a":"pay"}"#)
  }

  // MARK: parts

  @Test func aPartStandsForAValue() throws {
    #expect(
      try data("{a: '${labels.probe}'}")
        == #"{"a":{"httpGet":{"path":"/healthz","port":8080}}}"#)
  }

  @Test func aPartTakesWhatItIsGiven() throws {
    #expect(
      try data("{a: ['${labels.container{image: schema.spec.image, name: \"web\"}}']}")
        == #"{"a":[{"name":"web","image":"web:1","readinessProbe":{"httpGet":{"path":"/healthz","#
        + #""port":8080}},"livenessProbe":{"httpGet":{"path":"/web","port":8080}}}]}"#)
  }

  @Test func aPartInALoopIsGivenEachElement() throws {
    let rendering = try rendered(
      "{a: '${labels.probe{path: tag}}'}", imports: "[{from: _lib/labels.yaml, as: labels}]",
      more: "forEach: [{tag: '${schema.spec.tags}'}]", name: "a-${tag}", spec: ", tags: [v, w]")
    #expect(rendering.findings == [])
    #expect(
      rendering.manifests.map { $0.value["data"]["a"]["httpGet"]["path"].asString } == ["v", "w"])
  }

  @Test func aPartIsMergedIntoAMap() throws {
    #expect(
      try data("{<<: '${labels.secure}', runAsUser: 1}")
        == #"{"runAsUser":1,"privileged":false}"#)
    #expect(
      try data("{<<: ['${labels.secure}', '${labels.all}'], team: x}")
        == #"{"team":"x","privileged":false,"runAsUser":1000,"app":"a"}"#)
  }

  @Test func aMapOfTheIntentIsMerged() throws {
    #expect(
      try data("{<<: '${schema.spec.?extra}', a: b}", imports: "[]", spec: ", extra: {a: c, d: e}")
        == #"{"a":"b","d":"e"}"#)
    #expect(try data("{<<: '${schema.spec.?extra}', a: b}", imports: "[]") == #"{"a":"b"}"#)
  }

  @Test(arguments: [
    ("{a: '${lables.team}'}", "golden-path/invalid-expression path0.yaml"),
    ("{a: '${labels.teem}'}", "'labels' has no variable or part 'teem'"),
    ("{a: '${labels}'}", "'labels' is an import and no value"),
    ("{a: 'x ${labels.probe}'}", "'labels.probe' is a part, which stands alone in a template"),
    ("{a: '${size(labels.probe)}'}", "'labels.probe' is a part, which stands alone"),
    ("{a: '${labels.container}'}", "the part 'labels.container' needs 'image'"),
    ("{a: '${labels.container{imge: \"x\"}}'}", "has no parameter 'imge'"),
    ("{a: '${labels.container{image: 3}}'}", "'image' must be string, '3' gives int"),
    ("{<<: '${labels.port}'}", "'<<' merges maps, 'labels.port' gives int"),
    ("{<<: 'x ${labels.team}'}", "'<<' merges maps, found a text"),
    ("{<<: ['${labels.all}', '${labels.secure}']}", "would go before it"),
    ("{a: '${labels.team + 1}'}", "golden-path/invalid-expression path0.yaml"),
  ])
  func whatIsWrongIsSaid(_ written: String, _ message: String) throws {
    let found = try data(written)
    #expect(found.contains(message), "\(found)")
  }

  // MARK: imports

  @Test(arguments: [
    ("[{from: _lib/lables.yaml, as: labels}]", "golden-path/unknown-library"),
    ("[{from: ../../x.yaml, as: labels}]", "golden-path/unknown-library"),
    ("[{from: _lib/labels.yaml, as: Labels}]", "golden-path/invalid-name"),
    ("[{from: _lib/labels.yaml, as: schema}]", "golden-path/reserved-name"),
    ("[{from: _lib/labels.yaml, as: config}]", "golden-path/duplicate-id"),
    ("[{from: _lib/labels.yaml, as: labels, like: x}]", "golden-path/unknown-field"),
    ("[{from: _lib/labels.yaml}]", "golden-path/missing-field"),
    ("[{from: _lib/labels.yaml, as: a}, {from: _lib/labels.yaml, as: b}]", "duplicate-import"),
  ])
  func badImportsAreRefused(_ imports: String, _ rule: String) throws {
    let found = try data("{a: x}", imports: imports)
    #expect(found.contains(rule), "\(found)")
  }

  @Test func anImportThatNothingUsesIsAWarning() throws {
    #expect(try data("{a: x}").hasPrefix("golden-path/unused-import path0.yaml:spec.imports[0]"))
  }

  @Test(arguments: [
    ("variables: {a: '${b}', b: '${a}'}", "golden-path/cycle", "'a' -> 'b' -> 'a'"),
    ("parts: {a: {template: '${b}'}, b: {template: ['${a}']}}", "golden-path/cycle", "hold"),
    ("variables: {a: [x]}", "golden-path/wrong-type", "a variable is one expression"),
    ("variables: {a: '${1 +}'}", "golden-path/invalid-expression", "expected an"),
    ("variables: {a: '${c}'}", "golden-path/invalid-expression", "undeclared reference"),
    ("variables: {a: 1}\n  parts: {a: {template: x}}", "golden-path/duplicate-id", "taken"),
    ("parts: {a: {}}", "golden-path/missing-field", "template"),
    ("parts: {a: {template: x, params: {}}}", "golden-path/unknown-field", "params"),
    ("parts: {a: {template: {'${x}': 1}}}", "golden-path/expression-in-key", "a key"),
    ("imports: [{from: ./labels.yaml, as: me}]", "golden-path/cycle", "import each other"),
    ("variable: {}", "golden-path/unknown-field", "variable"),
  ])
  func badLibrariesAreRefusedInTheirOwnFile(
    _ spec: String, _ rule: String, _ message: String
  ) throws {
    let library = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPathLibrary
      metadata: {name: labels}
      spec:
        \(spec)
      """
    let found = try data("{a: x}", libraries: ["_lib/labels.yaml": library])
    #expect(found.contains("\(rule) _lib/labels.yaml"), "\(found)")
    #expect(found.contains(message), "\(found)")
    #expect(!found.contains("path0.yaml"), "one mistake is one finding: \(found)")
  }

  @Test func aDefinitionOfKroHasNoImports() throws {
    let definition = """
      apiVersion: kro.run/v1alpha1
      kind: ResourceGraphDefinition
      metadata: {name: web}
      spec:
        imports: []
        schema: {apiVersion: v1, kind: Web}
        resources: []
      """
    let (_, findings) = GoldenPathLibrary.load([parse(definition, "rgd.yaml")])
    #expect(findings.map(\.rule) == ["golden-path/unknown-field"])
  }

  @Test func theClosureNamesEveryFile() throws {
    let shop = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPathLibrary
      metadata: {name: shop}
      spec:
        imports: [{from: ./labels.yaml, as: labels}]
        variables: {who: "${labels.team}"}
      """
    let rendering = try rendered(
      "{a: '${shop.who}'}", imports: "[{from: _lib/shop.yaml, as: shop}]",
      libraries: ["_lib/shop.yaml": shop])
    #expect(rendering.findings == [])
    let path = try #require(rendering.library.paths.first)
    #expect(
      rendering.library.closure(of: path).files
        == ["_lib/labels.yaml", "_lib/shop.yaml", "path0.yaml"])
  }

  @Test func theSourceOfAFieldReachesIntoTheLibrary() throws {
    let rendering = try rendered(
      "{a: ['${labels.container{image: schema.spec.image}}'], b: '${labels.host}'}",
      imports: "[{from: _lib/labels.yaml, as: labels}]")
    let manifest = try #require(rendering.manifests.first)
    let intent = try #require(rendering.intents.first)
    let image = try #require(
      rendering.library.source(
        of: FieldPath(keys: "data", "a").index(0).key("image"), in: manifest, of: intent))
    #expect(image.place?.file == "_lib/labels.yaml")
    #expect(image.sources.map(\.kind) == [.variable("image")])
    #expect(
      image.sources.first?.sources.map(\.kind) == [.intent(FieldPath(keys: "spec", "image"))])
    let host = try #require(
      rendering.library.source(of: FieldPath(keys: "data", "b"), in: manifest, of: intent))
    #expect(host.sources.map(\.kind) == [.variable("host")])
    #expect(host.sources.first?.sources.count == 2)
  }
}
