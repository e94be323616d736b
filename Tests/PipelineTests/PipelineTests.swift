import Diagnostics
import Files
import Pipeline
import Testing

private let platform = """
  apiVersion: pave.dev/v1alpha1
  kind: Platform
  metadata: {name: tiny}
  spec:
    intents: ["apps/*.yaml"]
    goldenPaths: ["paths/*"]
    policies: ["policies/*"]
    environments:
      - {name: dev, kubernetes: "1.34"}
      - {name: prod, kubernetes: "1.34", rules: {no-small-ports: warning}}
    output: {repository: out.git, path: "${environment.name}/${intent.metadata.name}"}
  """

private let goldenPath = """
  apiVersion: pave.dev/v1alpha1
  kind: GoldenPath
  metadata: {name: site}
  spec:
    schema:
      group: tiny.dev
      apiVersion: v1
      kind: Site
      spec: {port: "integer | default=8080", strict: "boolean | default=false"}
    resources:
      - id: space
        includeWhen: ["${schema.spec.strict}"]
        template:
          apiVersion: v1
          kind: Namespace
          metadata: {name: "${schema.metadata.namespace}", labels: {strict: "yes"}}
      - id: config
        template:
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: "${schema.metadata.name}"}
          data: {port: "${string(schema.spec.port)}"}
  """

private let policy = """
  apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicy
  metadata: {name: no-small-ports}
  spec:
    matchConstraints:
      resourceRules:
        - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
    validations:
      - {expression: "int(object.data.port) > 1024", message: "the port is small"}
  ---
  apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicyBinding
  metadata: {name: no-small-ports}
  spec: {policyName: no-small-ports, validationActions: [Deny]}
  """

private func site(_ name: String, _ spec: String = "{}", namespace: String = "web") -> String {
  """
  apiVersion: tiny.dev/v1
  kind: Site
  metadata: {name: \(name), namespace: \(namespace)}
  spec: \(spec)
  """
}

private func world(_ changes: [String: String?] = [:]) -> World {
  var files = [
    "pave.yaml": platform, "paths/site/path.yaml": goldenPath, "policies/ports.yaml": policy,
    "apps/home.yaml": site("home"),
  ]
  for (path, text) in changes { files[path] = text }
  return World(files: MemoryFileTree(texts: files), version: "0.1.0")
}

private func lint(_ changes: [String: String?] = [:]) throws -> (
  findings: [Finding], ledger: Ledger
) {
  let loading = load(world(changes))
  let loaded = try #require(loading.loaded, "\(loading.findings)")
  let rendering = loaded.render(loaded.everything, [.check])
  return (loading.findings + rendering.findings, rendering.ledger)
}

@Suite struct LintingTests {
  @Test func blamesTheLineOfTheIntentWithTheEnvironmentsOwnSeverity() throws {
    let (findings, ledger) = try lint(["apps/home.yaml": site("home", "{port: 80}")])
    #expect(findings.map(\.rule) == ["no-small-ports", "no-small-ports"])
    #expect(findings.map(\.environment) == ["dev", "prod"])
    #expect(findings.map(\.severity) == [.error, .warning])
    #expect(
      findings[0].place == .field("apps/home.yaml", FieldPath(keys: "spec", "port")))
    #expect(findings[0].path == FieldPath(keys: "data", "port"))
    #expect(ledger.manifests == 2)
    #expect(ledger.evaluations == 2)
  }

  @Test func knowsTheNamespacesThatAreRendered() throws {
    let selective = policy.replacing(
      "matchConstraints:",
      with: "matchConstraints:\n    namespaceSelector: {matchLabels: {strict: \"yes\"}}")
    let intents = [
      "apps/home.yaml": site("home", "{port: 80, strict: true}"),
      "apps/other.yaml": site("other", "{port: 80}", namespace: "kube-public"),
      "policies/ports.yaml": selective,
    ]
    let (findings, _) = try lint(intents)
    let refused = findings.filter { $0.rule == "no-small-ports" }
    #expect(refused.map(\.intent) == ["Site/web/home", "Site/web/home"])
  }

  @Test func saysWhatItDidNotEvaluate() throws {
    let odd = goldenPath.replacing("kind: ConfigMap", with: "kind: Oddity")
      .replacing(
        "apiVersion: v1\n        kind: Oddity", with: "apiVersion: odd.dev/v1\n        kind: Oddity"
      )
    let (_, ledger) = try lint(["paths/site/path.yaml": odd])
    #expect(ledger.notMatched == ["no-small-ports"])
    #expect(ledger.notEvaluated.contains { $0.subject == "kind Oddity" })
  }

  @Test func aPlatformThatIsNoneIsUnreadable() {
    #expect(load(world(["pave.yaml": nil])).loaded == nil)
    let typo = platform.replacing("goldenPaths:", with: "goldenPath:")
    let loading = load(world(["pave.yaml": typo]))
    #expect(loading.loaded == nil)
    #expect(loading.findings.contains { $0.help == "did you mean 'goldenPaths'?" })
  }
}

@Suite struct RenderingTests {
  private func render(_ changes: [String: String?]) throws -> Rendering {
    let loaded = try #require(load(world(changes)).loaded)
    return loaded.render(loaded.everything, [.bytes])
  }

  private func documents(of rendering: Rendering) -> [UInt8] {
    var all: [UInt8] = []
    rendering.writeDocuments { all += $0 }
    return all
  }

  @Test func isTheSameEveryTime() throws {
    var many: [String: String?] = [:]
    for number in 0..<200 {
      many["apps/a\(number).yaml"] = site("a\(number)", "{port: \(2000 + number)}")
    }
    let first = try render(many)
    #expect(first.units.count == 402)
    for _ in 0..<3 {
      let again = try render(many)
      #expect(documents(of: again) == documents(of: first))
    }
  }

  @Test func twoUnitsCannotMakeOneObject() throws {
    let fixed = goldenPath.replacing("name: \"${schema.metadata.name}\"", with: "name: fixed")
    let rendering = try render([
      "paths/site/path.yaml": fixed, "apps/other.yaml": site("other"),
    ])
    #expect(rendering.findings.map(\.rule) == ["manifest/duplicate", "manifest/duplicate"])
  }

  @Test(arguments: ["../${intent.metadata.name}", "/abs/${intent.metadata.name}", ".git/x", "a//b"])
  func foldersStayInsideTheOutput(path: String) throws {
    let moved = platform.replacing("${environment.name}/${intent.metadata.name}", with: path)
    let rendering = try render(["pave.yaml": moved])
    #expect(rendering.units.isEmpty)
    #expect(Set(rendering.findings.map(\.rule)) == ["output/path"])
  }
}

@Suite struct SelectionTests {
  @Test func namesTheNearestEnvironmentAndFile() throws {
    let loaded = try #require(load(world()).loaded)
    let environment = #expect(throws: SelectionError.self) {
      try loaded.selection(environments: ["prd"], intents: [])
    }
    #expect(environment?.message == "there is no environment 'prd', did you mean 'prod'?")
    let intent = #expect(throws: SelectionError.self) {
      try loaded.selection(environments: [], intents: ["apps/hme.yaml"])
    }
    #expect(intent?.message.contains("did you mean 'apps/home.yaml'?") == true)
    let selection = try loaded.selection(environments: ["prod"], intents: ["./apps"])
    #expect(selection.environments == [1])
    #expect(selection.intents == [0])
  }
}
