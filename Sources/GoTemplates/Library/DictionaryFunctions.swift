private func map(_ value: GoValue) -> GoMap { value.asMap ?? GoMap() }

func addDictionaries(to table: inout FunctionTable) {
  table.add("dict", "a*") { execution, values in
    try execution.charge(bytes: values.count &* 32)
    let result = GoMap()
    result.isLocal = true
    for index in stride(from: 0, to: values.count, by: 2) {
      result[text(values[index])] = index + 1 < values.count ? values[index + 1] : GoValue("")
    }
    return .map(result)
  }
  table.add("set", "msa") { execution, values in
    guard !values[0].isNil else { throw FunctionError("assignment to entry in nil map") }
    try execution.charge(bytes: 32)
    let map = map(values[0])
    execution.noteChange(of: map, taking: values[2])
    map[values[1].asBytes ?? []] = present(values[2])
    return values[0]
  }
  table.add2("unset", "ms") { execution, value, key in
    let map = map(value)
    execution.noteChange(of: map)
    map[key.asBytes ?? []] = nil
    return .map(map)
  }
  table.add2("hasKey", "ms") { _, value, key in .bool(map(value)[key.asBytes ?? []] != nil) }
  table.add2("get", "ms") { _, value, key in map(value)[key.asBytes ?? []] ?? GoValue("") }
  table.add("pluck", "sm*") { execution, values in
    let key = values[0].asBytes ?? []
    return try execution.list(values.dropFirst().compactMap { map($0)[key] })
  }
  table.add("keys", "m*") { execution, values in
    var keys: [GoValue] = []
    for value in values { keys += map(value).entries.map { .string($0.key) } }
    return try execution.list(keys, .string)
  }
  table.add1("values", "m") { execution, value in
    try execution.list(map(value).entries.map(\.value))
  }
  table.add("pick", "ms*") { execution, values in
    let (source, result) = (map(values[0]), GoMap())
    result.isLocal = true
    for key in values.dropFirst() {
      let key = key.asBytes ?? []
      if let value = source[key] { result[key] = value }
    }
    try execution.charge(bytes: result.count &* 32)
    return .map(result)
  }
  table.add("omit", "ms*") { execution, values in
    let result = GoMap(copying: map(values[0]))
    result.isLocal = true
    for key in values.dropFirst() { result[key.asBytes ?? []] = nil }
    try execution.charge(bytes: result.count &* 32)
    return .map(result)
  }
  table.add("dig", "a*") { _, values in try dug(values) }
  addMerges(to: &table)
}

/// A value as an entry holds it: nil, not no value.
@inline(__always)
func present(_ value: GoValue) -> GoValue {
  if case .invalid = value { return .null }
  return value
}

private func dug(_ values: [GoValue]) throws -> GoValue {
  guard values.count >= 3 else { throw FunctionError("dig needs at least three arguments") }
  guard case .map(var map) = values[values.count - 1], map.type == .any else {
    throw conversion(values[values.count - 1], to: "map[string]interface {}")
  }
  let keys = values[..<(values.count - 2)]
  for (index, key) in keys.enumerated() {
    guard case .string(let name) = key else { throw conversion(key, to: "string") }
    guard let step = map[name] else { return values[values.count - 2] }
    if index == keys.count - 1 { return step }
    guard case .map(let next) = step, next.type == .any else {
      throw conversion(step, to: "map[string]interface {}")
    }
    map = next
  }
  return values[values.count - 2]
}

private func conversion(_ value: GoValue, to type: String) -> FunctionError {
  FunctionError(
    "interface conversion: interface {} is \(typeName(value, ofNil: "nil")), not \(type)")
}

// MARK: merging and copying

private func addMerges(to table: inout FunctionTable) {
  for (name, overwrites) in [("merge", false), ("mergeOverwrite", true)] {
    table.add(name, "mm*") { execution, values in
      let target = map(values[0])
      for source in values.dropFirst() {
        try merge(map(source), into: target, overwrites: overwrites, execution, 0)
      }
      return .map(target)
    }
  }
  table.alias("mustMerge", of: "merge")
  table.alias("mustMergeOverwrite", of: "mergeOverwrite")
  table.add1("deepCopy", "a") { execution, value in
    if value.isNil {
      throw FunctionError("reflect: call of reflect.Value.Type on zero Value")
    }
    return try copied(value, execution, 0)
  }
  table.alias("mustDeepCopy", of: "deepCopy")
}

/// mergo's `deepMerge` of maps: what is missing or empty is filled, or everything overwritten; what is
/// taken over is shared with the source.
private func merge(
  _ source: GoMap, into target: GoMap, overwrites: Bool, _ execution: Execution, _ depth: Int
) throws {
  guard depth < 500 else { throw FunctionError("the maps are nested too deep", kind: .limit) }
  guard source !== target else { return }
  try execution.charge(steps: source.count)
  for entry in source.entries {
    let old = target[entry.key]
    if entry.value.isNil {
      if overwrites {
        execution.noteChange(of: target)
        target[entry.key] = .null
      }
      continue
    }
    let isFilled = old.map { !isEmpty($0) } ?? false
    if case .map(let inner) = entry.value {
      if case .map(let outer)? = old {
        try merge(inner, into: outer, overwrites: overwrites, execution, depth + 1)
      }
      if case .map? = old, isFilled { continue }
      if case .map? = old, inner.count == 0 { continue }
      // An empty map that was just filled stays.
      if case .map(let outer)? = old, outer.count > 0 { continue }
    } else if case .list = entry.value, isFilled, !overwrites {
      continue
    }
    if overwrites || !isFilled {
      try execution.charge(bytes: 32)
      execution.noteChange(of: target, taking: entry.value)
      target[entry.key] = entry.value
    }
  }
}

private func copied(_ value: GoValue, _ execution: Execution, _ depth: Int) throws -> GoValue {
  guard depth < 500 else { throw FunctionError("the value is nested too deep", kind: .limit) }
  switch value {
  case .map(let map):
    try execution.charge(bytes: map.count &* 32)
    let result = GoMap(copying: map, type: map.type)
    result.isLocal = true
    for entry in map.entries {
      switch entry.value {
      case .map, .list: result[entry.key] = try copied(entry.value, execution, depth + 1)
      default: break
      }
    }
    return .map(result)
  case .list(let list):
    return try execution.list(
      try list.elements.map { try copied($0, execution, depth + 1) }, list.type)
  case .object(let object):
    if let inner = object.underlying { return try copied(inner, execution, depth + 1) }
    return value
  default: return value
  }
}
