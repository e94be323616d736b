import Foundation
import Repositories
import Testing

/// A folder for one test, with the `git` command at hand; removed when the test is over.
final class TemporaryRepository {
  let folder: String
  /// A bare repository whose branch `main` is unborn.
  var path: String { folder + "/bare.git" }

  init() throws {
    var template = Array((NSTemporaryDirectory() + "pave-test-XXXXXX").utf8CString)
    folder = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    try #require(!folder.isEmpty)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func open() throws -> Repository {
    if FileManager.default.fileExists(atPath: path) { return try Repository(at: path) }
    return try Repository.createBare(at: path, initialBranch: "main")
  }

  /// What `git` prints, without the final line feed; an exit code that is not 0 fails the test.
  @discardableResult
  func git(
    _ arguments: String..., in directory: String? = nil, input: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let (status, output) = try run(["git"] + arguments, in: directory ?? path, input: input)
    #expect(status == 0, "git \(arguments): \(output)", sourceLocation: sourceLocation)
    return output
  }

  func run(
    _ arguments: [String], in directory: String, input: String = ""
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
      "GIT_AUTHOR_NAME": "Ada Lovelace", "GIT_AUTHOR_EMAIL": "ada@acme.test",
      "GIT_AUTHOR_DATE": "1700000000 +0100", "GIT_COMMITTER_NAME": "Ada Lovelace",
      "GIT_COMMITTER_EMAIL": "ada@acme.test", "GIT_COMMITTER_DATE": "1700000000 +0100",
      "LC_ALL": "C",
    ]
    let output = Pipe()
    let source = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = source
    try process.run()
    source.fileHandleForWriting.write(Data(input.utf8))
    try source.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var text = String(decoding: data, as: UTF8.self)
    if text.hasSuffix("\n") { text.removeLast() }
    return (process.terminationStatus, text)
  }

  /// Writes files, moves the branch and gives the commit's id.
  @discardableResult
  func publish(
    _ files: [String: String], deleting: [String] = [], to branch: String = "main",
    message: String = "Publish"
  ) throws -> ObjectID {
    let repository = try open()
    let tip = try repository.tip(of: branch)
    let base = try tip.map { try repository.commit($0).tree }
    let tree = try repository.tree(
      applying: files.map { .write(Array($0.value.utf8)[...], to: $0.key) }
        + deleting.map { .delete($0) }, to: base)
    let commit = try repository.write(
      tree, as: CommitDraft(author: ada, message: message), parents: tip.map { [$0] } ?? [])
    try repository.moveBranch(branch, from: tip, to: commit, reason: "publish")
    return commit
  }

  /// `git fsck --full --strict` finds nothing.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let output = try git("fsck", "--full", "--strict", sourceLocation: sourceLocation)
    let trouble = output.split(separator: "\n").filter {
      !$0.hasPrefix("Checking") && !$0.hasPrefix("dangling") && !$0.hasPrefix("notice")
    }
    #expect(trouble.isEmpty, sourceLocation: sourceLocation)
  }
}

let ada = Signature(
  name: "Ada Lovelace", email: "ada@acme.test", timeSeconds: 1_700_000_000, offsetMinutes: 60)

/// The error that `body` throws; fails the test when it throws none.
func repositoryError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> some Any
) -> RepositoryError? {
  do {
    _ = try body()
  } catch let error as RepositoryError {
    return error
  } catch {
    Issue.record("unexpected \(error)", sourceLocation: sourceLocation)
    return nil
  }
  Issue.record("no error was thrown", sourceLocation: sourceLocation)
  return nil
}
