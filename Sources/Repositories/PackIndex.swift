/// The index of a pack (gitformat-pack, "version 2 pack-*.idx files").
struct PackIndex {
  /// One object of the pack.
  struct Entry {
    let id: ObjectID
    /// Where its header begins in the pack.
    let offset: Int
    /// The CRC-32 of its bytes in the pack, header included.
    let checksum: UInt32
  }

  /// The bytes of the index of a pack that ends in `trailer`.
  static func encoded(_ entries: [Entry], packTrailer trailer: [UInt8]) -> [UInt8] {
    let entries = entries.sorted { $0.id < $1.id }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1100 + entries.count * 28)
    bytes.append(contentsOf: [0xFF, 0x74, 0x4F, 0x63])
    append(UInt32(2), to: &bytes)
    var counts = [UInt32](repeating: 0, count: 256)
    for entry in entries { counts[entry.id.firstByte] += 1 }
    var total: UInt32 = 0
    for count in counts {
      total += count
      append(total, to: &bytes)
    }
    for entry in entries { entry.id.append(to: &bytes) }
    for entry in entries { append(entry.checksum, to: &bytes) }
    // Offsets of 31 bits; a set highest bit leads to the table of 64-bit ones.
    var large: [UInt64] = []
    for entry in entries {
      if entry.offset < 1 << 31 {
        append(UInt32(entry.offset), to: &bytes)
      } else {
        append(UInt32(1 << 31 | large.count), to: &bytes)
        large.append(UInt64(entry.offset))
      }
    }
    for offset in large { append(offset, to: &bytes) }
    bytes.append(contentsOf: trailer)
    let digest = bytes.withUnsafeBytes { sha1($0) }
    bytes.append(contentsOf: digest)
    return bytes
  }

  private static func append(_ word: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
  }
}
