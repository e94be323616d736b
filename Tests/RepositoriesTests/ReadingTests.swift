import Files
import Foundation
import Repositories
import Testing

@Suite struct ReadingTests {
  @Test func openingSaysWhatIsMissing() throws {
    let temporary = try TemporaryRepository()
    let missing = repositoryError { try Repository(at: temporary.folder + "/none.git") }
    #expect(missing?.code == .notFound)
    #expect(missing?.message == "there is no Git repository at '\(temporary.folder)/none.git'")
    let occupied = repositoryError {
      _ = try Repository.createBare(at: temporary.path, initialBranch: "main")
      return try Repository.createBare(at: temporary.folder + "/.", initialBranch: "main")
    }
    #expect(occupied?.code == .exists)
  }

  @Test func aRepositoryOfAnotherUserIsRefusedWithTheWayOut() throws {
    guard getuid() == 0 else { return }
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    #expect(chown(temporary.path, 65534, 65534) == 0)
    let error = repositoryError { try Repository(at: temporary.path) }
    #expect(error?.code == .notOwned)
    #expect(error?.help?.contains("safe.directory '\(temporary.path)'") == true)
  }

  @Test func sha256RepositoriesAreNamedUnsupported() throws {
    let temporary = try TemporaryRepository()
    try temporary.git(
      "init", "-q", "--bare", "--object-format=sha256", temporary.path, in: temporary.folder)
    let error = repositoryError { try Repository(at: temporary.path) }
    #expect(error?.code == .unsupported)
  }

  @Test func commitReadsAsItWasWritten() throws {
    let temporary = try TemporaryRepository()
    let id = try temporary.publish(
      ["x": "1"],
      message: "Subject\n\nBody: not a trailer\nbecause of this line\n\nSource: abc\nCount: 1: 2\n")
    let commit = try temporary.open().commit(id)
    #expect(commit.author == ada && commit.parents == [])
    #expect(commit.subject == "Subject")
    #expect(commit.body.hasPrefix("Body: not") && commit.body.hasSuffix("Count: 1: 2"))
    #expect(commit.trailers.map(\.key) == ["Source", "Count"])
    #expect(commit.trailer("source") == "abc" && commit.trailer("Count") == "1: 2")
    #expect(commit.trailer("Body") == nil)
  }

  @Test func revisionsAndAncestry() throws {
    let temporary = try TemporaryRepository()
    let first = try temporary.publish(["x": "1"])
    let second = try temporary.publish(["x": "2"])
    let repository = try temporary.open()
    #expect(try repository.commitID(of: "main~1") == first)
    #expect(try repository.head() == second && repository.branches() == ["main"])
    #expect(try repository.isDescendant(second, of: first))
    #expect(try !repository.isDescendant(first, of: second))
    #expect(repositoryError { try repository.commitID(of: "v9") }?.message.contains("'v9'") == true)
    #expect(try repository.tip(of: "none") == nil)
  }

  @Test func fileTreeFollowsNoLinkAndNoSubmodule() throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    let blob = try temporary.git("hash-object", "-w", "--stdin", input: "x\n")
    let sub = try temporary.git(
      "mktree", "--missing",
      input: "100755 blob \(blob)\trun\n120000 blob \(blob)\tlink\n"
        + "160000 commit 1111111111111111111111111111111111111111\tmodule\n100644 blob \(blob)\tfile\n"
    )
    let root = try temporary.git(
      "mktree", input: "040000 tree \(sub)\td\n100644 blob \(blob)\td-e\n")
    let id = try temporary.git("commit-tree", root, input: "m\n")
    let repository = try temporary.open()
    let commit = try repository.commitID(of: id)
    let tree = try GitFileTree(repository, commit: commit)
    #expect(try tree.paths(under: "") == ["d-e", "d/file", "d/link", "d/run"])
    #expect(try tree.paths(under: "d/file") == ["d/file"])
    #expect(try tree.paths(under: "none") == [])
    #expect(try tree.read("d/file") == Array("x\n".utf8))
    let link = #expect(throws: FileTreeError.self) { try tree.read("d/link") }
    #expect(link?.code == .link)
    #expect(try tree.read("d/module") == nil)
    #expect(try tree.read("d") == nil && tree.read("d/file/x") == nil)
    #expect(throws: FileTreeError.self) { try tree.read("../x") }
    let folder = try GitFileTree(repository, commit: commit, folder: "d")
    #expect(try folder.paths(under: "") == ["file", "link", "run"])
  }

  @Test func fileTreeRefusesALinkToAFolder() throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    let blob = try temporary.git("hash-object", "-w", "--stdin", input: "x\n")
    let target = try temporary.git("hash-object", "-w", "--stdin", input: "./real/../real")
    let real = try temporary.git("mktree", input: "100644 blob \(blob)\tfile\n")
    let root = try temporary.git(
      "mktree", input: "120000 blob \(target)\tlinked\n040000 tree \(real)\treal\n")
    let id = try temporary.git("commit-tree", root, input: "m\n")
    let repository = try temporary.open()
    let tree = try GitFileTree(repository, commit: try repository.commitID(of: id))
    let error = #expect(throws: FileTreeError.self) { try tree.paths(under: "") }
    #expect(error?.code == .link)
    #expect(error?.path == "linked")
    #expect(try tree.paths(under: "real") == ["real/file"])
  }

  @Test func dirtyWorkTreesAreSeen() throws {
    let temporary = try TemporaryRepository()
    let work = temporary.folder + "/work"
    try temporary.git("init", "-q", "-b", "main", work, in: temporary.folder)
    try FileManager.default.createDirectory(
      atPath: work + "/app", withIntermediateDirectories: true)
    try "1".write(toFile: work + "/app/x", atomically: true, encoding: .utf8)
    try "ignored".write(toFile: work + "/.gitignore", atomically: true, encoding: .utf8)
    try temporary.git("add", "-A", in: work)
    try temporary.git("commit", "-qm", "m", in: work)
    let repository = try Repository(holding: work + "/app")
    #expect(repository.workTree == work && repository.isBare == false)
    try "1".write(toFile: work + "/ignored", atomically: true, encoding: .utf8)
    #expect(try repository.changedPaths() == [])
    try "2".write(toFile: work + "/app/x", atomically: true, encoding: .utf8)
    try "3".write(toFile: work + "/new", atomically: true, encoding: .utf8)
    #expect(try repository.changedPaths() == ["app/x", "new"])
    #expect(try repository.changedPaths(under: "app") == ["app/x"])
  }

  @Test func onlyRewrittenFilesAreADifferenceOfBytes() throws {
    let temporary = try TemporaryRepository()
    let repository = try temporary.open()
    func tree(_ files: [String: String], links: [String: String] = [:]) throws -> ObjectID {
      let work = temporary.folder + "/tree-\(UUID().uuidString)"
      for (path, text) in files {
        let file = URL(fileURLWithPath: work + "/" + path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      for (path, target) in links {
        try FileManager.default.createSymbolicLink(
          atPath: work + "/" + path, withDestinationPath: target)
      }
      let git = ["--git-dir=\(temporary.path)", "--work-tree=\(work)"]
      let run = try temporary.run(["git"] + git + ["add", "-A", "."], in: work)
      #expect(run.status == 0, "\(run.output)")
      return try #require(ObjectID(temporary.git("write-tree")))
    }
    let base = ["a/b/c": "1\n", "a/d": "1\n", "e": "1\n"]
    let old = try tree(base)
    func difference(_ new: ObjectID, most: Int = 9) throws -> [String]? {
      try repository.rewrittenFiles(from: old, to: new, most: most)
    }
    #expect(try difference(old) == [])
    let rewritten = try tree(base.merging(["a/b/c": "2\n", "e": "2\n"]) { $1 })
    #expect(try difference(rewritten) == ["a/b/c", "e"])
    #expect(try difference(rewritten, most: 1) == nil)
    #expect(try difference(tree(base.merging(["a/b/f": "1\n"]) { $1 })) == nil)
    #expect(try difference(tree(["a/b/c": "1\n", "e": "1\n"])) == nil)
    #expect(try difference(tree(["a/b/c": "1\n", "a/x": "1\n", "e": "1\n"])) == nil)
    #expect(try difference(tree(["a/b/c": "1\n", "a/d": "1\n"], links: ["e": "a/d"])) == nil)
  }
}
