import ArgumentParser
import Diagnostics
import Pipeline

/// `pave promote`: what was tried in one environment goes to the next.
struct PromoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Give an environment the promoted fields that another one has.",
    discussion: """
      pave promote checkout --from staging --to prod

      The golden path's 'promoted' fields (or those of --field) are written into the patch of --to, with the values that they \
      have in --from. The file keeps its comments and its layout, and what changes is printed.
      """)

  @Argument(
    help: ArgumentHelp(
      "The intents: NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME.", valueName: "app"))
  var apps: [String]

  @Option(
    help: ArgumentHelp(
      "The environment to take values from. (default: what --to promotes from)", valueName: "name"))
  var from: String?

  @Option(help: ArgumentHelp("The environment to write values for.", valueName: "name"))
  var to: String

  @Option(
    name: .customLong("field"),
    help: ArgumentHelp(
      "A field, in place of the golden path's; may be repeated.", valueName: "field"))
  var fields: [String] = []

  @OptionGroup var edit: EditOptions
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var styles: StyleOptions

  func run() throws {
    let report = ReportOptions(styles)
    let session = try Session(platform, report)
    let (loaded, found) = try session.load(findingsTo: .error)
    var editing = IntentEditing(loaded, in: session.world.files)
    let fields = try fields.map(fieldPath)
    try reportingSelectionErrors {
      for app in apps {
        let intent = try loaded.intent(named: app)
        try editing.promote(fields, ofIntent: intent, from: from, to: to)
      }
    }
    try edit.finish(
      editing, of: loaded, found: found, session, report,
      title: "Promote \(apps.joined(separator: ", ")) to \(to)")
  }
}
