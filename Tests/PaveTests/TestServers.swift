import Foundation
import Testing

/// A server of `scripts/` that runs while this object is there.
class TestServer {
  private let process = Process()
  private let input = Pipe()
  /// The lines that it printed when it was ready.
  let lines: [String]

  init(_ script: String, _ arguments: [String], lines count: Int) throws {
    process.executableURL = packageRoot.appendingPathComponent("scripts/" + script)
    process.arguments = arguments
    process.standardInput = input
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var text = ""
    while text.split(separator: "\n").count < count || !text.hasSuffix("\n") {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      text += String(decoding: data, as: UTF8.self)
    }
    lines = text.split(separator: "\n").map(String.init)
    try #require(lines.count == count, "\(script) did not start: \(text)")
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}

/// A platform whose output is on a Git server over http on this machine.
final class ServedPlatform {
  let platform: TemporaryPlatform
  private let server: TestServer
  let port: String
  /// Where the server's repositories are.
  var served: URL { platform.root.appendingPathComponent("served") }
  /// Where copies of them are kept.
  var cache: URL { platform.root.appendingPathComponent("cache") }

  init(
    branch: String = "main", password: String? = nil, certificate: String? = nil,
    host: String = "127.0.0.1", userInfo: String = ""
  ) throws {
    platform = try TemporaryPlatform()
    let folder = platform.root.appendingPathComponent("served")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    _ = try platform.git("init", "-q", "--bare", "-b", "main", folder.path + "/deploy.git")
    var arguments = [folder.path]
    if let password { arguments += ["--user", "ada", "--password", password] }
    if let certificate { arguments += ["--certificate", certificate] }
    server = try TestServer("git-server", arguments, lines: 1)
    port = server.lines[0]
    let scheme = certificate == nil ? "http" : "https"
    try use("\(scheme)://\(userInfo)\(host):\(port)/deploy.git", branch: branch)
  }

  /// Makes the platform publish to another address.
  func use(_ address: String, branch: String = "main") throws {
    try platform.write(
      "pave.yaml", TemporaryPlatform.platform(repository: address, branch: branch))
    try platform.commit("Publish to the server")
  }

  /// Spoils the server's answers from now on; nil mends it.
  func spoil(_ fault: String?) throws {
    let file = served.appendingPathComponent("fault")
    try? FileManager.default.removeItem(at: file)
    if let fault { try Data(fault.utf8).write(to: file) }
  }

  /// `pave publish` with this machine allowed.
  func publish(
    _ arguments: String..., environment: [String: String] = [:], isAllowed: Bool = true
  ) throws -> Transcript {
    try runPave(
      ["publish", "--cache", cache.path] + arguments, in: platform.folder,
      environment: (isAllowed ? ["PAVE_ALLOWED_HOSTS": "127.0.0.1,localhost"] : [:])
        .merging(environment) { $1 })
  }

  /// What `git` says in the server's repository.
  func output(_ arguments: String...) throws -> String {
    try platform.git(["-C", served.path + "/deploy.git"] + arguments)
  }

  /// The tip of the branch at the server; empty while there is none.
  func tip(_ branch: String = "main") throws -> String {
    try output("for-each-ref", "--format=%(objectname)", "refs/heads/" + branch)
  }

  /// Changes the platform and commits it.
  func edit(port: Int) throws {
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: port))
    try platform.commit("Port \(port)")
  }

  /// The copy of the server's repository.
  func copy() throws -> URL {
    let names = try FileManager.default.contentsOfDirectory(atPath: cache.path)
    return cache.appendingPathComponent(try #require(names.first { $0.hasSuffix(".git") }))
  }

  /// `git fsck` finds nothing wrong, here or there.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
    for folder in [served.path + "/deploy.git", try copy().path] {
      let text = try platform.git(["-C", folder, "fsck", "--full", "--strict"])
      let trouble = text.split(separator: "\n").filter {
        !$0.hasPrefix("Checking") && !$0.hasPrefix("dangling") && !$0.hasPrefix("notice")
      }
      #expect(trouble.isEmpty, sourceLocation: sourceLocation)
    }
  }
}
