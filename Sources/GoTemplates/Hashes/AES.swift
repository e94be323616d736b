/// AES with a key of 256 bits (FIPS 197), block by block.
struct AES256 {
  private let roundKeys: [[UInt8]]

  private static let boxes: (forward: [UInt8], inverse: [UInt8]) = {
    var forward = [UInt8](repeating: 0, count: 256)
    var inverse = forward
    var (p, q): (UInt8, UInt8) = (1, 1)
    repeat {
      p = p ^ p << 1 ^ (p & 0x80 != 0 ? 0x1B : 0)
      q ^= q << 1
      q ^= q << 2
      q ^= q << 4
      if q & 0x80 != 0 { q ^= 0x09 }
      func turned(_ count: UInt8) -> UInt8 { q << count | q >> (8 - count) }
      forward[Int(p)] = q ^ turned(1) ^ turned(2) ^ turned(3) ^ turned(4) ^ 0x63
    } while p != 1
    forward[0] = 0x63
    for (index, value) in forward.enumerated() { inverse[Int(value)] = UInt8(index) }
    return (forward, inverse)
  }()

  /// The key has 32 bytes.
  init(key: [UInt8]) {
    precondition(key.count == 32, "a key of AES-256 has 32 bytes")
    var words = stride(from: 0, to: 32, by: 4).map { Array(key[$0..<($0 + 4)]) }
    var constant: UInt8 = 1
    for index in 8..<60 {
      var word = words[index - 1]
      if index % 8 == 0 {
        word = [word[1], word[2], word[3], word[0]].map { Self.boxes.forward[Int($0)] }
        word[0] ^= constant
        constant = Self.doubled(constant)
      } else if index % 8 == 4 {
        word = word.map { Self.boxes.forward[Int($0)] }
      }
      words.append(zip(words[index - 8], word).map { $0 ^ $1 })
    }
    roundKeys = stride(from: 0, to: 60, by: 4).map { Array(words[$0..<($0 + 4)].joined()) }
  }

  private static func doubled(_ value: UInt8) -> UInt8 {
    value << 1 ^ (value & 0x80 != 0 ? 0x1B : 0)
  }

  private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var (result, factor, rest): (UInt8, UInt8, UInt8) = (0, left, right)
    while rest != 0 {
      if rest & 1 != 0 { result ^= factor }
      factor = doubled(factor)
      rest >>= 1
    }
    return result
  }

  private func mixed(_ block: [UInt8], _ row: [UInt8]) -> [UInt8] {
    (0..<16).map { index in
      let column = index / 4 * 4
      return (0..<4).reduce(UInt8(0)) {
        $0 ^ Self.product(block[column + $1], row[($1 - index % 4 + 4) % 4])
      }
    }
  }

  private func adding(_ block: [UInt8], _ round: Int) -> [UInt8] {
    zip(block, roundKeys[round]).map { $0 ^ $1 }
  }

  private func encrypted(_ block: [UInt8]) -> [UInt8] {
    var state = adding(block, 0)
    for round in 1...14 {
      state = state.map { Self.boxes.forward[Int($0)] }
      state = (0..<16).map { state[($0 / 4 + $0 % 4) % 4 * 4 + $0 % 4] }
      if round < 14 { state = mixed(state, [2, 3, 1, 1]) }
      state = adding(state, round)
    }
    return state
  }

  private func decrypted(_ block: [UInt8]) -> [UInt8] {
    var state = adding(block, 14)
    for round in (0..<14).reversed() {
      state = (0..<16).map { state[($0 / 4 - $0 % 4 + 4) % 4 * 4 + $0 % 4] }
      state = state.map { Self.boxes.inverse[Int($0)] }
      state = adding(state, round)
      if round > 0 { state = mixed(state, [14, 11, 13, 9]) }
    }
    return state
  }

  /// Cipher block chaining of whole blocks.
  func encryptedChain(_ text: [UInt8], start: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var previous = start
    for offset in stride(from: 0, to: text.count, by: 16) {
      previous = encrypted(zip(text[offset..<(offset + 16)], previous).map { $0 ^ $1 })
      result += previous
    }
    return result
  }

  func decryptedChain(_ text: [UInt8], start: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var previous = start
    for offset in stride(from: 0, to: text.count, by: 16) {
      let block = Array(text[offset..<(offset + 16)])
      result += zip(decrypted(block), previous).map { $0 ^ $1 }
      previous = block
    }
    return result
  }
}
