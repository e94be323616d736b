import Catalogues
import Diagnostics
import Documents
import GoldenPaths
import Schemas
import Testing

private let file = """
  apiVersion: pave.dev/v1alpha1
  kind: GoldenPath
  metadata: {name: site}
  spec:
    schema:
      group: tiny.dev
      apiVersion: v1
      kind: Site
      spec:
        title: string | required=true maxLength=10
        size: string | default="small" enum="small,large"
        ports: "[]integer | default=[80] minItems=1"
    resources:
      - id: settings
        template:
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: "${schema.metadata.name}"}
  """

/// The JSON Schema for editors, held against intents with the schema engine itself.
@Suite struct IntentSchemaTests {
  private func problems(_ intent: String) throws -> [String] {
    let (library, findings) = GoldenPathLibrary.load([parseYAML(Array(file.utf8), file: "p.yaml")])
    #expect(findings == [])
    let path = try #require(library.paths.first)
    let bytes = IntentSchema(path, environments: ["dev", "prod"]).bytes
    let document = try #require(parseJSON(bytes, file: "s.json").documents.first)
    let (schema, schemaFindings) = JSONSchema(
      document.root, dialect: .draft, file: "s.json"
    ).compiled()
    #expect(schemaFindings == [])
    let value = try #require(parseYAML(Array(intent.utf8), file: "i.yaml").documents.first)
    return schema.problems(in: value.root).map { "\($0.path)" }
  }

  private let head = "apiVersion: tiny.dev/v1\nkind: Site\nmetadata: {name: a, namespace: b}\n"

  @Test func takesAWholeIntent() throws {
    #expect(try problems(head + "spec: {title: x, size: large}\n") == [])
  }

  @Test func takesABaseThatItsEnvironmentsComplete() throws {
    #expect(
      try problems(head + "spec: {size: null}\nenvironments: {dev: {spec: {title: x}}}\n") == [])
  }

  @Test(arguments: [
    ("spec: {}\n", "an intent without environments is whole"),
    ("spec: {title: x, sise: small}\n", "unknown fields"),
    ("spec: {title: x, size: huge}\n", "allowed values"),
    ("spec: {title: more than ten}\n", "lengths"),
    ("spec: {title: x, ports: []}\n", "numbers of items"),
    ("spec: {title: x}\nenvironments: {staging: {}}\n", "unknown environments"),
    ("spec: {title: x}\nenviroments: {}\n", "unknown top-level fields"),
  ])
  func refuses(_ rest: String, _ why: String) throws {
    #expect(try !problems(head + rest).isEmpty, "\(why)")
  }
}
