/// What mends a finding: another text for one key or one scalar of a file.
public struct Fix: Sendable, Equatable {
  /// The key or the value that is replaced; its anchor is a field's `.key` or `.value`.
  public var place: Place
  /// The new text, without quotes.
  public var text: String
  /// Whether it is a text, and so keeps the quotes that are there; a number or a boolean stands without.
  public var isText: Bool

  /// A fix of one place.
  public init(at place: Place, _ text: String, isText: Bool) {
    self.place = place
    self.text = text
    self.isText = isText
  }
}
