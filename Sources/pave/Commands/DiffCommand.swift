import ArgumentParser
import Diagnostics
import OutputTrees
import Pipeline
import Reports
import Repositories

/// `pave diff`: what publishing would change.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what publishing, or a change of the platform, would change, object by object.",
    discussion: """
      Without --base the work tree is rendered and compared with the tip of the output's branch; without an output \
      repository every object is new, and that is said. With --base it is compared with the platform at that commit, \
      rendered in the same way: field by field, as a cluster would hold the objects. Writes nothing but the files that \
      --format asks for.
      """)

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var units: UnitOptions
  @OptionGroup var copies: CopyOptions

  @Option(
    help: ArgumentHelp(
      "The commit that the change starts from, such as origin/main: where HEAD parted from it.",
      valueName: "rev"))
  var base: String?

  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      """
      How the changes are printed: text, markdown, json or html; FORM=FILE writes them to a file. May be repeated. \
      (default: text)
      """,
      valueName: "form"))
  var forms: [DifferenceTarget] = []

  @Flag(help: "One line an object instead of its lines.")
  var stat = false

  @Flag(help: "Exit with 1 when anything differs.")
  var exitCode = false

  @OptionGroup var styles: StyleOptions

  private var report: ReportOptions { ReportOptions(styles) }

  func validate() throws {
    if forms.count(where: { $0.file == nil }) > 1 {
      throw ValidationError("only one --format can be printed; give the others a file: FORM=FILE")
    }
    if stat, forms.contains(where: { $0.form != .text }) {
      throw ValidationError("--stat is for text")
    }
    if stat, base != nil {
      throw ValidationError("--stat is for what is published; leave --base out")
    }
  }

  func run() throws {
    var session = try Session(platform, report, copies)
    let since = try base.map { try session.load(base: $0) }
    let (loaded, found) = try session.load(findingsTo: .error)
    let selection = try units.selection(in: loaded)
    let rendering = loaded.render(selection, [.bytes])
    let findings = loaded.withSettings(found) + rendering.findings
    guard report.exitStatus(of: findings) == ExitStatus.clean else {
      try session.print(findings, ledger: rendering.ledger, to: .error)
      throw ExitCode(ExitStatus.findings)
    }
    if let (base, source) = since {
      try session.print(findings, ledger: rendering.ledger, to: .error)
      let difference = loaded.differences(of: rendering, selection, since: base)
      if difference.unknownBefore > 0 {
        Stream.error.write(
          "pave: \(counted(difference.unknownBefore, "unit")) cannot be rendered at "
            + "\(source.commit.abbreviated): what is of them counts as created\n")
      }
      return try finish(difference.objects, since: source.description)
    }
    try compareWithPublished(loaded, rendering, findings, session)
  }

  private func compareWithPublished(
    _ loaded: LoadedPlatform, _ rendering: Rendering, _ found: [Finding], _ session: Session
  ) throws {
    let comparison = try reportingOutputErrors {
      try loaded.compare(rendering, platformFolder: session.folder)
    }
    try session.print(found + comparison.findings, ledger: rendering.ledger, to: .error)
    guard report.exitStatus(of: comparison.findings) == ExitStatus.clean else {
      throw ExitCode(ExitStatus.findings)
    }
    if let missing = comparison.missing {
      Stream.error.write("pave: \(missing): every object is new\n")
    }
    let changes = comparison.changes.filter { units.isSelected($0, in: rendering) }
    if forms.contains(where: { $0.form != .text }) {
      return try finish(loaded.differences(of: changes), since: nil)
    }
    let changesReport = ChangesReport(style: report.style(onTerminal: Stream.output.isTerminal))
    let text = stat ? changesReport.stat(of: changes) : changesReport.text(of: changes)
    if let file = forms.first?.file {
      try write(Array(text.utf8), toFile: file)
    } else {
      Stream.output.write(text)
    }
    if exitCode, !changes.isEmpty { throw ExitCode(ExitStatus.findings) }
  }

  private func finish(_ objects: [ObjectDifference], since title: String?) throws {
    for target in forms {
      guard let file = target.file else { continue }
      try write(DifferenceReport(objects).bytes(in: target.form, since: title), toFile: file)
    }
    let form = forms.first { $0.file == nil }?.form ?? .text
    let style = report.style(onTerminal: Stream.output.isTerminal)
    Stream.output.write(DifferenceReport(objects, style: style).bytes(in: form, since: title))
    if exitCode, !objects.isEmpty { throw ExitCode(ExitStatus.findings) }
  }
}

/// `--format FORM` or `--format FORM=FILE` of a difference.
struct DifferenceTarget: ExpressibleByArgument {
  var form: DifferenceReport.Form
  var file: String?

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let form = DifferenceReport.Form(rawValue: String(parts[0])) else { return nil }
    if parts.count == 2, parts[1].isEmpty { return nil }
    self.form = form
    file = parts.count == 2 ? String(parts[1]) : nil
  }
}
