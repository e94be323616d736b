import Foundation
import Testing

/// Whole runs of the program over small platforms: a folder a case under `fixtures/render`,
/// `fixtures/bad-input`, `fixtures/reports`, `fixtures/catalogue`, `fixtures/manifests`, `fixtures/blame`, `fixtures/fixes` and
/// `fixtures/edits`.
///
/// A case's `command` holds the arguments, one a line, for a run inside a copy of the folder. What it
/// printed and how it ended is compared with the files in `expected/`; `UPDATE_FIXTURES=1`
/// rewrites them.
@Suite struct TranscriptTests {
  @Test(
    arguments: try cases(of: "render") + cases(of: "bad-input") + cases(of: "reports")
      + cases(of: "catalogue") + cases(of: "manifests") + cases(of: "blame")
      + cases(of: "fixes") + cases(of: "edits"))
  func printsWhatIsRecorded(_ name: String) throws {
    let folder = packageRoot.appendingPathComponent("fixtures").appendingPathComponent(name)
    let command = try String(
      contentsOf: folder.appendingPathComponent("command"), encoding: .utf8)
    let arguments = command.split(separator: "\n").map(String.init)
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("case-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: folder, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try? FileManager.default.removeItem(at: copy.appendingPathComponent("expected"))

    let transcript = try runPave(arguments, in: copy)
    let expected = folder.appendingPathComponent("expected")
    if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
      try record(transcript, in: expected)
    }
    let recorded = try Transcript(
      standardOutput: text(of: "stdout", in: expected),
      standardError: text(of: "stderr", in: expected),
      exitStatus: #require(
        Int32(
          try text(of: "exit", in: expected).trimmingCharacters(in: .whitespacesAndNewlines)),
        "expected/exit holds no number: record the case with UPDATE_FIXTURES=1"))
    #expect(transcript.standardOutput == recorded.standardOutput)
    #expect(transcript.standardError == recorded.standardError)
    #expect(transcript.exitStatus == recorded.exitStatus)
    // A trap ends with a signal, and no mistake in a file may do that.
    #expect((0...2).contains(transcript.exitStatus))
  }

  /// The cases of an area, as paths below `fixtures/`, sorted.
  private static func cases(of area: String) throws -> [String] {
    let folder = packageRoot.appendingPathComponent("fixtures").appendingPathComponent(area)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { name in
        FileManager.default.fileExists(
          atPath: folder.appendingPathComponent(name).appendingPathComponent("command").path)
      }
      .map { area + "/" + $0 }
  }

  private func text(of name: String, in folder: URL) throws -> String {
    let file = folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: file.path) else { return "" }
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// An empty stream is recorded by the absence of its file.
  private func record(_ transcript: Transcript, in folder: URL) throws {
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in [
      ("stdout", transcript.standardOutput), ("stderr", transcript.standardError),
      ("exit", "\(transcript.exitStatus)\n"),
    ] where !text.isEmpty {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
  }
}
