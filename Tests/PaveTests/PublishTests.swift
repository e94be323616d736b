import Foundation
import Testing

/// `pave publish` and `pave diff` against repositories made by the `git` command.
@Suite struct PublishTests {
  @Test func publishesACommitAndNothingTwice() throws {
    let platform = try TemporaryPlatform()
    let refused = try platform.pave("publish")
    #expect(refused.exitStatus == 2)
    #expect(refused.standardError.contains("there is no output repository '../out.git'"))
    #expect(!platform.outputExists)

    let first = try platform.pave("publish", "--create")
    #expect(first.exitStatus == 0)
    #expect(first.standardOutput.contains("2 created in dev, prod; 1 intent"))
    #expect(try platform.output("fsck", "--full", "--strict").contains("error") == false)
    let tip = try platform.output("rev-parse", "main")
    #expect(try platform.pave("publish").standardOutput.contains("no changes"))
    #expect(try platform.output("rev-parse", "main") == tip)
    #expect(
      try platform.output("cat-file", "-p", "main:dev/web/home/configmap-home.yaml")
        .contains("port: \"8080\""))
  }

  @Test func showsAndPublishesWhatAnEditChanges() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    let diff = try platform.pave("diff")
    #expect(diff.exitStatus == 0)
    #expect(diff.standardOutput.contains("-  port: \"8080\"\n+  port: \"9090\""))
    #expect(try platform.pave("diff", "--exit-code").exitStatus == 1)

    let dirty = try platform.pave("publish")
    #expect(dirty.exitStatus == 2)
    #expect(dirty.standardError.contains("'apps/home.yaml'"))
    let dry = try platform.pave("publish", "--dry-run")
    #expect(dry.exitStatus == 0)
    #expect(dry.standardOutput.contains("nothing was written"))

    try platform.commit("Move the port")
    #expect(try platform.pave("publish").standardOutput.contains("2 updated in dev, prod"))
    #expect(try platform.output("log", "--format=%s").contains("Move the port"))
    #expect(try platform.pave("diff").standardOutput == "no changes\n")
  }

  @Test func prunesWhatIsGoneAndKeepsWhatIsForeign() throws {
    let platform = try TemporaryPlatform()
    try platform.write("apps/away.yaml", TemporaryPlatform.intent("away", port: 1))
    try platform.commit("Two apps")
    _ = try platform.pave("publish", "--create")
    try platform.commitToOutput(path: "README.md", text: "ours\n")
    try platform.remove("apps/away.yaml")
    try platform.commit("One app")
    #expect(try platform.pave("publish").standardOutput.contains("2 deleted in dev, prod"))
    let files = try platform.output("ls-tree", "-r", "--name-only", "main")
    #expect(files.contains("README.md"))
    #expect(!files.contains("away"))
  }

  @Test func anOlderRunnerNeverWins() throws {
    let platform = try TemporaryPlatform()
    let old = try platform.git("rev-parse", "HEAD")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Later")
    _ = try platform.pave("publish", "--create")
    let tip = try platform.output("rev-parse", "main")
    let late = try platform.pave("publish", "--revision", old)
    #expect(late.exitStatus == 0)
    #expect(late.standardOutput.contains("superseded"))
    #expect(try platform.output("rev-parse", "main") == tip)

    _ = try platform.git("checkout", "-q", "-b", "apart", old)
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 7070))
    try platform.commit("Apart")
    let diverged = try platform.pave("publish")
    #expect(diverged.exitStatus == 2)
    #expect(diverged.standardError.contains("--allow-rewind"))
    #expect(try platform.output("rev-parse", "main") == tip)
    #expect(try platform.pave("publish", "--allow-rewind").exitStatus == 0)
    #expect(try platform.output("rev-parse", "main") != tip)
  }

  @Test func nothingMovesWhenOneEnvironmentFails() throws {
    let platform = try TemporaryPlatform(branch: "env/${environment.name}")
    _ = try platform.pave("publish", "--create")
    let before = try platform.output("for-each-ref")
    #expect(before.contains("refs/heads/env/dev"))
    #expect(before.contains("refs/heads/env/prod"))
    try platform.write(
      "apps/home.yaml",
      TemporaryPlatform.intent(port: 9090) + "environments: {dev: {}, prod: {spec: {port: x}}}\n")
    try platform.commit("Broken in prod")
    #expect(try platform.pave("publish").exitStatus == 1)
    #expect(try platform.output("for-each-ref") == before)
  }

  @Test func refusesABranchThatIsCheckedOutAndALockedOne() throws {
    let platform = try TemporaryPlatform(repository: ".", branch: "main")
    let checkedOut = try platform.pave("publish")
    #expect(checkedOut.exitStatus == 2)
    #expect(checkedOut.standardError.contains("checked out"))
    try platform.write(
      "pave.yaml", TemporaryPlatform.platform(repository: ".", branch: "deploy"))
    try platform.commit("Publish beside")
    #expect(try platform.pave("publish").exitStatus == 0)
    #expect(try platform.git("ls-tree", "-r", "--name-only", "deploy").contains("dev/web/home"))

    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Another port")
    try platform.write(".git/refs/heads/deploy.lock", "")
    let locked = try platform.pave("publish")
    #expect(locked.exitStatus == 2)
    #expect(locked.standardError.contains("deploy.lock"))
  }

  @Test func anEmptyRenderingIsRefusedUnlessItIsMeant() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    try platform.write("apps/home.yaml", "")
    try platform.commit("Everything away")
    let refused = try platform.pave("publish")
    #expect(refused.exitStatus == 1)
    #expect(refused.standardError.contains("output/empty-rendering"))
    let meant = try platform.pave("publish", "--allow-empty")
    #expect(meant.exitStatus == 0)
    #expect(meant.standardOutput.contains("2 deleted"))
  }
}
