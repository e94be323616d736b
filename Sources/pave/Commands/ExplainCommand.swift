import ArgumentParser
import Catalogues
import GoldenPaths
import Pipeline

/// `pave explain`: what the intents of a kind can say, like `kubectl explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what an intent of a kind, or one of its fields, is for.")

  @Argument(
    help: ArgumentHelp(
      "A golden path's kind, and a field of its spec: WebService.autoscaling.",
      valueName: "kind[.field]"))
  var subject: String

  @OptionGroup var version: GoldenPathVersion
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
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
}
