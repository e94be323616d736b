import Diagnostics
import Documents
import Files
import Foundation
import Manifests
import Pipeline
import Testing

/// The policies that come with Pave.
@Suite struct BuiltInPackTests {
  static let members = BuiltInPack.members()

  @Test func everyCaseOfEveryPolicyPasses() throws {
    let tree = EmbeddedFiles.policies
    let tests = try tree.paths(under: "").filter { $0.hasSuffix("/tests.yaml") }
    var testing = PolicyTesting(tree)
    let run = testing.run(tests)
    #expect(run.findings.map { "\($0.rule): \($0.message)" } == [])
    #expect(run.cases.count > 200)
    #expect(run.failedCount == 0)
    #expect(Set(run.coverage.map(\.subject)) == Set(Self.members.map(\.name)))
    for row in run.coverage { #expect(row.reached == row.total, "\(row.subject)") }
  }

  @Test(arguments: members) func hasCasesOfBothKinds(member: BuiltInPack.Member) throws {
    let text = try text("\(member.name)/tests.yaml")
    #expect(text.contains("expect: admit"))
    #expect(text.contains(member.severity == "error" ? "expect: deny" : "expect: warn"))
  }

  @Test(arguments: members) func saysWhatItIs(member: BuiltInPack.Member) throws {
    #expect(!member.title.isEmpty && !member.why.isEmpty && !member.fix.isEmpty)
    #expect(["error", "warning"].contains(member.severity))
    #expect(!member.packs.isEmpty)
    #expect(member.name.hasPrefix("no-") || member.name.hasPrefix("require-"))
    // The severity that is told is the one that the binding has.
    let action = member.severity == "error" ? "Deny" : "Warn"
    for document in parseYAML(Array(member.text.utf8), file: member.name).documents {
      let spec = document.root["spec"]
      guard !spec["validationActions"].isAbsent else { continue }
      #expect(spec["validationActions"].elements.compactMap(\.asString) == [action])
    }
  }

  /// As files of a user's they are held to more: nothing is wrong with them by the schemas of all that they match.
  @Test func guardWhatMayBeMissing() throws {
    var files = PlainFiles(kubernetesMinor: 36)
    files.policies = Self.members.map {
      parseYAML(Array($0.text.utf8), file: "policies/\($0.name)/policy.yaml")
    }
    let object = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
    files.manifests = [parseYAML(Array(object.utf8), file: "object.yaml")]
    let problems = lint(files).findings.filter {
      $0.rule == "policy/unguarded-field" || $0.rule == "policy/type"
        || $0.rule == "policy/expensive"
    }
    #expect(problems.map { "\($0.policy ?? "") \($0.message)" } == [])
  }

  @Test func packsHoldThoseThatNameThem() throws {
    for pack in BuiltInPack.packs {
      let files = try #require(BuiltInPack.files(matching: "builtin:\(pack)"))
      let named = Self.members.filter { $0.packs.contains(pack) }.map(\.name)
      #expect(files.map(\.file) == named.map { "builtin:\($0)/policy.yaml" })
    }
    #expect(BuiltInPack.files(matching: "builtin:nothing-like-it") == nil)
    #expect(BuiltInPack.files(matching: "builtin:no-host-*")?.count == 3)
    #expect(BuiltInPack.files(matching: "builtin:no-latest-tag")?.count == 1)
  }

  /// The checks of the Pod Security Standards (k8s.io/pod-security-admission, 1.36), all there.
  @Test func coversThePodSecurityStandards() {
    let annotation = #/pave\.dev\/pod-security: (\w+)/#
    let found = Set(
      Self.members.flatMap { $0.text.matches(of: annotation).map { String($0.1) } })
    #expect(
      found == [
        "privileged", "hostNamespaces", "hostPathVolumes", "hostPorts",
        "hostProbesAndHostLifecycle", "capabilities_baseline", "procMount",
        "seccompProfile_baseline", "seLinuxOptions", "sysctls", "appArmorProfile",
        "windowsHostProcess", "allowPrivilegeEscalation", "capabilities_restricted",
        "procMount_restricted", "restrictedVolumes", "runAsNonRoot", "runAsUser",
        "seccompProfile_restricted",
      ])
  }

  @Test func exportsWhatAClusterTakes() throws {
    let files = BuiltInPack.export(["restricted", "no-ssh-port"], kubernetes: .init(minor: 34))
      .files
    #expect(files.contains { $0.name == "_pave-policies.yaml" })
    #expect(!files.contains { $0.name == "no-dangling-service.yaml" })
    // Another version, another variant.
    #expect(!files.contains { $0.name == "no-custom-proc-mount.yaml" })
    for file in files {
      let documents = parseYAML(Array(file.text.utf8), file: file.name)
      #expect(documents.findings == [])
      let policies = documents.documents.filter {
        $0.root["kind"].asString == "ValidatingAdmissionPolicy"
      }
      #expect(policies.count == (file.name.hasPrefix("_") ? 0 : 1), "\(file.name)")
    }
  }

  @Test func exportsWaiversOfObjectsAsConditions() throws {
    let text = """
      apiVersion: pave.dev/v1alpha1
      kind: Waivers
      waivers:
        - {rule: no-latest-tag, target: {object: Deployment.apps/shop/web}, reason: r, owner: o, expires: 2030-01-01}
        - {rule: no-latest-tag, target: {intent: WebService/shop/web}, reason: r, owner: o, expires: 2030-01-01}
      """
    let waivers = parseYAML(Array(text.utf8), file: "waivers.yaml")
    let (files, left) = BuiltInPack.export(
      ["no-latest-tag"], kubernetes: .init(minor: 36), waivers: [waivers])
    let exported = try #require(files.first?.text)
    #expect(exported.contains("waiver-1") && !exported.contains("waiver-2"))
    #expect(left.count == 1)
    // The waived object is not looked at, another one is.
    let tree = MemoryFileTree(texts: [
      "p/policy.yaml": exported,
      "p/tests.yaml": """
      apiVersion: pave.dev/v1alpha1
      kind: PolicyTests
      base: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {spec: {containers: [{name: app, image: web}]}}}}
      cases:
        - {name: waived, object: {}, expect: not-matched}
        - {name: another name, object: {metadata: {name: api}}, expect: deny}
        - {name: another namespace, object: {metadata: {namespace: b}}, expect: deny}
      """,
    ])
    var testing = PolicyTesting(tree)
    #expect(testing.run(["p/tests.yaml"]).findings.map(\.message) == [])
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try #require(try EmbeddedFiles.policies.read(path)), as: UTF8.self)
  }
}

extension BuiltInPack.Member: CustomTestStringConvertible {
  /// Its name.
  public var testDescription: String { name }
}
