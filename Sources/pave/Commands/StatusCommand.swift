import ArgumentParser
import Documents
import OutputTrees
import Pipeline
import Repositories

/// `pave status`: what is published where.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is published of each intent, environment by environment.",
    discussion: """
      Each cell has the version (the tags of the images) and the source commit that the objects were last changed by. '-' is \
      what was not published yet; '(gone)' is published, and not in the platform any more.

      Connects to nobody: of a server's repository it reads what was fetched last.
      """)

  @Argument(
    help: ArgumentHelp(
      "Intents: NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME. (default: all)", valueName: "app"))
  var apps: [String] = []

  @Option(help: "text or json.")
  var format = OutputReading.Form.text

  @OptionGroup var reading: OutputReading
  @OptionGroup var copies: CopyOptions
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var styles: StyleOptions

  func run() throws {
    let session = try Session(platform, ReportOptions(styles), copies)
    let (loaded, _) = try session.load(findingsTo: .error)
    let selection = try reading.selection(in: loaded)
    let intents = try reportingSelectionErrors { try apps.map { try loaded.intent(named: $0) } }
    let status = try reportingOutputErrors {
      try loaded.status(
        ofIntents: intents, in: selection, platformFolder: session.folder,
        proposed: reading.proposed)
    }
    for reason in status.missing { Stream.error.write("pave: \(reason)\n") }
    switch format {
    case .json: printJSON { json(status, $0) }
    case .text: Stream.output.write(text(status))
    }
  }

  private func text(_ status: PublishedStatus) -> String {
    var rows = [["app"] + status.environments]
    for row in status.rows { rows.append([row.intent] + row.cells.map(text)) }
    return table(rows)
  }

  private func text(_ cell: PublishedStatus.Cell) -> String {
    switch cell.state {
    case .none: return ""
    case .missing: return "-"
    case .published, .leftover:
      let source = cell.source?.abbreviated ?? "by hand"
      let parts = [cell.version, source, cell.state == .leftover ? "(gone)" : nil]
      return parts.compactMap { $0 }.joined(separator: " ")
    }
  }

  private func json(_ status: PublishedStatus, _ arena: Arena) -> Value {
    func text(_ text: String?) -> Value { text.map { arena.string($0) } ?? .null }
    let apps = status.rows.map { row in
      arena.map([
        "intent": arena.string(row.intent),
        "environments": arena.list(
          row.cells.enumerated().map { index, cell in
            arena.map([
              "environment": arena.string(status.environments[index]),
              "branch": arena.string(status.branches[index]),
              "state": arena.string(cell.state.rawValue), "path": text(cell.path),
              "version": text(cell.version),
              "images": arena.list(cell.images.map { arena.string($0) }),
              "source": text(cell.source?.description), "commit": text(cell.commit?.id.description),
              "date": text(cell.commit?.committer.dateText),
            ])
          }),
      ])
    }
    return arena.map(["schemaVersion": .int(1), "apps": arena.list(apps)])
  }
}
