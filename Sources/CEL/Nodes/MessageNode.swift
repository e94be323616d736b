import Documents

/// The protobuf messages that are plain values in CEL (JSON-like data has no others).
enum WellKnownMessage: String, CaseIterable, Sendable {
  case boolValue = "google.protobuf.BoolValue"
  case bytesValue = "google.protobuf.BytesValue"
  case doubleValue = "google.protobuf.DoubleValue"
  case floatValue = "google.protobuf.FloatValue"
  case int32Value = "google.protobuf.Int32Value"
  case int64Value = "google.protobuf.Int64Value"
  case stringValue = "google.protobuf.StringValue"
  case uint32Value = "google.protobuf.UInt32Value"
  case uint64Value = "google.protobuf.UInt64Value"
  case value = "google.protobuf.Value"
  case listValue = "google.protobuf.ListValue"
  case structValue = "google.protobuf.Struct"
  case timestamp = "google.protobuf.Timestamp"
  case duration = "google.protobuf.Duration"

  /// The names of the fields.
  var fields: [String] {
    switch self {
    case .value:
      ["null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"]
    case .listValue: ["values"]
    case .structValue: ["fields"]
    case .timestamp, .duration: ["seconds", "nanos"]
    default: ["value"]
    }
  }

  /// The type of an expression that builds one.
  var type: CELType {
    switch self {
    case .boolValue: .wrapper(.bool)
    case .bytesValue: .wrapper(.bytes)
    case .doubleValue, .floatValue: .wrapper(.double)
    case .int32Value, .int64Value: .wrapper(.int)
    case .stringValue: .wrapper(.string)
    case .uint32Value, .uint64Value: .wrapper(.uint)
    case .value: .dyn
    case .listValue: .list(.dyn)
    case .structValue: .map(.string, .dyn)
    case .timestamp: .timestamp
    case .duration: .duration
    }
  }

  /// The message with no field set.
  fileprivate var empty: Value {
    switch self {
    case .boolValue: .false
    case .bytesValue: Value(.bytes)
    case .doubleValue, .floatValue: .double(0)
    case .int32Value, .int64Value: .int(0)
    case .stringValue: .emptyString
    case .uint32Value, .uint64Value: .uint(0)
    case .value: .null
    case .listValue: .emptyList
    case .structValue: .emptyMap
    case .timestamp, .duration: .duration(nanoseconds: 0)
    }
  }
}

/// `google.protobuf.Int64Value{value: 5}`
final class MessageNode: Node, @unchecked Sendable {
  let message: WellKnownMessage
  let fields: [String]
  let values: [Node]
  let optionals: [Bool]

  init(
    _ syntax: SyntaxTree.Node, _ message: WellKnownMessage, fields: [String], values: [Node],
    optionals: [Bool]
  ) {
    self.message = message
    self.fields = fields
    self.values = values
    self.optionals = optionals
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    var result = message.empty
    for index in values.indices {
      var value = values[index].value(in: frame)
      if value.isError { return value }
      if optionals[index] {
        guard value.isBox(.optional) else { return frame.fail(.noSuchOverload, at: self, value) }
        guard let content = value.optionalContent else { continue }
        value = content
      }
      guard let converted = converted(value, field: fields[index]) else {
        return frame.fail(.noSuchOverload, at: self, value)
      }
      if fields[index] == "seconds" {
        seconds = converted.intPayload
      } else if fields[index] == "nanos" {
        nanoseconds = converted.intPayload
      } else {
        result = converted
      }
    }
    switch message {
    case .timestamp:
      return Calendar.isRepresentable(seconds) && (0..<1_000_000_000).contains(nanoseconds)
        ? frame.arena.timestamp(Instant(seconds: seconds, nanoseconds: Int32(nanoseconds)))
        : frame.placed(frame.error("timestamp overflow"), at: self)
    case .duration:
      let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      let (sum, carry) = product.addingReportingOverflow(nanoseconds)
      return overflow || carry
        ? frame.placed(frame.error("duration overflow"), at: self) : .duration(nanoseconds: sum)
    default: return result
    }
  }

  /// The value as the field takes it; nil if it does not.
  private func converted(_ value: Value, field: String) -> Value? {
    switch message {
    case .boolValue: value.isBool ? value : nil
    case .bytesValue: value.isKind(.bytes) ? value : nil
    case .doubleValue: value.isKind(.double) ? value : nil
    case .floatValue: value.isKind(.double) ? .double(Double(Float(value.doublePayload))) : nil
    case .int32Value: value.asInt.flatMap { Int32(exactly: $0) } == nil ? nil : value
    case .int64Value: value.isKind(.int) ? value : nil
    case .stringValue: value.isString ? value : nil
    case .uint32Value: value.isKind(.uint) && value.payload <= UInt64(UInt32.max) ? value : nil
    case .uint64Value: value.isKind(.uint) ? value : nil
    case .listValue: value.isKind(.list) ? value : nil
    case .structValue: value.isKind(.map) ? value : nil
    case .timestamp, .duration: value.isKind(.int) ? value : nil
    case .value:
      switch field {
      case "null_value": value.isNull || value.isKind(.int) ? .null : nil
      case "number_value": value.isKind(.double) ? value : nil
      case "string_value": value.isString ? value : nil
      case "bool_value": value.isBool ? value : nil
      case "struct_value": value.isKind(.map) ? value : nil
      default: value.isKind(.list) ? value : nil
      }
    }
  }
}

extension Planner {
  /// `Name{field: value}`
  mutating func planMessage(_ node: SyntaxTree.Node) -> Node {
    guard let message = resolver.wellKnownMessage(node) else {
      return fail(
        .noSuchAttribute, node, node.value,
        "undeclared reference to '\(node.value.asString ?? "")' (in container '\(environment.container)')",
        help: "only plain maps can be built here: {'field': value}")
    }
    let items = Array(tree.list(of: node))
    var fields: [String] = []
    var values: [Node] = []
    var optionals: [Bool] = []
    for index in stride(from: 0, to: items.count, by: 2) {
      let key = items[index] < 0 ? ~items[index] : items[index]
      let field = tree[key].value.asString ?? ""
      guard message.fields.contains(field) else {
        return fail(
          .noSuchKey, tree[key], tree[key].value, "undefined field '\(field)'",
          help: "\(message.rawValue) has \(message.fields.joined(separator: ", "))")
      }
      fields.append(field)
      optionals.append(items[index] < 0)
      values.append(plan(items[index + 1]))
    }
    return fold(
      MessageNode(node, message, fields: fields, values: values, optionals: optionals), values)
  }
}
