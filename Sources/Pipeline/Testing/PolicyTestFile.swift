import Diagnostics
import Documents
import Intents
import Manifests

/// What a case of a policy's tests expects.
enum ExpectedVerdict: String, CaseIterable {
  /// The policy is asked, and says nothing.
  case admit
  /// A validation refuses the object.
  case deny
  /// A validation fails under a binding that only warns.
  case warn
  /// A validation fails under a binding that only writes to the audit log.
  case audit
  /// An expression fails to evaluate, or a parameter is missing.
  case error
  /// No validation is asked: no rule, selector or match condition takes the object.
  case notMatched = "not-matched"
}

/// One case of a `tests.yaml` beside a policy.
struct PolicyTestCase {
  let name: String
  /// The place of its name.
  let place: Place
  /// The Kubernetes 1.x minor version that it is for.
  let minor: Int
  let object: Document?
  let oldObject: Document?
  /// Parameters, the namespace, and other objects that exist.
  let exists: [Document]
  /// What is said of the request.
  let request: Document?
  let expected: ExpectedVerdict
  let expectedPlace: Place
  /// Texts that must all be said, each as a whole.
  let messages: [(text: String, place: Place)]
}

/// Reads the cases of one document of a `tests.yaml`.
struct PolicyTestReader {
  private static let keys = ["apiVersion", "kind", "metadata", "kubernetes", "base", "cases"]
  private static let caseKeys = [
    "name", "kubernetes", "object", "oldObject", "params", "namespace", "request", "objects",
    "expect", "message",
  ]

  private var fields: FieldReader
  private let document: Document

  /// The cases of a file, and what is wrong with it (`test/…`).
  static func cases(in file: ParsedFile) -> (cases: [PolicyTestCase], findings: [Finding]) {
    var cases: [PolicyTestCase] = []
    var findings = file.findings
    for (index, document) in file.documents.enumerated() where !document.root.isNull {
      var reader = PolicyTestReader(
        fields: FieldReader(file: file.file, document: index, area: "test"), document: document)
      cases += reader.read()
      findings += reader.fields.findings
    }
    if cases.isEmpty, !findings.contains(where: { $0.severity == .error }) {
      findings.append(
        Finding(
          rule: "test/no-cases", "there is no case in '\(file.file)'", at: Place(file: file.file),
          help: "write a list 'cases', each with 'name', 'object' and 'expect'"))
    }
    return (cases, findings)
  }

  private mutating func read() -> [PolicyTestCase] {
    let root = fields.fields(document.root, at: .root, known: Self.keys)
    if !root["kind"].isString("PolicyTests") {
      fields.report(
        "invalid-kind", "expected 'kind: PolicyTests'", at: FieldPath(keys: "kind"))
      return []
    }
    let minor = version(root, at: .root) ?? KindTable.newestMinor
    let base = root["base"]
    return fields.list(root, "cases", at: .root).enumerated().compactMap { index, value in
      read(value, at: FieldPath(keys: "cases").index(index), minor: minor, base: base)
    }
  }

  private mutating func read(
    _ value: Value, at path: FieldPath, minor: Int, base: Value
  ) -> PolicyTestCase? {
    let map = fields.fields(value, at: path, known: Self.caseKeys)
    let name = fields.string(map, "name", at: path, isRequired: true)
    let expected = fields.choice(map, "expect", at: path, of: ExpectedVerdict.self)
    if map["expect"].isAbsent { fields.reportMissing("expect", at: path) }
    if map["object"].isAbsent, map["oldObject"].isAbsent {
      fields.report(
        "missing-object", "a case needs 'object', 'oldObject' (a deletion), or both (an update)",
        at: path)
      return nil
    }
    guard let name, let expected else { return nil }
    let own = version(map, at: path)
    return PolicyTestCase(
      name: name, place: fields.place(path.key("name")), minor: own ?? minor,
      object: object(map["object"], base), oldObject: object(map["oldObject"], base),
      exists: listed(map, "params", path)
        + listed(map, "namespace", path).map(asNamespace) + listed(map, "objects", path),
      request: map["request"].isKind(.map) ? part(map["request"]) : nil,
      expected: expected, expectedPlace: fields.place(path.key("expect")),
      messages: messages(map, path))
  }

  private mutating func version(_ map: Value, at path: FieldPath) -> Int? {
    let value = map["kubernetes"]
    if value.isAbsent || value.isNull { return nil }
    if let version = value.asString.flatMap(KubernetesVersion.init), version.major == 1 {
      return version.minor
    }
    fields.report(
      "invalid-version", "expected a version of Kubernetes in quotes, such as \"1.36\"",
      at: path.key("kubernetes"))
    return nil
  }

  /// An object; a merge patch on `base` where the file has one.
  private func object(_ value: Value, _ base: Value) -> Document? {
    guard value.isKind(.map) else { return nil }
    if base.isAbsent { return part(value) }
    let arena = Arena(firstChunkByteCount: 1024)
    return Document(
      root: mergePatch(base, value, in: arena), arena: arena, borrowing: [document])
  }

  /// A Namespace; only its metadata need be written.
  private func asNamespace(_ document: Document) -> Document {
    guard document.root["kind"].isAbsent else { return document }
    let arena = Arena(firstChunkByteCount: 256)
    let root = arena.map([
      "apiVersion": arena.string("v1"), "kind": arena.string("Namespace"),
      "metadata": document.root["metadata"],
    ])
    return Document(root: root, arena: arena, borrowing: [document])
  }

  /// The maps of a field that holds one map or a list of them.
  private mutating func listed(_ map: Value, _ key: String, _ path: FieldPath) -> [Document] {
    let value = map[key]
    if value.isKind(.list) { return value.elements.filter { $0.isKind(.map) }.map(part) }
    if value.isKind(.map) { return [part(value)] }
    if !value.isAbsent, !value.isNull {
      fields.reportType(value, expected: "an object or a list of them", at: path.key(key))
    }
    return []
  }

  private mutating func messages(
    _ map: Value, _ path: FieldPath
  ) -> [(text: String, place: Place)] {
    let value = map["message"]
    let path = path.key("message")
    if value.isKind(.list) {
      return value.elements.enumerated().compactMap { index, element in
        element.asString.map { ($0, fields.place(path.index(index))) }
      }
    }
    if let text = value.asString { return [(text, fields.place(path))] }
    if !value.isAbsent, !value.isNull {
      fields.reportType(value, expected: "text", at: path)
    }
    return []
  }

  private func part(_ value: Value) -> Document {
    Document(root: value, arena: Arena(firstChunkByteCount: 64), borrowing: [document])
  }
}
