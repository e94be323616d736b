// scrypt (RFC 7914), as `derivePassword` uses it.

/// PBKDF2 of HMAC-SHA256 with one iteration (RFC 8018).
private func stretched(_ password: [UInt8], _ salt: [UInt8], count: Int) -> [UInt8] {
  var result: [UInt8] = []
  var block: UInt8 = 1
  while result.count < count {
    result += hmacSHA256(password, salt + [0, 0, 0, block])
    block += 1
  }
  return Array(result.prefix(count))
}

func scrypt(
  _ password: [UInt8], salt: [UInt8], cost: Int, blockSize: Int, parallelism: Int, count: Int
) -> [UInt8] {
  let blockBytes = 128 * blockSize
  // At most 255 blocks of 32 bytes come out of `stretched`.
  var data = stretched(password, salt, count: parallelism * blockBytes)
  for part in 0..<parallelism {
    let range = (part * blockBytes)..<((part + 1) * blockBytes)
    data.replaceSubrange(range, with: mixed(Array(data[range]), cost: cost, blockSize: blockSize))
  }
  return stretched(password, data, count: count)
}

private func mixed(_ bytes: [UInt8], cost: Int, blockSize: Int) -> [UInt8] {
  let words = 32 * blockSize
  let block = UnsafeMutablePointer<UInt32>.allocate(capacity: words)
  let scratch = UnsafeMutablePointer<UInt32>.allocate(capacity: words)
  let table = UnsafeMutablePointer<UInt32>.allocate(capacity: words * cost)
  defer {
    block.deallocate()
    scratch.deallocate()
    table.deallocate()
  }
  for index in 0..<words {
    block[index] =
      UInt32(bytes[index * 4]) | UInt32(bytes[index * 4 + 1]) << 8
      | UInt32(bytes[index * 4 + 2]) << 16 | UInt32(bytes[index * 4 + 3]) << 24
  }
  for row in 0..<cost {
    (table + row * words).update(from: block, count: words)
    mixBlock(block, scratch, blockSize)
  }
  for _ in 0..<cost {
    let row = table + Int(block[words - 16]) % cost * words
    for index in 0..<words { block[index] ^= row[index] }
    mixBlock(block, scratch, blockSize)
  }
  return (0..<words).flatMap { index in
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: block[index] >> UInt32($0)) }
  }
}

/// `scryptBlockMix`: even blocks first, then the odd ones.
private func mixBlock(
  _ block: UnsafeMutablePointer<UInt32>, _ scratch: UnsafeMutablePointer<UInt32>, _ size: Int
) {
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 32) { space in
    guard let state = space.baseAddress else { return }
    let input = state + 16
    for index in 0..<16 { state[index] = block[(2 * size - 1) * 16 + index] }
    for part in 0..<(2 * size) {
      for index in 0..<16 {
        state[index] ^= block[part * 16 + index]
        input[index] = state[index]
      }
      salsa8(state)
      let target = scratch + (part / 2 + (part & 1) * size) * 16
      for index in 0..<16 {
        state[index] = state[index] &+ input[index]
        target[index] = state[index]
      }
    }
    block.update(from: scratch, count: 32 * size)
  }
}

/// Salsa20/8 without the final sum.
private func salsa8(_ x: UnsafeMutablePointer<UInt32>) {
  @inline(__always)
  func quarter(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    var sum = x[a] &+ x[d]
    x[b] ^= sum << 7 | sum >> 25
    sum = x[b] &+ x[a]
    x[c] ^= sum << 9 | sum >> 23
    sum = x[c] &+ x[b]
    x[d] ^= sum << 13 | sum >> 19
    sum = x[d] &+ x[c]
    x[a] ^= sum << 18 | sum >> 14
  }
  for _ in 0..<4 {
    quarter(0, 4, 8, 12)
    quarter(5, 9, 13, 1)
    quarter(10, 14, 2, 6)
    quarter(15, 3, 7, 11)
    quarter(0, 1, 2, 3)
    quarter(5, 6, 7, 4)
    quarter(10, 11, 8, 9)
    quarter(15, 12, 13, 14)
  }
}
