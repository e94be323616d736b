import ArgumentParser
import Diagnostics
import Files
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
  @OptionGroup var copies: CopyOptions

  @Option(
    help: ArgumentHelp(
      "Only findings of these families of rules: policy, schema, engine, … (separated by commas).",
      valueName: "families"))
  var only: [String] = []

  @OptionGroup var mending: MendingOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if plain.isGiven, mending.isGiven {
      throw ValidationError("--fix and --baseline go with a platform")
    }
    try plain.validate(withPlatform: platform.folder != nil, units)
    if let unknown = families.unknown {
      let near = nearestName(to: unknown, in: RuleFamilies.known)
      throw ValidationError(
        "--only: there is no family '\(unknown)'"
          + (near.map { "; did you mean '\($0)'?" }
            ?? "; there are \(RuleFamilies.known.joined(separator: ", "))"))
    }
    if plain.isGiven, plain.delivery == nil, families.names == ["engine"] {
      throw ValidationError("--only engine needs --delivery argocd or flux with --manifests")
    }
    if plain.isGiven, change.isGiven {
      throw ValidationError("--base and --against go with a platform: --old is the old side here")
    }
  }

  func run() throws {
    if plain.isGiven { return try lintPlainFiles() }
    var session = try Session(platform, report, copies)
    let base = try change.base(&session)
    let (known, keyFile) = cache.open(session.folder)
    session.known = known
    defer { if let known { keyFile?.write(known) } }
    let (loaded, found) = try session.load(findingsTo: .output)
    var linting = try lint(loaded, found, base, session)
    linting.findings = families.of(linting.findings)
    if let file = mending.baselineToWrite {
      try write(Baseline.document(of: linting.findings), toFile: file)
      Stream.error.write("\(summary(of: linting.findings)): written to \(file)\n")
      return
    }
    let baseline = try mending.baseline.map { try Baseline(file: $0) }
    if let baseline { linting.findings = baseline.marked(linting.findings) }
    if mending.fix {
      let mended = try mend(linting.findings, base, &session)
      if mending.dryRun {
        Stream.output.write(mended.patch)
        Stream.error.write("\(mended.summary): nothing was written\n")
        return
      }
      if !mended.files.isEmpty {
        let (loaded, found) = try session.load(findingsTo: .output)
        linting = try lint(loaded, found, base, session)
        linting.findings = families.of(linting.findings)
        if let baseline { linting.findings = baseline.marked(linting.findings) }
      }
    }
    try session.print(linting.findings, ledger: linting.ledger, to: .output)
    if let count = baseline?.unused(by: linting.findings), count > 0 {
      Stream.error.write(
        "pave: \(counted(count, "entry", "entries")) of the baseline \(count == 1 ? "is" : "are") "
          + "no longer found; write it again with --write-baseline\n")
    }
    try finish(linting.findings, linting.ledger, hasPolicies: loaded.hasPolicies) {
      $0.manifests == 0 ? "no intent was rendered" : "no policy matched a manifest"
    }
  }

  private func lint(
    _ loaded: LoadedPlatform, _ found: [Finding], _ base: BasePlatform?, _ session: Session
  ) throws -> Linting {
    var loaded = loaded
    loaded.request = try plain.requestFacts(PlainSources())
    let platform = loaded
    let selection = try units.selection(in: platform)
    let before = change.adding(rulesOf: base, to: platform, session)
    let linting = try reportingOutputErrors {
      try platform.lint(
        selection, found: found, against: change.oldSide(before, session.folder))
    }
    return loaded.hasPolicies ? linting : linting.withoutPolicies("pave.yaml names none")
  }

  /// Tries the fixes, each with everything rendered and checked again, and writes those that help.
  private func mend(
    _ findings: [Finding], _ base: BasePlatform?, _ session: inout Session
  ) throws -> Mending {
    let files = session.world.files
    let probe = session
    let mended = try Mending(findings, places: session.places, in: files) { changed in
      var session = probe
      session.world.files = OverlaidFileTree(files, files: changed)
      let loading = Pipeline.load(session.world)
      guard var loaded = loading.loaded, !loading.isUnreadable else { return findings }
      loaded.known = session.known
      return families.of(try lint(loaded, loading.findings, base, session).findings)
    }
    guard !mending.dryRun else { return mended }
    for (file, bytes) in mended.files.sorted(by: { $0.key < $1.key }) {
      try write(bytes.new, toFile: "\(session.folder)/\(file)")
    }
    session.world.files = OverlaidFileTree(files, files: mended.files.mapValues(\.new))
    Stream.error.write("\(mended.summary)\n")
    return mended
  }

  private var families: RuleFamilies { RuleFamilies(only.flatMap { $0.split(separator: ",") }) }

  private func lintPlainFiles() throws {
    let sources = PlainSources()
    var linting = Pipeline.lint(try plain.files(sources))
    if plain.policies.isEmpty { linting = linting.withoutPolicies("--policies names none") }
    let findings = families.of(linting.findings)
    Stream.output.write(
      try report.bytes(
        of: findings, ledger: linting.ledger, places: sources.places, stream: .output))
    try finish(findings, linting.ledger, hasPolicies: !plain.policies.isEmpty) {
      $0.manifests == 0 ? "the files hold no object" : "no policy matched an object"
    }
  }

  /// Prints what was done, and ends with the exit code; `reason` says why nothing was evaluated.
  ///
  /// Without policies the question is what the API server itself says of the objects, and that was answered.
  private func finish(
    _ findings: [Finding], _ ledger: Ledger, hasPolicies: Bool,
    nothing reason: (Ledger) -> String
  ) throws {
    let isAnswered =
      ledger.evaluations > 0 || ledger.reused > 0 || !hasPolicies && ledger.manifests > 0
    if !report.format.hasLedger {
      let style = report.style(onTerminal: Stream.error.isTerminal)
      Stream.error.write("\(summary(of: findings)): \(ledger.text(style: style))")
    }
    let status = report.exitStatus(of: change.failing(findings))
    if status == ExitStatus.clean, !isAnswered {
      throw CommandFailure(message: "nothing was evaluated: \(reason(ledger))")
    }
    throw ExitCode(status)
  }
}

extension Linting {
  /// The same, with it in the ledger that no policy was asked; `reason` says why.
  fileprivate func withoutPolicies(_ reason: String) -> Linting {
    guard ledger.manifests > 0 else { return self }
    var linting = self
    linting.ledger.notEvaluated.append(
      Ledger.NotEvaluated(subject: "policies", reason: reason))
    linting.ledger.notEvaluated.sort { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
    return linting
  }
}

/// Families of rules that are wanted; all of them when none is named.
struct RuleFamilies {
  /// The families of all rules, sorted.
  static let known = Set(RulePages.rules.map { String($0.prefix { $0 != "/" }) } + ["policy"])
    .sorted()

  let names: Set<String>

  /// The first name that no family has: with it alone nothing would ever be found.
  var unknown: String? { names.sorted().first { !RuleFamilies.known.contains($0) } }

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

/// What is done about findings, beside printing them.
struct MendingOptions: ParsableArguments {
  @Flag(help: "Mend what has a fix, in the files; only what leaves no new finding.")
  var fix = false

  @Flag(help: "With --fix: print the patch and write nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Findings that stand in this file count as there before the change.", valueName: "file"))
  var baseline: String?

  @Option(
    name: .customLong("write-baseline"),
    help: ArgumentHelp("Write what is found now to this file, for --baseline.", valueName: "file"))
  var baselineToWrite: String?

  /// Whether any of them was asked for.
  var isGiven: Bool { fix || dryRun || baseline != nil || baselineToWrite != nil }

  func validate() throws {
    if dryRun, !fix { throw ValidationError("--dry-run goes with --fix") }
    if fix, baselineToWrite != nil {
      throw ValidationError("--fix and --write-baseline do not go together")
    }
  }
}
