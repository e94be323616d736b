import Foundation
import Testing

/// `pave set` and `pave promote`: what is written into an intent, and what is refused.
@Suite struct EditTests {
  @Test func setsInAnEnvironmentAndKeepsTheRest() throws {
    let platform = try promotingPlatform()
    let run = try platform.pave(
      "set", "home", "spec.image=web:1.10", "--environment", "dev", "--commit")
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(run.standardOutput.contains("-  dev: {spec: {image: \"web:1.9\"}}  # tried first"))
    #expect(run.standardOutput.contains("+  dev: {spec: {image: \"web:1.10\"}}  # tried first"))
    #expect(run.standardOutput.contains("data.image: \"web:1.9\" → \"web:1.10\""))
    #expect(try platform.git("status", "--porcelain") == "")
    #expect(
      try platform.git("log", "-1", "--format=%s%n%b")
        == "Set spec.image of home in dev\n- Site/web/home: spec.image in dev is web:1.10")
    #expect(try platform.git("diff", "--numstat", "HEAD~1") == "1\t1\tapps/home.yaml")
  }

  @Test func aValueIsATextWhereTheSchemaWantsOne() throws {
    let platform = try promotingPlatform()
    #expect(
      try platform.pave("set", "home", "spec.image=1.10", "--environment", "dev").exitStatus == 0)
    #expect(try platform.read("apps/home.yaml").contains("dev: {spec: {image: \"1.10\"}}"))
    #expect(try platform.pave("set", "home", "spec.port=9090").exitStatus == 0)
    #expect(try platform.read("apps/home.yaml").contains("port: 9090  # of the container"))
    let again = try platform.pave("set", "home", "spec.port=9090")
    #expect(again.exitStatus == 0 && again.standardOutput == "nothing to change\n")
  }

  /// An intent without the block is for every environment, and must stay so.
  @Test func theFirstPatchLeavesNoEnvironmentOut() throws {
    let platform = try TemporaryPlatform()
    #expect(
      try platform.pave("set", "web/home", "spec.port=1", "--environment", "prod").exitStatus == 0)
    let text = try platform.read("apps/home.yaml")
    #expect(text.hasPrefix(TemporaryPlatform.intent(port: 8080)))
    #expect(text.contains("dev:"))
    let rendered = try platform.pave("render").standardOutput
    #expect(rendered.contains("port: \"8080\"") && rendered.contains("port: \"1\""))
  }

  @Test func promotesInTheOrderOfThePlatform() throws {
    let platform = try promotingPlatform()
    let dry = try platform.pave("promote", "home", "--to", "prod", "--dry-run")
    #expect(dry.exitStatus == 0 && dry.standardOutput.contains("\"web:1.8\" → \"web:1.9\""))
    #expect(try platform.git("status", "--porcelain") == "")
    let run = try platform.pave("promote", "home", "--from", "dev", "--to", "prod", "--commit")
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(try platform.read("apps/home.yaml").contains("prod:\n    spec:\n      image: web:1.9"))
    #expect(try platform.git("log", "-1", "--format=%s") == "Promote home to prod")
    #expect(
      try platform.pave("promote", "home", "--to", "prod").standardOutput == "nothing to change\n")
  }

  @Test(arguments: [
    (["set", "hom", "spec.image=x", "--environment", "dev"], 2, "did you mean 'home'?"),
    (["set", "home", "image=x"], 2, "write 'spec.image'"),
    (["set", "home", "spec.image=x", "--environment", "pord"], 2, "did you mean 'prod'?"),
    (["set", "home", "spec.image=x"], 1, "intent/promoted-field"),
    (["set", "home", "spec.port=many"], 1, "intent/wrong-type"),
    (["set", "home", "spec.prot=1"], 1, "did you mean 'port'?"),
    (["set", "home", "spec"], 2, "FIELD=VALUE"),
    (["set", "home", "spec.[=1"], 2, "is no field"),
    (["set", "home", "spec.list[0]=x", "--environment", "dev"], 2, "replaces lists whole"),
    (["promote", "home", "--to", "dev"], 2, "promotes from no environment"),
    (["promote", "home", "--from", "prod", "--to", "prod"], 2, "promotes from 'dev'"),
    (
      ["promote", "home", "--to", "prod", "--field", "metadata.name"], 2, "no field that can be set"
    ),
  ])
  func refusesAndWritesNothing(arguments: [String], status: Int32, reason: String) throws {
    let platform = try promotingPlatform()
    let run = try runPave(arguments, in: platform.folder, environment: [:])
    #expect(run.exitStatus == status, "\(run)")
    #expect(run.standardError.contains(reason), "\(run.standardError)")
    #expect(try platform.git("status", "--porcelain") == "")
  }

  @Test func aCommitHoldsNothingElse() throws {
    let platform = try promotingPlatform()
    try platform.write("apps/home.yaml", platform.read("apps/home.yaml") + "# a note\n")
    let run = try platform.pave("set", "home", "spec.port=1", "--commit")
    #expect(run.exitStatus == 2 && run.standardError.contains("not committed"))
    try platform.commit("A note")
    try platform.write("other.txt", "not ours\n")
    _ = try platform.git("add", "other.txt")
    #expect(try platform.pave("set", "home", "spec.port=1", "--commit").exitStatus == 0)
    #expect(try platform.git("show", "--name-only", "--format=", "HEAD") == "apps/home.yaml")
  }
}

/// A platform whose image moves from dev to prod.
func promotingPlatform() throws -> TemporaryPlatform {
  let platform = try TemporaryPlatform()
  try platform.promoteFromDev()
  try platform.write(
    "paths/site/path.yaml",
    TemporaryPlatform.goldenPath.replacingOccurrences(
      of: "spec: {port: integer}", with: "spec: {port: integer, image: string}"
    ).replacingOccurrences(
      of: "data: {", with: "data: {image: \"${schema.spec.image}\", "
    ).replacingOccurrences(of: "  resources:", with: "  promoted: [spec.image]\n  resources:"))
  try platform.write(
    "apps/home.yaml",
    """
    # Our front page.
    apiVersion: tiny.dev/v1
    kind: Site
    metadata: {name: home, namespace: web}
    spec:
      port: 8080  # of the container
    environments:
      dev: {spec: {image: "web:1.9"}}  # tried first
      prod:
        spec:
          image: web:1.8

    """)
  try platform.commit("Promote images")
  return platform
}

extension TemporaryPlatform {
  func read(_ path: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
  }
}
