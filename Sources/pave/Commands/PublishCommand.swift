import ArgumentParser
import Diagnostics
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

  @Option(
    help: "Which findings refuse it: new (not on what is published) or all. (default: new)")
  var failOn = ChangeOptions.FailOn.new

  @OptionGroup var cache: CacheOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    var session = try Session(platform, report)
    let folder = session.folder
    let revision = revision
    let source = try reportingOutputErrors {
      try PlatformSource(folder: folder, revision: revision)
    }
    let (known, keyFile) = cache.open(folder)
    session.known = known
    defer { if let known { keyFile?.write(known) } }
    if source.changedPaths.isEmpty || revision != "HEAD" {
      session.world.files = source.files(beside: session.world.files)
    } else if !dryRun {
      throw CommandFailure(
        message:
          "the work tree has changes that are not committed: \(listed(source.changedPaths))\n"
          + "commit them, name a commit with --revision, or look with --dry-run")
    }
    let (loaded, found) = try session.load(findingsTo: .error)
    let (rendering, linting) = loaded.lintForPublishing(
      found: found, platformFolder: folder, guards: options.guards)
    var findings = linting.findings
    guard report.exitStatus(of: failOn.failing(findings)) == ExitStatus.clean else {
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
    let options = options
    let result = try reportingOutputErrors {
      try loaded.publish(
        rendering, from: source.commit, in: source.repository, platformFolder: folder, options)
    }
    findings += result.findings
    try session.print(findings, ledger: linting.ledger, to: .error)
    guard report.exitStatus(of: result.findings) == ExitStatus.clean else {
      Stream.error.write("\(summary(of: findings)): nothing was published\n")
      throw ExitCode(ExitStatus.findings)
    }
    for branch in result.branches { Stream.output.write(text(of: branch)) }
  }

  private var options: PublishOptions {
    var options = PublishOptions()
    options.create = create
    options.isDryRun = dryRun
    options.allowsRewind = allowRewind
    options.guards.allowsEmpty = allowEmpty
    options.guards.allowsDeletions = allowDeletions
    return options
  }

  private func text(of branch: BranchPublication) -> String {
    let report = ChangesReport(style: report.style(onTerminal: Stream.output.isTerminal))
    let old = branch.tip?.abbreviated ?? "new"
    switch branch.outcome {
    case .unchanged: return "\(branch.branch): \(old), no changes\n"
    case .superseded(let later):
      return "\(branch.branch): superseded: a later state, \(later.abbreviated), is published\n"
    case .planned:
      return report.text(of: branch.changes.changes)
        + "\(branch.branch): \(old), nothing was written\n"
    case .published(let commit):
      return
        "\(branch.branch): \(old) -> \(commit.abbreviated)  \(report.summary(of: branch.changes.changes))\n"
    }
  }
}

/// The first five paths, and how many more there are.
private func listed(_ paths: [String]) -> String {
  let first = paths.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
  return paths.count > 5 ? "\(first) and \(paths.count - 5) more" : first
}
