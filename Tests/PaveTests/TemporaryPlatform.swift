import Foundation
import Testing

/// A small platform in a Git repository of its own, and an output repository beside it.
final class TemporaryPlatform {
  let root: URL
  var folder: URL { root.appendingPathComponent("platform") }

  /// `output` are further fields of `spec.output`, in flow style.
  init(
    repository: String = "../out.git", branch: String = "main", output: String = ""
  ) throws {
    root = FileManager.default.temporaryDirectory
      .appendingPathComponent("publish-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(
      "pave.yaml", Self.platform(repository: repository, branch: branch, output: output))
    try write("paths/site/path.yaml", Self.goldenPath)
    try write("apps/home.yaml", Self.intent(port: 8080))
    _ = try git("init", "-q", "-b", "main")
    // For commits that are made by the program.
    _ = try git("config", "user.name", "A")
    _ = try git("config", "user.email", "a@b.test")
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

  /// Lets `prod` promote from `dev`.
  func promoteFromDev() throws {
    try write(
      "pave.yaml",
      read("pave.yaml").replacingOccurrences(
        of: "{name: prod, ", with: "{name: prod, promotesFrom: dev, "))
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: folder.appendingPathComponent(path))
  }

  func commit(_ message: String) throws {
    _ = try git("add", "-A")
    _ = try git("commit", "-q", "-m", message)
  }

  func pave(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Transcript {
    try runPave(
      arguments, in: folder, environment: ["HOME": root.path].merging(environment) { $1 })
  }

  func git(_ arguments: String...) throws -> String { try run(arguments, in: folder) }

  func git(_ arguments: [String]) throws -> String { try run(arguments, in: folder) }

  func output(_ arguments: String...) throws -> String {
    try run(arguments, in: root.appendingPathComponent("out.git"))
  }

  /// Takes the output repository away.
  func removeOutput() throws {
    try FileManager.default.removeItem(at: root.appendingPathComponent("out.git"))
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
    try runProgram(["git"] + arguments, in: folder)
  }

  /// What a program prints, without the white space around it; an exit code that is not 0 is an error.
  func runProgram(_ arguments: [String], in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
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
    try #require(process.terminationStatus == 0, "\(arguments): \(text)")
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func platform(
    repository: String, branch: String, output: String = ""
  ) -> String {
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
      output: {repository: "\(repository)", branch: "\(branch)"\(output.isEmpty ? "" : ", " + output)}

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
