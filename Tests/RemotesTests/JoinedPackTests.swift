import Foundation
import Repositories
import Testing

@testable import Remotes

/// What several writes made goes out as one pack.
@Suite struct JoinedPackTests {
  /// Two commits that share nothing, and one that shares a file with the first.
  @Test(arguments: [["one", "two"], ["one", "two", "one"]])
  func holdsEveryObjectOnce(_ contents: [String]) throws {
    let folders = try TemporaryFolders()
    let here = try folders.repository("here.git")
    here.keepNewObjects()
    var commits: [ObjectID] = []
    for (number, content) in contents.enumerated() {
      let lines = (0..<40).map { "line \($0) of \(content)\n" }.joined()
      let edits = (0..<5).map { index in
        TreeEdit.write(
          Array((lines + "\(index)\n").utf8)[...], to: "\(content)/file-\(index).yaml")
      }
      let tree = try here.tree(applying: edits, to: nil)
      let ada = Signature(name: "Ada", email: "ada@acme.test", timeSeconds: Int64(number))
      commits.append(
        try here.write(tree, as: CommitDraft(author: ada, message: content), parents: []))
    }
    let pack = try #require(here.packOfNewObjects())
    #expect(commits.allSatisfy(pack.objectIDs.contains))
    let there = try folders.repository("there.git")
    let receiver = try PackReceiver(into: there)
    try receiver.append(pack.bytes[...])
    #expect(try receiver.finish() == pack.objectIDs.count)
    for commit in commits { #expect(there.isWhole(commit)) }
    try Data(pack.bytes).write(to: URL(fileURLWithPath: folders.path + "/joined.pack"))
    let said = try folders.git("index-pack", "--strict", "../joined.pack", in: "there.git")
    #expect(!said.contains("fatal") && !said.contains("error"), "\(said)")
  }
}
