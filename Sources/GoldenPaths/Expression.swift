import CEL
import Diagnostics

/// One compiled expression of a golden path, and where it stands.
struct Expression: Sendable {
  let program: Program
  /// The scalar that holds it, in the golden path's document.
  let path: FieldPath
  /// Its UTF-8 bytes in the scalar's text, without `${` and `}`.
  let range: Range<Int>
  /// What it gives, as far as that is known.
  var type = CELType.dyn
  /// The scope that its names are of: an index into `ImportedNames.scopes`.
  var scope = 0

  /// The part of the scalar that a range of the expression's source is.
  func part(_ inner: Range<Int>? = nil) -> Place.Part {
    guard let inner else { return .text(range) }
    let start = min(range.lowerBound + inner.lowerBound, range.upperBound)
    return .text(start..<min(max(start, range.lowerBound + inner.upperBound), range.upperBound))
  }

  /// The expression as findings show it: without space around it, cut after 80 characters.
  var shown: String { shortened(program.source) }
}

/// A source text for a message: one line, without space around it, cut after 80 characters.
func shortened(_ source: String) -> String {
  let line = source.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  return line.count <= 80 ? line : line.prefix(79) + "…"
}
