import Foundation
import Testing

/// `--format json` prints what `docs/findings.schema.json` describes.
@Suite struct FindingsSchemaTests {
  @Test(arguments: [
    "bad-input/policy-denies", "bad-input/policy-that-does-not-compile",
    "bad-input/many-mistakes-in-one-file", "bad-input/two-intents-one-name", "render/lint-clean",
  ])
  func lintPrintsWhatTheSchemaDescribes(_ name: String) throws {
    let folder = packageRoot.appendingPathComponent("fixtures").appendingPathComponent(name)
    let transcript = try runPave(["lint", "--format", "json"], in: folder)
    let document = try JSONSerialization.jsonObject(with: Data(transcript.standardOutput.utf8))
    #expect(try Self.schema().problems(in: document) == [])
  }

  @Test func theSchemaRefusesWhatIsWrong() throws {
    let document: [String: Any] = [
      "schemaVersion": 2, "more": 1,
      "findings": [["rule": "x", "severity": "fatal", "fingerprint": "ABC"]],
    ]
    #expect(
      try Self.schema().problems(in: document) == [
        "/: 'ledger' is missing", "/: 'more' is not described", "/findings/0: 'message' is missing",
        "/findings/0: 'related' is missing", "/findings/0: 'state' is missing",
        "/findings/0/fingerprint: does not match ^[0-9a-f]{16}$",
        "/findings/0/severity: is none of its values", "/schemaVersion: is not 1",
      ])
  }

  private static func schema() throws -> JSONSchema {
    let file = packageRoot.appendingPathComponent("docs/findings.schema.json")
    let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return JSONSchema(root: try #require(root as? [String: Any]))
  }
}

/// The part of JSON Schema that the schema of findings uses.
private struct JSONSchema {
  let root: [String: Any]

  func problems(in document: Any) -> [String] { problems(in: document, against: root, at: "") }

  private func problems(in value: Any, against schema: [String: Any], at path: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = reference.replacingOccurrences(of: "#/$defs/", with: "")
      guard let definitions = root["$defs"] as? [String: Any],
        let definition = definitions[name] as? [String: Any]
      else { return ["\(path): the schema has no '\(reference)'"] }
      return problems(in: value, against: definition, at: path)
    }
    let here = path.isEmpty ? "/" : path
    var problems: [String] = []
    if let type = schema["type"] as? String, !isOf(type, value) {
      return ["\(here): is no \(type)"]
    }
    if let expected = schema["const"] as? Int, value as? Int != expected {
      problems.append("\(here): is not \(expected)")
    }
    if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") {
      problems.append("\(here): is none of its values")
    }
    if let least = schema["minimum"] as? Int, let number = value as? Int, number < least {
      problems.append("\(here): is less than \(least)")
    }
    if let pattern = schema["pattern"] as? String, let text = value as? String,
      text.range(of: pattern, options: .regularExpression) == nil
    {
      problems.append("\(here): does not match \(pattern)")
    }
    if let object = value as? [String: Any] {
      problems += self.problems(in: object, against: schema, at: path)
    }
    if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, item) in list.enumerated() {
        problems += self.problems(in: item, against: items, at: "\(path)/\(index)")
      }
    }
    return problems
  }

  private func problems(
    in object: [String: Any], against schema: [String: Any], at path: String
  ) -> [String] {
    let here = path.isEmpty ? "/" : path
    let properties = schema["properties"] as? [String: Any] ?? [:]
    var problems: [String] = []
    for name in (schema["required"] as? [String] ?? []).sorted() where object[name] == nil {
      problems.append("\(here): '\(name)' is missing")
    }
    for name in object.keys.sorted() where properties[name] == nil {
      problems.append("\(here): '\(name)' is not described")
    }
    for (name, value) in object.sorted(by: { $0.key < $1.key }) {
      guard let property = properties[name] as? [String: Any] else { continue }
      problems += self.problems(in: value, against: property, at: "\(path)/\(name)")
    }
    return problems
  }

  private func isOf(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "integer": value is Int
    case "boolean": value is Bool
    default: false
    }
  }
}
