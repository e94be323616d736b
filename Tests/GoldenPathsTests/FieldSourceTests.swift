import Diagnostics
import Documents
import Manifests
import Testing

@testable import GoldenPaths

/// Where the fields of a manifest came from.
@Suite struct FieldSourceTests {
  private let resources = """
    - id: deployment
      template:
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: a}
        spec:
          replicas: ${schema.spec.replicas}
          paused: false
          image: ${schema.spec.image}
          both: ${schema.spec.image}-${schema.metadata.name}
    """

  private func source(
    of field: String..., spec: String = "", intent: String = "", more: String = ""
  ) throws -> FieldSource {
    let rendering = try render(resources: resources, more: more, spec: spec, intent: intent)
    #expect(rendering.findings == [])
    let manifest = try #require(rendering.manifests.first)
    let effective = try #require(rendering.intents.first)
    return try #require(
      rendering.library.source(
        of: FieldPath([.key("spec")] + field.map { .key($0) }), in: manifest, of: effective))
  }

  @Test func aValueOfTheIntent() throws {
    let source = try source(of: "image")
    #expect(source.place?.file == "path0.yaml")
    #expect(source.sources.map(\.kind) == [.intent(FieldPath(keys: "spec", "image"))])
  }

  @Test func aDefaultOfTheSchema() throws {
    let source = try source(of: "replicas")
    #expect(
      source.sources.map(\.place)
        == [.field("path0.yaml", FieldPath(keys: "spec", "schema", "spec", "replicas"))])
  }

  @Test func aConstantOfTheTemplate() throws {
    #expect(try source(of: "paused").sources.isEmpty)
  }

  @Test func aValueOfSeveralFields() throws {
    #expect(
      try source(of: "both").sources.map(\.kind)
        == [
          .intent(FieldPath(keys: "spec", "image")), .intent(FieldPath(keys: "metadata", "name")),
        ])
  }

  @Test func aPatchOfTheIntent() throws {
    let source = try source(
      of: "paused", intent: "patches: {deployment: {spec: {paused: true}}}",
      more: "  patchable: [deployment.spec.paused]")
    #expect(source.kind == .intent(FieldPath(keys: "patches", "deployment", "spec", "paused")))
  }

  @Test func aPartOfAMappedList() {
    func read(_ source: String, _ rest: FieldPath.Step...) -> ExactRead? {
      ExactRead(source, rest: FieldPath(rest))
    }
    let map = #"schema.spec.env.map(e, {"name": e.key, "value": "x-" + e.value, "kind": "a,b"})"#
    let second = FieldPath(keys: "spec", "env").index(1)
    #expect(
      read(map, .index(1), .key("name")) == .read(variable: "schema", second.key("key")))
    #expect(read(map, .index(1), .key("value")) == .read(variable: "schema", second))
    #expect(read(map, .index(1), .key("kind")) == .own)
    #expect(read("schema.spec.env.filter(e, e.on).map(e, e)", .index(1)) == nil)
    #expect(read("schema.spec.env.map(e, e + schema.spec.x)", .index(1)) == nil)
  }
}
