import Foundation
import Testing

/// `pave publish` to Git servers on this machine: git's http-backend behind `scripts/git-server`.
@Suite struct RemotePublishTests {
  @Test func publishesOverHTTPAndNothingTwice() throws {
    let served = try ServedPlatform()
    let dry = try served.publish("--dry-run")
    #expect(dry.exitStatus == 0)
    #expect(dry.standardOutput.contains("nothing was written"))
    #expect(try served.tip() == "")
    #expect(try served.publish().standardOutput.contains("2 created in dev, prod"))
    let first = try served.tip()
    #expect(try served.publish().standardOutput.contains("no changes"))
    #expect(try served.tip() == first)

    // Somebody else's commit is fetched and built upon.
    _ = try served.platform.git("clone", "-q", served.served.path + "/deploy.git", "../clone")
    try served.platform.write("../clone/README.md", "ours\n")
    _ = try served.platform.git("-C", "../clone", "add", "-A")
    _ = try served.platform.git("-C", "../clone", "commit", "-q", "-m", "By hand")
    _ = try served.platform.git("-C", "../clone", "push", "-q", "origin", "main")
    try served.edit(port: 9090)
    #expect(try served.publish().standardOutput.contains("2 updated in dev, prod"))
    #expect(try served.output("log", "--format=%s", "main").split(separator: "\n").count == 3)
    #expect(try served.output("ls-tree", "-r", "--name-only", "main").contains("README.md"))

    // A machine that knows nothing yet comes to the same.
    try FileManager.default.removeItem(at: served.cache)
    #expect(try served.publish().standardOutput.contains("no changes"))
    try served.expectSound()
  }

  @Test func connectsOnlyWhereItIsAllowedAndNeverToLint() throws {
    let served = try ServedPlatform()
    let refused = try served.publish(isAllowed: false)
    #expect(refused.exitStatus == 2)
    #expect(refused.standardError.contains("--allow-host 127.0.0.1"))
    #expect(!FileManager.default.fileExists(atPath: served.cache.path))
    let lint = try runPave(
      ["lint", "--cache", served.cache.path], in: served.platform.folder,
      environment: ["PAVE_ALLOWED_HOSTS": "127.0.0.1"])
    #expect(lint.standardError.contains("was not fetched to this machine yet"))
    #expect(try served.publish("--allow-host", "127.0.0.1", isAllowed: false).exitStatus == 0)
    let after = try runPave(["lint", "--cache", served.cache.path], in: served.platform.folder)
    #expect(after.standardError.contains("held against: what 'http://127.0.0.1"))
    let diff = try runPave(["diff", "--cache", served.cache.path], in: served.platform.folder)
    #expect(diff.standardOutput == "no changes\n")

    try served.use("http://git.acme.test/deploy.git")
    let plain = try served.publish("--allow-host", "git.acme.test")
    #expect(plain.exitStatus == 2)
    #expect(plain.standardError.contains("plain http"))
    #expect(plain.standardError.contains("--allow-http"))
  }

  @Test func tellsWhoItIsAndTellsNobodyElse() throws {
    let secret = "hunter22-\(UUID().uuidString)"
    let served = try ServedPlatform(password: secret)
    let nobody = try served.publish()
    #expect(nobody.exitStatus == 2)
    #expect(nobody.standardError.contains("PAVE_GIT_TOKEN"))
    let wrong = try served.publish(
      environment: ["PAVE_GIT_TOKEN": "not-" + secret, "PAVE_GIT_USER": "ada"])
    #expect(wrong.exitStatus == 2)
    #expect(!wrong.standardError.contains(secret))
    #expect(try served.tip() == "")
    let right = try served.publish(
      environment: ["PAVE_GIT_TOKEN": secret, "PAVE_GIT_USER": "ada"])
    #expect(right.exitStatus == 0, "\(right.standardError)")

    try served.use("http://ada:\(secret)@127.0.0.1:\(served.port)/deploy.git")
    try served.edit(port: 1)
    let address = try served.publish()
    #expect(address.exitStatus == 0, "\(address.standardError)")
    #expect(!(address.standardError + address.standardOutput).contains(secret))
    let lint = try runPave(["lint", "--cache", served.cache.path], in: served.platform.folder)
    #expect(lint.standardError.contains("held against: what 'http://***@127.0.0.1"))
    #expect(!(lint.standardError + lint.standardOutput).contains(secret))
    try served.use("http://ada:\(secret)@127.0.0.1:\(served.port)/gone.git")
    let gone = try served.publish()
    #expect(gone.exitStatus == 2)
    #expect(gone.standardError.contains("http://***@127.0.0.1:\(served.port)/gone.git"))
    #expect(!gone.standardError.contains(secret))

    // Nothing that is left on the disk, here or at the server, holds it.
    for folder in [served.cache.path, served.served.path] {
      let found = try served.platform.runProgram(
        ["sh", "-c", "grep -rlF -- '\(secret)' '\(folder)' || true"], in: served.platform.root)
      #expect(found == "")
    }
  }

  @Test(arguments: ["argocd", "flux"])
  func deliveryObjectsHoldNoSecret(engine: String) throws {
    let secret = "hunter22-\(UUID().uuidString)"
    let served = try ServedPlatform(password: secret)
    try served.platform.write(
      "pave.yaml",
      TemporaryPlatform.platform(
        repository: "http://ada:\(secret)@127.0.0.1:\(served.port)/deploy.git", branch: "main",
        output: "delivery: {engine: \(engine)}"))
    try served.platform.commit("Deliver")
    let result = try served.publish()
    #expect(result.exitStatus == 0, "\(result.standardError)")
    let files = try served.output("grep", "-hF", "-e", "127.0.0.1", "-e", "kind: Kustom", "main")
    #expect(!files.contains(secret) && !files.isEmpty)
    #expect(engine == "flux" || files.contains("http://127.0.0.1:\(served.port)/deploy.git"))
  }

  /// `git gc` here and there between publications, and clones of what came of it.
  @Test func clonesAndCollectionsOfGarbageWork() throws {
    let served = try ServedPlatform()
    for number in 1...3 {
      try served.edit(port: number)
      #expect(try served.publish().exitStatus == 0)
      _ = try served.output("gc", "-q", "--prune=now")
      _ = try served.platform.git("-C", try served.copy().path, "gc", "-q", "--prune=now")
    }
    let clone = served.platform.root.path + "/clone"
    _ = try served.platform.git(
      "clone", "-q", "http://127.0.0.1:\(served.port)/deploy.git", clone)
    #expect(
      try served.platform.git("-C", clone, "log", "--format=%T").split(separator: "\n").count == 3)
    let made = try served.platform.git(
      ["-C", clone, "cat-file", "commit", "HEAD"])
    #expect(made.hasPrefix("tree "))
    try served.expectSound()
  }

  @Test func asksGitsCredentialHelpers() throws {
    let served = try ServedPlatform(password: "hunter22")
    let home = served.platform.root
    let helper =
      "!f() { echo \"$1\" >> '\(home.path)/asked'; echo username=ada; echo password=hunter22; }; f"
    try Data("[credential]\n\thelper = \"\(helper.replacing("\"", with: "\\\""))\"\n".utf8)
      .write(to: home.appendingPathComponent(".gitconfig"))
    let result = try served.publish(environment: ["HOME": home.path])
    #expect(result.exitStatus == 0, "\(result.standardError)")
    let asked = try String(contentsOf: home.appendingPathComponent("asked"), encoding: .utf8)
    #expect(asked.hasPrefix("get\nstore\n"))
  }

  @Test func bothEnginesPushTheSame() throws {
    let served = try ServedPlatform()
    #expect(try served.publish("--push-engine", "stock").exitStatus == 0)
    let stock = try served.tip()
    _ = try served.output("update-ref", "-d", "refs/heads/main")
    try FileManager.default.removeItem(at: served.cache)
    #expect(try served.publish().exitStatus == 0)
    #expect(try served.tip() == stock)
    try served.expectSound()
  }

  @Test func anOlderRunnerNeverWins() throws {
    let served = try ServedPlatform()
    let old = try served.platform.git("rev-parse", "HEAD")
    try served.edit(port: 9090)
    _ = try served.publish()
    let tip = try served.tip()
    let late = try served.publish("--revision", old)
    #expect(late.exitStatus == 0)
    #expect(late.standardOutput.contains("superseded"))
    #expect(try served.tip() == tip)
  }

  @Test func severalBranchesGoByOnePush() throws {
    let served = try ServedPlatform(branch: "env/${environment.name}")
    let hook = served.served.appendingPathComponent("deploy.git/hooks/update")
    try FileManager.default.createDirectory(
      at: hook.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("#!/bin/sh\ntest \"$1\" != refs/heads/env/prod\n".utf8).write(to: hook)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook.path)
    let refused = try served.publish()
    #expect(refused.exitStatus == 2)
    #expect(refused.standardError.contains("env/prod"))
    #expect(try served.output("for-each-ref", "refs/heads") == "")
    try FileManager.default.removeItem(at: hook)
    #expect(try served.publish().exitStatus == 0)
    #expect(try served.tip("env/dev") != "")
    #expect(try served.tip("env/prod") != "")
    try served.expectSound()
  }

  @Test func publishersThatMeetLoseNothing() async throws {
    let served = try ServedPlatform()
    let names = ["red", "blue", "green"]
    let root = served.platform.root
    for name in names {
      _ = try served.platform.git("clone", "-q", ".", "../" + name)
      let file = root.appendingPathComponent(name + "/pave.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
        .replacing("name: tiny", with: "name: \(name)")
        .replacing(
          "main\"}", with: "main\", path: \"\(name)/${environment.name}/${intent.metadata.name}\"}")
      try Data(text.utf8).write(to: file)
    }
    let failures = await withTaskGroup(of: String.self) { group in
      for name in names {
        group.addTask { publishMany(name, in: root.appendingPathComponent(name), count: 4) }
      }
      return await group.reduce(into: "") { $0 += $1 }
    }
    #expect(failures == "")
    #expect(try served.output("rev-list", "--count", "main") == "12")
    #expect(try served.output("fsck", "--full", "--strict").contains("error") == false)
  }

  @Test(.enabled(if: hasProgram("openssl")))
  func trustsTheCertificatesAndUsesTheProxyThatItIsTold() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("certificate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("both.pem").path
    let authority = folder.appendingPathComponent("certificate.pem").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
      folder.path + "/key.pem", "-out", authority,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try
      (Data(contentsOf: folder.appendingPathComponent("key.pem"))
      + Data(contentsOf: URL(fileURLWithPath: authority))).write(to: URL(fileURLWithPath: file))
    let served = try ServedPlatform(certificate: file, host: "localhost")
    let refused = try served.publish()
    #expect(refused.exitStatus == 2)
    #expect(refused.standardError.contains("GIT_SSL_CAINFO"), "\(refused.standardError)")
    for variable in ["GIT_SSL_CAINFO", "SSL_CERT_FILE"] {
      let trusted = try served.publish(environment: [variable: authority])
      #expect(trusted.exitStatus == 0, "\(trusted.standardError)")
    }

    let tunnels = folder.appendingPathComponent("tunnels").path
    let proxy = try TestServer(
      "git-server", [folder.path, "--user", "eve", "--password", "hunter2/2"], lines: 1)
    try served.edit(port: 9090)
    func variables(_ person: String) -> [String: String] {
      [
        "GIT_SSL_CAINFO": authority,
        "https_proxy": "http://\(person)@127.0.0.1:\(proxy.lines[0])",
      ]
    }
    let around = try served.publish(
      environment: variables("eve:wrong").merging(["no_proxy": "localhost"]) { $1 })
    #expect(around.exitStatus == 0, "\(around.standardError)")
    #expect(!FileManager.default.fileExists(atPath: tunnels))
    try served.edit(port: 9091)
    let stranger = try served.publish(environment: variables("eve:wrong-word"))
    #expect(stranger.exitStatus == 2)
    #expect(!stranger.standardError.contains("wrong-word"), "\(stranger.standardError)")
    #expect(!FileManager.default.fileExists(atPath: tunnels))
    let through = try served.publish(environment: variables("eve:hunter2%2F2"))
    #expect(through.standardOutput.contains("2 updated"), "\(through.standardError)")
    #expect(
      try String(contentsOfFile: tunnels, encoding: .utf8).contains("localhost:\(served.port)\n"))
  }

  @Test(.enabled(if: hasProgram("sshd")))
  func publishesOverSSH() throws {
    let served = try ServedPlatform()
    let folder = served.platform.root.appendingPathComponent("ssh")
    let server = try TestServer("ssh-server", [folder.path], lines: 2)
    let ssh = server.lines[0]
    let address = "ssh://127.0.0.1:\(server.lines[1])\(served.served.path)/deploy.git"
    try served.use(address)
    let stranger = try served.publish(environment: ["GIT_SSH_COMMAND": "ssh -F none"])
    #expect(stranger.exitStatus == 2)
    #expect(stranger.standardError.contains("ssh-keyscan"), "\(stranger.standardError)")
    let known = "ssh -F none -o UserKnownHostsFile='\(folder.path)/known_hosts'"
    let refused = try served.publish(
      environment: ["GIT_SSH_COMMAND": known, "SSH_AUTH_SOCK": ""])
    #expect(refused.exitStatus == 2)
    #expect(refused.standardError.contains("ssh-agent"), "\(refused.standardError)")
    let first = try served.publish(environment: ["GIT_SSH_COMMAND": ssh])
    #expect(first.exitStatus == 0, "\(first.standardError)")
    try served.edit(port: 9090)
    let second = try served.publish(environment: ["GIT_SSH_COMMAND": ssh])
    #expect(second.standardOutput.contains("2 updated"), "\(second.standardError)")
    try served.expectSound()
    try served.use(address.replacing("deploy.git", with: "gone.git"))
    let gone = try served.publish(environment: ["GIT_SSH_COMMAND": ssh])
    #expect(gone.exitStatus == 2)
    #expect(gone.standardError.contains("there is no repository"), "\(gone.standardError)")
  }
}

/// What went wrong in some publications of one platform; empty when nothing did.
private func publishMany(_ name: String, in folder: URL, count: Int) -> String {
  let script = """
    set -e
    for number in $(seq \(count)); do
      sed -i "s/port: .*}/port: $number}/" apps/home.yaml
      git -c user.name=a -c user.email=a@b.test commit -qam "$number"
      "$PAVE" publish --cache "../cache-\(name)" --allow-host 127.0.0.1 2>&1
    done
    """
  do {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PAVE": paveExecutable.path, "HOME": folder.path]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : "\(name): \(text)"
  } catch {
    return "\(error)"
  }
}

/// Whether a program is on the PATH or where servers are.
private func hasProgram(_ name: String) -> Bool {
  let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  return (folders.map(String.init) + ["/usr/sbin"]).contains {
    FileManager.default.isExecutableFile(atPath: $0 + "/" + name)
  }
}
