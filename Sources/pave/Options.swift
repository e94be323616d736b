import ArgumentParser
import Diagnostics
import Documents
import Files
import Manifests
import OutputTrees
import Pipeline
import Reports
import Repositories

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

/// Whether a command takes over what earlier runs found.
struct CacheOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-cache"),
    help:
      "Render and check everything, also what earlier runs did already; leave nothing for later ones."
  )
  var isOff = false

  /// What the file of publications of a repository holds, and where to leave more; nil without the cache.
  func openPublications(_ repository: Repository) -> (known: KnownOutcomes, file: KeyFile)? {
    if isOff { return nil }
    let file = KeyFile(publicationsIn: repository)
    return (file.read(), file)
  }

  /// What earlier runs left on this machine for the platform in a folder, and where to leave more.
  func open(_ folder: String) -> (known: KnownOutcomes?, file: KeyFile?) {
    if isOff { return (nil, nil) }
    let file = KeyFile(holding: folder)
    return (file?.read() ?? KnownOutcomes(), file)
  }
}

/// Colours, and what makes a command fail.
struct StyleOptions: ParsableArguments {
  enum Colour: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

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
}

/// How findings are printed and what they do to the exit code.
struct ReportOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      """
      How findings are printed: text, concise, json, sarif, github, gitlab, junit, checkstyle, \
      rdjson or markdown; FORM=FILE writes them to a file. May be repeated. (default: text)
      """,
      valueName: "form"))
  var reports: [ReportTarget] = []

  @OptionGroup var styles: StyleOptions

  init() {}

  /// Findings as text.
  init(_ styles: StyleOptions) {
    reports = []
    self.styles = styles
  }

  var failSeverity: Severity { styles.failSeverity }

  /// The style for a stream.
  func style(onTerminal isTerminal: Bool) -> Style { styles.style(onTerminal: isTerminal) }

  /// The form of what is printed; `text` when only files were asked for.
  var format: ReportFormat { reports.first { $0.file == nil }?.format ?? .text }

  mutating func validate() throws {
    if reports.count(where: { $0.file == nil }) > 1 {
      throw ValidationError("only one --format can be printed; give the others a file: FORM=FILE")
    }
  }

  /// Findings in the form to be printed, styled for the stream; the forms that were asked for as files
  /// are written. Throws when a file cannot be.
  func bytes(
    of findings: [Finding], ledger: Ledger, places: PlaceFinder, stream: Stream,
    repositoryFolder: String = ""
  ) throws -> [UInt8] {
    let inRepository = repositoryFolder.isEmpty ? nil : RepositoryPaths(repositoryFolder)
    var context = ReportFormat.Context(
      places: places, style: .plain, failSeverity: failSeverity,
      version: PaveCommand.configuration.version)
    context.hasBase = ledger.oldSide.map { !$0.hasPrefix("nothing") } ?? false
    for report in reports {
      guard let file = report.file else { continue }
      try write(
        report.format.bytes(of: findings, ledger: ledger, context, inRepository), toFile: file)
    }
    context.style = style(onTerminal: stream.isTerminal)
    return format.bytes(of: findings, ledger: ledger, context, inRepository)
  }

  /// The exit code for what was found.
  func exitStatus(of findings: [Finding]) -> Int32 {
    findings.contains { $0.severity >= failSeverity } ? ExitStatus.findings : ExitStatus.clean
  }
}

/// `--format FORM` or `--format FORM=FILE`.
struct ReportTarget: ExpressibleByArgument {
  var format: ReportFormat
  var file: String?

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let format = ReportFormat(rawValue: String(parts[0])) else { return nil }
    if parts.count == 2, parts[1].isEmpty { return nil }
    self.format = format
    file = parts.count == 2 ? String(parts[1]) : nil
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

/// The minor of a version of Kubernetes that objects can be held against; any other ends the command with exit code 2.
func knownMinor(_ text: String) throws -> Int {
  let known = KindTable.checkedMinors
  guard let version = KubernetesVersion(text), version.major == 1, known.contains(version.minor)
  else {
    throw CommandFailure(
      message: "'\(text)' is no version of Kubernetes that is known here: "
        + "1.\(known.lowerBound) to 1.\(known.upperBound)")
  }
  return version.minor
}
