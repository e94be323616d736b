extension Repository {
  /// The files whose bytes are others in one tree than in another that is the same otherwise, by path from
  /// their roots, in the order of the trees.
  ///
  /// Nil when anything else differs (a file that only one of them has, a mode, a link, a submodule), when more
  /// than `most` files do, or folders are nested over 64 deep. Only folders that differ are read. Throws
  /// when one of them cannot be.
  public func rewrittenFiles(
    from old: ObjectID, to new: ObjectID, most: Int
  ) throws(RepositoryError) -> [String]? {
    var comparison = TreeComparison(repository: self, most: most)
    return try comparison.compare(old, new, "", depth: 0) ? comparison.paths : nil
  }
}

private struct TreeComparison {
  let repository: Repository
  let most: Int
  var paths: [String] = []

  /// False when more differs than the bytes of few files.
  mutating func compare(
    _ old: ObjectID, _ new: ObjectID, _ folder: String, depth: Int
  ) throws(RepositoryError) -> Bool {
    if old == new { return true }
    if depth > 64 { return false }
    let before = try repository.tree(old).entries
    let after = try repository.tree(new).entries
    guard before.count == after.count else { return false }
    for (left, right) in zip(before, after) {
      guard left.mode == right.mode, left.nameBytes == right.nameBytes else { return false }
      if left.id == right.id { continue }
      let path = folder + right.name
      if right.isTree {
        guard try compare(left.id, right.id, path + "/", depth: depth + 1) else { return false }
      } else {
        guard right.isFile, paths.count < most else { return false }
        paths.append(path)
      }
    }
    return true
  }
}
