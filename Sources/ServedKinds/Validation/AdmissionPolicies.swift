import CEL
import Documents
import Quantities

private let failurePolicies: [StaticString] = ["Fail", "Ignore"]
private let reasons: [StaticString] = [
  "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized",
]
private let actions: [StaticString] = ["Audit", "Deny", "Warn"]
private let notFound: [StaticString] = ["Allow", "Deny"]
private let patchTypes: [StaticString] = ["ApplyConfiguration", "JSONPatch"]
private let reinvocations: [StaticString] = ["IfNeeded", "Never"]

/// What the API server asks of admission policies and bindings (admissionregistration
/// `validation.go`, 1.36).
extension ObjectValidation {
  /// Holds that a field holds an expression that compiles; its type, nil where it does not.
  mutating func expression(
    _ name: StaticString, of map: Value, _ expressions: AdmissionExpressions,
    _ expected: AdmissionExpressions.Expected, hasAuthorizer: Bool = true,
    hasVariables: Bool = false
  ) -> CELType? {
    let text = map[name].asString ?? ""
    if text.allSatisfy(\.isWhitespace) {
      report("admission/expression", .required, at: name, "an expression is missing")
      return nil
    }
    switch expressions.check(
      text, expecting: expected, hasAuthorizer: hasAuthorizer, hasVariables: hasVariables)
    {
    case .success(let type): return type
    case .failure(let problem):
      report(
        "admission/expression", .invalid, at: name,
        "'\(text)' does not compile: \(problem.message)",
        help: problem.help)
      return nil
    }
  }

  mutating func validatingPolicy(_ object: Value) {
    field("spec", of: object) { validation, spec in
      var expressions = validation.policyHead(spec)
      if spec["validations"].isUnset, spec["auditAnnotations"].isUnset {
        for name: StaticString in ["validations", "auditAnnotations"] {
          validation.report(
            "admission/no-validations", .required, at: name,
            "a policy needs 'validations' or 'auditAnnotations'")
        }
        return
      }
      validation.variables(spec, &expressions)
      validation.elements("validations", of: spec) { validation, rule, _ in
        validation.policyValidation(rule, expressions)
      }
      validation.auditAnnotations(spec, object["metadata"]["name"], expressions)
    }
  }

  /// What both kinds of policies begin with.
  private mutating func policyHead(_ spec: Value) -> AdmissionExpressions {
    choice(
      "admission/failure-policy", "failurePolicy", of: spec, among: failurePolicies,
      isRequired: false)
    let hasParams = spec["paramKind"].isSet
    if hasParams { field("paramKind", of: spec) { $0.paramKind($1) } }
    if spec["matchConstraints"].isSet {
      field("matchConstraints", of: spec) { validation, match in
        validation.matchResources(match)
        validation.require("admission/resource-rules", "resourceRules", of: match)
      }
    } else {
      report(
        "admission/match-constraints", .required, at: "matchConstraints",
        "a policy needs 'matchConstraints'")
    }
    matchConditions(of: spec, hasParams: hasParams)
    return AdmissionExpressions(minor: minor, hasParams: hasParams)
  }

  private mutating func paramKind(_ kind: Value) {
    let version = kind["apiVersion"]
    if require("admission/param-kind", "apiVersion", of: kind) {
      let parts = (version.asString ?? "").split(separator: "/", omittingEmptySubsequences: false)
      if parts.count > 2 {
        report(
          "admission/param-kind", .invalid, at: "apiVersion",
          "\(shown(version)) is no group and version")
      } else {
        if parts.count == 2, !NameFormat.dns1123Subdomain.accepts(String(parts[0])) {
          report(
            "admission/param-kind", .invalid, at: "apiVersion", "'\(parts[0])' is no API group")
        }
        if let last = parts.last, !NameFormat.dns1035Label.accepts(String(last)) {
          report(
            "admission/param-kind", .invalid, at: "apiVersion", "'\(last)' is no API version")
        }
      }
    }
    if require("admission/param-kind", "kind", of: kind),
      !NameFormat.dns1035Label.accepts((kind["kind"].asString ?? "").lowercased())
    {
      report("admission/param-kind", .invalid, at: "kind", "\(shown(kind["kind"])) is no kind")
    }
  }

  private mutating func variables(_ spec: Value, _ expressions: inout AdmissionExpressions) {
    for (index, variable) in spec["variables"].elements.enumerated() {
      let known = expressions
      let type = field("variables", of: spec) { validation, _ in
        validation.element(index) { validation in
          validation.variableName(variable["name"])
          return validation.expression(
            "expression", of: variable, known, .anything, hasVariables: true)
        }
      }
      if type != nil, let name = variable["name"].asString { expressions.declare(name, type) }
    }
  }

  private mutating func variableName(_ name: Value) {
    if name.isUnset {
      report("admission/variable", .required, at: "name", "a variable needs a name")
    } else if !isIdentifier(name) {
      report(
        "admission/variable", .invalid, at: "name",
        "\(shown(name)) is no identifier that an expression could say")
    }
  }

  private mutating func policyValidation(_ rule: Value, _ expressions: AdmissionExpressions) {
    _ = expression("expression", of: rule, expressions, .bool, hasVariables: true)
    let message = rule["message"].asString ?? ""
    let messageExpression = rule["messageExpression"]
    if !messageExpression.isUnset {
      if (messageExpression.asString ?? "").allSatisfy(\.isWhitespace) {
        report(
          "admission/message", .invalid, at: "messageExpression",
          "'messageExpression' is blank", help: "leave it out")
      } else {
        _ = expression(
          "messageExpression", of: rule, expressions, .string, hasAuthorizer: false,
          hasVariables: true)
      }
    }
    if !message.isEmpty, message.allSatisfy(\.isWhitespace) {
      report("admission/message", .invalid, at: "message", "'message' is blank")
    } else if trimmedLines(message) > 1 {
      report(
        "admission/message", .invalid, at: "message", "a message may not have more than one line")
    }
    if rule["reason"].isSet {
      field("reason", of: rule) { validation, reason in
        validation.choice("admission/reason", reason, among: reasons)
      }
    }
  }

  private mutating func auditAnnotations(
    _ spec: Value, _ policy: Value, _ expressions: AdmissionExpressions
  ) {
    let list = spec["auditAnnotations"]
    if list.count > 20 {
      report(
        "admission/audit-annotations", .invalid, at: "auditAnnotations",
        "found \(list.count) annotations, expected at most 20")
    }
    elements("auditAnnotations", of: spec) { validation, annotation, index in
      let key = annotation["key"].asString ?? ""
      let name = "\(policy.asString ?? "")/\(key)"
      for problem in NameFormat.qualifiedName.problems(in: name) {
        validation.report(
          "admission/audit-annotations", .invalid, at: "key", "'\(name)' \(problem)")
      }
      if annotation["valueExpression"].count > 5 << 10 {
        validation.report(
          "admission/audit-annotations", .tooLong, at: "valueExpression",
          "the expression has more than 5120 bytes")
      }
      _ = validation.expression(
        "valueExpression", of: annotation, expressions, .stringOrNull, hasVariables: true)
      if list.elements[..<index].contains(where: { unchanged($0["key"], annotation["key"]) }) {
        validation.report(
          "admission/audit-annotations", .duplicate, at: "key", "the key '\(key)' is there twice")
      }
    }
  }

  mutating func mutatingPolicy(_ object: Value) {
    field("spec", of: object) { validation, spec in
      var expressions = validation.policyHead(spec)
      validation.variables(spec, &expressions)
      validation.require("admission/mutations", "mutations", of: spec)
      validation.elements("mutations", of: spec) { validation, mutation, _ in
        validation.mutation(mutation)
      }
      validation.choice(
        "admission/reinvocation", "reinvocationPolicy", of: spec, among: reinvocations,
        isRequired: true)
    }
  }

  /// The types that mutations make (`Object{…}`) are not compiled here: only what is missing is said.
  private mutating func mutation(_ mutation: Value) {
    let type = mutation["patchType"]
    choice("admission/mutation", "patchType", of: mutation, among: patchTypes, isRequired: true)
    let (own, other): (StaticString, StaticString) =
      type.isString("JSONPatch")
      ? ("jsonPatch", "applyConfiguration") : ("applyConfiguration", "jsonPatch")
    guard patchTypes.contains(where: { type.isString($0) }) else { return }
    if mutation[other].isSet {
      report(
        "admission/mutation", .invalid, at: other,
        "a mutation of type \(shown(type)) has only '\(own)'"
      )
    }
    guard mutation[own].isSet else {
      return report(
        "admission/mutation", .required, at: own, "a mutation of type \(shown(type)) needs '\(own)'"
      )
    }
    field(own, of: mutation) { validation, patch in
      let text = patch["expression"].asString ?? ""
      if text.allSatisfy(\.isWhitespace) {
        validation.report(
          "admission/expression", .required, at: "expression", "an expression is missing")
      }
    }
  }

  mutating func policyBinding(_ object: Value, hasActions: Bool) {
    field("spec", of: object) { validation, spec in
      validation.requiredName("admission/policy-name", "policyName", of: spec, .dns1123Subdomain)
      if spec["paramRef"].isSet { validation.field("paramRef", of: spec) { $0.paramRef($1) } }
      if spec["matchResources"].isSet {
        validation.field("matchResources", of: spec) { $0.matchResources($1) }
      }
      if hasActions { validation.validationActions(spec) }
    }
  }

  private mutating func paramRef(_ reference: Value) {
    let hasName = !reference["name"].isUnset
    let hasSelector = reference["selector"].isSet
    if hasName {
      pathSegment("admission/param-ref", reference["name"], at: "name")
      if hasSelector {
        report(
          "admission/param-ref", .forbidden, at: "name", "'name' and 'selector' exclude each other")
      }
    }
    if hasSelector {
      field("selector", of: reference) { validation, selector in
        validation.labelSelector("admission/param-ref", selector)
        if hasName {
          validation.report(
            "admission/param-ref", .forbidden, "'name' and 'selector' exclude each other")
        }
      }
    }
    if !hasName, !hasSelector {
      report("admission/param-ref", .required, "give 'name' or 'selector'")
    }
    choice(
      "admission/param-ref", "parameterNotFoundAction", of: reference, among: notFound,
      isRequired: true)
  }

  private mutating func validationActions(_ spec: Value) {
    let list = spec["validationActions"]
    require("admission/validation-actions", "validationActions", of: spec)
    elements("validationActions", of: spec) { validation, action, index in
      validation.choice("admission/validation-actions", action, among: actions)
      if list.elements[..<index].contains(where: { $0.isIdentical(to: action) }) {
        validation.report(
          "admission/validation-actions", .duplicate, "\(shown(action)) is there twice")
      }
    }
    if list.hasElement("Deny"), list.hasElement("Warn") {
      report(
        "admission/validation-actions", .invalid, at: "validationActions",
        "'Deny' and 'Warn' exclude each other")
    }
  }
}

private func trimmedLines(_ text: String) -> Int {
  var text = text[...]
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return text.contains(where: \.isNewline) ? 2 : 1
}

private let reserved: Set<String> = [
  "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
  "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
]

/// Whether a text is an identifier of CEL that is not reserved.
private func isIdentifier(_ name: Value) -> Bool {
  NameFormat.cIdentifier.accepts(name.utf8) && !reserved.contains(name.asString ?? "")
}
