import ArgumentParser
import Diagnostics
import OutputTrees
import Pipeline
import Reports
import Repositories

/// `pave verify`: whether what is published is what its source commit renders.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Render the source commit of what is published again, and compare.",
    discussion: """
      Without REV the tips of all branches are verified. The commit of the platform that they name as their source must be in \
      this clone; it is rendered in memory and held against every file. Edited, missing and foreign files are findings, and the \
      exit code is 1.

      Connects to nobody: of a server's repository it reads what was fetched last.
      """)

  @Argument(help: ArgumentHelp("A commit or branch of the output.", valueName: "rev"))
  var revision: String?

  @OptionGroup var reading: OutputReading
  @OptionGroup var copies: CopyOptions
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    var session = try Session(platform, report, copies)
    let (loaded, _) = try session.load(findingsTo: .error)
    let selection = try reading.selection(in: loaded)
    let commits = try reportingOutputErrors {
      try loaded.commitsToVerify(
        revision, in: selection, platformFolder: session.folder, proposed: reading.proposed)
    }
    var findings: [Finding] = []
    for commit in commits {
      let source = try reportingOutputErrors {
        try PlatformSource(folder: session.folder, revision: "\(commit.source)")
      }
      var before = session
      before.world.files = source.files(beside: session.world.files)
      let (then, _) = try before.load(findingsTo: .error)
      let found = try reportingOutputErrors { try then.verify(commit) }
      session.revisions["\(commit.commit)"] = commit.files
      findings += found
      let name = loaded.shownOutput(commit.repository) + " " + commit.name
      let result = found.isEmpty ? "is what it renders" : summary(of: found)
      Stream.error.write(
        "\(name): \(commit.commit.abbreviated), rendered from \(commit.source.abbreviated): \(result)\n"
      )
    }
    try session.print(findings, ledger: Ledger(), to: .output)
    guard report.exitStatus(of: findings) == ExitStatus.clean else {
      throw ExitCode(ExitStatus.findings)
    }
  }
}
