import CEL
import Diagnostics
import Documents
import Intents

// Rules, promoted and patchable fields: what a GoldenPath says about intents beyond their schema.
extension GoldenPathReader {
  mutating func compiledRules(
    _ map: Value, _ scope: ExpressionScope
  ) -> [GoldenPath.Rule] {
    let path = spec.key("rules")
    let outer = scope
    var scope = ExpressionScope(
      Array(
        outer.variables.prefix(
          GoldenPath.variableNames(dialect).count + imports.imported.variables.count)))
    scope.names = outer.names
    var rules: [GoldenPath.Rule] = []
    for (index, value) in fields.list(map, "rules", at: spec).enumerated() {
      let path = path.index(index)
      let rule = fields.fields(value, at: path, known: ["rule", "message", "field"])
      let message = fields.string(rule, "message", at: path, isRequired: true)
      let field = fields.string(rule, "field", at: path)
      guard let source = fields.string(rule, "rule", at: path, isRequired: true),
        let condition = condition(source, at: path.key("rule"), scope)
      else { continue }
      var fieldPath: FieldPath?
      if let field {
        fieldPath = intentField(field, at: path.key("field"))
      }
      rules.append(
        GoldenPath.Rule(
          condition: condition,
          message: messageParts(message ?? "", at: path.key("message"), scope), field: fieldPath))
    }
    return rules
  }

  /// A rule's condition, with or without `${` and `}` around it.
  private mutating func condition(
    _ source: String, at path: FieldPath, _ scope: ExpressionScope
  ) -> Expression? {
    let expression: Expression?
    if case .success(let parts) = Interpolation.parse(source), parts.isStandalone,
      let only = parts.expressions.first
    {
      expression = compile(only.source, range: only.range, at: path, scope)
    } else {
      expression = compile(source, range: 0..<source.utf8.count, at: path, scope)
    }
    guard let expression else { return nil }
    checkReads(of: expression, scope, by: nil)
    checkBool(expression, what: "a rule")
    return expression
  }

  mutating func readPromoted(_ map: Value) -> [FieldPath] {
    let path = spec.key("promoted")
    var promoted: [FieldPath] = []
    for (index, text) in fields.strings(map, "promoted", at: spec).enumerated() {
      if let field = intentField(text, at: path.index(index)) { promoted.append(field) }
    }
    return promoted
  }

  /// The environments that intents may be for.
  mutating func readEnvironments(_ map: Value) -> [String] {
    let names = fields.strings(map, "environments", at: spec)
    if names.isEmpty, map["environments"].isKind(.list) {
      fields.report(
        "invalid-value", "a golden path for no environment is of no use",
        at: spec.key("environments"), help: "name environments, or take 'environments' out")
    }
    return names
  }

  mutating func readPatchable(_ map: Value) -> [String: [FieldPath]] {
    let path = spec.key("patchable")
    let ids = drafts.filter { $0.externalRef.isAbsent }.map(\.id)
    var patchable: [String: [FieldPath]] = [:]
    for (index, text) in fields.strings(map, "patchable", at: spec).enumerated() {
      guard let field = PlainPath(text), !field.steps.isEmpty,
        !field.steps.contains(where: { if case .index = $0 { true } else { false } })
      else {
        fields.report(
          "invalid-value", "'\(text)' is no field of a resource", at: path.index(index),
          help: "write it as 'deployment.spec.template.spec.tolerations'")
        continue
      }
      guard ids.contains(field.variable) else {
        fields.report(
          "unknown-resource", "there is no resource '\(field.variable)'", at: path.index(index),
          help: nearestName(to: field.variable, in: ids).map { "did you mean '\($0)'?" })
        continue
      }
      guard !["apiVersion", "kind"].contains(field.steps[0].key),
        FieldPath(field.steps) != FieldPath(keys: "metadata"),
        !FieldPath(keys: "metadata", "name").contains(FieldPath(field.steps)),
        !FieldPath(keys: "metadata", "namespace").contains(FieldPath(field.steps))
      else {
        fields.report(
          "invalid-value", "'\(text)' is part of what tells objects apart", at: path.index(index))
        continue
      }
      patchable[field.variable, default: []].append(FieldPath(field.steps))
    }
    return patchable
  }

  /// A field of the intent from a text such as `spec.image`.
  private mutating func intentField(_ text: String, at path: FieldPath) -> FieldPath? {
    guard let plain = PlainPath(text), plain.variable == "spec" else {
      fields.report(
        "invalid-value", "'\(text)' is no field of an intent's spec", at: path,
        help: "write it as 'spec.image'")
      return nil
    }
    if let problem = schemaProblem(plain.steps, below: specNode, named: "spec") {
      fields.report("unknown-field", problem.message, at: path, help: problem.help)
      return nil
    }
    return FieldPath([.key("spec")] + plain.steps)
  }

  /// A rule's message, whose expressions are evaluated when the rule does not hold.
  private mutating func messageParts(
    _ text: String, at path: FieldPath, _ scope: ExpressionScope
  ) -> [GoldenPath.Rule.MessagePart] {
    switch Interpolation.parse(text) {
    case .failure(let failure):
      fields.report("invalid-expression", failure.message, at: path, part: .text(failure.range))
      return []
    case .success(let parts):
      var message: [GoldenPath.Rule.MessagePart] = []
      for part in parts.parts {
        switch part {
        case .literal(let text, _): message.append(.literal(text))
        case .expression(let source, let range):
          guard let expression = compile(source, range: range, at: path, scope) else { continue }
          checkReads(of: expression, scope, by: nil)
          message.append(.expression(expression))
        }
      }
      return message
    }
  }
}

extension FieldPath.Step {
  fileprivate var key: String? {
    if case .key(let key) = self { return key }
    return nil
  }
}
