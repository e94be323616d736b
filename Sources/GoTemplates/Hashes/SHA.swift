// SHA-1, SHA-256 and SHA-512 (FIPS 180-4).

private func padded(_ message: [UInt8], block: Int, lengthBytes: Int) -> [UInt8] {
  var result = message
  result.append(0x80)
  while result.count % block != block - lengthBytes { result.append(0) }
  result += [UInt8](repeating: 0, count: lengthBytes - 8)
  let bits = UInt64(message.count) &* 8
  for shift in stride(from: UInt64(56), through: 0, by: -8) {
    result.append(UInt8(truncatingIfNeeded: bits >> shift))
  }
  return result
}

@inline(__always)
private func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 {
  value << count | value >> (32 - count)
}

func sha1(_ message: [UInt8]) -> [UInt8] {
  let data = padded(message, block: 64, lengthBytes: 8)
  var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
  var words = [UInt32](repeating: 0, count: 80)
  for start in stride(from: 0, to: data.count, by: 64) {
    for index in 0..<16 { words[index] = word(data, start + index * 4) }
    for index in 16..<80 {
      words[index] = rotated(
        words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for index in 0..<80 {
      let (f, k): (UInt32, UInt32)
      switch index {
      case 0..<20: (f, k) = (b & c | ~b & d, 0x5A82_7999)
      case 20..<40: (f, k) = (b ^ c ^ d, 0x6ED9_EBA1)
      case 40..<60: (f, k) = (b & c | b & d | c & d, 0x8F1B_BCDC)
      default: (f, k) = (b ^ c ^ d, 0xCA62_C1D6)
      }
      let next = rotated(a, 5) &+ f &+ e &+ k &+ words[index]
      (e, d, c, b, a) = (d, c, rotated(b, 30), a, next)
    }
    for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
  }
  return state.flatMap { bytes($0) }
}

@inline(__always)
private func word(_ data: [UInt8], _ index: Int) -> UInt32 {
  UInt32(data[index]) << 24 | UInt32(data[index + 1]) << 16 | UInt32(data[index + 2]) << 8
    | UInt32(data[index + 3])
}

private func bytes(_ word: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
}

/// The first 64 bits of the fractions of the cube (or square) roots of primes are the constants.
private let primes: [UInt64] = {
  var primes: [UInt64] = []
  var candidate: UInt64 = 2
  while primes.count < 80 {
    if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
    candidate += 1
  }
  return primes
}()

/// The fraction of a root, 64 bits of it: the largest r with r^degree <= prime * 2^(64 * degree).
private func rootFraction(_ prime: UInt64, degree: Int) -> UInt64 {
  var whole: UInt64 = 1
  func power(_ value: UInt64) -> UInt64 { degree == 2 ? value * value : value * value * value }
  while power(whole + 1) <= prime { whole += 1 }
  var fraction: UInt64 = 0
  for bit in (0..<64).reversed() {
    let candidate = fraction | 1 << UInt64(bit)
    if isAtMost([candidate, whole], degree, prime) { fraction = candidate }
  }
  return fraction
}

/// Whether the number (64-bit limbs, low first) to the degree is at most prime * 2^(64 * degree).
private func isAtMost(_ value: [UInt64], _ degree: Int, _ prime: UInt64) -> Bool {
  var product = value
  for _ in 1..<degree {
    var next = [UInt64](repeating: 0, count: product.count + value.count)
    for (index, left) in product.enumerated() {
      var carry: UInt64 = 0
      for (offset, right) in value.enumerated() {
        let (high, low) = left.multipliedFullWidth(by: right)
        let (first, overflow) = low.addingReportingOverflow(next[index + offset])
        let (second, overflows) = first.addingReportingOverflow(carry)
        next[index + offset] = second
        carry = high &+ (overflow ? 1 : 0) &+ (overflows ? 1 : 0)
      }
      next[index + value.count] = carry
    }
    product = next
  }
  let top = product[degree...].enumerated().reduce((UInt64(0), false)) {
    $1.offset == 0 ? ($1.element, $0.1) : ($0.0, $0.1 || $1.element != 0)
  }
  if top.1 { return false }
  if top.0 != prime { return top.0 < prime }
  return product[..<degree].allSatisfy { $0 == 0 }
}

private let roundConstants: [UInt64] = primes.map { rootFraction($0, degree: 3) }
private let initialState: [UInt64] = primes.prefix(8).map { rootFraction($0, degree: 2) }
private let roundConstants32: [UInt32] = roundConstants.prefix(64).map { UInt32($0 >> 32) }

func sha256(_ message: [UInt8]) -> [UInt8] {
  let data = padded(message, block: 64, lengthBytes: 8)
  var state = initialState.map { UInt32($0 >> 32) }
  var words = [UInt32](repeating: 0, count: 64)
  roundConstants32.withUnsafeBufferPointer { constants in
    words.withUnsafeMutableBufferPointer { words in
      for start in stride(from: 0, to: data.count, by: 64) {
        for index in 0..<16 { words[index] = word(data, start + index * 4) }
        for index in 16..<64 {
          let (early, late) = (words[index - 15], words[index - 2])
          let first = rotated(early, 25) ^ rotated(early, 14) ^ early >> 3
          let second = rotated(late, 15) ^ rotated(late, 13) ^ late >> 10
          words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
          let upper = rotated(e, 26) ^ rotated(e, 21) ^ rotated(e, 7)
          let first = h &+ upper &+ (e & f ^ ~e & g) &+ constants[index] &+ words[index]
          let lower = rotated(a, 30) ^ rotated(a, 19) ^ rotated(a, 10)
          let second = lower &+ (a & b ^ a & c ^ b & c)
          (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
      }
    }
  }
  return state.flatMap { bytes($0) }
}

func sha512(_ message: [UInt8]) -> [UInt8] {
  let data = padded(message, block: 128, lengthBytes: 16)
  var state = initialState
  var words = [UInt64](repeating: 0, count: 80)
  func turned(_ value: UInt64, _ count: UInt64) -> UInt64 { value >> count | value << (64 - count) }
  for start in stride(from: 0, to: data.count, by: 128) {
    for index in 0..<16 {
      let place = start + index * 8
      words[index] = UInt64(word(data, place)) << 32 | UInt64(word(data, place + 4))
    }
    for index in 16..<80 {
      let (early, late) = (words[index - 15], words[index - 2])
      let first = turned(early, 1) ^ turned(early, 8) ^ early >> 7
      let second = turned(late, 19) ^ turned(late, 61) ^ late >> 6
      words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<80 {
      let upper = turned(e, 14) ^ turned(e, 18) ^ turned(e, 41)
      let first = h &+ upper &+ (e & f ^ ~e & g) &+ roundConstants[index] &+ words[index]
      let lower = turned(a, 28) ^ turned(a, 34) ^ turned(a, 39)
      let second = lower &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }
  return state.flatMap { word in
    bytes(UInt32(word >> 32)) + bytes(UInt32(truncatingIfNeeded: word))
  }
}

/// HMAC (RFC 2104) over SHA-256.
func hmacSHA256(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
  var block = key.count > 64 ? sha256(key) : key
  block += [UInt8](repeating: 0, count: 64 - block.count)
  return sha256(block.map { $0 ^ 0x5C } + sha256(block.map { $0 ^ 0x36 } + message))
}

func adler32(_ message: [UInt8]) -> UInt32 {
  var (low, high): (UInt32, UInt32) = (1, 0)
  for byte in message {
    low = (low + UInt32(byte)) % 65_521
    high = (high + low) % 65_521
  }
  return high << 16 | low
}

func hexText(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { hex(UInt32($0), width: 2) } }
