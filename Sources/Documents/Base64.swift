/// The bytes that a base64 text (RFC 4648 section 4, with padding) stands for; nil when it is none.
/// Line breaks are passed over, as Go's `encoding/base64` does.
public func base64Decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
  var output: [UInt8] = []
  output.reserveCapacity(text.count / 4 * 3 + 3)
  var bits: UInt32 = 0
  var digitCount = 0
  var paddingCount = 0
  for byte in text where byte != 0x0A && byte != 0x0D {
    if byte == UInt8(ascii: "=") {
      paddingCount += 1
      continue
    }
    let digit: UInt8
    switch byte {
    case 0x41...0x5A: digit = byte - 0x41
    case 0x61...0x7A: digit = byte - 0x61 + 26
    case 0x30...0x39: digit = byte - 0x30 + 52
    case UInt8(ascii: "+"): digit = 62
    case UInt8(ascii: "/"): digit = 63
    default: return nil
    }
    guard paddingCount == 0 else { return nil }
    bits = bits << 6 | UInt32(digit)
    digitCount += 1
    if digitCount & 3 == 0 {
      output.append(UInt8(truncatingIfNeeded: bits >> 16))
      output.append(UInt8(truncatingIfNeeded: bits >> 8))
      output.append(UInt8(truncatingIfNeeded: bits))
      bits = 0
    }
  }
  switch (digitCount & 3, paddingCount) {
  case (0, 0): break
  case (2, 2): output.append(UInt8(truncatingIfNeeded: bits >> 4))
  case (3, 1):
    output.append(UInt8(truncatingIfNeeded: bits >> 10))
    output.append(UInt8(truncatingIfNeeded: bits >> 2))
  default: return nil
  }
  return output
}

/// The base64 text (RFC 4648 section 4, with padding) of some bytes.
public func base64Encoded(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var output: [UInt8] = []
  output.reserveCapacity((bytes.count + 2) / 3 * 4)
  var index = 0
  while index < bytes.count {
    let count = min(3, bytes.count - index)
    var bits = UInt32(bytes[index]) << 16
    if count > 1 { bits |= UInt32(bytes[index + 1]) << 8 }
    if count > 2 { bits |= UInt32(bytes[index + 2]) }
    output.append(digits[Int(bits >> 18) & 63])
    output.append(digits[Int(bits >> 12) & 63])
    output.append(count > 1 ? digits[Int(bits >> 6) & 63] : UInt8(ascii: "="))
    output.append(count > 2 ? digits[Int(bits) & 63] : UInt8(ascii: "="))
    index += 3
  }
  return output
}
