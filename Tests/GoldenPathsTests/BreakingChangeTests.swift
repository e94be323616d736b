import Diagnostics
import Testing

@testable import GoldenPaths

/// What a change of a golden path takes from intents that are valid before it.
@Suite struct BreakingChangeTests {
  private func library(
    _ fields: String, version: String = "v1", more: String = ""
  ) throws -> GoldenPathLibrary {
    let (library, findings) = GoldenPathLibrary.load([
      parse(
        """
        apiVersion: pave.dev/v1alpha1
        kind: GoldenPath
        metadata: {name: web}
        spec:
          schema:
            group: acme.dev
            apiVersion: \(version)
            kind: Web
            spec: \(fields)
          resources:
            - id: config
              template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}
        \(more)
        """, "path.yaml")
    ])
    #expect(findings == [])
    return library
  }

  /// What is reported, as `rule field`.
  private func report(_ before: String, _ after: String) throws -> [String] {
    try breakingChanges(from: library(before), to: library(after)).map {
      "\($0.rule) \($0.path.map(String.init(describing:)) ?? "-")"
    }
  }

  @Test(arguments: [
    ("{a: string, b: string}", "{a: string}", "golden-path/removed-field spec.b"),
    ("{a: integer}", "{a: string}", "golden-path/changed-type spec.a"),
    ("{a: float}", "{a: integer}", "golden-path/changed-type spec.a"),
    (
      "{a: string}", "{a: string, b: string | required=true}",
      "golden-path/new-required-field spec.b"
    ),
    ("{a: string}", "{a: string | required=true}", "golden-path/new-required-field spec.a"),
    ("{a: integer | minimum=1}", "{a: integer | minimum=2}", "golden-path/tightened-field spec.a"),
    ("{a: integer}", "{a: integer | maximum=9}", "golden-path/tightened-field spec.a"),
    (
      "{a: string | maxLength=9}", "{a: string | maxLength=8}",
      "golden-path/tightened-field spec.a"
    ),
    (
      "{a: 'string | enum=\"x,y\"'}", "{a: 'string | enum=\"x\"'}",
      "golden-path/tightened-field spec.a"
    ),
    ("{a: string}", "{a: 'string | pattern=\"^x\"'}", "golden-path/tightened-field spec.a"),
    ("{a: string}", "{a: string | immutable=true}", "golden-path/tightened-field spec.a"),
    ("{o: {a: string, b: string}}", "{o: {a: string}}", "golden-path/removed-field spec.o.b"),
    ("{l: '[]string'}", "{l: '[]integer'}", "golden-path/changed-type spec.l[0]"),
  ])
  func isReported(_ before: String, _ after: String, _ expected: String) throws {
    #expect(try report(before, after) == [expected])
  }

  @Test(arguments: [
    ("{a: string}", "{a: string}"),
    ("{a: string}", "{a: string, b: string}"),
    ("{a: string}", "{a: string, b: string | required=true default=x}"),
    ("{a: string | required=true}", "{a: string}"),
    ("{a: integer | minimum=2 maximum=5}", "{a: integer | minimum=1 maximum=6}"),
    ("{a: integer}", "{a: float}"),
    ("{a: 'string | enum=\"x\"'}", "{a: 'string | enum=\"x,y\"'}"),
    ("{a: 'string | pattern=\"^x\"'}", "{a: string}"),
  ])
  func looserIsFine(_ before: String, _ after: String) throws {
    #expect(try report(before, after) == [])
  }

  @Test func aVersionThatIsGoneStandsAtTheOldFile() throws {
    let found = try breakingChanges(
      from: library("{a: string}"), to: library("{a: string}", version: "v2"))
    #expect(found.map(\.rule) == ["golden-path/removed-kind"])
    #expect(found.first?.help?.contains("keep the old version beside the new one") == true)
  }

  @Test func fewerEnvironmentsCount() throws {
    let all = try library("{a: string}")
    let two = try library("{a: string}", more: "  environments: [dev, prod]")
    let one = try library("{a: string}", more: "  environments: [prod]")
    #expect(
      breakingChanges(from: all, to: two).map(\.message)
        == ["intents may no longer be for every environment but dev, prod (Web)"])
    #expect(
      breakingChanges(from: two, to: one).map(\.message)
        == ["intents may no longer be for dev (Web)"])
    #expect(breakingChanges(from: one, to: two).isEmpty)
    #expect(breakingChanges(from: one, to: all).isEmpty)
  }

  @Test func patchesAndPromotionCount() throws {
    let open = try library("{a: string}", more: "  patchable: [config.data]")
    let shut = try library("{a: string}", more: "  promoted: [spec.a]")
    #expect(
      breakingChanges(from: open, to: shut).map(\.rule)
        == ["golden-path/removed-patchable", "golden-path/newly-promoted"])
    #expect(breakingChanges(from: shut, to: open).map(\.rule) == [])
  }
}
