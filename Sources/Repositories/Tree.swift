/// A Git tree: the entries of one folder, in Git's order.
public struct Tree: Sendable {
  /// The entries; names are unique.
  public let entries: [TreeEntry]

  /// The entries of a tree object's bytes (gitformat-tree: mode, space, name, NUL, 20 bytes of id).
  ///
  /// Throws `corrupt` when the bytes are not a tree.
  public init(decoding bytes: [UInt8]) throws(RepositoryError) {
    let decoded: [TreeEntry]? = bytes.withUnsafeBytes { raw in
      var entries: [TreeEntry] = []
      var offset = 0
      while offset < raw.count {
        var mode: UInt32 = 0
        var isSpaceFound = false
        let modeStart = offset
        while offset < raw.count, offset - modeStart < 8 {
          let byte = raw[offset]
          offset += 1
          if byte == UInt8(ascii: " ") {
            isSpaceFound = true
            break
          }
          guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else { return nil }
          mode = mode << 3 | UInt32(byte - UInt8(ascii: "0"))
        }
        let nameStart = offset
        while offset < raw.count, raw[offset] != 0 { offset += 1 }
        guard isSpaceFound, offset > nameStart, raw.count - offset > ObjectID.byteCount else {
          return nil
        }
        entries.append(
          TreeEntry(
            mode: mode, nameBytes: bytes[nameStart..<offset],
            id: ObjectID(loading: raw, at: offset + 1)))
        offset += 1 + ObjectID.byteCount
      }
      return entries
    }
    guard let decoded else {
      throw RepositoryError(.corrupt, .readTree, "the tree's bytes are damaged")
    }
    entries = decoded
  }

  /// The entry of a name; nil when there is none. O(entries).
  public func entry(named name: String) -> TreeEntry? {
    entries.first { $0.nameBytes.elementsEqual(name.utf8) }
  }
}

/// One entry of a tree.
public struct TreeEntry: Sendable {
  /// The type and permission bits, such as 0o100644.
  public let mode: UInt32
  /// The name as it stands in the tree; need not be UTF-8.
  public let nameBytes: ArraySlice<UInt8>
  /// The id of the tree or blob; of a commit of another repository for a submodule.
  public let id: ObjectID

  init(mode: UInt32, nameBytes: ArraySlice<UInt8>, id: ObjectID) {
    self.mode = mode
    self.nameBytes = nameBytes
    self.id = id
  }

  /// The name, with what is not UTF-8 replaced.
  public var name: String { String(decoding: nameBytes, as: UTF8.self) }

  /// Whether this is a folder.
  public var isTree: Bool { mode & fileTypeMask == treeMode }

  /// Whether this is a symbolic link.
  public var isLink: Bool { mode & fileTypeMask == 0o120_000 }

  /// Whether this is a regular file, executable or not; not a symbolic link or a submodule.
  public var isFile: Bool { mode & fileTypeMask == 0o100_000 }
}

private let fileTypeMask: UInt32 = 0o170_000
let treeMode: UInt32 = 0o40_000
let fileMode: UInt32 = 0o100_644

/// Git's order of a tree's entries: by bytes, with a folder as if its name ended in `/`
/// (`base_name_compare` of read-cache.c).
func isOrderedBefore(_ left: TreeEntry, _ right: TreeEntry) -> Bool {
  left.nameBytes.withUnsafeBytes { a in
    right.nameBytes.withUnsafeBytes { b in
      let count = min(a.count, b.count)
      for index in 0..<count where a[index] != b[index] { return a[index] < b[index] }
      let slash = UInt8(ascii: "/")
      let nextA = a.count > count ? a[count] : (left.isTree ? slash : 0)
      let nextB = b.count > count ? b[count] : (right.isTree ? slash : 0)
      return nextA < nextB
    }
  }
}

/// The bytes of the tree object of entries in Git's order.
func encodedTree(_ entries: [TreeEntry]) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(entries.reduce(0) { $0 + $1.nameBytes.count + 28 })
  for entry in entries {
    if entry.mode == fileMode {
      bytes.append(contentsOf: "100644 ".utf8)
    } else if entry.mode == treeMode {
      bytes.append(contentsOf: "40000 ".utf8)
    } else {
      bytes.append(contentsOf: String(entry.mode, radix: 8).utf8)
      bytes.append(UInt8(ascii: " "))
    }
    bytes.append(contentsOf: entry.nameBytes)
    bytes.append(0)
    entry.id.append(to: &bytes)
  }
  return bytes
}

/// The id of the tree that holds exactly the given files, by name; nothing is written.
///
/// Throws `badPath` for a name that must not be written and `conflict` for a name that comes twice.
public func treeID(
  of files: [(name: String, id: ObjectID)]
) throws(RepositoryError) -> ObjectID {
  var entries: [TreeEntry] = []
  entries.reserveCapacity(files.count)
  for file in files {
    try checkPathStep(file.name.utf8, in: file.name)
    entries.append(TreeEntry(mode: fileMode, nameBytes: Array(file.name.utf8)[...], id: file.id))
  }
  entries.sort(by: isOrderedBefore)
  for (left, right) in zip(entries, entries.dropFirst()) where left.nameBytes == right.nameBytes {
    throw RepositoryError(.conflict, .buildTree, "the file '\(left.name)' comes twice")
  }
  return ObjectID(of: .tree, encodedTree(entries)[...])
}
