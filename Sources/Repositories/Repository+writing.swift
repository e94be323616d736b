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

  /// Writes the objects of an edited tree and a commit of it, as one pack; gives the commit's id.
  ///
  /// No branch names the commit yet: until `moveBranch`, nobody sees it. The same tree, parents and
  /// draft give the same id, that of `git commit-tree`.
  public func write(
    _ tree: EditedTree, as draft: CommitDraft, parents: [ObjectID]
  ) throws(RepositoryError) -> ObjectID {
    let bytes = draft.encoded(tree: tree.id, parents: parents)
    var objects = tree.objects
    let id = try ObjectID(hashing: .commit, bytes[...])
    objects.append(.commit, bytes[...], id: id)
    try write(objects)
    return id
  }

  /// Feeds a pack of our own making to libgit2's indexer, which inflates and hashes every object
  /// again before it gives the pack its name.
  private func write(_ objects: NewObjects) throws(RepositoryError) {
    let pack = PackWriter.pack(objects.objects)
    let receiver = try PackReceiver(into: self)
    try receiver.append(pack[...])
    try receiver.finish()
    withHandle { _ in
      if keptWrites.isKeeping { keptWrites.packs.append((objects, pack)) }
    }
  }
}
