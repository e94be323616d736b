public import Diagnostics

extension Ledger {
  /// What the run did, in a few lines for people: counts first, then what was left out and why.
  public func text(style: Style = .plain) -> String {
    var parts = [counted(manifests, "manifest"), counted(policies, "policy", "policies")]
    parts.append(counted(evaluations, "evaluation"))
    if reused > 0 { parts.append("\(reused) reused") }
    if waived > 0 { parts.append("\(waived) waived") }
    var text = parts.joined(separator: ", ") + "\n"
    if let oldSide {
      text += style("held against: \(oldSide)", .faint) + "\n"
    }
    if !notMatched.isEmpty {
      text += style("matched nothing: \(notMatched.joined(separator: ", "))", .faint) + "\n"
    }
    for entry in notEvaluated {
      text += style("not evaluated: \(entry.subject): \(entry.reason)", .yellow) + "\n"
    }
    return text
  }
}

/// `1 manifest`, `2 manifests`.
public func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}

/// `2 errors, 1 warning`; `no findings` when there are none. How many of them were there before the
/// change, and how many it fixed, follows: `2 errors (1 of them as before), 3 fixed`.
public func summary(of found: [Finding]) -> String {
  let all = found.filter { $0.waiver == nil }
  let findings = all.filter { $0.state != .fixed }
  let same = findings.count { $0.state == .same }
  var text = counts(of: findings)
  if same > 0 {
    text += same == findings.count ? " (as before)" : " (\(same) of them as before)"
  }
  return all.count > findings.count ? text + ", \(all.count - findings.count) fixed" : text
}

private func counts(of findings: [Finding]) -> String {
  let parts = [Severity.error, .warning, .note].compactMap { severity -> String? in
    let count = findings.count { $0.severity == severity }
    return count == 0 ? nil : counted(count, severity.rawValue)
  }
  return parts.isEmpty ? "no findings" : parts.joined(separator: ", ")
}
