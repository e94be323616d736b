import Foundation
import Testing

/// What the program makes of its arguments, before it looks at any platform.
@Suite struct CommandLineTests {
  @Test(arguments: [
    (["render", "--check"], "--check needs --output DIR"),
    (["render", "--expand"], "--expand needs --golden-path PATH"),
    (["render", "--output", "out", "--intent", "apps"], "--intent does not go with it"),
    (["render", "--golden-path", "x", "--check"], "--golden-path renders without a platform"),
    (["render", "--golden-path", "x", "--platform", "."], "--golden-path renders without"),
    (["lint", "--format", "xml"], "xml"),
    (["lint", "--only", "schema,polcy"], "no family 'polcy'; did you mean 'policy'?"),
    (["lint", "--only", "nothing-such"], "no family 'nothing-such'; there are "),
    (["lint", "--fail-severity", "fatal"], "fatal"),
    (["puplish"], "did you mean 'publish'?"),
    (["frobnicate"], "commands: render, lint, diff, publish, set, promote, status, log, verify, "),
    (["set", "checkout"], "Missing expected argument"),
    (["set", "x", "spec.a=1", "--message", "m"], "--message goes with --commit"),
    (["set", "x", "spec.a=1", "--dry-run", "--commit"], "--dry-run writes nothing"),
    (["promote", "checkout"], "--to <name>"),
    (["log", "checkout", "--limit", "0"], "--limit is a number from 1"),
    (["status", "--format", "xml"], "xml"),
  ])
  func refusesWithTwoAndAReason(arguments: [String], reason: String) throws {
    let transcript = try runPave(arguments, in: packageRoot)
    #expect(transcript.exitStatus == 2)
    #expect(transcript.standardOutput == "")
    #expect(transcript.standardError.contains(reason), "\(transcript.standardError)")
  }

  @Test(arguments: [[], ["--help"], ["help"], ["render", "--help"], ["lint", "-h"]])
  func helpIsNoMistake(arguments: [String]) throws {
    let transcript = try runPave(arguments, in: packageRoot)
    #expect(transcript.exitStatus == 0)
    #expect(transcript.standardOutput.contains("USAGE"))
    #expect(transcript.standardError == "")
  }

  @Test func namesItsVersion() throws {
    let transcript = try runPave(["--version"], in: packageRoot)
    #expect(transcript == Transcript(standardOutput: "0.1.0\n", standardError: "", exitStatus: 0))
  }

  @Test func nothingHangsOnWhatIsNoFile() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pipe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try #require(mkfifo(folder.appendingPathComponent("pipe").path, 0o600) == 0)
    for arguments in [
      ["render", "--golden-path", "pipe"], ["cel", "x", "--var", "x=pipe"],
      ["cel", "x", "--var", "x=/dev/zero"], ["render", "--golden-path", "/dev/zero"],
    ] {
      let transcript = try runPave(arguments, in: folder)
      #expect(transcript.exitStatus == 2, "\(arguments): \(transcript)")
      #expect(transcript.standardError.contains("no regular file"), "\(transcript)")
    }
  }
}
