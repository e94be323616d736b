/// Colours and weights for a terminal, or none.
public struct Style: Sendable {
  /// Whether escape sequences are written.
  public var isColoured: Bool

  /// A style with or without colours.
  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// Without any escape sequence: for pipes and files.
  public static let plain = Style(isColoured: false)

  enum Ink: String {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case boldRed = "1;31"
    case boldYellow = "1;33"
    case boldBlue = "1;34"
  }

  func callAsFunction(_ text: String, _ ink: Ink) -> String {
    isColoured ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
  }
}
