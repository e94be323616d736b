/// Why a pattern is refused, in the words of Go's `regexp/syntax`, with the place in the pattern.
public struct RegexError: Error, Equatable, Sendable {
  /// The kinds that Go's parser knows; the raw value is its text.
  public enum Kind: String, Sendable {
    case invalidCharacterClass = "invalid character class"
    case invalidClassRange = "invalid character class range"
    case invalidEscape = "invalid escape sequence"
    case invalidNamedCapture = "invalid named capture"
    case invalidPerlSyntax = "invalid or unsupported Perl syntax"
    case invalidNestedRepetition = "invalid nested repetition operator"
    case invalidRepeatCount = "invalid repeat count"
    case invalidUTF8 = "invalid UTF-8"
    case missingBracket = "missing closing ]"
    case missingParenthesis = "missing closing )"
    case missingRepeatArgument = "missing argument to repetition operator"
    case trailingBackslash = "trailing backslash at end of expression"
    case unexpectedParenthesis = "unexpected )"
    case nestsTooDeeply = "expression nests too deeply"
    case tooLarge = "expression too large"
  }

  /// What is wrong.
  public let kind: Kind

  /// The part of the pattern that Go's message shows: the whole of it for parentheses.
  public let excerpt: String

  /// Where the fault is, in UTF-8 bytes from the start of the pattern.
  public let byteOffset: Int

  /// What to write instead, where that is known: look-around, back-references.
  public let help: String?

  init(_ kind: Kind, _ excerpt: String, at byteOffset: Int, help: String? = nil) {
    self.kind = kind
    self.excerpt = excerpt
    self.byteOffset = byteOffset
    self.help = help
  }

  /// The sentence that Go prints after `error parsing regexp: `.
  public var message: String {
    switch kind {
    case .trailingBackslash, .nestsTooDeeply, .tooLarge: kind.rawValue
    default: "\(kind.rawValue): `\(excerpt)`"
    }
  }
}
