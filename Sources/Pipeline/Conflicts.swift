import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests

extension LoadedPlatform {
  /// `manifest/duplicate` for each object that two units of one environment, or one unit twice,
  /// would put into the same cluster: of two, a cluster would hold the one applied last.
  func duplicateManifests(_ units: [RenderedFiles]) -> [Finding] {
    if areDistinct(units) { return [] }
    let units = units.map(withIdentities)
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
    guard folders != nil, !areApart(units) else { return [] }
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

  /// Whether no fingerprint of an object comes twice in an environment: then no object does.
  private func areDistinct(_ units: [RenderedFiles]) -> Bool {
    var seen: Set<UInt64> = []
    var environment: Int?
    for unit in units {
      if unit.environment != environment {
        environment = unit.environment
        seen.removeAll(keepingCapacity: true)
      }
      for object in unit.fingerprints where !seen.insert(object).inserted { return false }
    }
    return true
  }

  /// The unit with the identities of its objects, for which it is rendered where they were taken over.
  private func withIdentities(_ unit: RenderedFiles) -> RenderedFiles {
    if unit.files.count == unit.manifestCount { return unit }
    let environment = platform.environments[unit.environment]
    let renderer = Renderer(
      library: library, context: RenderContext(environment, of: platform))
    let rendered = renderer.render(EffectiveIntent(intents[unit.intent], in: environment.name))
    return RenderedFiles(
      identity: unit.identity, environment: unit.environment, intent: unit.intent,
      folder: unit.folder,
      files: rendered.manifests.map { .init(identity: $0.identity, range: 0..<0) },
      fingerprints: unit.fingerprints)
  }

  /// Whether no folder is another one or inside it, by their fingerprints alone.
  private func areApart(_ units: [RenderedFiles]) -> Bool {
    var whole: Set<UInt64> = Set(minimumCapacity: units.count)
    var around: Set<UInt64> = []
    for unit in units {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in unit.folder.utf8 {
        if byte == UInt8(ascii: "/") { around.insert(hash) }
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
      }
      if !whole.insert(hash).inserted { return false }
    }
    return whole.isDisjoint(with: around)
  }

  private func place(_ unit: RenderedFiles) -> Place {
    intents[unit.intent].place(FieldPath(keys: "metadata", "name"))
  }
}
