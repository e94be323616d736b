// sprig's functions that make keys and certificates (3.3, `crypto.go`): refused, or all of their
// randomness drawn from the seeded generator and their time from the clock.

func addCertificates(to table: inout FunctionTable) {
  addAuthorities(to: &table)
  addSigned(to: &table)
  table.add1("genPrivateKey", "s") { execution, type in
    let kinds: [String: PrivateKey.Kind] = [
      "": .rsa(4096), "rsa": .rsa(4096), "dsa": .dsa, "ecdsa": .elliptic, "ed25519": .edwards,
    ]
    let type = type.asString ?? ""
    guard let kind = kinds[type] else { return GoValue("Unknown type \(type)") }
    return .string(try execution.newKey(kind, for: "genPrivateKey").pem)
  }
  table.add2("buildCustomCert", "ss") { _, certificate, key in
    func decoded(_ value: GoValue, _ what: String) throws -> [UInt8] {
      guard case .success(let bytes) = decodedBase64(value.asBytes ?? []) else {
        throw FunctionError("unable to decode base64 \(what)")
      }
      return bytes
    }
    let pem = try decoded(certificate, "certificate")
    let keyPEM = try decoded(key, "private key")
    _ = try Authority(certificate: pem, key: keyPEM)
    return .object(certificatePair(pem, keyPEM))
  }
  table.add1("bcrypt", "s") { execution, password in
    try execution.charge(steps: 1_000_000)
    let salt = try execution.randomBytes(16, for: "bcrypt")
    return .string(bcrypt(password.asBytes ?? [], salt: salt))
  }
  table.add("htpasswd", "ssn*") { execution, values in
    let user = values[0].asBytes ?? []
    if user.contains(0x3A) { return GoValue("invalid username: \(values[0].asString ?? "")") }
    try execution.charge(steps: 1_000_000)
    let salt = try execution.randomBytes(16, for: "htpasswd")
    return .string(user + [0x3A] + bcrypt(values[1].asBytes ?? [], salt: salt))
  }
}

private func addAuthorities(to table: inout FunctionTable) {
  table.add("genCA", "si") { execution, values in
    try execution.authority("genCA", values, key: nil)
  }
  table.add("genCAWithKey", "sis") { execution, values in
    try execution.authority("genCAWithKey", values, key: values[2])
  }
}

private func addSigned(to table: inout FunctionTable) {
  table.add("genSelfSignedCert", "slli") { execution, values in
    try execution.signed("genSelfSignedCert", values, by: nil, key: nil)
  }
  table.add("genSelfSignedCertWithKey", "sllis") { execution, values in
    try execution.signed("genSelfSignedCertWithKey", values, by: nil, key: values[4])
  }
  table.add("genSignedCert", "sllia") { execution, values in
    try execution.signed("genSignedCert", values, by: values[4], key: nil)
  }
  table.add("genSignedCertWithKey", "sllias") { execution, values in
    try execution.signed("genSignedCertWithKey", values, by: values[4], key: values[5])
  }
}

/// A name, addresses, hosts and days.
private func request(_ values: [GoValue]) throws -> CertificateRequest {
  var request = CertificateRequest(
    commonName: values[0].asBytes ?? [], days: Int64(int(values[3])))
  for address in values[1].asList?.elements ?? [] {
    let shown = String(decoding: printed(address), as: UTF8.self)
    guard let text = address.asString else {
      throw FunctionError("error parsing ip: \(shown) is not a string")
    }
    guard let bytes = addressBytes(text) else { throw FunctionError("error parsing ip: \(text)") }
    request.addresses.append(bytes)
  }
  for name in values[2].asList?.elements ?? [] {
    guard let bytes = name.asBytes else {
      let shown = String(decoding: printed(name), as: UTF8.self)
      throw FunctionError("error processing alternate dns name: \(shown) is not a string")
    }
    request.names.append(bytes)
  }
  return request
}

extension PrivateKey {
  /// What kind of key is made.
  enum Kind {
    /// RSA of so many bits.
    case rsa(Int)
    case elliptic, edwards, dsa

    /// What it costs, in steps.
    fileprivate var steps: Int {
      switch self {
      case .rsa(let bitCount): bitCount > 2048 ? 20_000_000 : 2_000_000
      case .dsa: 20_000_000
      case .elliptic, .edwards: 10_000
      }
    }
  }
}

extension Authority {
  fileprivate init(_ value: GoValue, _ function: String) throws {
    guard case .object(let object) = value, object.typeName == certificateType,
      let certificate = object.field(Array("Cert".utf8))?.asBytes,
      let key = object.field(Array("Key".utf8))?.asBytes
    else {
      throw FunctionError(
        "wrong type for value; expected \(certificateType); got \(typeName(value))")
    }
    try self.init(certificate: certificate, key: key)
  }
}

extension Execution {
  fileprivate func authority(
    _ name: String, _ values: [GoValue], key text: GoValue?
  ) throws -> GoValue {
    let key = try key(text, for: name)
    let request = CertificateRequest(
      commonName: values[0].asBytes ?? [], days: Int64(int(values[1])), isAuthority: true)
    return try certificate(request, key, by: nil, for: name)
  }

  fileprivate func signed(
    _ name: String, _ values: [GoValue], by authority: GoValue?, key text: GoValue?
  ) throws -> GoValue {
    let request = try request(values)
    let signer = try authority.map { try Authority($0, name) }
    return try certificate(request, try key(text, for: name), by: signer, for: name)
  }

  fileprivate func newKey(_ kind: PrivateKey.Kind, for function: String) throws -> PrivateKey {
    try charge(steps: kind.steps)
    return try withGenerator(for: function) { generator in
      switch kind {
      case .rsa(let count): .rsa(try RSAKey(bitCount: count, &generator))
      case .elliptic: .elliptic(try EllipticKey(&generator))
      case .edwards: .edwards(EdwardsKey(seed: generator.bytes(32)))
      case .dsa: .dsa(try DSAKey(&generator))
      }
    }
  }

  /// The key of a PEM text, or a new one of RSA.
  fileprivate func key(_ text: GoValue?, for function: String) throws -> PrivateKey {
    guard let text else { return try newKey(.rsa(2048), for: function) }
    do {
      return try PrivateKey(pem: text.asBytes ?? [])
    } catch let error as FunctionError {
      throw FunctionError("parsing private key: \(error.message)")
    }
  }

  fileprivate func certificate(
    _ request: CertificateRequest, _ key: PrivateKey, by authority: Authority?,
    for function: String
  ) throws -> GoValue {
    let now = GoTime(seconds: try now(for: function))
    try charge(steps: 100_000)
    let certificate = try withGenerator(for: function) { generator in
      try request.signed(key, by: authority, at: now, &generator)
    }
    return .object(certificatePair(certificate, key.pem))
  }
}

private let certificateType = "sprig.certificate"

/// What the functions that make certificates give.
private func certificatePair(_ certificate: [UInt8], _ key: [UInt8]) -> GoStruct {
  GoStruct(typeName: certificateType, [("Cert", .string(certificate)), ("Key", .string(key))])
}
