import CEL
import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests

/// One case of a `tests.yaml` beside a golden path.
struct GoldenPathTestCase {
  /// An assertion, compiled.
  struct Assertion {
    let text: String
    let place: Place
    let program: Program
  }

  let name: String
  let place: Place
  /// The intent's file, relative to the golden path's folder; nil for one that stands here.
  let intentFile: String?
  let intentPlace: Place
  /// The path of an intent that stands here, in its document.
  let intentPath: FieldPath
  let documentIndex: Int
  let document: Document
  /// Only this environment; nil for all.
  let environment: String?
  let assertions: [Assertion]
  /// Where it says that the intent is refused; nil when it is rendered.
  let fails: Place?
  /// Texts of findings that must be there when it fails.
  let messages: [(text: String, place: Place)]
  /// The names of resources, by slot.
  let resources: [ResourceFacts]
  /// Whether nothing is wrong with the case itself: one that asks less than is written must not pass.
  let isSound: Bool

  /// The intent that stands in the test file, as a file of its own whose places are the test's.
  func inlineFile(_ file: ParsedFile) -> ParsedFile {
    var inner = file
    inner.findings = []
    inner.documents = [
      Document(
        root: document.root[intentPath], arena: Arena(firstChunkByteCount: 64),
        borrowing: [document])
    ]
    return inner
  }

  /// What the assertions say against rendered units.
  func failures(_ units: [(context: RenderContext, unit: RenderedUnit, intent: Intent)])
    -> [Finding]
  {
    if units.isEmpty {
      return [
        Finding(
          rule: "test/nothing-evaluated", "'\(name)': the intent is for none of the environments",
          at: place)
      ]
    }
    let evaluator = Evaluator(slotCount: GoldenPathTestReader.fixedNames.count + resources.count)
    var findings: [Finding] = []
    for (context, unit, intent) in units {
      evaluator.reset()
      let arena = Arena()
      set(evaluator, context, unit, intent, arena)
      for assertion in assertions {
        let value = evaluator.evaluate(assertion.program)
        if value.isTrue { continue }
        let place =
          context.environment.isEmpty ? "" : " in '\(context.environment)'"
        let what =
          value.isKind(.error)
          ? "'\(assertion.text)' fails\(place): \(evaluator.explain(value).message)"
          : "'\(assertion.text)' does not hold\(place)"
        findings.append(
          Finding(rule: "test/failed-assertion", "'\(name)': \(what)", at: assertion.place))
      }
    }
    return findings
  }

  private func set(
    _ evaluator: Evaluator, _ context: RenderContext, _ unit: RenderedUnit, _ intent: Intent,
    _ arena: Arena
  ) {
    evaluator.set(arena.list(unit.manifests.map(\.value)), slot: 0)
    evaluator.set(
      EffectiveIntent(intent, in: context.environment).document.root, slot: 1)
    evaluator.set(context.environmentDocument.root, slot: 2)
    for (index, facts) in resources.enumerated() {
      let own = unit.manifests.filter { $0.resource == facts.id }.map(\.value)
      let value = facts.isCollection ? arena.list(own) : own.first ?? .null
      evaluator.set(value, slot: GoldenPathTestReader.fixedNames.count + index)
    }
  }

  /// Whether the intent was refused or rendered as expected.
  func verdict(_ refusals: [Finding]) -> [Finding] {
    let said = refusals.map { "'\($0.message)'" }.joined(separator: ", ")
    guard let fails else {
      if refusals.isEmpty { return [] }
      return [
        Finding(
          rule: "test/unexpected-verdict", "'\(name)': expected to be rendered, but is refused",
          at: place, help: "said: \(said)")
      ]
    }
    if refusals.isEmpty {
      return [
        Finding(
          rule: "test/unexpected-verdict", "'\(name)': expected to be refused, but is rendered",
          at: fails)
      ]
    }
    return messages.filter { message in
      !refusals.contains { $0.message == message.text || $0.rule == message.text }
    }.map { message in
      Finding(
        rule: "test/unexpected-message", "'\(name)': nothing said '\(message.text)'",
        at: message.place, help: "said: \(said)")
    }
  }
}

/// Reads the cases of a `tests.yaml` beside a golden path.
struct GoldenPathTestReader {
  /// What assertions can read beside the resources' ids.
  static let fixedNames = ["objects", "intent", "environment"]
  private static let caseKeys = ["name", "intent", "environment", "assert", "expect", "message"]

  private enum Expected: String, CaseIterable {
    case rendered
    case refused
  }

  private var fields: FieldReader
  private let document: Document
  private let index: Int
  private let resources: [ResourceFacts]
  private let language: CELEnvironment
  private let environments: [String]

  /// The cases of a file, and what is wrong with it.
  static func cases(
    in file: ParsedFile, _ paths: [GoldenPath], of library: GoldenPathLibrary,
    environments: [String]
  ) -> (cases: [GoldenPathTestCase], findings: [Finding]) {
    var cases: [GoldenPathTestCase] = []
    var findings = file.findings
    var resources: [ResourceFacts] = []
    for facts in paths.flatMap(\.resourceFacts) + paths.flatMap(library.expandedFacts)
    where !resources.contains(where: { $0.id == facts.id }) && !fixedNames.contains(facts.id) {
      resources.append(facts)
    }
    let language = CELEnvironment(
      profile: .kro, variables: (fixedNames + resources.map(\.id)).map { Variable($0) })
    for (index, document) in file.documents.enumerated() where !document.root.isNull {
      var reader = GoldenPathTestReader(
        fields: FieldReader(file: file.file, document: index, area: "test"), document: document,
        index: index, resources: resources, language: language, environments: environments)
      cases += reader.read()
      findings += reader.fields.findings
    }
    return (cases, findings)
  }

  private mutating func read() -> [GoldenPathTestCase] {
    let root = fields.fields(
      document.root, at: .root, known: ["apiVersion", "kind", "metadata", "cases"])
    guard root["kind"].isString("GoldenPathTests") else {
      fields.report(
        "invalid-kind", "expected 'kind: GoldenPathTests'", at: FieldPath(keys: "kind"))
      return []
    }
    return fields.list(root, "cases", at: .root).enumerated().compactMap { index, value in
      read(value, at: FieldPath(keys: "cases").index(index))
    }
  }

  private mutating func read(_ value: Value, at path: FieldPath) -> GoldenPathTestCase? {
    let count = fields.findings.count
    let map = fields.fields(value, at: path, known: Self.caseKeys)
    guard let name = fields.string(map, "name", at: path, isRequired: true) else { return nil }
    let intent = map["intent"]
    if intent.isAbsent || intent.isNull {
      fields.reportMissing("intent", at: path)
      return nil
    }
    guard intent.isKind(.map) || intent.isKind(.string) else {
      fields.reportType(
        intent, expected: "an intent, or the name of its file", at: path.key("intent"))
      return nil
    }
    let environment = fields.string(map, "environment", at: path)
    if let environment, !environments.contains(environment) {
      fields.report(
        "invalid-value", "there is no environment '\(environment)'", at: path.key("environment"))
      return nil
    }
    let expected = fields.choice(map, "expect", at: path, of: Expected.self)
    let assertions = assertions(map, path)
    if expected != .refused, map["assert"].count == 0 {
      fields.report(
        "nothing-asserted", "a case needs 'assert', or 'expect: refused'", at: path.key("name"))
      return nil
    }
    let messages = messages(map, path)
    return GoldenPathTestCase(
      name: name, place: fields.place(path.key("name")), intentFile: intent.asString,
      intentPlace: fields.place(path.key("intent")), intentPath: path.key("intent"),
      documentIndex: index, document: document, environment: environment, assertions: assertions,
      fails: expected == .refused ? fields.place(path.key("expect")) : nil,
      messages: messages, resources: resources, isSound: fields.findings.count == count)
  }

  private mutating func assertions(
    _ map: Value, _ path: FieldPath
  ) -> [GoldenPathTestCase.Assertion] {
    let texts =
      map["assert"].asString.map { [($0, path.key("assert"))] }
      ?? fields.strings(map, "assert", at: path).enumerated().map {
        ($1, path.key("assert").index($0))
      }
    return texts.compactMap { text, path in
      switch language.compile(text) {
      case .success(let program):
        return .init(text: text, place: fields.place(path), program: program)
      case .failure(let failure):
        for issue in failure.issues {
          fields.report(
            "invalid-assertion", issue.message, at: path, part: .text(issue.range),
            help: issue.help)
        }
        return nil
      }
    }
  }

  private mutating func messages(
    _ map: Value, _ path: FieldPath
  ) -> [(text: String, place: Place)] {
    if let text = map["message"].asString { return [(text, fields.place(path.key("message")))] }
    return fields.strings(map, "message", at: path).enumerated().map {
      ($1, fields.place(path.key("message").index($0)))
    }
  }
}
