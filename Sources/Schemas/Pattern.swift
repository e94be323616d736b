import Documents
import Regexes

/// A regular expression of a schema, compiled once (RE2 syntax, unanchored).
struct Pattern: Sendable {
  let regex: Regex

  /// The expression as written.
  var source: String { regex.pattern }

  static func compile(_ source: String) -> Result<Pattern, RegexError> {
    Regex.compile(source).map(Pattern.init)
  }

  /// Whether any part of a text matches.
  func matches(_ text: Value) -> Bool { regex.matches(text.utf8) }
}
