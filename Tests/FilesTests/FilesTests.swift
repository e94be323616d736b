import Files
import Foundation
import Testing

@Suite struct GlobPatternTests {
  @Test(arguments: [
    ("apps/**/*.yaml", "apps/payments/checkout.yaml", true),
    ("apps/**/*.yaml", "apps/checkout.yaml", true),
    ("apps/**/*.yaml", "apps/a/b/c/d.yaml", true),
    ("apps/**/*.yaml", "apps/a/b/c/d.yml", false),
    ("apps/**/*.yaml", "lib/apps/d.yaml", false),
    ("golden-paths/*", "golden-paths/web", true),
    ("golden-paths/*", "golden-paths/web/path.yaml", false),
    ("a/?.yaml", "a/b.yaml", true),
    ("a/?.yaml", "a/bc.yaml", false),
    ("a/[a-c]x", "a/bx", true),
    ("a/[!a-c]x", "a/bx", false),
    ("**", "a/b/c", true),
    ("{a,b}/x", "b/x", true),
    ("{a,b}/x", "c/x", false),
    ("a*b*c", "aXbYbZc", true),
    ("a*b*c", "aXbYbZ", false),
    ("waivers.yaml", "waivers.yaml", true),
  ])
  func matches(pattern: String, path: String, isMatch: Bool) throws {
    #expect(try GlobPattern(pattern).matches(path) == isMatch)
  }

  @Test(arguments: ["../x", "/abs", "a//b", "", "a/[b", "a/{b", "a/./b"])
  func refuses(pattern: String) {
    #expect(throws: GlobPattern.Malformed.self) { try GlobPattern(pattern) }
  }

  @Test func manyStarsTakeLinearTime() throws {
    let pattern = try GlobPattern(String(repeating: "**/", count: 30) + "*a*a*a*a*a*a*b")
    let path = String(repeating: "aaaaaaaaaaaaaaaa/", count: 60) + "aaaaaaaaaaaaaaaaaaaaaaaaa"
    #expect(!pattern.matches(path))
  }

  @Test func fixedFolderIsWhatIsBeforeTheFirstWildcard() throws {
    #expect(try GlobPattern("a/b/*.yaml").fixedFolder == "a/b")
    #expect(try GlobPattern("**/*.yaml").fixedFolder == "")
    #expect(try GlobPattern("a/b.yaml").isLiteral)
  }
}

@Suite struct DiskFileTreeTests {
  @Test func readsListsAndStaysInside() throws {
    let outside = FileManager.default.temporaryDirectory
      .appendingPathComponent("files-\(UUID().uuidString)")
    let root = outside.appendingPathComponent("root")
    let manager = FileManager.default
    try manager.createDirectory(
      at: root.appendingPathComponent("b/.git"), withIntermediateDirectories: true)
    defer { try? manager.removeItem(at: outside) }
    try Data("secret".utf8).write(to: outside.appendingPathComponent("secret"))
    try Data("one".utf8).write(to: root.appendingPathComponent("b/x.yaml"))
    try Data("two".utf8).write(to: root.appendingPathComponent("a.yaml"))
    try Data("no".utf8).write(to: root.appendingPathComponent("b/.git/config"))
    try manager.createSymbolicLink(
      atPath: root.appendingPathComponent("out").path, withDestinationPath: "../secret")
    try manager.createSymbolicLink(
      atPath: root.appendingPathComponent("in").path, withDestinationPath: "a.yaml")

    let tree = try #require(DiskFileTree(root.path))
    #expect(try tree.paths(under: "") == ["a.yaml", "b/x.yaml", "in", "out"])
    #expect(try tree.paths(under: "b") == ["b/x.yaml"])
    #expect(try tree.paths(under: "none") == [])
    #expect(try tree.read("b/x.yaml") == Array("one".utf8))
    #expect(try tree.read("missing") == nil)
    #expect(try tree.read("b") == nil)
    for link in ["in", "out"] {
      let error = #expect(throws: FileTreeError.self) { try tree.read(link) }
      #expect(error?.code == .link)
    }
    let bad = #expect(throws: FileTreeError.self) { try tree.read("../secret") }
    #expect(bad?.code == .badPath)
  }

  @Test func refusesLinksToFoldersAndWhatIsNoFile() throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("real"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    try Data("x".utf8).write(to: root.appendingPathComponent("real/x.yaml"))
    try #require(mkfifo(root.appendingPathComponent("real/pipe.yaml").path, 0o600) == 0)
    let tree = try #require(DiskFileTree(root.path))
    #expect(try tree.paths(under: "") == ["real/pipe.yaml", "real/x.yaml"])
    #expect(throws: FileTreeError.self) { try tree.read("real/pipe.yaml") }

    try FileManager.default.createSymbolicLink(
      atPath: root.appendingPathComponent("linked").path, withDestinationPath: "real")
    for folder in ["", "linked"] {
      let error = #expect(throws: FileTreeError.self) { try tree.paths(under: folder) }
      #expect(error?.code == .link)
    }
    let behind = #expect(throws: FileTreeError.self) { try tree.read("linked/x.yaml") }
    #expect(behind?.code == .link)
  }

  @Test func refusesWhatIsTooLarge() throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    try Data(count: largestFileByteCount).write(to: root.appendingPathComponent("fits"))
    try Data(count: largestFileByteCount + 1).write(to: root.appendingPathComponent("large"))
    let tree = try #require(DiskFileTree(root.path))
    #expect(try tree.read("fits")?.count == largestFileByteCount)
    let error = #expect(throws: FileTreeError.self) { try tree.read("large") }
    #expect(error?.code == .tooLarge)
  }

  @Test func recorderRemembersWhatWasAskedFor() throws {
    let recorder = RecordingFileTree(MemoryFileTree(texts: ["a": "1", "b": "2"]))
    #expect(try recorder.read("b") == Array("2".utf8))
    #expect(try recorder.read("c") == nil)
    #expect(recorder.recordedPaths == ["b", "c"])
  }
}
