import Foundation
import Pipeline
import Testing

/// Every rule that Pave can name has a page.
@Suite struct RulePageTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func everyRuleInTheSourcesHasAPage() throws {
    let literal = #/rule: "([a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*)"/#
    var rules: Set<String> = []
    try eachFile(in: "Sources", where: { $0.hasSuffix(".swift") }) { text in
      for match in text.matches(of: literal) { rules.insert(String(match.1)) }
    }
    #expect(rules.count > 50)
    #expect(rules.subtracting(RulePages.rules).sorted() == [])
  }

  /// Where fields are read, a rule is named without its area, which the reader knows.
  @Test func everyRuleAboutFieldsHasAPage() throws {
    let literal = #/fields\.report\(\s*"([a-z]+(?:-[a-z]+)*)"/#
    let areas = [
      "GoldenPaths": ["golden-path"], "Intents": ["intent", "platform", "waiver"],
      "Pipeline": ["test", "platform"],
    ]
    var count = 0
    for (folder, areas) in areas {
      try eachFile(in: "Sources/\(folder)", where: { $0.hasSuffix(".swift") }) { text in
        for match in text.matches(of: literal) {
          count += 1
          let known = areas.contains { RulePages.rules.contains("\($0)/\(match.1)") }
          #expect(known, "\(folder): '\(match.1)' has no page in \(areas)")
        }
      }
    }
    #expect(count > 40)
  }

  /// Where objects are validated, rules are passed in many ways: every text that looks like one counts.
  @Test func everyRuleAboutObjectsHasAPage() throws {
    let literal = #/"([a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*)"/#
    let others: Set<String> = [
      "apps/v1", "autoscaling/v2", "docker/default", "runtime/default", "s/mime",
    ]
    var rules: Set<String> = []
    try eachFile(in: "Sources/ServedKinds", where: { $0.hasSuffix(".swift") }) { text in
      for match in text.matches(of: literal) { rules.insert(String(match.1)) }
    }
    #expect(rules.isSuperset(of: others))
    #expect(rules.count > 500)
    #expect(rules.subtracting(others).subtracting(RulePages.rules).sorted() == [])
  }

  @Test func everyRuleInTheFixturesHasAPage() throws {
    let printed = #/ \[([a-z]+(?:-[a-z]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*)\]/#
    var rules: Set<String> = []
    try eachFile(in: "fixtures", where: { !$0.hasSuffix(".yaml") }) { text in
      for match in text.matches(of: printed) { rules.insert(String(match.1)) }
    }
    #expect(rules.count > 20)
    #expect(rules.subtracting(RulePages.rules).sorted() == [])
  }

  @Test func pagesSayWhatToDo() throws {
    #expect(Set(RulePages.rules).count == RulePages.rules.count, "a rule has two pages")
    for rule in RulePages.rules {
      let page = try #require(RulePages.page(of: rule))
      #expect(page.hasPrefix("\(rule)\n\n"))
      #expect(page.contains("**What to do:** "), "\(rule)")
    }
    #expect(RulePages.page(of: "yaml/nothing") == nil)
    #expect(RulePages.nearest(to: "yaml/duplicate-keys") == "yaml/duplicate-key")
    #expect(RulePages.page(of: "no-latest-tag")?.contains("rollback") == true)
  }

  private func eachFile(
    in folder: String, where isWanted: (String) -> Bool, _ body: (String) -> Void
  ) throws {
    let base = Self.root.appendingPathComponent(folder)
    let files = FileManager.default.enumerator(atPath: base.path)
    while let path = files?.nextObject() as? String {
      guard isWanted(path),
        let text = try? String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
      else { continue }
      body(text)
    }
  }
}
