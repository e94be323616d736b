import CChecksums
import CLibGit2

extension ObjectID {
  /// The id of the object of a kind with the given content.
  ///
  /// Hashed by the processor's own instructions, at four times the speed of a hash that looks for
  /// collision attacks; what is written to a repository is hashed again by one that does.
  public init(of kind: ObjectKind, _ content: ArraySlice<UInt8>) {
    self = content.withUnsafeBytes { body in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32 + ObjectID.byteCount) { buffer in
        var count = 0
        func append(_ byte: UInt8) {
          buffer[count] = byte
          count += 1
        }
        kind.headerWord.withUTF8Buffer { for byte in $0 { append(byte) } }
        var scale = 1
        while scale <= body.count / 10 { scale *= 10 }
        while scale > 0 {
          append(UInt8(ascii: "0") + UInt8(body.count / scale % 10))
          scale /= 10
        }
        append(0)
        let digest = UnsafeMutableBufferPointer(rebasing: buffer[32...])
        checksum_sha1(
          buffer.baseAddress, count, body.baseAddress, body.count, digest.baseAddress)
        return ObjectID(loading: UnsafeRawBufferPointer(digest), at: 0)
      }
    }
  }

  /// Whether this is the id of the content, found by a hash that refuses what known collision
  /// attacks on SHA-1 leave in their files (libgit2's `git_odb_hash`).
  func isConfirmed(_ kind: ObjectKind, _ content: ArraySlice<UInt8>) -> Bool {
    var id = git_oid()
    let status = content.withUnsafeBytes {
      git_odb_hash(&id, $0.baseAddress, $0.count, kind.libraryKind)
    }
    return status == 0 && ObjectID(id) == self
  }
}

extension ObjectKind {
  /// What the hashed header begins with (gitformat-loose is `<type> SP <size> NUL`).
  fileprivate var headerWord: StaticString {
    switch self {
    case .commit: "commit "
    case .tree: "tree "
    case .blob: "blob "
    }
  }
}

/// The SHA-1 of bytes, as packs and their indexes end in it.
func sha1(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: ObjectID.byteCount) { buffer, count in
    checksum_sha1(nil, 0, bytes.baseAddress, bytes.count, buffer.baseAddress)
    count = ObjectID.byteCount
  }
}
