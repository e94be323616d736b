import CEL
import Documents
import Schemas

/// Compiles the `x-kubernetes-validations` of a CustomResourceDefinition's schema (apiextensions
/// `pkg/apiserver/schema/cel/compilation.go`, 1.36).
extension ObjectValidation {
  mutating func schemaRules(_ schema: Value) {
    var costs = RuleCosts()
    schemaRules(
      schema, name: "selfType", isResource: true, isCorrelatable: true, Cardinality(), &costs)
    totalCost(costs)
  }

  /// `isCorrelatable` is false where an element of the old object cannot be found again: below lists
  /// that are no maps.
  private mutating func schemaRules(
    _ schema: Value, name: String, isResource: Bool, isCorrelatable: Bool,
    _ cardinality: Cardinality, _ costs: inout RuleCosts
  ) {
    let below = cardinality.below(schema)
    entries("properties", of: schema) { validation, key, property in
      validation.schemaRules(
        property, name: "\(name).\(key.asString ?? "")",
        isResource: property["x-kubernetes-embedded-resource"].isTrue,
        isCorrelatable: isCorrelatable, below, &costs)
    }
    if schema["additionalProperties"].isKind(.map) {
      field("additionalProperties", of: schema) { validation, values in
        validation.schemaRules(
          values, name: "\(name).@values", isResource: false, isCorrelatable: isCorrelatable,
          below, &costs)
      }
    }
    if schema["items"].isKind(.map) {
      field("items", of: schema) { validation, items in
        validation.schemaRules(
          items, name: "\(name).@idx",
          isResource: items["x-kubernetes-embedded-resource"].isTrue,
          isCorrelatable: isCorrelatable && schema["x-kubernetes-list-type"].isString("map"),
          below, &costs)
      }
    }
    let rules = schema["x-kubernetes-validations"]
    if rules.isUnset { return }
    guard let type = declaredType(schema, name: name, isResource: isResource),
      let bounds = ValueBounds.of(schema, isResource: isResource)
    else { return }
    elements("x-kubernetes-validations", of: schema) { validation, rule, _ in
      validation.schemaRule(
        rule, type, bounds, isCorrelatable: isCorrelatable, cardinality, &costs)
    }
  }

  private mutating func schemaRule(
    _ rule: Value, _ type: CELType, _ bounds: ValueBounds, isCorrelatable: Bool,
    _ cardinality: Cardinality, _ costs: inout RuleCosts
  ) {
    let isOptional = rule["optionalOldSelf"].isTrue
    let environment = CELEnvironment(
      profile: .kubernetes(minor: minor),
      variables: [
        Variable("self", type: type),
        Variable("oldSelf", type: isOptional ? .optional(type) : type),
      ])
    let text = rule["rule"].asString ?? ""
    switch environment.compile(text) {
    case .failure(let failure):
      report(
        "crd/rule", .invalid, at: "rule",
        "'\(text)' does not compile: \(ExpressionProblem(failure).message)",
        help: failure.issues.first?.help)
    case .success(let program):
      let cost = cardinality.cost(program.greatestCost(sizes: bounds.size), bounds)
      expressionCost(cost, of: "rule", at: "rule", &costs)
      if program.resultType != .bool {
        report(
          "crd/rule", .invalid, at: "rule",
          "the rule must evaluate to bool, found \(program.resultType)")
      }
      let usesOld = program.references.contains { $0.variable == "oldSelf" }
      if usesOld, !isCorrelatable {
        report(
          "crd/rule", .invalid, at: "rule",
          "'oldSelf' cannot be used inside a list whose items cannot be told apart",
          help: "use x-kubernetes-list-type: map, or a rule at the list itself")
      }
      if !usesOld, rule["optionalOldSelf"].isSet {
        report(
          "crd/rule", .invalid, at: "optionalOldSelf",
          "'optionalOldSelf' needs a rule with 'oldSelf'")
      }
    }
    let message = rule["messageExpression"].asString ?? ""
    if message.trimmedBlanks.isEmpty { return }
    switch environment.compile(message) {
    case .failure(let failure):
      report(
        "crd/rule", .invalid, at: "messageExpression",
        "'\(message)' does not compile: \(ExpressionProblem(failure).message)")
    case .success(let program):
      if program.resultType != .string {
        report(
          "crd/rule", .invalid, at: "messageExpression",
          "the expression must evaluate to string, found \(program.resultType)")
      }
      expressionCost(
        program.greatestCost(sizes: bounds.size), of: "message expression",
        at: "messageExpression", &costs)
    }
  }
}

private let objectMeta = CELType.object(
  ObjectType(
    name: "metadata", fields: ["name": .string, "generateName": .string]))

/// The type of values of a schema in rules; nil where rules cannot see them (apiserver
/// `pkg/cel/common/schemas.go`, `SchemaDeclType`).
private func declaredType(_ schema: Value, name: String, isResource: Bool) -> CELType? {
  if schema["x-kubernetes-int-or-string"].isTrue { return .dyn }
  let type = schema["type"]
  if type.isString("array") {
    guard schema["items"].isKind(.map) else { return nil }
    return declaredType(
      schema["items"], name: "\(name).@idx",
      isResource: schema["items"]["x-kubernetes-embedded-resource"].isTrue
    ).map { .list($0) }
  }
  if type.isString("object") {
    let values = schema["additionalProperties"]
    if values.isKind(.map) {
      return declaredType(values, name: "\(name).@values", isResource: false).map {
        .map(.string, $0)
      }
    }
    var fields: [String: CELType] = [:]
    for entry in schema["properties"].entries {
      guard let key = entry.key.asString,
        let field = declaredType(
          entry.value, name: "\(name).\(key)",
          isResource: entry.value["x-kubernetes-embedded-resource"].isTrue)
      else { continue }
      fields[escapedRuleName(key) ?? key] = field
    }
    if isResource {
      fields["apiVersion"] = .string
      fields["kind"] = .string
      fields["metadata"] = objectMeta
    }
    return .object(ObjectType(name: name, fields: fields))
  }
  if type.isString("string") {
    let format = schema["format"]
    if format.isString("byte") { return .bytes }
    if format.isString("duration") { return .duration }
    if format.isString("date") || format.isString("date-time") { return .timestamp }
    return .string
  }
  if type.isString("boolean") { return .bool }
  if type.isString("number") { return .double }
  if type.isString("integer") { return .int }
  return nil
}
