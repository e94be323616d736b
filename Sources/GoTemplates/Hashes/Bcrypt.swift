/// bcrypt (Provos and Mazières 1999), the `$2a$` form, with a salt that is given.
func bcrypt(_ password: [UInt8], salt: [UInt8], cost: Int = 10) -> [UInt8] {
  precondition(salt.count == 16, "a salt of bcrypt has 16 bytes")
  var cipher = Blowfish()
  let key = Array(password.prefix(72)) + (password.count < 72 ? [0] : [])
  cipher.expand(key: key, salt: salt)
  for _ in 0..<(1 << cost) {
    cipher.expand(key: key, salt: [])
    cipher.expand(key: salt, salt: [])
  }
  var words: [UInt32] = []
  let magic = Array("OrpheanBeholderScryDoubt".utf8)
  for index in stride(from: 0, to: 24, by: 8) {
    var (left, right) = (word(magic, index), word(magic, index + 4))
    for _ in 0..<64 { cipher.encrypt(&left, &right) }
    words += [left, right]
  }
  let digest = words.flatMap { word in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
  }
  let head = "$2a$" + (cost < 10 ? "0" : "") + "\(cost)$"
  return Array(head.utf8) + radix64(salt) + radix64(Array(digest.prefix(23)))
}

private func word(_ bytes: [UInt8], _ index: Int) -> UInt32 {
  (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[(index + $1) % bytes.count]) }
}

/// bcrypt's own base 64, without padding.
private func radix64(_ bytes: [UInt8]) -> [UInt8] {
  let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  let own = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
  return base64(bytes).filter { $0 != 0x3D }.map { byte in
    standard.firstIndex(of: byte).map { own[$0] } ?? byte
  }
}

private struct Blowfish {
  private var subkeys: [UInt32]
  private var boxes: [UInt32]

  init() {
    subkeys = Array(Self.pi[..<18])
    boxes = Array(Self.pi[18...])
  }

  mutating func expand(key: [UInt8], salt: [UInt8]) {
    for index in 0..<18 { subkeys[index] ^= word(key, index * 4) }
    var (left, right): (UInt32, UInt32) = (0, 0)
    var place = 0
    for index in stride(from: 0, to: 18 + 1024, by: 2) {
      if !salt.isEmpty {
        left ^= word(salt, place)
        right ^= word(salt, place + 4)
        place = (place + 8) % 16
      }
      encrypt(&left, &right)
      if index < 18 {
        (subkeys[index], subkeys[index + 1]) = (left, right)
      } else {
        (boxes[index - 18], boxes[index - 17]) = (left, right)
      }
    }
  }

  @inline(__always)
  func encrypt(_ left: inout UInt32, _ right: inout UInt32) {
    boxes.withUnsafeBufferPointer { boxes in
      subkeys.withUnsafeBufferPointer { subkeys in
        var (first, second) = (left, right)
        for round in 0..<16 {
          first ^= subkeys[round]
          let sum = boxes[Int(first >> 24)] &+ boxes[256 + Int(first >> 16 & 0xFF)]
          second ^=
            (sum ^ boxes[512 + Int(first >> 8 & 0xFF)]) &+ boxes[768 + Int(first & 0xFF)]
          (first, second) = (second, first)
        }
        (left, right) = (second ^ subkeys[17], first ^ subkeys[16])
      }
    }
  }

  /// The first 1042 words of the fraction of pi, by Machin's formula: 16 arctan 1/5 - 4 arctan 1/239.
  private static let pi: [UInt32] = {
    // Whole part first; two words more than needed take the rounding.
    let count = 1 + 18 + 1024 + 2
    var total = [UInt32](repeating: 0, count: count)
    for (factor, base, isAdded) in [(UInt64(16), UInt64(5), true), (4, 239, false)] {
      var power = [UInt32](repeating: 0, count: count)
      power[0] = UInt32(factor)
      divide(&power, by: base)
      var divisor: UInt64 = 1
      var adds = isAdded
      while power.contains(where: { $0 != 0 }) {
        var term = power
        divide(&term, by: divisor)
        accumulate(&total, term, adds: adds)
        divide(&power, by: base * base)
        divisor += 2
        adds.toggle()
      }
    }
    return Array(total[1..<(count - 2)])
  }()

  private static func divide(_ number: inout [UInt32], by divisor: UInt64) {
    number.withUnsafeMutableBufferPointer { number in
      var rest: UInt64 = 0
      for index in number.indices {
        let value = rest << 32 | UInt64(number[index])
        number[index] = UInt32(truncatingIfNeeded: value / divisor)
        rest = value % divisor
      }
    }
  }

  private static func accumulate(_ total: inout [UInt32], _ term: [UInt32], adds: Bool) {
    var carry: Int64 = 0
    for index in total.indices.reversed() {
      let sum = Int64(total[index]) + (adds ? Int64(term[index]) : -Int64(term[index])) + carry
      total[index] = UInt32(truncatingIfNeeded: sum)
      carry = sum >> 32
    }
  }
}
