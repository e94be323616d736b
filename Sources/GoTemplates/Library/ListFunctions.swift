/// The elements of what a list function is given; throws for what is no list.
private func elements(_ value: GoValue, _ function: String) throws -> GoList {
  if let list = value.asList { return list }
  if value.isNil {
    throw FunctionError("runtime error: invalid memory address or nil pointer dereference")
  }
  let message =
    switch function {
    case "append": "Cannot push on type \(kindName(value))"
    case "prepend": "Cannot prepend on type \(kindName(value))"
    case "concat": "Cannot concat type \(kindName(value)) as list"
    case "chunk": "Cannot chunk type \(kindName(value))"
    case "slice": "list should be type of slice or array but \(kindName(value))"
    default: "Cannot find \(function) on type \(kindName(value))"
    }
  throw FunctionError(message)
}

func addLists(to table: inout FunctionTable) {
  table.add("list", "a*") { execution, values in try execution.list(values) }
  table.alias("tuple", of: "list")
  addEnds(to: &table)
  addChanges(to: &table)
  addSelections(to: &table)
}

private func addEnds(to table: inout FunctionTable) {
  table.add1("first", "a") { _, value in try elements(value, "first").elements.first ?? .null }
  table.add1("last", "a") { _, value in try elements(value, "last").elements.last ?? .null }
  table.add1("rest", "a") { execution, value in
    let list = try elements(value, "rest").elements
    // sprig answers nil for an empty list only.
    return list.isEmpty ? .list(GoList(nilOf: .any)) : try execution.list(Array(list.dropFirst()))
  }
  table.add1("initial", "a") { execution, value in
    let list = try elements(value, "initial").elements
    // sprig answers nil for an empty list only.
    return list.isEmpty ? .list(GoList(nilOf: .any)) : try execution.list(Array(list.dropLast()))
  }
  table.alias("mustFirst", of: "first")
  table.alias("mustLast", of: "last")
  table.alias("mustRest", of: "rest")
  table.alias("mustInitial", of: "initial")
}

private func addChanges(to table: inout FunctionTable) {
  table.add2("append", "aa") { execution, value, element in
    try execution.list(try elements(value, "append").elements + [element])
  }
  table.add2("prepend", "aa") { execution, value, element in
    try execution.list([element] + (try elements(value, "prepend").elements))
  }
  table.add1("reverse", "a") { execution, value in
    try execution.list(try elements(value, "reverse").elements.reversed())
  }
  table.add("concat", "a*") { execution, values in
    var result: [GoValue] = []
    for value in values { result += try elements(value, "concat").elements }
    return try execution.grownList(result)
  }
  table.add2("chunk", "ia") { execution, size, value in
    let list = try elements(value, "chunk").elements
    guard int(size) > 0 else {
      // sprig counts the chunks by division before it makes them.
      let chunks = (Double(list.count - 1) / Double(int(size))).rounded(.down) + 1
      if chunks == 0 { return try execution.list([], .list) }
      throw FunctionError("runtime error: makeslice: len out of range")
    }
    let chunks = stride(from: 0, to: list.count, by: int(size)).map { start in
      GoValue.list(GoList(Array(list[start..<min(list.count, start + int(size))])))
    }
    return try execution.list(chunks, .list)
  }
  for name in ["append", "prepend", "reverse", "chunk"] {
    table.alias("must" + name.prefix(1).uppercased() + name.dropFirst(), of: name)
  }
  table.alias("push", of: "append")
  table.alias("mustPush", of: "append")
}

private func addSelections(to table: inout FunctionTable) {
  table.add1("compact", "a") { execution, value in
    try execution.list(try elements(value, "compact").elements.filter { !isEmpty($0) })
  }
  table.add1("uniq", "a") { execution, value in
    let list = try elements(value, "uniq").elements
    var result: [GoValue] = []
    var seen = Set<ByteKey>()
    for element in list {
      if case .string(let bytes) = element {
        if !seen.insert(ByteKey(bytes)).inserted { continue }
      } else {
        try execution.charge(steps: result.count)
        if result.contains(where: { isDeeplyEqual($0, element) }) { continue }
      }
      result.append(element)
    }
    return try execution.list(result)
  }
  table.add("without", "aa*") { execution, values in
    let list = try elements(values[0], "without").elements
    try execution.charge(steps: list.count &* values.count)
    return try execution.list(
      list.filter { element in
        !values.dropFirst().contains { isDeeplyEqual($0, element) }
      })
  }
  table.add2("has", "aa") { execution, needle, value in
    if value.isNil { return .bool(false) }
    let list = try elements(value, "has").elements
    try execution.charge(steps: list.count)
    return .bool(list.contains { isDeeplyEqual($0, needle) })
  }
  // sprig's takes the place of Go's.
  table.add("slice", "aa*") { _, values in
    let list = try elements(values[0], "slice")
    let count = list.elements.count
    if count == 0 { return .null }
    let start = values.count > 1 ? toInt64(values[1]) : 0
    let end = values.count > 2 ? toInt64(values[2]) : Int64(count)
    guard start >= 0, start <= end, end <= count else {
      throw FunctionError("reflect.Value.Slice: slice index out of bounds")
    }
    return .list(GoList(Array(list.elements[Int(start)..<Int(end)]), type: list.type))
  }
  for name in ["compact", "uniq", "without", "has", "slice"] {
    table.alias("must" + name.prefix(1).uppercased() + name.dropFirst(), of: name)
  }
}

/// `reflect.DeepEqual`: the types count too.
package func isDeeplyEqual(_ left: GoValue, _ right: GoValue, depth: Int = 0) -> Bool {
  guard depth < 500 else { return false }
  switch (left, right) {
  case (.invalid, _), (.null, _): return right.isNil
  case (.bool(let left), .bool(let right)): return left == right
  case (.int(let left), .int(let right)): return left == right
  case (.int64(let left), .int64(let right)): return left == right
  case (.uint64(let left), .uint64(let right)): return left == right
  case (.float(let left), .float(let right)): return left == right
  case (.string(let left), .string(let right)): return areSame(left, right)
  case (.list(let left), .list(let right)):
    if left === right { return true }
    guard left.type == right.type, left.elements.count == right.elements.count else {
      return false
    }
    return zip(left.elements, right.elements).allSatisfy {
      isDeeplyEqual($0, $1, depth: depth + 1)
    }
  case (.map(let left), .map(let right)):
    if left === right { return true }
    guard left.type == right.type, left.count == right.count else { return false }
    return zip(left.entries, right.entries).allSatisfy {
      areSame($0.key, $1.key) && isDeeplyEqual($0.value, $1.value, depth: depth + 1)
    }
  case (.object(let left), .object(let right)):
    if left === right { return true }
    guard left.typeName == right.typeName else { return false }
    if let left = left as? GoTime, let right = right as? GoTime {
      return left.seconds == right.seconds && left.nanoseconds == right.nanoseconds
    }
    if let left = left.underlying, let right = right.underlying {
      return isDeeplyEqual(left, right, depth: depth + 1)
    }
    return left.text != nil && left.text == right.text
  default: return false
  }
}
