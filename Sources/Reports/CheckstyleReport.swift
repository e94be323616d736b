public import Diagnostics
public import Documents

/// Findings as Checkstyle's XML, which most review tools can read.
public struct CheckstyleReport {
  private let places: PlaceFinder

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder) { self.places = places }

  /// The document, a `file` element for each file that has findings; those of no file stand under `pave.yaml`.
  public func text(of findings: [Finding]) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n"
    var open: String?
    // Findings of no file come first in the order of reports, so they never split a file's.
    for merged in places.merged(findings) {
      let finding = merged.finding
      let file = finding.place?.file ?? "pave.yaml"
      if file != open {
        if open != nil { text += "  </file>\n" }
        text += "  <file name=\"\(xmlText(file))\">\n"
        open = file
      }
      var message = merged.messageWithEnvironments
      if let help = finding.help { message += "; \(help)" }
      text +=
        "    <error line=\"\(merged.located.range?.line ?? 1)\" column=\"\(merged.located.range?.column ?? 1)\""
        + " severity=\"\(finding.severity == .note ? "info" : finding.severity.rawValue)\""
        + " message=\"\(xmlText(message))\" source=\"\(xmlText(finding.rule))\"/>\n"
    }
    if open != nil { text += "  </file>\n" }
    return text + "</checkstyle>\n"
  }
}
