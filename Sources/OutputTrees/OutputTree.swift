public import Diagnostics
import Manifests
public import Repositories

/// Everything that should stand in the output: units with their files, in memory only.
public struct OutputTree: Sendable {
  /// The platform's name: several may share one output.
  public let platform: String
  /// Which published units this tree speaks for.
  public enum Scope: Sendable, Equatable {
    /// All: what is not in the tree is deleted.
    case everything
    /// Those of some environments; others are left alone.
    case environments(Set<String>)
    /// Only those in the tree; nothing else is deleted.
    case units
  }

  /// Which published units the tree speaks for.
  public let scope: Scope
  /// Sorted by path; the folders of shared objects are among them.
  let units: [OutputUnit]

  /// A tree of units.
  ///
  /// Findings: those of the units; two units with one folder or one inside another's
  /// (`output/path-clash`); a shared object that two intents ask for with different bytes
  /// (`output/shared-differs`). With a finding of severity error the tree must not be published.
  /// Throws when bytes cannot be hashed.
  ///
  /// `sharedDelivery` gives the object that makes an engine sync an environment's folder of shared objects, by the
  /// environment's name and the folder; `isKustomized` lists them in a `kustomization.yaml`.
  public static func make(
    _ units: [OutputUnit], platform: String, scope: Scope = .everything, isKustomized: Bool = false,
    sharedDelivery: (_ environment: String, _ folder: String) -> [UInt8]? = { _, _ in nil }
  ) throws(RepositoryError) -> (tree: OutputTree, findings: [Finding]) {
    var findings = units.flatMap(\.findings) + pathClashes(units)
    let sharedUnits = try sharedUnits(of: units, &findings) { environment, files in
      let folder = sharedFolder(environment: environment)
      var more: [OutputUnit.File] = []
      if isKustomized {
        more.append(.init(path: kustomizationFile, bytes: kustomization(of: files)[...]))
      }
      if let delivery = sharedDelivery(environment, folder) {
        let place = "/" + deliveryPath(environment: environment, unit: folder)
        more.append(.init(path: place, bytes: delivery[...]))
      }
      return more
    }
    let all = (units + sharedUnits).sorted { isPathBefore($0.path, $1.path) }
    let tree = OutputTree(platform: platform, scope: scope, units: all)
    return (tree, findings)
  }

  /// The number of files that hold objects.
  public var manifestCount: Int { units.reduce(0) { $0 + $1.fileCount } }
}

/// Whether no path is another one or inside it, by hashes of them alone (FNV-1a).
private func areApart(_ units: [OutputUnit]) -> Bool {
  var whole: Set<UInt64> = Set(minimumCapacity: units.count)
  var around: Set<UInt64> = []
  for unit in units {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in unit.path.utf8 {
      if byte == UInt8(ascii: "/") { around.insert(hash) }
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    if !whole.insert(hash).inserted { return false }
  }
  return whole.isDisjoint(with: around)
}

private func pathClashes(_ units: [OutputUnit]) -> [Finding] {
  if areApart(units) { return [] }
  var owners: [String: OutputUnit] = [:]
  owners.reserveCapacity(units.count)
  var findings: [Finding] = []
  for unit in units {
    if let other = owners.updateValue(unit, forKey: unit.path) {
      findings.append(
        clash(
          unit, other, "the intents '\(unit.intent)' and '\(other.intent)' have one output path"))
    }
  }
  for unit in units {
    for end in unit.path.indices where unit.path[end] == "/" {
      guard let other = owners[String(unit.path[..<end])] else { continue }
      findings.append(
        clash(unit, other, "the output path is inside '\(other.path)' of '\(other.intent)'"))
    }
  }
  return findings
}

private func clash(_ unit: OutputUnit, _ other: OutputUnit, _ problem: String) -> Finding {
  var finding = Finding(
    rule: "output/path-clash", "\(problem): '\(unit.path)'", at: unit.place,
    help: "make output.path in pave.yaml tell the intents apart, such as with their kind",
    related: other.place.map { [.init(label: "the other intent", place: $0)] } ?? [])
  finding.environment = unit.environment
  finding.intent = unit.intent
  return finding
}

/// One unit an environment for the objects that its units share.
private func sharedUnits(
  of units: [OutputUnit], _ findings: inout [Finding],
  addingTo added: (_ environment: String, _ files: [String]) -> [OutputUnit.File]
) throws(RepositoryError) -> [OutputUnit] {
  var files: [String: [String: (file: OutputUnit.File, asker: OutputUnit)]] = [:]
  var askers: [String: [String: [String]]] = [:]
  for unit in units {
    for manifest in unit.shared {
      let path = manifest.file.path
      if let first = files[unit.environment]?[path], first.file.id != manifest.file.id {
        findings.append(difference(manifest, unit, first.asker))
        continue
      }
      if files[unit.environment]?[path] == nil {
        files[unit.environment, default: [:]][path] = (manifest.file, unit)
      }
      askers[unit.environment, default: [:]][path, default: []].append(unit.intent)
    }
  }
  var result: [OutputUnit] = []
  for (environment, byPath) in files.sorted(by: { $0.key < $1.key }) {
    // Whose manifest a file is can be told of a unit's own files only.
    let own = byPath.values.map {
      OutputUnit.File(path: $0.file.path, bytes: $0.file.bytes, id: $0.file.id)
    }
    let more = added(environment, own.map(\.path).sorted(by: isPathBefore))
    result.append(
      try OutputUnit(
        environment: environment, path: sharedFolder(environment: environment),
        files: (own + more).sorted { isPathBefore($0.path, $1.path) },
        askers: askers[environment] ?? [:]))
  }
  return result
}

private func difference(
  _ manifest: OutputUnit.SharedManifest, _ unit: OutputUnit, _ first: OutputUnit
) -> Finding {
  var finding = Finding(
    rule: "output/shared-differs",
    "the shared object '\(manifest.identity)' differs from that of '\(first.intent)'",
    at: unit.place, help: "objects that several intents ask for must be equal byte for byte",
    related: first.place.map { [.init(label: "first asked for here", place: $0)] } ?? [])
  finding.environment = unit.environment
  finding.intent = unit.intent
  finding.object = manifest.identity.reference
  return finding
}
