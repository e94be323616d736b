import Foundation
import Testing

@testable import Repositories

@Suite struct PackTests {
  /// `git index-pack` makes the very index of the pack that was written beside it.
  @Test func indexIsThatOfGit() throws {
    let temporary = try TemporaryRepository()
    var files: [String: String] = [
      "empty": "", "large": String(repeating: "0123456789", count: 9000),
    ]
    for index in 0..<300 {
      files["team-\(index % 7)/app-\(index)/deployment-app.yaml"] =
        "kind: Deployment\n" + String(repeating: "same: line\n", count: 20) + "name: \(index)\n"
    }
    try temporary.publish(files)
    let packs = try FileManager.default.contentsOfDirectory(
      atPath: temporary.path + "/objects/pack"
    ).sorted()
    #expect(packs.count == 2)
    let pack = temporary.path + "/objects/pack/" + (try #require(packs.last))
    let other = temporary.folder + "/other.idx"
    try temporary.git("index-pack", "--strict", "-o", other, pack)
    let own = FileManager.default.contents(
      atPath: temporary.path + "/objects/pack/" + (try #require(packs.first)))
    #expect(own != nil && own == FileManager.default.contents(atPath: other))
    #expect(try mode(of: pack) == 0o444)
    try temporary.expectSound()
  }

  @Test func offsetsBeyond31BitsHaveATableOfTheirOwn() throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    let offsets = [12, 1 << 31 - 1, 1 << 31, 5 << 32, 7]
    let entries = offsets.enumerated().map { index, offset in
      PackIndex.Entry(
        id: ObjectID(of: .blob, [UInt8(index)]), offset: offset, checksum: UInt32(index))
    }
    let bytes = PackIndex.encoded(entries, packTrailer: [UInt8](repeating: 0, count: 20))
    let file = temporary.folder + "/x.idx"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let listed = try temporary.run(["sh", "-c", "git show-index < \(file)"], in: temporary.path)
    let expected = entries.sorted { $0.id < $1.id }.map { entry in
      let digits = String(entry.checksum, radix: 16)
      let sum = String(repeating: "0", count: 8 - digits.count) + digits
      return "\(entry.offset) \(entry.id) (\(sum))"
    }
    #expect(listed.output == expected.joined(separator: "\n"))
  }

  @Test func idsAreThoseOfGitAtEverySize() throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    var random = SplitMix(state: 3)
    for count in [
      0, 1, 9, 10, 47, 48, 55, 56, 57, 63, 64, 65, 99, 100, 119, 120, 128, 1000, 70_000,
    ] {
      let bytes = (0..<count).map { _ in UInt8(random.next() % 94 + 33) }
      let text = String(decoding: bytes, as: UTF8.self)
      let expected = try temporary.git("hash-object", "--stdin", input: text)
      #expect("\(ObjectID(of: .blob, bytes[...]))" == expected)
      #expect(ObjectID(of: .blob, bytes[...]).isConfirmed(.blob, bytes[...]))
    }
  }

  @Test func bytesThatAreNotTheIDsAreNotWritten() throws {
    let temporary = try TemporaryRepository()
    let repository = try temporary.open()
    let edit = TreeEdit(path: "x", .write(id: ObjectID(of: .blob, [1]), bytes: [2]))
    let tree = try repository.tree(applying: [edit], to: nil)
    let error = repositoryError {
      try repository.write(tree, as: CommitDraft(author: ada, message: "m"), parents: [])
    }
    #expect(error?.code == .corrupt)
    #expect(try temporary.git("count-objects") == "0 objects, 0 kilobytes")
  }

  @Test func bothEnginesMakeTheSameCommit() throws {
    let files = ["a/b.yaml": "b: 1\n", "a-c": "c\n", "a.d": "d\n", "a/e/f": "f\n"]
    var commits: [ObjectID] = []
    for engine in WritingEngine.allCases {
      let temporary = try TemporaryRepository()
      let repository = try temporary.open()
      var tip: ObjectID?
      for (round, signature) in [nil, "-----BEGIN X-----\nabc\n\ndef\n-----END X-----\n"]
        .enumerated()
      {
        let base = try tip.map { try repository.commit($0).tree }
        let edits = files.map {
          TreeEdit.write(Array("\($0.value)\(round)".utf8)[...], to: $0.key)
        }
        let signer: CommitSigner? = signature.map { text in { @Sendable _ in text } }
        tip = try repository.write(
          try repository.tree(applying: edits, to: base),
          as: CommitDraft(author: ada, message: "Round \(round)\n\nbody\n"),
          parents: tip.map { [$0] } ?? [], engine: engine, signedBy: signer)
      }
      let last = try #require(tip)
      commits.append(last)
      try repository.moveBranch("main", from: nil, to: last, reason: "test")
      let text = try temporary.git("cat-file", "commit", "main")
      #expect(
        text.contains(
          "\ngpgsig -----BEGIN X-----\n abc\n \n def\n -----END X-----\n\nRound 1\n\nbody"))
      try temporary.expectSound()
    }
    #expect(commits.count == 2 && commits[0] == commits[1])
  }

  @Test(arguments: [("group", 0o444), ("0640", 0o440), ("0660", 0o440), ("umask", 0o444)])
  func sharedRepositoriesShareThePack(setting: String, expected: Int) throws {
    let temporary = try TemporaryRepository()
    _ = try temporary.open()
    try temporary.git("config", "core.sharedRepository", setting)
    try temporary.publish(["x": "1\n"])
    let folder = temporary.path + "/objects/pack"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 2)
    for name in names { #expect(try mode(of: folder + "/" + name) == expected) }
  }

  @Test func clonesAndCollectionsOfGarbageWork() throws {
    let temporary = try TemporaryRepository()
    for round in 0..<5 {
      try temporary.publish(["a/x.yaml": "round: \(round)\n", "b/\(round).yaml": "b\n"])
    }
    try temporary.git("gc", "-q", "--prune=now")
    try temporary.git("clone", "-q", temporary.path, temporary.folder + "/clone", in: "/")
    #expect(
      try temporary.git("rev-list", "--count", "HEAD", in: temporary.folder + "/clone") == "5")
    try temporary.publish(["a/x.yaml": "after: gc\n"])
    try temporary.git("pull", "-q", in: temporary.folder + "/clone")
    try temporary.expectSound()
  }

  private func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? NSNumber).intValue
  }
}
