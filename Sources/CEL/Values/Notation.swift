public import Documents

extension Value {
  /// The value as CEL writes it, for people: `{'a': [1, 2u, 1.5]}`, `timestamp('…')`,
  /// `optional.of(1)`. Cut below 100 levels.
  public var notation: String { notation(depth: 0) }

  private func notation(depth: Int) -> String {
    guard depth < 100 else { return "…" }
    switch kind {
    case .absent: return "absent"
    case .error: return "error"
    case .null: return "null"
    case .bool: return isTrue ? "true" : "false"
    case .int: return "\(intPayload)"
    case .uint: return "\(payload)u"
    case .double: return doubleNotation
    case .string: return Value.quoted(asString ?? "")
    case .bytes: return "b" + Value.quoted(bytes: utf8)
    case .list:
      return "[" + elements.map { $0.notation(depth: depth + 1) }.joined(separator: ", ") + "]"
    case .map:
      return "{"
        + entries.map {
          "\($0.key.notation(depth: depth + 1)): \($0.value.notation(depth: depth + 1))"
        }.joined(separator: ", ") + "}"
    case .box: return boxNotation(depth: depth)
    }
  }

  private var doubleNotation: String {
    let text = Numbers.text(doublePayload)
    return text.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "-") } ? text + ".0" : text
  }

  private func boxNotation(depth: Int) -> String {
    switch boxKind {
    case .duration: return "duration('\(TimeText.text(ofDuration: durationNanoseconds))')"
    case .timestamp: return "timestamp('\(TimeText.text(of: instant))')"
    case .type: return typeNameValue.asString ?? ""
    case .optional:
      return optionalContent.map { "optional.of(\($0.notation(depth: depth + 1)))" }
        ?? "optional.none()"
    case .authorizer, .pathCheck, .groupCheck, .resourceCheck, .decision:
      return TypeValues.type(of: self).typeNameValue.asString ?? ""
    case nil: return "?"
    case .some(let kind):
      return "\(BoxLibrary.notation(kind))(\(Value.quoted(BoxLibrary.text(kind, self))))"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += "\\x" + hex(UInt8(scalar.value))
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "'"
  }

  private static func quoted(bytes: UnsafeBufferPointer<UInt8>) -> String {
    "'"
      + bytes.map { byte in
        byte >= 0x20 && byte < 0x7F && byte != 0x27 && byte != 0x5C
          ? String(UnicodeScalar(byte)) : "\\x" + hex(byte)
      }.joined() + "'"
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
