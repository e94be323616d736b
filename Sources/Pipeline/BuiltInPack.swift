import Diagnostics
public import Documents
import Files
import Policies

/// The policies that come with Pave: chosen by `builtin:` and the name of a pack or a policy.
///
/// A document belongs to the packs of its annotation `pave.dev/packs`; bindings and parameters belong
/// to the policy that stands before them in their file.
public enum BuiltInPack {
  /// What a choice of built-in policies begins with.
  public static let prefix = "builtin:"

  /// The packs, smallest first.
  public static let packs = ["baseline", "restricted", "recommended"]

  /// One built-in policy; variants for several versions of Kubernetes count as one.
  public struct Member: Sendable {
    /// The policy's name, and its folder's.
    public let name: String
    /// A line about what holds.
    public let title: String
    /// `error` or `warning`: what its binding makes of a refusal.
    public let severity: String
    /// The packs that any variant is in, in the order of `packs`.
    public let packs: [String]
    /// The ranges of Kubernetes versions of its variants; empty when it is for all.
    public let kubernetes: [String]
    /// Why it matters.
    public let why: String
    /// What to do about a finding.
    public let fix: String
    /// Whether it is a RepositoryPolicy, which no cluster can evaluate.
    public let isRepositoryPolicy: Bool
    /// The text of its file.
    public let text: String
  }

  /// All built-in policies by name.
  public static func members() -> [Member] {
    names.compactMap { name in
      guard let bytes = bytes(ofFile: file(name)) else { return nil }
      let documents = parseYAML(bytes, file: file(name)).documents.filter { isPolicy($0.root) }
      func annotations(_ key: String) -> [String] {
        documents.compactMap { $0.root["metadata"]["annotations"]["pave.dev/\(key)"].asString }
      }
      let inPacks = Set(annotations("packs").flatMap(words))
      return Member(
        name: name, title: annotations("title").first ?? "",
        severity: annotations("severity").first ?? "error",
        packs: packs.filter(inPacks.contains), kubernetes: annotations("kubernetes"),
        why: annotations("why").first ?? "", fix: annotations("fix").first ?? "",
        isRepositoryPolicy: documents.first?.root["kind"].isString("RepositoryPolicy") ?? false,
        text: String(decoding: bytes, as: UTF8.self))
    }
  }

  /// The files of a choice such as `builtin:baseline`, `builtin:no-latest-tag` or `builtin:no-host-*`;
  /// documents that are not meant are null. Nil when nothing is called so.
  public static func files(matching choice: String) -> [ParsedFile]? {
    guard choice.hasPrefix(prefix) else { return nil }
    let wanted = String(choice.dropFirst(prefix.count))
    if packs.contains(wanted) {
      return names.compactMap { name in
        // Parsing all of them would take longer than most runs.
        guard let bytes = bytes(ofFile: file(name)), mayBe(bytes, in: wanted) else { return nil }
        return narrowed(parseYAML(bytes, file: file(name)), to: wanted)
      }
    }
    let chosen = (try? GlobPattern(wanted)).map { pattern in names.filter(pattern.matches) } ?? []
    if chosen.isEmpty { return nil }
    return chosen.compactMap { name in
      bytes(ofFile: file(name)).map { parseYAML($0, file: file(name)) }
    }
  }

  /// The files of several choices, by name; a document that any choice means is there. Choices that
  /// nothing is called are passed over.
  public static func files(choices: [String]) -> [ParsedFile] {
    var byName: [String: ParsedFile] = [:]
    for file in choices.flatMap({ files(matching: $0) ?? [] }) {
      guard var known = byName[file.file] else {
        byName[file.file] = file
        continue
      }
      for index in known.documents.indices where known.documents[index].root.isNull {
        known.documents[index] = file.documents[index]
      }
      byName[file.file] = known
    }
    return byName.values.sorted { $0.file < $1.file }
  }

  /// The finding for a choice that nothing is called.
  static func unknown(_ choice: String, at place: Place?) -> Finding {
    let wanted = String(choice.dropFirst(prefix.count))
    let nearest = nearestName(to: wanted, in: packs + names)
    return Finding(
      rule: "platform/unknown-pack", "there is no built-in policy or pack '\(wanted)'", at: place,
      help: nearest.map { "did you mean '\(prefix)\($0)'?" }
        ?? "packs: \(packs.joined(separator: ", ")); 'pave policy list' names the policies")
  }

  /// The bytes of a file that a finding about a built-in policy points into; nil for other files.
  public static func bytes(ofFile file: String) -> [UInt8]? {
    guard file.hasPrefix(prefix) else { return nil }
    return (try? EmbeddedFiles.policies.read(String(file.dropFirst(prefix.count)))) ?? nil
  }

  /// The name of the built-in policy that a file holds; nil for other files.
  static func name(ofFile file: String) -> String? {
    guard file.hasPrefix(prefix) else { return nil }
    return file.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
  }

  /// The names of all built-in policies, sorted.
  static let names: [String] = {
    let paths = (try? EmbeddedFiles.policies.paths(under: "")) ?? []
    return paths.compactMap { path in
      path.hasSuffix("/policy.yaml") ? String(path.dropLast("/policy.yaml".count)) : nil
    }
  }()

  private static func file(_ name: String) -> String { "\(prefix)\(name)/policy.yaml" }

  static func isPolicy(_ root: Value) -> Bool {
    root["kind"].isString("ValidatingAdmissionPolicy") || root["kind"].isString("RepositoryPolicy")
  }

  private static func words(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == " " }.map(String.init)
  }

  private static func mayBe(_ bytes: [UInt8], in pack: String) -> Bool {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
      line.hasPrefix("    pave.dev/packs: ") && line.contains(pack)
    }
  }

  /// The file with the documents of policies that are not in a pack, and what follows them, null.
  private static func narrowed(_ file: ParsedFile, to pack: String) -> ParsedFile {
    var narrowed = file
    var isMember = false
    for (index, document) in file.documents.enumerated() {
      if isPolicy(document.root) {
        let packs = document.root["metadata"]["annotations"]["pave.dev/packs"].asString ?? ""
        isMember = words(packs).contains(pack)
      }
      if !isMember { narrowed.documents[index] = Document(root: .null, arena: Arena()) }
    }
    return narrowed
  }
}
