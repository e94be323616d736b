import ArgumentParser
import CEL
import Diagnostics
import Documents
import Files
import Schemas

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

  @Option(
    name: .customLong("schema"),
    help: "The type of a variable (object): [NAME=]FILE, a schema or CustomResourceDefinition.")
  var schemas: [String] = []

  @Option(help: "Declare the variable authorizer, which answers: allow, deny or unknown.")
  var authorizer: String?

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
    default:
      throw CommandFailure(
        message: "'\(costModel)' is no model: expected --cost-model cluster or as-written")
    }
    if jsonl {
      guard expression == nil, variables.isEmpty, schemas.isEmpty, authorizer == nil, !trace else {
        throw CommandFailure(
          message: "'--jsonl' reads everything from its rows: it takes no expression")
      }
      return try answerRows(dialect, model)
    }
    guard let expression else {
      throw CommandFailure(message: "expected an expression, or --jsonl")
    }
    try evaluate(expression, dialect, model)
  }

  private func dialect() throws -> Profile {
    guard let dialect = Profile(name: profile) else {
      throw CommandFailure(message: "'\(profile)' is no profile: expected spec, kro or k8s")
    }
    guard case .kubernetes = dialect else { return dialect }
    guard kubernetes.hasPrefix("1."), let minor = Int(kubernetes.dropFirst(2)),
      (30...Profile.newestKubernetesMinor).contains(minor)
    else {
      throw CommandFailure(
        message:
          "'\(kubernetes)' is no known version: expected 1.30 to 1.\(Profile.newestKubernetesMinor)"
      )
    }
    return .kubernetes(minor: minor)
  }

  // MARK: one expression

  private func evaluate(_ source: String, _ dialect: Profile, _ model: CostModel) throws {
    let bindings = try variables.map(binding)
    for (index, binding) in bindings.enumerated()
    where bindings[..<index].contains(where: { $0.name == binding.name }) {
      throw CommandFailure(message: "'--var \(binding.name)=…' is given twice")
    }
    var declared = bindings.map { Variable($0.name) }
    for text in schemas {
      let (name, type) = try typeOfVariable(text)
      guard let index = declared.firstIndex(where: { $0.name == name }) else {
        throw CommandFailure(
          message: "'--schema \(text)' is of no variable: expected '--var \(name)=FILE'")
      }
      declared[index].type = type
    }
    let answer = try authorizerAnswer()
    if answer != nil { declared.append(Variable("authorizer", type: .authorizer)) }
    let environment = CELEnvironment(profile: dialect, variables: declared)
    let program: Program
    switch environment.compile(source) {
    case .success(let compiled): program = compiled
    case .failure(let failure):
      for issue in failure.issues { report(issue.message, issue.range, issue.help, source) }
      throw ExitCode(ExitStatus.findings)
    }
    let evaluator = Evaluator(slotCount: declared.count)
    if let answer {
      evaluator.set(Evaluator.authorizer(answering: answer), slot: bindings.count)
    }
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
      throw CommandFailure(message: "'\(text)' is no variable: expected NAME=FILE")
    }
    let name = String(text[..<mark])
    guard isName(name) else {
      throw CommandFailure(
        message: "'\(name)' is no name of a variable: expected letters, digits and '_'")
    }
    return (name, try document(ofFile: String(text[text.index(after: mark)...])))
  }

  private func isName(_ text: String) -> Bool {
    text.utf8.first.map { $0 < 0x30 || $0 > 0x39 } ?? false
      && text.unicodeScalars.allSatisfy {
        $0 == "_" || $0 == "." || $0.isASCII && $0.properties.isAlphabetic || ("0"..."9") ~= $0
      }
  }

  private func document(ofFile path: String) throws -> Document {
    let file = parseYAML(try bytes(ofFile: path), file: path)
    if let finding = file.findings.first(where: { $0.severity == .error }) {
      throw CommandFailure(message: "'\(path)': \(finding.message)")
    }
    guard let document = file.documents.first else {
      throw CommandFailure(message: "'\(path)' holds no document")
    }
    return document
  }

  private func authorizerAnswer() throws -> AuthorizerAnswer? {
    switch authorizer {
    case nil: nil
    case "allow": .allow
    case "deny": .deny
    case "unknown": .unknown
    case let text?:
      throw CommandFailure(
        message: "'\(text)' is no answer: expected --authorizer allow, deny or unknown")
    }
  }

  // MARK: schemas

  /// The variable and the type that a schema's file gives it. Types only find mistakes: no result
  /// depends on them.
  private func typeOfVariable(_ text: String) throws -> (name: String, type: CELType) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.count == 2 ? String(parts[0]) : "object"
    let path = String(parts[parts.count - 1])
    let document = try document(ofFile: path)
    guard let (value, fieldPath) = schema(in: document.root) else {
      throw CommandFailure(message: "'\(path)' has no version with a schema")
    }
    let (schema, findings) = JSONSchema(
      value, file: path, path: fieldPath, area: "schema", isWholeObject: name == "object"
    ).compiled()
    if let finding = findings.first(where: { $0.severity == .error }) {
      throw CommandFailure(message: "'\(path)': \(finding.message)")
    }
    return (name, schema.root.celType(name: name).asWritten)
  }

  /// The schema in a document: that of the stored version of a CustomResourceDefinition, or all.
  private func schema(in root: Value) -> (Value, FieldPath)? {
    guard root["kind"].asString == "CustomResourceDefinition" else { return (root, .root) }
    let versions = root["spec"]["versions"].elements
    guard
      let index = versions.firstIndex(where: { $0["storage"].isTrue }) ?? versions.indices.first
    else { return nil }
    let schema = versions[index]["schema"]["openAPIV3Schema"]
    if schema.isAbsent { return nil }
    return (
      schema,
      FieldPath([
        .key("spec"), .key("versions"), .index(index), .key("schema"), .key("openAPIV3Schema"),
      ])
    )
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

extension CELType {
  /// The type of what a file holds, where times and bytes are texts.
  fileprivate var asWritten: CELType {
    switch self {
    case .timestamp, .duration, .bytes: .dyn
    case .list(let element): .list(element.asWritten)
    case .map(let key, let value): .map(key, value.asWritten)
    case .object(let type):
      .object(ObjectType(name: type.name, fields: type.fields.mapValues(\.asWritten)))
    default: self
    }
  }
}
