import Diagnostics
import Foundation
import Manifests
import OutputTrees
import Repositories
import Testing

/// A folder for one test with a bare output repository in it; removed when the test is over.
final class TemporaryOutput {
  let folder: String
  let repository: Repository

  init() throws {
    var template = Array((NSTemporaryDirectory() + "pave-test-XXXXXX").utf8CString)
    folder = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    try #require(!folder.isEmpty)
    repository = try Repository.createBare(at: folder + "/bare.git", initialBranch: "main")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func plan(
    _ units: [OutputUnit], platform: String = "acme", scope: OutputTree.Scope = .everything,
    guards: OutputGuards = OutputGuards()
  ) throws -> OutputPlan {
    let (tree, findings) = try OutputTree.make(
      units, platform: platform, scope: scope)
    #expect(findings.isEmpty)
    let published = try CommittedTree(repository, commit: try repository.tip(of: "main"))
    return try tree.plan(against: published, guards: guards)
  }

  /// Plans and carries the plan out; gives what changed.
  @discardableResult
  func publish(
    _ units: [OutputUnit], platform: String = "acme", scope: OutputTree.Scope = .everything,
    guards: OutputGuards = OutputGuards()
  ) throws -> (plan: OutputPlan, commit: ObjectID?) {
    let tip = try repository.tip(of: "main")
    let plan = try plan(
      units, platform: platform, scope: scope, guards: guards)
    let commit = try Publication(platform: platform, source: source).carryOut(
      plan, on: "main", of: repository, tip: tip)
    return (plan, commit)
  }

  /// Puts files in and takes files out as somebody else would.
  func edit(_ files: [String: String?]) throws {
    let tip = try repository.tip(of: "main")
    let edits = files.map { path, text in
      text.map { TreeEdit.write(Array($0.utf8)[...], to: path) } ?? .delete(path)
    }
    let tree = try repository.tree(
      applying: edits, to: tip.map { try repository.commit($0).tree }, allowing: [".pave"])
    let commit = try repository.write(
      tree, as: CommitDraft(author: source.author, message: "by hand"),
      parents: tip.map { [$0] } ?? [])
    try repository.moveBranch("main", from: tip, to: commit, reason: "by hand")
  }

  /// The texts of all files at the tip, by path.
  func files() throws -> [String: String] {
    guard let tip = try repository.tip(of: "main") else { return [:] }
    let tree = try GitFileTree(repository, commit: tip)
    var files: [String: String] = [:]
    for path in try tree.paths(under: "") {
      files[path] = try tree.read(path).map { String(decoding: $0, as: UTF8.self) }
    }
    return files
  }

  func run(_ arguments: String..., in directory: String? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory ?? folder + "/bare.git")
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}

/// The commit that every publication of these tests was rendered from, in a repository of its own.
private let sourceCommit = Result {
  let folder = NSTemporaryDirectory() + "pave-source-\(getpid())"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let repository = try Repository.createBare(at: folder, initialBranch: "main")
  let tree = try repository.tree(applying: [.write([120], to: "x")], to: nil)
  let author = Signature(
    name: "Ada Lovelace", email: "ada@acme.test", timeSeconds: 1_700_000_000, offsetMinutes: 60)
  let message = "Raise \"checkout\" to <6>\n\nMore traffic.\n\nSecond part\n"
  let id = try repository.write(
    tree, as: CommitDraft(author: author, message: message), parents: [])
  return try repository.commit(id)
}

extension TemporaryOutput {
  var source: Commit {
    get throws { try sourceCommit.get() }
  }
}

/// A unit of ConfigMaps by name and text.
func unit(
  _ environment: String, _ path: String, _ manifests: [String: String],
  shared: [String: String] = [:], intent: String? = nil, delivery: String? = nil
) throws -> OutputUnit {
  func manifest(_ name: String, _ text: String, isShared: Bool) -> OutputManifest {
    OutputManifest(
      identity: ObjectIdentity(
        apiVersion: "v1", kind: "ConfigMap", namespace: "payments", name: name),
      bytes: Array(text.utf8)[...], isShared: isShared)
  }
  return try OutputUnit(
    environment: environment, path: path, intent: intent ?? "WebService/payments/\(path)",
    namespace: "payments", place: Place(file: "apps/\(path).yaml", anchor: .file),
    manifests: manifests.map { manifest($0.key, $0.value, isShared: false) }
      + shared.map { manifest($0.key, $0.value, isShared: true) },
    delivery: delivery.map { Array($0.utf8)[...] })
}

/// A finding as `severity rule message`, for short expectations.
func brief(_ findings: [Finding]) -> [String] {
  findings.map { "\($0.severity) \($0.rule) \($0.message)" }
}
