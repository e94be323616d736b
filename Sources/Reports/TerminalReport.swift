public import Diagnostics
public import Documents

/// Findings as people read them: file, line and column, the message, the line itself with the place
/// underlined, further places, and what to do.
///
/// The same finding in several environments or of several objects is printed once, and so is (with full detail) one
/// that more than `repetitionLimit` files have; a file's findings over `fileLimit` are counted, not printed.
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

  /// The most files whose equal findings are printed each for itself.
  public static let repetitionLimit = 5

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
    let groups = places.merged(findings)
    let repetitions = detail == .full ? Repetitions(groups) : nil
    for (index, group) in groups.enumerated() {
      if repetitions?.isTold(index) ?? false { continue }
      let file = group.located.finding.place?.file ?? ""
      let count = countByFile[file, default: 0] + 1
      countByFile[file] = count
      guard count <= Self.fileLimit else { continue }
      text += self.text(
        of: group, alsoIn: repetitions?.places(like: index).map { groups[$0] } ?? [])
    }
    for (file, count) in countByFile.sorted(by: { $0.key < $1.key }) where count > Self.fileLimit {
      text += "\(file): \(count - Self.fileLimit) more findings are not shown\n"
    }
    return text
  }

  private func text(of group: MergedFinding, alsoIn others: [MergedFinding]) -> String {
    let finding = group.located.finding
    let ink = ink(of: finding.severity)
    var head = ""
    if let place = finding.place, let range = group.located.range {
      head = style(text(of: place, range) + ":", .bold) + " "
    }
    head += style("\(finding.severity.rawValue):", ink) + " " + printableText(finding.message)
    head += style(" [\(finding.rule)]", .faint)
    if let scope = group.scope { head += style(" (\(scope))", .faint) }
    if finding.state == .same { head += style(" (as before)", .faint) }
    var lines = [head]
    if detail == .full { lines += details(of: group, alsoIn: others, ink: ink) }
    return lines.joined(separator: "\n") + "\n" + (detail == .full ? "\n" : "")
  }

  private func details(
    of group: MergedFinding, alsoIn others: [MergedFinding], ink: Style.Ink
  ) -> [String] {
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
    let lead = "\(String(repeating: " ", count: gutter)) \(style("=", .faint)) "
    for (related, range) in zip(finding.related, located.relatedRanges) {
      lines.append(lead + "\(printableText(related.label)): " + text(of: related.place, range))
    }
    for object in group.shownObjects { lines.append(lead + "object: \(printableText(object))") }
    let hidden = group.subjectCount - group.shownObjects.count
    if hidden > 0, !group.shownObjects.isEmpty {
      lines.append(lead + "and \(counted(hidden, "more object"))")
    }
    for other in others.prefix(3) {
      guard let place = other.finding.place, let range = other.located.range else { continue }
      lines.append(lead + "also at: " + text(of: place, range))
    }
    if others.count > 3 { lines.append(lead + "and at \(counted(others.count - 3, "more place"))") }
    if let help = finding.help { lines.append(lead + "help: \(printableText(help))") }
    return lines
  }

  private func text(of place: Place, _ range: SourceRange) -> String {
    "\(printableText(place.file)):\(range.line):\(range.column)"
  }

  private func ink(of severity: Severity) -> Style.Ink {
    switch severity {
    case .error: .boldRed
    case .warning: .boldYellow
    case .note: .boldBlue
    }
  }
}

/// Findings that say the same of many files.
private struct Repetitions {
  /// By the index of the first finding, those that it stands for.
  private var others: [Int: [Int]] = [:]
  private var told: Set<Int> = []

  private struct Key: Hashable {
    var rule: String
    var message: String
    var severity: Severity
    var state: Finding.State
    var isWaived: Bool
  }

  init(_ groups: [MergedFinding]) {
    var indices: [Key: [Int]] = [:]
    for (index, group) in groups.enumerated() where group.finding.place != nil {
      let finding = group.finding
      let key = Key(
        rule: finding.rule, message: finding.message, severity: finding.severity,
        state: finding.state, isWaived: finding.waiver != nil)
      indices[key, default: []].append(index)
    }
    for indices in indices.values where indices.count > TerminalReport.repetitionLimit {
      let files = Set(indices.compactMap { groups[$0].finding.place?.file })
      guard files.count > TerminalReport.repetitionLimit else { continue }
      others[indices[0]] = Array(indices.dropFirst())
      told.formUnion(indices.dropFirst())
    }
  }

  /// Whether an earlier finding stands for this one.
  func isTold(_ index: Int) -> Bool { told.contains(index) }

  /// The findings that this one stands for, in their order.
  func places(like index: Int) -> [Int] { others[index] ?? [] }
}
