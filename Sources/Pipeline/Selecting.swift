import Diagnostics
import Intents

extension LoadedPlatform {
  /// Every unit of the platform.
  public var everything: UnitSelection {
    UnitSelection(
      environments: Array(platform.environments.indices), intents: Array(intents.indices))
  }

  /// The units that names of environments and files of intents select; all when a list is empty.
  ///
  /// An intent is selected by its file, or by a folder that the file is in; both relative to the
  /// platform. Throws `SelectionError` when a name is unknown or a path selects nothing.
  public func selection(
    environments names: [String], intents paths: [String]
  ) throws(SelectionError) -> UnitSelection {
    let environments = platform.environments.indices.filter {
      names.isEmpty || names.contains(platform.environments[$0].name)
    }
    let known = platform.environments.map(\.name)
    for name in names where !known.contains(name) {
      throw SelectionError(
        message: "there is no environment '\(name)'"
          + (nearestName(to: name, in: known).map { ", did you mean '\($0)'?" }
            ?? ": expected \(known.joined(separator: ", "))"))
    }
    var selected: Set<Int> = []
    for path in paths {
      let cleaned = withoutDotSteps(path)
      let matching = intents.indices.filter {
        intents[$0].file == cleaned || cleaned.isEmpty || intents[$0].file.hasPrefix(cleaned + "/")
      }
      if matching.isEmpty {
        let files = Set(intents.map(\.file)).sorted()
        throw SelectionError(
          message: "no intent of the platform is in '\(path)'"
            + (nearestName(to: cleaned, in: files).map { ", did you mean '\($0)'?" } ?? ""))
      }
      selected.formUnion(matching)
    }
    return UnitSelection(
      environments: environments,
      intents: paths.isEmpty ? Array(intents.indices) : selected.sorted())
  }
}

extension LoadedPlatform {
  /// The file of an intent as the platform names it, from a path relative to the platform or one that ends in it; nil
  /// when no intent is meant.
  public func intentFile(named path: String) -> String? {
    let cleaned = withoutDotSteps(path)
    if let intent = intents.first(where: { $0.file == cleaned }) { return intent.file }
    return intents.map(\.file).filter { cleaned.hasSuffix("/" + $0) }.max { $0.count < $1.count }
  }
}

/// What was asked for is not there.
public struct SelectionError: Error, Sendable {
  /// One line, lower case, with the nearest known name.
  public let message: String
}

/// `./apps//shop/` as `apps/shop`.
private func withoutDotSteps(_ path: String) -> String {
  path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
}
