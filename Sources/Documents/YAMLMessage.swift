internal import Diagnostics

/// What a finding about YAML says. All wording of the reader stands here.
struct YAMLMessage {
  var rule: String
  var severity = Severity.error
  var text: String
  var help: String?

  static func limit(_ text: String, help: String) -> YAMLMessage {
    YAMLMessage(rule: "yaml/limit", text: text, help: help)
  }

  static let tooDeep = limit(
    "lists and maps are nested more than \(YAMLLimits.depth) deep", help: "nest them less deeply")

  static let tooManyAliasedNodes = limit(
    "aliases add more than \(YAMLLimits.aliasedNodeCount) nodes to this file",
    help: "write the values out, or refer to fewer of them")

  static func forbiddenCharacter(_ what: ForbiddenCharacter, byte: UInt8) -> YAMLMessage {
    switch what {
    case .notUTF8:
      YAMLMessage(
        rule: "yaml/encoding", text: "byte 0x\(hex(UInt32(byte), 2)) is not UTF-8 here",
        help: "save the file as UTF-8")
    case .utf16:
      YAMLMessage(
        rule: "yaml/encoding", text: "the file is UTF-16, expected UTF-8",
        help: "save the file as UTF-8")
    case .control(0):
      YAMLMessage(
        rule: "yaml/character", text: "the file holds a NUL byte: it is binary or UTF-16",
        help: "save the file as UTF-8 text")
    case .control(let scalar):
      YAMLMessage(
        rule: "yaml/character", text: "character U+\(hex(scalar, 4)) is not allowed in YAML",
        help: "remove it, or write it in a double-quoted string as "
          + (scalar <= 0xFF ? "\\x\(hex(scalar, 2))" : "\\u\(hex(scalar, 4))"))
    }
  }

  static func duplicateKey(_ key: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/duplicate-key", text: "key '\(key)' is given twice in one map",
      help: "remove one of the two")
  }

  /// Of two keys that are told apart until they become text, one is lost, and not always the same one.
  static func keysBecomeOne(_ key: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/key-type", severity: .warning,
      text: "two keys become \"\(key)\": which of the values stays differs from request to request",
      help: "quote the keys, and remove one of the two")
  }

  static func mergedTwice(_ key: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/duplicate-key",
      text:
        "key '\(key)' comes through '<<' and is in the map already: the API server refuses that",
      help: "write the map out without '<<'")
  }

  static let escapedSlash = YAMLMessage(
    rule: "yaml/syntax", text: "the escape '\\/' is unknown to the API server's reader",
    help: "write '/' alone")

  static let questionMarkInFlow = YAMLMessage(
    rule: "yaml/syntax",
    text: "'?' ends a word inside brackets for the API server's reader, which then finds no ','",
    help: "quote the value")

  static func binaryNotText(_ text: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/tag", severity: .warning,
      text: "'\(text)' encodes bytes that are not UTF-8: each becomes U+FFFD",
      help: "JSON holds text only: keep the base64 without '!!binary'")
  }

  static func unknownAlias(_ name: String, nearest: String?) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/unknown-alias", text: "alias '*\(name)' has no anchor before it in this document",
      help: nearest.map { "did you mean '*\($0)'?" } ?? "mark the value with '&\(name)' first")
  }

  static func recursiveAlias(_ name: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/unknown-alias", text: "alias '*\(name)' stands inside the value it refers to",
      help: "a value cannot contain itself")
  }

  static let mergeNeedsMap = YAMLMessage(
    rule: "yaml/merge", text: "'<<' merges maps, but its value is neither a map nor a list of maps",
    help: "refer to a map: '<<: *name'; a key of that name is written \"<<\"")

  static let mergeExpression = YAMLMessage(
    rule: "yaml/merge-expression",
    text: "'<<' merges an expression, which only the templates of a GoldenPath can",
    help: "write the keys out")

  static func mergeAfterKey(_ key: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/merge-order", severity: .warning,
      text: "key '\(key)' stands before '<<', which also brings it: it wins here, but Kubernetes'"
        + " own reader would take the merged value",
      help: "put '<<' first in the map")
  }

  static let keyNotScalar = YAMLMessage(
    rule: "yaml/key", text: "a list or map cannot be a key", help: "use a string as the key")

  static let bracesAsKey = YAMLMessage(
    rule: "yaml/key", text: "'{' after '{' makes a map the key of a map",
    help: "quote the value if the braces are a template's: \"{{ … }}\"")

  static let nullKey = YAMLMessage(
    rule: "yaml/key", text: "a key is missing or null, which Kubernetes refuses",
    help: "write a key before ':', or quote it: \"null\"")

  static func keyType(_ written: String, _ type: String, _ key: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/key-type", severity: .warning,
      text: written == key
        ? "key '\(written)' is \(type), keys are strings: it is read as \"\(key)\""
        : "key '\(written)' is \(type), keys are strings: it becomes \"\(key)\"",
      help: "quote the key: \(quoted(written))")
  }

  static func unknownTag(_ tag: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/tag", text: "tag '\(tag)' has no meaning here",
      help:
        "remove it; known are !!str !!int !!float !!bool !!null !!binary !!timestamp !!map !!seq")
  }

  static func wrongTag(_ tag: String, _ text: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/tag", text: "'\(text)' is not what its tag '\(tag)' says",
      help: "remove the tag or mend the value")
  }

  static func tagOnCollection(_ tag: String, _ found: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/tag", text: "tag '\(tag)' stands on \(found)", help: "remove the tag")
  }

  static func notJSON(_ text: String) -> YAMLMessage {
    YAMLMessage(
      rule: "yaml/not-json",
      text: "'\(text)' is a number that JSON cannot say: Kubernetes refuses the file",
      help: "write a number, or quote it: \(quoted(text))")
  }

  /// A warning for a plain scalar that many would read differently.
  static func ambiguous(
    _ text: String, _ surprise: PlainScalar.Surprise, read value: String
  ) -> YAMLMessage {
    // "08" is the number 8.0, which is written 8.
    let value =
      surprise == .leadingZero && value.hasSuffix(".0") ? String(value.dropLast(2)) : value
    var message = YAMLMessage(
      rule: "yaml/ambiguous-scalar", severity: .warning, text: "",
      help: "write \(value), or quote it if text is meant: \(quoted(text))")
    switch surprise {
    case .word: message.text = "'\(text)' is read as the boolean \(value)"
    case .octal: message.text = "'\(text)' is read as an octal number: \(value)"
    case .leadingZero, .underscore, .exponent, .notJSON:
      message.text = "'\(text)' is read as the number \(value)"
    }
    return message
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}

/// Upper-case hexadecimal digits, padded with zeros.
func hex(_ number: UInt32, _ width: Int) -> String {
  let digits = String(number, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
