import Foundation
import Testing

/// Runs of the program in a Git repository with a change: a folder a case under `fixtures/change`.
///
/// `base/` is committed, `head/` laid over it, and what `gone` lists deleted; then `command` runs
/// there, and is compared with `expected/`. `UPDATE_FIXTURES=1` rewrites that.
@Suite struct ChangeTests {
  @Test(arguments: try cases())
  func printsWhatIsRecorded(_ name: String) throws {
    let folder = packageRoot.appendingPathComponent("fixtures/change").appendingPathComponent(name)
    let files = FileManager.default
    let copy = files.temporaryDirectory.appendingPathComponent("change-\(UUID().uuidString)")
    try files.copyItem(at: folder.appendingPathComponent("base"), to: copy)
    defer { try? files.removeItem(at: copy) }
    try commitAll(in: copy)
    try layOver(folder.appendingPathComponent("head"), copy)
    let gone = folder.appendingPathComponent("gone")
    for path in try String(contentsOf: gone, orEmpty: true).split(separator: "\n") {
      try files.removeItem(at: copy.appendingPathComponent(String(path)))
    }
    let command = try String(
      contentsOf: folder.appendingPathComponent("command"), encoding: .utf8)
    let transcript = try runPave(command.split(separator: "\n").map(String.init), in: copy)
    let expected = folder.appendingPathComponent("expected")
    let parts = [
      // The commit's id depends on the day.
      "stdout": transcript.standardOutput.replacing(/\([0-9a-f]{7}\)/, with: "(commit)"),
      "stderr": transcript.standardError.replacing(/\([0-9a-f]{7}\)/, with: "(commit)"),
      "exit": "\(transcript.exitStatus)\n",
    ]
    if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
      try files.createDirectory(at: expected, withIntermediateDirectories: true)
      for (part, text) in parts {
        try text.write(
          to: expected.appendingPathComponent(part), atomically: true, encoding: .utf8)
      }
    }
    for (part, text) in parts {
      let recorded = try String(
        contentsOf: expected.appendingPathComponent(part), encoding: .utf8)
      #expect(text == recorded)
    }
  }

  private static func cases() throws -> [String] {
    let folder = packageRoot.appendingPathComponent("fixtures/change")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().filter {
      FileManager.default.fileExists(
        atPath: folder.appendingPathComponent($0).appendingPathComponent("command").path)
    }
  }

  private func commitAll(in folder: URL) throws {
    for arguments in [
      ["init", "-q", "-b", "main", "."], ["add", "-A"],
      [
        "-c", "user.name=Test", "-c", "user.email=test@tiny.test", "commit", "-q", "-m", "Start",
      ],
    ] {
      let git = Process()
      git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      git.arguments = ["git"] + arguments
      git.currentDirectoryURL = folder
      try git.run()
      git.waitUntilExit()
      try #require(git.terminationStatus == 0, "git \(arguments) failed")
    }
  }

  private func layOver(_ head: URL, _ copy: URL) throws {
    let files = FileManager.default
    for path in try files.subpathsOfDirectory(atPath: head.path).sorted() {
      let source = head.appendingPathComponent(path)
      let target = copy.appendingPathComponent(path)
      var isFolder: ObjCBool = false
      _ = files.fileExists(atPath: source.path, isDirectory: &isFolder)
      if isFolder.boolValue {
        try files.createDirectory(at: target, withIntermediateDirectories: true)
      } else {
        try? files.removeItem(at: target)
        try files.copyItem(at: source, to: target)
      }
    }
  }
}

extension String {
  /// The text of a file, or nothing when there is none.
  fileprivate init(contentsOf file: URL, orEmpty: Bool) throws {
    guard FileManager.default.fileExists(atPath: file.path) else {
      self = ""
      return
    }
    self = try String(contentsOf: file, encoding: .utf8)
  }
}
