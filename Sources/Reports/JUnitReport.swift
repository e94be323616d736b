public import Diagnostics
public import Documents

/// Findings as JUnit's XML: a suite a file, a failed case for each finding at or above the severity that fails the
/// run, a passed one with the text for each other.
public struct JUnitReport {
  private let places: PlaceFinder
  private let failSeverity: Severity

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder, failSeverity: Severity) {
    self.places = places
    self.failSeverity = failSeverity
  }

  /// The document. Without findings it has one passed case, since tools read an empty report as a job that did not run.
  public func text(of findings: [Finding]) -> String {
    var suites: [(name: String, cases: [MergedFinding])] = []
    for merged in places.merged(findings) {
      let file = merged.finding.place?.file ?? "pave.yaml"
      if suites.last?.name != file { suites.append((file, [])) }
      suites[suites.count - 1].cases.append(merged)
    }
    let failures = suites.reduce(0) { $0 + failureCount($1.cases) }
    let count = suites.reduce(0) { $0 + $1.cases.count }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text +=
      "<testsuites name=\"pave\" tests=\"\(max(count, 1))\" failures=\"\(failures)\" errors=\"0\">\n"
    if suites.isEmpty {
      text += "  <testsuite name=\"pave\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
      text += "    <testcase name=\"no findings\" classname=\"pave\"/>\n  </testsuite>\n"
    }
    for suite in suites {
      text +=
        "  <testsuite name=\"\(xmlText(suite.name))\" tests=\"\(suite.cases.count)\""
        + " failures=\"\(failureCount(suite.cases))\" errors=\"0\" skipped=\"0\">\n"
      for merged in suite.cases { text += testCase(merged, suite.name) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private func failureCount(_ cases: [MergedFinding]) -> Int {
    cases.count { $0.finding.severity >= failSeverity }
  }

  private func testCase(_ merged: MergedFinding, _ file: String) -> String {
    let finding = merged.finding
    let line = merged.located.range.map { ":\($0.line):\($0.column)" } ?? ""
    var details = [
      "\(file)\(line): \(finding.severity.rawValue): \(merged.messageWithEnvironments)"
    ]
    for (related, range) in zip(finding.related, merged.located.relatedRanges) {
      details.append("\(related.label): \(related.place.file):\(range.line):\(range.column)")
    }
    if let object = finding.object { details.append("object: \(object.description)") }
    if let help = finding.help { details.append("help: \(help)") }
    let body = xmlText(details.joined(separator: "\n"))
    let name = xmlText("\(finding.rule)\(line.isEmpty ? "" : " at line \(line.dropFirst())")")
    let head = "    <testcase name=\"\(name)\" classname=\"\(xmlText(file))\">\n"
    if finding.severity >= failSeverity {
      return head
        + "      <failure type=\"\(finding.severity.rawValue)\" message=\"\(xmlText(finding.message))\">"
        + "\(body)</failure>\n    </testcase>\n"
    }
    return head + "      <system-out>\(body)</system-out>\n    </testcase>\n"
  }
}
