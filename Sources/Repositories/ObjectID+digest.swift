import CChecksums

extension ObjectID {
  /// The id whose 20 bytes begin at `offset`; nil when they are not there.
  public init?(in bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard offset >= 0, offset <= bytes.count - ObjectID.byteCount else { return nil }
    self.init(loading: bytes, at: offset)
  }

  /// The first 20 bytes of the SHA-256 of bytes: no object in Git, but a key that decides something by itself,
  /// where whoever chose the bytes may want two with the same key.
  public init(digestOf bytes: ArraySlice<UInt8>) {
    var digest = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    self = withUnsafeMutableBytes(of: &digest) { digest in
      bytes.withUnsafeBytes {
        checksum_sha256(
          $0.baseAddress, $0.count, digest.baseAddress?.assumingMemoryBound(to: UInt8.self))
      }
      return ObjectID(loading: UnsafeRawBufferPointer(digest), at: 0)
    }
  }
}
