import Foundation
import Repositories
import Testing

@testable import Remotes

/// Sending and fetching packs against git's own `receive-pack` and `upload-pack`, run as programs, and
/// against programs that misbehave.
@Suite struct ExchangeTests {
  @Test func whatIsSentIsThereAndCanBeFetched() throws {
    let folders = try TemporaryFolders()
    let here = try folders.repository("here.git")
    let there = try folders.repository("there.git")
    here.keepNewObjects()
    let first = try commit("1", in: here, after: nil)
    try push(folders, here, [ReferenceUpdate("refs/heads/main", from: nil, to: first)])
    #expect(try there.tip(of: "main") == first)

    // A second push sends what was written since the first only.
    here.keepNewObjects()
    let second = try commit("2", in: here, after: first)
    let pack = try #require(here.packOfNewObjects())
    #expect(pack.objectIDs.contains(second))
    #expect(!pack.objectIDs.contains(first))
    try push(folders, here, [ReferenceUpdate("refs/heads/main", from: first, to: second)])
    #expect(try there.tip(of: "main") == second)
    #expect(
      try folders.git("fsck", "--full", "--strict", in: "there.git").contains("error") == false)

    let other = try folders.repository("other.git")
    try fetch(folders, [first], haves: [], into: other)
    try fetch(folders, [second], haves: [first], into: other)
    #expect(try other.commit(second).parents == [first])
    #expect(other.isWhole(second))
  }

  @Test func severalReferencesMoveTogetherOrNotAtAll() throws {
    let folders = try TemporaryFolders()
    let here = try folders.repository("here.git")
    let there = try folders.repository("there.git")
    here.keepNewObjects()
    let first = try commit("1", in: here, after: nil)
    let second = try commit("2", in: here, after: nil)
    let hook = folders.path + "/there.git/hooks/update"
    try "#!/bin/sh\necho not that one\ntest \"$1\" != refs/heads/b\n"
      .write(toFile: hook, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
    let updates = [
      ReferenceUpdate("refs/heads/a", from: nil, to: first),
      ReferenceUpdate("refs/heads/b", from: nil, to: second),
    ]
    let result = try send(folders, here, updates)
    #expect(result.report.refusal(of: "refs/heads/a") != nil)
    #expect(result.report.refusal(of: "refs/heads/b") == "hook declined")
    #expect(result.said.contains("not that one"))
    #expect(try there.branches() == [])
  }

  @Test func whoComesLateSendsNothing() throws {
    let folders = try TemporaryFolders()
    let here = try folders.repository("here.git")
    _ = try folders.repository("there.git")
    here.keepNewObjects()
    let first = try commit("1", in: here, after: nil)
    let late = try commit("late", in: here, after: nil)
    try push(folders, here, [ReferenceUpdate("refs/heads/main", from: nil, to: first)])
    let found = error {
      try push(folders, here, [ReferenceUpdate("refs/heads/main", from: nil, to: late)])
    }
    #expect(found?.code == .moved)
    #expect(found?.message == "the branch 'main' was moved by somebody else meanwhile")
    // What is there already is no push at all.
    try push(folders, here, [ReferenceUpdate("refs/heads/main", from: nil, to: first)])
  }

  @Test func aPackWithoutItsBaseIsReportedAsNotTaken() throws {
    let folders = try TemporaryFolders()
    let here = try folders.repository("here.git")
    let there = try folders.repository("there.git")
    let first = try commit("1", in: here, after: nil)
    here.keepNewObjects()
    let second = try commit("2", in: here, after: first)
    let result = try send(
      folders, here, [ReferenceUpdate("refs/heads/main", from: nil, to: second)])
    #expect(result.report.refusal(of: "refs/heads/main") != nil)
    #expect(try there.tip(of: "main") == nil)
    // libgit2 makes a pack of everything that the server does not have.
    let whole = try here.pack(of: [second], without: [])
    let again = try send(
      folders, here, [ReferenceUpdate("refs/heads/main", from: nil, to: second)], whole)
    #expect(again.report.refusal(of: "refs/heads/main") == nil)
    #expect(try there.tip(of: "main") == second)
  }

  @Test func aProgramThatSaysNothingIsKilledInTime() throws {
    let start = ContinuousClock.now
    let channel = try channel(["sh", "-c", "sleep 100 & sleep 100"], seconds: 0.3)
    #expect(error { try channel.read() }?.code == .timedOut)
    #expect(channel.end().status == nil)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func aProgramThatReadsNothingIsKilledInTime() throws {
    let channel = try channel(["sleep", "100"], seconds: 0.3)
    let bytes = [UInt8](repeating: 0, count: 4 << 20)
    #expect(error { try channel.write(bytes[...]) }?.code == .timedOut)
  }

  @Test func aProgramThatEndsEarlyIsNoReasonToDie() throws {
    let channel = try channel(["sh", "-c", "echo no such place >&2; exit 7"], seconds: 20)
    let bytes = [UInt8](repeating: 0, count: 4 << 20)
    #expect(error { try channel.write(bytes[...]) }?.code == .cut)
    #expect(try channel.read().isEmpty)
    let ending = channel.end()
    #expect(ending.status == 7)
    #expect(ending.text == "no such place")
    #expect(error { try self.channel(["no-such-program-here"], seconds: 1) }?.code == .failed)
  }

  @Test func bothSidesMayWriteAtOnce() throws {
    let channel = try channel(["cat"], seconds: 60)
    let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try channel.write(bytes[...])
    channel.finishWriting()
    var back: [UInt8] = []
    while true {
      let piece = try channel.read()
      if piece.isEmpty { break }
      back += piece
    }
    #expect(back == bytes)
    #expect(channel.end().status == 0)
  }

  /// A fetched pack that is cut or changed anywhere leaves nothing behind.
  @Test func aDamagedPackIsNotTaken() throws {
    let folders = try TemporaryFolders()
    let there = try folders.repository("there.git")
    there.keepNewObjects()
    let tip = try commit("x", in: there, after: nil)
    let pack = try #require(there.packOfNewObjects()).bytes
    var random = SplitMix(state: 3)
    for round in 0..<60 {
      let other = try folders.repository("other-\(round).git")
      var bytes = pack
      if round.isMultiple(of: 2) {
        bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
      } else {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 0x10
      }
      #expect(throws: (any Error).self) {
        let receiver = try PackReceiver(into: other)
        try receiver.append(bytes[...])
        try receiver.finish()
      }
      #expect(!other.contains(tip))
    }
  }

  // MARK: helpers

  private func channel(_ arguments: [String], seconds: Double) throws -> Channel {
    try Channel(
      arguments, environment: ProcessInfo.processInfo.environment, deadline: Deadline(in: seconds))
  }

  private func send(
    _ folders: TemporaryFolders, _ here: Repository, _ updates: [ReferenceUpdate],
    _ pack: Pack? = nil
  ) throws -> (report: PushReport, said: String) {
    let channel = try channel(["git", "receive-pack", folders.path + "/there.git"], seconds: 60)
    var sending = try SendPack(channel)
    let pending = try sending.pending(updates)
    if pending.isEmpty {
      FetchPack.leave(channel)
      return (PushReport(), "")
    }
    let ready = try #require(pack ?? here.packOfNewObjects())
    return try sending.send(pending, ready)
  }

  private func push(
    _ folders: TemporaryFolders, _ here: Repository, _ updates: [ReferenceUpdate]
  ) throws {
    let result = try send(folders, here, updates)
    for (name, problem) in result.report.references { #expect(problem == nil, "\(name)") }
  }

  private func fetch(
    _ folders: TemporaryFolders, _ wants: [ObjectID], haves: [ObjectID], into repository: Repository
  ) throws {
    // Else only tips may be asked for.
    try folders.git("config", "uploadpack.allowAnySHA1InWant", "true", in: "there.git")
    let channel = try channel(["git", "upload-pack", folders.path + "/there.git"], seconds: 60)
    var fetching = try FetchPack(channel)
    try fetching.fetch(wants, haves: haves, into: repository)
  }

  private func commit(
    _ text: String, in repository: Repository, after parent: ObjectID?
  ) throws -> ObjectID {
    let base = try parent.map { try repository.commit($0).tree }
    let tree = try repository.tree(
      applying: [.write(Array(text.utf8)[...], to: "files/\(text)")], to: base)
    let ada = Signature(name: "Ada", email: "ada@acme.test", timeSeconds: 1_700_000_000)
    return try repository.write(
      tree, as: CommitDraft(author: ada, message: text), parents: parent.map { [$0] } ?? [])
  }
}

/// A folder for repositories; removed when the test is over.
final class TemporaryFolders {
  let path = NSTemporaryDirectory() + "remotes-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func repository(_ name: String) throws -> Repository {
    try Repository.createBare(at: path + "/" + name, initialBranch: "main")
  }

  @discardableResult
  func git(_ arguments: String..., in folder: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path + "/" + folder)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
