import Foundation
import Testing

/// What a publication that found nothing to do leaves for the next one, and when that does not hold.
@Suite struct UnchangedPublicationTests {
  private let platform: TemporaryPlatform
  private var record: URL { platform.folder.appendingPathComponent(".git/pave/published") }

  init() throws {
    platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    _ = try platform.pave("publish")
  }

  @Test func saysTheSameAgain() throws {
    #expect(FileManager.default.fileExists(atPath: record.path))
    let whole = try platform.pave("publish", "--no-cache")
    #expect(try platform.pave("publish") == whole)
    // Damaged, it is not believed.
    var bytes = Array(try Data(contentsOf: record))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: record)
    #expect(try platform.pave("publish") == whole)
    try Data("no record\n".utf8).write(to: record)
    #expect(try platform.pave("publish") == whole)
  }

  @Test func whatSomebodyElseCommittedIsSeen() throws {
    try platform.commitToOutput(path: "dev/web/home/configmap-home.yaml", text: "a: 1\n")
    let again = try platform.pave("publish")
    #expect(again.standardOutput.contains("1 updated in dev"), "\(again)")
    #expect(
      try platform.output("cat-file", "-p", "main:dev/web/home/configmap-home.yaml")
        .contains("port: \"8080\""))
  }

  @Test func aBranchThatWasTakenBackIsSeen() throws {
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Move the port")
    _ = try platform.pave("publish")
    #expect(try platform.pave("publish").standardOutput.contains("no changes"))
    _ = try platform.output("update-ref", "refs/heads/main", "main~1")
    #expect(try platform.pave("publish").standardOutput.contains("2 updated in dev, prod"))
  }

  @Test func notesThatAreGoneAreWrittenAgain() throws {
    let notes = "refs/notes/hydrator.metadata"
    let before = try platform.output("for-each-ref", "--format=%(refname)", notes)
    #expect(before == notes)
    _ = try platform.output("update-ref", "-d", notes)
    _ = try platform.pave("publish")
    #expect(try platform.output("for-each-ref", "--format=%(refname)", notes) == before)
  }

  @Test func anOutputThatIsGoneIsSeen() throws {
    try platform.removeOutput()
    #expect(try platform.pave("publish").exitStatus == 2)
  }

  @Test func anEditThatIsNotCommittedIsRefused() throws {
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    #expect(try platform.pave("publish").exitStatus == 2)
  }
}
