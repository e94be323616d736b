import Foundation
import Testing

/// What the commits of an output say, and who signed them.
@Suite struct CommitTests {
  @Test func standardMessageNamesSourceAndAuthors() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.git(
      "commit", "-q", "--allow-empty", "--author=Ada <ada@acme.test>", "-m",
      "Raise it\n\nWhy.\n\nCo-authored-by: Bob <bob@acme.test>\nCo-authored-by: Ada <ada@acme.test>"
    )
    let source = try platform.git("rev-parse", "HEAD")
    #expect(try platform.pave("publish", "--create").exitStatus == 0)
    #expect(
      try platform.output("log", "-1", "--format=%B", "main") == """
        \(source.prefix(7)): Raise it

        2 created in dev, prod
        - Site/web/home

        Pave-Source-Commit: \(source)
        Pave-Platform: tiny
        Co-authored-by: Ada <ada@acme.test>
        Co-authored-by: Bob <bob@acme.test>
        """)
    #expect(
      try platform.output("log", "-1", "--format=%(trailers:key=Pave-Platform,valueonly)", "main")
        == "tiny")
  }

  @Test func messageIsATemplate() throws {
    let platform = try TemporaryPlatform(
      output: """
        author: {name: Deploy Bot, email: bot@acme.test}, message: "deploy(${platform.name}): \
        ${source.subject}\\n\\n${changes.summary} on ${branch}: ${changes.intents.join(' ')}, \
        ${string(changes.created)} new of ${source.short}\\n\\nReviewed-by: Eve <eve@acme.test>\\n"
        """)
    #expect(try platform.pave("publish", "--create").exitStatus == 0)
    let source = try platform.git("rev-parse", "HEAD")
    #expect(
      try platform.output("log", "-1", "--format=%an <%ae>%n%B", "main") == """
        Deploy Bot <bot@acme.test>
        deploy(tiny): Start

        2 created on main: Site/web/home, 2 new of \(source.prefix(7))

        Reviewed-by: Eve <eve@acme.test>
        Pave-Source-Commit: \(source)
        Pave-Platform: tiny
        Co-authored-by: A <a@b.test>
        """)
    let wrong = try TemporaryPlatform(output: "message: \"${source.subject +}\"")
    let refused = try wrong.pave("publish", "--create")
    #expect(refused.exitStatus == 2 && refused.standardError.contains("output/message"))
  }

  @Test func ed25519SignaturesAreTheSameInEveryRun() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.runProgram(
      ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"], in: platform.root)
    let key = platform.root.appendingPathComponent("key").path
    var commits: Set<String> = []
    for engine in ["own", "stock", "own"] {
      let run = try platform.pave("publish", "--create", "--sign", key, "--engine", engine)
      #expect(run.exitStatus == 0, "\(run.standardError)")
      commits.insert(try platform.output("rev-parse", "main"))
      #expect(try platform.output("fsck", "--full", "--strict").contains("error") == false)
      if commits.count == 1, engine == "own" {
        let signers = platform.root.appendingPathComponent("signers").path
        let publicKey = try String(contentsOfFile: key + ".pub", encoding: .utf8)
        try "a@b.test \(publicKey)".write(toFile: signers, atomically: true, encoding: .utf8)
        _ = try platform.output("config", "gpg.ssh.allowedSignersFile", signers)
        #expect(
          try platform.output("log", "-1", "--format=%G? %GS", "main") == "G a@b.test")
        _ = try platform.output("verify-commit", "main")
      }
      try platform.removeOutput()
    }
    #expect(commits.count == 1)
  }

  @Test func openPGPSignaturesAreGood() throws {
    let platform = try TemporaryPlatform()
    // A short path: the agent's socket stands below it.
    let home = "/tmp/pave-gpg-\(UInt32.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(
      atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer {
      _ = try? platform.runProgram(
        ["env", "GNUPGHOME=\(home)", "gpgconf", "--kill", "all"], in: platform.root)
      try? FileManager.default.removeItem(atPath: home)
    }
    _ = try platform.runProgram(
      [
        "env", "GNUPGHOME=\(home)", "gpg", "--batch", "--quiet", "--passphrase", "",
        "--quick-gen-key", "A <a@b.test>", "ed25519", "sign", "never",
      ], in: platform.root)
    let run = try platform.pave(
      "publish", "--create",
      environment: ["PAVE_SIGNING_KEY": "a@b.test", "GNUPGHOME": home])
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(
      try platform.runProgram(
        ["env", "GNUPGHOME=\(home)", "git", "log", "-1", "--format=%G?", "main"],
        in: platform.root.appendingPathComponent("out.git")) == "G")
  }

  @Test func keysComeFromTheUserAndNeverFromTheTree() throws {
    let platform = try TemporaryPlatform()
    _ = try platform.runProgram(
      ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"], in: platform.root)
    let key = platform.root.appendingPathComponent("key").path
    for (name, value) in [
      ("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("user.signingKey", key),
      ("gpg.ssh.program", "/bin/false"),
    ] {
      _ = try platform.git("config", name, value)
    }
    #expect(try platform.pave("publish", "--create").exitStatus == 0)
    #expect(try !platform.output("cat-file", "commit", "main").contains("gpgsig"))
    try platform.removeOutput()

    let file = platform.root.appendingPathComponent("user-config").path
    try "[commit]\ngpgSign = true\n[gpg]\nformat = ssh\n[user]\nsigningKey = ~/key\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    let global = ["GIT_CONFIG_GLOBAL": file]
    #expect(try platform.pave("publish", "--create", environment: global).exitStatus == 0)
    #expect(try platform.output("cat-file", "commit", "main").contains("\ngpgsig -----BEGIN SSH"))
    try platform.removeOutput()
    #expect(
      try platform.pave("publish", "--create", "--no-sign", environment: global).exitStatus == 0)
    #expect(try !platform.output("cat-file", "commit", "main").contains("gpgsig"))
  }

  @Test func whatCannotBeSignedIsNotPublished() throws {
    let platform = try TemporaryPlatform()
    let run = try platform.pave("publish", "--create", "--sign", "/no/such/key")
    #expect(run.exitStatus == 2)
    #expect(run.standardError.contains("cannot sign the commit with 'ssh-keygen'"))
    #expect(try platform.output("for-each-ref") == "")
  }
}
