import CCrypto

/// A whole number of any size, not negative: OpenSSL's `BIGNUM`.
final class BigNumber {
  let pointer: OpaquePointer

  init() throws {
    guard let pointer = BN_new() else { throw outOfMemory }
    self.pointer = pointer
  }

  /// A number from its bytes, the highest first.
  convenience init(_ bytes: [UInt8]) throws {
    try self.init()
    guard BN_bin2bn(bytes, Int32(clamping: bytes.count), pointer) != nil else { throw outOfMemory }
  }

  convenience init(_ word: UInt) throws {
    try self.init()
    try check(BN_set_word(pointer, word))
  }

  deinit { BN_clear_free(pointer) }

  var bitCount: Int { Int(BN_num_bits(pointer)) }
  var isZero: Bool { BN_is_zero(pointer) == 1 }
  var isOne: Bool { BN_is_one(pointer) == 1 }

  /// The bytes, the highest first, without leading zeros.
  var bytes: [UInt8] { padded(to: (bitCount + 7) / 8) }

  /// The bytes with zeros in front of them up to a count that is large enough.
  func padded(to count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    _ = BN_bn2binpad(pointer, &bytes, Int32(clamping: count))
    return bytes
  }
}

private let outOfMemory = FunctionError("a number could not be computed", kind: .limit)

private func check(_ status: Int32) throws {
  guard status == 1 else { throw outOfMemory }
}

/// Arithmetic with big numbers.
final class BigArithmetic {
  private let context: OpaquePointer

  init() throws {
    guard let context = BN_CTX_new() else { throw outOfMemory }
    self.context = context
  }

  deinit { BN_CTX_free(context) }

  /// Negative, 0 or positive.
  func compare(_ left: BigNumber, _ right: BigNumber) -> Int {
    Int(BN_cmp(left.pointer, right.pointer))
  }

  func sum(_ left: BigNumber, _ right: BigNumber) throws -> BigNumber {
    let result = try BigNumber()
    try check(BN_add(result.pointer, left.pointer, right.pointer))
    return result
  }

  /// The right must not be more than the left.
  func difference(_ left: BigNumber, _ right: BigNumber) throws -> BigNumber {
    let result = try BigNumber()
    try check(BN_sub(result.pointer, left.pointer, right.pointer))
    return result
  }

  func product(_ left: BigNumber, _ right: BigNumber) throws -> BigNumber {
    let result = try BigNumber()
    try check(BN_mul(result.pointer, left.pointer, right.pointer, context))
    return result
  }

  func quotient(_ left: BigNumber, _ right: BigNumber) throws -> BigNumber {
    let result = try BigNumber()
    try check(BN_div(result.pointer, nil, left.pointer, right.pointer, context))
    return result
  }

  func remainder(_ value: BigNumber, _ modulus: BigNumber) throws -> BigNumber {
    let result = try BigNumber()
    try check(BN_nnmod(result.pointer, value.pointer, modulus.pointer, context))
    return result
  }

  func power(_ base: BigNumber, _ exponent: BigNumber, modulo modulus: BigNumber) throws
    -> BigNumber
  {
    let result = try BigNumber()
    try check(
      BN_mod_exp(result.pointer, base.pointer, exponent.pointer, modulus.pointer, context))
    return result
  }

  /// The inverse of a value; nil if there is none.
  func inverse(_ value: BigNumber, modulo modulus: BigNumber) throws -> BigNumber? {
    let result = try BigNumber()
    return BN_mod_inverse(result.pointer, value.pointer, modulus.pointer, context) == nil
      ? nil : result
  }

  // MARK: primes

  /// The first prime at or behind a number that the generator gives; its two highest bits are set.
  func prime(
    bitCount: Int, _ generator: inout SeededGenerator, where isWanted: (BigNumber) throws -> Bool
  ) throws -> BigNumber {
    while true {
      var bytes = generator.bytes(bitCount / 8)
      bytes[0] |= 0xC0
      bytes[bytes.count - 1] |= 1
      let start = try BigNumber(bytes)
      let remainders = smallPrimes.map { BN_mod_word(start.pointer, $0) }
      for step in stride(from: 0 as UInt, to: 1 << 16, by: 2) {
        let isDivisible = zip(smallPrimes, remainders).contains { ($1 &+ step) % $0 == 0 }
        if isDivisible { continue }
        let candidate = try sum(start, try BigNumber(step))
        guard candidate.bitCount == bitCount else { break }
        if try isPrime(candidate), try isWanted(candidate) { return candidate }
      }
    }
  }

  /// Miller and Rabin's test of a large odd number with the first primes as its bases.
  func isPrime(_ candidate: BigNumber) throws -> Bool {
    let one = try BigNumber(1)
    let less = try difference(candidate, one)
    let odd = try BigNumber()
    var twos = 0
    while BN_is_bit_set(less.pointer, Int32(twos)) == 0 { twos += 1 }
    try check(BN_rshift(odd.pointer, less.pointer, Int32(twos)))
    for base in [2 as UInt] + smallPrimes.prefix(15) {
      var power = try power(try BigNumber(base), odd, modulo: candidate)
      if power.isOne || compare(power, less) == 0 { continue }
      var isWitness = true
      for _ in 1..<max(1, twos) {
        power = try remainder(try product(power, power), candidate)
        if compare(power, less) == 0 {
          isWitness = false
          break
        }
      }
      if isWitness { return false }
    }
    return true
  }
}

/// The odd primes below 8,192.
private let smallPrimes: [UInt] = {
  var isComposite = [Bool](repeating: false, count: 8192)
  var primes: [UInt] = []
  for number in stride(from: 3, to: 8192, by: 2) where !isComposite[number] {
    primes.append(UInt(number))
    for multiple in stride(from: number * number, to: 8192, by: number) {
      isComposite[multiple] = true
    }
  }
  return primes
}()
