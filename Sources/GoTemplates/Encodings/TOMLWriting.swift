/// A map as BurntSushi's toml writes it: plain entries first, then tables, each level indented by two
/// blanks. Throws `FunctionError` for what TOML cannot hold.
func toTOML(_ value: GoValue) throws -> [UInt8] {
  var writer = TOMLWriting()
  guard let map = value.asMap else {
    if value.isNil { throw FunctionError("reflect: call of reflect.Value.Type on zero Value") }
    if writer.isTable(value) {
      throw FunctionError("toml: top-level values must be Go maps or structs")
    }
    try writer.value(value, 0)
    return writer.output
  }
  try writer.table(map, [])
  return writer.output
}

private struct TOMLWriting {
  var output: [UInt8] = []
  private var hasWritten = false

  mutating func table(_ map: GoMap, _ path: [[UInt8]]) throws {
    guard path.count < 200 else { throw FunctionError("toml: nested too deep", kind: .limit) }
    for entry in map.entries where !isNil(entry.value) && !isTable(entry.value) {
      indent(path.count)
      output += key(entry.key) + Array(" = ".utf8)
      try value(entry.value, 0)
      output.append(0x0A)
      hasWritten = true
    }
    for entry in map.entries where isTable(entry.value) {
      if let inner = entry.value.asMap {
        try section(inner, path + [entry.key], "[", "]")
      } else {
        for element in entry.value.asList?.elements ?? [] {
          try section(element.asMap ?? GoMap(), path + [entry.key], "[[", "]]")
        }
      }
    }
  }

  private mutating func section(
    _ map: GoMap, _ path: [[UInt8]], _ open: String, _ close: String
  ) throws {
    // A table of tables only needs no line of its own.
    let isPlain = open == "["
    if path.count == 1 || !isPlain, hasWritten { output.append(0x0A) }
    indent(path.count - 1)
    output += open.utf8
    output += joined(path.map { key($0) }, [0x2E])
    output += close.utf8
    output.append(0x0A)
    hasWritten = true
    try table(map, path)
  }

  private func isNil(_ value: GoValue) -> Bool { value.isNil || value.asList?.isNil == true }

  func isTable(_ value: GoValue) -> Bool {
    if value.asMap != nil { return true }
    guard let list = value.asList, !list.elements.isEmpty else { return false }
    return list.elements.allSatisfy { $0.asMap != nil }
  }

  private mutating func indent(_ depth: Int) {
    output += [UInt8](repeating: 0x20, count: depth * 2)
  }

  private func key(_ name: [UInt8]) -> [UInt8] {
    let isBare = name.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x2D || $0 == 0x5F
    }
    return isBare && !name.isEmpty ? name : quoted(name)
  }

  private func quoted(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x22]
    for byte in text {
      switch byte {
      case 0x22: result += "\\\"".utf8
      case 0x5C: result += "\\\\".utf8
      case 0x08: result += "\\b".utf8
      case 0x09: result += "\\t".utf8
      case 0x0A: result += "\\n".utf8
      case 0x0C: result += "\\f".utf8
      case 0x0D: result += "\\r".utf8
      case 0..<0x20, 0x7F: result += Array("\\u00".utf8) + hex(UInt32(byte), width: 2)
      default: result.append(byte)
      }
    }
    return result + [0x22]
  }

  mutating func value(_ value: GoValue, _ depth: Int) throws {
    guard depth < 200 else { throw FunctionError("toml: nested too deep", kind: .limit) }
    switch value {
    case .bool, .int, .int64, .uint64: output += printed(value)
    case .float(let float): output += self.float(float)
    case .string(let bytes): output += quoted(bytes)
    case .invalid, .null: throw FunctionError("toml: cannot encode array with nil element")
    case .list(let list):
      output.append(0x5B)
      for (index, element) in list.elements.enumerated() {
        if index > 0 { output += ", ".utf8 }
        try self.value(element, depth + 1)
      }
      output.append(0x5D)
    case .map(let map):
      output.append(0x7B)
      for (index, entry) in map.entries.filter({ !$0.value.isNil }).enumerated() {
        if index > 0 { output += ", ".utf8 }
        output += key(entry.key) + Array(" = ".utf8)
        try self.value(entry.value, depth + 1)
      }
      output.append(0x7D)
    case .object(let object):
      if let inner = object.underlying { return try self.value(inner, depth + 1) }
      if let time = object as? GoTime {
        output += time.formatted(Array("2006-01-02T15:04:05.999999999Z07:00".utf8))
      } else {
        output += quoted(printed(value))
      }
    }
  }

  /// A float has a point and no exponent.
  private func float(_ value: Double) -> [UInt8] {
    if value.isNaN { return Array("nan".utf8) }
    if value.isInfinite { return Array((value < 0 ? "-inf" : "inf").utf8) }
    let text = ShortestDigits(value).plain()
    return text.contains(0x2E) ? text : text + [0x2E, 0x30]
  }
}
