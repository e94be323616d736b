import Diagnostics

/// What makes two findings the same one, whatever their lines and files: the rule, the environment,
/// the object and its field; without an object, the intent or the file, and the words.
struct FindingKey: Hashable {
  private let rule: String
  private let environment: String?
  private let subject: String
  private let path: FieldPath?
  private let derivedFrom: String?

  init(_ finding: Finding) {
    rule = finding.rule
    environment = finding.environment
    path = finding.path
    derivedFrom = finding.derivedFrom.map(unversioned)
    subject =
      finding.object.map(unversioned)
      ?? [finding.policy ?? finding.intent ?? finding.place?.file ?? "", finding.message]
      .joined(separator: "\n")
  }
}

private func unversioned(_ object: ObjectReference) -> String { object.description }

/// The findings with how they stand against those of the old side; those that are no more follow,
/// as fixed.
///
/// Of several alike, as many are the same as there were; equal words go first. What is marked as the
/// same already stays so.
func marked(_ findings: [Finding], against old: [Finding]) -> [Finding] {
  if old.isEmpty { return findings }
  var rest: [FindingKey: [Finding]] = [:]
  for finding in old { rest[FindingKey(finding), default: []].append(finding) }
  var result = findings
  for wantsEqualWords in [true, false] {
    for index in result.indices where result[index].state == .new {
      let key = FindingKey(result[index])
      guard let candidates = rest[key],
        let match = candidates.firstIndex(where: {
          !wantsEqualWords || $0.message == result[index].message
        })
      else { continue }
      rest[key]?.remove(at: match)
      result[index].state = .same
    }
  }
  for finding in old {
    let key = FindingKey(finding)
    guard let index = rest[key]?.firstIndex(of: finding) else { continue }
    rest[key]?.remove(at: index)
    var fixed = finding
    fixed.state = .fixed
    fixed.shown = finding.shown.map { _ in false }
    result.append(fixed)
  }
  return result
}
