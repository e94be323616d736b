import Diagnostics
import Documents

/// One finding for a reader who does not count environments: those that differ only in their environment are one.
struct MergedFinding {
  /// The first of them.
  var located: LocatedFinding
  /// In the order the findings came; empty for one that is of no environment.
  var environments: [String]

  var finding: Finding { located.finding }

  /// The message with the environments that it holds in.
  var messageWithEnvironments: String {
    environments.isEmpty
      ? finding.message : "\(finding.message) (\(environments.joined(separator: ", ")))"
  }
}

extension PlaceFinder {
  /// The findings in the order of reports, those that differ only in their environment as one.
  func merged(_ findings: [Finding]) -> [MergedFinding] {
    struct Key: Hashable {
      var place: Place?
      var rule: String
      var message: String
      var severity: Severity
      var path: FieldPath?
      var object: ObjectReference?
      var state: Finding.State
    }
    var indexByKey: [Key: Int] = [:]
    var merged: [MergedFinding] = []
    for located in located(findings) {
      let finding = located.finding
      let key = Key(
        place: finding.place, rule: finding.rule, message: finding.message,
        severity: finding.severity, path: finding.path, object: finding.object,
        state: finding.state)
      if let index = indexByKey[key] {
        if let environment = finding.environment,
          !merged[index].environments.contains(environment)
        {
          merged[index].environments.append(environment)
        }
      } else {
        indexByKey[key] = merged.count
        merged.append(
          MergedFinding(located: located, environments: finding.environment.map { [$0] } ?? []))
      }
    }
    return merged
  }
}
