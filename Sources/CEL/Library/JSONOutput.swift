import Documents

/// Writes values as Go's `encoding/json` does: keys sorted, `<`, `>` and `&` escaped.
enum JSONOutput {
  static func append(
    _ value: Value, to output: inout [UInt8], _ frame: Frame, _ depth: Int
  ) -> Bool {
    guard depth < Equality.maximumDepth, frame.spend(1), output.count <= Frame.stringLimit else {
      return false
    }
    switch value.kind {
    case .null: output += "null".utf8
    case .bool: output += (value.isTrue ? "true" : "false").utf8
    case .int: output += "\(value.intPayload)".utf8
    case .uint: output += "\(value.payload)".utf8
    case .double:
      guard value.doublePayload.isFinite else { return false }
      output += number(value.doublePayload).utf8
    case .string: append(text: value.utf8, to: &output)
    case .bytes: append(text: Array(Base64.encoded(value.utf8).utf8), to: &output)
    case .list:
      output.append(UInt8(ascii: "["))
      for (index, element) in value.elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        guard append(element, to: &output, frame, depth + 1) else { return false }
      }
      output.append(UInt8(ascii: "]"))
    case .map: return append(map: value, to: &output, frame, depth)
    case .box:
      switch value.boxKind {
      case .timestamp: append(text: Array(TimeText.text(of: value.instant).utf8), to: &output)
      case .duration:
        append(
          text: Array(TimeText.text(ofDuration: value.durationNanoseconds).utf8), to: &output)
      case .optional:
        guard let content = value.optionalContent else {
          output += "null".utf8
          return true
        }
        return append(content, to: &output, frame, depth + 1)
      case .quantity, .url, .ip, .cidr, .semver:
        guard let kind = value.boxKind else { return false }
        append(text: Array(BoxLibrary.text(kind, value).utf8), to: &output)
      default: return false
      }
    case .absent, .error: return false
    }
    return true
  }

  private static func append(
    map: Value, to output: inout [UInt8], _ frame: Frame, _ depth: Int
  ) -> Bool {
    var entries: [(key: [UInt8], value: Value)] = []
    for entry in map.entries {
      switch entry.key.kind {
      case .string: entries.append((Array(entry.key.utf8), entry.value))
      case .int: entries.append((Array("\(entry.key.intPayload)".utf8), entry.value))
      case .uint: entries.append((Array("\(entry.key.payload)".utf8), entry.value))
      case .bool: entries.append((Array((entry.key.isTrue ? "true" : "false").utf8), entry.value))
      default: return false
      }
    }
    entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
    output.append(UInt8(ascii: "{"))
    for (index, entry) in entries.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      append(text: entry.key, to: &output)
      output.append(UInt8(ascii: ":"))
      guard append(entry.value, to: &output, frame, depth + 1) else { return false }
    }
    output.append(UInt8(ascii: "}"))
    return true
  }

  /// With an exponent below 1e-6 and from 1e21 on, as JavaScript.
  private static func number(_ value: Double) -> String {
    let size = value.magnitude
    if size != 0, size < 1e-6 || size >= 1e21 {
      let (digits, exponent) = Numbers.shortestDigits(value)
      return (value < 0 ? "-" : "") + digits.prefix(1)
        + (digits.utf8.count > 1 ? "." + digits.dropFirst() : "")
        + (exponent < 0 ? "e-\(-exponent)" : "e+\(exponent)")
    }
    return DecimalText.plain(value)
  }

  private static func append(text: some Sequence<UInt8>, to output: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    output.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0x08: output += "\\b".utf8
      case 0x0C: output += "\\f".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0D: output += "\\r".utf8
      case 0x09: output += "\\t".utf8
      case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
        output += "\\u00".utf8
        output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}

/// Where a text stops being JSON, in the words of Go's `encoding/json`.
enum JSONFault {
  static func message(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var open: [UInt8] = []
    /// What may come next.
    enum Expectation { case value, key, keyOrEnd, colon, commaOrEnd, end, valueOrEnd }
    var expectation = Expectation.value
    var index = 0
    func quoted(_ byte: UInt8) -> String { "invalid character '\(Unicode.Scalar(byte))' " }
    func closed() -> Expectation { open.isEmpty ? .end : .commaOrEnd }
    while index < bytes.count {
      let byte = bytes[index]
      if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
        index += 1
        continue
      }
      switch (expectation, byte) {
      case (.end, _): return quoted(byte) + "after top-level value"
      case (.colon, UInt8(ascii: ":")): expectation = .value
      case (.colon, _): return quoted(byte) + "after object key"
      case (.commaOrEnd, UInt8(ascii: ",")):
        expectation = open.last == UInt8(ascii: "{") ? .key : .value
      case (.commaOrEnd, UInt8(ascii: "}")) where open.last == UInt8(ascii: "{"),
        (.keyOrEnd, UInt8(ascii: "}")), (.valueOrEnd, UInt8(ascii: "]")),
        (.commaOrEnd, UInt8(ascii: "]")) where open.last == UInt8(ascii: "["):
        open.removeLast()
        expectation = closed()
      case (.commaOrEnd, _):
        return quoted(byte)
          + (open.last == UInt8(ascii: "{") ? "after object key:value pair" : "after array element")
      case (.key, UInt8(ascii: "\"")), (.keyOrEnd, UInt8(ascii: "\"")):
        guard let end = endOfString(bytes, index) else { return "unexpected end of JSON input" }
        index = end
        expectation = .colon
        continue
      case (.key, _), (.keyOrEnd, _):
        return quoted(byte) + "looking for beginning of object key string"
      case (_, UInt8(ascii: "{")):
        open.append(byte)
        expectation = .keyOrEnd
      case (_, UInt8(ascii: "[")):
        open.append(byte)
        expectation = .valueOrEnd
      case (_, UInt8(ascii: "\"")):
        guard let end = endOfString(bytes, index) else { return "unexpected end of JSON input" }
        index = end
        expectation = closed()
        continue
      default:
        let start = index
        while index < bytes.count,
          isDigit(bytes[index]) || (bytes[index] | 0x20) &- 0x61 < 26
            || "+-.".utf8.contains(bytes[index])
        { index += 1 }
        if index == start { return quoted(byte) + "looking for beginning of value" }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
          return quoted(byte) + "looking for beginning of value"
        }
        expectation = closed()
        continue
      }
      index += 1
    }
    return "unexpected end of JSON input"
  }

  private static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\"") { return index + 1 }
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }
}
