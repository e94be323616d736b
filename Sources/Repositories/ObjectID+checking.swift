import CLibGit2

extension ObjectID {
  /// The id whose 20 bytes begin at `offset`; nil when they are not there.
  public init?(in bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard offset >= 0, offset <= bytes.count - ObjectID.byteCount else { return nil }
    self.init(loading: bytes, at: offset)
  }

  /// The id of an object, found by a hash that refuses what known collision attacks on SHA-1 leave in their
  /// files (libgit2's `git_odb_hash`); nil for such content.
  ///
  /// For ids that decide something by themselves, where whoever chose the content may want two of one id.
  public init?(checking kind: ObjectKind, _ content: ArraySlice<UInt8>) {
    var id = git_oid()
    let status = content.withUnsafeBytes {
      git_odb_hash(&id, $0.baseAddress, $0.count, kind.libraryKind)
    }
    guard status == 0 else { return nil }
    self.init(id)
  }
}
