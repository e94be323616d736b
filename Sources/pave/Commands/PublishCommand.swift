import ArgumentParser
import Diagnostics
import Files
import OutputTrees
import Pipeline
import Reports
import Repositories

/// `pave publish`: a commit of the platform becomes a commit of the output.
struct PublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Render a commit, check it, and commit the manifests to the output repository.",
    discussion: """
      What is published is always a commit of the platform's own repository, never the work tree. \
      Findings refuse it as in 'pave lint'; nothing is written unless every environment passed. The \
      branch moves from the tip that was read to the new commit, or not at all.

      The output repository may be a path, or a server's by https://, ssh:// or host:path. A server is connected to only \
      when its host is allowed, by --allow-host or PAVE_ALLOWED_HOSTS. For https, PAVE_GIT_TOKEN holds a token, else \
      Git's credential helpers are asked; for ssh the ssh program finds keys and hosts as always.
      """)

  @OptionGroup var platform: PlatformOptions

  @Option(help: ArgumentHelp("The commit to publish.", valueName: "rev"))
  var revision = "HEAD"

  @Flag(
    help: "Show what would be published; write nothing. Takes the work tree when it has changes.")
  var dryRun = false

  @Flag(help: "Create the output repository (bare) when it is not there.")
  var create = false

  @Flag(help: "Publish although the output was rendered from a commit that is no ancestor.")
  var allowRewind = false

  @Flag(help: "Let an environment that had objects be left without any.")
  var allowEmpty = false

  @Flag(help: "Let over 30 % and at least 10 of an environment's objects be deleted.")
  var allowDeletions = false

  @Flag(help: "Let objects be deleted that are marked as not to be (pave.dev/protected: \"true\").")
  var allowProtected = false

  @Option(
    help: "Which findings refuse it: new (not on what is published) or all. (default: new)")
  var failOn = ChangeOptions.FailOn.new

  @OptionGroup var signing: SigningOptions

  @Option(
    help: "Who writes the objects: own (one pack) or stock (libgit2, slowly, for comparison).")
  var engine = WritingEngine.own

  @OptionGroup var connections: ConnectionArguments
  @OptionGroup var copies: CopyOptions
  @OptionGroup var cache: CacheOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    var session = try Session(platform, report, copies)
    let folder = session.folder
    let revision = revision
    let source = try reportingOutputErrors {
      try PlatformSource(folder: folder, revision: revision)
    }
    if source.changedPaths.isEmpty || revision != "HEAD" {
      session.world.files = source.files(beside: session.world.files)
    } else if !dryRun {
      throw CommandFailure(
        message:
          "the work tree has changes that are not committed: \(listed(source.changedPaths))\n"
          + "commit them, name a commit with --revision, or look with --dry-run")
    }
    let publications = dryRun ? nil : cache.openPublications(source.repository)
    defer { if let publications { publications.file.write(publications.known) } }
    let publishing = Publishing(
      session: session, source: source, question: question(source, session),
      options: optionTexts, known: publications?.known)
    if let earlier = publishing.known?.unchanged(publishing.wholeQuestion) {
      try session.print(earlier.findings, ledger: earlier.ledger, to: .error)
      Stream.output.write(earlier.text)
      return
    }
    let moved: [BranchPublication]
    switch publishDifference(publishing) {
    case .done(let done)?: return try end(publishing, done)
    case .whole(let branches)?: moved = branches
    case nil: moved = []
    }
    try publishWhole(publishing, moved)
  }

  /// Renders, checks and publishes the whole platform.
  private func publishWhole(_ publishing: Publishing, _ moved: [BranchPublication]) throws {
    var session = publishing.session
    let source = publishing.source
    let (known, keyFile) = cache.open(session.folder)
    session.known = known
    defer { if let known { keyFile?.write(known) } }
    let (loaded, found) = try session.load(findingsTo: .error)
    let options = try options()
    let connection = connections.options
    let isCreating = create && !dryRun
    let stores = try reportingOutputErrors {
      try loaded.openOutputs(
        platformFolder: session.folder, create: isCreating, connection)
    }
    let (rendering, linting) = loaded.lintForPublishing(
      found: found, platformFolder: session.folder, to: stores, guards: options.guards)
    var findings = linting.findings
    guard isClean(findings) else {
      try session.print(findings, ledger: linting.ledger, to: .error)
      Stream.error.write("\(summary(of: findings)): nothing was published\n")
      throw ExitCode(ExitStatus.findings)
    }
    let isAnswered = linting.ledger.evaluations > 0 || linting.ledger.reused > 0
    if loaded.hasPolicies, linting.ledger.manifests > 0, !isAnswered {
      throw CommandFailure(
        message:
          "no policy was evaluated although pave.yaml names policies: nothing was published\n"
          + "'pave lint' says why")
    }
    let result = try reportingOutputErrors {
      try loaded.publish(
        rendering, from: source.commit, in: source.repository, to: stores, options, moved: moved)
    }
    findings += result.findings
    try session.print(findings, ledger: linting.ledger, to: .error)
    guard report.exitStatus(of: result.findings) == ExitStatus.clean else {
      Stream.error.write("\(summary(of: findings)): nothing was published\n")
      throw ExitCode(ExitStatus.findings)
    }
    let text = try text(of: result, loaded, from: source.commit)
    Stream.output.write(text)
    guard let known = publishing.known else { return }
    loaded.unchanged(
      result, from: source.commit, to: stores, findings: findings, ledger: linting.ledger,
      text: text
    ).map { known.add($0, publishing.wholeQuestion) }
    loaded.lastPublication(
      result, rendering, from: source, to: stores, found: found, findings: findings,
      ledger: linting.ledger
    ).map { known.add($0, publishing.question) }
  }

  /// What the command prints of the branches.
  func text(
    of result: PublishResult, _ loaded: LoadedPlatform, from source: Commit
  ) throws -> String {
    let hasSeveral = Set(result.branches.map(\.repository)).count > 1
    var text = ""
    for branch in result.branches {
      let prefix = hasSeveral ? loaded.shownOutput(branch.repository) + " " : ""
      if case .planned = branch.outcome {
        let message = try reportingOutputErrors {
          try loaded.commitText(of: branch, from: source)
        }
        text += "\(prefix)\(branch.branch): the commit would be\n\n\(message ?? "")\n"
      }
      text += self.text(of: branch, named: prefix + branch.branch)
    }
    return text
  }

  /// All that a platform is published by beside its files, the output and the options.
  private func question(_ source: PlatformSource, _ session: Session) -> [String] {
    [
      session.world.version, session.world.build, session.world.today,
      DiskFileTree(session.folder)?.root ?? session.folder, source.folder,
    ]
  }

  /// The options that say what may be published.
  private var optionTexts: [String] {
    [
      failOn.rawValue, report.failSeverity.rawValue,
      "\(allowRewind) \(allowEmpty) \(allowDeletions) \(allowProtected) \(engine)",
    ]
  }

  /// Whether findings do not stand in the way.
  func isClean(_ findings: [Finding]) -> Bool {
    report.exitStatus(of: failOn.failing(findings)) == ExitStatus.clean
  }

  func options() throws -> PublishOptions {
    var options = PublishOptions()
    options.isDryRun = dryRun
    options.allowsRewind = allowRewind
    options.guards.allowsEmpty = allowEmpty
    options.guards.allowsDeletions = allowDeletions
    options.guards.allowsProtected = allowProtected
    options.engine = engine
    if !dryRun { options.signer = try signing.signer() }
    return options
  }

  private func text(of branch: BranchPublication, named name: String) -> String {
    let report = ChangesReport(style: report.style(onTerminal: Stream.output.isTerminal))
    let old = branch.tip?.abbreviated ?? "new"
    switch branch.outcome {
    case .unchanged: return "\(name): \(old), no changes\n"
    case .superseded(let later):
      return "\(name): superseded: a later state, \(later.abbreviated), is published\n"
    case .planned:
      return report.text(of: branch.changes.changes)
        + "\(name): \(old), nothing was written\n"
    case .published(let commit):
      return
        "\(name): \(old) -> \(commit.abbreviated)  \(report.summary(of: branch.changes.changes))\n"
    }
  }
}

extension WritingEngine: ExpressibleByArgument {}

/// The first five paths, and how many more there are.
private func listed(_ paths: [String]) -> String {
  let first = paths.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
  return paths.count > 5 ? "\(first) and \(paths.count - 5) more" : first
}
