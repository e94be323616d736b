extension FunctionTable {
  /// The functions of Helm 3.17: sprig's without `env` and `expandenv`, and its own
  /// (`pkg/engine/funcs.go`, `engine.go`).
  public static let helm: FunctionTable = {
    var table = sprig
    table.remove("env", "expandenv")
    addEncodings(to: &table)
    addTemplates(to: &table)
    table.add("lookup", "ssss") { _, _ in .map(GoMap()) }
    table.add1("getHostByName", "s") { _, _ in .string([]) }
    table.add2("required", "sa") { _, warning, value in
      var isMissing = value.isNil
      if case .string(let text) = value { isMissing = text.isEmpty }
      if isMissing { throw FunctionError(warning.asString ?? "", kind: .refused) }
      return value
    }
    addDurations(to: &table)
    return table
  }()
}

private func addEncodings(to table: inout FunctionTable) {
  table.add1("toYaml", "a") { execution, value in
    guard let text = try? toYAML(value, limit: execution.bytesLeft) else { return .string([]) }
    return try execution.string(withoutLineEnd(text))
  }
  table.add1("mustToYaml", "a") { execution, value in
    try execution.string(withoutLineEnd(try toYAML(value, limit: execution.bytesLeft)))
  }
  table.add1("toYamlPretty", "a") { execution, value in
    guard let text = try? toPrettyYAML(value, limit: execution.bytesLeft) else {
      return .string([])
    }
    return try execution.string(withoutLineEnd(text))
  }
  table.add1("fromYaml", "s") { execution, value in
    try map(in: value.asBytes ?? [], execution, isYAML: true, readYAML)
  }
  table.add1("fromYamlArray", "s") { execution, value in
    try list(in: value.asBytes ?? [], execution, isYAML: true, readYAML)
  }
  table.add1("fromJson", "s") { execution, value in
    try map(in: value.asBytes ?? [], execution, isYAML: false, readJSON)
  }
  table.add1("fromJsonArray", "s") { execution, value in
    try list(in: value.asBytes ?? [], execution, isYAML: false, readJSON)
  }
  table.add1("toToml", "a") { execution, value in
    if value.isNil { return try execution.string(try toTOML(value)) }
    do { return try execution.string(try toTOML(value)) } catch let error as FunctionError {
      return GoValue(error.message)
    }
  }
  table.add1("mustToToml", "a") { execution, value in try execution.string(try toTOML(value)) }
  table.add1("fromToml", "s") { execution, value in
    let bytes = value.asBytes ?? []
    try execution.charge(bytes: bytes.count &* 4)
    do { return .map(try readTOML(bytes)) } catch let error as FunctionError {
      return .map(GoMap([("Error", GoValue(error.message))]))
    }
  }
}

private func withoutLineEnd(_ text: consuming [UInt8]) -> [UInt8] {
  if text.last == 0x0A { text.removeLast() }
  return text
}

/// How encoding/json calls what it found.
private func jsonKind(_ value: GoValue) -> String {
  switch value {
  case .bool: "bool"
  case .float: "number"
  case .string: "string"
  case .list: "array"
  default: "object"
  }
}

private func map(
  in bytes: [UInt8], _ execution: Execution, isYAML: Bool, _ read: ([UInt8]) throws -> GoValue
) throws -> GoValue {
  // A parsed text takes several times its bytes.
  try execution.charge(bytes: bytes.count &* 4)
  let context = isYAML ? "error unmarshaling JSON: while decoding JSON: " : ""
  do {
    let value = try read(bytes)
    if case .map(let map) = value {
      map.isLocal = true
      return value
    }
    if value.isNil { return .map(GoMap()) }
    throw FunctionError(
      "\(context)json: cannot unmarshal \(jsonKind(value)) into Go value of type map[string]interface {}"
    )
  } catch let error as FunctionError {
    return .map(GoMap([("Error", GoValue(error.message))]))
  }
}

private func list(
  in bytes: [UInt8], _ execution: Execution, isYAML: Bool, _ read: ([UInt8]) throws -> GoValue
) throws -> GoValue {
  try execution.charge(bytes: bytes.count &* 4)
  let context = isYAML ? "error unmarshaling JSON: while decoding JSON: " : ""
  do {
    let value = try read(bytes)
    if case .list = value { return value }
    if value.isNil { return .list(GoList([])) }
    throw FunctionError(
      "\(context)json: cannot unmarshal \(jsonKind(value)) into Go value of type []interface {}")
  } catch let error as FunctionError {
    return .list(GoList([GoValue(error.message)]))
  }
}

// MARK: templates within templates

private func addTemplates(to table: inout FunctionTable) {
  table.add2("include", "sa") { execution, name, data in
    try execution.include(name.asBytes ?? [], data)
  }
  table.add2("tpl", "sa") { execution, text, data in
    .string(try execution.evaluate(text.asBytes ?? [], data))
  }
}

extension Execution {
  /// What Helm's `tpl` gives: the text as a template in a clone of the set, so that what it defines
  /// is seen only inside of it; `<no value>` is taken out.
  func evaluate(_ text: [UInt8], _ data: GoValue) throws -> [UInt8] {
    try charge(bytes: text.count)
    // Most are no templates at all.
    guard containsDelimiter(text) else { return removing(noValue, from: text) }
    let templates = try templates(of: text)
    let (outer, wasInText) = (set, isInText)
    defer { (set, isInText) = (outer, wasInText) }
    if templates.count > 1 || outer.contains("gotpl") {
      isInText = true
      set = outer.clone()
      for template in templates { set.add(template) }
    }
    guard let main = templates.last else { return [] }
    depth += 1
    defer { depth -= 1 }
    if depth > limits.depth {
      throw FunctionError("tpl is nested more than \(limits.depth) deep", kind: .limit)
    }
    let written = try capture { try run(main, data) }
    try charge(bytes: written.count)
    return removing(noValue, from: written)
  }

  private func templates(of text: [UInt8]) throws -> [Template] {
    do {
      return try set.templates(inText: text)
    } catch let error as TemplateError {
      throw FunctionError(
        "cannot parse template \(goQuoted(text)): \(error.message)", kind: .execution)
    }
  }
}

private func containsDelimiter(_ text: [UInt8]) -> Bool {
  text.withUnsafeBufferPointer { text in
    var index = 0
    while let found = nextIndex(of: 0x7B, in: text, from: index) {
      if found + 1 < text.count, text[found + 1] == 0x7B { return true }
      index = found + 1
    }
    return false
  }
}

/// A text without every occurrence of another.
public func removing(_ part: [UInt8], from text: [UInt8]) -> [UInt8] {
  replacingAll(part, with: [], in: text)
}

/// A text in which every occurrence of `part` (not empty) is replaced.
func replacingAll(_ part: [UInt8], with other: [UInt8], in text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var copied = 0
  text.withUnsafeBufferPointer { text in
    part.withUnsafeBufferPointer { part in
      while let found = nextIndex(of: part, in: text, from: copied) {
        if copied == 0 { result.reserveCapacity(text.count) }
        result.append(contentsOf: text[copied..<found])
        result.append(contentsOf: other)
        copied = found + part.count
      }
      if copied > 0 { result.append(contentsOf: text[copied...]) }
    }
  }
  return copied == 0 ? text : result
}
