public import Diagnostics
public import Documents

/// Findings as Markdown for the comment of a pull request: a table a severity, and the ledger.
///
/// It begins with a comment that names it, so that a later run can find the comment and replace it.
public struct MarkdownReport {
  /// The first line: a comment that readers do not see.
  public static let marker = "<!-- pave: findings -->"
  /// The most findings listed; services refuse comments of over 65,536 characters.
  public static let findingLimit = 100

  private let places: PlaceFinder

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder) { self.places = places }

  /// The text, with a final newline.
  public func text(of findings: [Finding], ledger: Ledger) -> String {
    let merged = places.merged(findings)
    let current = merged.filter { $0.finding.state != .fixed && $0.finding.waiver == nil }
    var text = "\(Self.marker)\n### Pave: \(summary(of: current.map(\.finding)))\n\n"
    var left = Self.findingLimit
    for severity in [Severity.error, .warning, .note] {
      let group = current.filter { $0.finding.severity == severity }
      guard !group.isEmpty, left > 0 else { continue }
      text += "| \(title(severity)) | where | rule |\n|---|---|---|\n"
      for entry in group.prefix(left) { text += row(entry) }
      left -= min(left, group.count)
      text += "\n"
    }
    if current.count > Self.findingLimit {
      text += "\(current.count - Self.findingLimit) more findings are not listed.\n\n"
    }
    let fixed = merged.count { $0.finding.state == .fixed }
    if fixed > 0 { text += "\(counted(fixed, "finding")) fixed.\n\n" }
    return text + ledgerText(ledger)
  }

  private func row(_ merged: MergedFinding) -> String {
    let finding = merged.finding
    var what = cell(finding.message)
    if let help = finding.help { what += "<br><sub>\(cell(help))</sub>" }
    if let scope = merged.scope { what += "<br><sub>\(cell(scope))</sub>" }
    let place = finding.place.map { place in
      code("\(place.file):\(merged.located.range?.line ?? 1)")
    }
    let object = finding.object.map { "<sub>\(cell($0.description))</sub>" }
    let whereabouts = [place, object].compactMap { $0 }.joined(separator: "<br>")
    return "| \(what) | \(whereabouts) | \(code(finding.rule)) |\n"
  }

  private func ledgerText(_ ledger: Ledger) -> String {
    let lines = ledger.text().split(separator: "\n")
    return "<details><summary>What was checked</summary>\n\n"
      + lines.map { "- \(cell(String($0)))\n" }.joined() + "\n</details>\n"
  }

  private func title(_ severity: Severity) -> String {
    switch severity {
    case .error: "❌ error"
    case .warning: "⚠️ warning"
    case .note: "ℹ️ note"
    }
  }

  private func code(_ text: String) -> String {
    let safe = String(printableText(text).map { $0 == "`" ? "'" : $0 })
    return
      "`\(safe.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|"))`"
  }

  /// A text that cannot end its cell, nor write a link, an image, a mention or HTML.
  private func cell(_ text: String) -> String {
    var result = ""
    for scalar in printableText(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@": result += "&#64;"
      case "|", "\\", "`", "*", "_", "[", "]", "!", "#", "~":
        result += "\\"
        result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
