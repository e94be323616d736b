public import Diagnostics
import Documents
public import Manifests

/// A manifest and the file of the output that holds it.
public struct EngineManifest: Sendable {
  /// Relative to the root of the output, `/`-separated.
  public let file: String
  /// The size of the file.
  public let byteCount: Int
  /// The folder that an engine takes as one application, `/`-separated.
  public let folder: String
  /// The object.
  public let manifest: Manifest

  /// A manifest in a file of a folder.
  public init(file: String, byteCount: Int, folder: String, manifest: Manifest) {
    self.file = file
    self.byteCount = byteCount
    self.folder = folder
    self.manifest = manifest
  }
}

/// Who reads the output.
public enum DeliveryEngine: Sendable {
  case argocd
  case flux
}

/// What an engine would do with the manifests of one environment that nobody wants: rules `engine/…`.
///
/// Argo CD as of 3.x (`util/app/discovery`, `controller/sync`), Flux as of 2.9 (kustomize-controller
/// 1.9). The manifests are in the order of their files; findings come in that order, rule by rule.
public func engineFindings(
  _ manifests: [EngineManifest], engine: DeliveryEngine
) -> [Finding] {
  var findings =
    repeatedObjects(manifests, engine) + engineFolderFindings(manifests, engine: engine)
  if engine == .argocd { findings += sharedInstanceLabels(manifests) }
  return findings
}

/// Those of the rules `engine/…` that need no more than the manifests of one folder: all but
/// `engine/repeated-object` and `engine/instance-label`.
public func engineFolderFindings(
  _ manifests: [EngineManifest], engine: DeliveryEngine
) -> [Finding] {
  var findings = folderFindings(manifests, engine)
  for entry in manifests {
    findings += fileNameFindings(entry, engine)
    findings += metadataFindings(entry, engine)
    switch engine {
    case .flux: findings += substitutionFindings(entry)
    case .argocd: findings += skippedFiles(entry)
    }
  }
  if engine == .argocd { findings += definitionOrder(manifests) }
  return findings
}

private func finding(
  _ rule: String, _ entry: EngineManifest, severity: Severity = .error,
  at path: FieldPath = .root, _ message: String, help: String
) -> Finding {
  var finding = Finding(
    rule: rule, severity: severity, message, at: .field(entry.file, path), help: help)
  finding.object = entry.manifest.reference
  finding.path = path
  return finding
}

private func repeatedObjects(
  _ manifests: [EngineManifest], _ engine: DeliveryEngine
) -> [Finding] {
  var first: [ObjectIdentity: EngineManifest] = [:]
  var findings: [Finding] = []
  for entry in manifests {
    if entry.manifest.name.isAbsent { continue }
    guard let other = first[entry.manifest.identity] else {
      first[entry.manifest.identity] = entry
      continue
    }
    var found = finding(
      "engine/repeated-object", entry,
      "the object is in '\(other.file)' too: "
        + (engine == .argocd ? "Argo CD takes the last one" : "Flux refuses the whole folder"),
      help: "render each object once")
    found.related = [Finding.Related(label: "first here", place: Place(file: other.file))]
    findings.append(found)
  }
  return findings
}

/// Argo CD reads at most 10 MB of plain manifests for one application.
public let folderByteLimit = 10 << 20

private func folderFindings(
  _ manifests: [EngineManifest], _ engine: DeliveryEngine
) -> [Finding] {
  guard engine == .argocd else { return [] }
  var sizes: [String: Int] = [:]
  var seen: Set<String> = []
  for entry in manifests where seen.insert(entry.file).inserted {
    sizes[entry.folder, default: 0] += entry.byteCount
  }
  return sizes.filter { $0.value > folderByteLimit }.sorted { $0.key < $1.key }.map {
    Finding(
      rule: "engine/folder-too-large",
      "the folder '\($0.key)' has \($0.value) bytes of manifests, Argo CD reads at most "
        + "\(folderByteLimit)", at: Place(file: $0.key), help: "split the intent")
  }
}

private func fileNameFindings(
  _ entry: EngineManifest, _ engine: DeliveryEngine
) -> [Finding] {
  let ends = ["hart.yaml", "ization.yaml", "ization.yml", "ization"]
  guard ends.contains(where: entry.file.hasSuffix) else { return [] }
  let name = entry.file.split(separator: "/").last.map(String.init) ?? entry.file
  if engine == .argocd, name.hasSuffix("Chart.yaml") {
    return [
      finding(
        "engine/chart-file-name", entry,
        "a file '\(name)' makes Argo CD render its folder with Helm", help: "give it another name")
    ]
  }
  if ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(name),
    entry.manifest.group.asString != "kustomize.config.k8s.io"
  {
    return [
      finding(
        "engine/kustomization-file-name", entry,
        "a file '\(name)' is read as a Kustomize build, not as an object",
        help: "give it another name")
    ]
  }
  return []
}

private func metadataFindings(
  _ entry: EngineManifest, _ engine: DeliveryEngine
) -> [Finding] {
  let metadata = entry.manifest.value["metadata"]
  let annotations = metadata["annotations"]
  var findings: [Finding] = []
  let path = FieldPath(keys: "metadata", "annotations")
  if annotations["argocd.argoproj.io/tracking-id"].isKind(.string) {
    findings.append(
      finding(
        "engine/tracking-id", entry, at: path.key("argocd.argoproj.io/tracking-id"),
        "Argo CD writes the tracking id itself; a committed one may name another application",
        help: "leave the annotation out"))
  }
  let wave = annotations["argocd.argoproj.io/sync-wave"]
  if engine == .argocd, let text = wave.asString, Int(text) == nil {
    findings.append(
      finding(
        "engine/sync-wave", entry, at: path.key("argocd.argoproj.io/sync-wave"),
        "the sync wave '\(text)' is no whole number", help: "write one in quotes, such as \"-1\""))
  }
  let isHook = annotations["argocd.argoproj.io/hook"].isKind(.string)
  if !metadata["generateName"].isAbsent, metadata["name"].isAbsent,
    engine == .flux || !isHook && !annotations["helm.sh/hook"].isKind(.string)
  {
    findings.append(
      finding(
        "engine/generate-name", entry, at: FieldPath(keys: "metadata", "generateName"),
        engine == .flux
          ? "Flux cannot apply an object without a name"
          : "Argo CD creates objects with generateName as hooks only",
        help: engine == .flux
          ? "give it a name" : "give it a name, or the annotation argocd.argoproj.io/hook"))
  }
  if engine == .flux, annotations["helm.sh/hook"].isKind(.string) || isHook {
    let key = isHook ? "argocd.argoproj.io/hook" : "helm.sh/hook"
    findings.append(
      finding(
        "engine/hook", entry, severity: .warning, at: path.key(key),
        "Flux knows no hooks in plain manifests: the object is applied like any other",
        help: "order by dependsOn between Kustomizations"))
  }
  if engine == .argocd, metadata["ownerReferences"].count > 0 {
    findings.append(
      finding(
        "engine/owner-references", entry, severity: .warning,
        at: FieldPath(keys: "metadata", "ownerReferences"),
        "Argo CD does not prune objects with ownerReferences", help: "leave them out"))
  }
  return findings
}

// MARK: Flux

private let substitutionKey = "kustomize.toolkit.fluxcd.io/substitute"

/// `${NAME}` is replaced wherever it stands, even in scripts, once a Kustomization has `postBuild`.
private func substitutionFindings(_ entry: EngineManifest) -> [Finding] {
  let metadata = entry.manifest.value["metadata"]
  for name in ["annotations", "labels"]
  where metadata[name][substitutionKey].asString == "disabled" {
    return []
  }
  if !holdsText(entry.manifest.value, where: { substitutedName($0) != nil }) { return [] }
  var findings: [Finding] = []
  func walk(_ value: Value, _ path: FieldPath) {
    if value.isKind(.map) {
      for field in value.entries { walk(field.value, path.key(field.key.asString ?? "")) }
    } else if value.isKind(.list) {
      for (index, element) in value.elements.enumerated() { walk(element, path.index(index)) }
    } else if let name = substitutedName(value) {
      findings.append(
        finding(
          "engine/substitution", entry, severity: .warning, at: path,
          "Flux's postBuild would replace '${\(name)}', and fail where it has no value for it",
          help: "give the object the annotation \(substitutionKey): disabled"))
    }
  }
  walk(entry.manifest.value, .root)
  return findings
}

/// Whether a text of the value, or a key, is such a one; makes no paths, so that most objects cost little.
private func holdsText(_ value: Value, where isSuch: (Value) -> Bool) -> Bool {
  if value.isKind(.map) {
    return value.entries.contains {
      isSuch($0.key) || holdsText($0.value, where: isSuch)
    }
  }
  if value.isKind(.list) {
    return value.elements.contains { holdsText($0, where: isSuch) }
  }
  return value.isKind(.string) && isSuch(value)
}

/// The first variable that a text would have replaced; `$${NAME}` is escaped.
private func substitutedName(_ value: Value) -> String? {
  guard value.isKind(.string) else { return nil }
  let text = value.utf8
  var index = 0
  while index + 2 < text.count {
    if text[index] == UInt8(ascii: "$"), text[index + 1] == UInt8(ascii: "$") {
      index += 2
      continue
    }
    if text[index] == UInt8(ascii: "$"), text[index + 1] == UInt8(ascii: "{") {
      let start = index + 2
      var end = start
      while end < text.count, isNameByte(text[end]) { end += 1 }
      let isName = end > start && !(0x30...0x39).contains(text[start])
      if isName, end < text.count, ":-=}+/#%^,".utf8.contains(text[end]) {
        return String(decoding: text[start..<end], as: UTF8.self)
      }
    }
    index += 1
  }
  return nil
}

private func isNameByte(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
}

// MARK: Argo CD

/// A file that holds this text is passed over as a whole.
private func skippedFiles(_ entry: EngineManifest) -> [Finding] {
  let mark = "+argocd:skip-file-rendering"
  func isMarked(_ text: Value) -> Bool {
    text.count >= mark.utf8.count && text.utf8.contains(UInt8(ascii: "+"))
      && text.asString?.contains(mark) == true
  }
  if !holdsText(entry.manifest.value, where: isMarked) { return [] }
  var findings: [Finding] = []
  func walk(_ value: Value, _ path: FieldPath) {
    if value.isKind(.map) {
      for field in value.entries {
        if field.key.asString?.contains(mark) == true { report(path) }
        walk(field.value, path.key(field.key.asString ?? ""))
      }
    } else if value.isKind(.list) {
      for (index, element) in value.elements.enumerated() { walk(element, path.index(index)) }
    } else if value.isKind(.string), value.count >= mark.utf8.count,
      value.asString?.contains(mark) == true
    {
      report(path)
    }
  }
  func report(_ path: FieldPath) {
    findings.append(
      finding(
        "engine/skip-file-rendering", entry, at: path,
        "Argo CD passes over a file with the text '\(mark)'", help: "leave that text out"))
  }
  walk(entry.manifest.value, .root)
  return findings
}

/// An object whose definition comes in the same application fails Argo CD's dry run.
private func definitionOrder(_ manifests: [EngineManifest]) -> [Finding] {
  var defined: [String: String] = [:]
  for entry in manifests where entry.manifest.kind.asString == "CustomResourceDefinition" {
    let spec = entry.manifest.value["spec"]
    let key = "\(spec["group"].asString ?? "")/\(spec["names"]["kind"].asString ?? "")"
    defined["\(entry.folder) \(key)"] = entry.file
  }
  if defined.isEmpty { return [] }
  return manifests.compactMap { entry in
    let key = "\(entry.manifest.group.asString ?? "")/\(entry.manifest.kind.asString ?? "")"
    guard let file = defined["\(entry.folder) \(key)"] else { return nil }
    let options =
      entry.manifest.value["metadata"]["annotations"]["argocd.argoproj.io/sync-options"].asString
    if options?.contains("SkipDryRunOnMissingResource=true") == true { return nil }
    return finding(
      "engine/definition-order", entry, severity: .warning,
      "its CustomResourceDefinition is in the same application ('\(file)'): Argo CD's dry run fails "
        + "until that is applied",
      help: "add the annotation argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true")
  }
}

/// Where Argo CD tracks by label, two applications with one value fight over the objects.
private func sharedInstanceLabels(_ manifests: [EngineManifest]) -> [Finding] {
  let label = "app.kubernetes.io/instance"
  var folders: [String: String] = [:]
  var findings: [Finding] = []
  var reported: Set<String> = []
  for entry in manifests {
    guard let value = entry.manifest.value["metadata"]["labels"][label].asString else { continue }
    guard let folder = folders[value] else {
      folders[value] = entry.folder
      continue
    }
    if folder == entry.folder || !reported.insert("\(value) \(entry.folder)").inserted { continue }
    findings.append(
      finding(
        "engine/instance-label", entry, severity: .warning,
        at: FieldPath(keys: "metadata", "labels", label),
        "'\(value)' is the instance of objects in '\(folder)' too: where Argo CD tracks by label, "
          + "both applications claim them", help: "use another value for each application"))
  }
  return findings
}
