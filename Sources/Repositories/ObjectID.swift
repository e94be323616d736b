import CLibGit2

/// The id of a Git object: the 20 bytes of a SHA-1.
///
/// Prints as 40 lower-case hexadecimal digits and sorts by its bytes.
public struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  // Big-endian words, so that comparing numbers compares bytes.
  let high: UInt64
  let middle: UInt64
  let low: UInt32

  /// The number of bytes of an id.
  public static let byteCount = 20

  /// An id from its 20 bytes; nil for any other number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == ObjectID.byteCount else { return nil }
    var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
    for (index, byte) in bytes.enumerated() {
      switch index {
      case 0..<8: words.0 = words.0 << 8 | UInt64(byte)
      case 8..<16: words.1 = words.1 << 8 | UInt64(byte)
      default: words.2 = words.2 << 8 | UInt32(byte)
      }
    }
    (high, middle, low) = words
  }

  /// An id from 40 hexadecimal digits; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 40 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(20)
    var first: UInt8?
    for byte in text.utf8 {
      guard let digit = hexadecimalValue(byte) else { return nil }
      if let high = first {
        bytes.append(high << 4 | digit)
        first = nil
      } else {
        first = digit
      }
    }
    self.init(bytes: bytes)
  }

  init(_ id: git_oid) {
    self = withUnsafeBytes(of: id.id) { ObjectID(loading: $0, at: 0) }
  }

  /// The id whose 20 bytes begin at `offset`, which the caller has checked to be there.
  init(loading bytes: UnsafeRawBufferPointer, at offset: Int) {
    high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    middle = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
    low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self))
  }

  var libraryID: git_oid {
    var id = git_oid()
    withUnsafeMutableBytes(of: &id.id) { bytes in
      bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      bytes.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
      bytes.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
    }
    return id
  }

  /// The first byte, by which indexes of packs fan out.
  var firstByte: Int { Int(high >> 56) }

  /// The 20 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ObjectID.byteCount)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 20 bytes.
  public func append(to buffer: inout [UInt8]) {
    withUnsafeBytes(of: high.bigEndian) { buffer.append(contentsOf: $0) }
    withUnsafeBytes(of: middle.bigEndian) { buffer.append(contentsOf: $0) }
    withUnsafeBytes(of: low.bigEndian) { buffer.append(contentsOf: $0) }
  }

  /// Appends the 40 lower-case hexadecimal digits as ASCII bytes.
  public func appendHexadecimal(to buffer: inout [UInt8]) {
    var words = (high.bigEndian, middle.bigEndian, low.bigEndian)
    withUnsafeBytes(of: &words) { bytes in
      for byte in bytes.prefix(ObjectID.byteCount) {
        buffer.append(hexadecimalDigit(byte >> 4))
        buffer.append(hexadecimalDigit(byte & 15))
      }
    }
  }

  /// 40 lower-case hexadecimal digits.
  public var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(40)
    appendHexadecimal(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The first seven digits, as people write ids.
  public var abbreviated: String { String(description.prefix(7)) }

  /// By bytes.
  public static func < (left: ObjectID, right: ObjectID) -> Bool {
    if left.high != right.high { return left.high < right.high }
    if left.middle != right.middle { return left.middle < right.middle }
    return left.low < right.low
  }
}

/// What a Git object is; tags are not written or read here.
public enum ObjectKind: Sendable {
  case commit
  case tree
  case blob

  var libraryKind: git_object_t {
    switch self {
    case .commit: GIT_OBJECT_COMMIT
    case .tree: GIT_OBJECT_TREE
    case .blob: GIT_OBJECT_BLOB
    }
  }

  /// The number of the kind in the header of a pack's object (gitformat-pack, "object types").
  var packNumber: UInt8 {
    switch self {
    case .commit: 1
    case .tree: 2
    case .blob: 3
    }
  }
}

private func hexadecimalValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
