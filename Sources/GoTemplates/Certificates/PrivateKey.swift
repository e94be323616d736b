import CCrypto

/// A private key of one of the kinds that sprig makes.
enum PrivateKey {
  case rsa(RSAKey)
  case elliptic(EllipticKey)
  case edwards(EdwardsKey)
  case dsa(DSAKey)

  /// The key as sprig writes it (3.3, `crypto.go`, `pemBlockForKey`).
  var pem: [UInt8] {
    switch self {
    case .rsa(let key): PEMBlock("RSA PRIVATE KEY", key.encoded).text
    case .elliptic(let key): PEMBlock("EC PRIVATE KEY", key.encoded).text
    case .edwards(let key): PEMBlock("PRIVATE KEY", key.encoded).text
    case .dsa(let key): PEMBlock("DSA PRIVATE KEY", key.encoded).text
    }
  }

  /// A key from a PEM text; throws what sprig's `parsePrivateKeyPEM` says.
  init(pem text: [UInt8]) throws {
    guard let block = PEMBlock(in: text) else { throw FunctionError("no PEM data in input") }
    let key: PrivateKey?
    switch block.type {
    case "PRIVATE KEY": key = try Self.unwrapped(block.bytes)
    case "RSA PRIVATE KEY": key = RSAKey(encoded: block.bytes).map { .rsa($0) }
    case "EC PRIVATE KEY":
      key = EllipticKey(encoded: block.bytes, curve: nil).map { .elliptic($0) }
    case "DSA PRIVATE KEY": key = DSAKey(encoded: block.bytes).map { .dsa($0) }
    case let type where type.hasSuffix(" PRIVATE KEY"):
      throw FunctionError("unsupported private key type \(type.dropLast(12))")
    case let type: throw FunctionError("no private key data in PEM block of type \(type)")
    }
    guard let key else {
      throw FunctionError("decoding PEM: the private key cannot be read")
    }
    self = key
  }

  /// A key of PKCS #8 (RFC 5208): its kind, and inside the key in the form of its kind.
  private static func unwrapped(_ bytes: [UInt8]) throws -> PrivateKey? {
    var outer = DERReader(bytes)
    guard var fields = outer.next(0x30)?.reader, fields.next(0x02) != nil,
      var algorithm = fields.next(0x30)?.reader, let kind = algorithm.next(0x06),
      let inner = fields.next(0x04)?.content
    else { return nil }
    switch kind.whole {
    case RSAKey.identifier: return RSAKey(encoded: inner).map { .rsa($0) }
    case EllipticKey.identifier:
      let curve = algorithm.next(0x06).flatMap { EllipticKey.Curve(identifier: $0.whole) }
      return EllipticKey(encoded: inner, curve: curve).map { .elliptic($0) }
    case EdwardsKey.identifier:
      var reader = DERReader(inner)
      guard let seed = reader.next(0x04)?.content, seed.count == 32 else { return nil }
      return .edwards(EdwardsKey(seed: seed))
    default: return nil
    }
  }
}

/// A key of RSA (RFC 8017).
struct RSAKey {
  static let identifier = DER.object(1, 2, 840, 113549, 1, 1, 1)
  private let modulus, exponent, secret, first, second: BigNumber

  /// A new key: two primes of half the bits.
  init(bitCount: Int, _ generator: inout SeededGenerator) throws {
    let arithmetic = try BigArithmetic()
    let one = try BigNumber(1)
    exponent = try BigNumber(65_537)
    let exponent = exponent
    while true {
      let fits = { (prime: BigNumber) in
        try arithmetic.inverse(exponent, modulo: try arithmetic.difference(prime, one)) != nil
      }
      let first = try arithmetic.prime(bitCount: bitCount / 2, &generator, where: fits)
      let second = try arithmetic.prime(bitCount: bitCount / 2, &generator, where: fits)
      let order = arithmetic.compare(first, second)
      let totient = try arithmetic.product(
        try arithmetic.difference(first, one), try arithmetic.difference(second, one))
      guard order != 0, let secret = try arithmetic.inverse(exponent, modulo: totient) else {
        continue
      }
      (self.first, self.second) = order > 0 ? (first, second) : (second, first)
      self.secret = secret
      modulus = try arithmetic.product(first, second)
      return
    }
  }

  /// A key of PKCS #1; nil if it is none.
  init?(encoded: [UInt8]) {
    var outer = DERReader(encoded)
    guard var fields = outer.next(0x30)?.reader, fields.next(0x02) != nil else { return nil }
    var numbers: [BigNumber] = []
    for _ in 0..<5 {
      guard let bytes = fields.next(0x02)?.content, let number = try? BigNumber(bytes),
        number.bitCount > 1, number.bitCount <= 16_384
      else { return nil }
      numbers.append(number)
    }
    // An even modulus has no arithmetic of Montgomery, and is no product of two large primes.
    guard BN_is_odd(numbers[0].pointer) == 1, numbers[0].bitCount >= 512 else { return nil }
    (modulus, exponent, secret) = (numbers[0], numbers[1], numbers[2])
    (first, second) = (numbers[3], numbers[4])
  }

  var encoded: [UInt8] {
    guard let arithmetic = try? BigArithmetic(), let one = try? BigNumber(1),
      let firstLess = try? arithmetic.difference(first, one),
      let secondLess = try? arithmetic.difference(second, one),
      let firstSecret = try? arithmetic.remainder(secret, firstLess),
      let secondSecret = try? arithmetic.remainder(secret, secondLess),
      let inverse = try? arithmetic.inverse(second, modulo: first)
    else { return [] }
    return DER.sequence(
      DER.integer([0]), DER.integer(modulus), DER.integer(exponent), DER.integer(secret),
      DER.integer(first), DER.integer(second), DER.integer(firstSecret),
      DER.integer(secondSecret), DER.integer(inverse))
  }

  var publicKey: [UInt8] { DER.sequence(DER.integer(modulus), DER.integer(exponent)) }

  /// RSASSA-PKCS1-v1_5 with SHA-256.
  func signature(of message: [UInt8]) throws -> [UInt8] {
    let digest = DER.sequence(
      DER.sequence(DER.object(2, 16, 840, 1, 101, 3, 4, 2, 1), DER.null),
      DER.octets(sha256(message)))
    let count = (modulus.bitCount + 7) / 8
    guard count >= digest.count + 11 else {
      throw FunctionError("crypto/rsa: message too long for RSA key size")
    }
    let padding = [UInt8](repeating: 0xFF, count: count - digest.count - 3)
    let block = try BigNumber([0, 1] + padding + [0] + digest)
    return try BigArithmetic().power(block, secret, modulo: modulus).padded(to: count)
  }
}

/// A key of Ed25519 (RFC 8032).
struct EdwardsKey {
  static let identifier = DER.object(1, 3, 101, 112)
  let seed: [UInt8]

  /// The key in PKCS #8 (RFC 8410).
  var encoded: [UInt8] {
    DER.sequence(
      DER.integer([0]), DER.sequence(Self.identifier), DER.octets(DER.octets(seed)))
  }

  private func withKey<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
      throw FunctionError("the key cannot be used")
    }
    defer { EVP_PKEY_free(key) }
    return try body(key)
  }

  func publicKey() throws -> [UInt8] {
    try withKey { key in
      var bytes = [UInt8](repeating: 0, count: 32)
      var count = bytes.count
      guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 else {
        throw FunctionError("the key cannot be used")
      }
      return bytes
    }
  }

  func signature(of message: [UInt8]) throws -> [UInt8] {
    try withKey { key in
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      var bytes = [UInt8](repeating: 0, count: 64)
      var count = bytes.count
      guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
        EVP_DigestSign(context, &bytes, &count, message, message.count) == 1
      else { throw FunctionError("the key cannot sign") }
      return bytes
    }
  }
}

/// A key of DSA (FIPS 186-4) with 2,048 and 256 bits: it is written, and signs nothing.
struct DSAKey {
  private let numbers: [BigNumber]

  init(_ generator: inout SeededGenerator) throws {
    let arithmetic = try BigArithmetic()
    let one = try BigNumber(1)
    let order = try arithmetic.prime(bitCount: 256, &generator) { _ in true }
    let double = try arithmetic.sum(order, order)
    var modulus: BigNumber?
    while modulus == nil {
      var bytes = generator.bytes(256)
      bytes[0] |= 0x80
      let start = try BigNumber(bytes)
      let candidate = try arithmetic.sum(
        try arithmetic.difference(start, try arithmetic.remainder(start, double)), one)
      if candidate.bitCount == 2048, try arithmetic.isPrime(candidate) { modulus = candidate }
    }
    guard let modulus else { throw FunctionError("no prime was found") }
    let cofactor = try arithmetic.quotient(try arithmetic.difference(modulus, one), order)
    var base: UInt = 2
    var root = try arithmetic.power(try BigNumber(base), cofactor, modulo: modulus)
    while root.isOne {
      base += 1
      root = try arithmetic.power(try BigNumber(base), cofactor, modulo: modulus)
    }
    var secret = try arithmetic.remainder(try BigNumber(generator.bytes(40)), order)
    if secret.isZero { secret = one }
    let shown = try arithmetic.power(root, secret, modulo: modulus)
    numbers = [modulus, order, root, shown, secret]
  }

  init?(encoded: [UInt8]) {
    var outer = DERReader(encoded)
    guard var fields = outer.next(0x30)?.reader, fields.next(0x02) != nil else { return nil }
    var numbers: [BigNumber] = []
    while let bytes = fields.next(0x02)?.content, let number = try? BigNumber(bytes) {
      numbers.append(number)
    }
    guard numbers.count == 5 else { return nil }
    self.numbers = numbers
  }

  var encoded: [UInt8] {
    DER.tagged(0x30, DER.integer([0]) + numbers.flatMap { DER.integer($0) })
  }
}
