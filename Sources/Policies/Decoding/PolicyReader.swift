import Diagnostics
import Documents
import Quantities

/// What every object of a policy file has, read before its own fields.
struct ObjectHeader {
  let name: String
  let kubernetes: KubernetesRange
  let root: FieldReader
  let spec: FieldReader?

  init(_ value: Value, specKeys: [String], isPolicy: Bool, _ log: ProblemLog) {
    root = FieldReader(
      value, at: .root, known: ["apiVersion", "kind", "metadata", "spec", "status"], log: log)
    let metadata = root.map("metadata", known: ObjectHeader.metadataKeys)
    let name = metadata?.requiredString("name") ?? ""
    self.name = name
    if isPolicy { log.policy = name } else { log.binding = name }
    if let metadata {
      for problem in name.isEmpty ? [] : NameFormat.dns1123Subdomain.problems(in: name) {
        metadata.fail("name", "'\(name)' is no name: \(problem)")
      }
    } else {
      root.fail("metadata", "'metadata.name' is required")
    }
    kubernetes = ObjectHeader.range(metadata)
    spec = root.map("spec", known: specKeys)
    if spec == nil { root.fail("spec", "'spec' is required") }
  }

  private static let metadataKeys = [
    "name", "generateName", "namespace", "labels", "annotations", "uid", "resourceVersion",
    "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "finalizers", "ownerReferences", "managedFields", "selfLink",
  ]

  private static func range(_ metadata: FieldReader?) -> KubernetesRange {
    guard let annotations = metadata?.value["annotations"], annotations.isKind(.map) else {
      return .all
    }
    let key = "pave.dev/kubernetes"
    guard let text = annotations[key].asString else { return .all }
    if let range = KubernetesRange(text) { return range }
    metadata?.log.add(
      "'\(text)' is no range of Kubernetes versions",
      at: FieldPath(keys: "metadata", "annotations").key(key),
      help: "write comparisons with ',' between them, such as '>=1.33,<1.36'")
    return .all
  }
}

extension Policy {
  private static let specKeys = [
    "failurePolicy", "paramKind", "matchConstraints", "matchConditions", "variables",
    "validations", "auditAnnotations",
  ]

  /// Reads and checks a policy as the API server does (kubernetes 1.36,
  /// `pkg/apis/admissionregistration/validation`), all but its expressions.
  ///
  /// `ownKeys` are further fields of `spec` that the kind has.
  init(reading value: Value, _ log: ProblemLog, ownKeys: [String] = []) {
    let header = ObjectHeader(value, specKeys: Policy.specKeys + ownKeys, isPolicy: true, log)
    name = header.name
    source = log.source
    kubernetes = header.kubernetes
    let spec = header.spec
    failurePolicy = spec?.choice("failurePolicy", of: FailurePolicy.self) ?? .fail
    paramKind = spec?.map("paramKind", known: ["apiVersion", "kind"]).flatMap(ParamKind.init)
    matchConstraints = Policy.constraints(spec)
    matchConditions = spec.map(Policy.conditions) ?? []
    variables = spec.map(Policy.variables) ?? []
    validations =
      spec?.maps(
        "validations", known: ["expression", "message", "messageExpression", "reason"]
      ).compactMap(Validation.init) ?? []
    auditAnnotations = spec.map { Policy.auditAnnotations($0, policy: header.name) } ?? []
    if let spec, spec.value["validations"].count == 0, spec.value["auditAnnotations"].count == 0 {
      spec.fail("validations", "'validations' or 'auditAnnotations' needs at least one entry")
    }
    isValid = !log.hasErrors
  }

  private static func constraints(_ spec: FieldReader?) -> MatchResources {
    guard let reader = spec?.map("matchConstraints", known: MatchResources.keys) else {
      spec?.fail("matchConstraints", "'matchConstraints' is required")
      return MatchResources.nothing
    }
    if reader.value.isKind(.map), reader.value["resourceRules"].count == 0 {
      reader.fail("resourceRules", "'resourceRules' needs at least one entry")
    }
    return MatchResources(reader)
  }

  private static func conditions(_ spec: FieldReader) -> [NamedExpression] {
    if spec.value["matchConditions"].count > 64 {
      spec.fail("matchConditions", "at most 64 conditions are allowed")
    }
    var names: Set<String> = []
    return spec.maps("matchConditions", known: ["name", "expression"]).compactMap { reader in
      let name = reader.requiredString("name")
      if let name {
        checkQualified(name, reader, "name")
        if !names.insert(name).inserted { reader.fail("name", "'\(name)' stands here twice") }
      }
      guard let expression = reader.expression("expression"), let name else { return nil }
      return NamedExpression(name: name, expression: expression)
    }
  }

  private static func variables(_ spec: FieldReader) -> [NamedExpression] {
    var names: Set<String> = []
    return spec.maps("variables", known: ["name", "expression"]).compactMap { reader in
      let name = reader.requiredString("name")
      if let name {
        if !isCELIdentifier(name) {
          reader.fail("name", "'\(name)' is no CEL identifier")
        } else if !names.insert(name).inserted {
          // The API server takes it (observed at 1.36), and the later one wins.
          reader.log.add(
            "the variable '\(name)' stands here twice, and the later one holds",
            at: reader.path.key("name"), severity: .warning, rule: "policy/duplicate-variable")
        }
      }
      guard let expression = reader.expression("expression"), let name else { return nil }
      return NamedExpression(name: name, expression: expression)
    }
  }

  private static func auditAnnotations(_ spec: FieldReader, policy: String) -> [NamedExpression] {
    if spec.value["auditAnnotations"].count > 20 {
      spec.fail("auditAnnotations", "at most 20 audit annotations are allowed")
    }
    var keys: Set<String> = []
    return spec.maps("auditAnnotations", known: ["key", "valueExpression"]).compactMap { reader in
      let key = reader.requiredString("key")
      if let key {
        checkQualified(policy.isEmpty ? key : "\(policy)/\(key)", reader, "key")
        if !keys.insert(key).inserted { reader.fail("key", "'\(key)' stands here twice") }
      }
      guard let expression = reader.expression("valueExpression"), let key else { return nil }
      if expression.text.utf8.count > 5 * 1024 {
        reader.fail("valueExpression", "the expression is longer than 5 KiB")
      }
      return NamedExpression(name: key, expression: expression)
    }
  }

  private static func checkQualified(_ name: String, _ reader: FieldReader, _ key: String) {
    for problem in NameFormat.qualifiedName.problems(in: name) {
      reader.fail(key, "'\(name)' is no qualified name: \(problem)")
    }
  }
}

extension MatchResources {
  /// What stands in for constraints that are missing: matches no request.
  static let nothing = MatchResources(
    namespaceSelector: .absent, objectSelector: .absent, matchesEquivalent: false,
    resourceRules: [], excludeResourceRules: [])
}

extension ParamKind {
  fileprivate init?(_ reader: FieldReader) {
    let apiVersion = reader.requiredString("apiVersion")
    let kind = reader.requiredString("kind")
    if let apiVersion {
      let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
      let isValid =
        parts.count <= 2
        && NameFormat.dns1035Label.accepts(String(parts.last ?? ""))
        && (parts.count < 2 || NameFormat.dns1123Subdomain.accepts(String(parts[0])))
      if !isValid { reader.fail("apiVersion", "'\(apiVersion)' is no API version") }
    }
    if let kind, !NameFormat.dns1035Label.accepts(kind.lowercased()) {
      reader.fail("kind", "'\(kind)' is no kind")
    }
    guard let apiVersion, let kind else { return nil }
    self.init(apiVersion: apiVersion, kind: kind)
  }
}

extension Validation {
  /// Reads one validation. `Unauthorized`, which the documentation lists, is refused by the server.
  fileprivate init?(_ reader: FieldReader) {
    let message = reader.string("message")
    if let message, !message.isEmpty {
      if trimmed(message).isEmpty {
        reader.fail("message", "the message is blank")
      } else if hasLineBreak(trimmed(message)) {
        reader.fail(
          "message", "the message has line breaks",
          help: "fold it into one line, with '>-' before the text")
      }
    }
    let text = reader.string("messageExpression")
    if let text, !text.isEmpty, trimmed(text).isEmpty {
      reader.fail("messageExpression", "the message expression is blank")
    }
    reason = reader.choice("reason", of: Reason.self) ?? .invalid
    self.message = message.map(trimmed).flatMap { $0.isEmpty ? nil : $0 }
    messageExpression = text.flatMap {
      $0.isEmpty
        ? nil : PolicyExpression(text: $0, path: reader.path.key("messageExpression"))
    }
    guard let expression = reader.expression("expression") else { return nil }
    self.expression = expression
  }
}

/// Words that CEL keeps for itself (apiserver, `pkg/cel/environment`, `reservedSymbols`).
private let reservedWords: Set<String> = [
  "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
  "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
]

private func isCELIdentifier(_ name: String) -> Bool {
  NameFormat.cIdentifier.accepts(name) && !reservedWords.contains(name)
}
