import CCrypto

// SHA-1, SHA-256 and SHA-512 (FIPS 180-4), by OpenSSL: charts hash whole files for each release.

func sha1(_ message: [UInt8]) -> [UInt8] { digest(message, count: 20) { SHA1($0, $1, $2) } }

func sha256(_ message: [UInt8]) -> [UInt8] { digest(message, count: 32) { SHA256($0, $1, $2) } }

func sha512(_ message: [UInt8]) -> [UInt8] { digest(message, count: 64) { SHA512($0, $1, $2) } }

private func digest(
  _ message: [UInt8], count: Int,
  _ hash: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?) ->
    UnsafeMutablePointer<UInt8>?
) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
    buffer.initialize(repeating: 0)
    message.withUnsafeBufferPointer { _ = hash($0.baseAddress, $0.count, buffer.baseAddress) }
    initializedCount = count
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
