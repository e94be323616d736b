import Diagnostics
import Documents
import Intents
import Manifests

extension LoadedPlatform {
  /// `manifest/duplicate` for each object that two units of one environment, or one unit twice,
  /// would put into the same cluster: of two, a cluster would hold the one applied last.
  func duplicateManifests(_ units: [RenderedFiles]) -> [Finding] {
    struct Key: Hashable {
      let environment: Int
      let group: String
      let kind: String
      let namespace: String?
      let name: String
    }
    var first: [Key: RenderedFiles] = [:]
    first.reserveCapacity(units.reduce(0) { $0 + $1.files.count })
    var findings: [Finding] = []
    for unit in units {
      for file in unit.files {
        let identity = file.identity
        let key = Key(
          environment: unit.environment, group: identity.group, kind: identity.kind,
          namespace: identity.namespace, name: identity.name)
        guard let other = first.updateValue(unit, forKey: key) else { continue }
        first[key] = other
        var finding = Finding(
          rule: "manifest/duplicate",
          "'\(identity.reference)' is rendered twice in one environment", at: place(unit),
          help: "give one of them another name",
          related: [.init(label: "rendered from here too", place: place(other))])
        finding.object = identity.reference
        finding.environment = platform.environments[unit.environment].name
        finding.intent = intents[unit.intent].reference
        findings.append(finding)
      }
    }
    return findings
  }

  /// `output/path` for each unit whose folder is another unit's, or holds or is inside one: a unit
  /// owns its folder whole.
  func unitFolderConflicts(_ units: [RenderedFiles]) -> [Finding] {
    guard folders != nil else { return [] }
    var findings: [Finding] = []
    // With a '/' behind them, a folder stands right before those inside it.
    let sorted = units.map { (key: Array(($0.folder + "/").utf8), unit: $0) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var outer: (key: [UInt8], unit: RenderedFiles)?
    for entry in sorted {
      guard let holder = outer, entry.key.starts(with: holder.key) else {
        outer = entry
        continue
      }
      let isSame = entry.key == holder.key
      var finding = Finding(
        rule: "output/path",
        isSame
          ? "two units have the folder '\(entry.unit.folder)'"
          : "the folder '\(entry.unit.folder)' is inside '\(holder.unit.folder)' of another unit",
        at: place(entry.unit),
        help: "make 'spec.output.path' differ for every environment and intent",
        related: [
          .init(label: "the other unit", place: place(holder.unit)),
          .init(
            label: "the path", place: platform.place(FieldPath(keys: "spec", "output", "path"))),
        ])
      finding.environment = platform.environments[entry.unit.environment].name
      finding.intent = intents[entry.unit.intent].reference
      findings.append(finding)
    }
    return findings
  }

  private func place(_ unit: RenderedFiles) -> Place {
    intents[unit.intent].place(FieldPath(keys: "metadata", "name"))
  }
}
