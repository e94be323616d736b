/// A value as Go's encoding/json writes it. Throws for NaN and infinities, and for values that hold
/// themselves.
func toJSON(
  _ value: GoValue, escapesHTML: Bool = true, indent: Int? = nil, limit: Int = 1 << 28
) throws -> [UInt8] {
  var writer = JSONText(escapesHTML: escapesHTML, indent: indent, limit: limit)
  try writer.write(value, 0)
  return writer.output
}

struct JSONText {
  var output: [UInt8] = []
  let escapesHTML: Bool
  let indent: Int?
  let limit: Int

  init(escapesHTML: Bool, indent: Int?, limit: Int = 1 << 28) {
    self.escapesHTML = escapesHTML
    self.indent = indent
    self.limit = limit
  }

  mutating func write(_ value: GoValue, _ depth: Int) throws {
    guard depth < 1000 else {
      throw FunctionError("json: unsupported value: encountered a cycle", kind: .limit)
    }
    guard output.count <= limit else {
      throw FunctionError("exceeded the limit of \(limit) bytes", kind: .limit)
    }
    switch value {
    case .invalid, .null: output += "null".utf8
    case .bool(let flag): output += (flag ? "true" : "false").utf8
    case .int(let int): output += String(int).utf8
    case .int64(let int): output += String(int).utf8
    case .uint64(let int): output += String(int).utf8
    case .float(let float):
      guard float.isFinite else {
        throw FunctionError(
          "json: unsupported value: \(String(decoding: shortest(float), as: UTF8.self))")
      }
      output += jsonFloat(float)
    case .string(let bytes): string(bytes)
    case .list(let list):
      if list.isNil { return output += "null".utf8 }
      if list.type == .byte {
        return string(base64(bytes(of: list)))
      }
      let elements = list.elements
      try items(elements.count, 0x5B, 0x5D, depth) { writer, index in
        try writer.write(elements[index], depth + 1)
      }
    case .map(let map): try write(map, depth)
    case .object(let object):
      if let inner = object.underlying { return try write(inner, depth) }
      if let time = object as? GoTime {
        return string(time.formatted(Array("2006-01-02T15:04:05.999999999Z07:00".utf8)))
      }
      let fields = object.encodedFields
      if fields.isEmpty, let text = object.text { return string(text) }
      try items(fields.count, 0x7B, 0x7D, depth) { writer, index in
        writer.string(Array(fields[index].name.utf8))
        writer.colon()
        try writer.write(fields[index].value, depth + 1)
      }
    }
  }

  private mutating func write(_ map: GoMap, _ depth: Int) throws {
    let entries = map.entries
    try items(entries.count, 0x7B, 0x7D, depth) { writer, index in
      let entry = entries[index]
      writer.string(entry.key)
      writer.colon()
      try writer.write(entry.value, depth + 1)
    }
  }

  private mutating func colon() {
    output.append(0x3A)
    if indent != nil { output.append(0x20) }
  }

  @inline(__always)
  private mutating func items(
    _ count: Int, _ open: UInt8, _ close: UInt8, _ depth: Int,
    _ body: (inout JSONText, Int) throws -> Void
  ) throws {
    output.append(open)
    for index in 0..<count {
      if index > 0 { output.append(0x2C) }
      line(depth + 1)
      try body(&self, index)
    }
    if count > 0 { line(depth) }
    output.append(close)
  }

  private mutating func line(_ depth: Int) {
    guard let indent else { return }
    output.append(0x0A)
    output += [UInt8](repeating: 0x20, count: depth * indent)
  }

  mutating func string(_ bytes: [UInt8]) {
    output.append(0x22)
    bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        let start = index
        while index < bytes.count, isCopied(bytes[index]) { index += 1 }
        if index > start {
          output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
        }
        guard index < bytes.count else { break }
        if bytes[index] < 0x80 {
          ascii(bytes[index])
          index += 1
        } else {
          index += beyondASCII(bytes, index)
        }
      }
    }
    output.append(0x22)
  }

  /// Whether a byte stands for itself.
  @inline(__always)
  private func isCopied(_ byte: UInt8) -> Bool {
    guard byte >= 0x20, byte < 0x80 else { return false }
    switch byte {
    case 0x22, 0x5C: return false
    case 0x3C, 0x3E, 0x26: return !escapesHTML
    default: return true
    }
  }

  /// Writes the character at the index and gives its length.
  private mutating func beyondASCII(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let (value, length) = decodeScalar(bytes, at: index)
    if value == 0xFFFD, length == 1 {
      output += "\\ufffd".utf8
    } else if value == 0x2028 || value == 0x2029 {
      output += (value == 0x2028 ? "\\u2028" : "\\u2029").utf8
    } else {
      output += bytes[index..<(index + length)]
    }
    return length
  }

  @inline(__always)
  private mutating func ascii(_ byte: UInt8) {
    switch byte {
    case 0x22, 0x5C: output += [0x5C, byte]
    case 0x08: output += [0x5C, 0x62]
    case 0x0C: output += [0x5C, 0x66]
    case 0x0A: output += [0x5C, 0x6E]
    case 0x0D: output += [0x5C, 0x72]
    case 0x09: output += [0x5C, 0x74]
    case 0..<0x20: output += [0x5C, 0x75, 0x30, 0x30] + hex(UInt32(byte), width: 2)
    case 0x3C, 0x3E, 0x26:
      if escapesHTML {
        output += [0x5C, 0x75, 0x30, 0x30] + hex(UInt32(byte), width: 2)
      } else {
        output.append(byte)
      }
    default: output.append(byte)
    }
  }
}
