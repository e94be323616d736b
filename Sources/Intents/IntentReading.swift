public import Diagnostics
public import Documents
import Quantities

/// The intents in a file: one a document, empty documents are passed over.
///
/// `environments` are the names that `environments:` may use; nil without a platform. The findings
/// are those of the parser and `intent/…`: unknown fields and environments, wrong types, names that
/// Kubernetes does not take. An intent that has no usable name or kind is left out; one with other
/// faults is there, so that more can be said about it.
public func intents(
  in file: ParsedFile, environments: [String]? = nil
) -> (intents: [Intent], findings: [Finding]) {
  var intents: [Intent] = []
  var findings = file.findings
  for (index, document) in file.documents.enumerated() where !document.root.isNull {
    var reader = IntentReader(file: file.file, document: index, environments: environments)
    if let intent = reader.intent(document) { intents.append(intent) }
    findings += reader.fields.findings
  }
  return (intents, findings)
}

/// A finding `intent/duplicate` for each intent whose kind, group, namespace and name an earlier
/// one has, with the place of that one.
public func duplicates(among intents: [Intent]) -> [Finding] {
  var first: [UnitIdentity: Intent] = [:]
  var findings: [Finding] = []
  for intent in intents {
    let identity = intent.unit(in: "")
    if let other = first[identity] {
      let path = FieldPath(keys: "metadata", "name")
      findings.append(
        Finding(
          rule: "intent/duplicate", "there are two intents '\(intent.reference)'",
          at: intent.place(path), help: "rename one of them, or make them one",
          related: [.init(label: "the first one", place: other.place(path))]))
    } else {
      first[identity] = intent
    }
  }
  return findings
}

private struct IntentReader {
  var fields: FieldReader
  let environments: [String]?

  init(file: String, document: Int, environments: [String]?) {
    fields = FieldReader(file: file, document: document, area: "intent")
    self.environments = environments
  }

  mutating func intent(_ document: Document) -> Intent? {
    guard document.root.isKind(.map) else {
      fields.reportType(document.root, expected: "a map", at: .root)
      return nil
    }
    let root = fields.fields(document.root, at: .root, known: Intent.knownFields)
    let apiVersion = fields.string(root, "apiVersion", at: .root, isRequired: true)
    let kind = fields.string(root, "kind", at: .root, isRequired: true)
    if isMissing(root["metadata"]) { fields.reportMissing("metadata", at: .root) }
    let path = FieldPath(keys: "metadata")
    let metadata = fields.fields(root["metadata"], at: path, known: Intent.knownMetadata)
    let name =
      root["metadata"].isKind(.map)
      ? fields.string(metadata, "name", at: path, isRequired: true) : nil
    let namespace = fields.string(metadata, "namespace", at: path)
    checkName(name, .dns1123Subdomain, at: path.key("name"))
    checkName(namespace, .dns1123Label, at: path.key("namespace"))
    checkLabels(metadata, at: path, isPatch: false)
    _ = fields.map(root["spec"], at: FieldPath(keys: "spec"))
    checkPatches(root["patches"], at: FieldPath(keys: "patches"))
    let own = ownEnvironments(root)
    guard let apiVersion, let kind, let name else { return nil }
    return Intent(
      file: fields.file, documentIndex: fields.document, document: document,
      apiVersion: apiVersion, kind: kind, name: name, namespace: namespace, environments: own)
  }

  private mutating func ownEnvironments(_ root: Value) -> [String]? {
    guard !isMissing(root["environments"]) else { return nil }
    let path = FieldPath(keys: "environments")
    var names: [String] = []
    for entry in fields.map(root["environments"], at: path).entries {
      guard let name = entry.key.asString else { continue }
      names.append(name)
      if let environments, !environments.contains(name) {
        fields.report(
          "unknown-environment", "the platform has no environment '\(name)'", at: path.key(name),
          part: .key,
          help: nearestName(to: name, in: environments).map { "did you mean '\($0)'?" }
            ?? "environments: \(environments.joined(separator: ", "))")
      }
      checkPatch(entry.value, at: path.key(name))
    }
    return names.sorted()
  }

  private mutating func checkPatch(_ value: Value, at path: FieldPath) {
    let patch = fields.fields(value, at: path, known: ["spec", "metadata", "patches"])
    _ = fields.map(patch["spec"], at: path.key("spec"))
    checkPatches(patch["patches"], at: path.key("patches"))
    let metadataPath = path.key("metadata")
    let metadata = fields.map(patch["metadata"], at: metadataPath)
    for entry in metadata.entries {
      guard let key = entry.key.asString, key != "labels", key != "annotations" else { continue }
      if key == "name" || key == "namespace" {
        fields.report(
          "fixed-field", "'metadata.\(key)' is the same in every environment",
          at: metadataPath.key(key), part: .key, help: "write a second intent")
      } else {
        fields.reportUnknown(key, at: metadataPath, known: ["labels", "annotations"])
      }
    }
    checkLabels(metadata, at: metadataPath, isPatch: true)
  }

  /// Patches are maps by resource id; the golden path knows which fields they may change.
  private mutating func checkPatches(_ value: Value, at path: FieldPath) {
    for entry in fields.map(value, at: path).entries {
      guard let id = entry.key.asString else { continue }
      if isMissing(entry.value) {
        fields.reportType(entry.value, expected: "a map", at: path.key(id))
      } else {
        _ = fields.map(entry.value, at: path.key(id))
      }
    }
  }

  /// Labels and annotations must be what the API server takes; in a patch, null takes one away.
  private mutating func checkLabels(_ metadata: Value, at path: FieldPath, isPatch: Bool) {
    for group in ["labels", "annotations"] {
      let path = path.key(group)
      for entry in fields.map(metadata[group], at: path).entries {
        guard let key = entry.key.asString else { continue }
        if let problem = NameFormat.qualifiedName.problems(in: key).first {
          fields.report(
            "invalid-name", "'\(key)' is no key of \(group): \(problem)", at: path.key(key),
            part: .key)
        }
        if isPatch, entry.value.isNull { continue }
        guard let text = entry.value.asString else {
          fields.reportType(entry.value, expected: "text", at: path.key(key))
          continue
        }
        if group == "labels", let problem = NameFormat.labelValue.problems(in: text).first {
          fields.report(
            "invalid-name", "'\(text)' is no value of a label: \(problem)", at: path.key(key))
        }
      }
    }
  }

  private mutating func checkName(_ name: String?, _ format: NameFormat, at path: FieldPath) {
    guard let name, let problem = format.problems(in: name).first else { return }
    fields.report("invalid-name", "'\(name)' is no valid '\(path)': \(problem)", at: path)
  }
}
