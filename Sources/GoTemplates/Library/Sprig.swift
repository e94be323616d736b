extension FunctionTable {
  /// The functions of sprig 3.3 (`functions.go`) with Go's own. `env` and `expandenv` find no variable
  /// and `getHostByName` no host.
  public static let sprig: FunctionTable = {
    var table = go
    addStrings(to: &table)
    addCases(to: &table)
    addLists(to: &table)
    addDictionaries(to: &table)
    addNumbers(to: &table)
    addReflection(to: &table)
    addRegexes(to: &table)
    addVersions(to: &table)
    addDates(to: &table)
    addPaths(to: &table)
    addHashes(to: &table)
    addRandomness(to: &table)
    addCertificates(to: &table)
    addDefaults(to: &table)
    return table
  }()
}

private func addDefaults(to table: inout FunctionTable) {
  table.add("default", "aa*") { _, values in
    guard values.count > 1, !isEmpty(values[1]) else { return values[0] }
    return values[1]
  }
  table.add1("empty", "a") { _, value in .bool(isEmpty(value)) }
  table.add("coalesce", "a*") { _, values in values.first { !isEmpty($0) } ?? .null }
  table.add("all", "a*") { _, values in .bool(values.allSatisfy { !isEmpty($0) }) }
  table.add("any", "a*") { _, values in .bool(values.contains { !isEmpty($0) }) }
  table.add("ternary", "aab") { _, values in isTrue(values[2]) ? values[0] : values[1] }
  table.add("fail", "s") { _, values in
    throw FunctionError(values[0].asString ?? "", kind: .refused)
  }
  table.add("hello", "") { _, _ in GoValue("Hello!") }
  table.add1("env", "s") { _, _ in .string([]) }
  table.add1("expandenv", "s") { _, value in .string(expanded(value.asBytes ?? [])) }
  table.add1("getHostByName", "s") { _, _ in
    throw FunctionError("no network is asked: expected an address in the values")
  }
  addJSON(to: &table)
}

/// As `os.ExpandEnv` without any variable.
private func expanded(_ text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var index = 0
  while index < text.count {
    guard text[index] == 0x24, index + 1 < text.count else {
      result.append(text[index])
      index += 1
      continue
    }
    index += 1
    if text[index] == 0x7B {
      guard let end = text[index...].firstIndex(of: 0x7D) else { continue }
      index = end + 1
      continue
    }
    let start = index
    while index < text.count,
      text[index] == 0x5F || (0x30...0x39).contains(text[index])
        || (0x41...0x5A).contains(text[index] & 0xDF)
    {
      index += 1
    }
    if index == start { result.append(0x24) }
  }
  return result
}

private func addJSON(to table: inout FunctionTable) {
  table.add1("toJson", "a") { execution, value in
    guard let text = try? toJSON(value, limit: execution.bytesLeft) else { return .string([]) }
    return try execution.string(text)
  }
  table.add1("mustToJson", "a") { execution, value in
    try execution.string(try toJSON(value, limit: execution.bytesLeft))
  }
  table.add1("toPrettyJson", "a") { execution, value in
    guard let text = try? toJSON(value, indent: 2, limit: execution.bytesLeft) else {
      return .string([])
    }
    return try execution.string(text)
  }
  table.add1("mustToPrettyJson", "a") { execution, value in
    try execution.string(try toJSON(value, indent: 2, limit: execution.bytesLeft))
  }
  table.add1("toRawJson", "a") { execution, value in
    try execution.string(try toJSON(value, escapesHTML: false, limit: execution.bytesLeft))
  }
  table.alias("mustToRawJson", of: "toRawJson")
  table.add1("fromJson", "s") { execution, value in
    let bytes = value.asBytes ?? []
    try execution.charge(bytes: bytes.count &* 4)
    return (try? readJSON(bytes)) ?? .null
  }
  table.add1("mustFromJson", "s") { execution, value in
    let bytes = value.asBytes ?? []
    try execution.charge(bytes: bytes.count &* 4)
    return try readJSON(bytes)
  }
}

/// What sprig calls empty: as Go's truth, but structs never are.
func isEmpty(_ value: GoValue) -> Bool { !isTrue(value) }

/// What sprig's `strval` makes of a value.
@inline(__always)
func text(_ value: GoValue) -> [UInt8] {
  if case .string(let bytes) = value { return bytes }
  if let list = value.asList, list.type == .byte { return bytes(of: list) }
  return printed(value)
}

/// What a `[]byte` holds.
func bytes(of list: GoList) -> [UInt8] {
  list.elements.map { element in
    if case .int(let value) = element { UInt8(truncatingIfNeeded: value) } else { 0 }
  }
}

/// What sprig's `strslice` makes of a value: texts without nil.
func texts(_ value: GoValue) -> [[UInt8]] {
  if value.isNil { return [] }
  guard let list = value.asList else { return [text(value)] }
  return list.elements.filter { !$0.isNil }.map { text($0) }
}
