import Documents
import Quantities
import Regexes
import Schemas

/// Holds the defaults of a CustomResourceDefinition's schema against the schema itself (apiextensions
/// `pkg/apiserver/schema/defaulting/validation.go`), and compiles its rules.
extension ObjectValidation {
  mutating func schemaDefaults(_ schema: Value) {
    let preset = schema["default"]
    if preset.isSet {
      field("default", of: schema) { validation, _ in
        if !isPruned(preset, schema) {
          validation.report(
            "crd/default", .invalid, "the default has fields that the schema does not know")
        }
        validation.schemaValue(preset, schema)
      }
    }
    if schema["items"].isKind(.map) { field("items", of: schema) { $0.schemaDefaults($1) } }
    entries("properties", of: schema) { validation, _, property in
      validation.schemaDefaults(property)
    }
  }

  /// Holds a value against a schema as it is written.
  private mutating func schemaValue(_ value: Value, _ schema: Value) {
    if value.isNull, schema["nullable"].isTrue { return }
    if schema["x-kubernetes-int-or-string"].isTrue {
      if !value.isKind(.int), !value.isKind(.string) {
        report("crd/default", .typeInvalid, "the default is neither a number nor a text")
      }
    } else if !hasType(value, schema["type"]) {
      report(
        "crd/default", .typeInvalid,
        "the default is \(shown(value)), the type \(shown(schema["type"]))")
      return
    }
    let allowed = schema["enum"]
    if !allowed.isUnset, !allowed.elements.contains(where: { sameNumber($0, value) }) {
      report("crd/default", .notSupported, "the default \(shown(value)) is none of the 'enum'")
    }
    numberValue(value, schema)
    textValue(value, schema)
    collectionValue(value, schema)
    for nested in schema["allOf"].elements { schemaValue(value, nested) }
  }

  private mutating func numberValue(_ value: Value, _ schema: Value) {
    guard let number = value.asNumber else { return }
    let isInteger = schema["type"].isString("integer")
    if let minimum = schema["minimum"].asNumber {
      if isInteger, minimum != minimum.rounded() {
        report("crd/default", .invalid, "the minimum of an integer is no whole number")
      }
      if number < minimum || number == minimum && schema["exclusiveMinimum"].isTrue {
        report(
          "crd/default", .invalid,
          "the default \(shown(value)) is less than the minimum, \(minimum)")
      }
    }
    if let maximum = schema["maximum"].asNumber {
      if isInteger, maximum != maximum.rounded() {
        report("crd/default", .invalid, "the maximum of an integer is no whole number")
      }
      if number > maximum || number == maximum && schema["exclusiveMaximum"].isTrue {
        report(
          "crd/default", .invalid,
          "the default \(shown(value)) is more than the maximum, \(maximum)")
      }
    }
    if let factor = schema["multipleOf"].asNumber, factor > 0,
      (number / factor) != (number / factor).rounded()
    {
      report("crd/default", .invalid, "the default is no multiple of \(factor)")
    }
  }

  private mutating func textValue(_ value: Value, _ schema: Value) {
    guard let text = value.asString else { return }
    let count = Int64(text.unicodeScalars.count)
    if let least = schema["minLength"].asInt, count < least {
      report(
        "crd/default", .invalid, "the default has \(count) characters, at least \(least) count")
    }
    if let most = schema["maxLength"].asInt, count > most {
      report("crd/default", .tooLong, "the default has \(count) characters, at most \(most) count")
    }
    if let pattern = schema["pattern"].asString,
      case .success(let regex) = Regex.compile(pattern), !regex.matches(text)
    {
      report("crd/default", .invalid, "the default '\(text)' does not match '\(pattern)'")
    }
  }

  private mutating func collectionValue(_ value: Value, _ schema: Value) {
    let count = Int64(value.count)
    if value.isKind(.list) {
      if let least = schema["minItems"].asInt, count < least {
        report("crd/default", .invalid, "the default has \(count) items, expected \(least) or more")
      }
      if let most = schema["maxItems"].asInt, count > most {
        report("crd/default", .tooMany, "the default has \(count) items, expected at most \(most)")
      }
      guard schema["items"].isKind(.map) else { return }
      elements(of: value) { validation, item, _ in validation.schemaValue(item, schema["items"]) }
    }
    guard value.isKind(.map) else { return }
    if let least = schema["minProperties"].asInt, count < least {
      report("crd/default", .invalid, "the default has \(count) fields, expected \(least) or more")
    }
    if let most = schema["maxProperties"].asInt, count > most {
      report("crd/default", .tooMany, "the default has \(count) fields, expected at most \(most)")
    }
    for name in schema["required"].elements
    where !value.lookup(name).isSet && !schema["properties"].lookup(name)["default"].isSet {
      defaultField(name) {
        $0.report("crd/default", .required, "the default has no \(shown(name)), which is required")
      }
    }
    for entry in value.entries {
      let property = schema["properties"].lookup(entry.key)
      let own = property.isSet ? property : schema["additionalProperties"]
      guard own.isKind(.map) else { continue }
      defaultField(entry.key) { $0.schemaValue(entry.value, own) }
    }
  }

  /// Steps into a field of a value, which prints as a field.
  private mutating func defaultField(_ name: Value, _ check: (inout ObjectValidation) -> Void) {
    let here = printedPath
    key(name) { validation in
      validation.printing({ _ in "\(here).\(name.asString ?? "")" }) { check(&$0) }
    }
  }
}

extension Value {
  /// The number as a double; nil for what is none.
  fileprivate var asNumber: Double? {
    switch kind {
    case .int: Double(intPayload)
    case .uint: Double(payload)
    case .double: doublePayload
    default: nil
    }
  }
}

private func sameNumber(_ left: Value, _ right: Value) -> Bool {
  if let left = left.asNumber, let right = right.asNumber { return left == right }
  return left.isIdentical(to: right)
}

private func hasType(_ value: Value, _ type: Value) -> Bool {
  switch value.kind {
  case .string: type.isString("string") || type.isUnset
  case .int, .uint: type.isString("integer") || type.isString("number") || type.isUnset
  case .double:
    type.isString("number") || type.isUnset
      || type.isString("integer") && value.doublePayload == value.doublePayload.rounded()
  case .bool: type.isString("boolean") || type.isUnset
  case .list: type.isString("array") || type.isUnset
  case .map: type.isString("object") || type.isUnset
  case .null: type.isUnset
  default: false
  }
}

/// Whether pruning would leave a value as it is.
private func isPruned(_ value: Value, _ schema: Value) -> Bool {
  if schema["x-kubernetes-preserve-unknown-fields"].isTrue { return true }
  if value.isKind(.list) {
    guard schema["items"].isKind(.map) else { return true }
    return value.elements.allSatisfy { isPruned($0, schema["items"]) }
  }
  guard value.isKind(.map) else { return true }
  let isEmbedded = schema["x-kubernetes-embedded-resource"].isTrue
  return value.entries.allSatisfy { entry in
    let property = schema["properties"].lookup(entry.key)
    if property.isSet { return isPruned(entry.value, property) }
    let values = schema["additionalProperties"]
    if values.isKind(.map) { return isPruned(entry.value, values) }
    return values.isTrue
      || isEmbedded && ["apiVersion", "kind", "metadata"].contains { entry.key.isString($0) }
  }
}
