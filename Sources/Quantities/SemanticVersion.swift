/// A version as https://semver.org 2.0.0 has it: `1.2.3-rc.1+build`.
public struct SemanticVersion: Sendable, Hashable {
  /// The number before the first dot.
  public var major: UInt64
  /// The number between the dots.
  public var minor: UInt64
  /// The number after the second dot.
  public var patch: UInt64
  /// What stands after `-`, empty for a release: identifiers with dots between them.
  public var prerelease: String
  /// What stands after `+`. It takes no part in the order.
  public var build: String

  /// A version of its parts.
  public init(
    _ major: UInt64, _ minor: UInt64, _ patch: UInt64, prerelease: String = "", build: String = ""
  ) {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = prerelease
    self.build = build
  }

  /// Why a text is no version, in the words of github.com/blang/semver v4.
  public struct ParseError: Error, Sendable, Equatable {
    /// What is wrong.
    public let message: String
  }

  /// Reads a version: all three numbers, without leading zeros.
  public static func parse(_ text: String) -> Result<SemanticVersion, ParseError> {
    do throws(ParseError) {
      return .success(try SemanticVersion(strict: text))
    } catch {
      return .failure(error)
    }
  }

  /// Reads a version that may start with `v`, have leading zeros, and lack minor and patch number, as
  /// Kubernetes' CEL function `semver(text, true)` does.
  public static func parseNormalizing(_ text: String) -> Result<SemanticVersion, ParseError> {
    let text = text.hasPrefix("v") ? text.dropFirst() : text[...]
    var parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
      .map(String.init)
    for (index, part) in parts.enumerated() where part.utf8.count > 1 {
      var stripped = part.drop { $0 == "0" }
      if stripped.first.map({ !$0.isASCII || !$0.isNumber }) ?? true { stripped = "0" + stripped }
      parts[index] = String(stripped)
    }
    if parts.count < 3 {
      if parts[parts.count - 1].contains(where: { $0 == "+" || $0 == "-" }) {
        return .failure(
          ParseError(message: "short version cannot contain PreRelease/Build meta data"))
      }
      parts += Array(repeating: "0", count: 3 - parts.count)
    }
    return parse(parts.joined(separator: "."))
  }

  private init(strict text: String) throws(ParseError) {
    if text.isEmpty { throw ParseError(message: "Version string empty") }
    let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw ParseError(message: "No Major.Minor.Patch elements found")
    }
    major = try Self.number(parts[0], "major", "Major")
    minor = try Self.number(parts[1], "minor", "Minor")
    var rest = parts[2]
    var buildText: Substring?
    if let plus = rest.firstIndex(of: "+") {
      buildText = rest[rest.index(after: plus)...]
      rest = rest[..<plus]
    }
    var prereleaseText: Substring?
    if let dash = rest.firstIndex(of: "-") {
      prereleaseText = rest[rest.index(after: dash)...]
      rest = rest[..<dash]
    }
    patch = try Self.number(rest, "patch", "Patch")
    for part in prereleaseText?.split(separator: ".", omittingEmptySubsequences: false) ?? [] {
      try Self.checkPrerelease(part)
    }
    for part in buildText?.split(separator: ".", omittingEmptySubsequences: false) ?? [] {
      if part.isEmpty { throw ParseError(message: "Build meta data is empty") }
      guard part.utf8.allSatisfy(isIdentifierByte) else {
        throw ParseError(message: "Invalid character(s) found in build meta data \"\(part)\"")
      }
    }
    prerelease = String(prereleaseText ?? "")
    build = String(buildText ?? "")
  }

  private static func number(
    _ text: Substring, _ name: String, _ capitalized: String
  ) throws(ParseError) -> UInt64 {
    guard text.utf8.allSatisfy(isDigit) else {
      throw ParseError(message: "Invalid character(s) found in \(name) number \"\(text)\"")
    }
    if text.utf8.count > 1, text.utf8.first == 0x30 {
      throw ParseError(
        message: "\(capitalized) number must not contain leading zeroes \"\(text)\"")
    }
    guard let value = UInt64(text) else {
      let reason = text.isEmpty ? "invalid syntax" : "value out of range"
      throw ParseError(message: "strconv.ParseUint: parsing \"\(text)\": \(reason)")
    }
    return value
  }

  private static func checkPrerelease(_ part: Substring) throws(ParseError) {
    if part.isEmpty { throw ParseError(message: "Prerelease is empty") }
    guard part.utf8.allSatisfy(isIdentifierByte) else {
      throw ParseError(message: "Invalid character(s) found in prerelease \"\(part)\"")
    }
    if part.utf8.count > 1, part.utf8.first == 0x30, part.utf8.allSatisfy(isDigit) {
      throw ParseError(
        message: "Numeric PreRelease version must not contain leading zeroes \"\(part)\"")
    }
  }

  /// -1 if this comes before the other, 0 if they are the same but for the build, 1 if after.
  public func order(to other: SemanticVersion) -> Int {
    if major != other.major { return major < other.major ? -1 : 1 }
    if minor != other.minor { return minor < other.minor ? -1 : 1 }
    if patch != other.patch { return patch < other.patch ? -1 : 1 }
    return Self.order(ofPrerelease: prerelease, and: other.prerelease)
  }

  static func order(ofPrerelease left: String, and right: String) -> Int {
    if left == right { return 0 }
    // A release comes after all that lead to it.
    if left.isEmpty || right.isEmpty { return left.isEmpty ? 1 : -1 }
    let first = left.split(separator: ".", omittingEmptySubsequences: false)
    let second = right.split(separator: ".", omittingEmptySubsequences: false)
    for (one, other) in zip(first, second) where one != other {
      switch (one.utf8.allSatisfy(isDigit), other.utf8.allSatisfy(isDigit)) {
      case (true, true):
        if one.utf8.count != other.utf8.count { return one.utf8.count < other.utf8.count ? -1 : 1 }
        return one < other ? -1 : 1
      case (true, false): return -1
      case (false, true): return 1
      case (false, false): return one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
      }
    }
    return first.count < second.count ? -1 : first.count == second.count ? 0 : 1
  }
}

extension SemanticVersion: Comparable, CustomStringConvertible {
  /// Whether this comes before the other.
  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    left.order(to: right) < 0
  }

  /// The version as it is written.
  public var description: String {
    "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease)
      + (build.isEmpty ? "" : "+" + build)
  }
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

private func isIdentifierByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D
}
