#if canImport(Glibc)
  import Glibc
#endif

/// What a new certificate says (X.509 version 3, RFC 5280), with the fields that sprig 3.3 gives it
/// (`crypto.go`, `getBaseCertTemplate`) in the order in which Go's crypto/x509 writes them.
struct CertificateRequest {
  /// The name of the subject.
  var commonName: [UInt8]
  /// The addresses, 4 or 16 bytes each.
  var addresses: [[UInt8]] = []
  /// The names of hosts.
  var names: [[UInt8]] = []
  /// How long it holds.
  var days: Int64
  /// Whether it may sign others.
  var isAuthority = false
}

/// A certificate that signs others, and its key.
struct Authority {
  /// The subject as it stands in the certificate.
  let subject: [UInt8]
  /// What the certificate says its key's identifier is; nil without one.
  let keyIdentifier: [UInt8]?
  let key: PrivateKey

  /// From two PEM texts. Throws sprig's messages.
  init(certificate: [UInt8], key text: [UInt8]) throws {
    guard let block = PEMBlock(in: certificate) else {
      throw FunctionError("unable to decode certificate")
    }
    guard let parsed = ParsedCertificate(block.bytes) else {
      throw FunctionError(
        "error parsing certificate: decodedCert.Bytes: x509: malformed certificate")
    }
    do {
      key = try PrivateKey(pem: text)
    } catch let error as FunctionError {
      throw FunctionError("error parsing private key: decodedKey.Bytes: \(error.message)")
    }
    subject = parsed.subject
    keyIdentifier = parsed.keyIdentifier
  }
}

/// What of a certificate others need.
struct ParsedCertificate {
  let subject: [UInt8]
  let keyIdentifier: [UInt8]?

  /// From its DER; nil if it is none.
  init?(_ bytes: [UInt8]) {
    var outer = DERReader(bytes)
    guard var parts = outer.next(0x30)?.reader, var fields = parts.next(0x30)?.reader,
      parts.next(0x30) != nil, parts.next(0x03) != nil
    else { return nil }
    _ = fields.next(0xA0)
    guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
      fields.next(0x30) != nil, let subject = fields.next(0x30), fields.next(0x30) != nil
    else { return nil }
    self.subject = subject.whole
    var identifier: [UInt8]?
    while let field = fields.next() {
      guard field.tag == 0xA3 else { continue }
      var wrapper = field.reader
      var extensions = wrapper.next(0x30)?.reader
      while var one = extensions?.next(0x30)?.reader {
        guard one.next(0x06)?.whole == DER.object(2, 5, 29, 14) else { continue }
        _ = one.next(0x01)
        var value = one.next(0x04)?.reader
        identifier = value?.next(0x04)?.content
      }
    }
    keyIdentifier = identifier
  }
}

extension CertificateRequest {
  /// The certificate as a PEM text: signed by an authority, or by its own key.
  func signed(
    _ key: PrivateKey, by authority: Authority?, at now: GoTime, _ generator: inout SeededGenerator
  ) throws -> [UInt8] {
    let subject = DER.tagged(
      0x30,
      commonName.isEmpty
        ? [] : DER.set(DER.sequence(DER.object(2, 5, 4, 3), DER.text(commonName))))
    let signer = authority?.key ?? key
    let end = GoTime(seconds: now.seconds &+ days.multipliedClamped(by: 86_400))
    var serial = generator.bytes(16)
    serial[15] |= 1
    let algorithm = try signer.signatureAlgorithm
    let content = DER.sequence(
      DER.tagged(0xA0, DER.integer([2])), DER.integer(serial), algorithm,
      authority?.subject ?? subject, DER.sequence(DER.time(now), DER.time(end)), subject,
      try key.publicKeyInformation,
      DER.tagged(
        0xA3, DER.tagged(0x30, try extensions(key, authority, subject).flatMap { $0 })))
    let signature = try signer.signature(of: content, &generator)
    return PEMBlock("CERTIFICATE", DER.sequence(content, algorithm, DER.bits(signature))).text
  }

  private func extensions(
    _ key: PrivateKey, _ authority: Authority?, _ subject: [UInt8]
  ) throws -> [[UInt8]] {
    func member(_ number: UInt32, isCritical: Bool = false, _ value: [UInt8]) -> [UInt8] {
      DER.sequence(
        DER.object(2, 5, 29, number), isCritical ? DER.yes : [], DER.octets(value))
    }
    // Digital signature and key encipherment; certificate signing.
    let usage = isAuthority ? DER.bits([0xA4], unused: 2) : DER.bits([0xA0], unused: 5)
    var result = [
      member(15, isCritical: true, usage),
      member(
        37,
        DER.sequence(
          DER.object(1, 3, 6, 1, 5, 5, 7, 3, 1), DER.object(1, 3, 6, 1, 5, 5, 7, 3, 2))),
      member(19, isCritical: true, isAuthority ? DER.sequence(DER.yes) : DER.sequence()),
    ]
    if isAuthority { result.append(member(14, DER.octets(sha1(try key.publicKey)))) }
    if let identifier = authority?.keyIdentifier, authority?.subject != subject {
      result.append(member(35, DER.sequence(DER.tagged(0x80, identifier))))
    }
    if !names.isEmpty || !addresses.isEmpty {
      let all = names.flatMap { DER.tagged(0x82, $0) } + addresses.flatMap { DER.tagged(0x87, $0) }
      result.append(member(17, isCritical: commonName.isEmpty, DER.tagged(0x30, all)))
    }
    return result
  }
}

extension PrivateKey {
  fileprivate var signatureAlgorithm: [UInt8] {
    get throws {
      switch self {
      case .rsa: DER.sequence(DER.object(1, 2, 840, 113549, 1, 1, 11), DER.null)
      case .elliptic(let key): key.curve.signatureAlgorithm
      case .edwards: DER.sequence(EdwardsKey.identifier)
      case .dsa: throw Self.unsupported
      }
    }
  }

  /// The bits of the public key, as its kind writes them.
  fileprivate var publicKey: [UInt8] {
    get throws {
      switch self {
      case .rsa(let key): key.publicKey
      case .elliptic(let key): try key.publicKey()
      case .edwards(let key): try key.publicKey()
      case .dsa: throw Self.unsupported
      }
    }
  }

  fileprivate var publicKeyInformation: [UInt8] {
    get throws {
      let algorithm =
        switch self {
        case .rsa: DER.sequence(RSAKey.identifier, DER.null)
        case .elliptic(let key):
          DER.sequence(EllipticKey.identifier, key.curve.identifier)
        case .edwards: DER.sequence(EdwardsKey.identifier)
        case .dsa: throw Self.unsupported
        }
      return DER.sequence(algorithm, DER.bits(try publicKey))
    }
  }

  fileprivate func signature(
    of message: [UInt8], _ generator: inout SeededGenerator
  ) throws -> [UInt8] {
    switch self {
    case .rsa(let key): try key.signature(of: message)
    case .elliptic(let key): try key.signature(of: message, &generator)
    case .edwards(let key): try key.signature(of: message)
    case .dsa: throw Self.unsupported
    }
  }

  private static let unsupported = FunctionError(
    "error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported")
}

extension Int64 {
  fileprivate func multipliedClamped(by other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    // Beyond what the calendar holds, and nowhere near an overflow of the sum.
    return overflow || product.magnitude > 1 << 40 ? (self < 0 ? -(1 << 40) : 1 << 40) : product
  }
}

/// The bytes of an address, 4 or 16; nil for what is none (`net.ParseIP`).
func addressBytes(_ text: String) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: 16)
  if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes[..<4]) }
  guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
  let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
  return isMapped ? Array(bytes[12...]) : bytes
}
