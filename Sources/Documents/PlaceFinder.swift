public import Diagnostics

/// Turns places into lines and columns, and gives the lines around them for code frames.
///
/// Each file is read and parsed once, however many findings it has. Not for use by two threads at
/// once.
public final class PlaceFinder {
  private let read: (Place) -> [UInt8]?
  private var files: [Key: SourceFile?] = [:]

  private struct Key: Hashable {
    var file: String
    var revision: String?
  }

  /// A finder that gets the bytes of a place's file, at the place's revision, from a function; nil
  /// means that the file cannot be read.
  public init(reading read: @escaping (Place) -> [UInt8]?) { self.read = read }

  /// The lines and columns of a place; the file's start when the file cannot be read.
  public func range(of place: Place) -> SourceRange {
    file(of: place)?.range(of: place.anchor) ?? .start
  }

  /// The text of a line of a place's file, by its 1-based number, without its line break; nil when
  /// there is none.
  public func line(_ number: Int, of place: Place) -> String? { file(of: place)?.line(number) }

  /// The bytes of a place's file; nil when it cannot be read.
  public func bytes(of place: Place) -> [UInt8]? { read(place) }

  /// The file of a place, read at the first call; nil when it cannot be read.
  public func file(of place: Place) -> SourceFile? {
    let key = Key(file: place.file, revision: place.revision)
    if let known = files[key] { return known }
    let file = read(place).map(SourceFile.init)
    files[key] = .some(file)
    return file
  }
}
