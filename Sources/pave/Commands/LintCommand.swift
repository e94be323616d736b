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

      Objects are held as they change: created, updated from what they were, deleted. What they were \
      is the platform at --base, rendered; without it what the output repository holds; without \
      that, nothing, and the ledger says so.

      With --manifests or --old no platform is needed: the objects of plain files are held against \
      the given policies. What is only in --manifests is created, what is in both is updated, what \
      is only in --old is deleted.
      """)

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var units: UnitOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var plain: PlainOptions

  @Option(
    help: ArgumentHelp(
      "Only findings of these families of rules: policy, schema, engine, … (separated by commas).",
      valueName: "families"))
  var only: [String] = []

  @OptionGroup var report: ReportOptions

  func validate() throws {
    try plain.validate(withPlatform: platform.folder != nil, units)
    if plain.isGiven, change.isGiven {
      throw ValidationError("--base and --against go with a platform: --old is the old side here")
    }
  }

  func run() throws {
    if plain.isGiven { return try lintPlainFiles() }
    var session = try Session(platform, report)
    let base = try change.base(&session)
    var (loaded, found) = try session.load(findingsTo: .output)
    loaded.request = try plain.requestFacts(PlainSources())
    let selection = try units.selection(in: loaded)
    let folder = session.folder
    let before = change.adding(rulesOf: base, to: loaded, session)
    let linting = try reportingOutputErrors {
      try loaded.lint(selection, found: found, against: change.oldSide(before, folder))
    }
    let findings = families.of(linting.findings)
    try session.print(findings, ledger: linting.ledger, to: .output)
    try finish(findings, linting.ledger) {
      $0.manifests == 0
        ? "no intent was rendered"
        : loaded.hasPolicies ? "no policy matched a manifest" : "pave.yaml names no policies"
    }
  }

  private var families: RuleFamilies { RuleFamilies(only.flatMap { $0.split(separator: ",") }) }

  private func lintPlainFiles() throws {
    let sources = PlainSources()
    let linting = lint(try plain.files(sources))
    let findings = families.of(linting.findings)
    Stream.output.write(
      try report.bytes(
        of: findings, ledger: linting.ledger, places: sources.places, stream: .output))
    try finish(findings, linting.ledger) {
      $0.manifests == 0 ? "the files hold no object" : "no policy matched an object"
    }
  }

  /// Prints what was done, and ends with the exit code; `reason` says why nothing was evaluated.
  private func finish(
    _ findings: [Finding], _ ledger: Ledger, nothing reason: (Ledger) -> String
  ) throws {
    if !report.format.hasLedger {
      let style = report.style(onTerminal: Stream.error.isTerminal)
      Stream.error.write("\(summary(of: findings)): \(ledger.text(style: style))")
    }
    let status = report.exitStatus(of: change.failing(findings))
    if status == ExitStatus.clean, ledger.evaluations == 0, ledger.reused == 0 {
      throw CommandFailure(message: "nothing was evaluated: \(reason(ledger))")
    }
    throw ExitCode(status)
  }
}

/// Families of rules that are wanted; all of them when none is named.
struct RuleFamilies {
  private let names: Set<String>

  init(_ names: [Substring]) { self.names = Set(names.map(String.init)) }

  /// The findings of the families: of `policy` are the verdicts of policies too. What is no valid
  /// YAML is always told.
  func of(_ findings: [Finding]) -> [Finding] {
    names.isEmpty
      ? findings : findings.filter { names.contains(family($0)) || family($0) == "yaml" }
  }

  private func family(_ finding: Finding) -> String {
    if finding.policy != nil { return "policy" }
    return String(finding.rule.prefix { $0 != "/" })
  }
}
