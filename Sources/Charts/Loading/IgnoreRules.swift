/// The rules of a `.helmignore` file (Helm 3.17.2, `pkg/ignore`): a pattern a line, `!` in front for
/// what to keep, `/` behind for folders, `/` in front or inside for whole paths; `**` is not known.
public struct IgnoreRules: Sendable {
  private struct Rule {
    var pattern: String
    var isNegated: Bool
    var isForFolders: Bool
    /// Whether the pattern is held against the whole path, not the name alone.
    var isWholePath: Bool
  }

  private var rules: [Rule] = []

  /// No rules but Helm's own: hidden files in `templates/`.
  public init() { add("templates/.?*") }

  /// The rules of a file, and Helm's own after them; throws for a pattern that is none.
  public init(_ bytes: [UInt8]) throws {
    let text = String(decoding: withoutByteOrderMark(bytes[...]), as: UTF8.self)
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let rule = trimmed(String(line))
      if rule.isEmpty || rule.hasPrefix("#") { continue }
      if rule.contains("**") {
        throw ChartError(
          .invalidChart, "double-star (**) syntax is not supported", file: ".helmignore")
      }
      guard pathMatches(rule, "abc") != nil else {
        throw ChartError(.invalidChart, "syntax error in pattern: \(rule)", file: ".helmignore")
      }
      add(rule)
    }
    add("templates/.?*")
  }

  private mutating func add(_ text: String) {
    var pattern = text[...]
    let isNegated = pattern.hasPrefix("!")
    if isNegated { pattern.removeFirst() }
    let isForFolders = pattern.hasSuffix("/")
    if isForFolders { pattern.removeLast() }
    let isWholePath = pattern.contains("/")
    if pattern.hasPrefix("/") { pattern.removeFirst() }
    rules.append(
      Rule(
        pattern: String(pattern), isNegated: isNegated, isForFolders: isForFolders,
        isWholePath: isWholePath))
  }

  /// Whether a file or folder is left out, by its path below the chart's folder.
  public func ignores(_ path: String, isFolder: Bool) -> Bool {
    if path.isEmpty || path == "." || path == "./" { return false }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    for rule in rules {
      let matches = pathMatches(rule.pattern, rule.isWholePath ? path : name) ?? false
      if rule.isNegated {
        if rule.isForFolders && !isFolder || !matches { return true }
      } else if matches, !rule.isForFolders || isFolder {
        return true
      }
    }
    return false
  }

  /// Whether a file is left out, by itself or because a folder on the way to it is.
  func leavesOut(_ path: String) -> Bool {
    var folder = ""
    for step in path.split(separator: "/").dropLast() {
      folder += folder.isEmpty ? "\(step)" : "/\(step)"
      if ignores(folder, isFolder: true) { return true }
    }
    return ignores(path, isFolder: false)
  }
}

/// The text without white space at its ends, as Go's `strings.TrimSpace` takes it.
func trimmed(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
  else { return "" }
  return String(scalars[first...last])
}
