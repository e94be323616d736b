import Diagnostics
import Documents
import Intents
import Repositories

/// The branch of each environment, by its index, from `spec.output.branch`; empty with a finding.
func branchNames(
  of output: Output, _ platform: Platform
) -> (names: [String], findings: [Finding]) {
  let place = platform.place(FieldPath(keys: "spec", "output", "branch"))
  let evaluated = environmentTexts(output.branch, at: place, rule: "output/branch", platform)
  let names = evaluated.texts
  var findings = evaluated.findings
  for name in names where !isBranchName(name) {
    findings.append(
      Finding(
        rule: "output/branch", "'\(name)' is no name for a branch", at: place,
        help: "write steps of letters, digits, '.', '_' and '-', with '/' between them"))
  }
  for name in Set(names).sorted() {
    guard let inside = names.first(where: { $0.hasPrefix(name + "/") }) else { continue }
    findings.append(
      Finding(
        rule: "output/branch", "there cannot be a branch '\(name)' beside '\(inside)'", at: place))
  }
  return (findings.isEmpty ? names : [], findings)
}

/// Whether a name can be that of a branch everywhere: a plain path, no `HEAD`, no full ref name, no
/// step that ends in `.lock` (git-check-ref-format(1)).
private func isBranchName(_ name: String) -> Bool {
  guard name != "HEAD", !name.hasPrefix("refs/"), (try? checkPath(name)) != nil else {
    return false
  }
  return name.split(separator: "/").allSatisfy { !$0.hasSuffix(".lock") && !$0.contains("..") }
}
