import Diagnostics
import Foundation
import OutputTrees
import Repositories
import Testing

@Suite struct PublicationTests {
  @Test func firstPublicationHoldsUnitsInventoriesAndMetadata() throws {
    let output = try TemporaryOutput()
    let (plan, commit) = try output.publish([
      try unit("dev", "dev/payments/checkout", ["b": "b\n", "a": "a\n"], delivery: "sync\n"),
      try unit("prod", "prod/payments/checkout", ["a": "a\n"]),
    ])
    #expect(plan.changes.summary == "4 created" && plan.findings.isEmpty)
    let files = try output.files()
    #expect(
      files.keys.sorted() == [
        ".pave/acme/dev/payments/checkout", ".pave/acme/prod/payments/checkout",
        "delivery/dev/payments/checkout.yaml", "dev/payments/checkout/configmap-a.yaml",
        "dev/payments/checkout/configmap-b.yaml", "hydrator.metadata",
        "prod/payments/checkout/configmap-a.yaml",
      ])
    #expect(
      files[".pave/acme/dev/payments/checkout"] == """
        pave inventory 1
        environment dev
        intent WebService/payments/dev/payments/checkout
        def1d9c60ee08a896426a25d1af7a477ee52df80 /delivery/dev/payments/checkout.yaml
        78981922613b2afb6025042ff6bd878ac1994e85 configmap-a.yaml
        61780798228d17af2d34fce4cfbdf35556832472 configmap-b.yaml

        """)
    let id = try #require(commit)
    let written = try output.repository.commit(id)
    #expect(written.subject == "\(try output.source.id.abbreviated): Raise \"checkout\" to <6>")
    #expect(written.author == (try output.source.author))
    #expect(
      Publication.recordedSource(in: written, platform: "acme") == (try output.source.id))
    #expect(Publication.recordedSource(in: written, platform: "other") == nil)
    #expect(try !output.run("git", "fsck", "--full", "--strict").contains("error"))
  }

  @Test func metadataIsWhatGitOpsPromoterReads() throws {
    let output = try TemporaryOutput()
    let metadata = HydratorMetadata(
      repositoryURL: "https://git.acme.test/platform", source: try output.source)
    #expect(
      String(decoding: metadata.encoded, as: UTF8.self) == """
        {
          "repoURL": "https://git.acme.test/platform",
          "drySha": "\(try output.source.id)",
          "author": "Ada Lovelace <ada@acme.test>",
          "date": "2023-11-14T22:13:20Z",
          "subject": "Raise \\"checkout\\" to <6>",
          "body": "More traffic.\\n\\nSecond part"
        }

        """)
  }

  @Test(arguments: [
    ("https://git.acme.test/a/b", "https://git.acme.test/a/b"),
    ("https://user:secret@git.acme.test/a.git", "https://git.acme.test/a.git"),
    ("http://git.acme.test:8080/a", "http://git.acme.test:8080/a"),
    ("git@git.acme.test:a/b.git", "https://git.acme.test/a/b.git"),
    ("ssh://git@git.acme.test:2222/a/b", "https://git.acme.test/a/b"),
    ("/srv/git/a.git", ""), ("../a.git", ""), ("file:///srv/a.git", ""), ("", ""),
  ])
  func webAddressesHoldNoSecret(repository: String, expected: String) {
    #expect((webURL(of: repository) ?? "") == expected)
  }

  @Test func nothingChangedMakesNoCommit() throws {
    let output = try TemporaryOutput()
    let units = [try unit("dev", "dev/a", ["x": "1\n"], shared: ["s": "s\n"])]
    try output.publish(units)
    let tip = try output.repository.tip(of: "main")
    let (plan, commit) = try output.publish(units)
    #expect(commit == nil && plan.edits.isEmpty && plan.changes.isEmpty)
    #expect(try output.repository.tip(of: "main") == tip)
    // An inventory alone is no reason for a commit.
    let renamed = [try unit("dev", "dev/a", ["x": "1\n"], shared: ["s": "s\n"], intent: "Other")]
    #expect(try output.publish(renamed).commit == nil)
  }

  @Test func pruningIsExactAndForeignFilesStay() throws {
    let output = try TemporaryOutput()
    try output.publish([
      try unit("dev", "dev/a", ["x": "1\n", "y": "1\n"], delivery: "d\n"),
      try unit("dev", "dev/b", ["x": "1\n"], delivery: "d\n"),
    ])
    try output.edit([
      "README.md": "ours\n", "dev/a/notes.yaml": "n\n", "dev/b/sub/notes.yaml": "n\n",
    ])
    let (plan, _) = try output.publish([try unit("dev", "dev/a", ["x": "2\n"], delivery: "d\n")])
    #expect(plan.changes.summary == "1 updated, 3 deleted")
    #expect(
      plan.changes.changes.map { "\($0.kind) \($0.path)" } == [
        "deleted delivery/dev/b.yaml", "updated dev/a/configmap-x.yaml",
        "deleted dev/a/configmap-y.yaml", "deleted dev/b/configmap-x.yaml",
      ])
    #expect(plan.changes.changes[1].old == Array("1\n".utf8))
    #expect(
      brief(plan.findings) == [
        "warning output/foreign-file the output has a file 'dev/a/notes.yaml' that was not written by pave; it is kept",
        "warning output/foreign-file the output has a file 'dev/b/sub/notes.yaml' that was not written by pave; it is kept",
      ])
    #expect(
      try output.files().keys.sorted() == [
        ".pave/acme/dev/a", "README.md", "delivery/dev/a.yaml",
        "dev/a/configmap-x.yaml",
        "dev/a/notes.yaml", "dev/b/sub/notes.yaml", "hydrator.metadata",
      ])
  }

  @Test func aForeignFileInTheWayIsNotOverwritten() throws {
    let output = try TemporaryOutput()
    try output.edit(["dev/a/configmap-x.yaml": "theirs\n", "dev/a/configmap-y.yaml": "1\n"])
    let plan = try output.plan([try unit("dev", "dev/a", ["x": "1\n", "y": "1\n"])])
    #expect(plan.isRefused)
    #expect(
      brief(plan.findings) == [
        "error output/foreign-file the output has a file 'dev/a/configmap-x.yaml' that was not written by pave; it would be overwritten"
      ])
    try output.edit(["dev/a/configmap-x.yaml": "1\n"])
    let adopted = try output.plan([try unit("dev", "dev/a", ["x": "1\n", "y": "1\n"])])
    #expect(adopted.findings.isEmpty && adopted.changes.isEmpty)
  }

  @Test func handEditsAreReportedAndWrittenAgain() throws {
    let output = try TemporaryOutput()
    let units = [
      try unit("dev", "dev/a", ["x": "1\n", "y": "1\n"], delivery: "d\n"),
      try unit("dev", "dev/b", ["x": "1\n"]),
    ]
    try output.publish(units)
    let before = try output.files()
    try output.edit([
      "dev/a/configmap-x.yaml": "edited\n", "dev/b/configmap-x.yaml": nil,
      "delivery/dev/a.yaml": "edited\n",
    ])
    let (plan, _) = try output.publish(units)
    #expect(
      plan.findings.map(\.message.localizedLowercase).map { $0.contains("by hand") }
        == [true, true, true])
    #expect(plan.changes.summary == "1 created, 2 updated")
    #expect(try output.files() == before)
    // A link in the place of our file is a hand edit too.
    let blob = try output.run("git", "rev-parse", "main:dev/b/configmap-x.yaml")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(blob.count == 40)
    let index = try output.run(
      "sh", "-c",
      """
      export GIT_INDEX_FILE=x.index; git read-tree main \
      && git update-index --cacheinfo 120000,\(blob),dev/b/configmap-x.yaml \
      && git -c user.name=a -c user.email=a@b commit-tree -p main -m link $(git write-tree)
      """
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try output.run("git", "update-ref", "refs/heads/main", index) == "")
    #expect(try output.run("git", "ls-tree", "main:dev/b").hasPrefix("120000"))
    #expect(try output.publish(units).plan.findings.map(\.rule) == ["output/edited-by-hand"])
    #expect(try output.run("git", "ls-tree", "main:dev/b").hasPrefix("100644"))
  }

  @Test func anUnreadableInventoryStopsEverything() throws {
    let output = try TemporaryOutput()
    let units = [try unit("dev", "dev/a", ["x": "1\n"])]
    try output.publish(units)
    try output.edit([".pave/acme/dev/a": "pave inventory 2\n"])
    #expect(try output.plan(units).findings.map(\.rule) == ["output/bad-inventory"])
    #expect(try output.plan(units).isRefused)
  }

  @Test func platformsAndEnvironmentsDoNotTouchEachOther() throws {
    let output = try TemporaryOutput()
    let dev = try unit("dev", "dev/a", ["x": "1\n"])
    let prod = try unit("prod", "prod/a", ["x": "1\n"])
    try output.publish([dev, prod])
    try output.publish([try unit("dev", "dev/other", ["x": "1\n"])], platform: "other")
    var guards = OutputGuards()
    guards.allowsEmpty = true
    let (plan, _) = try output.publish([], scope: .environments(["dev"]), guards: guards)
    #expect(plan.changes.changes.map(\.path) == ["dev/a/configmap-x.yaml"])
    #expect(
      try output.files().keys.sorted() == [
        ".pave/acme/prod/a", ".pave/other/dev/other", "dev/other/configmap-x.yaml",
        "hydrator.metadata", "prod/a/configmap-x.yaml",
      ])
  }

  @Test func sharedObjectsLiveWhileSomebodyAsks() throws {
    let output = try TemporaryOutput()
    let a = try unit("dev", "dev/a", ["x": "1\n"], shared: ["role": "r\n"], intent: "A")
    let b = try unit("dev", "dev/b", ["x": "1\n"], shared: ["role": "r\n"], intent: "B")
    try output.publish([b, a])
    let path = "dev/_shared/configmap-role.payments.yaml"
    #expect(try output.files()[path] == "r\n")
    #expect(
      try output.files()[".pave/acme/dev/_shared"]?.hasSuffix(
        "asked configmap-role.payments.yaml A\nasked configmap-role.payments.yaml B\n") == true)
    let onlyA = try unit("dev", "dev/b", ["x": "2\n"], intent: "B")
    try output.publish([a, onlyA])
    #expect(try output.files()[path] == "r\n")
    #expect(try output.files()[".pave/acme/dev/_shared"]?.contains("yaml B") == false)
    let none = try unit("dev", "dev/a", ["x": "1\n"], intent: "A")
    let (plan, _) = try output.publish([none, onlyA])
    #expect(plan.changes.changes.map(\.path) == [path])
  }

  @Test func someUnitsAloneDeleteNothingElse() throws {
    let output = try TemporaryOutput()
    let a = try unit("dev", "dev/a", ["x": "1\n"], shared: ["r": "r\n", "s": "s\n"], intent: "A")
    let b = try unit("dev", "dev/b", ["x": "1\n"], shared: ["r": "r\n"], intent: "B")
    try output.publish([a, b])
    let alone = try unit("dev", "dev/a", ["y": "1\n"], shared: ["t": "t\n"], intent: "A")
    let (plan, _) = try output.publish([alone], scope: .units)
    #expect(
      plan.changes.changes.map { "\($0.kind) \($0.path)" } == [
        "deleted dev/_shared/configmap-s.payments.yaml",
        "created dev/_shared/configmap-t.payments.yaml", "deleted dev/a/configmap-x.yaml",
        "created dev/a/configmap-y.yaml",
      ])
    #expect(plan.changes.changes[3].manifestIndex == 0)
    let empty = try unit("dev", "dev/b", [:], intent: "B")
    #expect(
      try output.plan([empty], scope: .units).changes.changes.map(\.path) == [
        "dev/_shared/configmap-r.payments.yaml", "dev/b/configmap-x.yaml",
      ])
    // The rest of the output is what all units together make.
    #expect(try output.plan([alone, b]).edits.isEmpty)
  }

  @Test func theLatestPublicationOfAPlatformIsFound() throws {
    let output = try TemporaryOutput()
    let repository = output.repository
    let (_, first) = try output.publish([try unit("dev", "dev/a", ["x": "1\n"])])
    let (_, second) = try output.publish(
      [try unit("dev", "dev/b", ["x": "1\n"])], platform: "other")
    let acme = try Publication.latest(of: "acme", from: second, in: repository)
    let source = try output.source.id
    #expect(acme?.commit.id == first && acme?.source == source)
    #expect(try Publication.latest(of: "none", from: second, in: repository) == nil)
    #expect(try Publication.latest(of: "acme", from: nil, in: repository) == nil)
  }

  @Test func aUnitThatMovesLeavesNothingBehind() throws {
    let output = try TemporaryOutput()
    try output.publish([try unit("dev", "dev/a/b", ["x": "1\n"])])
    let (plan, _) = try output.publish([try unit("dev", "dev/a", ["x": "1\n"])])
    #expect(plan.findings.isEmpty)
    #expect(plan.changes.summary == "1 created, 1 deleted")
    try output.publish([try unit("dev", "dev/a/c", ["x": "1\n"])])
    #expect(
      try output.files().keys.sorted() == [
        ".pave/acme/dev/a/c", "dev/a/c/configmap-x.yaml", "hydrator.metadata",
      ])
  }

  @Test func guardsHoldBackWhatLooksLikeAMistake() throws {
    let output = try TemporaryOutput()
    func units(_ count: Int) throws -> [OutputUnit] {
      try (0..<count).map { try unit("dev", "dev/a\($0)", ["x\($0)": "\($0)\n"]) }
        + [try unit("prod", "prod/a", ["x": "1\n"])]
    }
    try output.publish(try units(30))
    #expect(try output.plan(units(21)).findings.isEmpty)
    let many = try output.plan(units(20))
    #expect(
      brief(many.findings) == [
        "error output/mass-deletion 10 of the 30 objects of the environment 'dev' would be deleted"
      ])
    let none = try output.plan(units(0))
    #expect(
      brief(none.findings) == [
        "error output/empty-rendering nothing is rendered for the environment 'dev', which has 30 objects"
      ])
    var guards = OutputGuards()
    guards.allowsDeletions = true
    #expect(try !output.plan(units(20), guards: guards).isRefused)
    #expect(try output.plan(units(0), guards: guards).isRefused)
    // Moving every unit deletes no object.
    let moved = try (0..<30).map { try unit("dev", "dev/m/a\($0)", ["x\($0)": "\($0)\n"]) }
    #expect(
      try output.plan(moved + [unit("prod", "prod/a", ["x": "1\n"])]).findings.isEmpty)
  }

  @Test func publishersOfTwoPlatformsLoseNothing() throws {
    let output = try TemporaryOutput()
    try output.publish([try unit("dev", "dev/a", ["x": "1\n"])])
    let tip = try output.repository.tip(of: "main")
    let late = try output.plan([try unit("dev", "dev/b", ["x": "1\n"])], platform: "other")
    try output.publish([try unit("dev", "dev/a", ["x": "2\n"])])
    let publication = Publication(platform: "other", source: try output.source)
    #expect(throws: RepositoryError.self) {
      try publication.carryOut(late, on: "main", of: output.repository, tip: tip)
    }
    try output.publish([try unit("dev", "dev/b", ["x": "1\n"])], platform: "other")
    let files = try output.files()
    #expect(files["dev/a/configmap-x.yaml"] == "2\n" && files["dev/b/configmap-x.yaml"] == "1\n")
  }

  /// Whatever was published before, a publication ends at the tree of a first one.
  @Test func everyRouteEndsAtTheSameTree() throws {
    var random = SplitMix(state: 3)
    let output = try TemporaryOutput()
    var guards = OutputGuards()
    guards.allowsDeletions = true
    guards.allowsEmpty = true
    for _ in 0..<30 {
      var units: [OutputUnit] = []
      for number in 0..<6 where random.next() % 3 > 0 {
        let isDeep = random.next() % 2 == 0
        var manifests: [String: String] = [:]
        for name in ["a", "b", "c"] where random.next() % 2 == 0 {
          manifests[name] = "\(random.next() % 3)\n"
        }
        units.append(
          try unit(
            "dev", isDeep ? "dev/u\(number)/deep" : "dev/u\(number)", manifests,
            shared: random.next() % 3 == 0 ? ["s": "s\n"] : [:],
            delivery: random.next() % 2 == 0 ? "d\(random.next() % 2)\n" : nil))
      }
      let (plan, _) = try output.publish(units, guards: guards)
      #expect(plan.findings.isEmpty)
      guard plan.changesObjects else { continue }
      let fresh = try TemporaryOutput()
      try fresh.publish(units, guards: guards)
      var expected = try fresh.files()
      var actual = try output.files()
      expected["hydrator.metadata"] = nil
      actual["hydrator.metadata"] = nil
      #expect(actual == expected)
    }
    #expect(try !output.run("git", "fsck", "--full", "--strict").contains("error"))
  }
}

/// A small generator of the same numbers in every run (SplitMix64).
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
