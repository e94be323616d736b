import Diagnostics
import Documents
import GoldenPaths
import Pipeline
import Reports

/// One answer as indented lines: the value, what makes it, and below it what that is made of.
struct ExplanationText {
  private let explanation: FieldExplanation
  private let places: PlaceFinder

  init(_ explanation: FieldExplanation, places: PlaceFinder) {
    self.explanation = explanation
    self.places = places
  }

  /// The lines, with a final line end.
  var text: String {
    let field = explanation.field.isRoot ? "" : " \(explanation.field)"
    let value = explanation.value.map { printableText($0) } ?? "(is not there)"
    var lines = [
      "\(explanation.environment): \(printableText("\(explanation.object)\(field)")) = \(value)"
    ]
    if let source = explanation.source {
      add(source, indent: 2, to: &lines)
    } else {
      lines.append("  made by intent \(explanation.intent); the template cannot be told for sure")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func add(_ source: FieldSource, indent: Int, to lines: inout [String]) {
    let place = explanation.place(of: source).map { place in
      let range = places.range(of: place)
      return "  \(place.file):\(range.line):\(range.column)"
    }
    lines.append(
      String(repeating: " ", count: indent) + printableText(words(source))
        + printableText(place ?? ""))
    for inner in source.sources { add(inner, indent: indent + 2, to: &lines) }
  }

  private func words(_ source: FieldSource) -> String {
    switch source.kind {
    case .template(let resource, let text):
      "template of \(resource)" + (text.map { ": \($0.prefix { $0 != "\n" })" } ?? "")
    case .intent(let field): "intent's \(written(source) ?? field)"
    case .schemaDefault(let field): "default of \(field)"
    case .missing(let field): "\(field), which is not written"
    case .setting(let variable, let path): "\(variable).\(path)"
    case .resource(let id, let path): "\(id).\(path), which is"
    case .iterator(let name): "each \(name) of"
    case .variable(let name): "\(name), which is"
    }
  }

  /// The field of the intent's file, such as `environments.prod.spec.replicas`.
  private func written(_ source: FieldSource) -> FieldPath? {
    guard case .field(_, let path, _) = source.place?.anchor else { return nil }
    return path
  }

  /// The answer as a JSON object.
  func json(_ arena: Arena) -> Value {
    arena.map([
      "environment": arena.string(explanation.environment),
      "intent": arena.string(explanation.intent),
      "object": arena.string(explanation.object.description),
      "field": arena.string(explanation.field.description),
      "value": explanation.value.map { arena.string($0) } ?? .null,
      "source": explanation.source.map { json($0, arena) } ?? .null,
    ])
  }

  private func json(_ source: FieldSource, _ arena: Arena) -> Value {
    let location = explanation.place(of: source).map { place in
      let range = places.range(of: place)
      return arena.map([
        "file": arena.string(place.file), "line": .int(Int64(range.line)),
        "column": .int(Int64(range.column)),
      ])
    }
    return arena.map([
      "what": arena.string(words(source)), "location": location ?? .null,
      "sources": arena.list(source.sources.map { json($0, arena) }),
    ])
  }
}
