// Base 64 and base 32 of RFC 4648 with padding, as Go's standard encodings.

private let alphabet64 = Array(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
private let alphabet32 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

func base64(_ bytes: [UInt8]) -> [UInt8] { encoded(bytes, alphabet64, bits: 6, group: 4) }
func base32(_ bytes: [UInt8]) -> [UInt8] { encoded(bytes, alphabet32, bits: 5, group: 8) }

private func encoded(_ bytes: [UInt8], _ alphabet: [UInt8], bits: Int, group: Int) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count * 8 / bits + group)
  var buffer = 0
  var count = 0
  for byte in bytes {
    buffer = (buffer << 8 | Int(byte)) & 0xFFFF
    count += 8
    while count >= bits {
      count -= bits
      result.append(alphabet[buffer >> count & (1 << bits - 1)])
    }
  }
  if count > 0 { result.append(alphabet[buffer << (bits - count) & (1 << bits - 1)]) }
  while result.count % group != 0 { result.append(0x3D) }
  return result
}

/// The bytes, or the offset of the first byte that is wrong.
func decodedBase64(_ text: [UInt8]) -> Result<[UInt8], Base64Failure> {
  decoded(text, alphabet64, bits: 6, group: 4)
}

func decodedBase32(_ text: [UInt8]) -> Result<[UInt8], Base64Failure> {
  // Go takes the ends of lines away first, and counts without them.
  decoded(text.filter { $0 != 0x0A && $0 != 0x0D }, alphabet32, bits: 5, group: 8)
}

/// Where a text is no base 64 or 32.
struct Base64Failure: Error {
  let offset: Int
}

private func decoded(
  _ text: [UInt8], _ alphabet: [UInt8], bits: Int, group: Int
) -> Result<[UInt8], Base64Failure> {
  var table = [Int](repeating: -1, count: 256)
  for (value, byte) in alphabet.enumerated() { table[Int(byte)] = value }
  var result: [UInt8] = []
  var buffer = 0
  var count = 0
  var symbols = 0
  var padding = 0
  for (index, byte) in text.enumerated() {
    if byte == 0x0A || byte == 0x0D { continue }
    if byte == 0x3D {
      // Padding only where a group can end.
      let inGroup = symbols % group
      let isPlace = group == 4 ? inGroup >= 2 : [2, 4, 5, 7].contains(inGroup)
      if padding == 0, !isPlace { return .failure(Base64Failure(offset: index)) }
      padding += 1
      if (symbols + padding - 1) % group == 0 { return .failure(Base64Failure(offset: index)) }
      continue
    }
    let value = table[Int(byte)]
    if value < 0 || padding > 0 { return .failure(Base64Failure(offset: index)) }
    symbols += 1
    buffer = (buffer << bits | value) & 0xFFFF
    count += bits
    if count >= 8 {
      count -= 8
      result.append(UInt8(buffer >> count & 0xFF))
    }
  }
  if (symbols + padding) % group != 0 {
    // Go's decoders name the place where the last group would begin if no line ended in it, but the
    // end where padding is begun.
    let offset = padding > 0 ? text.count : text.count - symbols % group
    return .failure(Base64Failure(offset: max(0, offset)))
  }
  return .success(result)
}
