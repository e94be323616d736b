import ArgumentParser
import Diagnostics
import Pipeline

/// `pave set`: fields of an intent get other values.
struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Set fields of an intent, in its base or for one environment.",
    discussion: """
      pave set checkout spec.image=ghcr.io/acme/checkout:1.6.0 --environment dev --commit

      The file keeps its comments and its layout. What changes is printed: the file's lines, and the fields of the rendered \
      objects. Nothing is written when the platform has a new mistake then.
      """)

  @Argument(
    help: ArgumentHelp(
      "The intent: NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME.", valueName: "app"))
  var app: String

  @Argument(
    help: ArgumentHelp("A field and its value, in YAML.", valueName: "field=value"))
  var settings: [String]

  @Option(
    help: ArgumentHelp(
      "The environment whose patch is written. (default: the base)", valueName: "name"))
  var environment: String?

  @OptionGroup var edit: EditOptions
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var styles: StyleOptions

  func run() throws {
    let report = ReportOptions(styles)
    let session = try Session(platform, report)
    let (loaded, found) = try session.load(findingsTo: .error)
    var editing = IntentEditing(loaded, in: session.world.files)
    try reportingSelectionErrors {
      let intent = try loaded.intent(named: app)
      for setting in settings {
        guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
          throw CommandFailure(message: "a setting is FIELD=VALUE, found '\(setting)'")
        }
        try editing.set(
          fieldPath(String(setting[..<equals])),
          to: String(setting[setting.index(after: equals)...]), ofIntent: intent,
          environment: environment)
      }
    }
    try edit.finish(
      editing, of: loaded, found: found, session, report,
      title: "Set \(editing.changes.map(\.field.description).joined(separator: ", ")) of \(app)"
        + (environment.map { " in \($0)" } ?? ""))
  }
}

/// A field that the command line names.
func fieldPath(_ text: String) throws -> FieldPath {
  guard let path = FieldPath(parsing: text), !path.isRoot else {
    throw CommandFailure(message: "'\(text)' is no field; write it as spec.image")
  }
  return path
}

/// Calls what looks names up; what it throws ends the command with exit code 2.
func reportingSelectionErrors<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as SelectionError {
    throw CommandFailure(message: error.message)
  }
}
