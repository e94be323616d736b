import Diagnostics
import Documents
import GoTemplates
public import Schemas
import Synchronization

/// The `values.schema.json` of a chart, compiled when it is first asked for.
final class ChartSchema: Sendable {
  private struct State {
    var compiled: Compiled?
  }

  enum Compiled: Sendable {
    case schema(Schema)
    case broken(String)
  }

  private let text: [UInt8]
  private let chart: String
  private let state = Mutex(State())

  init(_ text: [UInt8], chart: String) {
    self.text = text
    self.chart = chart
  }

  var compiled: Compiled {
    state.withLock { state in
      if let compiled = state.compiled { return compiled }
      let compiled = compile()
      state.compiled = compiled
      return compiled
    }
  }

  private func compile() -> Compiled {
    let parsed = parseJSON(text, file: "values.schema.json")
    guard let document = parsed.documents.first, !parsed.hasErrors else {
      return .broken(parsed.findings.first?.message ?? "the schema is no JSON")
    }
    let source = JSONSchema(
      document.root, dialect: .draft, file: "values.schema.json", area: "chart")
    let (schema, findings) = source.compiled()
    withExtendedLifetime(document) {}
    if let finding = findings.first(where: { $0.severity == .error }) {
      return .broken(finding.message)
    }
    return .schema(schema)
  }
}

extension Chart {
  /// The compiled `values.schema.json`; nil without one. Throws for one that cannot be read.
  public func valuesSchema() throws -> Schema? {
    switch schema?.compiled {
    case nil: nil
    case .schema(let schema): schema
    case .broken(let message):
      throw ChartError(.invalidChart, message, file: "values.schema.json")
    }
  }
}

extension ChartNode {
  /// Throws when the values do not fit the schemas of this chart and those below it.
  func validate(_ values: GoMap) throws {
    var text = ""
    var problems: [ChartError.ValueProblem] = []
    let arena = Arena()
    try collect(values, path: [], arena, &text, &problems)
    guard !text.isEmpty else { return }
    var error = ChartError(
      .schema,
      "values don't meet the specifications of the schema(s) in the following chart(s):\n"
        + trimmed(text))
    error.problems = problems
    throw error
  }

  private func collect(
    _ values: GoMap, path: [ChartError.PathStep], _ arena: Arena, _ text: inout String,
    _ problems: inout [ChartError.ValueProblem]
  ) throws {
    if let schema = try chart.valuesSchema() {
      let document = Document(root: documentValue(.map(values), in: arena), arena: arena)
      let found = schema.problems(in: document.root)
      if !found.isEmpty { text += "\(name):\n" }
      for problem in found {
        let place = problem.path.isRoot ? "(root)" : problem.path.description
        text += "- \(place): \(problem.message)\n"
        problems.append(
          .init(
            path: path
              + problem.path.steps.map {
                switch $0 {
                case .key(let key): .key(key)
                case .index(let index): .index(index)
                }
              }, part: problem.part, message: problem.message, help: problem.help))
      }
    }
    for child in children {
      guard let inner = values[child.name]?.table else { continue }
      try child.collect(inner, path: path + [.key(child.name)], arena, &text, &problems)
    }
  }
}
