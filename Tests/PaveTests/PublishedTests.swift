import Foundation
import Testing

/// `pave status`, `pave log` and `pave verify`: what is published, since when, and whether it is what it says.
@Suite struct PublishedTests {
  @Test func statusShowsVersionAndSource() throws {
    let platform = try deployingPlatform()
    #expect(try platform.pave("publish", "--create").exitStatus == 0)
    let first = try platform.short()
    _ = try platform.pave(
      "set", "home", "spec.image=web:2.0", "--environment", "dev", "--commit")
    let second = try platform.short()
    try platform.write("apps/later.yaml", platform.intent("later"))
    try platform.commit("One more")
    #expect(
      try cells(platform.pave("status")) == [
        ["app", "dev", "prod"], ["Site/web/home", "1.9 \(first)", "1.8 \(first)"],
        ["Site/web/later", "-", "-"],
      ])
    #expect(try platform.pave("publish").exitStatus == 0)
    let third = try platform.short()
    try platform.remove("apps/later.yaml")
    try platform.commit("One less")
    #expect(
      try cells(platform.pave("status")) == [
        ["app", "dev", "prod"], ["Site/web/home", "2.0 \(third)", "1.8 \(first)"],
        ["Site/web/later", "1.9 \(third) (gone)", "1.8 \(third) (gone)"],
      ])
    #expect(second != third)
    let json = try JSONSerialization.jsonObject(
      with: Data(
        platform.pave("status", "home", "--environment", "dev", "--format", "json").standardOutput
          .utf8))
    let app = try #require(((json as? [String: Any])?["apps"] as? [[String: Any]])?.first)
    let cell = try #require((app["environments"] as? [[String: Any]])?.first)
    #expect(cell["version"] as? String == "2.0")
    #expect(cell["state"] as? String == "published")
    #expect((cell["source"] as? String)?.hasPrefix(third) == true)
    #expect(cell["path"] as? String == "dev/web/home")
  }

  /// The cells of a table, line by line.
  private func cells(_ run: Transcript) -> [[String]] {
    run.standardOutput.split(separator: "\n").map { line in
      line.components(separatedBy: "   ").filter { !$0.isEmpty }.map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
  }

  @Test func nothingIsPublishedYet() throws {
    let platform = try deployingPlatform()
    for command in ["status", "log home"] {
      let run = try runPave(
        command.split(separator: " ").map(String.init), in: platform.folder)
      #expect(run.exitStatus == 0, "\(run)")
      #expect(run.standardError.contains("no output repository yet"), "\(run)")
    }
    let verify = try platform.pave("verify")
    #expect(verify.exitStatus == 2 && verify.standardError.contains("no output repository yet"))
  }

  @Test func logListsWhatChangedAnApp() throws {
    let platform = try deployingPlatform()
    _ = try platform.pave("publish", "--create")
    try platform.write("apps/later.yaml", platform.intent("later"))
    try platform.commit("One more")
    _ = try platform.pave("publish")
    _ = try platform.pave("set", "home", "spec.image=web:2.0", "--environment", "dev", "--commit")
    _ = try platform.pave("publish")
    try platform.commitToOutput(
      path: "dev/web/home/deployment-home.yaml", text: "kind: Deployment\n")
    let lines = try platform.pave("log", "home").standardOutput.split(separator: "\n")
    try #require(lines.count == 3, "\(lines)")
    #expect(lines[0].contains("by hand (A)") && lines[0].contains("By hand"))
    #expect(lines[1].contains("dev ") && lines[1].contains("1 updated"))
    #expect(try lines[1].contains("from \(platform.short())"))
    #expect(lines[2].contains("dev,prod") && lines[2].contains("2 created"))
    #expect(try platform.pave("log", "later").standardOutput.split(separator: "\n").count == 1)
    #expect(
      try platform.pave("log", "home", "--limit", "1").standardOutput.split(separator: "\n").count
        == 1)
    let json = try platform.pave("log", "home", "--format", "json").standardOutput
    #expect(json.contains("\"source\": null") && json.contains("\"updated\": 1"))
  }

  @Test func logFollowsSquashedAndMergedProposals() throws {
    let platform = try deployingPlatform(
      branch: "env/${environment.name}", output: "proposal: true")
    _ = try platform.pave("publish", "--create")
    _ = try platform.output("update-ref", "refs/heads/env/dev", "refs/heads/env/dev-next")
    let first = try platform.short()
    _ = try platform.pave("set", "home", "spec.image=web:2.0", "--environment", "dev", "--commit")
    _ = try platform.pave("publish")
    let second = try platform.short()
    #expect(
      try platform.pave("status", "--environment", "dev").standardOutput.contains("1.9 \(first)"))
    #expect(
      try platform.pave("status", "--environment", "dev", "--proposed").standardOutput
        .contains("2.0 \(second)"))
    // As a merge commit, and as one commit that somebody else wrote.
    for parents in [["-p", "env/dev", "-p", "env/dev-next"], ["-p", "env/dev"]] {
      let tip = try platform.output("rev-parse", "env/dev")
      let commit = try platform.runProgram(
        ["git", "commit-tree", "env/dev-next^{tree}"] + parents + ["-m", "Promote"],
        in: platform.root.appendingPathComponent("out.git"))
      _ = try platform.output("update-ref", "refs/heads/env/dev", commit)
      #expect(
        try platform.pave("status", "--environment", "dev").standardOutput
          .contains("2.0 \(second)"))
      #expect(
        try platform.pave("log", "home", "--environment", "dev").standardOutput
          .contains("from \(second)"))
      #expect(try platform.pave("verify", "--environment", "dev").exitStatus == 0)
      _ = try platform.output("update-ref", "refs/heads/env/dev", tip)
    }
  }

  @Test func verifyFindsEveryKindOfEdit() throws {
    let platform = try deployingPlatform(output: "delivery: {engine: argocd}")
    _ = try platform.pave("publish", "--create")
    let clean = try platform.pave("verify")
    #expect(clean.exitStatus == 0, "\(clean)")
    #expect(clean.standardError.contains("is what it renders"))
    let published = try platform.output("rev-parse", "main")
    // What the platform became since does not matter.
    try platform.write("paths/site/path.yaml", "broken: [\n")
    try platform.commit("Break it")
    _ = try platform.git("revert", "--no-edit", "HEAD")

    func findings(_ edit: (URL) throws -> Void) throws -> String {
      let clone = platform.root.appendingPathComponent("edit-\(UUID().uuidString)")
      _ = try platform.runProgram(["git", "clone", "-q", "out.git", clone.path], in: platform.root)
      try edit(clone)
      _ = try platform.runProgram(["git", "add", "-A"], in: clone)
      _ = try platform.runProgram(["git", "commit", "-q", "-m", "By hand"], in: clone)
      _ = try platform.runProgram(
        ["git", "push", "-q", "origin", "HEAD:refs/heads/edit"], in: clone)
      let run = try platform.pave("verify", "edit", "--format", "concise")
      _ = try platform.output("update-ref", "-d", "refs/heads/edit")
      #expect(run.exitStatus == 1, "\(run)")
      return run.standardOutput
    }
    let deployment = "dev/web/home/deployment-home.yaml"
    let edited = try findings { clone in
      let file = clone.appendingPathComponent(deployment)
      try (String(contentsOf: file, encoding: .utf8) + "# more\n").write(
        to: file, atomically: true, encoding: .utf8)
    }
    #expect(edited.contains("output/edited-by-hand") && edited.contains(deployment))
    let missing = try findings { clone in
      try FileManager.default.removeItem(at: clone.appendingPathComponent(deployment))
    }
    #expect(missing.contains("output/missing-file"))
    let foreign = try findings { clone in
      try "kind: X\n".write(
        to: clone.appendingPathComponent("dev/web/home/x.yaml"), atomically: true, encoding: .utf8)
      try "kind: X\n".write(
        to: clone.appendingPathComponent("delivery/dev/x.yaml"), atomically: true, encoding: .utf8)
    }
    #expect(foreign.contains("dev/web/home/x.yaml") && foreign.contains("delivery/dev/x.yaml"))
    #expect(foreign.components(separatedBy: "output/foreign-file").count == 3)
    let executable = try findings { clone in
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: clone.appendingPathComponent(deployment).path)
    }
    #expect(executable.contains("output/edited-by-hand"))
    let inventory = try findings { clone in
      try "pave inventory 1\nenvironment dev\n".write(
        to: clone.appendingPathComponent(".pave/tiny/dev/web/home"), atomically: true,
        encoding: .utf8)
    }
    #expect(inventory.contains("output/bad-inventory"))
    let forged = try findings { clone in
      let file = clone.appendingPathComponent(deployment)
      let list = clone.appendingPathComponent(".pave/tiny/dev/web/home")
      let old = try platform.runProgram(["git", "hash-object", file.path], in: clone)
      try (String(contentsOf: file, encoding: .utf8) + "# more\n").write(
        to: file, atomically: true, encoding: .utf8)
      let new = try platform.runProgram(["git", "hash-object", file.path], in: clone)
      try String(contentsOf: list, encoding: .utf8).replacingOccurrences(of: old, with: new).write(
        to: list, atomically: true, encoding: .utf8)
    }
    #expect(forged.contains("output/differs-from-source"))
    #expect(try platform.output("rev-parse", "main") == published)
    #expect(try platform.pave("verify", "no-such").exitStatus == 2)
  }

  @Test func protectedObjectsAreNotDeleted() throws {
    let platform = try deployingPlatform()
    try platform.write(
      "paths/site/path.yaml",
      platform.read("paths/site/path.yaml").replacingOccurrences(
        of: "metadata: {name: \"${schema.metadata.name}\"}",
        with:
          "metadata: {name: \"${schema.metadata.name}\", annotations: {pave.dev/protected: \"true\"}}"
      ))
    try platform.commit("Protect")
    _ = try platform.pave("publish", "--create")
    try platform.write("apps/other.yaml", platform.intent("other"))
    try platform.remove("apps/home.yaml")
    try platform.commit("Another one")
    let run = try platform.pave("publish")
    #expect(run.exitStatus == 1, "\(run)")
    #expect(run.standardError.contains("output/protected-deletion"))
    #expect(run.standardError.contains("--allow-protected"))
    #expect(try platform.pave("publish", "--allow-protected").exitStatus == 0)
    // In another file it is still there.
    try platform.write(
      "pave.yaml",
      platform.read("pave.yaml").replacingOccurrences(
        of: "output: {", with: "output: {path: \"x/${environment.name}/${intent.metadata.name}\", ")
    )
    try platform.commit("Move all")
    let moved = try platform.pave("publish")
    #expect(moved.exitStatus == 0, "\(moved)")
  }

  @Test func aDryRunShowsTheCommit() throws {
    let platform = try deployingPlatform()
    let source = try platform.git("rev-parse", "HEAD")
    let run = try platform.pave("publish", "--dry-run")
    #expect(run.exitStatus == 0)
    #expect(run.standardOutput.contains("Author: A <a@b.test>"))
    #expect(run.standardOutput.contains("    Pave-Source-Commit: \(source)"))
    #expect(run.standardOutput.contains("+kind: Deployment"))
    #expect(!platform.outputExists)
  }
}

/// A platform of Deployments whose image moves from dev to prod.
func deployingPlatform(branch: String = "main", output: String = "") throws -> TemporaryPlatform {
  let platform = try TemporaryPlatform(branch: branch, output: output)
  try platform.promoteFromDev()
  try platform.write(
    "paths/site/path.yaml",
    """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: site}
    spec:
      schema:
        group: tiny.dev
        apiVersion: v1
        kind: Site
        spec: {image: string}
      promoted: [spec.image]
      resources:
        - id: app
          template:
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: "${schema.metadata.name}"}
            spec:
              selector: {matchLabels: {app: "${schema.metadata.name}"}}
              template:
                metadata: {labels: {app: "${schema.metadata.name}"}}
                spec: {containers: [{name: app, image: "${schema.spec.image}"}]}

    """)
  try platform.write("apps/home.yaml", platform.intent("home"))
  try platform.commit("Deploy")
  return platform
}

extension TemporaryPlatform {
  func intent(_ name: String) -> String {
    """
    apiVersion: tiny.dev/v1
    kind: Site
    metadata: {name: \(name), namespace: web}
    environments:
      dev: {spec: {image: "web:1.9"}}
      prod: {spec: {image: "web:1.8"}}

    """
  }

  /// The platform's HEAD, as Pave shortens ids.
  func short() throws -> String { String(try git("rev-parse", "HEAD").prefix(7)) }
}
