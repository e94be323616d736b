import Diagnostics
import Documents
import Files
import OutputTrees
import Reports

/// Carries out the fixes of findings: as many as leave the platform better than it was, and none that makes a new finding.
struct Mending {
  /// The files that change, by path, with their old and their new bytes.
  private(set) var files: [String: (old: [UInt8], new: [UInt8])] = [:]
  /// How many findings the edits mend.
  private(set) var mended = 0
  /// Fixes that would have made another finding, and were left out.
  private(set) var refused = 0
  /// What is found once they are carried out.
  private(set) var findings: [Finding]

  /// Tries the fixes of what was found. `check` gives what is found when the named files have other bytes.
  init(
    _ found: [Finding], places: PlaceFinder, in tree: any FileTree,
    check: ([String: [UInt8]]) throws -> [Finding]
  ) throws {
    findings = found
    var edits: [TextEdit] = []
    for finding in found where finding.waiver == nil && finding.state != .fixed {
      guard let edit = places.edit(mending: finding), !edits.contains(edit) else { continue }
      edits.append(edit)
    }
    // Two fixes of one place contradict each other: neither is taken.
    edits = edits.filter { edit in
      !edits.contains { $0 != edit && $0.file == edit.file && $0.bytes.overlaps(edit.bytes) }
    }
    guard !edits.isEmpty else { return }
    var accepted: [TextEdit] = []
    if try accept(edits, tree, check) {
      accepted = edits
    } else {
      for edit in edits.prefix(Mending.mostTries) {
        if try accept(accepted + [edit], tree, check) { accepted.append(edit) }
      }
    }
    refused = edits.count - accepted.count
  }

  private static let mostTries = 50

  /// Carries the edits out when nothing new is found then and something is gone.
  private mutating func accept(
    _ edits: [TextEdit], _ tree: any FileTree, _ check: ([String: [UInt8]]) throws -> [Finding]
  ) throws -> Bool {
    var changed: [String: (old: [UInt8], new: [UInt8])] = [:]
    for (file, edits) in Dictionary(grouping: edits, by: \.file) {
      guard let old = try tree.read(file) else { return false }
      var new = old
      for edit in edits.sorted(by: { $0.bytes.lowerBound > $1.bytes.lowerBound }) {
        guard edit.bytes.upperBound <= new.count else { return false }
        new.replaceSubrange(edit.bytes, with: Array(edit.text.utf8))
      }
      changed[file] = (old, new)
    }
    let after = try check(changed.mapValues(\.new))
    let before = Set(findings.map(\.fingerprint))
    let left = Set(after.map(\.fingerprint))
    // What a mistake kept from being rendered may have findings of its own: those are no fault of the fix.
    let wasHidden = findings.contains { $0.rule.hasPrefix("intent/") && $0.severity == .error }
    let fresh = after.filter { !before.contains($0.fingerprint) }
    guard fresh.allSatisfy({ wasHidden && $0.object != nil }),
      left.count < before.count || !fresh.isEmpty,
      !before.isSubset(of: left)
    else { return false }
    mended += before.subtracting(left).count
    files = changed
    findings = after
    return true
  }

  /// The edits as a patch that `git apply` and `patch -p1` take.
  var patch: [UInt8] {
    var text: [UInt8] = []
    for (file, bytes) in files.sorted(by: { $0.key < $1.key }) {
      text += Array("--- a/\(file)\n+++ b/\(file)\n".utf8)
      text += LineDiff(old: bytes.old[...], new: bytes.new[...]).unified
    }
    return text
  }

  /// `2 findings mended in 1 file`.
  var summary: String {
    var text = "\(counted(mended, "finding")) mended in \(counted(files.count, "file"))"
    if refused > 0 {
      text +=
        "; \(counted(refused, "fix", "fixes")) left out: \(refused == 1 ? "it" : "they") would not help"
    }
    return text
  }
}
