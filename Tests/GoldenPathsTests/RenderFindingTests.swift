import Diagnostics
import Documents
import GoldenPaths
import Manifests
import Testing

/// What is said of an expression that gives no value, and where.
@Suite struct RenderFindingTests {
  private func config(_ data: String) -> String {
    """
    - id: config
      template:
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a}
        data: {x: '\(data)'}
    """
  }

  private let field = FieldPath([
    .key("spec"), .key("resources"), .index(0), .key("template"), .key("data"), .key("x"),
  ])

  @Test func aMissingKeyNamesTheKeyAndTheWayOut() throws {
    let rendering = try render(resources: config("a ${schema.spec.note}"))
    let finding = try #require(rendering.findings.first)
    #expect(finding.rule == "intent/missing-key")
    #expect(finding.message == "'schema.spec.note' has no value: there is no key 'note'")
    #expect(finding.help?.contains("'.?note'") == true)
    #expect(finding.place == .field("path0.yaml", field, part: .text(4..<20)))
    #expect(finding.related.map(\.place.file) == ["app.yaml"])
  }

  @Test(arguments: [
    ("${string(10 / (schema.spec.replicas - 1))}", "intent/expression-failed"),
    ("${schema.spec.tags[3]}", "intent/missing-key"),
    ("${environment.values.nothing}", "platform/missing-key"),
    ("${platform.values.nothing.at.all}", "platform/missing-key"),
    ("${[1][3]}", "golden-path/expression-failed"),
    ("n=${schema.spec.replicas}", "golden-path/wrong-type"),
    ("${schema.spec.imag}", "golden-path/unknown-field"),
    ("${schema.metadata.uid}", "golden-path/needs-cluster"),
    ("${nobody.spec}", "golden-path/invalid-expression"),
    ("${schema.spec.image", "golden-path/invalid-expression"),
    ("${}", "golden-path/invalid-expression"),
    ("${b\"x\"}", "intent/expression-failed"),
  ])
  func everyMistakeHasARule(_ data: String, _ rule: String) throws {
    let rendering = try render(resources: config(data), spec: "tags: [a]")
    let rules = rendering.findings.map(\.rule)
    #expect(rules.count == 1)
    #expect(
      rules.first == rule
        || data.contains("b\"x\"") && rules.first == "golden-path/expression-failed")
    #expect(rendering.findings.first?.place?.file == "path0.yaml")
    #expect(rendering.manifests.isEmpty)
  }

  @Test func twoObjectsOfOneNameAreRefused() throws {
    let twice = """
      - {id: one, template: {apiVersion: v1, kind: Secret, metadata: {name: a}}}
      - {id: two, template: {apiVersion: v1, kind: Secret, metadata: {name: a}}}
      """
    #expect(try render(resources: twice).findings.map(\.rule) == ["golden-path/duplicate-object"])
    let each = """
      - id: each1
        forEach: [{tag: "${schema.spec.tags}"}]
        template: {apiVersion: v1, kind: Secret, metadata: {name: "${tag}"}}
      """
    #expect(
      try render(resources: each, spec: "tags: [a, b, a]").findings.map(\.rule)
        == ["intent/duplicate-object"])
    #expect(
      try render(resources: each, spec: "tags: [A]").findings.map(\.rule)
        == ["intent/invalid-name"])
  }

  @Test func leavingOutIsContagious() throws {
    let rendering = try render(
      resources: """
        - id: last
          template: {apiVersion: v1, kind: Secret, metadata: {name: "${middle.metadata.name}"}}
        - id: middle
          template: {apiVersion: v1, kind: Secret, metadata: {name: "${first.metadata.name}-b"}}
        - id: first
          includeWhen: ["${schema.spec.replicas > 1}"]
          template: {apiVersion: v1, kind: Secret, metadata: {name: a}}
        - id: alone
          template: {apiVersion: v1, kind: Secret, metadata: {name: z}}
        """)
    #expect(rendering.findings == [])
    #expect(rendering.manifests.map(\.resource) == ["alone"])
  }
}
