import Foundation
import Repositories
import Testing

@Suite struct WritingTests {
  @Test func firstCommitIsWhatGitReads() throws {
    let temporary = try TemporaryRepository()
    let commit = try temporary.publish(["a/b.yaml": "b: 1\n", "a-c": "c\n", "a.d": "d\n"])
    #expect(try temporary.git("rev-parse", "main") == "\(commit)")
    #expect(try temporary.git("show", "main:a/b.yaml") == "b: 1")
    #expect(try temporary.git("ls-tree", "--name-only", "main") == "a-c\na.d\na")
    try temporary.expectSound()
  }

  @Test func commitIDIsThatOfTheCommandLine() throws {
    let temporary = try TemporaryRepository()
    let first = try temporary.publish(["x": "1\n"])
    let second = try temporary.publish(["y/z": "2\n"], message: "Second\n\nwith a body\n")
    let tree = try temporary.git("rev-parse", "main^{tree}")
    #expect(
      try temporary.git("commit-tree", tree, "-p", "\(first)", input: "Second\n\nwith a body\n")
        == "\(second)")
  }

  @Test func identityLosesWhatWouldBreakTheCommit() throws {
    let temporary = try TemporaryRepository()
    let repository = try temporary.open()
    let author = Signature(
      name: " <Ada>\n\"Lovelace\". ", email: "<ada@acme.test>", timeSeconds: 5,
      offsetMinutes: -150)
    let tree = try repository.tree(applying: [.write([1], to: "x")], to: nil)
    let id = try repository.write(
      tree, as: CommitDraft(author: author, message: "m"), parents: [])
    let commit = try repository.commit(id)
    #expect(commit.author.name == "Ada\"Lovelace" && commit.author.email == "ada@acme.test")
    #expect(commit.author.offsetMinutes == -150 && commit.message == "m\n")
    try temporary.expectSound()
  }

  @Test func nothingShowsBeforeTheBranchMoves() throws {
    let temporary = try TemporaryRepository()
    let first = try temporary.publish(["x": "1\n"])
    let repository = try temporary.open()
    let tree = try repository.tree(
      applying: [.write([2], to: "x")], to: try repository.commit(first).tree)
    _ = try repository.write(tree, as: CommitDraft(author: ada, message: "m"), parents: [first])
    #expect(try temporary.git("rev-parse", "main") == "\(first)")
    #expect(try temporary.git("for-each-ref", "--format=%(refname)") == "refs/heads/main")
    #expect(try temporary.git("show", "main:x") == "1")
  }

  @Test func deltasOfEveryShapeReadBackWhole() throws {
    let temporary = try TemporaryRepository()
    var random = SplitMix(state: 7)
    var files: [String: String] = [:]
    let base = (0..<60).map { "line \($0) of a manifest\n" }
    for index in 0..<60 {
      var lines = base
      for _ in 0..<(index % 7) {
        let place = Int(random.next() % UInt64(lines.count))
        switch random.next() % 4 {
        case 0: lines.remove(at: place)
        case 1: lines.insert("new \(random.next())\n", at: place)
        case 2: lines[place] = "line \(place) changed to \(random.next())\n"
        default: lines.append(contentsOf: lines[..<place])
        }
        if lines.isEmpty { lines = ["x\n"] }
      }
      if index % 9 == 0 { lines.append("no line feed at the end") }
      files["d\(index)/deployment-x.yaml"] = lines.joined()
    }
    files["empty"] = ""
    files["large"] = String(repeating: "0123456789abcdef", count: 10_000)
    try temporary.publish(files)
    try temporary.expectSound()
    let repository = try temporary.open()
    let tip = try #require(try repository.tip(of: "main"))
    let tree = try GitFileTree(repository, commit: tip)
    for (path, text) in files {
      #expect(try tree.read(path).map { String(decoding: $0, as: UTF8.self) } == text)
    }
  }

  /// Random edits give the tree that `git` makes of the same files in a work tree.
  @Test func randomEditsGiveTheTreeOfAWorkTree() throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    let work = temporary.folder + "/work"
    try temporary.git("init", "-q", work, in: temporary.folder)
    var random = SplitMix(state: 42)
    var present: [String: String] = [:]
    let names = ["a", "a-b", "a.b", "a0", "b", "B", "c.yaml"]
    for _ in 0..<40 {
      var writes: [String: String] = [:]
      var deletes: Set<String> = []
      for _ in 0..<(1 + random.next() % 8) {
        let depth = 1 + Int(random.next() % 3)
        // Folders and files have names of their own, so that no file stands in a folder's way.
        let steps = (0..<depth).map { step in
          let name = names[Int(random.next() % 5)]
          return step == depth - 1 ? "f-" + name : name
        }
        let path = steps.joined(separator: "/")
        if random.next() % 3 == 0, let victim = present.keys.sorted().randomElement(using: &random)
        {
          if writes[victim] == nil { deletes.insert(victim) }
        } else if !deletes.contains(path) {
          writes[path] = "\(random.next() % 4)\n"
        }
      }
      for path in deletes {
        present[path] = nil
        try FileManager.default.removeItem(atPath: work + "/" + path)
      }
      for (path, text) in writes {
        present[path] = text
        let url = URL(fileURLWithPath: work + "/" + path)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
      try temporary.publish(writes, deleting: deletes.sorted())
      try temporary.git("add", "-A", in: work)
      #expect(
        try temporary.git("write-tree", in: work)
          == temporary.git("rev-parse", "main^{tree}"))
    }
    try temporary.expectSound()
  }

  @Test func foreignEntriesKeepModeAndBytes() throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    let blob = try temporary.git("hash-object", "-w", "--stdin", input: "x\n")
    let list = "100755 blob \(blob)\trun\n120000 blob \(blob)\tlink\n100644 blob \(blob)\tCON\n"
    let sub = try temporary.git("mktree", input: list)
    let root = try temporary.git("mktree", input: "040000 tree \(sub)\td\n")
    let commit = try temporary.git("commit-tree", root, input: "foreign\n")
    try temporary.git("update-ref", "refs/heads/main", commit)
    try temporary.publish(["d/new.yaml": "n\n"])
    let listed = try temporary.git("ls-tree", "main:d")
    #expect(listed.contains("100755 blob \(blob)\trun"))
    #expect(listed.contains("120000 blob \(blob)\tlink"))
    #expect(listed.contains("100644 blob \(blob)\tCON"))
    try temporary.publish(["d/run": "x\n"])
    #expect(try temporary.git("ls-tree", "main:d").contains("100644 blob \(blob)\trun"))
  }

  @Test func aFileInTheWayIsAConflict() throws {
    let temporary = try TemporaryRepository()
    try temporary.publish(["a": "1", "b/c": "2"])
    let below = repositoryError { try temporary.publish(["a/x": "1"]) }
    #expect(below?.code == .conflict && below?.message == "cannot write 'a/x': 'a' is a file")
    let above = repositoryError { try temporary.publish(["b": "1"]) }
    #expect(above?.code == .conflict && above?.message == "cannot write 'b': 'b' is a folder")
    try temporary.publish(["a/x": "1", "b": "2"], deleting: ["a", "b/c"])
    #expect(try temporary.git("ls-tree", "-r", "--name-only", "main") == "a/x\nb")
    let twins = repositoryError { try temporary.publish(["a/X": "1"]) }
    #expect(twins?.message == "'a/X' and 'a/x' differ only in upper and lower case")
  }

  @Test func emptiedTreeIsTheEmptyTree() throws {
    let temporary = try TemporaryRepository()
    try temporary.publish(["a/b": "1"])
    try temporary.publish([:], deleting: ["a/b", "not/there"])
    #expect(
      try temporary.git("rev-parse", "main^{tree}") == "4b825dc642cb6eb9a060e54bf8d69288fbee4904")
    try temporary.expectSound()
  }

  @Test(arguments: [
    "", "/abs", "a//b", "a/", "..", "a/../b", ".", ".git", ".GIT/x", "git~1", "a/.git ", "a\\b",
    "CON", "aux.txt", "com1", "a/nul.yaml", "foo.", "foo ", "foo:bar", "a\nb", "a\u{1}", "é",
    ".g\u{200C}it", ".gitmodules", ".gitattributes", ".hidden", "-x", "a/-rf",
    String(repeating: "x", count: 256), String(repeating: "a/", count: 16) + "b", "a\0b",
    ".git::$INDEX_ALLOCATION", ".git.", ".Git", "a/.gIt/config", "GIT~1", "git~2", ".git\\x",
    "a/../../b", "a/./b", "PRN", "lpt9.txt", "nul", "\u{7F}", "a\u{FFFD}b", "cafe\u{301}",
    "a//", "...", ".pave", "a/.gitmodules",
  ])
  func hostileNamesAreRefused(path: String) throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    // A repository's own configuration cannot let one in.
    for (name, value) in [
      ("core.protectNTFS", "false"), ("core.protectHFS", "false"), ("core.ignoreCase", "false"),
      ("core.symlinks", "true"), ("core.precomposeUnicode", "true"),
    ] {
      try temporary.git("config", name, value)
    }
    let repository = try temporary.open()
    for engine in WritingEngine.allCases {
      let error = repositoryError {
        let tree = try repository.tree(applying: [.write([1], to: path)], to: nil)
        _ = try repository.write(
          tree, as: CommitDraft(author: ada, message: "m"), parents: [], engine: engine)
      }
      #expect(error?.code == .badPath)
    }
    #expect(
      try temporary.git("count-objects", "-v").hasPrefix("count: 0\nsize: 0\nin-pack: 0\n"))
  }

  /// A link in somebody else's tree leads nothing that is written elsewhere.
  @Test func aLinkOrAModuleInTheWayIsAConflict() throws {
    let temporary = try TemporaryRepository()
    let first = try temporary.publish(["x": "1\n"])
    let blob = try temporary.git("hash-object", "-w", "--stdin", input: "../../outside")
    let root = try temporary.git(
      "mktree", input: "120000 blob \(blob)\tdev\n160000 commit \(first)\tmodule\n")
    let commit = try temporary.git("commit-tree", root, "-p", "\(first)", input: "links\n")
    try temporary.git("update-ref", "refs/heads/main", commit)
    for folder in ["dev", "module"] {
      let error = repositoryError { try temporary.publish(["\(folder)/home.yaml": "x\n"]) }
      #expect(error?.code == .conflict)
    }
    try temporary.publish(["dev": "a file\n"])
    #expect(try temporary.git("ls-tree", "main", "dev").hasPrefix("100644 blob "))
  }
}

/// A small generator of the same numbers in every run (Steele and others, SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
