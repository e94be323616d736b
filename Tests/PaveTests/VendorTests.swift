import Foundation
import Testing

/// `pave vendor`: golden paths of another repository, brought, held to their lock, refused.
@Suite struct VendorTests {
  /// Two folders side by side: `paths`, a repository of golden paths, and `platform`.
  private final class Place {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("vendor-\(UUID().uuidString)")
    var paths: URL { root.appendingPathComponent("paths") }
    var platform: URL { root.appendingPathComponent("platform") }

    init() throws {
      try write(
        "paths/golden-paths/web/path.yaml",
        """
        apiVersion: pave.dev/v1alpha1
        kind: GoldenPath
        metadata: {name: web}
        spec:
          imports: [{from: golden-paths/_lib/names.yaml, as: names}]
          schema: {group: acme.dev, apiVersion: v1, kind: Web, spec: {title: string}}
          resources:
            - id: config
              template:
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: "${names.app}"}
                data: {title: "${schema.spec.title}"}
        """)
      try write(
        "paths/golden-paths/_lib/names.yaml",
        """
        apiVersion: pave.dev/v1alpha1
        kind: GoldenPathLibrary
        metadata: {name: names}
        spec: {variables: {app: "${schema.metadata.name}-app"}}
        """)
      try write("paths/golden-paths/web/tests/one/intent.yaml", "kind: Web\n")
      try write("paths/golden-paths/other/path.yaml", "kind: Other\n")
      try write(
        "platform/apps/home.yaml",
        """
        apiVersion: acme.dev/v1
        kind: Web
        metadata: {name: home, namespace: web}
        spec: {title: Hello}
        """)
      try git("init", "--quiet")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ path: String, _ text: String) throws {
      let file = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }

    func exists(_ path: String) -> Bool {
      FileManager.default.fileExists(atPath: platform.appendingPathComponent(path).path)
    }

    /// The id of a commit of everything in `paths`.
    func commit() throws -> String {
      try git("add", "--all")
      try git(
        "-c", "user.name=a", "-c", "user.email=a@acme.test", "commit", "--quiet", "-m", "x")
      return try git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    func git(_ arguments: String...) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["git", "-C", paths.path] + arguments
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: data, as: UTF8.self)
    }

    func name(_ ref: String, url: String = "../paths", path: String = "golden-paths/web") throws {
      try write(
        "platform/pave.yaml",
        """
        apiVersion: pave.dev/v1alpha1
        kind: Platform
        metadata: {name: acme}
        spec:
          intents: ["apps/*.yaml"]
          goldenPaths: [{git: "\(url)", ref: "\(ref)", path: \(path)}]
          environments: [{name: dev, kubernetes: "1.34"}]
        """)
    }

    func pave(_ arguments: String...) throws -> Transcript {
      try runPave(arguments, in: platform)
    }
  }

  @Test func aGoldenPathIsBroughtWithItsLibrariesAndWithoutItsTests() throws {
    let place = try Place()
    let commit = try place.commit()
    try place.name(commit)
    let before = try place.pave("render")
    #expect(before.exitStatus == 1)
    #expect(before.standardError.contains("pave.yaml:6:17: error: 'paths' is not there"))
    #expect(!before.standardError.contains("unknown-kind"))
    #expect(try place.pave("vendor", "--check").exitStatus == 1)

    let vendor = try place.pave("vendor", "--allow-local")
    #expect(vendor.standardOutput == "paths: 2 files of \(commit.prefix(10))\n")
    #expect(place.exists("vendor/golden-paths/paths/golden-paths/_lib/names.yaml"))
    #expect(!place.exists("vendor/golden-paths/paths/golden-paths/web/tests"))
    #expect(!place.exists("vendor/golden-paths/paths/golden-paths/other"))
    let render = try place.pave("render")
    #expect(render.standardError == "")
    #expect(render.standardOutput.contains("name: home-app"))
    #expect(try place.pave("vendor", "--check").exitStatus == 0)
    // Nothing is asked for again: the repository need not be there.
    try FileManager.default.removeItem(at: place.paths)
    #expect(try place.pave("vendor").standardOutput == "paths: as pave.lock says\n")
  }

  @Test func whatWasChangedHereIsFoundAndNotLost() throws {
    let place = try Place()
    try place.name(try place.commit())
    _ = try place.pave("vendor", "--allow-local")
    let library = "vendor/golden-paths/paths/golden-paths/_lib/names.yaml"
    try place.write("platform/\(library)", "changed: true\n")
    let render = try place.pave("render")
    #expect(render.exitStatus == 1)
    #expect(render.standardError.contains("[platform/changed-vendor]"))
    #expect(try place.pave("vendor", "--allow-local").exitStatus == 2)
    #expect(try place.pave("vendor", "--allow-local", "--force").exitStatus == 0)
    #expect(try place.pave("render").exitStatus == 0)
  }

  @Test func anotherCommitMakesTheLockStale() throws {
    let place = try Place()
    try place.name(try place.commit())
    _ = try place.pave("vendor", "--allow-local")
    try place.write("paths/golden-paths/web/more.yaml", "a: b\n")
    try place.name(try place.commit())
    let render = try place.pave("render")
    #expect(render.exitStatus == 1)
    #expect(render.standardError.contains("[platform/stale-lock]"))
    #expect(try place.pave("vendor", "--allow-local").exitStatus == 0)
    #expect(place.exists("vendor/golden-paths/paths/golden-paths/web/more.yaml"))
    #expect(try place.pave("render").exitStatus == 0)
    // What is no longer named goes, and its lock with it.
    try place.write(
      "platform/pave.yaml",
      """
      apiVersion: pave.dev/v1alpha1
      kind: Platform
      metadata: {name: acme}
      spec: {environments: [{name: dev, kubernetes: "1.34"}]}
      """)
    #expect(try place.pave("vendor").exitStatus == 0)
    #expect(!place.exists("pave.lock"))
    #expect(!place.exists("vendor/golden-paths/paths"))
  }

  @Test func linksAndSubmodulesAreRefused() throws {
    let place = try Place()
    let folder = place.paths.appendingPathComponent("golden-paths/web")
    try FileManager.default.createSymbolicLink(
      atPath: folder.appendingPathComponent("secret.yaml").path, withDestinationPath: "/etc/passwd")
    let linked = try place.commit()
    try place.name(linked)
    let link = try place.pave("vendor", "--allow-local")
    #expect(link.exitStatus == 2)
    #expect(
      link.standardError.contains("'golden-paths/web/secret.yaml' of '../paths' is a symbolic"))
    #expect(!place.exists("vendor"))
    try FileManager.default.removeItem(at: folder.appendingPathComponent("secret.yaml"))
    try place.git("rm", "--quiet", "--cached", "golden-paths/web/secret.yaml")
    try place.git(
      "update-index", "--add", "--cacheinfo", "160000,\(linked),golden-paths/web/inner")
    try place.git(
      "-c", "user.name=a", "-c", "user.email=a@acme.test", "commit", "--quiet", "-m", "y")
    try place.name(
      try place.git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines))
    #expect(
      try place.pave("vendor", "--allow-local").standardError.contains(
        "inner' of '../paths' is a submodule"))
  }

  @Test func connectionsNeedLeave() throws {
    let place = try Place()
    let commit = try place.commit()
    try place.name(commit)
    #expect(try place.pave("vendor").standardError.contains("--allow-local"))
    try place.name(commit, url: "https://git.acme.test/paths.git")
    let remote = try place.pave("vendor", "--allow-host", "other.test")
    #expect(remote.exitStatus == 2)
    #expect(remote.standardError.contains("--allow-host git.acme.test"))
  }

  @Test(arguments: [
    ("main", "../paths", "golden-paths/web", "platform/invalid-ref"),
    ("a1b2c3d4e5", "../paths", "golden-paths/web", "platform/invalid-ref"),
    (String(repeating: "a", count: 40), "-u", "golden-paths/web", "platform/invalid-url"),
    (
      String(repeating: "a", count: 40), "https://-oProxyCommand/x", "golden-paths/web",
      "platform/invalid-url"
    ),
    (
      String(repeating: "a", count: 40), "git@-oProxyCommand:x", "golden-paths/web",
      "platform/invalid-url"
    ),
    (
      String(repeating: "a", count: 40), "https://user:word@git.acme.test/x", "golden-paths/web",
      "platform/invalid-url"
    ),
    (String(repeating: "a", count: 40), "ext::sh", "golden-paths/web", "platform/invalid-url"),
    (String(repeating: "a", count: 40), "../paths", "../web", "platform/invalid-value"),
  ])
  func whatCannotBeBroughtIsRefusedWhereItIsWritten(
    _ ref: String, _ url: String, _ path: String, _ rule: String
  ) throws {
    let place = try Place()
    try place.name(ref, url: url, path: path)
    let vendor = try place.pave("vendor", "--allow-local")
    #expect(vendor.exitStatus == 2)
    #expect(vendor.standardError.contains("pave.yaml:6:"))
    #expect(vendor.standardError.contains("[\(rule)]"), "\(vendor.standardError)")
  }

  @Test func aCommitThatIsNotThereIsSaid() throws {
    let place = try Place()
    _ = try place.commit()
    try place.name(String(repeating: "a", count: 40))
    let vendor = try place.pave("vendor", "--allow-local")
    #expect(vendor.exitStatus == 2)
    #expect(vendor.standardError.contains("has no commit aaaaaaaa"))
  }
}
