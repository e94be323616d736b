/// SHA-1 over bytes as they come (FIPS 180-4, section 6.1): for the trailers of packs.
///
/// Object ids go through libgit2's collision-detecting function instead.
struct SHA1 {
  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
  )
  private var byteCount: UInt64 = 0
  private var pending: [UInt8] = []

  /// The digest of everything in `bytes`.
  static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var sum = SHA1()
    sum.update(bytes)
    return sum.finish()
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let taken = rest.prefix(64 - pending.count)
      pending.append(contentsOf: taken)
      rest = rest.dropFirst(taken.count)
      guard pending.count == 64 else { return }
      let block = pending
      block.withUnsafeBytes { compress($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~63
    compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  mutating func finish() -> [UInt8] {
    let bitCount = byteCount &* 8
    var tail: [UInt8] = [0x80]
    while (pending.count + tail.count) % 64 != 56 { tail.append(0) }
    withUnsafeBytes(of: bitCount.bigEndian) { tail.append(contentsOf: $0) }
    tail.withUnsafeBytes { update($0) }
    var digest: [UInt8] = []
    for word in [state.0, state.1, state.2, state.3, state.4] {
      withUnsafeBytes(of: word.bigEndian) { digest.append(contentsOf: $0) }
    }
    return digest
  }

  /// Takes in whole blocks of 64 bytes.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
      var offset = 0
      while offset + 64 <= blocks.count {
        for index in 0..<16 {
          words[index] = UInt32(
            bigEndian: blocks.loadUnaligned(fromByteOffset: offset + index * 4, as: UInt32.self))
        }
        for index in 16..<80 {
          let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
          words[index] = mixed << 1 | mixed >> 31
        }
        addBlock(words)
        offset += 64
      }
    }
  }

  private mutating func addBlock(_ words: UnsafeMutableBufferPointer<UInt32>) {
    var (a, b, c, d, e) = state
    func step(_ mixed: UInt32, _ constant: UInt32, _ word: UInt32) {
      let next = (a << 5 | a >> 27) &+ mixed &+ e &+ constant &+ word
      e = d
      d = c
      c = b << 30 | b >> 2
      b = a
      a = next
    }
    for index in 0..<20 { step(d ^ (b & (c ^ d)), 0x5A82_7999, words[index]) }
    for index in 20..<40 { step(b ^ c ^ d, 0x6ED9_EBA1, words[index]) }
    for index in 40..<60 { step((b & c) | (d & (b | c)), 0x8F1B_BCDC, words[index]) }
    for index in 60..<80 { step(b ^ c ^ d, 0xCA62_C1D6, words[index]) }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
  }
}

/// Adler-32 (RFC 1950, section 8.2), the check sum of a zlib stream.
func adler32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  var a: UInt32 = 1
  var b: UInt32 = 0
  var index = 0
  while index < bytes.count {
    // 5,552 is the most bytes before `b` can pass 2^32 (zlib's NMAX).
    let end = min(index + 5552, bytes.count)
    while index < end {
      a &+= UInt32(bytes[index])
      b &+= a
      index += 1
    }
    a %= 65521
    b %= 65521
  }
  return b << 16 | a
}
