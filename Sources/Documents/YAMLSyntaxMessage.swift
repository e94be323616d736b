extension YAMLMessage {
  /// The API server's reader (go-yaml 2, in sigs.k8s.io/yaml) refuses `%YAML 1.2`, libyaml does not.
  static var incompatibleVersion: YAMLMessage {
    YAMLMessage(
      rule: "yaml/syntax", text: "the %YAML directive must be '%YAML 1.1', once",
      help: "remove the directive")
  }

  /// A syntax error in clear words.
  ///
  /// libyaml 0.2.5 names productions of its grammar ("did not find expected <document start>");
  /// most of its messages are replaced by what a writer of YAML can do. `bytes` are the file's,
  /// `offset` is where the problem was noticed.
  static func syntax(
    _ problem: YAMLProblem, in bytes: UnsafeBufferPointer<UInt8>, at offset: Int
  ) -> YAMLMessage {
    let byte = offset < bytes.count ? bytes[offset] : nil
    let previous = bytes[..<min(offset, bytes.count)].last { $0 != 0x20 }
    var message = YAMLMessage(rule: "yaml/syntax", text: problem.message)
    (message.text, message.help) =
      scannerWords(problem, byte: byte) ?? parserWords(problem, byte: byte, previous: previous)
      ?? (problem.context.map { "\(problem.message) \($0)" } ?? problem.message, nil)
    return message
  }

  private static func scannerWords(
    _ problem: YAMLProblem, byte: UInt8?
  ) -> (String, String?)? {
    switch problem.message {
    case "found character that cannot start any token":
      switch byte {
      case UInt8(ascii: "\t"):
        return ("a tab cannot indent YAML", "indent with spaces")
      case .some(let byte) where byte < 0x80:
        let character = Character(Unicode.Scalar(byte))
        return ("a value cannot start with '\(character)'", "quote the value")
      default:
        return ("this character cannot start a value", "quote the value")
      }
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return ("a tab cannot indent YAML", "indent with spaces")
    case "mapping values are not allowed in this context":
      return (
        "a ': ' cannot stand here: the line already has a value, or is indented wrongly",
        "quote the text if the ':' belongs to it, or mend the indentation"
      )
    case "mapping keys are not allowed in this context":
      return ("a '? ' key cannot stand here", "mend the indentation, or quote the text")
    case "block sequence entries are not allowed in this context":
      return (
        "a '- ' item cannot stand here", "put it on a line of its own, or quote the text"
      )
    case "could not find expected ':'":
      return (
        "this line is neither 'key: value' nor the continuation of a value",
        "write ': ', with the space, after the key, or mend the indentation"
      )
    case "found unexpected end of stream":
      return problem.context == "while scanning a quoted scalar"
        ? ("the quoted text is never closed", "add the closing quote")
        : ("the file ends too early", nil)
    case "found unexpected document indicator":
      return ("the quoted text is never closed before the document ends", "add the closing quote")
    case "found unknown escape character":
      return (
        "unknown escape in a double-quoted string",
        #"write '\\' for a backslash, or use single quotes"#
      )
    case "did not find expected hexdecimal number":
      return (
        "an escape in a double-quoted string needs hexadecimal digits",
        #"\x takes 2, \u takes 4, \U takes 8"#
      )
    case "found invalid Unicode character escape code":
      return (
        "the escape names no Unicode character",
        #"write characters beyond U+FFFF as \U and 8 digits"#
      )
    case "found an indentation indicator equal to 0":
      return ("the indentation of a block text must be 1 to 9", "remove the 0")
    case "did not find expected comment or line break":
      return (
        "only a comment may follow '|' or '>' on its line", "start the text on the next line"
      )
    case "did not find expected alphabetic or numeric character":
      return problem.context == "while scanning an alias"
        ? ("'*' must be followed by an anchor's name", "quote the text if it starts with '*'")
        : ("'&' must be followed by an anchor's name", "quote the text if it starts with '&'")
    case "found unexpected ':'":
      return ("a ':' cannot stand here inside [] or {}", "quote the text")
    default:
      return nil
    }
  }

  private static func parserWords(
    _ problem: YAMLProblem, byte: UInt8?, previous: UInt8?
  ) -> (String, String?)? {
    switch problem.message {
    case "did not find expected key" where byte == UInt8(ascii: ":"):
      return ("a key is missing before ':'", "write the key, or quote the text")
    case "did not find expected key"
    where previous == UInt8(ascii: "'") || previous == UInt8(ascii: "\""):
      return (
        "text follows the closing quote",
        previous == UInt8(ascii: "'")
          ? "write '' for a quote inside single quotes" : #"write \" for a quote inside the text"#
      )
    case "did not find expected key":
      return (
        "expected a key here: the line is indented differently from the keys before it, or a"
          + " value before it ended early",
        "align it with the other keys of its map, or quote the text"
      )
    case "did not find expected '-' indicator":
      return (
        "expected a '- ' item here: the line is indented like the list's items, but is none",
        "start it with '- ', or mend the indentation"
      )
    case "did not find expected ',' or ']'":
      return ("expected ',' or ']' in the list that '[' opened", "close the list with ']'")
    case "did not find expected ',' or '}'":
      return ("expected ',' or '}' in the map that '{' opened", "close the map with '}'")
    case "did not find expected node content":
      return ("expected a value here", "write the value, or quote the text")
    case "did not find expected <document start>":
      return (
        "the document ended before this line: it is indented less than what came before, or is a"
          + " second value",
        "mend the indentation, or start a new document with '---'"
      )
    case "found undefined tag handle":
      return ("the tag's handle is not declared", "remove the tag")
    case "found incompatible YAML document", "found duplicate %YAML directive":
      return (incompatibleVersion.text, incompatibleVersion.help)
    case "found unknown directive name":
      return ("a line that starts with '%' must be a %YAML or %TAG directive", "quote the text")
    default:
      return nil
    }
  }
}
