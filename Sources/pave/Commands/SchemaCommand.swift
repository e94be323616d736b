import ArgumentParser
import Catalogues
import Pipeline

/// `pave schema`: JSON Schemas of the intents, for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Write JSON Schemas of the intents, and tell VS Code where they are.",
    discussion: """
      Writes a schema a golden path and intents.json for all of them, and maps the platform's \
      intents to it in .vscode/settings.json. 'pave new' then names the schema in the files that it writes.
      """)

  /// The folder of the schemas, below the platform's.
  static let standardFolder = "intent-schemas"

  @Option(
    help: ArgumentHelp(
      "The folder to write to. (default: intent-schemas in the platform's folder)",
      valueName: "dir"))
  var output: String?

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (loaded, _) = try session.load(findingsTo: .error)
    guard !loaded.goldenPaths.isEmpty else {
      throw CommandFailure(message: "the platform has no golden path that can be used")
    }
    let environments = loaded.environmentNames
    let schemas = loaded.goldenPaths.map { IntentSchema($0, environments: environments) }
    let folder = output ?? "\(session.folder)/\(Self.standardFolder)"
    for schema in schemas { try writeFile(schema.bytes, "\(folder)/\(schema.fileName)") }
    try writeFile(IntentSchema.combined(schemas), "\(folder)/intents.json")
    Stream.error.write("wrote \(schemas.count + 1) schemas to \(plain(folder))\n")
    if output == nil { try writeSettings(session.folder, loaded.intentPatterns) }
  }

  /// Maps the intents' files to the schema; whatever else the settings hold stays.
  private func writeSettings(_ folder: String, _ patterns: [String]) throws {
    let path = "\(folder)/.vscode/settings.json"
    let schema = "./\(Self.standardFolder)/intents.json"
    guard let old = try bytesIfThere(ofFile: path) else {
      try writeFile(EditorSettings.bytes(schema: schema, patterns: patterns), path)
      Stream.error.write("wrote \(plain(path))\n")
      return
    }
    guard let new = EditorSettings.bytes(adding: schema, patterns: patterns, to: old) else {
      let list = patterns.map { "\"\($0)\"" }.joined(separator: ", ")
      Stream.error.write(
        "\(plain(path)) is not plain JSON and stays as it is; add to it:\n"
          + "  \"yaml.schemas\": {\"\(schema)\": [\(list)]}\n")
      return
    }
    if new != old {
      try writeFile(new, path)
      Stream.error.write("wrote \(plain(path))\n")
    }
  }

  private func plain(_ path: String) -> String {
    path.hasPrefix("./") ? String(path.dropFirst(2)) : path
  }
}
