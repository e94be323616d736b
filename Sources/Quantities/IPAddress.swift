/// An address of version 4 or 6, as Go's `net/netip` has it, without a zone.
public struct IPAddress: Sendable, Hashable, BitwiseCopyable {
  /// The 128 bits; those of version 4 stand at the end.
  public let high: UInt64
  /// The lower half.
  public let low: UInt64
  /// Whether it is of version 4. `::ffff:1.2.3.4` is of version 6.
  public let isVersion4: Bool

  /// An address of its bits.
  public init(high: UInt64, low: UInt64, isVersion4: Bool) {
    self.high = high
    self.low = low
    self.isVersion4 = isVersion4
  }

  /// The bits of an address: 32 or 128.
  public var bitCount: Int { isVersion4 ? 32 : 128 }

  /// The address as a whole of 32 bits; only for version 4.
  var bits4: UInt32 { UInt32(truncatingIfNeeded: low) }

  /// Whether it is an address of version 4 written in version 6: `::ffff:1.2.3.4`.
  public var isVersion4Mapped: Bool { !isVersion4 && high == 0 && low >> 32 == 0xFFFF }

  /// `0.0.0.0` or `::`.
  public var isUnspecified: Bool { high == 0 && low == 0 }

  /// `127.0.0.0/8` or `::1`.
  public var isLoopback: Bool { isVersion4 ? bits4 >> 24 == 127 : high == 0 && low == 1 }

  /// `224.0.0.0/4` or `ff00::/8`.
  public var isMulticast: Bool { isVersion4 ? bits4 >> 28 == 0xE : high >> 56 == 0xFF }

  /// `224.0.0.0/24` or `ff02::/16` (whatever the flags).
  public var isLinkLocalMulticast: Bool {
    isVersion4 ? bits4 >> 8 == 0xE00000 : high >> 48 & 0xFF0F == 0xFF02
  }

  /// `169.254.0.0/16` or `fe80::/10`.
  public var isLinkLocalUnicast: Bool {
    isVersion4 ? bits4 >> 16 == 0xA9FE : high >> 54 == 0xFE80 >> 6
  }

  /// Anything but the above and the broadcast address.
  public var isGlobalUnicast: Bool {
    if isVersion4, bits4 == .max { return false }
    return !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
  }

  /// The address with all bits after the first `count` cleared.
  func masked(to count: Int) -> IPAddress {
    let keep = isVersion4 ? count + 96 : count
    return IPAddress(
      high: high & Self.mask(min(keep, 64)), low: low & Self.mask(max(0, keep - 64)),
      isVersion4: isVersion4)
  }

  private static func mask(_ count: Int) -> UInt64 {
    count <= 0 ? 0 : UInt64.max << UInt64(64 - count)
  }
}

extension IPAddress: CustomStringConvertible {
  /// The canonical text (RFC 5952).
  public var description: String {
    if isVersion4 { return Self.dotted(bits4) }
    if isVersion4Mapped { return "::ffff:" + Self.dotted(bits4) }
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
    }
    // The longest run of two or more zeros, the first of equal ones, is left out.
    var longest = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(1, longest.count) { longest = start..<end }
      start = max(end, start + 1)
    }
    func text(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    if longest.isEmpty { return text(0..<8) }
    return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
  }

  private static func dotted(_ bits: UInt32) -> String {
    "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
  }
}

/// A block of addresses: an address and the number of bits that are the same in all of them.
public struct CIDRBlock: Sendable, Hashable, BitwiseCopyable {
  /// The address as written, with the bits of the host.
  public let address: IPAddress
  /// 0 to 32 or 128.
  public let prefixLength: Int

  /// A block of its parts; nil if the length is not in range.
  public init?(_ address: IPAddress, prefixLength: Int) {
    guard prefixLength >= 0, prefixLength <= address.bitCount else { return nil }
    self.address = address
    self.prefixLength = prefixLength
  }

  /// `0.0.0.0/0`: all addresses of version 4.
  public static let everything = CIDRBlock(
    unchecked: IPAddress(high: 0, low: 0, isVersion4: true), 0)

  private init(unchecked address: IPAddress, _ prefixLength: Int) {
    self.address = address
    self.prefixLength = prefixLength
  }

  private init(masking block: CIDRBlock) {
    address = block.address.masked(to: block.prefixLength)
    prefixLength = block.prefixLength
  }

  /// The block without the bits of the host.
  public var masked: CIDRBlock { CIDRBlock(masking: self) }

  /// Whether an address is in the block; never one of the other version.
  public func contains(_ other: IPAddress) -> Bool {
    other.isVersion4 == address.isVersion4 && other.masked(to: prefixLength) == masked.address
  }

  /// Whether a whole block is in this one.
  public func contains(_ other: CIDRBlock) -> Bool {
    prefixLength <= other.prefixLength && contains(other.address)
  }
}

extension CIDRBlock: CustomStringConvertible {
  /// Address, slash, length.
  public var description: String { "\(address)/\(prefixLength)" }
}
