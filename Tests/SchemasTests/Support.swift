import Diagnostics
import Documents
import Schemas
import Testing

/// The documents of a YAML text, which must be without mistakes.
func yaml(_ text: String) -> Document {
  let file = parseYAML(Array(text.utf8), file: "test.yaml")
  #expect(file.findings.filter { $0.severity == .error }.map(\.message) == [])
  return file.documents.first ?? Document { _ in .null }
}

/// A schema in SimpleSchema from a YAML text with `fields` and, where wanted, `types`.
struct SimpleCase {
  let document: Document
  let schema: Schema
  let findings: [Finding]

  init(_ text: String, dialect: SimpleSchema.Dialect = .kro) {
    document = yaml(text)
    let source = SimpleSchema(
      fields: document.root["fields"], types: document.root["types"], file: "path.yaml",
      fieldsPath: FieldPath(keys: "fields"), typesPath: FieldPath(keys: "types"),
      dialect: dialect)
    (schema, findings) = source.compiled()
  }

  /// The findings as `path ⟦text that is pointed at⟧ rule: message (help)`.
  var report: [String] {
    findings.map { finding in
      var line = ""
      if case .field(_, let path, let part) = finding.place?.anchor {
        line = "\(path)"
        switch part {
        case .value: line += " value"
        case .key: line += " key"
        case .text(let range):
          let bytes = Array((document.root[path].asString ?? "").utf8)
          let isInside = range.lowerBound >= 0 && range.upperBound <= bytes.count
          line +=
            isInside
            ? " ⟦\(String(decoding: bytes[range], as: UTF8.self))⟧" : " OUTSIDE \(range)"
        }
      }
      line += " \(finding.rule): \(finding.message)"
      if finding.severity != .error { line += " [\(finding.severity.rawValue)]" }
      if let help = finding.help { line += " (\(help))" }
      return line
    }
  }

  /// The problems of a value after its defaults, as `path rule: message (help)`.
  func problems(_ text: String, old: String? = nil) -> [String] {
    problemLines(schema, text, old: old)
  }

  /// The value with its defaults, in one line.
  func defaulted(_ text: String) -> String { flow(of: text, under: schema) }
}

/// The value of a text with the defaults of a schema, in one line.
func flow(of text: String, under schema: Schema) -> String {
  let value = yaml(text)
  let arena = Arena()
  return withExtendedLifetime((value, arena, schema)) {
    flow(schema.defaulted(value.root, in: arena))
  }
}

/// The problems of a text's value, after the defaults of a schema.
func problemLines(_ schema: Schema, _ text: String, old: String? = nil) -> [String] {
  let value = yaml(text)
  let old = old.map(yaml)
  let arena = Arena()
  return withExtendedLifetime((value, old, arena, schema)) {
    let found = schema.problems(
      in: schema.defaulted(value.root, in: arena), at: FieldPath(keys: "spec"),
      old: old.map { schema.defaulted($0.root, in: arena) } ?? .absent)
    return found.map { problem in
      var line = "\(problem.path) \(problem.kind.rawValue): \(problem.message)"
      if problem.anchor != problem.path { line += " at \(problem.anchor)" }
      if let help = problem.help { line += " (\(help))" }
      return line
    }
  }
}

/// A value in one line, keys sorted.
func flow(_ value: Value) -> String {
  switch value.kind {
  case .absent: return "absent"
  case .null: return "null"
  case .bool: return "\(value.isTrue)"
  case .int: return "\(value.intPayload)"
  case .double: return "\(value.doublePayload)"
  case .string: return value.asString ?? ""
  case .list: return "[" + value.elements.map(flow).joined(separator: ", ") + "]"
  case .map:
    let entries = value.entries.map { "\($0.key.asString ?? "?"): \(flow($0.value))" }
    return "{" + entries.sorted().joined(separator: ", ") + "}"
  default: return "\(value.kind)"
  }
}
