public import Diagnostics

/// Changes values in the text of a YAML file and keeps everything else: comments, order, quotes,
/// indentation, line ends.
///
/// Each change is read back before it counts: the file must parse without a new error, hold the
/// new value at the path, and be the same everywhere else. Not for use by two threads at once.
public struct DocumentEditor {
  /// The file's bytes, with the changes made so far.
  public private(set) var bytes: [UInt8]

  /// Why a change cannot be made; the text is as it was.
  public struct Failure: Error, Equatable, Sendable {
    /// One line, lower case, no full stop.
    public var message: String
    /// What to do instead.
    public var help: String?
  }

  /// An editor of a file's bytes, UTF-8.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Sets the value at a path of the document at a 0-based index.
  ///
  /// A value that is there is replaced, in its quotes where it has some. A missing key is put last
  /// into its map, with maps around it as the path asks; an index one past a list's end appends.
  /// Throws when the file does not parse, when the path leads through an alias, a merge key or a
  /// value that is no map or list, and when the change cannot be written without touching more.
  public mutating func set(
    _ path: FieldPath, to value: Value, document: Int = 0
  ) throws(Failure) {
    let before = parseYAML(bytes, file: "")
    if let error = before.findings.first(where: { $0.severity == .error }) {
      throw Failure(message: error.message, help: error.help)
    }
    let edits = bytes.withUnsafeBufferPointer { bytes in
      EditPlanner(bytes, tree: MarkedTree(bytes), document: document).edits(path, value)
    }
    switch edits {
    case .failure(let failure): throw failure
    case .success(let candidates):
      for edit in candidates {
        var edited = bytes
        edited.replaceSubrange(edit.range, with: edit.text)
        if Self.isClean(edited, before: before, path, value, document) {
          bytes = edited
          return
        }
      }
      throw Failure(
        message: "'\(path)' cannot be set without changing more of the file",
        help: "edit the file by hand")
    }
  }

  /// Whether the edited file differs from the old one in nothing but the value at the path.
  private static func isClean(
    _ edited: [UInt8], before: ParsedFile, _ path: FieldPath, _ value: Value, _ document: Int
  ) -> Bool {
    let after = parseYAML(edited, file: "")
    defer { withExtendedLifetime((before, after)) {} }
    guard !after.hasErrors, after.documents.count == max(before.documents.count, document + 1)
    else {
      return false
    }
    for (index, new) in after.documents.enumerated() {
      let old = index < before.documents.count ? before.documents[index].root : .null
      let isSame =
        index == document
        ? differsOnly(at: path.steps[...], old, new.root, value) : old.isIdentical(to: new.root)
      if !isSame { return false }
    }
    return true
  }

  private static func differsOnly(
    at path: ArraySlice<FieldPath.Step>, _ old: Value, _ new: Value, _ value: Value
  ) -> Bool {
    guard let step = path.first else { return new.isIdentical(to: value) }
    let rest = path.dropFirst()
    switch step {
    case .key(let name):
      guard new.isKind(.map), old.isKind(.map) || old.isNull || old.isAbsent else { return false }
      let isNew = old[name].isAbsent
      guard new.count == old.entries.count + (isNew ? 1 : 0) else { return false }
      return old.entries.allSatisfy { entry in
        entry.key.asString == name || entry.value.isIdentical(to: new.lookup(entry.key))
      } && differsOnly(at: rest, old[name], new[name], value)
    case .index(let index):
      let before = old.elements
      let after = new.elements
      guard after.indices.contains(index), after.count == max(before.count, index + 1) else {
        return false
      }
      return before.indices.allSatisfy { $0 == index || before[$0].isIdentical(to: after[$0]) }
        && differsOnly(
          at: rest, index < before.count ? before[index] : .absent, after[index], value)
    }
  }
}
