import Diagnostics
public import OutputTrees

/// Changed objects as people read them: one heading an object, then the lines that differ.
public struct ChangesReport {
  private let style: Style

  /// A report in a style.
  public init(style: Style) { self.style = style }

  /// Every change with its lines, and the totals at the end; one line when nothing changes.
  public func text(of changes: [ChangeSet.Change]) -> String {
    var text = ""
    for change in changes {
      text += heading(change) + "\n"
      let diff = LineDiff(old: (change.old ?? [])[...], new: change.new ?? [])
      for hunk in diff.hunks {
        text += style(hunk.header, .blue) + "\n"
        for line in hunk.lines { text += self.text(of: line) + "\n" }
      }
      text += "\n"
    }
    return text + summary(of: changes) + "\n"
  }

  /// One line an object with the number of lines added and removed, and the totals at the end.
  public func stat(of changes: [ChangeSet.Change]) -> String {
    let width = changes.map { $0.path.unicodeScalars.count }.max() ?? 0
    var text = ""
    for change in changes {
      let diff = LineDiff(old: (change.old ?? [])[...], new: change.new ?? [])
      let pad = String(repeating: " ", count: width - change.path.unicodeScalars.count)
      text += "\(mark(change.kind)) \(printableText(change.path))\(pad)  "
      text +=
        style("+\(diff.addedCount)", .green) + " " + style("-\(diff.removedCount)", .red) + "\n"
    }
    return text + summary(of: changes) + "\n"
  }

  /// `12 created, 3 updated in dev, prod; 4 intents`, or `no changes`.
  public func summary(of changes: [ChangeSet.Change]) -> String {
    let counts = ChangeSet.Kind.allCases.compactMap { kind -> String? in
      let count = changes.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    guard !counts.isEmpty else { return "no changes" }
    let environments = Set(changes.map(\.environment)).sorted().joined(separator: ", ")
    let intents = Set(changes.map(\.intent)).subtracting([""]).count
    // What several intents share changes for none of them in particular.
    let about = intents == 0 ? "shared objects" : counted(intents, "intent")
    return "\(counts.joined(separator: ", ")) in \(environments); \(about)"
  }

  private func heading(_ change: ChangeSet.Change) -> String {
    var text = "\(mark(change.kind)) \(style(printableText(change.path), .bold))"
    if !change.intent.isEmpty { text += style(" (\(printableText(change.intent)))", .faint) }
    return text
  }

  private func mark(_ kind: ChangeSet.Kind) -> String {
    switch kind {
    case .created: style("created", .green)
    case .updated: style("updated", .yellow)
    case .deleted: style("deleted", .red)
    }
  }

  private func text(of line: LineDiff.Line) -> String {
    let text = printableText(String(decoding: line.text, as: UTF8.self))
    return switch line.kind {
    case .added: style("+\(text)", .green)
    case .removed: style("-\(text)", .red)
    default: " \(text)"
    }
  }
}
