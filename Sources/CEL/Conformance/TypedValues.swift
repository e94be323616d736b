import Documents

/// Values in the notation of conformance tables: an object of one key that says the kind.
///
/// `{"null":null}` `{"bool":true}` `{"int":"-1"}` `{"uint":"1"}` `{"double":1.5}` (or `"NaN"`,
/// `"Infinity"`, `"-Infinity"`, `"-0.0"`) `{"string":"…"}` `{"bytes":"base64"}` `{"list":[…]}`
/// `{"map":[[K,V]…]}` `{"type":"int"}` `{"timestamp":"…Z"}` `{"duration":"1.5s"}`
/// `{"optional":V|null}`, and the boxed kinds of Kubernetes as text.
enum TypedValues {
  /// The value of a notation; nil for a kind that has no value here.
  static func value(_ notation: Value, _ arena: Arena) -> Value? {
    guard notation.isKind(.map), notation.count == 1 else { return nil }
    let (key, content) = (notation.entries[0].key, notation.entries[0].value)
    switch key.asString ?? "" {
    case "null": return .null
    case "bool": return content
    case "int": return Parsing.int(content.utf8).map(Value.int)
    case "uint": return Parsing.uint(content.utf8).map(Value.uint)
    case "double":
      if content.isKind(.int) { return .double(Double(content.intPayload)) }
      if content.isKind(.double) { return content }
      return Parsing.double(content).map(Value.double)
    case "string": return content
    case "bytes": return Base64.decoded(content.utf8).map { arena.bytes($0) }
    case "list":
      let elements = content.elements.compactMap { value($0, arena) }
      return elements.count == content.count ? arena.list(elements) : nil
    case "map":
      let entries = content.elements.compactMap { entry -> MapEntry? in
        guard entry.count == 2, let key = value(entry.elements[0], arena),
          let value = value(entry.elements[1], arena)
        else { return nil }
        return MapEntry(key: key, value: value)
      }
      return entries.count == content.count ? arena.map(entries) : nil
    case "type": return arena.box(.type, content)
    case "timestamp": return TimeText.instant(content.utf8).map(arena.timestamp)
    case "duration": return TimeText.duration(content.utf8).map(Value.duration(nanoseconds:))
    case "optional":
      return content.isNull ? Value.none : value(content, arena).map(arena.optional)
    default: return nil
    }
  }

  /// The notation of a value, as JSON.
  static func text(_ value: Value) -> String {
    switch value.kind {
    case .absent, .error, .null: return #"{"null":null}"#
    case .bool: return value.isTrue ? #"{"bool":true}"# : #"{"bool":false}"#
    case .int: return #"{"int":"\#(value.intPayload)"}"#
    case .uint: return #"{"uint":"\#(value.payload)"}"#
    case .double: return #"{"double":\#(JSONWriter.typedNumber(value.doublePayload))}"#
    case .string: return #"{"string":"# + JSONWriter.text(value) + "}"
    case .bytes: return #"{"bytes":"\#(Base64.encoded(value.utf8))"}"#
    case .list:
      return #"{"list":["# + value.elements.map(text).joined(separator: ",") + "]}"
    case .map:
      return #"{"map":["#
        + value.entries.map { "[\(text($0.key)),\(text($0.value))]" }.joined(separator: ",") + "]}"
    case .box: return boxText(value)
    }
  }

  private static func boxText(_ value: Value) -> String {
    switch value.boxKind {
    case .duration:
      return #"{"duration":"\#(TimeText.text(ofDuration: value.durationNanoseconds))"}"#
    case .timestamp:
      var instant = value.instant
      instant.offsetMinutes = 0
      return #"{"timestamp":"\#(TimeText.text(of: instant))"}"#
    case .type: return #"{"type":"# + JSONWriter.text(value.typeNameValue) + "}"
    case .optional:
      return #"{"optional":\#(value.optionalContent.map(text) ?? "null")}"#
    case .authorizer, .pathCheck, .groupCheck, .resourceCheck, .decision:
      return #"{"opaque":{"type":"# + JSONWriter.text(TypeValues.type(of: value).typeNameValue)
        + #","value":""}}"#
    case nil: return #"{"null":null}"#
    case .some(let kind):
      return #"{"\#(BoxLibrary.notation(kind))":"# + JSONWriter.text(BoxLibrary.text(kind, value))
        + "}"
    }
  }
}

/// Base64 with the standard alphabet (RFC 4648).
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text of bytes, padded.
  static func encoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let rest = min(3, bytes.count - index)
      var word: UInt32 = 0
      for offset in 0..<3 { word = word << 8 | (offset < rest ? UInt32(bytes[index + offset]) : 0) }
      for offset in 0..<4 {
        result.append(
          offset <= rest ? alphabet[Int(word >> UInt32(18 - 6 * offset)) & 63] : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes of a text, padded or not; nil if it is no base64.
  static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var word: UInt32 = 0
    var bits: UInt32 = 0
    var digits = text[...]
    var padding = 0
    while digits.last == UInt8(ascii: "="), padding < 2 {
      digits = digits.dropLast()
      padding += 1
    }
    guard padding == 0 || text.count % 4 == 0, digits.count % 4 != 1 else { return nil }
    for byte in digits {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - 71
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte + 4
      case UInt8(ascii: "+"): digit = 62
      case UInt8(ascii: "/"): digit = 63
      default: return nil
      }
      word = word << 6 | UInt32(digit)
      bits += 6
      if bits >= 8 {
        bits -= 8
        result.append(UInt8(truncatingIfNeeded: word >> bits))
      }
    }
    return result
  }
}

/// Writes JSON text.
enum JSONWriter {
  /// A string with quotes and escapes; any other scalar as it is.
  static func text(_ value: Value) -> String {
    switch value.kind {
    case .string: return text(value.asString ?? "")
    case .int: return "\(value.intPayload)"
    case .bool: return value.isTrue ? "true" : "false"
    default: return "null"
    }
  }

  /// A string with quotes and escapes.
  static func text(_ string: String) -> String {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0x0A: result += Array("\\n".utf8)
      case 0x0D: result += Array("\\r".utf8)
      case 0x09: result += Array("\\t".utf8)
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        result += Array(
          ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
      default: result.append(byte)
      }
    }
    result.append(UInt8(ascii: "\""))
    return String(decoding: result, as: UTF8.self)
  }

  /// A number, or the name of one that JSON lacks in quotes.
  static func typedNumber(_ number: Double) -> String {
    if number.isNaN { return "\"NaN\"" }
    if number.isInfinite { return number < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
    if number == 0, number.sign == .minus { return "\"-0.0\"" }
    return "\(number)"
  }
}
