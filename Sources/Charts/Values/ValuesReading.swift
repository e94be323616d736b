import Documents
public import GoTemplates

/// The map that a YAML file of values holds; an empty file is an empty map.
///
/// Reads as Helm does: YAML 1.1, every number a `float64`, every key a text. Throws `ChartError`.
public func valuesMap(_ bytes: [UInt8]) throws -> GoMap {
  let value: GoValue
  do {
    value = try readYAML(bytes)
  } catch let error as FunctionError {
    throw ChartError(.invalidValues, error.message)
  }
  if value.isNil { return GoMap() }
  guard case .map(let map) = value else {
    throw ChartError(
      .invalidValues,
      "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
        + "\(value.asList != nil ? "array" : "scalar") into Go value of type "
        + "map[string]interface {}")
  }
  guard isShallow(value, ChartLimits.valueDepth) else {
    throw ChartError(
      .limit, "the values are nested over \(ChartLimits.valueDepth) maps and lists deep")
  }
  return map
}

private func isShallow(_ value: GoValue, _ depth: Int) -> Bool {
  if depth < 0 { return false }
  switch value {
  case .map(let map): return map.entries.allSatisfy { isShallow($0.value, depth - 1) }
  case .list(let list): return list.elements.allSatisfy { isShallow($0, depth - 1) }
  default: return true
  }
}

/// A value of a document as a chart's values have it: every number a `float64`.
public func goValue(_ value: Value) -> GoValue {
  switch value.kind {
  case .bool: .bool(value.isTrue)
  case .int: .float(Double(value.intPayload))
  case .uint: .float(Double(value.payload))
  case .double: .float(value.doublePayload)
  case .string, .bytes: .string(Array(value.utf8))
  case .list: .list(GoList(value.elements.map(goValue)))
  case .map:
    .map(
      value.entries.reduce(into: GoMap()) { map, entry in
        map[Array(entry.key.utf8)] = goValue(entry.value)
      })
  default: .null
  }
}

/// A value of a template as a document has it: whole numbers are integers. Text is kept as it is.
public func documentValue(_ value: GoValue, in arena: Arena) -> Value {
  switch value {
  case .bool(let flag): .bool(flag)
  case .int(let number): .int(Int64(number))
  case .int64(let number): .int(number)
  case .uint64(let number): .uint(number)
  case .float(let number): Int64(exactly: number).map(Value.int) ?? .double(number)
  case .string(let bytes): bytes.withUnsafeBufferPointer { arena.string($0) }
  case .list(let list): arena.list(list.elements.map { documentValue($0, in: arena) })
  case .map(let map):
    arena.map(
      map.entries.map { entry in
        MapEntry(
          key: entry.key.withUnsafeBufferPointer { arena.string($0) },
          value: documentValue(entry.value, in: arena))
      })
  case .object(let object): object.underlying.map { documentValue($0, in: arena) } ?? .null
  case .invalid, .null: .null
  }
}

/// A map of its own all the way down.
func deepCopy(_ map: GoMap, type: GoMap.MapType = .any) -> GoMap {
  let copy = GoMap(copying: map, type: type)
  copy.replaceValues { $0.isContainer ? deepCopy($0) : nil }
  return copy
}

func deepCopy(_ value: GoValue) -> GoValue {
  switch value {
  case .map(let map): .map(deepCopy(map))
  case .list(let list) where list.elements.contains { $0.isContainer }:
    .list(GoList(list.elements.map(deepCopy), type: list.type))
  default: value
  }
}

extension GoValue {
  fileprivate var isContainer: Bool {
    switch self {
    case .map, .list: true
    default: false
    }
  }

  /// The map if it is one itself: a table, as Helm says.
  var table: GoMap? {
    if case .map(let map) = self { return map }
    return nil
  }

  /// Whether it is an entry that says null.
  var isNull: Bool { isNil }
}
