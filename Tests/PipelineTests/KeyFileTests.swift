import Diagnostics
import Foundation
import Repositories
import Testing

@testable import Pipeline

/// What earlier runs left is believed whole or not at all.
@Suite struct KeyFileTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("keys-\(UUID().uuidString)").path

  private func key(_ number: Int) -> ObjectID { ObjectID(of: .blob, Array("\(number)".utf8)[...]) }

  private func outcome(_ number: Int) -> UnitOutcome {
    var outcome = UnitOutcome()
    outcome.folder = "dev/shop/app-\(number)"
    outcome.objects = [UInt64(number), .max]
    var finding = Finding(
      rule: "some-policy", severity: .warning, "number \(number) is too high",
      at: Place(file: "apps/a.yaml"), help: "lower it",
      related: [.init(label: "here", place: Place(file: "policies/p.yaml"))])
    finding.environment = "dev"
    finding.object = ObjectReference(
      apiVersion: "apps/v1", kind: "Deployment", namespace: nil, name: "app")
    outcome.findings = [finding]
    return outcome
  }

  private func written(_ count: Int) throws -> (file: KeyFile, path: String) {
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/pave/keys"
    let file = KeyFile(path: path)
    let known = KnownOutcomes()
    for number in 0..<count { known.add(outcome(number), key(number)) }
    file.write(known)
    return (file, path)
  }

  private func contents(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test func outcomesComeBackAsTheyWere() throws {
    let (file, path) = try written(3)
    let known = file.read()
    for number in 0..<3 {
      let found = try #require(known.outcome(key(number), policyCount: nil))
      #expect(found.outcome == outcome(number))
      #expect(found.isOfEarlierRun)
    }
    #expect(known.outcome(key(3), policyCount: nil) == nil)
    // Nothing new: nothing is written.
    let before = try contents(path)
    file.write(known)
    #expect(try contents(path) == before)
  }

  @Test func damagedFilesAreNotBelieved() throws {
    let (file, path) = try written(2)
    let bytes = try contents(path)
    func isBelieved(_ damaged: [UInt8]) throws -> Bool {
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      let known = file.read()
      return known.outcome(key(0), policyCount: nil) != nil
        || known.outcome(key(1), policyCount: nil) != nil
    }
    #expect(try isBelieved(bytes))
    for end in 0..<bytes.count { #expect(try !isBelieved(Array(bytes[..<end])), "cut at \(end)") }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(try !isBelieved(damaged), "a bit of byte \(index)")
    }
    #expect(try !isBelieved(bytes + [0]))
    #expect(try !isBelieved(Array("pave keys 2\n".utf8) + bytes[12...]))
  }

  @Test func linksAreNotFollowed() throws {
    let (file, path) = try written(1)
    let other = folder + "/elsewhere"
    try FileManager.default.moveItem(atPath: path, toPath: other)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other)
    #expect(file.read().outcome(key(0), policyCount: nil) == nil)
  }

  @Test func whatIsNotUsedGoesInTime() throws {
    let (file, _) = try written(1)
    var runs = 0
    while file.read().outcome(key(0), policyCount: nil) != nil {
      // Another run, that asks for something else. Asking above was of a copy that is not written.
      let known = file.read()
      known.add(outcome(100 + runs), key(100 + runs))
      file.write(known)
      runs += 1
      if runs > 20 { break }
    }
    #expect(runs == 9)
  }

  @Test func runsAtTheSameTimeLeaveAWholeFile() async throws {
    let (file, path) = try written(1)
    await withTaskGroup(of: Void.self) { group in
      for writer in 1...8 {
        group.addTask {
          for round in 0..<20 {
            let known = file.read()
            known.add(outcome(writer), key(writer * 100 + round))
            file.write(known)
          }
        }
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/pave")
    #expect(names == ["keys"])
    #expect(OutcomeRecords(reading: try contents(path)).count > 0)
  }

  @Test func aWordForWordAnswerHoldsOnlyWhileTheOutputStands() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let repository = try Repository.createBare(at: folder + "/deploy.git", initialBranch: "main")
    let said = UnchangedPublication(
      outputs: [.init(path: repository.path, references: ["refs/heads/main": ObjectID?.none])],
      findings: outcome(1).findings, ledger: Ledger(), text: "main: no changes\n")
    let file = KeyFile(path: folder + "/pave/keys")
    let known = KnownOutcomes()
    known.add(said, ["a commit"])
    file.write(known)
    #expect(file.read().unchanged(["a commit"]) == said)
    #expect(file.read().unchanged(["another commit"]) == nil)
    let draft = CommitDraft(
      author: Signature(name: "Keys", email: "keys@keys.test", timeSeconds: 0), message: "One\n")
    let tree = try repository.tree(applying: [.write(Array("a: 1\n".utf8)[...], to: "a")], to: nil)
    let commit = try repository.write(tree, as: draft, parents: [])
    #expect(file.read().unchanged(["a commit"]) == said)
    try repository.moveBranch("main", from: nil, to: commit, reason: "test")
    #expect(file.read().unchanged(["a commit"]) == nil)
  }
}
