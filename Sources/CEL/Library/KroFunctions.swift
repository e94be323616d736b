public import Documents

extension Library {
  /// kro's own functions.
  static let kro: [Function] = hashes + json + maps + listChanges + random + omission

  private static func hash(
    _ name: String, _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]
  ) -> Function {
    Function(name, .string, returns: .bytes, in: .kroOnly, cost: .traversal(of: 0)) { text, frame in
      guard frame.spend(1 + text.count / 8) else { return frame.error(.stepLimit) }
      return frame.arena.bytes(body(text.utf8))
    }
  }

  private static let hashes: [Function] = [
    hash("hash.fnv64a", Digests.fnv64a), hash("hash.sha256", Digests.sha256),
    hash("hash.md5", Digests.md5),
  ]

  private static let json: [Function] = [
    Function("json.unmarshal", .string, returns: .dyn, in: .kroOnly, cost: .traversal(of: 0)) {
      text, frame in
      guard frame.spend(1 + text.count / 8) else { return frame.error(.stepLimit) }
      return JSONReader.value(text.utf8, into: frame.arena, numbers: .doubles)
        ?? frame.error("json.unmarshal failed to parse JSON: \(JSONFault.message(text.utf8))")
    },
    Function("json.marshal", .dyn, returns: .string, in: .kroOnly) { value, frame in
      var output: [UInt8] = []
      guard JSONOutput.append(value, to: &output, frame, 0) else {
        return frame.error("json.marshal failed to convert a value of an unsupported type")
      }
      return frame.string(output)
    },
  ]

  private static let map = CELType.map(.parameter("K"), .parameter("V"))

  private static let maps: [Function] = [
    Function("merge", on: map, map, returns: map, in: .kroOnly) { left, right, frame in
      merged(left, right, isDeep: false, frame, 0)
    },
    Function("deepMerge", on: map, map, returns: map, in: .kroOnly) { left, right, frame in
      merged(left, right, isDeep: true, frame, 0)
    },
  ]

  /// The entries of both; of equal keys the right one's value, or, going deep, both maps merged.
  private static func merged(
    _ left: Value, _ right: Value, isDeep: Bool, _ frame: Frame, _ depth: Int
  ) -> Value {
    guard depth < Equality.maximumDepth, frame.spend(1 + left.count + right.count) else {
      return frame.error(.stepLimit)
    }
    var entries: [MapEntry] = []
    for entry in left.entries {
      let other = Equality.lookup(right, entry.key)
      if other.isAbsent {
        entries.append(entry)
      } else if isDeep, entry.value.isKind(.map), other.isKind(.map) {
        let value = merged(entry.value, other, isDeep: true, frame, depth + 1)
        if value.isError { return value }
        entries.append(MapEntry(key: entry.key, value: value))
      } else {
        entries.append(MapEntry(key: entry.key, value: other))
      }
    }
    for entry in right.entries where Equality.lookup(left, entry.key).isAbsent {
      entries.append(entry)
    }
    return frame.arena.map(entries)
  }

  private static let element = CELType.parameter("T")
  private static let list = CELType.list(.parameter("T"))

  private static let listChanges: [Function] = [
    Function("lists.setAtIndex", [list, .int, element], returns: list, in: .kroOnly) {
      arguments, frame in
      change(arguments, "lists.setAtIndex", isInsertion: false, frame) { elements, index in
        elements[index] = arguments[2]
      }
    },
    Function("lists.insertAtIndex", [list, .int, element], returns: list, in: .kroOnly) {
      arguments, frame in
      change(arguments, "lists.insertAtIndex", isInsertion: true, frame) { elements, index in
        elements.insert(arguments[2], at: index)
      }
    },
    Function("lists.removeAtIndex", list, .int, returns: list, in: .kroOnly) { list, index, frame in
      withUnsafeBytes(of: (list, index)) { pair in
        change(
          pair.bindMemory(to: Value.self), "lists.removeAtIndex", isInsertion: false, frame
        ) { elements, index in elements.remove(at: index) }
      }
    },
  ]

  private static func change(
    _ arguments: UnsafeBufferPointer<Value>, _ name: String, isInsertion: Bool, _ frame: Frame,
    _ body: (inout [Value], Int) -> Void
  ) -> Value {
    let (list, index) = (arguments[0], arguments[1].intPayload)
    guard index >= 0, index < list.count || (isInsertion && index == list.count) else {
      let end = isInsertion ? "]" : ")"
      return frame.error("\(name): index \(index) out of bounds [0, \(list.count)\(end)")
    }
    guard frame.spend(list.count) else { return frame.error(.stepLimit) }
    var elements = Array(list.elements)
    body(&elements, Int(index))
    return frame.arena.list(elements)
  }

  private static let random: [Function] = [
    Function("random.seededString", .int, .string, returns: .string, in: .kroOnly) {
      length, seed, frame in
      let count = length.intPayload
      guard count > 0 else { return frame.error("random.seededString length must be positive") }
      guard count <= 1 << 20, frame.spend(Int(count)) else { return frame.error(.stepLimit) }
      let digest = Digests.sha256(seed.utf8)
      let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
      return frame.string(
        (0..<Int(count)).map { index in
          // The digest is used again from its start after eight letters.
          let start = index * 4 % 32
          let word = digest[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          return letters[Int(word % 36)]
        })
    },
    Function("random.seededInt", [.int, .int, .string], returns: .int, in: .kroOnly) {
      arguments, frame in
      let (low, high) = (arguments[0].intPayload, arguments[1].intPayload)
      guard low < high else { return frame.error("random.seededInt min must be less than max") }
      let word = Digests.sha256(arguments[2].utf8)[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let range = UInt64(bitPattern: high &- low)
      return .int(low &+ Int64(bitPattern: word % range))
    },
  ]

  /// `omit()`: the field that has this value is left out.
  private static let omission: [Function] = [
    Function("omit", [], returns: .dyn, in: .kroOnly) { _, _ in .omitted }
  ]
}

extension Value {
  /// Whether this is what kro's `omit()` gives: the field that has it is left out.
  public var isOmitted: Bool { isBox(.omitted) }
}

/// Writes values as Go's `encoding/json` does: keys sorted, `<`, `>` and `&` escaped.
private enum JSONOutput {
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
private enum JSONFault {
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

extension Library {
  /// `jsonpatch.escapeKey` of Kubernetes.
  static let jsonPatch: [Function] = [
    Function(
      "jsonpatch.escapeKey", .string, returns: .string,
      in: .kubernetes(since: 32, inKro: false, inSpec: false), cost: .rounded(0, 0.1)
    ) { key, frame in
      var result: [UInt8] = []
      for byte in key.utf8 {
        switch byte {
        case UInt8(ascii: "~"): result += "~0".utf8
        case UInt8(ascii: "/"): result += "~1".utf8
        default: result.append(byte)
        }
      }
      return frame.string(result)
    }
  ]
}
