import CLibGit2

extension Repository {
  /// The text of the note on an object, of the notes that a commit such as the tip of
  /// `refs/notes/commits` holds; nil when there is none.
  public func note(
    on object: ObjectID, in notes: ObjectID?
  ) throws(RepositoryError) -> String? {
    guard let notes else { return nil }
    let reader = TreeReader(self, root: try commit(notes).tree)
    for path in notePaths(object) {
      guard let entry = try reader.entry(at: path), entry.isFile else { continue }
      return String(decoding: try blob(entry.id), as: UTF8.self)
    }
    return nil
  }

  /// Writes a commit of notes on top of `notes` in which each object has the text given for it, in the
  /// place of any other; gives the commit's id, or `notes` when nothing changes. No reference names
  /// the commit yet.
  ///
  /// New notes stand two digits to a folder, which every Git reads (git-notes(1)), so that thousands of
  /// them stay quick to write.
  public func writeNotes(
    _ texts: [(object: ObjectID, text: String)], on notes: ObjectID?, as draft: CommitDraft
  ) throws(RepositoryError) -> ObjectID? {
    let base = try notes.map { (id) throws(RepositoryError) in try commit(id).tree }
    let reader = TreeReader(self, root: base)
    var edits: [TreeEdit] = []
    for (object, text) in texts {
      if try note(on: object, in: notes) == text { continue }
      let paths = notePaths(object)
      for path in paths where path != paths[0] {
        if try reader.entry(at: path) != nil { edits.append(.delete(path)) }
      }
      edits.append(.write(Array(text.utf8)[...], to: paths[0]))
    }
    if edits.isEmpty { return notes }
    let tree = try tree(applying: edits, to: base)
    return try write(tree, as: draft, parents: notes.map { [$0] } ?? [])
  }
}

/// Where a note on an object may stand: the first is where new ones do.
private func notePaths(_ object: ObjectID) -> [String] {
  let digits = object.description
  let rest = digits.dropFirst(2)
  return [
    "\(digits.prefix(2))/\(rest)", digits,
    "\(digits.prefix(2))/\(rest.prefix(2))/\(rest.dropFirst(2))",
  ]
}
