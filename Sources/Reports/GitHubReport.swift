public import Diagnostics
public import Documents

/// Findings as workflow commands that GitHub Actions turns into annotations of the changed files.
///
/// A step shows ten annotations of each kind: where there are more, the last of the kind says how many there are and
/// where.
public struct GitHubReport {
  /// The annotations of one kind that GitHub shows for one step.
  public static let annotationLimit = 10

  private let places: PlaceFinder

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder) { self.places = places }

  /// One command a line, errors first.
  public func text(of findings: [Finding]) -> String {
    let merged = places.merged(findings)
    var text = ""
    for severity in [Severity.error, .warning, .note] {
      let group = merged.filter { $0.finding.severity == severity }
      let isOver = group.count > Self.annotationLimit
      for entry in group.prefix(isOver ? Self.annotationLimit - 1 : group.count) {
        text += command(entry)
      }
      if isOver { text += summary(of: group.dropFirst(Self.annotationLimit - 1), severity) }
    }
    return text
  }

  private func command(_ merged: MergedFinding) -> String {
    let finding = merged.finding
    var properties: [String] = []
    if let place = finding.place {
      properties.append("file=\(escapedProperty(place.file))")
      if let range = merged.located.range, place.anchor != .file {
        properties.append("line=\(range.line)")
        properties.append("endLine=\(range.endLine)")
        // GitHub takes columns only within one line.
        if range.line == range.endLine {
          properties.append("col=\(range.column)")
          properties.append("endColumn=\(range.endColumn)")
        }
      }
    }
    properties.append("title=\(escapedProperty(finding.rule))")
    var lines = [merged.messageWithEnvironments]
    for (related, range) in zip(finding.related, merged.located.relatedRanges) {
      lines.append("\(related.label): \(related.place.file):\(range.line)")
    }
    if let help = finding.help { lines.append("help: \(help)") }
    return
      "::\(name(finding.severity)) \(properties.joined(separator: ","))::"
      + escapedData(lines.joined(separator: "\n")) + "\n"
  }

  private func summary(of rest: ArraySlice<MergedFinding>, _ severity: Severity) -> String {
    let listed = rest.prefix(50).map { merged in
      let place = merged.finding.place.map { "\($0.file):\(merged.located.range?.line ?? 1): " }
      return (place ?? "") + "\(merged.messageWithEnvironments) [\(merged.finding.rule)]"
    }
    var lines = ["\(counted(rest.count, "more \(severity.rawValue)")):"] + listed
    if rest.count > listed.count { lines.append("and \(rest.count - listed.count) more") }
    return "::\(name(severity)) title=pave::\(escapedData(lines.joined(separator: "\n")))\n"
  }

  private func name(_ severity: Severity) -> String {
    severity == .note ? "notice" : severity.rawValue
  }

  private func escapedData(_ text: String) -> String {
    escaped(text, also: "")
  }

  private func escapedProperty(_ text: String) -> String {
    escaped(text, also: ":,")
  }

  /// Percent-encodes what would end a command or a property (actions/toolkit, `command.ts`).
  private func escaped(_ text: String, also special: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where special.unicodeScalars.contains(scalar): result += "%3A"
      case "," where special.unicodeScalars.contains(scalar): result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
