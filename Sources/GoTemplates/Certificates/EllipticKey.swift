import CCrypto

/// A key on one of NIST's curves (SEC 1).
struct EllipticKey {
  static let identifier = DER.object(1, 2, 840, 10045, 2, 1)

  /// The curves that Go signs certificates with.
  enum Curve: CaseIterable {
    case p256, p384, p521

    init?(identifier: [UInt8]) {
      guard let curve = Self.allCases.first(where: { $0.identifier == identifier }) else {
        return nil
      }
      self = curve
    }

    var identifier: [UInt8] {
      switch self {
      case .p256: DER.object(1, 2, 840, 10045, 3, 1, 7)
      case .p384: DER.object(1, 3, 132, 0, 34)
      case .p521: DER.object(1, 3, 132, 0, 35)
      }
    }

    /// The bytes of a coordinate.
    var byteCount: Int {
      switch self {
      case .p256: 32
      case .p384: 48
      case .p521: 66
      }
    }

    fileprivate var number: Int32 {
      switch self {
      case .p256: NID_X9_62_prime256v1
      case .p384: NID_secp384r1
      case .p521: NID_secp521r1
      }
    }

    /// The algorithm of a signature: ECDSA with the hash of the curve's size.
    var signatureAlgorithm: [UInt8] {
      switch self {
      case .p256: DER.sequence(DER.object(1, 2, 840, 10045, 4, 3, 2))
      case .p384: DER.sequence(DER.object(1, 2, 840, 10045, 4, 3, 3))
      case .p521: DER.sequence(DER.object(1, 2, 840, 10045, 4, 3, 4))
      }
    }

    fileprivate func digest(of message: [UInt8]) -> [UInt8] {
      switch self {
      case .p256: return sha256(message)
      case .p384:
        var digest = [UInt8](repeating: 0, count: 48)
        _ = SHA384(message, message.count, &digest)
        return digest
      case .p521: return sha512(message)
      }
    }
  }

  let curve: Curve
  private let secret: BigNumber

  /// A new key on the curve P-256.
  init(_ generator: inout SeededGenerator) throws {
    curve = .p256
    secret = try Self.scalar(on: curve, &generator)
  }

  /// A key of SEC 1, C.4; nil if it is none. The curve is named in it unless it is known.
  init?(encoded: [UInt8], curve known: Curve?) {
    var outer = DERReader(encoded)
    guard var fields = outer.next(0x30)?.reader, fields.next(0x02) != nil,
      let bytes = fields.next(0x04)?.content, let secret = try? BigNumber(bytes)
    else { return nil }
    var named: Curve?
    if var parameters = fields.next(0xA0)?.reader, let name = parameters.next(0x06) {
      named = Curve(identifier: name.whole)
    }
    guard let curve = named ?? known, !secret.isZero, bytes.count <= curve.byteCount else {
      return nil
    }
    self.curve = curve
    self.secret = secret
  }

  var encoded: [UInt8] {
    guard let point = try? publicKey() else { return [] }
    return DER.sequence(
      DER.integer([1]), DER.octets(secret.padded(to: curve.byteCount)),
      DER.tagged(0xA0, curve.identifier), DER.tagged(0xA1, DER.bits(point)))
  }

  /// The point, not compressed.
  func publicKey() throws -> [UInt8] { try Self.point(secret, on: curve) }

  /// ECDSA, its one-time number drawn from the generator.
  func signature(of message: [UInt8], _ generator: inout SeededGenerator) throws -> [UInt8] {
    let arithmetic = try BigArithmetic()
    let order = try Self.order(of: curve)
    let digest = try BigNumber(curve.digest(of: message))
    while true {
      let once = try Self.scalar(on: curve, &generator)
      let point = try Self.point(once, on: curve)
      let abscissa = try BigNumber(Array(point[1...curve.byteCount]))
      let first = try arithmetic.remainder(abscissa, order)
      guard !first.isZero, let inverse = try arithmetic.inverse(once, modulo: order) else {
        continue
      }
      let sum = try arithmetic.sum(digest, try arithmetic.product(first, secret))
      let second = try arithmetic.remainder(try arithmetic.product(sum, inverse), order)
      if second.isZero { continue }
      return DER.sequence(DER.integer(first), DER.integer(second))
    }
  }

  // MARK: the curve

  private static func withGroup<Result>(
    of curve: Curve, _ body: (OpaquePointer) throws -> Result
  ) throws -> Result {
    guard let group = EC_GROUP_new_by_curve_name(curve.number) else {
      throw FunctionError("the curve is not known")
    }
    defer { EC_GROUP_free(group) }
    return try body(group)
  }

  private static func order(of curve: Curve) throws -> BigNumber {
    try withGroup(of: curve) { group in
      let order = try BigNumber()
      guard EC_GROUP_get_order(group, order.pointer, nil) == 1 else {
        throw FunctionError("the curve is not known")
      }
      return order
    }
  }

  /// A number from 1 to the order less 1.
  private static func scalar(
    on curve: Curve, _ generator: inout SeededGenerator
  ) throws -> BigNumber {
    let order = try order(of: curve)
    while true {
      // Eight bytes more than needed make the remainder even.
      let bytes = generator.bytes(curve.byteCount + 8)
      let value = try BigArithmetic().remainder(try BigNumber(bytes), order)
      if !value.isZero { return value }
    }
  }

  private static func point(_ scalar: BigNumber, on curve: Curve) throws -> [UInt8] {
    try withGroup(of: curve) { group in
      let point = EC_POINT_new(group)
      defer { EC_POINT_free(point) }
      var bytes = [UInt8](repeating: 0, count: 1 + 2 * curve.byteCount)
      guard EC_POINT_mul(group, point, scalar.pointer, nil, nil, nil) == 1,
        EC_POINT_point2oct(
          group, point, POINT_CONVERSION_UNCOMPRESSED, &bytes, bytes.count, nil) == bytes.count
      else { throw FunctionError("the key cannot be used") }
      return bytes
    }
  }
}
