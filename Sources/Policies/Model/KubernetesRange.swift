public import Manifests

/// A range of Kubernetes versions as the annotation `pave.dev/kubernetes` writes it:
/// comparisons with `,` between them, all of which must hold, such as `>=1.33,<1.36`.
public struct KubernetesRange: Hashable, Sendable {
  private enum Comparison: String, CaseIterable {
    // Two characters first: `>=1` must not be read as `>` and `=1`.
    case atLeast = ">="
    case atMost = "<="
    case more = ">"
    case less = "<"
    case equal = "="
  }

  private var bounds: [(comparison: Comparison, version: KubernetesVersion)] = []

  /// Every version.
  public static let all = KubernetesRange()

  private init() {}

  /// A range from its text; nil when it is not well formed.
  public init?(_ text: String) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = part.drop { $0 == " " }
      let comparison = Comparison.allCases.first { part.hasPrefix($0.rawValue) }
      var rest = part.dropFirst(comparison?.rawValue.utf8.count ?? 0).drop { $0 == " " }
      while rest.last == " " { rest.removeLast() }
      guard let version = KubernetesVersion(String(rest)) else { return nil }
      bounds.append((comparison ?? .equal, version))
    }
  }

  /// Whether a version is in the range.
  public func contains(_ version: KubernetesVersion) -> Bool {
    bounds.allSatisfy { bound in
      switch bound.comparison {
      case .atLeast: version >= bound.version
      case .atMost: version <= bound.version
      case .more: version > bound.version
      case .less: version < bound.version
      case .equal: version == bound.version
      }
    }
  }

  /// Whether two ranges are written alike.
  public static func == (left: KubernetesRange, right: KubernetesRange) -> Bool {
    left.bounds.elementsEqual(right.bounds) { $0 == $1 }
  }

  /// Feeds the bounds as written.
  public func hash(into hasher: inout Hasher) {
    for bound in bounds {
      hasher.combine(bound.comparison)
      hasher.combine(bound.version)
    }
  }
}
