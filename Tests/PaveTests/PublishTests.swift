import Foundation
import Testing

/// `pave publish` and `pave diff` against repositories made by the `git` command.
@Suite struct PublishTests {
  @Test func publishesACommitAndNothingTwice() throws {
    let platform = try TemporaryPlatform()
    let refused = try platform.pave("publish")
    #expect(refused.exitStatus == 2)
    #expect(refused.standardError.contains("there is no output repository '../out.git'"))
    #expect(!platform.outputExists)

    let first = try platform.pave("publish", "--create")
    #expect(first.exitStatus == 0)
    #expect(first.standardOutput.contains("2 created in dev, prod; 1 intent"))
    #expect(try platform.output("fsck", "--full", "--strict").contains("error") == false)
    let tip = try platform.output("rev-parse", "main")
    #expect(try platform.pave("publish").standardOutput.contains("no changes"))
    #expect(try platform.output("rev-parse", "main") == tip)
    #expect(
      try platform.output("cat-file", "-p", "main:dev/web/home/configmap-home.yaml")
        .contains("port: \"8080\""))
  }

  @Test func showsAndPublishesWhatAnEditChanges() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    let diff = try platform.pave("diff")
    #expect(diff.exitStatus == 0)
    #expect(diff.standardOutput.contains("-  port: \"8080\"\n+  port: \"9090\""))
    #expect(try platform.pave("diff", "--exit-code").exitStatus == 1)

    let dirty = try platform.pave("publish")
    #expect(dirty.exitStatus == 2)
    #expect(dirty.standardError.contains("'apps/home.yaml'"))
    let dry = try platform.pave("publish", "--dry-run")
    #expect(dry.exitStatus == 0)
    #expect(dry.standardOutput.contains("nothing was written"))

    try platform.commit("Move the port")
    #expect(try platform.pave("publish").standardOutput.contains("2 updated in dev, prod"))
    #expect(try platform.output("log", "--format=%s").contains("Move the port"))
    #expect(try platform.pave("diff").standardOutput == "no changes\n")
  }

  @Test func prunesWhatIsGoneAndKeepsWhatIsForeign() throws {
    let platform = try TemporaryPlatform()
    try platform.write("apps/away.yaml", TemporaryPlatform.intent("away", port: 1))
    try platform.commit("Two apps")
    _ = try platform.pave("publish", "--create")
    try platform.commitToOutput(path: "README.md", text: "ours\n")
    try platform.remove("apps/away.yaml")
    try platform.commit("One app")
    #expect(try platform.pave("publish").standardOutput.contains("2 deleted in dev, prod"))
    let files = try platform.output("ls-tree", "-r", "--name-only", "main")
    #expect(files.contains("README.md"))
    #expect(!files.contains("away"))
  }

  @Test func anOlderRunnerNeverWins() throws {
    let platform = try TemporaryPlatform()
    let old = try platform.git("rev-parse", "HEAD")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Later")
    _ = try platform.pave("publish", "--create")
    let tip = try platform.output("rev-parse", "main")
    let late = try platform.pave("publish", "--revision", old)
    #expect(late.exitStatus == 0)
    #expect(late.standardOutput.contains("superseded"))
    #expect(try platform.output("rev-parse", "main") == tip)

    _ = try platform.git("checkout", "-q", "-b", "apart", old)
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 7070))
    try platform.commit("Apart")
    let diverged = try platform.pave("publish")
    #expect(diverged.exitStatus == 2)
    #expect(diverged.standardError.contains("--allow-rewind"))
    #expect(try platform.output("rev-parse", "main") == tip)
    #expect(try platform.pave("publish", "--allow-rewind").exitStatus == 0)
    #expect(try platform.output("rev-parse", "main") != tip)
  }

  @Test func nothingMovesWhenOneEnvironmentFails() throws {
    let platform = try TemporaryPlatform(branch: "env/${environment.name}")
    _ = try platform.pave("publish", "--create")
    let before = try platform.output("for-each-ref")
    #expect(before.contains("refs/heads/env/dev"))
    #expect(before.contains("refs/heads/env/prod"))
    try platform.write(
      "apps/home.yaml",
      TemporaryPlatform.intent(port: 9090) + "environments: {dev: {}, prod: {spec: {port: x}}}\n")
    try platform.commit("Broken in prod")
    #expect(try platform.pave("publish").exitStatus == 1)
    #expect(try platform.output("for-each-ref") == before)
  }

  @Test func refusesABranchThatIsCheckedOutAndALockedOne() throws {
    let platform = try TemporaryPlatform(repository: ".", branch: "main")
    let checkedOut = try platform.pave("publish")
    #expect(checkedOut.exitStatus == 2)
    #expect(checkedOut.standardError.contains("checked out"))
    try platform.write(
      "pave.yaml", TemporaryPlatform.platform(repository: ".", branch: "deploy"))
    try platform.commit("Publish beside")
    #expect(try platform.pave("publish").exitStatus == 0)
    #expect(try platform.git("ls-tree", "-r", "--name-only", "deploy").contains("dev/web/home"))

    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Another port")
    try platform.write(".git/refs/heads/deploy.lock", "")
    let locked = try platform.pave("publish")
    #expect(locked.exitStatus == 2)
    #expect(locked.standardError.contains("deploy.lock"))
  }

  @Test func anEmptyRenderingIsRefusedUnlessItIsMeant() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    try platform.write("apps/home.yaml", "")
    try platform.commit("Everything away")
    let refused = try platform.pave("publish")
    #expect(refused.exitStatus == 1)
    #expect(refused.standardError.contains("output/empty-rendering"))
    let meant = try platform.pave("publish", "--allow-empty")
    #expect(meant.exitStatus == 0)
    #expect(meant.standardOutput.contains("2 deleted"))
  }
}

/// A small platform in a Git repository of its own, and an output repository beside it.
final class TemporaryPlatform {
  let root: URL
  var folder: URL { root.appendingPathComponent("platform") }

  init(repository: String = "../out.git", branch: String = "main") throws {
    root = FileManager.default.temporaryDirectory
      .appendingPathComponent("publish-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write("pave.yaml", Self.platform(repository: repository, branch: branch))
    try write("paths/site/path.yaml", Self.goldenPath)
    try write("apps/home.yaml", Self.intent(port: 8080))
    _ = try git("init", "-q", "-b", "main")
    try commit("Start")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var outputExists: Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent("out.git").path)
  }

  func write(_ path: String, _ text: String) throws {
    let file = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: folder.appendingPathComponent(path))
  }

  func commit(_ message: String) throws {
    _ = try git("add", "-A")
    _ = try git("commit", "-q", "-m", message)
  }

  func pave(_ arguments: String...) throws -> Transcript { try runPave(arguments, in: folder) }

  func git(_ arguments: String...) throws -> String { try run(arguments, in: folder) }

  func git(_ arguments: [String]) throws -> String { try run(arguments, in: folder) }

  func output(_ arguments: String...) throws -> String {
    try run(arguments, in: root.appendingPathComponent("out.git"))
  }

  /// Commits a file to the output's `main` as somebody else would.
  func commitToOutput(path: String, text: String) throws {
    let clone = root.appendingPathComponent("clone")
    _ = try run(["clone", "-q", "out.git", "clone"], in: root)
    try Data(text.utf8).write(to: clone.appendingPathComponent(path))
    _ = try run(["add", "-A"], in: clone)
    _ = try run(["commit", "-q", "-m", "By hand"], in: clone)
    _ = try run(["push", "-q", "origin", "main"], in: clone)
  }

  private func run(_ arguments: [String], in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = folder
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root.path,
      "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b.test",
      "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b.test",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    try #require(process.terminationStatus == 0, "git \(arguments): \(text)")
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func platform(repository: String, branch: String) -> String {
    """
    apiVersion: pave.dev/v1alpha1
    kind: Platform
    metadata: {name: tiny}
    spec:
      intents: ["apps/*.yaml"]
      goldenPaths: ["paths/*"]
      environments:
        - {name: dev, kubernetes: "1.34"}
        - {name: prod, kubernetes: "1.34"}
      output: {repository: "\(repository)", branch: "\(branch)"}

    """
  }

  static func intent(_ name: String = "home", port: Int) -> String {
    """
    apiVersion: tiny.dev/v1
    kind: Site
    metadata: {name: \(name), namespace: web}
    spec: {port: \(port)}

    """
  }

  static let goldenPath = """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: site}
    spec:
      schema:
        group: tiny.dev
        apiVersion: v1
        kind: Site
        spec: {port: integer}
      resources:
        - id: config
          template:
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "${schema.metadata.name}"}
            data: {port: "${string(schema.spec.port)}"}

    """
}
