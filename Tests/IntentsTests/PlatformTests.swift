import Diagnostics
import Documents
import Intents
import Manifests
import Testing

@Suite struct PlatformTests {
  private func read(_ spec: String) -> (platform: Platform?, findings: [Finding]) {
    Platform.read(
      parseYAML(
        Array(
          ("apiVersion: pave.dev/v1alpha1\nkind: Platform\nmetadata: {name: acme}\nspec:\n" + spec)
            .utf8), file: "pave.yaml"))
  }

  private func rules(_ spec: String) -> [String] { read(spec).findings.map(\.rule) }

  private let environments = "  environments: [{name: dev, kubernetes: \"1.34\"}]\n"

  @Test func readsEveryField() throws {
    let (platform, findings) = read(
      """
        requires: ">=0.1"
        intents: ["apps/**/*.yaml"]
        goldenPaths: ["golden-paths/*"]
        policies: ["policies/*", "builtin:recommended"]
        waivers: ["waivers.yaml"]
        schemas: {files: ["crds/**/*.yaml"], missing: error}
        cluster: ["cluster/**/*.yaml"]
        rules: {destructive/replicas-to-zero: error, a/b: off}
        values: {registry: ghcr.io/acme}
        environments:
          - name: dev
            kubernetes: "1.34"
            values: {domain: dev.acme.test, tier: test}
          - name: prod
            promotesFrom: dev
            from: dev
            kubernetes: "1.33"
            values: {domain: acme.test}
            policies: ["policies/prod/*"]
            destination: {server: "https://prod.acme.test:6443"}
        output:
          repository: ../acme-deploy.git
          branch: main
          path: ${environment.name}/${intent.metadata.name}
          delivery: {engine: argocd, repoURL: "https://git.acme.test/d.git", project: default}
      """)
    #expect(findings == [])
    let acme = try #require(platform)
    #expect(acme.name == "acme")
    #expect(acme.requires?.accepts("0.1.0") == true)
    #expect(acme.policies.map(\.text) == ["policies/*", "builtin:recommended"])
    #expect(acme.policies[1].glob == nil)
    #expect(acme.missingSchema == .error)
    #expect(acme.rules["a/b"] == .off)
    #expect(acme.rules["destructive/replicas-to-zero"] == .severity(.error))
    #expect(acme.values["registry"].asString == "ghcr.io/acme")
    let prod = try #require(acme.environment(named: "prod"))
    #expect(prod.values["domain"].asString == "acme.test")
    #expect(prod.values["tier"].asString == "test")
    #expect(prod.kubernetes == KubernetesVersion(minor: 33))
    #expect(prod.destination?.server == "https://prod.acme.test:6443")
    #expect(acme.output?.delivery.engine == .argocd)
  }

  @Test func namesTheNearestField() throws {
    let findings = read(environments + "  intent: []\n").findings
    let finding = try #require(findings.first)
    #expect(finding.rule == "platform/unknown-field")
    #expect(finding.help == "did you mean 'intents'?")
    #expect(
      finding.place == .field("pave.yaml", FieldPath(keys: "spec", "intent"), part: .key))
  }

  @Test(arguments: [
    ("  intents: apps\n", "platform/wrong-type"),
    ("  intents: [\"../x\"]\n", "platform/invalid-pattern"),
    ("  requires: soon\n", "platform/invalid-value"),
    ("  rules: {a: loud}\n", "platform/invalid-value"),
    ("  output: {branch: main}\n", "platform/missing-field"),
    ("  output: {repository: x, delivery: {engine: argo}}\n", "platform/invalid-value"),
  ])
  func refuses(_ spec: String, _ rule: String) { #expect(rules(environments + spec) == [rule]) }

  @Test(arguments: [
    ("", "platform/missing-field"),
    ("  environments: [{name: Dev, kubernetes: \"1.34\"}]\n", "platform/invalid-name"),
    ("  environments: [{name: dev, kubernetes: 1.34}]\n", "platform/wrong-type"),
    ("  environments: [{name: dev, kubernetes: new}]\n", "platform/invalid-value"),
    (
      "  environments: [{name: a, kubernetes: \"1.34\"}, {name: a, kubernetes: \"1.34\"}]\n",
      "platform/duplicate-environment"
    ),
    (
      "  environments: [{name: a, kubernetes: \"1.34\", from: b}]\n", "platform/unknown-environment"
    ),
    (
      "  environments: [{name: a, kubernetes: \"1.34\", from: b}, "
        + "{name: b, kubernetes: \"1.34\", from: a}]\n", "platform/environment-cycle"
    ),
  ])
  func refusesEnvironments(_ spec: String, _ rule: String) { #expect(rules(spec) == [rule]) }

  @Test func refusesOtherKinds() {
    let parsed = parseYAML(Array("apiVersion: v1\nkind: Pod\n".utf8), file: "pave.yaml")
    let (platform, findings) = Platform.read(parsed)
    #expect(platform == nil)
    #expect(findings.contains { $0.rule == "platform/wrong-kind" })
    #expect(
      Platform.read(parseYAML([], file: "pave.yaml")).findings.map(\.rule) == ["platform/empty"])
  }

  @Test(arguments: [
    (">=0.1", "0.1.0", true), (">=0.2 <1", "0.3", true), (">= 0.2, < 1", "1.0.0", false),
    ("0.3", "0.3.7", true), ("0.3", "0.4", false), (">0.1", "0.1.0", false), ("<=2", "2.0", true),
  ])
  func comparesVersions(_ demand: String, _ version: String, _ accepts: Bool) {
    #expect(VersionRequirement(demand)?.accepts(version) == accepts)
  }
}
