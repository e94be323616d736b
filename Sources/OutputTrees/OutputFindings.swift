import Diagnostics
import Repositories

/// How an environment's objects fare, for the guards.
struct ObjectCounts {
  var kept = 0
  var created: [ObjectID] = []
  var deleted: [ObjectID] = []

  /// Deleted objects, less those that are created with the same bytes elsewhere.
  var gone: Int {
    var moved: [ObjectID: Int] = [:]
    for id in created { moved[id, default: 0] += 1 }
    var count = 0
    for id in deleted {
      if let left = moved[id], left > 0 {
        moved[id] = left - 1
      } else {
        count += 1
      }
    }
    return count
  }
}

/// The environments that would lose so much that it is likely a mistake.
func guardFindings(_ counts: [String: ObjectCounts], _ guards: OutputGuards) -> [Finding] {
  var findings: [Finding] = []
  for (environment, counts) in counts.sorted(by: { $0.key < $1.key }) {
    let total = counts.kept + counts.deleted.count
    let gone = counts.gone
    if !guards.allowsEmpty, counts.kept + counts.created.count == 0, total > 0 {
      var finding = Finding(
        rule: "output/empty-rendering",
        "nothing is rendered for the environment '\(environment)', which has \(total) objects",
        help: "if all of them are to be deleted, allow it: --allow-empty")
      finding.environment = environment
      findings.append(finding)
    } else if !guards.allowsDeletions, gone >= 10, gone * 10 > total * 3 {
      var finding = Finding(
        rule: "output/mass-deletion",
        "\(gone) of the \(total) objects of the environment '\(environment)' would be deleted",
        help: "if that is meant, allow it: --allow-deletions")
      finding.environment = environment
      findings.append(finding)
    }
  }
  return findings
}

extension Finding {
  static func foreignFileInTheWay(_ path: String, _ unit: OutputUnit) -> Finding {
    var finding = Finding(
      rule: "output/foreign-file",
      "the output has a file '\(path)' that was not written by pave; it would be overwritten",
      at: unit.place, help: "move or delete that file in the output, then run again")
    finding.environment = unit.environment
    finding.intent = unit.intent
    return finding
  }

  static func foreignFile(_ path: String, _ environment: String, _ intent: String) -> Finding {
    var finding = Finding(
      rule: "output/foreign-file", severity: .warning,
      "the output has a file '\(path)' that was not written by pave; it is kept",
      help: "move it out of the folders that pave writes")
    finding.environment = environment
    finding.intent = intent.isEmpty ? nil : intent
    return finding
  }

  static func editedByHand(
    _ path: String, isGone: Bool, _ environment: String, _ intent: String
  ) -> Finding {
    var finding = Finding(
      rule: "output/edited-by-hand", severity: .warning,
      "the file '\(path)' of the output was \(isGone ? "deleted" : "changed") by hand "
        + "since it was published; it is brought back in line",
      help: "change the intent or the golden path instead")
    finding.environment = environment
    finding.intent = intent.isEmpty ? nil : intent
    return finding
  }

  static func badInventory(_ path: String, _ unit: String) -> Finding {
    Finding(
      rule: "output/bad-inventory",
      "the inventory '\(path)' of '\(unit)' cannot be read, so nobody knows which files are ours",
      help: "restore that file from the output's history, or use the version of pave that wrote it")
  }
}
