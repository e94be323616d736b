extension Repository {
  /// The tree that `edits` make of the tree `base` (nil: an empty one); nothing is written yet.
  ///
  /// Only folders that an edit is in are read. Entries that no edit names are kept as they are, with
  /// their modes. `dotNames` are the names beginning with `.` that edits may use. Throws `badPath`
  /// for a path that `checkPath` refuses, `conflict` when a path comes twice or a file stands in
  /// its way.
  public func tree(
    applying edits: [TreeEdit], to base: ObjectID?, allowing dotNames: Set<String> = []
  ) throws(RepositoryError) -> EditedTree {
    var editor = try TreeEditor(self, edits: edits, dotNames: dotNames)
    let id = try editor.apply(to: base)
    return EditedTree(id: id, objects: editor.objects)
  }

  /// Writes the objects of an edited tree and a commit of it; gives the commit's id.
  ///
  /// No branch names the commit yet: until `moveBranch`, nobody sees it. The same tree, parents and
  /// draft give the same id, that of `git commit-tree`, whichever engine writes. `sign` is given the
  /// bytes of the commit and gives back an armoured signature of them (`gpgsig`, gitformat-signature);
  /// what it throws ends this before anything is written.
  public func write(
    _ tree: EditedTree, as draft: CommitDraft, parents: [ObjectID],
    engine: WritingEngine = .own, signedBy sign: CommitSigner? = nil
  ) throws(RepositoryError) -> ObjectID {
    var bytes = draft.encoded(tree: tree.id, parents: parents)
    if let sign { bytes = CommitDraft.signed(bytes, with: try sign(bytes)) }
    var objects = tree.objects
    let id = ObjectID(of: .commit, bytes[...])
    objects.append(.commit, bytes[...], id: id)
    try write(objects, engine: engine)
    return id
  }

  /// Writes objects, and keeps them in memory where that was asked for.
  func write(
    _ objects: NewObjects, engine: WritingEngine = .own
  ) throws(RepositoryError) {
    switch engine {
    case .own:
      let pack = try writePack(objects)
      withHandle { _ in
        if keptWrites.isKeeping { keptWrites.packs.append((objects, pack)) }
      }
    case .stock:
      try writeLoose(objects)
      withHandle { _ in
        guard keptWrites.isKeeping else { return }
        keptWrites.packs.append((objects, PackWriter.pack(objects.objects).bytes))
      }
    }
  }
}

/// Gives the armoured signature of a commit's bytes, by a program or a key that is the caller's.
public typealias CommitSigner = @Sendable ([UInt8]) throws(RepositoryError) -> String
