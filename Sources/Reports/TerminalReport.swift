public import Diagnostics
public import Documents

/// Findings as people read them: file, line and column, the message, the line itself with the place
/// underlined, further places, and what to do.
///
/// The same finding in several environments or of several objects is printed once; a file's findings
/// over `fileLimit` are counted, not printed.
public struct TerminalReport {
  /// How much of each finding is printed.
  public enum Detail: Sendable {
    /// With code frames, related places and help.
    case full
    /// One line a finding.
    case concise
  }

  private let places: PlaceFinder
  private let style: Style
  private let detail: Detail

  /// The most findings printed for one file; `--format json` has them all.
  public static let fileLimit = 100

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder, style: Style, detail: Detail = .full) {
    self.places = places
    self.style = style
    self.detail = detail
  }

  /// The findings as text, in the order given by `PlaceFinder`; empty without findings.
  public func text(of findings: [Finding]) -> String {
    var text = ""
    var countByFile: [String: Int] = [:]
    for group in places.merged(findings) {
      let file = group.located.finding.place?.file ?? ""
      let count = countByFile[file, default: 0] + 1
      countByFile[file] = count
      guard count <= Self.fileLimit else { continue }
      text += self.text(of: group)
    }
    for (file, count) in countByFile.sorted(by: { $0.key < $1.key }) where count > Self.fileLimit {
      text += "\(file): \(count - Self.fileLimit) more findings are not shown\n"
    }
    return text
  }

  private func text(of group: MergedFinding) -> String {
    let finding = group.located.finding
    let ink = ink(of: finding.severity)
    var head = ""
    if let place = finding.place, let range = group.located.range {
      head = style("\(printableText(place.file)):\(range.line):\(range.column):", .bold) + " "
    }
    head += style("\(finding.severity.rawValue):", ink) + " " + printableText(finding.message)
    head += style(" [\(finding.rule)]", .faint)
    if let scope = group.scope { head += style(" (\(scope))", .faint) }
    if finding.state == .same { head += style(" (as before)", .faint) }
    var lines = [head]
    if detail == .full { lines += details(of: group, ink: ink) }
    return lines.joined(separator: "\n") + "\n" + (detail == .full ? "\n" : "")
  }

  private func details(of group: MergedFinding, ink: Style.Ink) -> [String] {
    let located = group.located
    let finding = located.finding
    let numbers = [located.range?.line ?? 0] + located.relatedRanges.map(\.line)
    let gutter = max(4, numbers.map { String($0).count }.max() ?? 0) + 1
    var lines: [String] = []
    if let place = finding.place, let range = located.range, place.anchor != .file,
      let text = places.line(range.line, of: place)
    {
      lines += CodeFrame.lines(range, text: text, gutter: gutter, style: style, ink: ink)
    }
    for (related, range) in zip(finding.related, located.relatedRanges) {
      lines.append(
        "\(String(repeating: " ", count: gutter)) \(style("=", .faint)) \(printableText(related.label)): "
          + "\(printableText(related.place.file)):\(range.line):\(range.column)")
    }
    for object in group.shownObjects {
      lines.append(
        "\(String(repeating: " ", count: gutter)) \(style("=", .faint)) object: \(printableText(object))"
      )
    }
    let hidden = group.subjectCount - group.shownObjects.count
    if hidden > 0, !group.shownObjects.isEmpty {
      lines.append(
        "\(String(repeating: " ", count: gutter)) \(style("=", .faint)) and \(counted(hidden, "more object"))"
      )
    }
    if let help = finding.help {
      lines.append(
        "\(String(repeating: " ", count: gutter)) \(style("=", .faint)) help: \(printableText(help))"
      )
    }
    return lines
  }

  private func ink(of severity: Severity) -> Style.Ink {
    switch severity {
    case .error: .boldRed
    case .warning: .boldYellow
    case .note: .boldBlue
    }
  }
}
