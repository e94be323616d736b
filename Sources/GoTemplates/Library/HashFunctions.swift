func addHashes(to table: inout FunctionTable) {
  table.add1("sha1sum", "s") { _, value in .string(hexText(sha1(value.asBytes ?? []))) }
  table.add1("sha256sum", "s") { _, value in .string(hexText(sha256(value.asBytes ?? []))) }
  table.add1("sha512sum", "s") { _, value in .string(hexText(sha512(value.asBytes ?? []))) }
  table.add1("adler32sum", "s") { _, value in GoValue(String(adler32(value.asBytes ?? []))) }
  table.add1("b64enc", "s") { execution, value in
    try execution.string(base64(value.asBytes ?? []))
  }
  table.add1("b64dec", "s") { _, value in
    switch decodedBase64(value.asBytes ?? []) {
    case .success(let bytes): return .string(bytes)
    case .failure(let failure):
      return GoValue("illegal base64 data at input byte \(failure.offset)")
    }
  }
  table.add1("b32enc", "s") { execution, value in
    try execution.string(base32(value.asBytes ?? []))
  }
  table.add1("b32dec", "s") { _, value in
    switch decodedBase32(value.asBytes ?? []) {
    case .success(let bytes): return .string(bytes)
    case .failure(let failure):
      return GoValue("illegal base32 data at input byte \(failure.offset)")
    }
  }
  table.add("derivePassword", "ussss") { execution, values in
    try execution.charge(steps: 1_000_000)
    return .string(
      derivedPassword(
        counter: int(values[0]), type: values[1].asString ?? "", password: values[2].asBytes ?? [],
        user: values[3].asBytes ?? [], site: values[4].asBytes ?? []))
  }
  table.add2("decryptAES", "ss") { execution, password, value in
    try execution.string(try decryptedAES(password.asBytes ?? [], value.asBytes ?? []))
  }
  table.add2("encryptAES", "ss") { execution, password, value in
    let start = try execution.randomBytes(16, for: "encryptAES")
    let text = value.asBytes ?? []
    let padding = 16 - text.count % 16
    let padded = text + [UInt8](repeating: UInt8(padding), count: padding)
    let cipher = AES256(key: keyAES(password.asBytes ?? []))
    return try execution.string(base64(start + cipher.encryptedChain(padded, start: start)))
  }
}

private func keyAES(_ password: [UInt8]) -> [UInt8] {
  let key = password.prefix(32)
  return key + [UInt8](repeating: 0, count: 32 - key.count)
}

private func decryptedAES(_ password: [UInt8], _ text: [UInt8]) throws -> [UInt8] {
  if text.isEmpty { return [] }
  switch decodedBase64(text) {
  case .failure(let failure):
    throw FunctionError("illegal base64 data at input byte \(failure.offset)")
  case .success(let bytes):
    guard bytes.count >= 32, bytes.count % 16 == 0 else {
      throw FunctionError("crypto/cipher: input not full blocks")
    }
    let cipher = AES256(key: keyAES(password))
    let plain = cipher.decryptedChain(Array(bytes[16...]), start: Array(bytes[..<16]))
    guard let padding = plain.last, Int(padding) <= plain.count else {
      throw FunctionError("runtime error: slice bounds out of range")
    }
    return Array(plain.dropLast(Int(padding)))
  }
}

/// The Master Password algorithm (sprig's `derivePassword`).
private func derivedPassword(
  counter: Int, type: String, password: [UInt8], user: [UInt8], site: [UInt8]
) -> [UInt8] {
  let templates: [String: [String]] = [
    "maximum": ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
    "long": [
      "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
      "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
      "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
      "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
      "CvccCvcvCvccno",
    ],
    "medium": ["CvcnoCvc", "CvcCvcno"], "short": ["Cvcn"],
    "basic": ["aaanaaan", "aannaaan", "aaannaaa"], "pin": ["nnnn"],
  ]
  guard let shapes = templates[type] else {
    return Array("cannot find password template \(type)".utf8)
  }
  let letters: [Character: String] = [
    "V": "AEIOU", "C": "BCDFGHJKLMNPQRSTVWXYZ", "v": "aeiou", "c": "bcdfghjklmnpqrstvwxyz",
    "A": "AEIOUBCDFGHJKLMNPQRSTVWXYZ", "a": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
    "n": "0123456789", "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
  ]
  func length(_ count: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
  }
  let scope = Array("com.lyndir.masterpassword".utf8)
  let key = scrypt(
    password, salt: scope + length(user.count) + user, cost: 32_768, blockSize: 8, parallelism: 2,
    count: 64)
  let seed = hmacSHA256(key, scope + length(site.count) + site + length(counter))
  let shape = shapes[Int(seed[0]) % shapes.count]
  return shape.enumerated().map { index, letter in
    let set = Array((letters[letter] ?? "").utf8)
    return set[Int(seed[(index + 1) % seed.count]) % set.count]
  }
}
