import Foundation
import Testing

/// Servers that refuse, hang, lie or break off: each time a clear error in time, and nothing is lost.
@Suite struct RemoteFaultTests {
  /// Each fault, what is said of it, and whether the server has the commit nevertheless.
  @Test(arguments: [
    ("silent", "did not finish within 2 s", false), ("trickle", "did not finish within 2 s", false),
    ("cut-advertisement", "pave: ", false), ("cut-request", "publish again", false),
    ("cut-report", "publish again", true), ("hang-report", "did not finish within 2 s", true),
    ("empty-report", "the server did not report on it", true),
    ("html", "not what a Git server says", false),
    ("rubbish", "not what a Git server says", false), ("redirect", "leads elsewhere", false),
    ("status-500", "500", false), ("deny", "403", false),
  ])
  func aFaultOfTheServerIsSaidInTimeAndLosesNothing(
    _ row: (fault: String, said: String, isTaken: Bool)
  ) throws {
    let served = try ServedPlatform()
    _ = try served.publish()
    let old = try served.tip()
    try served.edit(port: 9090)
    try served.spoil(row.fault)
    let start = ContinuousClock.now
    let spoiled = try served.publish("--timeout", "2")
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(spoiled.exitStatus == 2)
    #expect(spoiled.standardError.contains(row.said), "\(spoiled.standardError)")
    #expect(spoiled.standardError.contains("127.0.0.1:\(served.port)/deploy.git"))
    #expect(spoiled.standardOutput == "")
    let isTaken = try served.tip() != old
    #expect(isTaken == row.isTaken)
    try served.expectSound()
    try served.spoil(nil)
    let mended = try served.publish()
    #expect(mended.exitStatus == 0, "\(mended.standardError)")
    #expect(mended.standardOutput.contains(row.isTaken ? "no changes" : "2 updated"))
    try served.expectSound()
  }

  @Test(arguments: [("cut-pack", "'"), ("trickle-pack", "did not finish within 2 s")])
  func aPackThatIsNotFetchedWholeLeavesNothing(_ row: (fault: String, said: String)) throws {
    let served = try ServedPlatform()
    _ = try served.publish()
    try FileManager.default.removeItem(at: served.cache)
    try served.spoil(row.fault)
    let cut = try served.publish("--timeout", "2")
    #expect(cut.exitStatus == 2)
    #expect(cut.standardError.contains(row.said), "\(cut.standardError)")
    try served.expectSound()
    try served.spoil(nil)
    #expect(try served.publish().standardOutput.contains("no changes"))
  }

  @Test func namesOfReferencesThatLeadAwayAreNotFollowed() throws {
    let served = try ServedPlatform()
    _ = try served.publish()
    try served.edit(port: 9090)
    try served.spoil("hostile-references")
    #expect(try served.publish().standardOutput.contains("2 updated"))
    try served.expectSound()
    let references = try served.platform.git(
      "-C", try served.copy().path, "for-each-ref", "--format=%(refname)")
    #expect(references == "refs/heads/main\nrefs/notes/hydrator.metadata")
    let evil = try FileManager.default.subpathsOfDirectory(atPath: served.platform.root.path)
      .filter { $0.hasSuffix("evil") }
    #expect(evil.isEmpty)
  }

  /// The same over ssh, by a program in the place of `ssh` that runs git here.
  @Test(arguments: [
    ("banner", "not what a Git server says: 'Welc", false), ("cut", "ended", false),
    ("stall", "did not finish within 2 s", false), ("refuse", "you may not", false),
    ("vanish", "pave: ", false), ("cut-report", "publish again", nil),
  ])
  func aFaultOverSSHIsSaidInTimeAndLosesNothing(
    _ row: (fault: String, said: String, isTaken: Bool?)
  ) throws {
    let served = try ServedPlatform()
    let program = served.platform.root.appendingPathComponent("fake-ssh")
    let script = """
      #!/bin/sh
      for last; do :; done
      case "$(cat '\(served.served.path)/fault' 2>/dev/null)" in
        banner) echo 'Welcome to acme' ;;
        cut) sh -c "$last" </dev/null | head -c 60 ;;
        stall) printf 00; sleep 100 ;;
        refuse) echo 'you may not' >&2; exit 1 ;;
        vanish) kill -9 $$ ;;
        cut-report)
          case $last in
            *receive-pack*)
              count=$(git receive-pack --advertise-refs '\(served.served.path)/deploy.git' | wc -c)
              sh -c "$last" | { head -c "$count"; cat >/dev/null; } ;;
            *) exec sh -c "$last" ;;
          esac ;;
        *) exec sh -c "$last" ;;
      esac

      """
    try Data(script.utf8).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let environment = [
      "PAVE_ALLOWED_HOSTS": "git.acme.test", "GIT_SSH_COMMAND": program.path,
    ]
    try served.use("ssh://git.acme.test\(served.served.path)/deploy.git")
    let first = try served.publish(environment: environment)
    #expect(first.exitStatus == 0, "\(first.standardError)")
    let old = try served.tip()
    try served.edit(port: 9090)
    try served.spoil(row.fault)
    let spoiled = try served.publish("--timeout", "2", environment: environment)
    #expect(spoiled.exitStatus == 2)
    #expect(spoiled.standardError.contains(row.said), "\(spoiled.standardError)")
    #expect(spoiled.standardError.contains("git.acme.test"), "\(spoiled.standardError)")
    try served.spoil(nil)
    let mended = try served.publish(environment: environment)
    #expect(mended.exitStatus == 0, "\(mended.standardError)")
    #expect(try served.output("rev-parse", "main^") == old)
    if let isTaken = row.isTaken {
      #expect(mended.standardOutput.contains(isTaken ? "no changes" : "2 updated"))
    }
    try served.expectSound()
  }

  @Test func aServerThatCannotBeReachedIsSaid() throws {
    let served = try ServedPlatform()
    for (address, said) in [
      ("http://127.0.0.1:9/x.git", "cannot connect to"),
      ("ssh://127.0.0.1:9/x.git", "cannot connect to"),
    ] {
      try served.use(address)
      let result = try served.publish("--timeout", "20")
      #expect(result.exitStatus == 2)
      #expect(result.standardError.contains(said), "\(result.standardError)")
    }
    let silent = try served.publish(
      "--timeout", "0.5", environment: ["GIT_SSH_COMMAND": "sh -c 'sleep 100'"])
    #expect(silent.exitStatus == 2)
    #expect(silent.standardError.contains("did not finish within 0.5 s"))
  }

  @Test func whatAHookSaysIsSaid() throws {
    let served = try ServedPlatform()
    let hook = served.served.appendingPathComponent("deploy.git/hooks/pre-receive")
    try FileManager.default.createDirectory(
      at: hook.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("#!/bin/sh\necho frozen until Monday\nexit 1\n".utf8).write(to: hook)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook.path)
    for engine in ["own", "stock"] {
      let refused = try served.publish("--push-engine", engine)
      #expect(refused.exitStatus == 2)
      #expect(refused.standardError.contains("pre-receive hook declined"))
      #expect(try served.tip() == "")
    }
    #expect(try served.publish().standardError.contains("frozen until Monday"))
    try FileManager.default.removeItem(at: hook)
    #expect(try served.publish().exitStatus == 0)
  }

  @Test func aDamagedCopyIsFetchedAgain() throws {
    let served = try ServedPlatform()
    _ = try served.publish()
    let damages: [(String, (URL) throws -> Void)] = [
      (
        "no packs",
        { try FileManager.default.removeItem(at: $0.appendingPathComponent("objects/pack")) }
      ),
      ("no HEAD", { try FileManager.default.removeItem(at: $0.appendingPathComponent("HEAD")) }),
      (
        "rubbish in a reference",
        { try Data("rubbish\n".utf8).write(to: $0.appendingPathComponent("refs/heads/main")) }
      ),
      (
        "rubbish in the configuration",
        { try Data("[core\n".utf8).write(to: $0.appendingPathComponent("config")) }
      ),
      (
        "a file in its place",
        { copy in
          try FileManager.default.removeItem(at: copy)
          try Data("x".utf8).write(to: copy)
        }
      ),
      ("a cut pack", { try spoilPacks($0) { $0.prefix($0.count / 2) } }),
      (
        "a byte of a pack",
        { copy in
          try spoilPacks(copy) { bytes in
            var bytes = bytes
            bytes[bytes.count / 2] ^= 0x20
            return bytes
          }
        }
      ),
      (
        "locks of a killed process",
        { copy in
          for name in ["refs/heads/main.lock", "packed-refs.lock", "HEAD.lock"] {
            try Data().write(to: copy.appendingPathComponent(name))
          }
        }
      ),
    ]
    for (number, (name, damage)) in damages.enumerated() {
      try damage(try served.copy())
      try served.edit(port: 100 + number)
      let result = try served.publish()
      #expect(result.exitStatus == 0, "\(name): \(result.standardError)")
      #expect(result.standardOutput.contains("2 updated"), "\(name)")
      #expect(
        try served.output("fsck", "--full", "--strict").contains("error") == false, "\(name)")
    }
    #expect(try served.output("rev-list", "--count", "main") == "\(damages.count + 1)")
  }

  @Test func oneProcessAtATimeUsesACopy() throws {
    let served = try ServedPlatform()
    _ = try served.publish()
    let lock = try #require(
      try FileManager.default.contentsOfDirectory(atPath: served.cache.path)
        .first { $0.hasSuffix(".lock") })
    let path = served.cache.path + "/" + lock
    let descriptor = open(path, O_RDWR)
    #expect(flock(descriptor, LOCK_EX) == 0)
    let blocked = try served.publish("--timeout", "0.5")
    #expect(blocked.exitStatus == 2)
    #expect(blocked.standardError.contains("it holds '\(path)'"))
    close(descriptor)
    #expect(try served.publish().exitStatus == 0)
  }
}

/// Writes every pack of a copy anew, with its bytes changed.
private func spoilPacks(_ copy: URL, _ change: (Data) -> Data) throws {
  let folder = copy.appendingPathComponent("objects/pack")
  for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
  where name.hasSuffix(".pack") {
    let file = folder.appendingPathComponent(name)
    let bytes = try Data(contentsOf: file)
    try FileManager.default.removeItem(at: file)
    try change(bytes).write(to: file)
  }
}
