import ArgumentParser
import Diagnostics
import Documents
import Files
import OutputTrees
import Pipeline
import Reports

/// Which platform a command works on.
struct PlatformOptions: ParsableArguments {
  @Option(
    name: .customLong("platform"),
    help: ArgumentHelp(
      "The platform's folder. (default: the nearest folder upwards with pave.yaml)",
      valueName: "dir"))
  var folder: String?

  /// The platform's files, and its folder as the user would write it (`.` for the current one).
  ///
  /// Throws when no folder has a `pave.yaml`.
  func open() throws -> (files: DiskFileTree, folder: String) {
    if let folder {
      guard let files = DiskFileTree(folder) else {
        throw CommandFailure(
          message: realPath(folder) == nil
            ? "there is no folder '\(folder)'" : "'\(folder)' is no folder")
      }
      return (files, folder)
    }
    var folder = "."
    while let files = DiskFileTree(folder) {
      if DiskFileTree.hasFile("pave.yaml", in: folder) { return (files, folder) }
      if files.root == "/" { break }
      folder = folder == "." ? ".." : folder + "/.."
    }
    throw CommandFailure(
      message:
        "no pave.yaml here or in any folder above; go to a platform or name it with --platform DIR")
  }
}

/// How findings are printed and what they do to the exit code.
struct ReportOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, concise, json }
  enum Colour: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  @Option(help: "How findings are printed: text, concise or json.")
  var format = Format.text

  @Option(help: "When to colour: auto (on a terminal, unless NO_COLOR is set), always or never.")
  var color = Colour.auto

  @Option(help: "The least severity that makes the exit code 1: error, warning or note.")
  var failSeverity = Severity.error

  /// The style for a stream.
  func style(onTerminal isTerminal: Bool) -> Style {
    switch color {
    case .always: Style(isColoured: true)
    case .never: .plain
    case .auto: Style(isColoured: isTerminal && (environmentVariable("NO_COLOR") ?? "").isEmpty)
    }
  }

  /// Findings in the format asked for, styled for the stream.
  func bytes(
    of findings: [Finding], ledger: Ledger, places: PlaceFinder, stream: Stream
  ) -> [UInt8] {
    switch format {
    case .json: JSONReport(places: places).bytes(findings: findings, ledger: ledger)
    case .text, .concise:
      Array(
        TerminalReport(
          places: places, style: style(onTerminal: stream.isTerminal),
          detail: format == .text ? .full : .concise
        ).text(of: findings).utf8)
    }
  }

  /// The exit code for what was found.
  func exitStatus(of findings: [Finding]) -> Int32 {
    findings.contains { $0.severity >= failSeverity } ? ExitStatus.findings : ExitStatus.clean
  }
}

extension Severity: ExpressibleByArgument {}

/// Which units of the platform a command works on.
struct UnitOptions: ParsableArguments {
  @Option(
    name: .customLong("environment"),
    help: ArgumentHelp("Only this environment; may be repeated.", valueName: "name"))
  var environments: [String] = []

  @Option(
    name: .customLong("intent"),
    help: ArgumentHelp(
      "Only the intents in this file or folder, as the platform names it (apps/shop); may be repeated.",
      valueName: "path"))
  var intents: [String] = []

  /// The units meant; throws when a name or a path is unknown.
  func selection(in loaded: LoadedPlatform) throws -> UnitSelection {
    do {
      return try loaded.selection(environments: environments, intents: intents)
    } catch {
      throw CommandFailure(message: error.message)
    }
  }

  /// Whether a changed object is of a selected intent; all are without --intent.
  func isSelected(_ change: ChangeSet.Change, in rendering: Rendering) -> Bool {
    intents.isEmpty || rendering.units.contains { $0.folder == change.unit }
  }
}
