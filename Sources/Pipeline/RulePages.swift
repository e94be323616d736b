import Diagnostics
import Files

/// What is said about each rule: the pages of `docs/rules`, and the annotations of built-in policies.
public enum RulePages {
  /// The page of a rule such as `yaml/duplicate-key`, or of a built-in policy, as text for a terminal;
  /// nil when there is none.
  public static func page(of rule: String) -> String? {
    section(rule) ?? policyPage(rule)
  }

  /// The ids of all rules that have a page in `docs/rules`, sorted.
  public static let rules: [String] = {
    let files = (try? EmbeddedFiles.rules.paths(under: "")) ?? []
    return files.flatMap { file in lines(of: file).compactMap(heading) }.sorted()
  }()

  /// Whether a text can only be the id of a rule or a policy's name, not a kind.
  public static func isRule(_ text: String) -> Bool {
    text.contains("/") || BuiltInPack.names.contains(text)
  }

  /// The nearest name of a rule or of a built-in policy.
  public static func nearest(to rule: String) -> String? {
    nearestName(to: rule, in: rules + BuiltInPack.names)
  }

  private static func section(_ rule: String) -> String? {
    let area = rule.prefix { $0 != "/" }
    guard area.count < rule.count else { return nil }
    let lines = lines(of: "\(area).md")
    guard let start = lines.firstIndex(where: { heading($0) == rule }) else { return nil }
    let body = lines[(start + 1)...].prefix { heading($0) == nil }
    var text = rule + "\n"
    for line in body { text += line.isEmpty ? "\n" : line + "\n" }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }

  private static func policyPage(_ name: String) -> String? {
    guard let member = BuiltInPack.members().first(where: { $0.name == name }) else { return nil }
    var text = "\(member.name)\n\n\(member.title).\n\n\(member.why)\n"
    text += "\nWhat to do: \(member.fix).\n"
    text += "\nSeverity \(member.severity); in \(member.packs.joined(separator: ", "))"
    if !member.kubernetes.isEmpty {
      text += "; variants for Kubernetes \(member.kubernetes.joined(separator: "; "))"
    }
    if member.isRepositoryPolicy {
      text += "; looks at the whole repository, before the merge only"
    }
    return text + ".\n'pave policy show \(member.name)' prints its file.\n"
  }

  private static func lines(of file: String) -> [Substring] {
    let bytes = ((try? EmbeddedFiles.rules.read(file)) ?? nil) ?? []
    return String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The rule of a line `## area/name`.
  private static func heading(_ line: Substring) -> String? {
    line.hasPrefix("## ") ? String(line.dropFirst(3)) : nil
  }
}
