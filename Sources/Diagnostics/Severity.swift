/// How much a finding weighs, lightest first: a `note` informs, a `warning` asks, an `error` refuses.
public enum Severity: String, Comparable, Sendable, CaseIterable {
  case note
  case warning
  case error

  /// Whether the left one weighs less.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}
