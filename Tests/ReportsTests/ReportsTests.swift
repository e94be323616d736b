import Diagnostics
import Documents
import Reports
import Testing

private let intent = """
  kind: Site
  spec:
    title: 東京 "x"
  \tport: 80
  """

private func places(_ files: [String: String] = ["apps/home.yaml": intent]) -> PlaceFinder {
  PlaceFinder { files[$0.file].map { Array($0.utf8) } }
}

private func finding(
  _ rule: String = "intent/wrong-type", environment: String? = nil, line: Int = 3,
  message: String = "a title is too long"
) -> Finding {
  var finding = Finding(
    rule: rule, message, at: .field("apps/home.yaml", FieldPath(keys: "spec", "title")),
    help: "shorten it")
  finding.environment = environment
  return finding
}

@Suite struct TerminalReportTests {
  private func text(
    _ findings: [Finding], style: Style = .plain, detail: TerminalReport.Detail = .full,
    files: [String: String] = ["apps/home.yaml": "kind: Site\nspec:\n  title: 東京 x\n"]
  ) -> String {
    TerminalReport(places: places(files), style: style, detail: detail).text(of: findings)
  }

  @Test func underlinesWideCharactersByTheirColumns() {
    let report = text([finding()])
    #expect(
      report == """
        apps/home.yaml:3:10: error: a title is too long [intent/wrong-type]
            3 |   title: 東京 x
              |          ^^^^^^
              = help: shorten it


        """)
  }

  @Test func namesTheEnvironmentsOfOneFindingOnce() {
    let report = text(
      [finding(environment: "dev"), finding(environment: "prod")], detail: .concise)
    #expect(
      report == "apps/home.yaml:3:10: error: a title is too long [intent/wrong-type] (dev, prod)\n")
  }

  @Test func keepsFindingsThatDifferApart() {
    let report = text([finding("a/b"), finding("a/c")], detail: .concise)
    #expect(report.split(separator: "\n").count == 2)
  }

  @Test func cannotBeMadeToWriteEscapeSequences() {
    let report = text(
      [finding(message: "no \u{1B}[31mred\u{7} here\nplease")],
      files: ["apps/home.yaml": "spec:\n  title: \"\u{9B}31m\u{202E}x\"\n"])
    #expect(!report.contains("\u{1B}"))
    #expect(!report.contains("\u{7}"))
    #expect(!report.contains("\u{9B}"))
    #expect(!report.contains("\u{202E}"))
  }

  @Test func cutsAFilesFindingsAtAHundredAndSaysSo() {
    let many = (0..<130).map { finding(message: "number \($0)") }
    let report = text(many, detail: .concise)
    #expect(report.split(separator: "\n").count == 101)
    #expect(report.hasSuffix("apps/home.yaml: 30 more findings are not shown\n"))
  }

  @Test func printsAFindingWhoseFileIsGone() {
    let report = text([finding()], detail: .concise, files: [:])
    #expect(report.hasPrefix("apps/home.yaml:1:1: error:"))
  }

  @Test func coloursOnlyWhenAsked() {
    #expect(!text([finding()]).contains("\u{1B}["))
    #expect(text([finding()], style: Style(isColoured: true)).contains("\u{1B}[1;31merror:"))
  }
}

@Suite struct JSONReportTests {
  @Test func hasEveryFindingWithItsPlaceAndTheLedger() throws {
    var ledger = Ledger()
    ledger.manifests = 2
    ledger.notEvaluated = [.init(subject: "kind Odd", reason: "it is not known")]
    let findings = [finding(environment: "prod"), finding(environment: "dev")]
    let bytes = JSONReport(
      places: places(["apps/home.yaml": "kind: Site\nspec:\n  title: abc\n"])
    ).bytes(findings: findings, ledger: ledger)
    let parsed = parseJSON(bytes, file: "report.json")
    #expect(parsed.findings.isEmpty)
    let document = try #require(parsed.documents.first)
    let root = document.root
    #expect(root["schemaVersion"].asInt == 1)
    let list = root["findings"].elements
    #expect(list.count == 2)
    #expect(list[0]["environment"].asString == "dev")
    #expect(list[0]["location"]["file"].asString == "apps/home.yaml")
    #expect(list[0]["location"]["line"].asInt == 3)
    #expect(list[0]["location"]["column"].asInt == 10)
    #expect(list[0]["location"]["endColumn"].asInt == 13)
    #expect(list[0]["state"].asString == "new")
    #expect(root["ledger"]["manifests"].asInt == 2)
    #expect(
      root["ledger"]["notEvaluated"].elements.first?["subject"].asString == "kind Odd")
    withExtendedLifetime(document) {}
  }

  @Test func fingerprintStaysWhileLinesMove() {
    var moved = finding(environment: "dev")
    moved.place = .field("apps/home.yaml", FieldPath(keys: "spec", "other"))
    #expect(finding(environment: "dev").fingerprint == moved.fingerprint)
    #expect(finding(environment: "dev").fingerprint != finding(environment: "prod").fingerprint)
    #expect(finding("a/b").fingerprint != finding("a/c").fingerprint)
    #expect(finding().fingerprint.count == 16)
  }
}

@Suite struct SummaryTests {
  @Test func countsBySeverity() {
    let warning = Finding(rule: "a/b", severity: .warning, "x")
    #expect(summary(of: [finding(), warning, finding()]) == "2 errors, 1 warning")
    #expect(summary(of: []) == "no findings")
  }
}
