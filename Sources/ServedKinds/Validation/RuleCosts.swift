import CEL
import Diagnostics
import Documents
import Schemas

/// The largest request that the API server takes, in bytes (apiserver `pkg/apis/cel/config.go`).
private let requestSize: Int64 = 3 * 1024 * 1024

/// How large the values of a schema can be, as rules see them (apiserver `pkg/cel/common/schemas.go`,
/// 1.36).
final class ValueBounds: Sendable {
  /// Characters of a text, elements of a list, entries of a map; 0 for what has no size.
  let greatestSize: Int64
  /// The bytes of the shortest JSON of a value.
  let shortestJSON: Int64
  private let element: ValueBounds?
  private let isMap: Bool
  private let fields: [String: ValueBounds]

  private init(
    greatestSize: Int64 = 0, shortestJSON: Int64, element: ValueBounds? = nil, isMap: Bool = false,
    fields: [String: ValueBounds] = [:]
  ) {
    self.greatestSize = greatestSize
    self.shortestJSON = shortestJSON
    self.element = element
    self.isMap = isMap
    self.fields = fields
  }

  private static let key = ValueBounds(shortestJSON: 2)
  private static let text = ValueBounds(greatestSize: requestSize - 2, shortestJSON: 2)
  private static let objectMeta = ValueBounds(
    shortestJSON: 2, fields: ["name": text, "generateName": text])

  /// The size at a path of field names, `@items`, `@values` and `@keys`; nil when there is none.
  func size(at path: [String]) -> UInt64? {
    var bounds = self
    for step in path {
      let next: ValueBounds? =
        switch step {
        case "@items", "@values": bounds.element
        case "@keys": bounds.isMap ? Self.key : nil
        default: bounds.fields[step]
        }
      guard let next else { return nil }
      bounds = next
    }
    return UInt64(clamping: bounds.greatestSize)
  }

  /// The bounds of a schema; nil where rules cannot see its values.
  static func of(_ schema: Value, isResource: Bool) -> ValueBounds? {
    if schema["x-kubernetes-int-or-string"].isTrue {
      return ValueBounds(greatestSize: textSize(schema) ?? requestSize - 2, shortestJSON: 1)
    }
    let type = schema["type"]
    if type.isString("array") {
      guard schema["items"].isKind(.map), let items = nested(schema["items"]) else { return nil }
      return ValueBounds(
        greatestSize: limit("maxItems", of: schema)
          ?? (requestSize - 2) / (items.shortestJSON + 1), shortestJSON: 2, element: items)
    }
    if type.isString("object") {
      let values = schema["additionalProperties"]
      guard values.isKind(.map) else { return object(schema, isResource: isResource) }
      guard let values = nested(values) else { return nil }
      return ValueBounds(
        greatestSize: limit("maxProperties", of: schema)
          ?? (requestSize - 2) / (values.shortestJSON + 6),
        shortestJSON: 2, element: values, isMap: true)
    }
    if type.isString("string") { return string(schema) }
    if type.isString("boolean") { return ValueBounds(shortestJSON: 4) }
    if type.isString("number") || type.isString("integer") { return ValueBounds(shortestJSON: 1) }
    return nil
  }

  private static func nested(_ schema: Value) -> ValueBounds? {
    of(schema, isResource: schema["x-kubernetes-embedded-resource"].isTrue)
  }

  private static func object(_ schema: Value, isResource: Bool) -> ValueBounds {
    var fields: [String: ValueBounds] = [:]
    var shortest: Int64 = 2
    func add(_ name: String, _ bounds: ValueBounds, hasDefault: Bool) {
      fields[escapedRuleName(name) ?? name] = bounds
      let isRequired = schema["required"].elements.contains { $0.asString == name }
      // What has a default is filled in by the server.
      if isRequired, !hasDefault { shortest += Int64(name.utf8.count) + bounds.shortestJSON + 4 }
    }
    let own = ["apiVersion": text, "kind": text, "metadata": objectMeta]
    for entry in schema["properties"].entries {
      guard let name = entry.key.asString, !isResource || own[name] == nil,
        let bounds = nested(entry.value)
      else { continue }
      add(name, bounds, hasDefault: entry.value["default"].isSet)
    }
    if isResource {
      for (name, bounds) in own { add(name, bounds, hasDefault: false) }
    }
    return ValueBounds(shortestJSON: shortest, fields: fields)
  }

  private static func string(_ schema: Value) -> ValueBounds {
    let format = schema["format"]
    if format.isString("byte") {
      return ValueBounds(
        greatestSize: limit("maxLength", of: schema) ?? requestSize - 2, shortestJSON: 2)
    }
    if format.isString("duration") { return ValueBounds(greatestSize: 32, shortestJSON: 3) }
    if format.isString("date") { return ValueBounds(greatestSize: 12, shortestJSON: 12) }
    if format.isString("date-time") { return ValueBounds(greatestSize: 32, shortestJSON: 21) }
    let words = schema["enum"].elements
    let longestWord = words.isEmpty ? nil : words.map { Int64($0.asString?.utf8.count ?? 0) }.max()
    return ValueBounds(
      greatestSize: textSize(schema) ?? longestWord ?? requestSize - 2, shortestJSON: 2)
  }

  /// The bytes of a text of at most `maxLength` characters.
  private static func textSize(_ schema: Value) -> Int64? {
    limit("maxLength", of: schema).map { length in
      let (bytes, isTooLarge) = length.multipliedReportingOverflow(by: 4)
      return isTooLarge ? .max : bytes
    }
  }

  fileprivate static func limit(_ name: StaticString, of schema: Value) -> Int64? {
    schema[name].asInt.map { max($0, 0) }
  }
}

/// How often values of a schema can be in an object: nil where nothing limits it (apiextensions
/// `pkg/apis/apiextensions/validation/cel_validation.go`, 1.36).
struct Cardinality {
  var count: UInt64? = 1

  /// How often the values below a schema can be there.
  func below(_ schema: Value) -> Cardinality {
    var factor: Int64? = 1
    if schema["type"].isString("array") {
      factor = ValueBounds.limit("maxItems", of: schema)
    } else if schema["type"].isString("object"), schema["additionalProperties"].isSet {
      factor = ValueBounds.limit("maxProperties", of: schema)
    }
    guard let count, let factor else { return Cardinality(count: nil) }
    return Cardinality(count: saturated(count, UInt64(clamping: factor)))
  }

  /// What a rule costs over all values; without a limit, over as many as a request can hold.
  func cost(_ each: UInt64, _ bounds: ValueBounds) -> UInt64 {
    saturated(each, count ?? UInt64(clamping: requestSize / (bounds.shortestJSON + 1)))
  }

  private func saturated(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (result, isTooLarge) = left.multipliedReportingOverflow(by: right)
    return isTooLarge ? .max : result
  }
}

/// What all rules of a schema cost together, and which cost most.
struct RuleCosts {
  /// The most that one rule may cost, `StaticEstimatedCostLimit` of apiextensions.
  static let ruleLimit: UInt64 = 10_000_000
  /// The most that all rules of a schema may cost, `StaticEstimatedCRDCostLimit`.
  static let schemaLimit: UInt64 = 100_000_000

  /// A rule, or a message of one, that costs at least a hundredth of what all may.
  struct Expensive {
    var path: FieldPath
    var field: String
    var cost: UInt64
  }

  private(set) var total: UInt64 = 0
  private(set) var expensive: [Expensive] = []

  mutating func add(_ cost: UInt64, _ path: FieldPath, _ field: String) {
    let (sum, isTooLarge) = total.addingReportingOverflow(cost)
    total = isTooLarge ? .max : sum
    if cost < Self.schemaLimit / 100 { return }
    let place = expensive.firstIndex { $0.cost < cost } ?? expensive.endIndex
    expensive.insert(Expensive(path: path, field: field, cost: cost), at: place)
    if expensive.count > 4 { expensive.removeLast() }
  }

  /// By how much a cost exceeds a limit, in words.
  static func excess(_ cost: UInt64, over limit: UInt64) -> String {
    let factor = Double(cost) / Double(limit)
    if factor > 100 { return "a factor of more than 100" }
    let hundredths = Int((factor * 100).rounded(.up))
    let rest = hundredths % 100
    return "a factor of \(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}

private let costHelp =
  "add maxItems, maxProperties and maxLength where lists, maps and strings are declared, "
  + "or simplify the rule"

extension ObjectValidation {
  /// Holds that an expression of a rule does not cost too much; the walk stands at the rule.
  mutating func expressionCost(
    _ cost: UInt64, of what: StaticString, at field: StaticString, _ costs: inout RuleCosts
  ) {
    if cost > RuleCosts.ruleLimit {
      report(
        "crd/rule", .forbidden, at: field,
        "the estimated cost of the \(what) exceeds the budget by "
          + RuleCosts.excess(cost, over: RuleCosts.ruleLimit), help: costHelp)
    }
    self.field(field, of: .absent) { validation, _ in
      costs.add(cost, validation.path, validation.printedPath)
    }
  }

  /// Holds that all rules together do not cost too much; the walk stands at the schema.
  mutating func totalCost(_ costs: RuleCosts) {
    if costs.total <= RuleCosts.schemaLimit { return }
    for rule in costs.expensive {
      append(
        ObjectError(
          rule: "crd/rule", reason: .forbidden, path: rule.path, field: rule.field,
          message: "contributes to the estimated cost of all rules, which exceeds the budget",
          help: costHelp))
    }
    report(
      "crd/rule", .forbidden,
      "the estimated cost of all rules of the schema exceeds the budget by "
        + RuleCosts.excess(costs.total, over: RuleCosts.schemaLimit), help: costHelp)
  }
}
