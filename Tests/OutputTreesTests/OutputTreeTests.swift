import Diagnostics
import Manifests
import OutputTrees
import Testing

@Suite struct OutputTreeTests {
  @Test func unitsWithOnePathOrInsideEachOther() throws {
    let units = [
      try unit("dev", "dev/a", ["x": "1\n"], intent: "WebService/a/one"),
      try unit("dev", "dev/a", ["y": "1\n"], intent: "Worker/a/two"),
      try unit("dev", "dev/a-b", ["y": "1\n"]),
      try unit("dev", "dev/a/b", ["y": "1\n"], intent: "Job/a/b"),
    ]
    let (_, findings) = try OutputTree.make(units, platform: "acme")
    #expect(
      brief(findings) == [
        "error output/path-clash the intents 'Worker/a/two' and 'WebService/a/one' have one output path: 'dev/a'",
        "error output/path-clash the output path is inside 'dev/a' of 'Worker/a/two': 'dev/a/b'",
      ])
    #expect(findings.first?.related.first?.place.file == "apps/dev/a.yaml")
  }

  @Test(arguments: ["../x", "dev/.git", "dev//a", "delivery/dev", "dev/_shared/x", "dev/CON", ""])
  func pathsThatCannotBeWritten(path: String) throws {
    let (_, findings) = try OutputTree.make([unit("dev", path, [:])], platform: "acme")
    #expect(findings.map(\.rule) == ["output/bad-path"])
    #expect(findings.first?.environment == "dev" && findings.first?.help != nil)
  }

  @Test func twoObjectsOfOneFile() throws {
    let manifests = [("a.b", "payments"), ("a", "b")].map { name, namespace in
      OutputManifest(
        identity: ObjectIdentity(
          apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: name), bytes: [10])
    }
    let clash = try OutputUnit(
      environment: "dev", path: "dev/x", intent: "i", namespace: "payments", manifests: manifests)
    #expect(clash.findings.map(\.rule) == ["output/file-clash"])
    let twice = try OutputUnit(
      environment: "dev", path: "dev/x", intent: "i", namespace: "payments",
      manifests: [manifests[0], manifests[0]])
    #expect(
      brief(twice.findings) == [
        "error output/duplicate-object the object 'ConfigMap/payments/a.b' is rendered twice by one intent"
      ])
  }

  @Test func sharedObjectsMustBeEqual() throws {
    let units = [
      try unit("dev", "dev/a", [:], shared: ["role": "1\n"], intent: "A"),
      try unit("dev", "dev/b", [:], shared: ["role": "2\n"], intent: "B"),
      try unit("prod", "prod/b", [:], shared: ["role": "3\n"], intent: "B"),
    ]
    let (_, findings) = try OutputTree.make(units, platform: "acme")
    #expect(
      brief(findings) == [
        "error output/shared-differs the shared object 'ConfigMap/payments/role' differs from that of 'A'"
      ])
  }
}
