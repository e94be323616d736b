/// A condition on a version: `>=1.2, <2 || 3.x`, as github.com/Masterminds/semver v3 and Helm have it.
///
/// Commas or blanks mean "and", `||` means "or". Operators are `= != > < >= => <= =< ~ ~> ^`; a part
/// that is missing or `x`, `X`, `*` stands for any number. `1.2 - 1.4` is a range. Versions before a
/// release only fit where a condition of their group names one.
public struct VersionConstraint: Sendable {
  /// Why a text is no constraint.
  public struct ParseError: Error, Sendable, Equatable {
    /// What is wrong, with the part that is.
    public let message: String
  }

  private enum Comparison {
    case equal, notEqual, greater, less, greaterOrEqual, lessOrEqual, tilde, caret
  }

  private struct Condition {
    var comparison: Comparison
    var version: SemanticVersion
    /// The parts that are given as numbers: 0 to 3.
    var precision: Int
  }

  /// What was written.
  public let text: String
  private let alternatives: [[Condition]]

  /// Reads a constraint.
  public static func parse(_ text: String) -> Result<VersionConstraint, ParseError> {
    var alternatives: [[Condition]] = []
    var reader = Reader(text)
    repeat {
      guard let conditions = reader.conditions() else {
        return .failure(ParseError(message: "improper constraint: \(text)"))
      }
      alternatives.append(conditions)
    } while reader.skip("||")
    guard reader.isAtEnd else {
      return .failure(ParseError(message: "improper constraint: \(text)"))
    }
    return .success(VersionConstraint(text: text, alternatives: alternatives))
  }

  /// Whether a version fits.
  public func accepts(_ version: SemanticVersion) -> Bool {
    alternatives.contains { conditions in
      let takesPrereleases = conditions.contains { !$0.version.prerelease.isEmpty }
      if !version.prerelease.isEmpty, !takesPrereleases { return false }
      return conditions.allSatisfy { Self.holds($0, version) }
    }
  }

  private static func holds(_ condition: Condition, _ version: SemanticVersion) -> Bool {
    let bound = condition.version
    let order = version.order(to: bound)
    let sameMajor = version.major == bound.major
    let sameMinor = sameMajor && version.minor == bound.minor
    /// Whether all given parts are the same.
    let isInside: Bool =
      switch condition.precision {
      case 0: true
      case 1: sameMajor
      case 2: sameMinor
      default: order == 0
      }
    switch condition.comparison {
    case .equal: return isInside && (condition.precision == 3 || order >= 0)
    case .notEqual: return !isInside
    case .greater: return order > 0 && (condition.precision == 3 || !isInside)
    case .less: return order < 0
    case .greaterOrEqual: return order >= 0
    case .lessOrEqual:
      return condition.precision == 3 ? order <= 0 : order < 0 || isInside
    case .tilde:
      if order < 0 { return false }
      if condition.precision == 3, bound.major == 0, bound.minor == 0, bound.patch == 0 {
        return true
      }
      return condition.precision == 0 || (condition.precision == 1 ? sameMajor : sameMinor)
    case .caret:
      if order < 0 { return false }
      if condition.precision == 0 { return true }
      if bound.major > 0 || condition.precision == 1 { return sameMajor }
      if bound.minor > 0 || condition.precision == 2 { return sameMinor }
      return sameMinor && version.patch == bound.patch
    }
  }

  // MARK: reading

  private struct Reader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ text: StaticString) -> Bool {
      let end = index + text.utf8CodeUnitCount
      guard end <= bytes.count,
        bytes[index..<end].elementsEqual(
          UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
      else { return false }
      index = end
      return true
    }

    private mutating func skipBlanks() -> Bool {
      let start = index
      while index < bytes.count, bytes[index] == 0x20 || bytes[index] &- 0x09 < 5 { index += 1 }
      return index > start
    }

    /// Conditions that all must hold; nil if there is none, or something else.
    mutating func conditions() -> [Condition]? {
      _ = skipBlanks()
      var result: [Condition] = []
      while true {
        guard let condition = condition() else { return nil }
        let hasBlank = skipBlanks()
        if hasBlank, condition.comparison == .equal, let upper = upperBound() {
          result.append(with(condition, .greaterOrEqual))
          result.append(with(upper, .lessOrEqual))
        } else {
          result.append(condition)
        }
        let hasSeparator = skipBlanks() || hasBlank
        if index == bytes.count || bytes[index] == UInt8(ascii: "|") { return result }
        let hasComma = skip(",")
        _ = skipBlanks()
        guard hasSeparator || hasComma else { return nil }
      }
    }

    private func with(_ condition: Condition, _ comparison: Comparison) -> Condition {
      var result = condition
      result.comparison = comparison
      return result
    }

    /// The rest of `1.2 - 1.4` after the first version.
    private mutating func upperBound() -> Condition? {
      let start = index
      if skip("-"), skipBlanks(), let upper = version() {
        _ = skipBlanks()
        return upper
      }
      index = start
      return nil
    }

    private mutating func condition() -> Condition? {
      let operators: [(StaticString, Comparison)] = [
        ("!=", .notEqual), (">=", .greaterOrEqual), ("=>", .greaterOrEqual), ("<=", .lessOrEqual),
        ("=<", .lessOrEqual), ("~>", .tilde), ("=", .equal), (">", .greater), ("<", .less),
        ("~", .tilde), ("^", .caret),
      ]
      var comparison = Comparison.equal
      for (text, meaning) in operators where skip(text) {
        comparison = meaning
        break
      }
      _ = skipBlanks()
      guard let condition = version() else { return nil }
      return with(condition, comparison)
    }

    private mutating func version() -> Condition? {
      _ = skip("v")
      var numbers: [UInt64] = []
      var isOpen = false
      for part in 0..<3 {
        if part > 0, !skip(".") { break }
        guard let number = number() else { return nil }
        if case .some(let value) = number, !isOpen { numbers.append(value) } else { isOpen = true }
      }
      var prerelease = ""
      var build = ""
      if skip("-") {
        guard let text = identifiers() else { return nil }
        prerelease = text
      }
      if skip("+") {
        guard let text = identifiers() else { return nil }
        build = text
      }
      let precision = numbers.count
      numbers += [0, 0, 0]
      return Condition(
        comparison: .equal,
        version: SemanticVersion(
          numbers[0], numbers[1], numbers[2], prerelease: prerelease, build: build),
        precision: precision)
    }

    /// A number, or `.some(nil)` for any.
    private mutating func number() -> UInt64?? {
      if skip("x") || skip("X") || skip("*") { return .some(nil) }
      let start = index
      while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
      guard let value = UInt64(String(decoding: bytes[start..<index], as: UTF8.self)) else {
        return nil
      }
      return .some(value)
    }

    private mutating func identifiers() -> String? {
      let start = index
      while index < bytes.count,
        bytes[index] &- 0x30 < 10 || (bytes[index] | 0x20) &- 0x61 < 26 || bytes[index] == 0x2D
          || bytes[index] == 0x2E
      { index += 1 }
      return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }
  }
}
