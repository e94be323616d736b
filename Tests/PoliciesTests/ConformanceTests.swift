import Diagnostics
import Documents
import Foundation
import Policies
import Testing

/// Cases with verdicts of a real API server, where the folder `shared/conformance/policies` is
/// beside the checkout or beside a folder above it.
@Suite struct ConformanceTests {
  static let folder: URL? = {
    var url = URL(fileURLWithPath: #filePath)
    while url.path != "/" {
      url.deleteLastPathComponent()
      let candidate = url.appendingPathComponent("shared/conformance/policies/cases")
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
    }
    return nil
  }()

  /// How a case came out.
  enum Outcome: String {
    case agrees
    case otherMessage = "same verdict, other message"
    case differs
    /// Not decided by a policy, or with values that only a running server makes.
    case outside = "not decided by policies"
  }

  @Test(.enabled(if: folder != nil)) func verdictsAgreeWithAnAPIServer() throws {
    let folder = try #require(ConformanceTests.folder)
    var counts: [String: [Outcome: Int]] = [:]
    var report = ""
    for suite in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let suiteFolder = folder.appendingPathComponent(suite)
      for name in try FileManager.default.contentsOfDirectory(atPath: suiteFolder.path).sorted() {
        let (outcome, detail) = try check(suiteFolder.appendingPathComponent(name))
        counts[suite, default: [:]][outcome, default: 0] += 1
        if outcome != .agrees, outcome != .outside {
          report += "\(outcome.rawValue): \(suite)/\(name): \(detail)\n"
        }
      }
    }
    var agreeing = 0
    for (suite, outcomes) in counts.sorted(by: { $0.key < $1.key }) {
      let texts = outcomes.map { "\($0.key.rawValue) \($0.value)" }.sorted()
      print("\(suite): \(texts.joined(separator: ", "))")
      agreeing += outcomes[.agrees] ?? 0
    }
    if let path = ProcessInfo.processInfo.environment["POLICY_CONFORMANCE_REPORT"] {
      try report.write(toFile: path, atomically: true, encoding: .utf8)
    }
    print("policy verdicts that agree: \(agreeing)")
    #expect(agreeing >= ConformanceTests.ratchet)
  }

  /// Raised when more cases agree; never lowered.
  static let ratchet = 590

  private func text(_ folder: URL, _ name: String) -> String? {
    try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func check(_ folder: URL) throws -> (Outcome, String) {
    let data = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
    let expected = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    if expected["depends_on"] != nil { return (.outside, "") }
    var scenario = Scenario(
      text(folder, "policy.yaml") ?? "", bindings: text(folder, "bindings.yaml") ?? "",
      cluster: (text(folder, "cluster.yaml") ?? "") + "\n---\n"
        + (text(folder, "params.yaml") ?? ""))
    scenario.definitions = text(folder, "crds.yaml") ?? ""
    scenario.requester = Requester(
      try requester(expected["userInfo"] as? [String: Any]))
    let result = scenario.result(
      object: text(folder, "object.yaml"), old: text(folder, "old.yaml"))
    let errors = result.findings.filter { $0.severity == .error }
    switch expected["decided_by"] as? String {
    case "none": return passed(result, errors, expected)
    case "policy": return refused(result, errors, expected)
    case "policy-validation", "binding-validation":
      return errors.isEmpty ? (.differs, "the file is accepted") : (.agrees, "")
    default: return (.outside, "")
    }
  }

  private func requester(_ user: [String: Any]?) throws -> Document {
    let user = user ?? ["username": "admin", "groups": ["system:masters", "system:authenticated"]]
    var groups = user["groups"] as? [String] ?? []
    if !groups.contains("system:authenticated") { groups.append("system:authenticated") }
    let name = user["username"] as? String ?? ""
    return Document { arena in
      arena.map([
        "userInfo": arena.map([
          "username": arena.string(name),
          "groups": arena.list(groups.map { arena.string($0) }),
        ]), "dryRun": .true,
      ])
    }
  }

  private func passed(
    _ result: Scenario.Result, _ errors: [Finding], _ expected: [String: Any]
  ) -> (Outcome, String) {
    if let error = errors.first { return (.differs, "accepted there: \(error.message)") }
    let refusals = result.decisions.filter { $0.denies || $0.kind == .notEvaluated }
    if let refusal = refusals.first { return (.differs, "allowed there: \(refusal.message)") }
    let prefix = "Validation failed for ValidatingAdmissionPolicy"
    let theirs = (expected["warnings"] as? [String] ?? []).filter { $0.hasPrefix(prefix) }
    let mine = result.decisions.filter { $0.binding?.actions.contains(.warn) ?? false }.map {
      "\(prefix) '\($0.policy.name)' with binding '\($0.binding?.name ?? "")': \($0.message)"
    }
    return theirs.sorted() == mine.sorted() ? (.agrees, "") : (.differs, "\(mine) not \(theirs)")
  }

  private func refused(
    _ result: Scenario.Result, _ errors: [Finding], _ expected: [String: Any]
  ) -> (Outcome, String) {
    let status = expected["status"] as? [String: Any]
    let theirs = (status?["message"] as? String ?? "").drop { $0 != ":" }.dropFirst()
    let message = (status?["message"] as? String ?? "")
    if message.contains("compilation error") || message.contains("fails to compile"),
      errors.contains(where: { $0.policy != nil })
    {
      return (.agrees, "")
    }
    guard let shown = result.decisions.first(where: \.isShown) else {
      return (.differs, "refused there:\(theirs) — \(errors.map(\.message))")
    }
    let binding = shown.binding.map { " with binding '\($0.name)'" } ?? ""
    let mine =
      "ValidatingAdmissionPolicy '\(shown.policy.name)'\(binding) denied request: \(shown.message)"
    guard message.hasSuffix(mine) else { return (.otherMessage, "\(mine) not\(theirs)") }
    let reason = status?["reason"] as? String
    return reason == shown.reason.rawValue
      ? (.agrees, "") : (.differs, "\(shown.reason) not \(reason ?? "")")
  }
}
