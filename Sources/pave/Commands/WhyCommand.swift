import ArgumentParser
import Diagnostics
import Documents
import GoldenPaths
import Pipeline
import Reports

/// `pave why`: where a rendered value came from.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract:
      "Say where a rendered value came from: the intent, a default, a setting, the template.",
    discussion: """
      pave why Deployment/checkout .spec.replicas --environment prod
      pave why prod/payments/checkout/deployment-checkout.yaml:12
      pave why apps/payments/checkout.yaml:9 --environment prod

      A line of an intent is answered with all the values that come from it.
      --format json gives the same as JSON. Ends with 1 when the field is nowhere there.
      """)

  @Argument(
    help: ArgumentHelp(
      "An object, or a line of a file of the output or of an intent.",
      valueName: "KIND/NAME|FILE[:LINE]"))
  var subject: String

  @Argument(help: ArgumentHelp("A field: .spec.replicas", valueName: "field"))
  var field: String?

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var units: UnitOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (loaded, found) = try session.load(findingsTo: .error)
    let question = try question(loaded)
    let answer = loaded.explanations(
      of: question, try units.selection(in: loaded), places: session.places)
    guard !answer.explanations.isEmpty else {
      try session.print(
        loaded.withSettings(found) + answer.findings, ledger: Ledger(), to: .error)
      throw CommandFailure(message: nothingFound(question))
    }
    let places = session.places
    let texts = answer.explanations.map { ExplanationText($0, places: places) }
    if report.format == .json {
      let arena = Arena(firstChunkByteCount: 1 << 12)
      let list = arena.list(texts.map { $0.json(arena) })
      Stream.output.write(jsonBytes(of: list, indented: true) + [UInt8(ascii: "\n")])
    } else {
      Stream.output.write(texts.map(\.text).joined(separator: "\n"))
    }
    guard answer.explanations.contains(where: { $0.value != nil }) else {
      throw ExitCode(ExitStatus.findings)
    }
  }

  private func nothingFound(_ question: FieldQuestion) -> String {
    guard case .intent(let file, let line) = question.subject else {
      return "nothing that is rendered is '\(subject)'"
    }
    return line.map { "nothing that is rendered comes from line \($0) of '\(file)'" }
      ?? "nothing is rendered from '\(file)'"
  }

  private func question(_ loaded: LoadedPlatform) throws -> FieldQuestion {
    var path = FieldPath.root
    if let field {
      guard let parsed = FieldPath(parsing: field) else {
        throw CommandFailure(
          message: "'\(field)' is no field; write it as .spec.containers[0].image")
      }
      path = parsed
    }
    let parts = subject.split(separator: "/", omittingEmptySubsequences: false)
    let isFile = subject.contains(".yaml") || parts.count != 2
    guard isFile else {
      return FieldQuestion(.object(kind: String(parts[0]), name: String(parts[1])), field: path)
    }
    let (file, line) = lineOfFile()
    if let intent = loaded.intentFile(named: file) {
      if line != nil, field != nil {
        throw CommandFailure(message: "a line of an intent is asked about without a field")
      }
      return FieldQuestion(.intent(file: intent, line: line), field: path)
    }
    if let line {
      guard let found = SourceFile(try bytes(ofFile: file)).field(atLine: line) else {
        throw CommandFailure(message: "line \(line) of '\(file)' holds no field")
      }
      path = found.path
    }
    return FieldQuestion(.file(file), field: path)
  }

  /// `FILE:LINE` in its parts.
  private func lineOfFile() -> (file: String, line: Int?) {
    guard let colon = subject.lastIndex(of: ":"),
      let line = Int(subject[subject.index(after: colon)...])
    else { return (subject, nil) }
    return (String(subject[..<colon]), line)
  }
}
