import Foundation
import Testing

/// Names that break a checkout on some system, or lead out of it, never reach the output: neither by
/// `spec.output` nor by the names of intents.
@Suite struct HostileNameTests {
  static let names = [
    "..", ".", ".git", ".GIT", ".gIt", "git~1", "GIT~2", ".git ", ".git.",
    ".git::$INDEX_ALLOCATION",
    ".git\\x", "a\\b", "CON", "aux.txt", "nul", "com1.yaml", "foo.", "foo ", "foo:bar", "a\u{1}b",
    "a\u{7F}", ".gitmodules", ".gitattributes", ".g\u{200C}it", "é", "cafe\u{301}", "", "-rf",
    String(repeating: "x", count: 300),
  ]

  @Test(arguments: names)
  func aHostileFolderIsRefusedBeforeAnythingIsWritten(name: String) throws {
    let platform = try TemporaryPlatform()
    let bare = platform.root.appendingPathComponent("out.git").path
    _ = try platform.git("init", "-q", "--bare", "-b", "main", bare)
    // Whatever the repository itself allows.
    for key in ["core.protectNTFS", "core.protectHFS", "core.ignoreCase"] {
      _ = try platform.output("config", key, "false")
    }
    let path = quoted("\(name)/${environment.name}/${intent.metadata.name}")
    try platform.write(
      "pave.yaml",
      TemporaryPlatform.platform(repository: "../out.git", branch: "main", output: "path: \(path)"))
    try platform.commit("A hostile folder")
    let result = try platform.pave("publish")
    #expect(result.exitStatus == 1 || result.exitStatus == 2, "\(result.standardOutput)")
    #expect(!(result.standardOutput + result.standardError).isEmpty)
    #expect(try platform.output("for-each-ref") == "")
    #expect(try platform.output("count-objects", "-v").hasPrefix("count: 0\nsize: 0\nin-pack: 0\n"))
  }

  /// What a manifest is called becomes the name of a file, and an intent's name that of a folder: both
  /// are written in letters that are safe, or refused.
  @Test(arguments: names)
  func aHostileNameBecomesASafeFileOrNone(name: String) throws {
    let platform = try TemporaryPlatform()
    try platform.write(
      "apps/home.yaml",
      """
      apiVersion: tiny.dev/v1
      kind: Site
      metadata: {name: \(quoted(name)), namespace: web}
      spec: {port: 1}

      """)
    try platform.commit("A hostile name")
    let result = try platform.pave("publish", "--create")
    guard result.exitStatus == 0 else {
      #expect(result.exitStatus == 1 || result.exitStatus == 2)
      if platform.outputExists { #expect(try platform.output("for-each-ref") == "") }
      return
    }
    let files = try platform.output("ls-tree", "-r", "-z", "--name-only", "main")
      .split(separator: "\0")
    for file in files where file != ".gitattributes" {
      for step in file.split(separator: "/", omittingEmptySubsequences: false)
      where step != ".pave" {
        #expect(step.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_-]|[A-Za-z0-9_]/) != nil)
        #expect(step.wholeMatch(of: /(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?/) == nil)
      }
    }
    #expect(try platform.output("fsck", "--full", "--strict").contains("error") == false)
  }

  private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        "\\x" + String(scalar.value + 0x100, radix: 16).dropFirst()
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
