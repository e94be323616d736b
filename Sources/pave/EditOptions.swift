import ArgumentParser
import Diagnostics
import Documents
import Files
import OutputTrees
import Pipeline
import Reports
import Repositories

/// What a command that edits intents does with its edits.
struct EditOptions: ParsableArguments {
  @Flag(help: "Show what would change; write nothing.")
  var dryRun = false

  @Flag(help: "Commit the files that changed, and nothing else, with your Git identity.")
  var commit = false

  @Option(
    help: ArgumentHelp("The message of the commit. (default: what was changed)", valueName: "text"))
  var message: String?

  func validate() throws {
    if commit, dryRun { throw ValidationError("--dry-run writes nothing; leave --commit out") }
    if message != nil, !commit { throw ValidationError("--message goes with --commit") }
  }

  /// Tries edits out, shows what they change, and writes them; nothing is written when the platform has a mistake then that it
  /// did not have before.
  func finish(
    _ editing: IntentEditing, of loaded: LoadedPlatform, found: [Finding], _ session: Session,
    _ report: ReportOptions, title: String
  ) throws {
    for (intent, field) in editing.missing {
      Stream.error.write("pave: '\(field)' of \(intent) is not set there: nothing is promoted\n")
    }
    let files = editing.files
    guard !files.isEmpty else { return Stream.output.write("nothing to change\n") }
    if commit { try checkUncommitted(files, session.folder) }
    var edited = session
    edited.world.files = OverlaidFileTree(
      session.world.files,
      files: Dictionary(files.map { ($0.path, $0.new) }, uniquingKeysWith: { first, _ in first }))
    let (after, foundAfter) = try edited.load(findingsTo: .error)
    var selection = loaded.everything
    selection.intents = editing.intents
    let rendering = after.render(selection, [.bytes])
    let before = Set(
      (found + loaded.render(selection, []).findings).filter { $0.severity == .error }
        .map(\.fingerprint))
    let fresh = (after.withSettings(foundAfter) + rendering.findings).filter {
      $0.severity == .error && !before.contains($0.fingerprint)
    }
    guard fresh.isEmpty else {
      try edited.print(fresh, ledger: Ledger(), to: .error)
      Stream.error.write("\(summary(of: fresh)): nothing was written\n")
      throw ExitCode(ExitStatus.findings)
    }
    let style = report.style(onTerminal: Stream.output.isTerminal)
    for file in files {
      Stream.output.write("--- a/\(file.path)\n+++ b/\(file.path)\n")
      Stream.output.write(LineDiff(old: file.old[...], new: file.new[...]).unified)
    }
    let objects = after.differences(of: rendering, selection, since: loaded)
    Stream.output.write(
      Array("\n".utf8) + DifferenceReport(objects, style: style).bytes(in: .text, since: nil))
    if dryRun { return Stream.error.write("nothing was written\n") }
    for file in files { try write(file.new, toFile: "\(session.folder)/\(file.path)") }
    if commit { try commit(files.map(\.path), in: session.folder, title, editing) }
  }

  /// A commit holds whole files: with other changes in them it would hold those too.
  private func checkUncommitted(_ files: [IntentEditing.File], _ folder: String) throws {
    let source = try reportingOutputErrors { try PlatformSource(folder: folder, revision: "HEAD") }
    for file in files {
      let path = source.folder.isEmpty ? file.path : source.folder + "/" + file.path
      guard !source.changedPaths.contains(where: { $0 == path || $0 == file.path }) else {
        throw CommandFailure(
          message: "'\(file.path)' has changes that are not committed\n"
            + "commit them first, or leave --commit out")
      }
    }
  }

  private func commit(
    _ paths: [String], in folder: String, _ title: String, _ editing: IntentEditing
  ) throws {
    var text = title + "\n\n"
    for change in editing.changes { text += "- \(described(change))\n" }
    try runGit(
      ["commit", "--quiet", "--only", "--message", message ?? text, "--"] + paths, in: folder)
    let source = try reportingOutputErrors { try PlatformSource(folder: folder, revision: "HEAD") }
    Stream.output.write("committed as \(source.commit.id.abbreviated): \(source.commit.subject)\n")
  }
}

/// `WebService/payments/checkout: spec.image in dev is 1.6.0`.
func described(_ change: IntentEditing.Change) -> String {
  let place = change.environment.map { " in \($0)" } ?? ""
  return "\(change.intent): \(change.field)\(place) is \(change.new)"
}
