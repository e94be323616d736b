import Glibc

/// One file to write into a tree or to take out of it.
public struct TreeEdit: Sendable {
  /// What happens at the path.
  public enum Change: Sendable {
    /// A regular file (mode 100644) with these bytes, whose blob id is `id`.
    case write(id: ObjectID, bytes: ArraySlice<UInt8>)
    /// No file; nothing happens where there is none. Folders that become empty go too.
    case delete
  }

  /// `/`-separated, from the root of the tree.
  public let path: String
  /// What happens there.
  public let change: Change

  /// An edit whose blob id is known already; `id` must be that of `bytes`.
  public init(path: String, _ change: Change) {
    self.path = path
    self.change = change
  }

  /// Writes a file.
  public static func write(_ bytes: ArraySlice<UInt8>, to path: String) -> TreeEdit {
    TreeEdit(path: path, .write(id: ObjectID(of: .blob, bytes), bytes: bytes))
  }

  /// Takes a file out.
  public static func delete(_ path: String) -> TreeEdit { TreeEdit(path: path, .delete) }
}

extension TreeEdit.Change {
  /// Whether there is a file afterwards.
  fileprivate var isWriting: Bool {
    switch self {
    case .write: true
    case .delete: false
    }
  }
}

/// A tree with its new objects, which are in memory only.
public struct EditedTree: Sendable {
  /// The id of the root tree.
  public let id: ObjectID
  /// The blobs and trees that the base does not have at their paths.
  var objects: NewObjects
}

/// Applies edits to a tree from the root down, reading only folders that an edit is in.
struct TreeEditor {
  private let repository: Repository
  private let edits: [TreeEdit]
  private let dotNames: Set<String>
  private(set) var objects = NewObjects()

  /// An editor of sorted edits; throws `badPath` for a path that must not be written and `conflict`
  /// when a path comes twice.
  init(
    _ repository: Repository, edits: [TreeEdit], dotNames: Set<String>
  ) throws(RepositoryError) {
    self.repository = repository
    self.dotNames = dotNames
    // By index: going through the elements would copy each.
    let isSorted = edits.indices.dropFirst().allSatisfy {
      isPathOrderedBefore(edits[$0 - 1].path, edits[$0].path)
    }
    self.edits = isSorted ? edits : edits.sorted { isPathOrderedBefore($0.path, $1.path) }
    for index in isSorted ? 0..<0 : edits.indices.dropFirst()
    where !isPathOrderedBefore(self.edits[index - 1].path, self.edits[index].path) {
      let path = self.edits[index].path
      throw RepositoryError(.conflict, .buildTree, "the path '\(path)' comes twice")
    }
    try checkPaths()
  }

  /// Checks the paths that are written. Neighbours share most of their folders: a folder that was
  /// checked is not looked at again.
  private func checkPaths() throws(RepositoryError) {
    var known = ""
    for index in edits.indices where edits[index].change.isWriting {
      let path = edits[index].path
      if !known.isEmpty, path.utf8.count > known.utf8.count, path.hasPrefix(known),
        !path.utf8.dropFirst(known.utf8.count).contains(UInt8(ascii: "/"))
      {
        try checkPathStep(path.utf8.dropFirst(known.utf8.count), in: path)
        continue
      }
      try checkPath(path, allowing: dotNames)
      let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
      known = end.map { String(path[...$0]) } ?? ""
    }
  }

  /// The id of the root tree after the edits; `base` nil is an empty tree.
  mutating func apply(to base: ObjectID?) throws(RepositoryError) -> ObjectID {
    if let id = try tree(base, edits.indices, prefixLength: 0) { return id }
    return objects.append(.tree, [], id: ObjectID(of: .tree, []))
  }

  /// The id of a folder's tree after its edits; nil when nothing is left in it.
  ///
  /// `prefixLength` is the number of UTF-8 bytes of the folder's path with its final `/`.
  private mutating func tree(
    _ base: ObjectID?, _ range: Range<Int>, prefixLength: Int
  ) throws(RepositoryError) -> ObjectID? {
    if range.isEmpty { return base }
    var entries: [TreeEntry] = []
    if let base { entries = try repository.tree(base).entries }
    let groups = groups(of: range, prefixLength: prefixLength)
    if !entries.isEmpty {
      let changed = Set(groups.map(\.name))
      entries = try remaining(entries, changed, groups, prefixLength: prefixLength)
    } else {
      entries.reserveCapacity(groups.count)
      for group in groups { try appendEntries(of: group, old: nil, prefixLength, to: &entries) }
    }
    if entries.isEmpty { return nil }
    entries.sort(by: isOrderedBefore)
    try checkUnique(entries, in: edits[range.lowerBound].path.utf8.prefix(prefixLength))
    let bytes = encodedTree(entries)
    let id = ObjectID(of: .tree, bytes[...])
    if id != base { objects.append(.tree, bytes[...], id: id) }
    return id
  }

  private mutating func remaining(
    _ entries: [TreeEntry], _ changed: Set<ArraySlice<UInt8>>, _ groups: [Group], prefixLength: Int
  ) throws(RepositoryError) -> [TreeEntry] {
    var kept: [TreeEntry] = []
    var old: [ArraySlice<UInt8>: TreeEntry] = [:]
    for entry in entries {
      if changed.contains(entry.nameBytes) {
        old[entry.nameBytes] = entry
      } else {
        kept.append(entry)
      }
    }
    for group in groups {
      try appendEntries(of: group, old: old[group.name], prefixLength, to: &kept)
    }
    return kept
  }

  /// The edits of one name in a folder: of the file itself, and of what is below it.
  private struct Group {
    var name: ArraySlice<UInt8>
    var file: Int?
    var below: Range<Int>
  }

  private func groups(of range: Range<Int>, prefixLength: Int) -> [Group] {
    // The names of a folder stand in one array, one after the other.
    var names: [UInt8] = []
    var found: [(name: Range<Int>, file: Int?, below: Range<Int>)] = []
    var hasFile = false
    var hasFolder = false
    for index in range {
      withBytes(of: edits[index].path) { path in
        let rest = path[prefixLength...]
        if let last = found.last, !last.below.isEmpty, rest.count > last.name.count,
          rest[prefixLength + last.name.count] == UInt8(ascii: "/"),
          names.withUnsafeBufferPointer({
            difference(rest, $0[last.name], count: last.name.count) == 0
          })
        {
          found[found.count - 1].below = last.below.lowerBound..<(index + 1)
          return
        }
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let start = names.count
        names.append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<end]))
        if end == rest.endIndex {
          found.append((start..<names.count, index, index..<index))
          hasFile = true
        } else {
          found.append((start..<names.count, nil, index..<(index + 1)))
          hasFolder = true
        }
      }
    }
    let groups = found.map { Group(name: names[$0.name], file: $0.file, below: $0.below) }
    return hasFile && hasFolder ? merged(groups) : groups
  }

  /// `a` and `a/b` are not neighbours where `a-c` or `a.c` comes between them.
  private func merged(_ groups: [Group]) -> [Group] {
    var result: [Group] = []
    var places: [ArraySlice<UInt8>: Int] = [:]
    for group in groups {
      guard let place = places[group.name] else {
        places[group.name] = result.count
        result.append(group)
        continue
      }
      if let file = group.file { result[place].file = file }
      if !group.below.isEmpty { result[place].below = group.below }
    }
    return result
  }

  private mutating func appendEntries(
    of group: Group, old: TreeEntry?, _ prefixLength: Int, to entries: inout [TreeEntry]
  ) throws(RepositoryError) {
    var entry = old
    if let index = group.file, case .delete = edits[index].change, old?.isTree == false {
      entry = nil
    }
    if !group.below.isEmpty {
      let oldTree = entry.flatMap { $0.isTree ? $0.id : nil }
      let length = prefixLength + group.name.count + 1
      let isWriting = group.below.contains { edits[$0].change.isWriting }
      if let entry, !entry.isTree, isWriting {
        throw conflict(edits[group.below.lowerBound].path, length: length - 1, "a file")
      }
      if entry == nil || oldTree != nil {
        entry = try tree(oldTree, group.below, prefixLength: length).map {
          TreeEntry(mode: treeMode, nameBytes: group.name, id: $0)
        }
      }
    }
    if let index = group.file, case .write(let id, let bytes) = edits[index].change {
      if entry?.isTree == true {
        throw conflict(edits[index].path, length: prefixLength + group.name.count, "a folder")
      }
      // What is there under another mode (a link, an executable) is replaced by a plain file.
      if old?.id != id || old?.isTree == true {
        objects.append(.blob, bytes, id: id, path: edits[index].path)
      }
      entry = TreeEntry(mode: fileMode, nameBytes: group.name, id: id)
    }
    if let entry { entries.append(entry) }
  }

  private func conflict(_ path: String, length: Int, _ what: String) -> RepositoryError {
    let place = String(decoding: path.utf8.prefix(length), as: UTF8.self)
    return RepositoryError(
      .conflict, .buildTree, "cannot write '\(path)': '\(place)' is \(what)")
  }

  /// Names that differ only in case are one file on macOS and Windows.
  private func checkUnique(
    _ entries: [TreeEntry], in folder: some Sequence<UInt8>
  ) throws(RepositoryError) {
    let hasUppercase = entries.contains { $0.nameBytes.contains { (0x41...0x5A).contains($0) } }
    guard hasUppercase else { return }
    var seen: [String: String] = [:]
    for entry in entries {
      let name = entry.name
      if let other = seen.updateValue(name, forKey: name.lowercased()) {
        let place = String(decoding: Array(folder), as: UTF8.self)
        throw RepositoryError(
          .conflict, .buildTree,
          "'\(place)\(other)' and '\(place)\(name)' differ only in upper and lower case")
      }
    }
  }
}

/// By UTF-8 bytes of the whole path.
func isPathOrderedBefore(_ left: String, _ right: String) -> Bool {
  withBytes(of: left) { left in
    withBytes(of: right) { right in
      let order = difference(left[...], right[...], count: min(left.count, right.count))
      return order < 0 || order == 0 && left.count < right.count
    }
  }
}

/// The bytes of a path where they are; copied only for strings that are not native.
private func withBytes<Result>(
  of path: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
  if let result = path.utf8.withContiguousStorageIfAvailable(body) { return result }
  var copy = path
  return copy.withUTF8(body)
}

/// What `memcmp` says of the first `count` bytes.
private func difference(
  _ left: Slice<UnsafeBufferPointer<UInt8>>, _ right: Slice<UnsafeBufferPointer<UInt8>>, count: Int
) -> Int32 {
  guard count > 0, let first = UnsafeBufferPointer(rebasing: left).baseAddress,
    let second = UnsafeBufferPointer(rebasing: right).baseAddress
  else { return 0 }
  return memcmp(first, second, count)
}
