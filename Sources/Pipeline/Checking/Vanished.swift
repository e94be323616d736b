import Diagnostics

extension LoadedPlatform {
  /// `trust/vanished` for each finding that the rules of the base would give and those of the change
  /// do not, or with less weight: a policy, a waiver or `pave.yaml` was changed in a way that hides it.
  ///
  /// Both lists are about the same objects. Findings about what is no object are left out: they are
  /// about the changed files themselves.
  func vanished(_ kept: [Finding], from current: [Finding]) -> [Finding] {
    var rest: [FindingKey: [Severity]] = [:]
    for finding in current where finding.state != .fixed && finding.waiver == nil {
      rest[FindingKey(finding), default: []].append(finding.severity)
    }
    var result: [Finding] = []
    for finding in kept
    where finding.state != .fixed && finding.waiver == nil && finding.object != nil
      && finding.derivedFrom == nil && !finding.rule.hasPrefix("waiver/")
    {
      let key = FindingKey(finding)
      // One that weighs less than it did is as good as gone.
      if let index = rest[key]?.firstIndex(where: { $0 >= finding.severity }) {
        rest[key]?.remove(at: index)
        continue
      }
      var report = Finding(
        rule: "trust/vanished", severity: .warning,
        "'\(finding.rule)' would find this before the change: \(finding.message)",
        at: finding.place,
        help: "the change takes it away through a policy, a waiver or pave.yaml; "
          + "'--trust base' holds it to those of the base",
        related: finding.related)
      report.object = finding.object
      report.path = finding.path
      report.environment = finding.environment
      report.intent = finding.intent
      result.append(report)
    }
    return withSettings(result)
  }
}
