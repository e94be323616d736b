import ArgumentParser
import Diagnostics
import OutputTrees
import Pipeline
import Reports

/// `pave diff`: what publishing would change.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show, object by object, what publishing would change.",
    discussion: """
      Renders the work tree and compares it with the tip of the output's branch. Writes nothing. \
      Without an output repository every object is new, and that is said.
      """)

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var units: UnitOptions

  @Flag(help: "One line an object instead of its lines.")
  var stat = false

  @Flag(help: "Exit with 1 when anything differs.")
  var exitCode = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (loaded, found) = try session.load(findingsTo: .error)
    let rendering = loaded.render(try units.selection(in: loaded), [.bytes])
    var findings = loaded.withSettings(found) + rendering.findings
    guard report.exitStatus(of: findings) == ExitStatus.clean else {
      try session.print(findings, ledger: rendering.ledger, to: .error)
      throw ExitCode(ExitStatus.findings)
    }
    let comparison = try reportingOutputErrors {
      try loaded.compare(rendering, platformFolder: session.folder)
    }
    findings += comparison.findings
    try session.print(findings, ledger: rendering.ledger, to: .error)
    guard report.exitStatus(of: comparison.findings) == ExitStatus.clean else {
      throw ExitCode(ExitStatus.findings)
    }
    if let missing = comparison.missing {
      Stream.error.write("pave: \(missing): every object is new\n")
    }
    let changes = comparison.changes.filter { units.isSelected($0, in: rendering) }
    let changesReport = ChangesReport(style: report.style(onTerminal: Stream.output.isTerminal))
    Stream.output.write(
      stat ? changesReport.stat(of: changes) : changesReport.text(of: changes))
    if exitCode, !changes.isEmpty { throw ExitCode(ExitStatus.findings) }
  }
}
