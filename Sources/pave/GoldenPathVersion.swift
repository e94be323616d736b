import ArgumentParser
import Diagnostics
import GoldenPaths

/// Which of the golden paths of a kind is meant.
struct GoldenPathVersion: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The golden path's apiVersion, where a kind has several. (default: the most stable one)",
      valueName: "group/version"))
  var apiVersion: String?

  /// The golden path of a kind, case ignored; throws when there is none, or several of one version.
  func path(ofKind kind: String, in paths: [GoldenPath]) throws -> GoldenPath {
    let named = paths.filter { $0.kind.lowercased() == kind.lowercased() }
    guard !named.isEmpty else {
      let kinds = Set(paths.map(\.kind)).sorted()
      let hint =
        nearestName(to: kind, in: kinds).map { "did you mean '\($0)'?" }
        ?? (kinds.isEmpty
          ? "the platform has no golden paths" : "kinds: \(kinds.joined(separator: ", "))")
      throw CommandFailure(message: "no golden path is for kind '\(kind)'; \(hint)")
    }
    guard let apiVersion else {
      return named.max { stability($0.version) < stability($1.version) } ?? named[0]
    }
    guard let path = named.first(where: { $0.apiVersion == apiVersion }) else {
      throw CommandFailure(
        message:
          "'\(named[0].kind)' has no apiVersion '\(apiVersion)'; it has: "
          + named.map(\.apiVersion).sorted().joined(separator: ", "))
    }
    return path
  }

  /// `v2` before `v1` before `v1beta1` before `v1alpha1`, as Kubernetes orders versions.
  private func stability(_ version: String) -> (Int, Int, Int) {
    var rest = version.dropFirst()
    func number() -> Int {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      return Int(digits) ?? 0
    }
    let major = number()
    if rest.isEmpty { return (2, major, 0) }
    let isBeta = rest.hasPrefix("beta")
    rest = rest.drop { $0.isLetter }
    return (isBeta ? 1 : 0, major, number())
  }
}
