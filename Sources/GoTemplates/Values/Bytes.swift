#if canImport(Glibc)
  import Glibc
#endif

// Bytes compared and searched by the functions of the C library, which take many at once.

/// The first eight bytes, big end first, so that numbers compare as the bytes do.
func keyPrefix(_ key: [UInt8]) -> UInt64 {
  key.withUnsafeBytes { bytes in
    if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
    var prefix: UInt64 = 0
    for index in 0..<bytes.count { prefix |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
    return prefix
  }
}

/// Negative, 0 or positive as the bytes of the left are before, equal to or after those of the right.
func byteOrder(_ left: [UInt8], _ right: [UInt8]) -> Int {
  let common = min(left.count, right.count)
  if common > 0 {
    let order = left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right -> Int32 in
        guard let left = left.baseAddress, let right = right.baseAddress else { return 0 }
        return memcmp(left, right, common)
      }
    }
    if order != 0 { return Int(order) }
  }
  return left.count - right.count
}

/// Whether the bytes are the same.
package func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && byteOrder(left, right) == 0
}

/// Where a byte stands next, from an index on; nil if it does not.
@inline(__always)
func nextIndex(of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
  guard start < bytes.count, let base = bytes.baseAddress,
    let found = memchr(base + start, Int32(byte), bytes.count - start)
  else { return nil }
  return UnsafeRawPointer(found) - UnsafeRawPointer(base)
}

/// Where a part (not empty) stands next, from an index on; nil if it does not.
func nextIndex(
  of part: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
) -> Int? {
  guard let first = part.first, let partBase = part.baseAddress, let base = bytes.baseAddress else {
    return nil
  }
  var index = start
  while let found = nextIndex(of: first, in: bytes, from: index), found + part.count <= bytes.count
  {
    if memcmp(base + found, partBase, part.count) == 0 { return found }
    index = found + 1
  }
  return nil
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether all bytes are of ASCII.
  var isASCII: Bool {
    let raw = UnsafeRawBufferPointer(self)
    var index = 0
    while index + 8 <= count {
      let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { return false }
      index += 8
    }
    while index < count {
      if self[index] >= 0x80 { return false }
      index += 1
    }
    return true
  }
}

/// Whether all bytes are of ASCII.
func isASCII(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer { $0.isASCII } }
