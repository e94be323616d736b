import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Testing

/// One intent of a golden path of kind `Web`, rendered in an environment `dev`.
struct TestRendering {
  var manifests: [Manifest]
  var findings: [Finding]
  var library = GoldenPathLibrary()
  /// The intents as they are in `dev`.
  var intents: [EffectiveIntent] = []
}

func render(
  resources: String, more: String = "", spec: String = "", intent: String = "",
  isPromoting: Bool = false
) throws -> TestRendering {
  let path = """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: web}
    spec:
      schema:
        group: acme.dev
        apiVersion: v1
        kind: Web
        spec: {image: string, note: string, replicas: integer | default=1, tags: "[]string"}
      resources:
    \(indented(resources, 4))
    \(more)
    """
  let app = """
    apiVersion: acme.dev/v1
    kind: Web
    metadata: {name: a, namespace: shop}
    spec:
      image: web:1
    \(indented(spec, 2))
    \(intent)
    """
  return try render(paths: [path], intent: app, isPromoting: isPromoting)
}

func render(
  paths: [String], intent app: String, isPromoting: Bool = false, libraries: [String: String] = [:]
) throws -> TestRendering {
  let (platform, platformFindings) = Platform.read(
    parse(
      """
      apiVersion: pave.dev/v1alpha1
      kind: Platform
      metadata: {name: acme}
      spec:
        values: {registry: ghcr.io/acme}
        environments: [{name: dev, kubernetes: "1.34", values: {domain: dev.acme.test, tier: test}}]
      """, "pave.yaml"))
  #expect(platformFindings == [])
  let acme = try #require(platform)
  let (library, pathFindings) = GoldenPathLibrary.load(
    paths.enumerated().map { parse($0.element, "path\($0.offset).yaml") },
    libraries: importedLibraries(
      of: paths.enumerated().map { parse($0.element, "path\($0.offset).yaml") }
    ) { file in libraries[file].map { parse($0, file) } })
  var findings = pathFindings
  let (all, intentFindings) = intents(in: parse(app, "app.yaml"), environments: ["dev"])
  findings += intentFindings
  findings += all.flatMap { library.findings(about: $0, isPromoting: isPromoting) }
  guard findings.isEmpty else { return TestRendering(manifests: [], findings: findings) }
  let renderer = Renderer(
    library: library, context: RenderContext(acme.environments[0], of: acme))
  let effective = all.map { EffectiveIntent($0, in: "dev") }
  let units = effective.map { renderer.render($0) }
  return TestRendering(
    manifests: units.flatMap(\.manifests), findings: units.flatMap(\.findings), library: library,
    intents: effective)
}

func parse(_ text: String, _ file: String) -> ParsedFile {
  parseYAML(Array(text.utf8), file: file)
}

private func indented(_ text: String, _ count: Int) -> String {
  text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 }
    .joined(separator: "\n")
}
