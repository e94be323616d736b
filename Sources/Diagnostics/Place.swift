/// A place in a file that somebody wrote.
///
/// A place is kept as a file and a path in its tree, and turned into lines and columns only when
/// a finding is printed (`Documents.PlaceFinder` parses the file again with marks).
public struct Place: Hashable, Sendable {
  /// What in the file is meant.
  public enum Anchor: Hashable, Sendable {
    /// The file as a whole; printed as its first line.
    case file
    /// UTF-8 byte offsets into the file, end not included.
    case bytes(Range<Int>)
    /// A field of the YAML or JSON document at the 0-based index `document`.
    case field(document: Int, path: FieldPath, part: Part)
  }

  /// What of a field is meant.
  public enum Part: Hashable, Sendable {
    case value
    /// The key of the last step of the path; the value where the last step is an index.
    case key
    /// UTF-8 byte offsets into the text that the scalar stands for, after quotes, escapes and
    /// folding are undone: a place inside an expression.
    case text(Range<Int>)
  }

  /// The file's path, `/`-separated, relative to the root of the tree it was read from.
  public var file: String
  /// What in the file is meant.
  public var anchor: Anchor
  /// The commit the file was read at; nil for the work tree.
  public var revision: String?

  /// The place of a whole file.
  public init(file: String, revision: String? = nil) {
    self.init(file: file, anchor: .file, revision: revision)
  }

  /// A place in a file.
  public init(file: String, anchor: Anchor, revision: String? = nil) {
    self.file = file
    self.anchor = anchor
    self.revision = revision
  }

  /// The place of a field's value, or of the part of it that is named.
  public static func field(
    _ file: String, document: Int = 0, _ path: FieldPath, part: Part = .value
  ) -> Place {
    Place(file: file, anchor: .field(document: document, path: path, part: part))
  }
}

/// A stretch of a file as people count it: 1-based lines, and 1-based columns in Unicode scalars.
/// The end column is the one after the last character.
public struct SourceRange: Hashable, Sendable {
  /// The line that it begins on, 1-based.
  public var line: Int
  /// The column that it begins at, 1-based, in Unicode characters.
  public var column: Int
  /// The line that it ends on, 1-based.
  public var endLine: Int
  /// The column behind its last character, 1-based.
  public var endColumn: Int

  /// A stretch from its four numbers, all 1-based.
  public init(line: Int, column: Int, endLine: Int, endColumn: Int) {
    self.line = line
    self.column = column
    self.endLine = endLine
    self.endColumn = endColumn
  }

  /// The very start of a file.
  public static let start = SourceRange(line: 1, column: 1, endLine: 1, endColumn: 1)
}
