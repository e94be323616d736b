import Diagnostics
import Files
import Pipeline
import Testing

private let policy = """
  apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicy
  metadata: {name: few-replicas}
  spec:
    matchConstraints:
      resourceRules:
        - {apiGroups: [apps], apiVersions: [v1], operations: ["*"], resources: [deployments]}
    matchConditions:
      - {name: live, expression: "request.operation != 'DELETE'"}
    validations:
      - {expression: "object.spec.replicas <= 3", message: too many}
      - {expression: "object.metadata.name != 'x'", message: bad name}
  """

/// Tests of policies: what passes, and that what tests nothing fails.
@Suite struct PolicyTestingTests {
  private func run(_ cases: String, policy: String = policy) -> TestRun {
    let tree = MemoryFileTree(texts: [
      "few/policy.yaml": policy,
      "few/tests.yaml": """
      apiVersion: pave.dev/v1alpha1
      kind: PolicyTests
      base: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 1}}
      cases:
      \(cases)
      """,
    ])
    var testing = PolicyTesting(tree)
    return testing.run(["few/tests.yaml"])
  }

  private func rules(_ cases: String) -> [String] {
    run(cases).findings.filter { $0.severity == .error }.map(\.rule)
  }

  @Test func casesPassAndCover() {
    let run = run(
      """
        - {name: one, object: {}, expect: admit}
        - {name: many, object: {spec: {replicas: 4}}, expect: deny, message: too many}
        - {name: named, object: {metadata: {name: x}}, expect: deny, message: [bad name]}
        - {name: gone, oldObject: {}, expect: not-matched}
        - {name: no number, object: {spec: {replicas: [1]}}, expect: error}
        - {name: a Pod, object: {apiVersion: v1, kind: Pod}, expect: not-matched}
      """)
    #expect(run.findings == [])
    #expect(run.cases.map(\.isPassed) == [true, true, true, true, true, true])
    #expect(run.coverage.map(\.reached) == [2])
    #expect(run.coverage.map(\.total) == [2])
  }

  @Test func whatIsNotAsExpectedFails() {
    #expect(
      rules("  - {name: a, object: {spec: {replicas: 4}}, expect: admit}")
        == ["test/unexpected-verdict"])
    #expect(
      rules("  - {name: a, object: {}, expect: deny}") == ["test/unexpected-verdict"])
    #expect(
      rules("  - {name: a, object: {spec: {replicas: 4}}, expect: deny, message: other}")
        == ["test/unexpected-message"])
    #expect(
      rules("  - {name: a, object: {spec: {replicas: 4}}, expect: error}")
        == ["test/unexpected-verdict"])
  }

  @Test func whatEvaluatesNothingFails() {
    #expect(
      rules("  - {name: a, object: {apiVersion: v1, kind: Pod}, expect: admit}")
        == ["test/nothing-evaluated"])
    #expect(rules("  - {name: a, oldObject: {}, expect: admit}") == ["test/nothing-evaluated"])
    #expect(
      rules("  - {name: a, object: {apiVersion: x.dev/v1, kind: What}, expect: not-matched}")
        == ["test/nothing-evaluated"])
  }

  @Test func mistakesInCasesAreTold() {
    #expect(rules("  - {name: a, objekt: {}, expect: admit}").contains("test/unknown-field"))
    #expect(rules("  - {name: a, expect: admit}") == ["test/missing-object"])
    #expect(rules("  - {name: a, object: {}}") == ["test/missing-field"])
    #expect(rules("  - {name: a, object: {}, expect: allow}").count == 1)
  }

  @Test func aPolicyThatDoesNotCompileFailsItsCases() {
    let broken = policy.replacingOccurrence(of: "object.spec.replicas <= 3", with: "object.spec.(")
    let run = run("  - {name: a, object: {}, expect: admit}", policy: broken)
    #expect(run.findings.contains { $0.rule == "policy/does-not-compile" })
    #expect(run.failedCount == 1)
  }

  @Test func validationsThatNoCaseFailsAreNoted() {
    let run = run("  - {name: a, object: {spec: {replicas: 4}}, expect: deny}")
    #expect(run.findings.map(\.rule) == ["test/unreached"])
    #expect(run.findings.map(\.severity) == [.note])
  }
}

/// Tests of golden paths without a platform.
@Suite struct GoldenPathTestingTests {
  private static let path = """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: site}
    spec:
      schema:
        group: tiny.dev
        apiVersion: v1
        kind: Site
        spec: {port: "integer | default=8080 maximum=9999", public: "boolean | default=false"}
      resources:
        - id: config
          template:
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "${schema.metadata.name}"}
            data: {port: "${string(schema.spec.port)}"}
        - id: service
          includeWhen: ["${schema.spec.public}"]
          template:
            apiVersion: v1
            kind: Service
            metadata: {name: "${schema.metadata.name}"}
            spec: {ports: [{port: "${schema.spec.port}"}]}
    """

  private static let intent = """
    apiVersion: tiny.dev/v1
    kind: Site
    metadata: {name: home, namespace: web}
    spec: {port: 80, public: true}
    """

  private func run(_ files: [String: String], update: Bool = false) -> TestRun {
    var texts = ["site/path.yaml": Self.path]
    for (path, text) in files { texts["site/\(path)"] = text }
    let tree = MemoryFileTree(texts: texts)
    var testing = GoldenPathTesting(tree, paths: ["site/path.yaml"])
    return testing.run(["site"], update: update)
  }

  @Test func recordsAndCompares() throws {
    let fresh = run(["tests/all/intent.yaml": Self.intent])
    #expect(fresh.findings.filter { $0.severity == .error }.map(\.rule) == ["test/not-as-recorded"])
    let recorded = run(["tests/all/intent.yaml": Self.intent], update: true)
    #expect(recorded.failedCount == 0)
    var files = ["tests/all/intent.yaml": Self.intent]
    for file in recorded.written {
      files[String(file.path.dropFirst("site/".count))] = String(
        decoding: file.bytes ?? [], as: UTF8.self)
    }
    #expect(files.count == 3)
    let again = run(files)
    #expect(again.failedCount == 0)
    // A case that sets all and one condition that was never false.
    #expect(again.findings.map(\.message) == ["no case leaves the resource 'service' out"])
    #expect(again.coverage.map(\.reached) == [2, 0, 2])
    let path = "tests/all/expected/configmap-home.yaml"
    files[path] = try #require(files[path]).replacingOccurrence(of: "\"80\"", with: "\"81\"")
    let changed = run(files).findings.filter { $0.severity == .error }
    #expect(changed.map(\.message) == ["'all': expected '  port: \"81\"', found '  port: \"80\"'"])
    #expect(changed.first?.place?.file == "site/\(path)")
  }

  private func assertions(_ cases: String) -> [String] {
    run([
      "tests/all/intent.yaml": Self.intent,
      "tests.yaml": "apiVersion: pave.dev/v1alpha1\nkind: GoldenPathTests\ncases:\n" + cases,
    ]).findings.filter { $0.severity == .error && $0.rule != "test/not-as-recorded" }
      .map { "\($0.rule): \($0.message)" }
  }

  @Test func assertsOverWhatIsRendered() {
    #expect(
      assertions(
        """
          - name: all
            intent: tests/all/intent.yaml
            assert: ["config.data.port == '80'", "size(objects) == 2", "service.spec.ports[0].port == 80"]
          - name: little
            intent: {apiVersion: tiny.dev/v1, kind: Site, metadata: {name: a, namespace: b}, spec: {}}
            assert: service == null && config.data.port == '8080'
          - name: too large
            intent: {apiVersion: tiny.dev/v1, kind: Site, metadata: {name: a, namespace: b}, spec: {port: 10000}}
            expect: refused
            message: intent/out-of-range
        """) == [])
  }

  @Test func whatDoesNotHoldFails() {
    #expect(
      assertions("  - {name: a, intent: tests/all/intent.yaml, assert: 'size(objects) == 3'}") == [
        "test/failed-assertion: 'a': 'size(objects) == 3' does not hold"
      ])
    #expect(
      assertions("  - {name: a, intent: tests/all/intent.yaml, expect: refused}") == [
        "test/unexpected-verdict: 'a': expected to be refused, but is rendered"
      ])
    #expect(
      assertions("  - {name: a, intent: tests/all/intent.yaml}").map { $0.prefix(21) }
        == ["test/nothing-asserted"])
    #expect(
      assertions("  - {name: a, intent: tests/all/intent.yaml, assert: 'nothing.here'}")
        .map { $0.prefix(22) } == ["test/invalid-assertion"])
  }
}

extension String {
  /// The text with the first occurrence of a part replaced.
  fileprivate func replacingOccurrence(of part: String, with other: String) -> String {
    guard let range = ranges(of: part).first else { return self }
    return replacingCharacters(in: range, with: other)
  }

  private func replacingCharacters(in range: Range<Index>, with other: String) -> String {
    String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
