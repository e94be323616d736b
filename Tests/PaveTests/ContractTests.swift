import Foundation
import Testing

/// What Argo CD and GitOps Promoter read in an output beside the manifests.
@Suite struct ContractTests {
  @Test func metadataNamesTheSourceAndItsReference() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.git("remote", "add", "origin", "git@git.acme.test:acme/platform.git")
    _ = try platform.git(
      "commit", "-q", "--allow-empty", "--date=1700000000 +0100", "-m",
      """
      Bump <checkout>

      More of it.

      Argocd-reference-commit-author: Bob <bob@acme.test>
      Argocd-reference-commit-sha: 0123abc
      Argocd-reference-commit-subject: Fix it
      Argocd-reference-commit-body: "Line\\nline"
      Argocd-reference-commit-repourl: https://git.acme.test/acme/checkout
      Argocd-reference-commit-date: 2025-06-09T13:50:18-04:00
      Argocd-reference-commit-other: stays
      """)
    let source = try platform.git("rev-parse", "HEAD")
    #expect(try platform.pave("publish", "--create").exitStatus == 0)
    #expect(
      try platform.output("show", "main:hydrator.metadata") == """
        {
          "repoURL": "https://git.acme.test/acme/platform.git",
          "drySha": "\(source)",
          "author": "A <a@b.test>",
          "date": "2023-11-14T22:13:20Z",
          "subject": "Bump <checkout>",
          "body": "More of it.\\n\\nArgocd-reference-commit-other: stays",
          "references": [
            {
              "commit": {
                "author": "Bob <bob@acme.test>",
                "date": "2025-06-09T13:50:18-04:00",
                "subject": "Fix it",
                "body": "Line\\nline",
                "sha": "0123abc",
                "repoURL": "https://git.acme.test/acme/checkout"
              }
            }
          ]
        }
        """)
    #expect(
      try platform.output("show", "main:.gitattributes").hasPrefix(
        "**/hydrator.metadata linguist-generated=true"))
  }

  @Test func notesSayUpToWhichCommitItWasProcessed() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    let tip = try platform.output("rev-parse", "main")
    func note() throws -> String {
      try platform.output("notes", "--ref=hydrator.metadata", "show", tip)
    }
    let first = try platform.git("rev-parse", "HEAD")
    #expect(try note() == "{\"drySha\":\"\(first)\"}")
    _ = try platform.git("commit", "-q", "--allow-empty", "-m", "Nothing of ours")
    let second = try platform.git("rev-parse", "HEAD")
    #expect(try platform.pave("publish").standardOutput.contains("no changes"))
    #expect(try platform.output("rev-parse", "main") == tip)
    #expect(try note() == "{\"drySha\":\"\(second)\"}")
    let notes = try platform.output("rev-parse", "refs/notes/hydrator.metadata")
    _ = try platform.pave("publish")
    #expect(try platform.output("rev-parse", "refs/notes/hydrator.metadata") == notes)
    // A note that Git itself wrote, in its own place, is replaced.
    _ = try platform.output(
      "-c", "user.name=A", "-c", "user.email=a@b.test", "notes", "--ref=hydrator.metadata", "add",
      "-f", "-m", "{\"drySha\": \"\(first)\"}", tip)
    _ = try platform.pave("publish")
    #expect(try note() == "{\"drySha\":\"\(second)\"}")
    #expect(
      try platform.output("notes", "--ref=hydrator.metadata", "list").split(separator: "\n").count
        == 1)
    #expect(try platform.output("fsck", "--full", "--strict").contains("error") == false)
  }

  /// A change that was taken back leaves the output as it was: only the note says that its commit
  /// must not be published any more.
  @Test func aRunnerOlderThanTheNoteDoesNotWin() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.pave("publish", "--create")
    let tip = try platform.output("rev-parse", "main")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Move the port")
    let late = try platform.git("rev-parse", "HEAD")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 8080))
    try platform.commit("Move it back")
    #expect(try platform.pave("publish").standardOutput.contains("no changes"))
    let run = try platform.pave("publish", "--revision", late)
    #expect(run.exitStatus == 0 && run.standardOutput.contains("superseded"))
    #expect(try platform.output("rev-parse", "main") == tip)
  }

  @Test func proposalsGoToTheBranchBeside() throws {
    let platform = try TemporaryPlatform(
      branch: "env/${environment.name}", output: "proposal: true")
    #expect(try platform.pave("publish", "--create").exitStatus == 0)
    #expect(
      try platform.output("for-each-ref", "--format=%(refname)", "refs/heads")
        == "refs/heads/env/dev-next\nrefs/heads/env/prod-next")
    // The first proposal of a branch that is there begins at its tip.
    _ = try platform.output("update-ref", "refs/heads/env/dev", "refs/heads/env/dev-next")
    _ = try platform.output("update-ref", "-d", "refs/heads/env/dev-next")
    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    try platform.commit("Move the port")
    #expect(try platform.pave("publish").exitStatus == 0)
    #expect(
      try platform.output("rev-parse", "env/dev-next^") == platform.output("rev-parse", "env/dev"))
  }

  @Test func aRepositoryAnEnvironment() throws {
    let platform = try TemporaryPlatform(repository: "../out-${environment.name}.git")
    #expect(
      try platform.pave("publish", "--dry-run").standardOutput.contains("nothing was written"))
    let first = try platform.pave("publish", "--create")
    #expect(first.exitStatus == 0, "\(first.standardError)")
    #expect(first.standardOutput.contains("../out-dev.git main: new -> "))
    func files(_ name: String) throws -> String {
      try platform.runProgram(
        ["git", "ls-tree", "-r", "--name-only", "main"],
        in: platform.root.appendingPathComponent(name))
    }
    #expect(try files("out-dev.git").contains("dev/web/home/configmap-home.yaml"))
    #expect(try !files("out-dev.git").contains("prod"))
    #expect(try files("out-prod.git").contains("prod/web/home/configmap-home.yaml"))

    try platform.write("apps/home.yaml", TemporaryPlatform.intent(port: 9090))
    #expect(try platform.pave("diff").standardOutput.contains("2 updated"))
    try platform.commit("Move the port")
    // One that cannot be moved: what was moved before it is named, and running again converges.
    let lock = platform.root.appendingPathComponent("out-prod.git/refs/heads/main.lock")
    try Data().write(to: lock)
    let partial = try platform.pave("publish")
    #expect(partial.exitStatus == 2)
    #expect(partial.standardError.contains("published already: main -> "))
    try FileManager.default.removeItem(at: lock)
    let again = try platform.pave("publish")
    #expect(again.exitStatus == 0)
    #expect(again.standardOutput.contains("no changes"))
    #expect(again.standardOutput.contains("1 updated in prod"))
    #expect(try platform.pave("diff").standardOutput == "no changes\n")
  }
}
