import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import OutputTrees

/// The instance that the objects of a unit say they belong to.
struct InstanceLabel: Sendable {
  /// The index of the unit's job.
  let index: Int
  let job: UnitJob
  /// The folder that Argo CD takes as one application.
  let folder: String
  let value: String
  let object: ObjectReference
  /// Whether it is published so.
  let isPublished: Bool
}

private let instancePath = FieldPath(keys: "metadata", "labels")
  .key("app.kubernetes.io/instance")

extension UnitWorker {
  /// Holds a unit against what the delivery engine does with it: rules `engine/…`.
  func checkEngine(
    _ manifests: [Manifest], before: [Before]?, of effective: EffectiveIntent, _ job: UnitJob,
    index: Int, folder: String, into findings: inout [Finding]
  ) {
    guard let engine = loaded.deliveryEngine, !folder.isEmpty else { return }
    if engine == .argocd {
      noteInstances(manifests, before: before, job, index: index, folder: folder)
    }
    let found = engineVerdicts(manifests, effective, engine, folder: folder)
    if found.isEmpty { return }
    let environment = loaded.platform.environments[job.environment]
    for verdict in found {
      var finding = verdict.finding
      if let position = verdict.position {
        if isAgainstPublished, case .itself? = before?[position] { finding.state = .same }
        blame(
          Verdict(finding: finding, fields: [finding.path ?? .root]), &finding,
          manifests[position], effective, job, iteration: nil)
      }
      findings.append(about(effective.intent, environment, finding))
    }
    guard isAgainstPublished, let before else { return }
    let old = before.compactMap { side -> Manifest? in
      if case .changed(let manifest) = side { manifest } else { nil }
    }
    for verdict in engineVerdicts(old, effective, engine, folder: folder) {
      addBaseline(about(effective.intent, environment, verdict.finding))
    }
  }

  /// The findings without places, each with the position of its manifest.
  private func engineVerdicts(
    _ manifests: [Manifest], _ effective: EffectiveIntent, _ engine: DeliveryEngine,
    folder: String
  ) -> [(position: Int?, finding: Finding)] {
    func entries(_ name: (Manifest) -> (file: String, byteCount: Int)) -> [EngineManifest] {
      manifests.map {
        let (file, byteCount) = name($0)
        return EngineManifest(file: file, byteCount: byteCount, folder: folder, manifest: $0)
      }
    }
    // Names and sizes of files cost more than the rules: only where there is something to be said.
    let mayBeLarge =
      engine == .argocd
      && manifests.reduce(0) { $0 + textByteCount($1.value) } > folderByteLimit / 8
    if !mayBeLarge {
      let quick = entries { _ in (folder, 0) }
      if engineFolderFindings(quick, engine: engine).isEmpty { return [] }
    }
    let writer = YAMLWriter()
    var positions: [String: Int] = [:]
    let exact = entries { manifest in
      let name = fileName(
        of: manifest.identity, intentNamespace: effective.intent.namespace)
      writer.reset()
      if mayBeLarge { writer.write(manifest.value) }
      return ("\(folder)/\(name)", writer.byteCount)
    }
    for (position, entry) in exact.enumerated() { positions[entry.file] = position }
    return engineFolderFindings(exact, engine: engine).map { finding in
      let position = finding.place.flatMap { positions[$0.file] }
      var finding = finding
      finding.place = nil
      return (position, finding)
    }
  }

  private func noteInstances(
    _ manifests: [Manifest], before: [Before]?, _ job: UnitJob, index: Int, folder: String
  ) {
    var last: Value?
    for (position, manifest) in manifests.enumerated() {
      let label = manifest.value["metadata"]["labels"]["app.kubernetes.io/instance"]
      guard label.isKind(.string), last?.isIdentical(to: label) != true,
        let value = label.asString
      else { continue }
      last = label
      let isPublished =
        switch before?[position] {
        case .itself?: isAgainstPublished
        case .changed(let old)?:
          isAgainstPublished && old.value[instancePath].isIdentical(to: label)
        case .absent?, nil: false
        }
      instances.append(
        InstanceLabel(
          index: index, job: job, folder: folder, value: value, object: manifest.reference,
          isPublished: isPublished))
    }
  }
}

/// The bytes of a value's texts and keys: less than its YAML has.
private func textByteCount(_ value: Value) -> Int {
  if value.isKind(.map) {
    return value.entries.reduce(0) { $0 + $1.key.count + textByteCount($1.value) }
  }
  if value.isKind(.list) { return value.elements.reduce(0) { $0 + textByteCount($1) } }
  return value.isKind(.string) ? value.count : 1
}

extension LoadedPlatform {
  /// Who reads the output; nil when nobody is named.
  var deliveryEngine: DeliveryEngine? {
    switch platform.output?.delivery.engine {
    case .argocd?: .argocd
    case .flux?: .flux
    default: nil
    }
  }

  /// `engine/instance-label` for each unit whose objects say they are of an instance of another folder.
  func sharedInstances(_ labels: [InstanceLabel]) -> [Finding] {
    struct Key: Hashable {
      let environment: Int
      let value: String
      var folder = ""
    }
    var first: [Key: InstanceLabel] = [:]
    var reported: Set<Key> = []
    var findings: [Finding] = []
    let sorted = labels.enumerated()
      .sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
    for label in sorted.map(\.element) {
      var key = Key(environment: label.job.environment, value: label.value)
      guard let other = first[key] else {
        first[key] = label
        continue
      }
      key.folder = label.folder
      if other.folder == label.folder || !reported.insert(key).inserted { continue }
      let name = FieldPath(keys: "metadata", "name")
      var finding = Finding(
        rule: "engine/instance-label", severity: .warning,
        "'\(label.value)' is the instance of objects in '\(other.folder)' too: where Argo CD tracks "
          + "by label, both applications claim them", at: intents[label.job.intent].place(name),
        help: "use another value for each application",
        related: [
          .init(label: "the other intent", place: intents[other.job.intent].place(name))
        ])
      finding.object = label.object
      finding.path = instancePath
      finding.environment = platform.environments[label.job.environment].name
      finding.intent = intents[label.job.intent].reference
      if label.isPublished, other.isPublished { finding.state = .same }
      findings.append(finding)
    }
    return findings
  }
}
