import Diagnostics
import Documents
import GoldenPaths
import Testing

/// Mistakes in a definition that are found without an intent, and the line they are on.
@Suite struct DefinitionTests {
  /// The rules of all errors, each with its line in a definition whose resources begin on line 10.
  private func errors(_ resources: String, schema: String = "") -> [String] {
    let text = """
      apiVersion: kro.run/v1alpha1
      kind: ResourceGraphDefinition
      metadata: {name: web}
      spec:
        schema:
          apiVersion: v1alpha1
          kind: Web
          spec: {name: string, names: "[]string", count: integer, enabled: boolean}
          scope: Namespaced \(schema)
        resources:
      \(resources)
      """
    let rendering = StandaloneRendering(
      goldenPaths: [parse(text, "rgd.yaml")], intents: [], expands: false)
    let finder = PlaceFinder { _ in Array(text.utf8) }
    return rendering.findings.filter { $0.severity == .error }.map { finding in
      "\(finding.place.map { finder.range(of: $0).line } ?? 0) \(finding.rule)"
    }
  }

  private let object = "template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"

  @Test func aSoundDefinitionIsSilent() {
    #expect(errors("  - id: a\n    \(object)") == [])
  }

  @Test(arguments: [
    ("  - id: a\n    OBJECT\n  - id: a\n    OBJECT", "13 golden-path/duplicate-id"),
    ("  - id: graph\n    OBJECT", "11 golden-path/reserved-name"),
    ("  - OBJECT", "11 golden-path/missing-field"),
    ("  - id: a", "11 golden-path/invalid-resource"),
    ("  - id: a\n    OBJECT\n    forEach: [{x: 1, y: 2}]", "13 golden-path/invalid-for-each"),
    ("  - id: a\n    OBJECT\n    wen: []", "13 golden-path/unknown-field"),
    (
      "  - id: a\n    template: {apiVersion: v1, kind: '', metadata: {name: a}}",
      "12 golden-path/invalid-template"
    ),
    (
      "  - id: a\n    template: {apiVersion: v1, kind: \"${schema.spec.name}\", metadata: {name: a}}",
      "12 golden-path/invalid-template"
    ),
    (
      "  - id: a\n    OBJECT\n    readyWhen:\n    - ${schema.spec.enabled}",
      "14 golden-path/out-of-scope"
    ),
    ("  - id: a\n    OBJECT\n    readyWhen:\n    - ${1}", "14 golden-path/wrong-type"),
    (
      "  - id: a\n    OBJECT\n    includeWhen:\n    - ${each.on}",
      "14 golden-path/invalid-expression"
    ),
    ("  - id: a\n    OBJECT\n    includeWhen:\n    - ${omit()}", "14 golden-path/misplaced-omit"),
    (
      "  - id: a\n    forEach:\n    - x: ${schema.spec.names}\n    - y: ${[x]}\n    template:\n"
        + "      {apiVersion: v1, kind: ConfigMap, metadata: {name: \"${x}${y}\"}}",
      "14 golden-path/invalid-expression"
    ),
    (
      "  - id: a\n    template:\n      apiVersion: v1\n      kind: ConfigMap\n"
        + "      metadata: {name: \"${a.metadata.name}\"}", "15 golden-path/cycle"
    ),
    (
      "  - id: a\n    template:\n      apiVersion: apiextensions.k8s.io/v1\n"
        + "      kind: CustomResourceDefinition\n      metadata: {name: a.b.c}\n"
        + "      spec: {group: \"${schema.spec.name}\"}",
      "16 golden-path/expression-in-definition"
    ),
    (
      "  - id: a\n    externalRef:\n      apiVersion: v1\n      kind: ConfigMap\n"
        + "      metadata: {name: a, selector: {matchLabels: {a: b}}}",
      "15 golden-path/invalid-resource"
    ),
    (
      "  - id: a\n    externalRef:\n      apiVersion: v1\n      kind: ConfigMap\n"
        + "      metadata: {selector: {matchExpressions: [{key: a, operator: Is}]}}",
      "15 golden-path/invalid-selector"
    ),
  ])
  func everyMistakeHasItsLine(_ resources: String, _ expected: String) {
    let found = errors(resources.replacing("OBJECT", with: object))
    #expect(found.contains(expected), "found \(found)")
  }

  @Test(arguments: [
    ("\n    group: Acme", "10 golden-path/invalid-name"),
    ("\n    group: acme", "10 golden-path/invalid-name"),
    ("\n    status: {a: {b: x}}", "10 golden-path/invalid-status"),
    ("\n    status: {conditions: \"${true}\"}", "10 golden-path/wrong-type"),
    ("\n    states: {}", "10 golden-path/unknown-field"),
  ])
  func theHeaderIsChecked(_ schema: String, _ expected: String) {
    let found = errors("  - id: a\n    \(object)", schema: schema)
    #expect(found == [expected])
  }
}
