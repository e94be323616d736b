import Diagnostics
import Documents
import Quantities

extension PolicyBinding {
  private static let specKeys = ["policyName", "paramRef", "matchResources", "validationActions"]

  /// Reads and checks a binding as the API server does (kubernetes 1.36,
  /// `pkg/apis/admissionregistration/validation`).
  init(reading value: Value, _ log: ProblemLog) {
    let header = ObjectHeader(value, specKeys: PolicyBinding.specKeys, isPolicy: false, log)
    name = header.name
    source = log.source
    kubernetes = header.kubernetes
    let spec = header.spec
    policyName = spec?.requiredString("policyName") ?? ""
    for problem in policyName.isEmpty ? [] : NameFormat.dns1123Subdomain.problems(in: policyName) {
      spec?.fail("policyName", "'\(policyName)' is no name: \(problem)")
    }
    paramRef = spec?.map(
      "paramRef", known: ["name", "namespace", "selector", "parameterNotFoundAction"]
    ).flatMap(ParamRef.init)
    matchResources = spec?.map("matchResources", known: MatchResources.keys)
      .map(MatchResources.init)
    actions = spec.map(PolicyBinding.actions) ?? []
    isValid = !log.hasErrors
  }

  /// What stands in for a binding in a RepositoryPolicy: the policy's own `validationActions` and
  /// `paramRef`.
  init(of policy: Policy, _ log: ProblemLog) {
    name = policy.name
    source = log.source
    kubernetes = policy.kubernetes
    policyName = policy.name
    matchResources = nil
    let root = log.source.document.root["spec"]
    guard root.isKind(.map) else {
      paramRef = nil
      actions = []
      isValid = false
      return
    }
    let spec = FieldReader(
      root, at: FieldPath(keys: "spec"), known: root.entries.compactMap(\.key.asString), log: log)
    paramRef = spec.map(
      "paramRef", known: ["name", "namespace", "selector", "parameterNotFoundAction"]
    ).flatMap(ParamRef.init)
    actions = PolicyBinding.actions(spec)
    isValid = !log.hasErrors
  }

  private static func actions(_ spec: FieldReader) -> [ValidationAction] {
    let words = spec.strings("validationActions")
    if words.isEmpty {
      spec.fail(
        "validationActions", "'validationActions' needs at least one of Deny, Warn, Audit")
    }
    var actions: [ValidationAction] = []
    for (text, path) in words {
      guard let action = spec.choice(text, at: path, of: ValidationAction.self) else { continue }
      if actions.contains(action) {
        spec.log.add("'\(text)' stands here twice", at: path)
      } else {
        actions.append(action)
      }
    }
    if actions.contains(.deny), actions.contains(.warn) {
      spec.fail(
        "validationActions", "Deny and Warn stand together",
        help: "a refusal shows the same text already: remove 'Warn'")
    }
    return actions
  }
}

extension ParamRef {
  private enum NotFoundAction: String, CaseIterable {
    case allow = "Allow"
    case deny = "Deny"
  }

  fileprivate init?(_ reader: FieldReader) {
    let name = reader.string("name").flatMap { $0.isEmpty ? nil : $0 }
    let selector = readSelector(reader, "selector")
    if name != nil, selector != nil {
      reader.fail("selector", "'name' and 'selector' stand together", help: "keep one of them")
    }
    if name == nil, selector == nil {
      reader.fail("name", "one of 'name' and 'selector' is required")
    }
    namespace = reader.string("namespace").flatMap { $0.isEmpty ? nil : $0 }
    let action = reader.choice("parameterNotFoundAction", of: NotFoundAction.self)
    if !reader.has("parameterNotFoundAction") {
      reader.fail(
        "parameterNotFoundAction", "'parameterNotFoundAction' is required",
        help: "Deny or Allow: what happens to a request for which there is no parameter")
    }
    allowsNotFound = action == .allow
    if let name {
      choice = .name(name)
    } else if let selector {
      choice = .selector(selector)
    } else {
      return nil
    }
  }
}
