import Diagnostics
import Documents
import GoldenPaths
import Manifests
import Testing

/// Where the fields of a manifest came from.
@Suite struct FieldOriginTests {
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

  private func origin(
    of field: String..., spec: String = "", intent: String = "", more: String = ""
  ) throws -> FieldOrigin? {
    let rendering = try render(resources: resources, more: more, spec: spec, intent: intent)
    #expect(rendering.findings == [])
    let manifest = try #require(rendering.manifests.first)
    let effective = try #require(rendering.intents.first)
    return rendering.library.origin(
      of: FieldPath([.key("spec")] + field.map { .key($0) }), in: manifest, of: effective)
  }

  @Test func aValueOfTheIntent() throws {
    let origin = try #require(try origin(of: "image"))
    #expect(origin.intentField == FieldPath(keys: "spec", "image"))
    #expect(origin.schemaDefault == nil)
    #expect(origin.template.file == "path0.yaml")
  }

  @Test func aDefaultOfTheSchema() throws {
    let origin = try #require(try origin(of: "replicas"))
    #expect(
      origin.schemaDefault
        == .field("path0.yaml", FieldPath(keys: "spec", "schema", "spec", "replicas")))
  }

  @Test func aConstantOfTheTemplate() throws {
    let origin = try #require(try origin(of: "paused"))
    #expect(origin.intentField == nil && origin.schemaDefault == nil)
  }

  @Test func aValueOfSeveralFieldsIsTheTemplates() throws {
    #expect(try #require(try origin(of: "both")).intentField == nil)
  }

  @Test func aPatchOfTheIntent() throws {
    let origin = try #require(
      try origin(
        of: "paused", intent: "patches: {deployment: {spec: {paused: true}}}",
        more: "  patchable: [deployment.spec.paused]"))
    #expect(origin.intentField == FieldPath(keys: "patches", "deployment", "spec", "paused"))
  }
}
