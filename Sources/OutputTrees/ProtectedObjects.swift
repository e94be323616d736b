import Diagnostics
import Documents
import Manifests

/// Deletions of objects that are marked as not to be deleted, and come back nowhere else in their environment: rule
/// `output/protected-deletion`.
func protectedDeletions(_ changes: [ChangeSet.Change]) -> [Finding] {
  var findings: [Finding] = []
  var created: Set<String>?
  for change in changes where change.kind == .deleted {
    guard let old = change.old, mayBeProtected(old), let object = manifest(in: old),
      let mark = protection(of: object)
    else { continue }
    // The object may stand in another file: of another intent, or of a unit that moved.
    let known = created ?? identities(ofCreated: changes)
    created = known
    if known.contains(placed(object.identity, change.environment)) { continue }
    var finding = Finding(
      rule: "output/protected-deletion",
      "'\(object.identity.withoutVersion)' would be deleted, and has \(mark)",
      help: "take the mark away first; if it is to go at once, allow it: --allow-protected")
    finding.environment = change.environment
    finding.intent = change.intent.isEmpty ? nil : change.intent
    finding.object = object.reference
    findings.append(finding)
  }
  return findings
}

/// What marks an object as not to be deleted, for a message; nil without such a mark.
private func protection(of object: Manifest) -> String? {
  let metadata = object.value["metadata"]
  for (key, protects) in marks {
    for part in ["annotations", "labels"] {
      guard let text = metadata[part][key].asString, protects(text) else { continue }
      return "'\(key): \(text)'"
    }
  }
  return nil
}

/// Pave's own mark, and those by which engines are told to keep an object (Argo CD "Sync Options", Flux "Kustomization",
/// Helm "Resource Policy").
private let marks: [(key: String, protects: @Sendable (String) -> Bool)] = [
  ("pave.dev/protected", { $0 == "true" }),
  (
    "argocd.argoproj.io/sync-options",
    { options in
      options.split(separator: ",").contains { option in
        let option = option.filter { $0 != " " }
        return ["Prune=false", "Prune=confirm", "Delete=false", "Delete=confirm"].contains(option)
      }
    }
  ),
  ("kustomize.toolkit.fluxcd.io/prune", { $0 == "disabled" }),
  ("helm.sh/resource-policy", { $0 == "keep" }),
]

/// Whether a file's bytes hold the key of a mark: most do not, and need not be parsed.
private func mayBeProtected(_ bytes: [UInt8]) -> Bool {
  let text = bytes[...]
  return marks.contains { mark in
    let key = Array(mark.key.utf8)
    var rest = text
    while let start = rest.firstIndex(of: key[0]) {
      rest = rest[start...]
      if rest.starts(with: key) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}

private func manifest(in bytes: [UInt8]) -> Manifest? {
  let file = parseYAML(bytes, file: "")
  guard !file.hasErrors, let document = file.documents.first, document.root.isKind(.map) else {
    return nil
  }
  return Manifest(document)
}

private func identities(ofCreated changes: [ChangeSet.Change]) -> Set<String> {
  var identities: Set<String> = []
  for change in changes where change.kind == .created {
    guard let new = change.new, let object = manifest(in: Array(new)) else { continue }
    identities.insert(placed(object.identity, change.environment))
  }
  return identities
}

private func placed(_ identity: ObjectIdentity, _ environment: String) -> String {
  "\(environment) \(identity.withoutVersion)"
}
