import Diagnostics
import Documents

/// One finding for a reader: those that say the same of the same place are one, whatever environment, intent and object
/// they are about. A mistake in a template that 2,000 intents set off is one.
struct MergedFinding {
  /// The first of them.
  var located: LocatedFinding
  /// In the order the findings came; empty for one that is of no environment.
  var environments: [String]

  /// How many objects, or intents where no object is meant, it is about.
  var subjectCount: Int { max(1, subjects.count) }

  /// The first objects that it is about, with the field meant: at most three.
  private(set) var shownObjects: [String] = []
  private var subjects: Set<Subject> = []

  private struct Subject: Hashable {
    var intent: String?
    var object: ObjectReference?
  }

  init(_ located: LocatedFinding) {
    self.located = located
    environments = []
    add(located.finding)
  }

  fileprivate mutating func add(_ finding: Finding) {
    if let environment = finding.environment, !environments.contains(environment) {
      environments.append(environment)
    }
    if finding.intent != nil || finding.object != nil {
      let isNew = subjects.insert(Subject(intent: finding.intent, object: finding.object)).inserted
      if isNew, let object = finding.object, shownObjects.count < 3 {
        let path = finding.path.map { $0.isRoot ? "" : " \($0.description)" } ?? ""
        let origin =
          finding.derivedFrom.map { ", as \($0.description) would create it" } ?? ""
        shownObjects.append(object.description + path + origin)
      }
    }
  }

  var finding: Finding { located.finding }

  /// `dev, prod` or `dev, prod; 2000 objects`: what it is said of; nil when there is nothing to say.
  var scope: String? {
    var parts = environments.isEmpty ? [] : [environments.joined(separator: ", ")]
    if subjectCount > 1 {
      parts.append("\(subjectCount) \(finding.object == nil ? "intents" : "objects")")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// The message with what it is said of.
  var messageWithEnvironments: String {
    scope.map { "\(finding.message) (\($0))" } ?? finding.message
  }
}

extension PlaceFinder {
  /// The findings in the order of reports, those that say the same of one place as one.
  func merged(_ findings: [Finding]) -> [MergedFinding] {
    struct Key: Hashable {
      var place: Place?
      var rule: String
      var message: String
      var severity: Severity
      var state: Finding.State
      var isWaived: Bool
    }
    var indexByKey: [Key: Int] = [:]
    var merged: [MergedFinding] = []
    for located in located(findings) {
      let finding = located.finding
      let key = Key(
        place: finding.place, rule: finding.rule, message: finding.message,
        severity: finding.severity, state: finding.state, isWaived: finding.waiver != nil)
      if let index = indexByKey[key] {
        merged[index].add(finding)
      } else {
        indexByKey[key] = merged.count
        merged.append(MergedFinding(located))
      }
    }
    return merged
  }
}
