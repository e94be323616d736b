import Foundation
import Testing

/// What is published by what differs is what publishing everything gives, and where that is not certain everything
/// is looked at.
@Suite struct DifferencePublishingTests {
  private let platform: TemporaryPlatform
  private var outcomes: URL { platform.folder.appendingPathComponent(".git/pave/keys") }

  init() throws {
    platform = try TemporaryPlatform()
    try platform.write("apps/shop.yaml", TemporaryPlatform.intent("shop", port: 80))
    try platform.commit("Add a shop")
    _ = try platform.pave("publish", "--create")
    _ = try platform.pave("publish")
    try FileManager.default.removeItem(at: outcomes)
  }

  /// Publishes; whether everything was looked at is told by the outcomes of units that stand, which are left then.
  private func publish(
    _ message: String, _ arguments: [String] = []
  ) throws -> (run: Transcript, isWhole: Bool) {
    try platform.commit(message)
    let run = try runPave(
      ["publish"] + arguments, in: platform.folder, environment: ["HOME": platform.root.path])
    return (run, FileManager.default.fileExists(atPath: outcomes.path))
  }

  private func port(_ name: String, _ environment: String = "dev") throws -> String {
    let file = "main:\(environment)/web/\(name)/configmap-\(name).yaml"
    let lines = try platform.output("cat-file", "-p", file).split(separator: "\n")
    return lines.first { $0.contains("port") }.map(String.init) ?? ""
  }

  @Test func onlyWhatDiffersIsLookedAt() throws {
    for number in 1...3 {
      try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9000 + number))
      let (run, isWhole) = try publish("Move the port")
      #expect(!isWhole)
      #expect(run.exitStatus == 0)
      #expect(run.standardOutput.contains("2 updated in dev, prod; 1 intent"), "\(run)")
      #expect(try port("home").contains("900\(number)"))
      #expect(try port("home", "prod").contains("900\(number)"))
    }
    #expect(try port("shop").contains("80"))
    #expect(try platform.output("rev-list", "--count", "main") == "4")
    _ = try platform.output("fsck", "--strict")
    // Nothing is left for a publication of everything.
    let again = try platform.pave("publish", "--no-cache")
    #expect(again.standardOutput.contains("no changes"), "\(again)")
  }

  @Test func theCommitIsThatOfPublishingEverything() throws {
    let before = try platform.output("rev-parse", "main")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    let (part, isWhole) = try publish("Move the port")
    #expect(!isWhole)
    let commit = try platform.output("rev-parse", "main")
    _ = try platform.output("update-ref", "refs/heads/main", before)
    #expect(try platform.pave("publish", "--no-cache") == part)
    #expect(try platform.output("rev-parse", "main") == commit)
  }

  @Test func aCommitThatChangesNoUnitIsNoted() throws {
    let (run, isWhole) = try publishEmpty()
    #expect(!isWhole)
    #expect(run.standardOutput.contains("no changes"))
    let note = try platform.output("notes", "--ref", "hydrator.metadata", "show", "main")
    #expect(try note.contains(platform.git("rev-parse", "HEAD")))
  }

  private func publishEmpty() throws -> (run: Transcript, isWhole: Bool) {
    _ = try platform.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    let run = try platform.pave("publish")
    return (run, FileManager.default.fileExists(atPath: outcomes.path))
  }

  @Test(arguments: [
    ("a new intent", "apps/new.yaml", TemporaryPlatform.intent("new", port: 1)),
    ("another name", "apps/home.yaml", TemporaryPlatform.intent("house", port: 8080)),
    ("what is no intent", "paths/site/path.yaml", TemporaryPlatform.goldenPath + "# a note\n"),
    ("a waiver", "apps/home.yaml", "# pave: waive x\n" + TemporaryPlatform.intent(port: 8080)),
    (
      "an environment less", "apps/home.yaml",
      TemporaryPlatform.intent(port: 8080) + "environments: {prod: {}}\n"
    ),
    (
      "an order", "apps/home.yaml",
      TemporaryPlatform.intent(port: 8080).replacingOccurrences(
        of: "namespace: web", with: "namespace: web, annotations: {pave.dev/depends-on: shop}")
    ),
  ])
  func moreThanBytesIsLookedAtAsAWhole(
    _ change: (name: String, path: String, text: String)
  ) throws {
    try platform.write(change.path, change.text)
    let (run, isWhole) = try publish(change.name, ["--allow-deletions"])
    #expect(isWhole, "\(change.name): \(run)")
  }

  @Test func whatSomebodyElseCommittedIsSeen() throws {
    try platform.commitToOutput(path: "dev/web/shop/configmap-shop.yaml", text: "a: 1\n")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    let (run, isWhole) = try publish("Move the port")
    #expect(isWhole)
    #expect(run.standardOutput.contains("3 updated in dev, prod"), "\(run)")
    #expect(try port("shop").contains("80"))
  }

  @Test func anErrorIsToldAndNothingWritten() throws {
    let before = try platform.output("rev-parse", "main")
    let intent = TemporaryPlatform.intent(port: 8080)
    try platform.write(
      "apps/home.yaml", intent.replacingOccurrences(of: "port", with: "prt"))
    let (run, _) = try publish("Misspell")
    #expect(run.exitStatus == 1)
    #expect(run.standardError.contains("apps/home.yaml"), "\(run)")
    #expect(try platform.output("rev-parse", "main") == before)
  }

  @Test func anOlderCommitIsStillSuperseded() throws {
    let old = try platform.git("rev-parse", "HEAD")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    _ = try publish("Move the port")
    let run = try platform.pave("publish", "--revision", old)
    #expect(run.standardOutput.contains("superseded"), "\(run)")
    #expect(try port("home").contains("9090"))
  }

  /// Evaluations that were done and that were taken over by the first publication after one that created everything.
  private func secondPublication(
    operations: String, _ expression: String
  ) throws -> (done: Int, reused: Int) {
    let platform = try TemporaryPlatform()
    try platform.write(
      "policies/ports.yaml",
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicy
      metadata: {name: small-ports}
      spec:
        matchConstraints:
          resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: \(operations), resources: [configmaps]}
        validations:
          - {expression: "\(expression)", message: too high}
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingAdmissionPolicyBinding
      metadata: {name: small-ports}
      spec: {policyName: small-ports, validationActions: [Deny]}

      """)
    let settings = try platform.read("pave.yaml").replacingOccurrences(
      of: "  environments:", with: "  policies: [\"policies/*\"]\n  environments:")
    try platform.write("pave.yaml", settings)
    try platform.commit("Add a policy")
    let first = try platform.pave("publish", "--create")
    #expect(first.exitStatus == 0, "\(first)")
    let run = try platform.pave("publish", "--format", "json")
    let json = try JSONSerialization.jsonObject(with: Data(run.standardError.utf8))
    let ledger = try #require((json as? [String: Any])?["ledger"] as? [String: Any])
    return (
      try #require(ledger["evaluations"] as? Int), try #require(ledger["reused"] as? Int)
    )
  }

  @Test func whatWasFoundOfCreatedObjectsHoldsForPublishedOnesWherePoliciesCannotTell() throws {
    let small = "int(object.data.port) < 9000"
    #expect(try secondPublication(operations: "[CREATE, UPDATE]", small) == (0, 2))
    #expect(try secondPublication(operations: "['*']", small) == (0, 2))
    let once = "request.operation == 'CREATE' || \(small)"
    #expect(try secondPublication(operations: "['*']", once) == (2, 0))
    let either = "oldObject == null || \(small)"
    #expect(try secondPublication(operations: "['*']", either) == (2, 0))
  }
}
