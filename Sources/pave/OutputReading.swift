import ArgumentParser
import Diagnostics
import Documents
import OutputTrees
import Pipeline
import Repositories

/// How a command that looks at what is published reads the output and prints.
struct OutputReading: ParsableArguments {
  enum Form: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Option(
    name: .customLong("environment"),
    help: ArgumentHelp("Only this environment; may be repeated.", valueName: "name"))
  var environments: [String] = []

  @Flag(help: "Read the branches that hold proposals (output.proposal).")
  var proposed = false

  /// The indices of the environments.
  func selection(in loaded: LoadedPlatform) throws -> [Int] {
    try reportingSelectionErrors {
      try loaded.selection(environments: environments, intents: []).environments
    }
  }
}

/// Prints a value as JSON.
func printJSON(_ build: (Arena) -> Value) {
  let arena = Arena(firstChunkByteCount: 1 << 12)
  Stream.output.write(jsonBytes(of: build(arena), indented: true) + [UInt8(ascii: "\n")])
}

/// Lines of cells, each column as wide as its widest cell.
func table(_ rows: [[String]]) -> String {
  var widths: [Int] = []
  for row in rows {
    for (column, cell) in row.enumerated() {
      if column == widths.count { widths.append(0) }
      widths[column] = max(widths[column], cell.count)
    }
  }
  return rows.map { row in
    var line = ""
    for (column, cell) in row.enumerated() {
      line += cell
      if column + 1 < row.count {
        line += String(repeating: " ", count: widths[column] - cell.count + 3)
      }
    }
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }.joined()
}

extension Commit {
  /// The day that it was committed on, in UTC: `2026-01-05`.
  var day: String { String(committer.dateText.prefix(10)) }
}
