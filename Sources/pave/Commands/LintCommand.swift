import ArgumentParser
import Diagnostics
import Pipeline
import Reports

/// `pave lint`: renders everything in memory and holds it against the policies.
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Check intents, golden paths, policies and every rendered manifest.",
    discussion: """
      Renders in memory and writes nothing. Findings go to standard output, at the line to mend; \
      what was and was not evaluated follows on standard error (with --format json it is part of \
      the document).
      """)

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var units: UnitOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (loaded, found) = try session.load(findingsTo: .output)
    let rendering = loaded.render(try units.selection(in: loaded), [.check])
    let findings = loaded.withSettings(found) + rendering.findings
    let ledger = rendering.ledger
    try session.print(findings, ledger: ledger, to: .output)
    if !report.format.hasLedger {
      let style = report.style(onTerminal: Stream.error.isTerminal)
      Stream.error.write("\(summary(of: findings)): \(ledger.text(style: style))")
    }
    let status = report.exitStatus(of: findings)
    if status == ExitStatus.clean, ledger.evaluations == 0, ledger.reused == 0 {
      throw CommandFailure(
        message: ledger.manifests == 0
          ? "nothing was evaluated: no intent was rendered"
          : loaded.hasPolicies
            ? "nothing was evaluated: no policy matched a manifest"
            : "nothing was evaluated: pave.yaml names no policies")
    }
    throw ExitCode(status)
  }
}
