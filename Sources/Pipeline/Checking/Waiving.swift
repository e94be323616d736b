import Diagnostics
import Documents
import Intents
import Policies

extension LoadedPlatform {
  /// The findings with those marked that a waiver holds back, and what is wrong with the waivers.
  ///
  /// An expired waiver still holds for what was there before the change. Findings: `waiver/expired`,
  /// `waiver/unused` (only when everything was looked at), `waiver/not-waivable` (error), and
  /// `waiver/cluster-refuses` for each refusal of a cluster that is waived here.
  func waived(_ findings: [Finding], isWhole: Bool) -> (findings: [Finding], waived: Int) {
    if waivers.isEmpty { return (findings, 0) }
    let fixed = unwaivableRules
    var byRule: [String: [Int]] = [:]
    for (index, waiver) in waivers.enumerated() { byRule[waiver.rule, default: []].append(index) }
    var sources: [String: SourceFile] = [:]
    func lines(_ place: Place) -> ClosedRange<Int>? {
      guard let bytes = waivedFiles[place.file] else { return nil }
      let source = sources[place.file] ?? SourceFile(bytes)
      sources[place.file] = source
      let range = source.range(of: place.anchor)
      return range.line...max(range.line, range.endLine)
    }
    var isUsed = Array(repeating: false, count: waivers.count)
    var isNeeded = isUsed
    var result: [Finding] = []
    var count = 0
    for finding in findings {
      guard finding.object != nil, finding.state != .fixed, let candidates = byRule[finding.rule],
        let index = candidates.first(where: { waivers[$0].isAbout(finding, lines: lines) })
      else {
        result.append(finding)
        continue
      }
      isNeeded[index] = true
      let waiver = waivers[index]
      let isExpired = waiver.expires < today
      if fixed.contains(waiver.rule) || isExpired && finding.state != .same {
        result.append(finding)
        continue
      }
      isUsed[index] = true
      count += 1
      var held = finding
      held.waiver = .init(
        reason: waiver.reason, owner: waiver.owner, expires: waiver.expires, place: waiver.place)
      result.append(held)
      if finding.shown == true { result.append(clusterRefuses(finding, waiver)) }
    }
    for (index, waiver) in waivers.enumerated() {
      result += problems(
        of: waiver, isUnused: isWhole && !isNeeded[index],
        isWaivable: !fixed.contains(waiver.rule))
    }
    return (result, count)
  }

  /// The policies that say that nobody can waive them.
  private var unwaivableRules: Set<String> {
    var names: Set<String> = []
    for check in checks {
      for policy in check.policies.policies
      where policy.annotation("pave.dev/waivable") == "false" { names.insert(policy.name) }
    }
    return names
  }

  private func problems(of waiver: Waiver, isUnused: Bool, isWaivable: Bool) -> [Finding] {
    if !isWaivable {
      return [
        Finding(
          rule: "waiver/not-waivable", "'\(waiver.rule)' cannot be waived", at: waiver.place,
          help: "its policy has the annotation 'pave.dev/waivable: \"false\"'")
      ]
    }
    if isUnused {
      return [
        Finding(
          rule: "waiver/unused", severity: .warning,
          "nothing that '\(waiver.rule)' finds is waived by this", at: waiver.place,
          help: "take it out")
      ]
    }
    guard waiver.expires < today else { return [] }
    return [
      Finding(
        rule: "waiver/expired", severity: .warning,
        "the waiver of '\(waiver.rule)' expired on \(waiver.expires)", at: waiver.place,
        help: "mend what it was for, or have it reviewed again; '\(waiver.owner)' answers for it")
    ]
  }

  private func clusterRefuses(_ finding: Finding, _ waiver: Waiver) -> Finding {
    var warning = Finding(
      rule: "waiver/cluster-refuses", severity: .warning,
      "the cluster will still refuse this: \(finding.message)", at: finding.place,
      help: "'\(waiver.rule)' is waived here, and its binding knows nothing of that",
      related: [.init(label: "the waiver", place: waiver.place)])
    warning.object = finding.object
    warning.path = finding.path
    warning.environment = finding.environment
    warning.intent = finding.intent
    warning.state = finding.state
    return warning
  }
}
