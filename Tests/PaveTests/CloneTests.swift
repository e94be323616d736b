import Foundation
import Testing

/// `lint --base` in the clones that machines for CI make: each says what it says in a full one.
@Suite struct CloneTests {
  /// A way to clone a repository, and what the clone is called in a failure.
  struct Clone: CustomTestStringConvertible, Sendable {
    var name: String
    /// The words of `git clone` before the address.
    var options: [String] = []
    /// Git commands that are run in the clone then.
    var then: [[String]] = []

    var testDescription: String { name }
  }

  static let clones = [
    Clone(name: "full"),
    Clone(name: "shallow", options: ["--depth=1"]),
    Clone(
      name: "shallow, with the base fetched", options: ["--depth=1"],
      then: [["fetch", "-q", "--depth=1", "origin", "main"]]),
    Clone(name: "sparse", options: ["--sparse"], then: [["sparse-checkout", "disable"]]),
    Clone(name: "partial", options: ["--filter=blob:none"]),
    Clone(
      name: "partial and sparse", options: ["--filter=blob:none", "--sparse"],
      then: [["sparse-checkout", "add", "apps", "paths", "policies"]]),
    // As older and newer versions of Git mark a partial clone; libgit2 1.5 does not open it.
    Clone(
      name: "partial, with the extension named", options: ["--filter=blob:none"],
      then: [["config", "extensions.partialClone", "origin"]]),
    Clone(
      name: "with configuration of its work tree",
      then: [
        ["config", "core.repositoryFormatVersion", "1"],
        ["config", "extensions.worktreeConfig", "true"],
      ]),
  ]

  @Test(arguments: clones)
  func lintSaysTheSame(_ clone: Clone) throws {
    let server = try Server()
    defer { server.remove() }
    let folder = server.folder.appendingPathComponent("clone")
    try server.git(
      ["clone", "-q"] + clone.options + ["file://\(server.repository.path)", folder.path])
    for command in clone.then { try server.git(command, in: folder) }
    try server.change(folder)
    let transcript = try runPave(["lint", "--base", "origin/main"], in: folder)
    #expect(
      transcript.exitStatus == 1, "\(transcript.standardOutput)\(transcript.standardError)")
    #expect(transcript.standardOutput == server.expected.standardOutput)
    #expect(
      transcript.standardError.contains("held against: origin/main"), "\(transcript.standardError)")
  }

  @Test func aLinkedWorktree() throws {
    let server = try Server()
    defer { server.remove() }
    let folder = server.folder.appendingPathComponent("clone")
    let linked = server.folder.appendingPathComponent("linked")
    try server.git(["clone", "-q", "file://\(server.repository.path)", folder.path])
    try server.git(["worktree", "add", "-q", "--detach", linked.path], in: folder)
    try server.change(linked)
    let transcript = try runPave(["lint", "--base", "origin/main"], in: linked)
    #expect(transcript.standardOutput == server.expected.standardOutput)
    #expect(transcript.exitStatus == 1)
  }

  /// What a partial clone lacks is not fetched: nothing that checks opens a connection.
  @Test func whatAPartialCloneLacksIsNamedWithTheCommand() throws {
    let server = try Server()
    defer { server.remove() }
    let folder = server.folder.appendingPathComponent("clone")
    try server.git(
      ["clone", "-q", "--filter=blob:none", "file://\(server.repository.path)", folder.path])
    // A later commit changes a file; of the earlier one only the commit and its trees are here.
    let changed = server.folder.appendingPathComponent("changed")
    try server.git(["clone", "-q", server.repository.path, changed.path])
    try server.change(changed)
    try server.git(["commit", "-qam", "Change"], in: changed)
    try server.git(["push", "-q", "origin", "main"], in: changed)
    let later = server.folder.appendingPathComponent("later")
    try server.git(
      ["clone", "-q", "--filter=blob:none", "file://\(server.repository.path)", later.path])
    let transcript = try runPave(["lint", "--base", "HEAD~1"], in: later)
    #expect(transcript.exitStatus != 0)
    let printed = transcript.standardOutput + transcript.standardError
    #expect(printed.contains("fetch --refetch --no-filter"), "\(printed)")
    try server.git(["fetch", "-q", "--refetch", "--no-filter"], in: later)
    let again = try runPave(["lint", "--base", "HEAD~1"], in: later)
    #expect(again.standardOutput == server.expected.standardOutput, "\(again.standardError)")
  }

  /// In a container the checkout often belongs to another user: the way out is named, word for word.
  @Test func aCheckoutOfAnotherUserNamesTheCommand() throws {
    guard geteuid() == 0 else { return }
    let server = try Server()
    defer { server.remove() }
    let folder = server.folder.appendingPathComponent("clone")
    try server.git(["clone", "-q", "file://\(server.repository.path)", folder.path])
    try server.change(folder)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    for path in [folder.path] + paths.map({ folder.appendingPathComponent($0).path }) {
      #expect(lchown(path, 65534, 65534) == 0)
    }
    let home = server.folder.appendingPathComponent("home")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let environment = ["HOME": home.path]
    let refused = try runPave(
      ["lint", "--base", "origin/main"], in: folder, environment: environment)
    #expect(refused.exitStatus == 2)
    let command = "git config --global --add safe.directory '\(folder.path)'"
    #expect(refused.standardError.contains(command), "\(refused.standardError)")
    try server.git(
      ["config", "--global", "--add", "safe.directory", folder.path], environment: environment)
    let trusted = try runPave(
      ["lint", "--base", "origin/main"], in: folder, environment: environment)
    #expect(trusted.standardOutput == server.expected.standardOutput, "\(trusted.standardError)")
  }
}

/// A bare repository that serves a platform, and what `lint` says of one change of it.
private struct Server {
  let folder: URL
  let repository: URL
  private(set) var expected = Transcript(standardOutput: "", standardError: "", exitStatus: 0)

  private static let source = packageRoot.appendingPathComponent(
    "fixtures/change/update-and-delete")

  init() throws {
    let files = FileManager.default
    folder = files.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("clones-\(UUID().uuidString)")
    repository = folder.appendingPathComponent("server.git")
    let work = folder.appendingPathComponent("work")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    try files.copyItem(at: Server.source.appendingPathComponent("base"), to: work)
    try git(["init", "-q", "-b", "main", "."], in: work)
    try git(["add", "-A"], in: work)
    try git(["commit", "-qm", "Start"], in: work)
    try git(["clone", "-q", "--bare", work.path, repository.path])
    for setting in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
      try git(["config", setting, "true"], in: repository)
    }
    try change(work)
    expected = try runPave(["lint", "--base", "main"], in: work)
    try #require(expected.exitStatus == 1, "\(expected.standardError)")
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Makes the change in a work tree.
  func change(_ work: URL) throws {
    let files = FileManager.default
    let head = Server.source.appendingPathComponent("head")
    for path in try files.subpathsOfDirectory(atPath: head.path).sorted() {
      let file = head.appendingPathComponent(path)
      let target = work.appendingPathComponent(path)
      var isFolder: ObjCBool = false
      _ = files.fileExists(atPath: file.path, isDirectory: &isFolder)
      if isFolder.boolValue {
        try files.createDirectory(at: target, withIntermediateDirectories: true)
      } else {
        try Data(contentsOf: file).write(to: target)
      }
    }
    let gone = Server.source.appendingPathComponent("gone")
    guard let list = try? String(contentsOf: gone, encoding: .utf8) else { return }
    for path in list.split(separator: "\n") {
      try files.removeItem(at: work.appendingPathComponent(String(path)))
    }
  }

  func git(
    _ arguments: [String], in place: URL? = nil, environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "git", "-c", "user.name=Test", "-c", "user.email=test@tiny.test", "-c",
        "commit.gpgsign=false",
      ]
      + arguments
    process.currentDirectoryURL = place ?? folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "git \(arguments) failed")
  }
}
