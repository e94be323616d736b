import Diagnostics
import Documents
import Reports

/// The findings that a repository already had when it began to be checked: they count as there before.
struct Baseline {
  private let fingerprints: Set<String>

  /// A baseline that was written before; ends the command with exit code 2 when the file is none.
  init(file: String) throws {
    let parsed = parseJSON(try bytes(ofFile: file), file: file)
    guard let root = parsed.documents.first?.root, root["pave"].asString == "baseline",
      root["schemaVersion"].intPayload == 1, root["findings"].isKind(.list)
    else {
      throw CommandFailure(
        message: "'\(file)' is no baseline; write one with --write-baseline")
    }
    fingerprints = Set(root["findings"].elements.compactMap { $0["fingerprint"].asString })
  }

  /// The findings with those marked as there before that the baseline holds.
  func marked(_ findings: [Finding]) -> [Finding] {
    findings.map { finding in
      guard finding.state == .new, fingerprints.contains(finding.fingerprint) else {
        return finding
      }
      var finding = finding
      finding.state = .same
      return finding
    }
  }

  /// How many entries nothing answers to any more.
  func unused(by findings: [Finding]) -> Int {
    fingerprints.subtracting(findings.map(\.fingerprint)).count
  }

  /// The file's bytes for what is found now: one entry a finding, sorted, with what a reviewer needs to know of it.
  static func document(of findings: [Finding]) -> [UInt8] {
    var entries: [String: (rule: String, subject: String)] = [:]
    for finding in findings where finding.waiver == nil && finding.state != .fixed {
      let subject = [
        finding.environment, finding.object?.description ?? finding.place?.file,
        finding.path.map(\.description),
      ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
      entries[finding.fingerprint] = (finding.rule, subject)
    }
    let arena = Arena(firstChunkByteCount: 1 << 16)
    let list = entries.sorted {
      ($0.value.rule, $0.value.subject, $0.key) < ($1.value.rule, $1.value.subject, $1.key)
    }
    .map { fingerprint, entry in
      arena.map([
        "rule": arena.string(entry.rule), "subject": arena.string(entry.subject),
        "fingerprint": arena.string(fingerprint),
      ])
    }
    let root = arena.map([
      "pave": arena.string("baseline"), "schemaVersion": .int(1), "findings": arena.list(list),
    ])
    let writer = JSONWriter()
    writer.write(root, indented: true)
    writer.writeLineFeed()
    return writer.bytes
  }
}
