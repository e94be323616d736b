/// A word of a template, as `text/template/parse` cuts them.
struct Token {
  enum Kind: UInt8 {
    case error, bool, char, charConstant, complex, assign, declare, eof, field, identifier
    case leftDelimiter, leftParenthesis, number, pipe, rawString, rightDelimiter
    case rightParenthesis, space, string, text, variable
    // Keywords from here on.
    case block, `break`, `continue`, dot, define, `else`, end, `if`, `nil`, range, template, with
  }

  var kind: Kind
  /// Where it starts, in bytes.
  var offset: Int
  /// Where it ends, in bytes.
  var end: Int
  /// For errors.
  var message = ""
}
