import Files

/// The files of a platform that a list of patterns selects.
///
/// A pattern may name files or folders; a folder stands for all YAML files below it. Selected
/// paths are sorted by bytes and stand once, however many patterns match them.
struct PlatformFiles {
  private let files: any FileTree

  init(_ files: any FileTree) { self.files = files }

  /// The YAML files that the patterns select.
  ///
  /// `skipping` leaves out files by their steps below the pattern's fixed folder. Throws when the
  /// tree cannot be listed.
  func yamlFiles(
    matching patterns: [GlobPattern], skipping isSkipped: (String) -> Bool = { _ in false }
  ) throws(FileTreeError) -> [String] {
    if patterns.count == 1 {
      let pattern = patterns[0]
      let paths = try files.paths(under: pattern.fixedFolder).filter {
        isYAML($0) && !isSkipped($0) && matchesPathOrFolder(pattern, $0)
      }
      return sortedByBytes(paths)
    }
    var found: Set<String> = []
    for pattern in patterns {
      for path in try files.paths(under: pattern.fixedFolder)
      where isYAML(path) && !isSkipped(path) && matchesPathOrFolder(pattern, path) {
        found.insert(path)
      }
    }
    return sortedByBytes(Array(found))
  }

  /// The folders that the patterns select and that hold one of `markers` (the first wins), with the
  /// path of that file. Folders whose name begins with `_` are left out.
  func folders(
    matching patterns: [GlobPattern], with markers: [String]
  ) throws(FileTreeError) -> [(folder: String, marker: String)] {
    var found: [String: String] = [:]
    for pattern in patterns {
      for path in try files.paths(under: pattern.fixedFolder) {
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = steps.last.map(String.init), let rank = markers.firstIndex(of: name) else {
          continue
        }
        let folder = steps.dropLast().joined(separator: "/")
        guard pattern.matches(folder), !hasUnderscoreStep(folder) else { continue }
        if let known = found[folder], let knownRank = markers.firstIndex(of: known),
          knownRank <= rank
        {
          continue
        }
        found[folder] = name
      }
    }
    return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { ($0.key, $0.key + "/" + $0.value) }
  }
}

/// Paths sorted by their bytes; most lists are already.
private func sortedByBytes(_ paths: [String]) -> [String] {
  let isSorted = zip(paths, paths.dropFirst()).allSatisfy {
    $0.utf8.lexicographicallyPrecedes($1.utf8)
  }
  return isSorted ? paths : paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Whether a policy folder's file is no policy: tests and what begins with `_`.
func isPolicyTest(_ path: String) -> Bool {
  let steps = path.split(separator: "/")
  return steps.last == "tests.yaml" || steps.dropLast().contains("tests") || hasUnderscoreStep(path)
}

private func hasUnderscoreStep(_ path: String) -> Bool {
  path.split(separator: "/").contains { $0.utf8.first == UInt8(ascii: "_") }
}

private func isYAML(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

/// Whether the pattern matches the path itself or a folder that it is in.
private func matchesPathOrFolder(_ pattern: GlobPattern, _ path: String) -> Bool {
  if pattern.matches(path) { return true }
  var end = path.endIndex
  while let slash = path[..<end].lastIndex(of: "/") {
    if pattern.matches(String(path[..<slash])) { return true }
    end = slash
  }
  return false
}
