import ArgumentParser
import Diagnostics
import Documents
import Files
import Manifests
import Reports
import ServedKinds

/// `pave normalize`: objects as the API server would hold them.
struct NormalizeCommand: ParsableCommand {
  enum Form: String, ExpressibleByArgument, CaseIterable { case yaml, json }

  static let configuration = CommandConfiguration(
    commandName: "normalize",
    abstract: "Print objects as the API server would hold them, or why it would refuse them.",
    discussion: """
      Types and unknown fields, defaults, the rules of each kind, and the form that is stored, for the \
      built-in kinds and for custom resources whose definitions --schemas names. With --old the \
      object is an update: fields that cannot change are held too.

      In YAML a comment stands at every value that was defaulted. Refusals go to standard error.
      """)

  @Argument(
    help: ArgumentHelp("The YAML or JSON file, of one object or several.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp("What the object was before: a file of one object.", valueName: "file"))
  var old: String?

  @Option(
    name: .customLong("schemas"),
    help: ArgumentHelp(
      "CustomResourceDefinitions: a file or a folder; may be repeated.", valueName: "path"))
  var schemas: [String] = []

  @Option(help: ArgumentHelp("The Kubernetes version, such as 1.36.", valueName: "version"))
  var kubernetes = "1.\(KindTable.newestMinor)"

  @Option(help: "How the objects are printed: yaml or json.")
  var format = Form.yaml

  func run() throws {
    let minor = try knownMinor(kubernetes)
    let definitions = try schemas.flatMap(documents)
    let kinds = ServedKinds(minor: minor, customResources: definitions)
    let parsed = parseYAML(try bytes(ofFile: file), file: file, as: .apiServer)
    var findings = parsed.findings
    if let finding = emptyStart(parsed) { findings.append(finding) }
    var objects: [(index: Int, document: Document)] = []
    if !parsed.hasErrors {
      for (index, document) in parsed.documents.enumerated() where !document.root.isNull {
        for object in items(of: document) { objects.append((index, object)) }
      }
    }
    let before = try old.map { path in
      let parsed = parseYAML(try bytes(ofFile: path), file: path, as: .apiServer)
      guard !parsed.hasErrors, let document = parsed.documents.first(where: { !$0.root.isNull })
      else { throw CommandFailure(message: "'\(path)' holds no object") }
      return document
    }
    var admitted: [Admission] = []
    for (index, document) in objects {
      let admission = kinds.admission(of: document, old: before, tracksDefaults: format == .yaml)
      findings += admission.errors.map { finding($0, .error, index, document) }
      findings += admission.warnings.map { finding($0, .warning, index, document) }
      admitted.append(admission)
    }
    try print(findings)
    if findings.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.findings) }
    Stream.output.write(printed(admitted))
  }

  /// What is wrong with a file of one object that starts with an empty document: a server reads a request's first document
  /// only, and holds it for an object without anything in it. Several objects are no single request anyway.
  private func emptyStart(_ parsed: ParsedFile) -> Finding? {
    guard let first = parsed.documents.first, first.root.isNull,
      parsed.documents.count(where: { !$0.root.isNull }) == 1
    else { return nil }
    return Finding(
      rule: "schema/object", severity: .error,
      "metadata.name: the file starts with an empty document, the only one that the API server reads of a request",
      at: Place(file: file), help: "remove the first '---'")
  }

  /// The objects of a `List`, as kubectl sends them; any other document is one object.
  private func items(of document: Document) -> [Document] {
    let root = document.root
    guard root["kind"].asString == "List", root["apiVersion"].asString == "v1",
      !root["items"].isAbsent
    else { return [document] }
    return root["items"].elements.map { item in
      Document(root: item, arena: Arena(firstChunkByteCount: 256), borrowing: [document])
    }
  }

  private func documents(at path: String) throws -> [Document] {
    var names = [path]
    if let folder = DiskFileTree(path) {
      names = try folder.paths(under: "").filter {
        $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") || $0.hasSuffix(".json")
      }.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }
    return try names.flatMap { parseYAML(try bytes(ofFile: $0), file: $0).documents }
  }

  private func finding(
    _ error: ObjectError, _ severity: Severity, _ index: Int, _ document: Document
  ) -> Finding {
    var finding = Finding(
      rule: error.rule, severity: severity, "\(error.field): \(error.message)",
      at: .field(file, document: index, existing(error.path, in: document.root)), help: error.help)
    finding.path = error.path
    return finding
  }

  /// The part of a path that the object has: what is missing is pointed at where it would stand.
  private func existing(_ path: FieldPath, in root: Value) -> FieldPath {
    var value = root
    var steps: [FieldPath.Step] = []
    for step in path.steps {
      switch step {
      case .key(let key): value = value[key]
      case .index(let index):
        value = index < value.elements.count ? value.elements[index] : .absent
      }
      if value.isAbsent { break }
      steps.append(step)
    }
    return FieldPath(steps)
  }

  private func print(_ findings: [Finding]) throws {
    let places = PlaceFinder { place in (try? readFile(place.file, named: place.file)) ?? nil }
    let style = Style(isColoured: false)
    let report = TerminalReport(places: places, style: style, detail: .full)
    guard !findings.isEmpty else { return }
    Stream.error.write(report.text(of: findings))
  }

  private func printed(_ admitted: [Admission]) -> [UInt8] {
    switch format {
    case .json:
      let writer = JSONWriter(doubles: .asGo)
      for admission in admitted {
        guard let stored = admission.stored else { continue }
        writer.write(stored.root, order: .kubernetes, indented: true)
        writer.writeLineFeed()
      }
      return writer.bytes
    case .yaml:
      let objects = admitted.compactMap { admission in
        admission.stored.map { commented($0, admission.defaultedPaths) }
      }
      return Array(objects.joined(separator: Array("---\n".utf8)))
    }
  }

  /// A stored object as YAML, with a comment at every value that nobody wrote.
  private func commented(_ stored: Document, _ defaulted: [FieldPath]) -> [UInt8] {
    let writer = YAMLWriter()
    writer.writeDocument(stored.root)
    let bytes = writer.bytes
    let source = SourceFile(bytes)
    var lines: Set<Int> = []
    for path in defaulted where existing(path, in: stored.root) == path {
      lines.insert(source.range(of: .field(document: 0, path: path, part: .key)).line)
    }
    var result: [UInt8] = []
    var number = 1
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      result += line
      if lines.contains(number) { result += Array("  # default".utf8) }
      result.append(0x0A)
      number += 1
    }
    return result
  }
}
