/// A demand on Pave's version, such as `>=0.1`, `>=0.2 <1` or `0.3`.
///
/// Comparisons are separated by spaces or commas and must all hold. A version has one to three
/// numbers; missing ones count as 0. Without an operator, all numbers written must be equal.
public struct VersionRequirement: Sendable, Hashable {
  /// The demand as written.
  public let text: String
  private let comparisons: [Comparison]

  private struct Comparison: Sendable, Hashable {
    var relation: String
    var numbers: [Int]
  }

  /// A demand from its text; nil when it cannot be read.
  public init?(_ text: String) {
    self.text = text
    var comparisons: [Comparison] = []
    let words = text.split { $0 == " " || $0 == "," }
    var pending = ""
    for word in words {
      let relation = String(word.prefix { "<>=".contains($0) })
      let rest = word.dropFirst(relation.count)
      if rest.isEmpty, pending.isEmpty {
        pending = relation
        continue
      }
      guard relation.isEmpty || pending.isEmpty, let numbers = versionNumbers(rest),
        ["", "=", "==", "<", ">", "<=", ">="].contains(pending + relation)
      else { return nil }
      comparisons.append(Comparison(relation: pending + relation, numbers: numbers))
      pending = ""
    }
    guard !comparisons.isEmpty, pending.isEmpty else { return nil }
    self.comparisons = comparisons
  }

  /// Whether a version such as `0.1.0` meets the demand; false for a text that is no version.
  public func accepts(_ version: String) -> Bool {
    guard let numbers = versionNumbers(version[...]) else { return false }
    return comparisons.allSatisfy { comparison in
      let wanted = padded(comparison.numbers)
      let own = padded(numbers)
      switch comparison.relation {
      case "<": return own.lexicographicallyPrecedes(wanted)
      case ">": return wanted.lexicographicallyPrecedes(own)
      case "<=": return !wanted.lexicographicallyPrecedes(own)
      case ">=": return !own.lexicographicallyPrecedes(wanted)
      default: return own.starts(with: comparison.numbers)
      }
    }
  }
}

private func padded(_ numbers: [Int]) -> [Int] {
  numbers + Array(repeating: 0, count: max(0, 3 - numbers.count))
}

/// One to three numbers with dots between them, a `v` before and a pre-release behind left out.
private func versionNumbers(_ text: Substring) -> [Int]? {
  var text = text
  if text.first == "v" { text = text.dropFirst() }
  text = text.prefix { $0 != "-" && $0 != "+" }
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  guard (1...3).contains(parts.count) else { return nil }
  var numbers: [Int] = []
  for part in parts {
    guard (1...6).contains(part.utf8.count),
      part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(part)
    else { return nil }
    numbers.append(number)
  }
  return numbers
}
