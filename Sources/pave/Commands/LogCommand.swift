import ArgumentParser
import Documents
import OutputTrees
import Pipeline
import Repositories

/// `pave log`: the publications that changed an intent's objects.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "List the publications that changed an intent's objects, newest first.",
    discussion: """
      Each line has the commit of the output, its day, the environments, what it did, the source commit, and its subject. What \
      was committed there by hand is listed as such.
      """)

  @Argument(
    help: ArgumentHelp(
      "The intent: NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME.", valueName: "app"))
  var app: String

  @Option(help: "At most so many, from 1.")
  var limit = 20

  @Option(help: "text or json.")
  var format = OutputReading.Form.text

  @OptionGroup var reading: OutputReading
  @OptionGroup var copies: CopyOptions
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var styles: StyleOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is a number from 1") }
  }

  func run() throws {
    let session = try Session(platform, ReportOptions(styles), copies)
    let (loaded, _) = try session.load(findingsTo: .error)
    let selection = try reading.selection(in: loaded)
    let intent = try reportingSelectionErrors { try loaded.intent(named: app) }
    let (entries, missing) = try reportingOutputErrors {
      try loaded.log(
        ofIntent: intent, in: selection, platformFolder: session.folder,
        proposed: reading.proposed, limit: limit)
    }
    for reason in missing { Stream.error.write("pave: \(reason)\n") }
    if format == .json { return printJSON { json(entries, $0) } }
    guard !entries.isEmpty else { return Stream.output.write("nothing was published of it\n") }
    Stream.output.write(
      table(
        entries.map { entry in
          [
            entry.commit.id.abbreviated, entry.commit.day,
            entry.environments.joined(separator: ","), counts(of: entry),
            entry.source.map { "from \($0.abbreviated)" }
              ?? "by hand (\(entry.commit.author.name))",
            entry.commit.subject,
          ].map { $0.filter { $0 >= " " && $0 != "\u{7F}" } }
        }))
  }

  private func counts(of entry: LoggedPublication) -> String {
    [(entry.created, "created"), (entry.updated, "updated"), (entry.deleted, "deleted")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  private func json(_ entries: [LoggedPublication], _ arena: Arena) -> Value {
    arena.map([
      "schemaVersion": .int(1),
      "publications": arena.list(
        entries.map { entry in
          arena.map([
            "commit": arena.string("\(entry.commit.id)"), "branch": arena.string(entry.branch),
            "environments": arena.list(entry.environments.map { arena.string($0) }),
            "date": arena.string(entry.commit.committer.dateText),
            "author": arena.string(entry.commit.author.identity),
            "subject": arena.string(entry.commit.subject),
            "source": entry.source.map { arena.string("\($0)") } ?? .null,
            "created": .int(Int64(entry.created)), "updated": .int(Int64(entry.updated)),
            "deleted": .int(Int64(entry.deleted)),
          ])
        }),
    ])
  }
}
