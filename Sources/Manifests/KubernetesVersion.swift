/// A Kubernetes version as far as APIs depend on it: major and minor.
public struct KubernetesVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The 1 of `1.34`.
  public var major: Int
  /// The 34 of `1.34`.
  public var minor: Int

  /// A version from its two numbers.
  public init(major: Int = 1, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// A version from a text such as `1.34`, `v1.34.2` or `1.34.2+k3s1`; nil for anything else.
  public init?(_ text: String) {
    var parts = text.utf8.split(
      separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)[...]
    guard parts.count == 2 || parts.count == 3, var first = parts.popFirst() else { return nil }
    if first.first == UInt8(ascii: "v") { first = first.dropFirst() }
    guard let second = parts.popFirst(), let major = number(first), let minor = number(second)
    else { return nil }
    if let patch = parts.popFirst() {
      let digits = patch.prefix { (0x30...0x39).contains($0) }
      let suffix = patch.dropFirst(digits.count).first
      guard number(digits) != nil, suffix.map({ $0 == 0x2B || $0 == 0x2D }) ?? true else {
        return nil
      }
    }
    self.init(major: major, minor: minor)
  }

  /// `1.34`.
  public var description: String { "\(major).\(minor)" }

  /// By major, then minor.
  public static func < (left: KubernetesVersion, right: KubernetesVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

/// A decimal number of one to four digits.
private func number(_ digits: Substring.UTF8View) -> Int? {
  guard (1...4).contains(digits.count) else { return nil }
  var value = 0
  for digit in digits {
    guard (0x30...0x39).contains(digit) else { return nil }
    value = value * 10 + Int(digit - 0x30)
  }
  return value
}
