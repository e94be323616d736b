import Diagnostics

/// The line of a place with the place underlined:
///
/// ```
///     7 |   port: eighty
///       |         ^^^^^^
/// ```
struct CodeFrame {
  /// The frame's lines without line ends; empty when the line is not there or is not text.
  static func lines(
    _ range: SourceRange, text: String, gutter: Int, style: Style, ink: Style.Ink
  ) -> [String] {
    let number = String(range.line)
    let pad = String(repeating: " ", count: max(0, gutter - number.count))
    let blank = String(repeating: " ", count: gutter)
    let scalars = Array(text.unicodeScalars.prefix(longestLine))
    let startColumn = min(range.column, scalars.count + 1)
    let endColumn =
      range.endLine == range.line ? min(range.endColumn, scalars.count + 1) : scalars.count + 1
    let lead = columnWidth(scalars[..<(startColumn - 1)])
    let width = max(
      1, startColumn < endColumn ? columnWidth(scalars[(startColumn - 1)..<(endColumn - 1)]) : 1)
    return [
      "\(style("\(pad)\(number) |", .faint)) \(printable(scalars))",
      "\(style("\(blank) |", .faint)) \(String(repeating: " ", count: lead))"
        + style(String(repeating: "^", count: width), ink),
    ]
  }

  /// Longer lines are cut: a frame is for reading.
  private static let longestLine = 240

  /// The text with tabs as one blank and control characters as a replacement, so that a file cannot
  /// write to the terminal.
  private static func printable(_ scalars: [Unicode.Scalar]) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars { text.append(printableScalar(scalar)) }
    return String(text)
  }
}

/// The scalar, or what is shown in its place when it would act on a terminal.
func printableScalar(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  switch scalar.value {
  case 0x09: " "
  case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
  default: scalar
  }
}

/// The text made safe for a terminal: line ends as a blank, other control characters replaced.
public func printableText(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    result.append(scalar == "\n" ? " " : printableScalar(scalar))
  }
  return String(result)
}

/// How many terminal columns the scalars take: two for wide East Asian characters and emoji, none
/// for marks that combine, one for the rest.
func columnWidth(_ scalars: some Sequence<Unicode.Scalar>) -> Int {
  scalars.reduce(0) { $0 + columnWidth($1) }
}

private func columnWidth(_ scalar: Unicode.Scalar) -> Int {
  switch scalar.value {
  case 0..<0x300: return 1
  case 0x200B...0x200F, 0xFE00...0xFE0F, 0xFEFF: return 0
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default:
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return 1
    }
  }
}
