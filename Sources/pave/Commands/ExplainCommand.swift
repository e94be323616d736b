import ArgumentParser
import Catalogues
import GoldenPaths
import Pipeline

/// `pave explain`: what the intents of a kind can say, like `kubectl explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what an intent of a kind, one of its fields, or a rule is for.")

  @Argument(
    help: ArgumentHelp(
      "A golden path's kind, and a field of its spec: WebService.autoscaling. Or a rule: yaml/tag.",
      valueName: "kind[.field]|rule"))
  var subject: String

  @OptionGroup var version: GoldenPathVersion
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    if RulePages.isRule(subject) { return try explainRule() }
    let parts = subject.split(separator: ".").map(String.init)
    let session = try Session(platform, report)
    let (loaded, _) = try session.load(findingsTo: .error)
    let path = try version.path(ofKind: parts.first ?? "", in: loaded.goldenPaths)
    let page: FieldPage
    do {
      page = try FieldPage(path, field: Array(parts.dropFirst()))
    } catch {
      throw CommandFailure(message: error.message)
    }
    Stream.output.write(page.text)
  }

  private func explainRule() throws {
    if let page = RulePages.page(of: subject) { return Stream.output.write(page) }
    let nearest = RulePages.nearest(to: subject).map { ", did you mean '\($0)'?" } ?? ""
    throw CommandFailure(message: "there is no rule '\(subject)'\(nearest)")
  }
}
