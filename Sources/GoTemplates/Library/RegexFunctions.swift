import Regexes

func addRegexes(to table: inout FunctionTable) {
  table.add2("regexMatch", "ss") { execution, pattern, value in
    let regex = try? execution.regex(pattern)
    return .bool(try regex.map { try execution.isMatch($0, value) } ?? false)
  }
  table.add2("mustRegexMatch", "ss") { execution, pattern, value in
    .bool(try execution.isMatch(try execution.regex(pattern), value))
  }
  table.add2("regexFind", "ss") { execution, pattern, value in
    let regex = try execution.regex(pattern)
    let bytes = value.asBytes ?? []
    let range = try execution.searching(regex, value) { regex in { regex.firstRange(in: $0) } }
    return .string(range.map { Array(bytes[$0]) } ?? [])
  }
  table.add("regexFindAll", "ssi") { execution, values in
    let regex = try execution.regex(values[0])
    let bytes = values[1].asBytes ?? []
    let ranges = try execution.searching(regex, values[1]) { regex in
      { regex.allRanges(in: $0, limit: int(values[2])) }
    }
    return try execution.grownList(ranges.map { .string(Array(bytes[$0])) }, .string)
  }
  table.add("regexReplaceAll", "sss") { execution, values in
    let regex = try execution.regex(values[0])
    let template = values[2].asBytes ?? []
    let result = try execution.searching(regex, values[1]) { regex in
      { text in template.withUnsafeBufferPointer { regex.replacingAll(in: text, with: $0) } }
    }
    return try execution.string(result)
  }
  table.add("regexReplaceAllLiteral", "sss") { execution, values in
    let regex = try execution.regex(values[0])
    let replacement = values[2].asBytes ?? []
    let result = try execution.searching(regex, values[1]) { regex in
      { regex.replacingAll(in: $0) { _, output in output += replacement } }
    }
    return try execution.string(result)
  }
  table.add("regexSplit", "ssi") { execution, values in
    let regex = try execution.regex(values[0])
    let bytes = values[1].asBytes ?? []
    let ranges = try execution.searching(regex, values[1]) { regex in
      { regex.split($0, limit: int(values[2])) }
    }
    return try execution.grownList(ranges.map { .string(Array(bytes[$0])) }, .string)
  }
  table.add1("regexQuoteMeta", "s") { execution, value in
    var result: [UInt8] = []
    for byte in value.asBytes ?? [] {
      if Array("\\.+*?()|[]{}^$".utf8).contains(byte) { result.append(0x5C) }
      result.append(byte)
    }
    return try execution.string(result)
  }
  for name in ["FindAll", "Find", "ReplaceAll", "ReplaceAllLiteral", "Split"] {
    table.alias("mustRegex" + name, of: "regex" + name)
  }
}

extension Execution {
  fileprivate func regex(_ pattern: GoValue) throws -> Regex {
    switch regexes.regex(pattern.asBytes ?? []) {
    case .success(let regex): return regex
    case .failure(let error): throw FunctionError(error.message)
    }
  }

  /// Searches in linear time, which is charged.
  fileprivate func searching<Answer>(
    _ regex: Regex, _ value: GoValue,
    _ search: (Regex) -> (UnsafeBufferPointer<UInt8>) throws -> Answer
  ) throws -> Answer {
    let bytes = value.asBytes ?? []
    try charge(steps: bytes.count / 8 + 1)
    return try bytes.withUnsafeBufferPointer { try search(regex)($0) }
  }

  fileprivate func isMatch(_ regex: Regex, _ value: GoValue) throws -> Bool {
    try searching(regex, value) { regex in { regex.matches($0) } }
  }
}
