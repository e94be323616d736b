import Diagnostics
import Documents
import Foundation
import Testing

/// The folders of `fixtures/yaml`: each holds an `input.yaml` and, in `expected.txt`, the findings
/// and then the documents as JSON lines. What begins with `server-` is read as an API server does. `UPDATE_FIXTURES=1` writes `expected.txt` anew.
private let caseFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("fixtures/yaml")

private let caseNames: [String] =
  ((try? FileManager.default.contentsOfDirectory(atPath: caseFolder.path)) ?? []).sorted()

@Suite struct YAMLCaseTests {
  @Test func casesAreThere() { #expect(caseNames.count >= 30) }

  @Test(arguments: caseNames)
  func readsAsExpected(_ name: String) throws {
    let folder = caseFolder.appendingPathComponent(name)
    let bytes = Array(try Data(contentsOf: folder.appendingPathComponent("input.yaml")))
    let reader = name.hasPrefix("server-") ? YAMLReader.apiServer : .configuration
    let parsed = parseYAML(bytes, file: "input.yaml", as: reader)
    let source = SourceFile(bytes)
    func place(_ place: Place?) -> String {
      guard let place else { return "nowhere" }
      let range = source.range(of: place.anchor)
      return "\(range.line):\(range.column)-\(range.endLine):\(range.endColumn)"
    }
    var text = ""
    for finding in parsed.findings {
      text += "\(place(finding.place)) \(finding.severity.rawValue) \(finding.rule)\n"
      text += "  \(finding.message)\n"
      if let help = finding.help { text += "  help: \(help)\n" }
      for related in finding.related { text += "  \(place(related.place)) \(related.label)\n" }
    }
    for document in parsed.documents {
      text += String(decoding: jsonBytes(of: document.root), as: UTF8.self) + "\n"
    }
    let file = folder.appendingPathComponent("expected.txt")
    if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(text == (try String(contentsOf: file, encoding: .utf8)))
  }
}
