import Diagnostics
import Documents
import GoldenPaths
import Manifests
import Testing

/// Golden paths whose templates are intents of other golden paths.
@Suite struct CompositionTests {
  private func path(_ kind: String, fields: String, resources: String) -> String {
    """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: \(kind.lowercased())}
    spec:
      schema: {group: acme.dev, apiVersion: v1, kind: \(kind), spec: {\(fields)}}
      resources: \(resources)
    """
  }

  private let app = """
    apiVersion: acme.dev/v1
    kind: Outer
    metadata: {name: a, namespace: shop}
    spec: {size: 3}
    """

  private let inner =
    "[{id: x, template: {apiVersion: v1, kind: ConfigMap, "
    + "metadata: {name: '${schema.metadata.name}'}, data: {size: '${string(schema.spec.size)}', "
    + "mode: '${schema.spec.mode}'}}}]"

  @Test func expandsInPlaceWithTheDefaultsOfTheInner() throws {
    let outer =
      "[{id: claim, template: {apiVersion: acme.dev/v1, kind: Inner, "
      + "metadata: {name: '${schema.metadata.name}-db'}, spec: {size: '${schema.spec.size}'}}}, "
      + "{id: user, template: {apiVersion: v1, kind: Secret, metadata: {name: "
      + "'${claim.metadata.name}-${claim.spec.mode}'}}}]"
    let rendering = try render(
      paths: [
        path("Outer", fields: "size: integer", resources: outer),
        path("Inner", fields: "size: integer, mode: string | default=fast", resources: inner),
      ], intent: app)
    #expect(rendering.findings == [])
    #expect(
      rendering.manifests.map(\.reference.description)
        == ["ConfigMap/shop/a-db", "Secret/shop/a-db-fast"])
    #expect(rendering.manifests.first?.value["data"]["size"].asString == "3")
  }

  @Test(arguments: [
    ("spec: {sise: 1}", "golden-path/unknown-field"),
    ("spec: {size: '${schema.metadata.name}'}", "golden-path/wrong-type"),
    ("spec: {size: many}", "golden-path/wrong-type"),
    ("spec: {size: '${schema.spec.size + 10}'}", "intent/out-of-range"),
  ])
  func holdsATemplateAgainstTheInnerSchema(_ spec: String, _ rule: String) throws {
    let outer =
      "[{id: claim, template: {apiVersion: acme.dev/v1, kind: Inner, metadata: {name: b}, "
      + "\(spec)}}]"
    let rendering = try render(
      paths: [
        path("Outer", fields: "size: integer", resources: outer),
        path("Inner", fields: "size: integer | maximum=5", resources: "[]"),
      ], intent: app)
    #expect(rendering.findings.map(\.rule) == [rule])
    #expect(rendering.findings.first?.place?.file == "path0.yaml")
  }

  @Test func tellsTheWayRoundACircle() throws {
    let rendering = try render(
      paths: [
        path(
          "Outer", fields: "size: integer",
          resources: "[{id: a, template: {apiVersion: acme.dev/v1, kind: Inner, "
            + "metadata: {name: a}}}]"),
        path(
          "Inner", fields: "size: integer",
          resources: "[{id: b, template: {apiVersion: acme.dev/v1, kind: Outer, "
            + "metadata: {name: b}}}]"),
      ], intent: app)
    #expect(rendering.findings.map(\.rule) == ["golden-path/cycle"])
    #expect(rendering.findings.first?.message.hasSuffix("'Outer' -> 'Inner' -> 'Outer'") == true)
  }
}
