func addCertificates(to table: inout FunctionTable) {
  let names: [(String, StaticString)] = [
    ("genCA", "si"), ("genCAWithKey", "sis"), ("genSelfSignedCert", "slli"),
    ("genSelfSignedCertWithKey", "sllis"), ("genSignedCert", "sllia"),
    ("genSignedCertWithKey", "sllias"),
  ]
  for (name, signature) in names {
    table.add(name, signature) { execution, _ in throw execution.refusal(name) }
  }
  table.add1("genPrivateKey", "s") { execution, type in
    let type = type.asString ?? ""
    guard ["", "rsa", "dsa", "ecdsa", "ed25519"].contains(type) else {
      return GoValue("Unknown type \(type)")
    }
    throw execution.refusal("genPrivateKey")
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
    guard position(of: Array("-----BEGIN ".utf8), in: pem) != nil else {
      throw FunctionError("unable to decode certificate")
    }
    guard position(of: Array("-----BEGIN ".utf8), in: keyPEM) != nil else {
      throw FunctionError("unable to decode private key")
    }
    return .object(certificatePair(.string(pem), .string(keyPEM)))
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

/// What the functions that make certificates give.
func certificatePair(_ certificate: GoValue, _ key: GoValue) -> GoStruct {
  GoStruct(typeName: "sprig.certificate", [("Cert", certificate), ("Key", key)])
}
