import Diagnostics
import Documents
import Intents
import Testing

@Suite struct IntentTests {
  private func read(_ text: String) -> (intents: [Intent], findings: [Finding]) {
    intents(
      in: parseYAML(Array(text.utf8), file: "app.yaml"), environments: ["dev", "staging", "prod"])
  }

  private let head = """
    apiVersion: acme.dev/v1alpha1
    kind: WebService
    metadata: {name: checkout, namespace: payments, labels: {team: payments}}

    """

  @Test func mergesAnEnvironment() throws {
    let (intents, findings) = read(
      head + """
        spec: {port: 8080, tags: [a], db: {size: 1, name: x}}
        environments:
          dev: {}
          prod:
            spec: {tags: [b], db: {size: 3, name: null}}
            metadata: {labels: {tier: gold}}
        """)
    #expect(findings == [])
    let intent = try #require(intents.first)
    #expect(intent.environments == ["dev", "prod"])
    #expect(intent.isFor("prod") && !intent.isFor("staging"))
    let prod = EffectiveIntent(intent, in: "prod")
    let root = prod.document.root
    #expect(root["environments"].isAbsent)
    #expect(root["spec"]["port"].asInt == 8080)
    #expect(root["spec"]["tags"].elements.first?.asString == "b")
    #expect(root["spec"]["db"]["size"].asInt == 3)
    #expect(root["spec"]["db"]["name"].isAbsent)
    #expect(root["metadata"]["labels"].entries.count == 2)
    let dev = EffectiveIntent(intent, in: "dev")
    #expect(dev.document.root["spec"]["db"]["size"].asInt == 1)
    withExtendedLifetime((dev, prod)) {}
  }

  @Test func knowsWhereAValueWasWritten() throws {
    let intent = try #require(
      read(
        head + """
          spec: {port: 8080, db: {size: 1}}
          environments: {prod: {spec: {db: {size: 3}}}}
          """
      ).intents.first)
    let prod = EffectiveIntent(intent, in: "prod")
    let size = FieldPath(keys: "spec", "db", "size")
    let patch = FieldPath(keys: "environments", "prod")
    #expect(prod.place(of: size) == intent.place(patch.appending(size)))
    let port = FieldPath(keys: "spec", "port")
    #expect(prod.place(of: port) == intent.place(port))
    #expect(
      prod.place(of: FieldPath(keys: "spec", "image"))
        == intent.place(FieldPath(keys: "spec"), part: .key))
  }

  @Test(arguments: [
    ("spec: {}\nspecs: {}\n", "intent/unknown-field"),
    ("spec: []\n", "intent/wrong-type"),
    ("environments: {prd: {}}\n", "intent/unknown-environment"),
    ("environments: {dev: {replicas: 1}}\n", "intent/unknown-field"),
    ("environments: {dev: {metadata: {name: x}}}\n", "intent/fixed-field"),
  ])
  func refuses(_ text: String, _ rule: String) {
    #expect(read(head + text).findings.map(\.rule) == [rule])
  }

  @Test(arguments: [
    ("{name: Checkout}", "intent/invalid-name"),
    ("{name: a, namespace: a.b}", "intent/invalid-name"),
    ("{name: a, labels: {team: 1}}", "intent/wrong-type"),
    ("{name: a, labels: {a/b/c: x}}", "intent/invalid-name"),
    ("{namespace: a}", "intent/missing-field"),
    ("{name: a, finalizers: [x]}", "intent/unknown-field"),
  ])
  func refusesMetadata(_ metadata: String, _ rule: String) {
    let text = "apiVersion: acme.dev/v1\nkind: Web\nmetadata: \(metadata)\n"
    #expect(read(text).findings.map(\.rule) == [rule])
  }

  @Test func pointsAtBothIntentsOfOneName() throws {
    let intents = read(head + "---\n" + head).intents
    let finding = try #require(duplicates(among: intents).first)
    #expect(finding.rule == "intent/duplicate")
    #expect(finding.place == intents[1].place(FieldPath(keys: "metadata", "name")))
    #expect(finding.related.map(\.place) == [intents[0].place(FieldPath(keys: "metadata", "name"))])
  }

  /// RFC 7386, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
    (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func patches(_ target: String, _ patch: String, _ expected: String) throws {
    func document(_ text: String) throws -> Document {
      try #require(parseYAML(Array(text.utf8), file: "x").documents.first)
    }
    let documents = try [target, patch, expected].map(document)
    let arena = Arena()
    let result = mergePatch(documents[0].root, documents[1].root, in: arena)
    #expect(text(result) == text(documents[2].root))
    withExtendedLifetime(documents) {}
  }

  private func text(_ value: Value) -> String {
    switch value.kind {
    case .map:
      "{"
        + value.entries.map { "\($0.key.asString ?? ""):\(text($0.value))" }.joined(separator: ",")
        + "}"
    case .list: "[" + value.elements.map(text).joined(separator: ",") + "]"
    case .int: "\(value.intPayload)"
    case .string: value.asString ?? ""
    default: "\(value.kind)"
    }
  }
}
