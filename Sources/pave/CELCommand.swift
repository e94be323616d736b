import ArgumentParser
import CEL
import Diagnostics
import Documents
import Files

#if canImport(Glibc)
  import Glibc
#endif

/// `pave cel`: evaluates expressions.
struct CELCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cel", abstract: "Evaluate a CEL expression, or rows of a conformance table.")

  @Argument(help: "The expression.")
  var expression: String?

  @Option(
    name: .customLong("var"),
    help: "A variable and the YAML or JSON file it is read from: NAME=FILE.")
  var variables: [String] = []

  @Flag(help: "Read rows of JSON from standard input and write one answer a row.")
  var jsonl = false

  @Option(help: "The dialect: spec, kro or k8s.")
  var profile = "k8s"

  @Option(help: "The version of Kubernetes that the k8s dialect is of.")
  var kubernetes = "1.\(Profile.newestKubernetesMinor)"

  @Flag(help: "Tell the cost in the units of Kubernetes.")
  var cost = false

  @Option(help: "cluster: literals are free; as-written: as Kubernetes' own tests count.")
  var costModel = "cluster"

  @Flag(help: "Tell which fields were read, and which of them decided the result.")
  var trace = false

  func run() throws {
    let dialect = try self.dialect()
    let model: CostModel
    switch costModel {
    case "cluster": model = .cluster
    case "as-written": model = .asWritten
    default: throw ValidationError("expected --cost-model cluster or as-written")
    }
    if jsonl { return try answerRows(dialect, model) }
    guard let expression else { throw ValidationError("expected an expression, or --jsonl") }
    try evaluate(expression, dialect, model)
  }

  private func dialect() throws -> Profile {
    guard let dialect = Profile(name: profile) else {
      throw ValidationError("'\(profile)' is no profile: expected spec, kro or k8s")
    }
    guard case .kubernetes = dialect else { return dialect }
    guard kubernetes.hasPrefix("1."), let minor = Int(kubernetes.dropFirst(2)),
      (30...Profile.newestKubernetesMinor).contains(minor)
    else {
      throw ValidationError(
        "'\(kubernetes)' is no known version: expected 1.30 to 1.\(Profile.newestKubernetesMinor)")
    }
    return .kubernetes(minor: minor)
  }

  // MARK: one expression

  private func evaluate(_ source: String, _ dialect: Profile, _ model: CostModel) throws {
    let bindings = try variables.map(binding)
    let environment = CELEnvironment(
      profile: dialect, variables: bindings.map { Variable($0.name) })
    let program: Program
    switch environment.compile(source) {
    case .success(let compiled): program = compiled
    case .failure(let failure):
      for issue in failure.issues { report(issue.message, issue.range, issue.help, source) }
      throw ExitCode(ExitStatus.findings)
    }
    let evaluator = Evaluator(slotCount: bindings.count)
    for (slot, binding) in bindings.enumerated() {
      evaluator.set(binding.document.root, slot: slot)
    }
    let (value, units) =
      cost ? evaluator.evaluateWithCost(program, model: model) : (evaluator.evaluate(program), 0)
    if value.kind == .error {
      let failure = evaluator.explain(value)
      report(failure.message, failure.range, failure.help, source)
    } else {
      Stream.output.write(value.notation + "\n")
    }
    if cost { Stream.output.write("cost: \(units)\n") }
    if trace { write(evaluator.trace(program)) }
    if value.kind == .error { throw ExitCode(ExitStatus.findings) }
  }

  private func binding(_ text: String) throws -> (name: String, document: Document) {
    guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
      throw ValidationError("'\(text)' is no variable: expected NAME=FILE")
    }
    let path = String(text[text.index(after: mark)...])
    let file = parseYAML(try bytes(ofFile: path), file: path)
    if let finding = file.findings.first(where: { $0.severity == .error }) {
      throw CommandFailure(message: "'\(path)': \(finding.message)")
    }
    guard let document = file.documents.first else {
      throw CommandFailure(message: "'\(path)' holds no document")
    }
    return (String(text[..<mark]), document)
  }

  /// A message with the line of the expression that it is about, and a mark below the place.
  private func report(_ message: String, _ range: Range<Int>?, _ help: String?, _ source: String) {
    var text = "error: \(message)\n"
    if let range {
      let bytes = Array(source.utf8)
      let first =
        bytes[..<min(range.lowerBound, bytes.count)].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      let last = bytes[first...].firstIndex(of: 0x0A) ?? bytes.count
      let before = String(
        decoding: bytes[first..<min(range.lowerBound, last)], as: UTF8.self)
      let marked = String(
        decoding: bytes[
          min(range.lowerBound, last)..<min(max(range.upperBound, range.lowerBound), last)],
        as: UTF8.self)
      text += "  " + String(decoding: bytes[first..<last], as: UTF8.self) + "\n"
      text += "  " + String(repeating: " ", count: before.count)
      text += String(repeating: "^", count: max(1, marked.count)) + "\n"
    }
    if let help { text += "help: \(help)\n" }
    Stream.error.write(text)
  }

  private func write(_ trace: Trace) {
    let deciding = Set(trace.deciding)
    for read in trace.reads {
      let path = read.path.isRoot ? "" : ".\(read.path)"
      let notes =
        (read.isMissing ? [" (not there)"] : []) + (deciding.contains(read) ? [" (decides)"] : [])
      Stream.output.write("read \(read.variable)\(path)\(notes.joined())\n")
    }
  }

  // MARK: rows

  private func answerRows(_ dialect: Profile, _ model: CostModel) throws {
    guard let input = fdopen(STDIN_FILENO, "r") else {
      throw CommandFailure(message: "standard input cannot be read")
    }
    while let line = nextLine(of: input) {
      let answer = line.withUnsafeBufferPointer {
        ConformanceRow.answer($0, profile: dialect, costs: cost ? model : nil)
      }
      print(answer)
    }
  }

  /// The next line that is not empty; nil at the end. Lines end at LF bytes only.
  private func nextLine(of input: UnsafeMutablePointer<FILE>) -> [UInt8]? {
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    while true {
      let count = getline(&buffer, &capacity, input)
      guard count > 0, let start = buffer else { return nil }
      let bytes = UnsafeRawBufferPointer(start: start, count: count)
      let line = bytes.last == 0x0A ? Array(bytes.dropLast()) : Array(bytes)
      if !line.isEmpty { return line }
    }
  }
}
