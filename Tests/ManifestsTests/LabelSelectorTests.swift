import Diagnostics
import Documents
import Manifests
import Testing

@Suite struct LabelSelectorTests {
  /// A requirement `{key, operator, values}` beside `matchLabels: {app: web}` where asked for.
  func selector(_ key: String, _ operator: String, _ values: [String], app: String? = nil)
    -> Document
  {
    Document { arena in
      var entries = [
        MapEntry(
          key: arena.string("matchExpressions"),
          value: arena.list([
            arena.map([
              "key": arena.string(key), "operator": arena.string(`operator`),
              "values": arena.list(values.map { arena.string($0) }),
            ])
          ]))
      ]
      if let app {
        entries.append(
          MapEntry(
            key: arena.string("matchLabels"), value: arena.map(["app": arena.string(app)])))
      }
      return arena.map(entries)
    }
  }

  let labels = Document { arena in
    arena.map(["app": arena.string("web"), "tier": arena.string("front")])
  }

  func isSelected(by selector: Document) -> Bool {
    withExtendedLifetime((selector, labels)) {
      selects(selector: selector.root, labels: labels.root)
    }
  }

  @Test(arguments: [
    ("tier", "In", ["front", "back"], true), ("tier", "In", ["back"], false),
    ("none", "In", ["front"], false), ("tier", "NotIn", ["back"], true),
    ("tier", "NotIn", ["front"], false), ("none", "NotIn", ["front"], true),
    ("tier", "Exists", [], true), ("none", "Exists", [], false),
    ("none", "DoesNotExist", [], true), ("tier", "DoesNotExist", [], false),
    ("tier", "In", [], false), ("tier", "Exists", ["front"], false),
    ("tier", "Equals", ["front"], false),
  ])
  func meetsARequirement(key: String, operator: String, values: [String], expected: Bool) {
    #expect(isSelected(by: selector(key, `operator`, values)) == expected)
  }

  @Test func needsAllParts() {
    #expect(isSelected(by: selector("tier", "Exists", [], app: "web")))
    #expect(!isSelected(by: selector("tier", "Exists", [], app: "db")))
    #expect(!isSelected(by: selector("none", "Exists", [], app: "web")))
  }

  @Test func emptySelectsAllAndAbsentSelectsNothing() {
    #expect(isSelected(by: Document { _ in .emptyMap }))
    #expect(selects(selector: .emptyMap, labels: .absent))
    #expect(!isSelected(by: Document { _ in .absent }))
    #expect(!isSelected(by: Document { _ in .null }))
  }

  func problems(_ selector: Document) -> [String] {
    withExtendedLifetime(selector) {
      selectorProblems(selector.root).map { "\($0.path): \($0.message)" }
    }
  }

  @Test func saysWhatIsWrong() {
    #expect(
      problems(selector("tier", "Equals", ["x"])) == [
        "matchExpressions[0].operator: 'Equals' is no operator, "
          + "expected In, NotIn, Exists or DoesNotExist"
      ])
    #expect(
      problems(selector("tier", "In", [])) == [
        "matchExpressions[0].values: operator 'In' needs at least one value"
      ])
    #expect(problems(selector("tier", "In", ["x"])).isEmpty)
  }
}
