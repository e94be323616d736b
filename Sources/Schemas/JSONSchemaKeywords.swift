import CEL
import Diagnostics
import Documents
import Regexes

/// Reads the keywords of one schema into a draft.
struct KeywordReader {
  let compiler: JSONSchemaCompiler
  let map: Value
  let path: FieldPath
  let isValidationOnly: Bool
  private(set) var draft = NodeDraft(types: [])

  init(compiler: JSONSchemaCompiler, map: Value, path: FieldPath, isValidationOnly: Bool) {
    self.compiler = compiler
    self.map = map
    self.path = path
    self.isValidationOnly = isValidationOnly
  }

  mutating func read() -> NodeDraft {
    if compiler.isStructural {
      if !isValidationOnly { draft.flags.insert(.dropsNulls) }
    }
    if !compiler.isStructural || isValidationOnly { draft.additional = .any }
    for entry in map.entries {
      guard let key = entry.key.asString else { continue }
      if !readShape(key, entry.value), !readLimits(key, entry.value),
        !readAlternatives(key, entry.value), !readExtension(key, entry.value),
        !readNotes(key, entry.value)
      {
        reportUnknown(key)
      }
    }
    if draft.flags.contains(.nullable), !draft.types.isEmpty { draft.types.insert(.null) }
    if draft.types.contains(.null) { draft.flags.insert(.nullable) }
    if draft.flags.contains(.intOrString) { draft.anyOf = [] }
    let isUntyped = draft.types.isEmpty && !draft.flags.contains(.intOrString)
    if compiler.isStructural, !isValidationOnly, isUntyped {
      if draft.flags.contains(.preservesUnknown) {
        draft.additional = .any
        draft.flags.insert(.nullable)
      } else {
        if map["type"].isAbsent {
          report("the schema has no type", path, .key, help: "add 'type'")
        }
        draft.additional = .any
      }
    }
    if draft.flags.contains(.embeddedResource) { draft.makeEmbedded() }
    if compiler.isStructural, !isValidationOnly { checkStructure() }
    return draft
  }

  // MARK: what the value is

  private mutating func readShape(_ key: String, _ value: Value) -> Bool {
    let path = self.path.key(key)
    switch key {
    case "type":
      let names = value.isKind(.list) ? Array(value.elements) : [value]
      for name in names { readType(name, path) }
    case "nullable":
      if bool(value, path) { draft.flags.insert(.nullable) }
    case "properties":
      for (name, child) in schemas(value, path) { draft.properties.append((name, child)) }
    case "required":
      // Draft 3 has a bool here; a list of names since draft 4.
      for (index, name) in list(value, path).enumerated() {
        if let name = name.asString {
          draft.required.insert(name)
        } else {
          report("a required field is \(shown(name)), expected a name", path.index(index))
        }
      }
    case "additionalProperties":
      if value.isKind(.bool) {
        draft.additional = value.isTrue ? .any : .none
      } else {
        draft.additional = .node(child(value, path))
      }
    case "items":
      if value.isKind(.list) {
        draft.prefixItems = value.elements.enumerated().map { child($1, path.index($0)) }
      } else {
        draft.items = child(value, path)
      }
    case "prefixItems" where !compiler.isStructural:
      draft.prefixItems = list(value, path).enumerated().map { child($1, path.index($0)) }
    case "additionalItems" where !compiler.isStructural:
      // What follows a list of schemas; means nothing beside one schema for all.
      if map["items"].isKind(.list) { draft.items = child(value, path) }
    case "contains" where !compiler.isStructural: draft.contains = validation(value, path)
    case "patternProperties":
      for (source, child) in schemas(value, path) {
        if let pattern = pattern(source, path.key(source), .key) {
          draft.patternProperties.append((pattern, child))
        }
      }
    case "default":
      let copy = compiler.builder.arena.copy(value)
      if compiler.isStructural {
        draft.defaultValue = copy
      } else {
        draft.notes.examples = compiler.builder.arena.list([copy])
      }
    default: return false
    }
    return true
  }

  private mutating func readType(_ name: Value, _ path: FieldPath) {
    let types: [String: ValueTypes] = [
      "object": .object, "array": .array, "string": .string, "integer": .integer,
      "number": .number, "boolean": .boolean, "null": .null,
    ]
    guard let text = name.asString, let type = types[text] else {
      let nearest = name.asString.flatMap { nearestName(to: $0, in: types.keys.sorted()) }
      return report(
        "'type' is \(shown(name)), expected one of \(types.keys.sorted().joined(separator: ", "))",
        path, help: nearest.map { "did you mean '\($0)'?" })
    }
    draft.types.insert(type)
  }

  // MARK: what it must satisfy

  private mutating func readLimits(_ key: String, _ value: Value) -> Bool {
    let path = self.path.key(key)
    switch key {
    case "minimum": if let bound = number(value, path) { raiseMinimum(bound, exclusive: false) }
    case "maximum": if let bound = number(value, path) { lowerMaximum(bound, exclusive: false) }
    case "exclusiveMinimum":
      if value.isKind(.bool) {
        if value.isTrue { draft.constraints.isMinimumExclusive = true }
      } else if let bound = number(value, path) {
        raiseMinimum(bound, exclusive: true)
      }
    case "exclusiveMaximum":
      if value.isKind(.bool) {
        if value.isTrue { draft.constraints.isMaximumExclusive = true }
      } else if let bound = number(value, path) {
        lowerMaximum(bound, exclusive: true)
      }
    case "multipleOf": draft.constraints.multipleOf = max(0, number(value, path) ?? 0)
    case "minLength": draft.constraints.minLength = size(value, path) ?? 0
    case "maxLength": draft.constraints.maxLength = size(value, path) ?? .max
    case "minItems": draft.constraints.minItems = size(value, path) ?? 0
    case "maxItems": draft.constraints.maxItems = size(value, path) ?? .max
    case "minProperties": draft.constraints.minProperties = size(value, path) ?? 0
    case "maxProperties": draft.constraints.maxProperties = size(value, path) ?? .max
    case "minContains" where !compiler.isStructural:
      draft.constraints.minContains = size(value, path) ?? 1
    case "maxContains" where !compiler.isStructural:
      draft.constraints.maxContains = size(value, path) ?? .max
    case "uniqueItems": draft.constraints.uniqueItems = bool(value, path)
    case "pattern":
      if let text = string(value, path) { draft.pattern = pattern(text, path, .value) }
    case "format":
      let name = string(value, path) ?? ""
      draft.constraints.format = Format(name: name)
      if !compiler.isStructural, let format = Format(JSONSchemaName: name) {
        draft.constraints.format = format
      }
    case "enum":
      draft.constraints.allowed = compiler.builder.arena.copy(
        value.isKind(.list) ? value : .emptyList)
      if value.count == 0 { report("'enum' is \(shown(value)), expected a list of values", path) }
    case "const":
      draft.constraints.allowed = compiler.builder.arena.list([compiler.builder.arena.copy(value)])
    default: return false
    }
    return true
  }

  private mutating func raiseMinimum(_ bound: Double, exclusive: Bool) {
    if bound < draft.constraints.minimum { return }
    draft.constraints.minimum = bound
    if exclusive { draft.constraints.isMinimumExclusive = true }
  }

  private mutating func lowerMaximum(_ bound: Double, exclusive: Bool) {
    if bound > draft.constraints.maximum { return }
    draft.constraints.maximum = bound
    if exclusive { draft.constraints.isMaximumExclusive = true }
  }

  private mutating func readAlternatives(_ key: String, _ value: Value) -> Bool {
    let path = self.path.key(key)
    switch key {
    case "allOf": draft.allOf += validations(value, path)
    case "$ref" where !compiler.isStructural:
      if let reference = string(value, path) {
        draft.allOf.append(compiler.resolve(reference, self.path))
      }
    case "dependencies" where !compiler.isStructural,
      "dependentRequired" where !compiler.isStructural,
      "dependentSchemas" where !compiler.isStructural:
      for entry in value.entries {
        guard let name = entry.key.asString else { continue }
        draft.allOf.append(dependency(of: name, entry.value, path.key(name)))
      }
    case "anyOf": draft.anyOf = validations(value, path)
    case "oneOf": draft.oneOf = validations(value, path)
    case "not": draft.not = validation(value, path)
    case "propertyNames" where !compiler.isStructural:
      draft.propertyNames = validation(value, path)
    case "if" where !compiler.isStructural: draft.condition = validation(value, path)
    case "then" where !compiler.isStructural: draft.then = validation(value, path)
    case "else" where !compiler.isStructural: draft.otherwise = validation(value, path)
    default: return false
    }
    return true
  }

  /// A schema for objects that have a field: further fields that they must have, or a schema.
  private func dependency(of name: String, _ value: Value, _ path: FieldPath) -> Int {
    var present = NodeDraft(types: [])
    present.additional = .any
    var dependent = present
    var consequence = present
    present.required = [name]
    // Only an object can have the field.
    present.allOf = [compiler.builder.add(Self.object)]
    if value.isKind(.list) {
      consequence.required = Set(value.elements.compactMap(\.asString))
      dependent.then = compiler.builder.add(consequence)
    } else {
      dependent.then = validation(value, path)
    }
    dependent.condition = compiler.builder.add(present)
    return compiler.builder.add(dependent)
  }

  private static var object: NodeDraft {
    var draft = NodeDraft(types: .object)
    draft.additional = .any
    return draft
  }

  // MARK: Kubernetes' own

  private mutating func readExtension(_ key: String, _ value: Value) -> Bool {
    guard key.hasPrefix("x-") else { return false }
    guard compiler.isStructural else { return true }
    let path = self.path.key(key)
    switch key {
    case "x-kubernetes-preserve-unknown-fields":
      if bool(value, path) { draft.flags.insert(.preservesUnknown) }
    case "x-kubernetes-int-or-string":
      if bool(value, path) { draft.flags.insert(.intOrString) }
    case "x-kubernetes-embedded-resource":
      if bool(value, path) { draft.flags.insert(.embeddedResource) }
    case "x-kubernetes-list-type": readListType(value, path)
    case "x-kubernetes-list-map-keys":
      let names = list(value, path).filter { $0.isKind(.string) }
      draft.constraints.listKeys = compiler.builder.arena.copy(
        compiler.builder.arena.list(names))
    case "x-kubernetes-validations":
      for (index, rule) in list(value, path).enumerated() { readRule(rule, path.index(index)) }
    case "x-kubernetes-map-type": break
    default: return false
    }
    return true
  }

  private mutating func readListType(_ value: Value, _ path: FieldPath) {
    switch value.asString {
    case "atomic": draft.constraints.listType = .atomic
    case "set": draft.constraints.listType = .set
    case "map": draft.constraints.listType = .map
    default:
      report("the list type is \(shown(value)), expected 'atomic', 'set' or 'map'", path)
    }
  }

  private mutating func readRule(_ value: Value, _ path: FieldPath) {
    guard let source = value["rule"].asString, !source.isEmpty else {
      return report("the validation has no 'rule'", path)
    }
    let compiler = self.compiler
    draft.rules.append(
      RuleDraft(
        source: source, message: value["message"].asString ?? "",
        messageExpression: value["messageExpression"].asString,
        isOldOptional: value["optionalOldSelf"].isTrue
      ) { issue, part in
        let key = part == .rule ? "rule" : "messageExpression"
        compiler.add(
          "invalid-validation", "the \(key) is not valid: \(issue.message)", path.key(key),
          part: .text(issue.range), help: issue.help)
      })
  }

  // MARK: for people

  private mutating func readNotes(_ key: String, _ value: Value) -> Bool {
    switch key {
    case "description": draft.notes.description = value.asString ?? ""
    case "title": draft.notes.title = value.asString ?? ""
    case "deprecated": draft.notes.isDeprecated = value.isTrue
    case "example":
      draft.notes.examples = compiler.builder.arena.list([compiler.builder.arena.copy(value)])
    case "examples":
      if value.isKind(.list) { draft.notes.examples = compiler.builder.arena.copy(value) }
    case "externalDocs", "id", "$id", "$schema", "$comment", "$anchor", "$defs", "definitions",
      "readOnly", "writeOnly":
      break
    default: return false
    }
    return true
  }

  private func reportUnknown(_ key: String) {
    let known = [
      "type", "nullable", "properties", "required", "additionalProperties", "items", "default",
      "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
      "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems",
      "pattern", "format", "enum", "allOf", "anyOf", "oneOf", "not", "description", "title",
      "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string",
      "x-kubernetes-embedded-resource", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
      "x-kubernetes-validations", "x-kubernetes-map-type",
    ]
    let nearest = nearestName(to: key, in: known)
    // JSON Schema lets anybody add keywords of their own, so only what checks values is reported.
    let isUnchecked = [
      "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
    ].contains(key)
    let isTypo = nearest != nil && key.utf8.count >= 6
    guard compiler.isStructural || isUnchecked || isTypo else { return }
    compiler.add(
      "unknown-keyword", severity: compiler.isStructural ? .error : .warning,
      isUnchecked ? "the keyword '\(key)' is not checked" : "unknown keyword '\(key)'",
      path.key(key), part: .key, help: nearest.map { "did you mean '\($0)'?" })
  }

  // MARK: values of keywords

  private func child(_ value: Value, _ path: FieldPath) -> Int {
    compiler.compile(value, path, isValidationOnly: isValidationOnly)
  }

  private func validation(_ value: Value, _ path: FieldPath) -> Int {
    compiler.compile(value, path, isValidationOnly: true)
  }

  private func validations(_ value: Value, _ path: FieldPath) -> [Int] {
    list(value, path).enumerated().map { validation($1, path.index($0)) }
  }

  private func schemas(_ value: Value, _ path: FieldPath) -> [(String, Int)] {
    guard value.isKind(.map) else {
      report("the schemas are \(shown(value)), expected a map of names to schemas", path)
      return []
    }
    return value.entries.compactMap { entry in
      entry.key.asString.map { ($0, child(entry.value, path.key($0))) }
    }
  }

  private func list(_ value: Value, _ path: FieldPath) -> [Value] {
    if !value.isKind(.list) { report("found \(shown(value)), expected a list", path) }
    return Array(value.elements)
  }

  private func bool(_ value: Value, _ path: FieldPath) -> Bool {
    if !value.isKind(.bool) { report("found \(shown(value)), expected true or false", path) }
    return value.isTrue
  }

  private func string(_ value: Value, _ path: FieldPath) -> String? {
    if !value.isKind(.string) { report("found \(shown(value)), expected a string", path) }
    return value.asString
  }

  private func number(_ value: Value, _ path: FieldPath) -> Double? {
    if let whole = value.asInt { return Double(whole) }
    if let number = value.asDouble { return number }
    report("found \(shown(value)), expected a number", path)
    return nil
  }

  private func size(_ value: Value, _ path: FieldPath) -> Int? {
    if let size = value.asInt, size >= 0 { return Int(size) }
    report("found \(shown(value)), expected a whole number from 0 on", path)
    return nil
  }

  private func pattern(_ source: String, _ path: FieldPath, _ part: Place.Part) -> Pattern? {
    switch Pattern.compile(source) {
    case .success(let pattern): return pattern
    case .failure(let error):
      let range = error.byteOffset..<error.byteOffset + 1
      compiler.add(
        "invalid-pattern", "the pattern is not valid: \(error.message)", path,
        part: part == .value ? .text(range) : part, help: error.help)
      return nil
    }
  }

  func report(
    _ message: String, _ path: FieldPath, _ part: Place.Part = .value, help: String? = nil
  ) {
    compiler.add("invalid-schema", message, path, part: part, help: help)
  }
}
