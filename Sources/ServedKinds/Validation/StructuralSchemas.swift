import Documents

private let types: [StaticString] = ["array", "boolean", "integer", "number", "object", "string"]
private let listTypes: [StaticString] = ["atomic", "map", "set"]
private let mapTypes: [StaticString] = ["atomic", "granular"]
private let intOrString: StaticString = "x-kubernetes-int-or-string"
private let embedded: StaticString = "x-kubernetes-embedded-resource"
private let preserve: StaticString = "x-kubernetes-preserve-unknown-fields"
private let listType: StaticString = "x-kubernetes-list-type"
private let mapType: StaticString = "x-kubernetes-map-type"
private let listKeys: StaticString = "x-kubernetes-list-map-keys"
private let rootFields: [StaticString] = [
  "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum",
  "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
  "multipleOf", "required", "enum", "items", "properties", "example", "externalDocs",
  "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
]
/// What a schema below `allOf`, `anyOf`, `oneOf` and `not` may not say.
private let structuralOnly: [StaticString] = [
  "type", "additionalProperties", "default", "title", "description", "nullable",
  "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type",
  "x-kubernetes-map-type",
]
private let unsupported: [StaticString] = [
  "id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref",
]
private let logical: [StaticString] = ["anyOf", "allOf", "oneOf"]
private let scalarTypes: [StaticString] = ["array", "object"]

/// Where a schema stands in a structural one.
enum SchemaLevel {
  case root
  case field
  case item
}

/// The schemas of CustomResourceDefinitions (apiextensions `pkg/apiserver/schema/validation.go` and
/// `pkg/apis/apiextensions/validation`, 1.36).
extension ObjectValidation {
  /// Holds the schema of a version; the walk stands at `schema` or `validation`.
  mutating func wholeSchema(_ version: Value) {
    guard version["schema"]["openAPIV3Schema"].isSet else { return }
    field("openAPIV3Schema", of: version["schema"]) { validation, schema in
      let start = validation.errors.count
      if version["subresources"]["status"].isSet { validation.schemaWithStatus(schema) }
      if schema["nullable"].isTrue {
        validation.report(
          "crd/nullable-root", .forbidden, at: "nullable", "the object itself cannot be null")
      }
      let count = validation.errors.count
      validation.structuralSchema(schema, .root)
      if validation.errors.count == count { validation.nestedFieldsExist(schema) }
      if validation.errors.count == count { validation.schemaDefaults(schema) }
      let openAPI = validation.errors.count
      validation.openAPISchema(schema)
      if validation.errors.count == start || validation.errors.count == openAPI {
        if openAPI == start { validation.schemaRules(schema) }
      }
    }
  }

  private mutating func schemaWithStatus(_ schema: Value) {
    for entry in schema.entries where !entry.value.isUnset {
      if entry.key.isString("type") {
        if entry.value.isString("object") { continue }
        return report(
          "crd/status-root", .invalid, at: "type",
          "found \(shown(entry.value)), with a status subresource the root is an 'object'")
      }
      if !rootFields.contains(where: { entry.key.isString($0) }), entry.value.asBool != false {
        return report(
          "crd/status-root", .invalid,
          "\(shown(entry.key)) may not stand at the root with a status subresource")
      }
    }
  }

  // MARK: structure

  private mutating func structuralSchema(_ schema: Value, _ level: SchemaLevel) {
    let type = schema["type"]
    let items = schema["items"]
    if items.isKind(.map) {
      field("items", of: schema) { $0.structuralSchema($1, .item) }
    } else if type.isString("array") {
      report("crd/items", .required, at: "items", "a list needs a schema for its items")
    }
    entries("properties", of: schema) { validation, _, property in
      validation.structuralSchema(property, .field)
    }
    if schema["additionalProperties"].isSet, level == .root {
      report(
        "crd/additional-properties", .forbidden, at: "additionalProperties",
        "the root cannot have 'additionalProperties'")
    }
    if schema["additionalProperties"].isKind(.map) {
      field("additionalProperties", of: schema) { $0.structuralSchema($1, .field) }
    }
    extensions(schema)
    let isChoice = isIntOrStringChoice(schema)
    nestedValidations(schema, isChoice: isChoice)
    structuralType(schema, level)
    if level == .root || schema[embedded].isTrue { objectFields(schema) }
    if schema[embedded].isTrue, !schema[preserve].isTrue, schema["properties"].isUnset {
      report(
        "crd/embedded-resource", .required, at: "properties",
        "an embedded resource needs 'properties' or '\(preserve)'")
    }
  }

  private mutating func extensions(_ schema: Value) {
    guard schema[intOrString].isTrue else { return }
    for name in [preserve, embedded] where schema[name].isTrue {
      report(
        "crd/int-or-string", .invalid, at: name, "'\(name)' and '\(intOrString)' exclude each other"
      )
    }
  }

  private mutating func structuralType(_ schema: Value, _ level: SchemaLevel) {
    let type = schema["type"]
    if schema[embedded].isTrue, !type.isString("object") {
      report(
        "crd/embedded-resource", type.isUnset ? .required : .invalid, at: "type",
        "an embedded resource has the type 'object', found \(shown(type))")
    } else if type.isUnset, !schema[intOrString].isTrue, !schema[preserve].isTrue {
      let place: StaticString =
        switch level {
        case .root: "the root"
        case .item: "the items of a list"
        case .field: "a field"
        }
      report("crd/type-missing", .required, at: "type", "\(place) needs a type")
    }
    if schema[embedded].isTrue, schema["additionalProperties"].isSet {
      report(
        "crd/embedded-resource", .forbidden, at: "additionalProperties",
        "an embedded resource cannot have 'additionalProperties'")
    }
    if level == .root, !type.isUnset, !type.isString("object") {
      report(
        "crd/root-type", .invalid, at: "type", "found \(shown(type)), the root is an 'object'")
    }
  }

  /// `apiVersion`, `kind` and `metadata` are known without a schema.
  private mutating func objectFields(_ schema: Value) {
    let properties = schema["properties"]
    for name: StaticString in ["apiVersion", "kind"] where properties[name].isSet {
      if !properties[name]["type"].isString("string") {
        field("properties", of: schema) { validation, _ in
          validation.key(fieldKey(name)) {
            $0.report("crd/object-fields", .invalid, at: "type", "'\(name)' is a string")
          }
        }
      }
    }
    let metadata = properties["metadata"]
    guard metadata.isSet else { return }
    field("properties", of: schema) { validation, _ in
      validation.key(fieldKey("metadata")) { validation in
        if !metadata["type"].isString("object") {
          validation.report(
            "crd/object-fields", .invalid, at: "type", "'metadata' is an object")
        }
        let isPlain = metadata.entries.allSatisfy {
          $0.key.isString("type") || $0.key.isString("default") || $0.key.isString("description")
            || $0.key.isString("properties")
              && $0.value.entries.allSatisfy {
                $0.key.isString("name") || $0.key.isString("generateName")
              }
            || $0.value.isUnset
        }
        if !isPlain {
          validation.report(
            "crd/metadata-schema", .forbidden,
            "only 'name' and 'generateName' of the metadata can be restricted",
            help: "the rest of the metadata is known without a schema")
        }
      }
    }
  }

  private mutating func nestedValidations(_ schema: Value, isChoice: IntOrStringChoice) {
    if isChoice != .anyOf {
      elements("anyOf", of: schema) { validation, nested, _ in validation.nested(nested) }
    }
    elements("allOf", of: schema) { validation, nested, index in
      if isChoice == .allOf, index == 0 { return }
      validation.nested(nested)
    }
    elements("oneOf", of: schema) { validation, nested, _ in validation.nested(nested) }
    if schema["not"].isSet { field("not", of: schema) { $0.nested($1) } }
  }

  private mutating func nested(_ schema: Value) {
    nestedValidations(schema, isChoice: .none)
    if schema["items"].isKind(.map) { field("items", of: schema) { $0.nested($1) } }
    entries("properties", of: schema) { validation, _, property in validation.nested(property) }
    for name in structuralOnly where !schema[name].isUnset && schema[name].asBool != false {
      report(
        "crd/nested-structure", .forbidden, at: name,
        "'\(name)' may not stand below 'allOf', 'anyOf', 'oneOf' or 'not'",
        help: "say it in the schema itself")
    }
    if schema["properties"]["metadata"].isSet {
      report(
        "crd/nested-structure", .forbidden, in: "properties", key: "metadata",
        "'metadata' may not stand below 'allOf', 'anyOf', 'oneOf' or 'not'")
    }
  }

  /// What is said below `allOf`, `anyOf`, `oneOf` and `not` must be about fields that the schema has.
  private mutating func nestedFieldsExist(_ schema: Value) {
    for name in logical {
      for nested in schema[name].elements { nestedFieldsExist(nested, schema) }
    }
    if schema["not"].isSet { nestedFieldsExist(schema["not"], schema) }
    entries("properties", of: schema) { validation, _, property in
      validation.nestedFieldsExist(property)
    }
    if schema["items"].isKind(.map) {
      field("items", of: schema) { $0.nestedFieldsExist($1) }
    }
    if schema["additionalProperties"].isKind(.map) {
      field("additionalProperties", of: schema) { $0.nestedFieldsExist($1) }
    }
  }

  private mutating func nestedFieldsExist(_ nested: Value, _ schema: Value) {
    for entry in nested["properties"].entries {
      let own = schema["properties"].lookup(entry.key)
      if !own.isSet, !schema["additionalProperties"].isSet {
        field("properties", of: schema) { validation, _ in
          validation.key(entry.key) {
            $0.report(
              "crd/nested-structure", .required,
              "the field \(shown(entry.key)) is only named below 'allOf', 'anyOf', 'oneOf' or 'not'"
            )
          }
        }
      } else if own.isSet {
        field("properties", of: schema) { validation, _ in
          validation.key(entry.key) { $0.nestedFieldsExist(entry.value, own) }
        }
      }
    }
    if nested["items"].isKind(.map) {
      if schema["items"].isKind(.map) {
        field("items", of: schema) { validation, own in
          validation.nestedFieldsExist(nested["items"], own)
        }
      } else {
        report(
          "crd/nested-structure", .required, at: "items",
          "the items are only named below 'allOf', 'anyOf', 'oneOf' or 'not'")
      }
    }
    for name in logical {
      for deeper in nested[name].elements { nestedFieldsExist(deeper, schema) }
    }
    if nested["not"].isSet { nestedFieldsExist(nested["not"], schema) }
  }

  // MARK: OpenAPI

  /// Where a schema stands: in the metadata of an embedded object, and there below `additionalProperties`.
  private enum SchemaPlace { case fields, metadata, metadataMap }

  private mutating func openAPISchema(_ schema: Value, _ place: SchemaPlace = .fields) {
    let type = schema["type"]
    for name in unsupported where !schema[name].isUnset {
      report("crd/unsupported", .forbidden, at: name, "'\(name)' is not supported")
    }
    if schema["default"].isSet, place == .metadataMap {
      report(
        "crd/default", .forbidden, at: "default",
        "a default may not stand below 'additionalProperties' of an object's metadata")
    }
    if schema["items"].isKind(.list), !schema["items"].isUnset {
      report("crd/items", .forbidden, at: "items", "'items' must be one schema, not a list")
    }
    if type.isString("null") {
      report(
        "crd/type", .forbidden, at: "type", "the type cannot be 'null'", help: "use nullable: true")
    } else if !type.isUnset, !types.contains(where: { type.isString($0) }) {
      report(
        "crd/type", .notSupported, at: "type", "found \(shown(type)), expected \(listed(types))")
    }
    if schema["uniqueItems"].isTrue {
      report(
        "crd/unique-items", .forbidden, at: "uniqueItems", "'uniqueItems' cannot be true",
        help: "use x-kubernetes-list-type: set")
    }
    additionalProperties(schema, place)
    let isObject = schema[embedded].isTrue
    entries("properties", of: schema) { validation, name, property in
      let isOwn =
        isObject && (name.isText("metadata") || name.isText("apiVersion") || name.isText("kind"))
      validation.openAPISchema(property, isOwn && place == .fields ? .metadata : place)
    }
    if schema["not"].isSet { field("not", of: schema) { $0.openAPISchema($1, place) } }
    for name in ["allOf", "oneOf", "anyOf"] as [StaticString] {
      elements(name, of: schema) { validation, nested, _ in
        validation.openAPINested(nested)
      }
    }
    if schema["items"].isKind(.map) {
      field("items", of: schema) { $0.openAPISchema($1, place) }
    }
    listAndMapTypes(schema)
    ruleTexts(schema)
  }

  /// Types below `anyOf` are there for `x-kubernetes-int-or-string` only.
  private mutating func openAPINested(_ schema: Value) {
    openAPISchema(schema)
  }

  private mutating func additionalProperties(_ schema: Value, _ place: SchemaPlace) {
    let values = schema["additionalProperties"]
    guard values.isSet else { return }
    if !schema["properties"].isUnset, !values.isTrue {
      report(
        "crd/additional-properties", .forbidden, at: "additionalProperties",
        "'properties' and 'additionalProperties' exclude each other")
    }
    if values.isKind(.map) {
      // What would be pruned there cannot be told without a value.
      field("additionalProperties", of: schema) {
        $0.openAPISchema($1, place == .fields ? .fields : .metadataMap)
      }
    }
  }

  private mutating func listAndMapTypes(_ schema: Value) {
    let type = schema["type"]
    let list = schema[listType]
    let keys = schema[listKeys]
    if schema[preserve].asBool == false {
      report(
        "crd/preserve-unknown-fields", .invalid, at: preserve, "'\(preserve)' is true or not there")
    }
    if schema[mapType].isSet {
      if !type.isString("object") {
        report(
          "crd/map-type", type.isUnset ? .required : .invalid, at: "type",
          "'\(mapType)' needs the type 'object'")
      }
      choice("crd/map-type", mapType, of: schema, among: mapTypes)
    }
    if list.isSet {
      if !type.isString("array") {
        report(
          "crd/list-type", type.isUnset ? .required : .invalid, at: "type",
          "'\(listType)' needs the type 'array'")
      }
      choice("crd/list-type", listType, of: schema, among: listTypes)
    }
    if !keys.isUnset, !list.isString("map") {
      report(
        "crd/list-type", list.isSet ? .invalid : .required, at: listType,
        "'\(listKeys)' needs '\(listType): map'")
    }
    if list.isString("map") { listOfMaps(schema, keys) }
    if list.isString("map") || list.isString("set"), schema["items"].isKind(.map) {
      uniqueItems(schema, list, keys)
    }
  }

  private mutating func listOfMaps(_ schema: Value, _ keys: Value) {
    let items = schema["items"]
    require("crd/list-type", listKeys, of: schema)
    if !items.isSet {
      report("crd/list-type", .required, at: "items", "'\(listType): map' needs 'items'")
    } else if !items.isKind(.map) {
      report("crd/list-type", .invalid, at: "items", "'\(listType): map' needs one schema of items")
    } else if !items["type"].isString("object") {
      field("items", of: schema) { validation, _ in
        validation.report(
          "crd/list-type", .invalid, at: "type", "the items of '\(listType): map' are objects")
      }
    } else {
      for (index, key) in keys.elements.enumerated() {
        let property = items["properties"].lookup(key)
        if !property.isSet {
          report(
            "crd/list-type", .invalid, at: listKeys, "the items have no property \(shown(key))")
        } else if scalarTypes.contains(where: { property["type"].isString($0) }) {
          reportItemKey(schema, key, .invalid, "type", "a key is no list and no object")
        }
        if keys.elements[..<index].contains(where: { $0.isIdentical(to: key) }) {
          report("crd/list-type", .invalid, at: listKeys, "\(shown(key)) is there twice")
        }
      }
    }
  }

  private mutating func uniqueItems(_ schema: Value, _ list: Value, _ keys: Value) {
    let items = schema["items"]
    if items["nullable"].isTrue {
      field("items", of: schema) { validation, _ in
        validation.report(
          "crd/list-type", .forbidden, at: "nullable",
          "the items of a list of type \(shown(list)) cannot be null")
      }
    }
    guard list.isString("map") else { return }
    for key in keys.elements {
      let property = items["properties"].lookup(key)
      guard property.isSet else { continue }
      if !property["default"].isSet,
        !items["required"].elements.contains(where: { $0.isIdentical(to: key) })
      {
        reportItemKey(
          schema, key, .required, "default", "a key needs a default, or must be required")
      }
      if property["nullable"].isTrue {
        reportItemKey(schema, key, .forbidden, "nullable", "a key cannot be null")
      }
    }
  }

  private mutating func reportItemKey(
    _ schema: Value, _ name: Value, _ reason: ObjectError.Reason, _ field: StaticString,
    _ message: String
  ) {
    self.field("items", of: schema) { validation, items in
      validation.field("properties", of: items) { validation, _ in
        validation.key(name) {
          $0.report("crd/list-type", reason, at: field, "\(shown(name)): \(message)")
        }
      }
    }
  }

  /// What can be said of rules without compiling them.
  private mutating func ruleTexts(_ schema: Value) {
    elements("x-kubernetes-validations", of: schema) { validation, rule, _ in
      let text = rule["rule"].asString ?? ""
      let message = rule["message"].asString ?? ""
      let trimmed = message.trimmedBlanks
      if text.trimmedBlanks.isEmpty {
        validation.report("crd/rule", .required, at: "rule", "a rule is missing")
      } else if !message.isEmpty, trimmed.isEmpty {
        validation.report("crd/rule", .invalid, at: "message", "'message' is blank")
      } else if trimmed.contains(where: \.isNewline) {
        validation.report("crd/rule", .invalid, at: "message", "a message has only one line")
      } else if text.trimmedBlanks.contains(where: \.isNewline), trimmed.isEmpty {
        validation.report(
          "crd/rule", .required, at: "message", "a rule of several lines needs a message")
      }
      let expression = rule["messageExpression"].asString ?? ""
      if !expression.isEmpty, expression.trimmedBlanks.isEmpty {
        validation.report(
          "crd/rule", .required, at: "messageExpression", "'messageExpression' is blank")
      }
      validation.choice("crd/rule", "reason", of: rule, among: ruleReasons)
    }
  }
}

private let ruleReasons: [StaticString] = [
  "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
]

extension String {
  /// The text without blanks at both ends.
  var trimmedBlanks: Substring {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}

/// The two forms in which `anyOf` may say again that a value is a number or a text.
private enum IntOrStringChoice {
  case none
  case anyOf
  case allOf
}

private func isIntOrStringChoice(_ schema: Value) -> IntOrStringChoice {
  guard schema[intOrString].isTrue else { return .none }
  func isPair(_ list: Value) -> Bool {
    list.count == 2 && list.elements[0]["type"].isString("integer")
      && list.elements[1]["type"].isString("string")
  }
  if isPair(schema["anyOf"]) { return .anyOf }
  if let first = schema["allOf"].elements.first, isPair(first["anyOf"]) { return .allOf }
  return .none
}

private func fieldKey(_ name: StaticString) -> Value {
  .string(at: name.utf8Start, count: name.utf8CodeUnitCount, isASCII: name.isASCII)
}
