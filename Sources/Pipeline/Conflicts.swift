import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests

extension LoadedPlatform {
  /// `manifest/duplicate` for each object that two units of one environment, or one unit twice,
  /// would put into the same cluster: of two, a cluster would hold the one applied last. Objects that units share are one
  /// when they are equal byte for byte, else `output/shared-differs`.
  func duplicateManifests(_ units: [RenderedFiles]) -> [Finding] {
    let repeated = repeatedObjects(units)
    if repeated.isEmpty { return [] }
    var first: [PlacedObject: (unit: RenderedFiles, file: RenderedFiles.File)] = [:]
    var findings: [Finding] = []
    for unit in units where unit.fingerprints.contains(where: repeated.contains) {
      for file in withIdentities(unit).files {
        let key = PlacedObject(unit.identity.environment, file.identity)
        guard let other = first[key] else {
          first[key] = (unit, file)
          continue
        }
        if let bytes = file.sharedBytes, let others = other.file.sharedBytes {
          if bytes != others { findings.append(sharedDiffers(file, unit, other.unit)) }
          continue
        }
        findings.append(duplicate(file, unit, other.unit))
      }
    }
    return findings
  }

  private func duplicate(
    _ file: RenderedFiles.File, _ unit: RenderedFiles, _ other: RenderedFiles
  ) -> Finding {
    finding(
      Finding(
        rule: "manifest/duplicate",
        "'\(file.identity.reference)' is rendered twice in one environment", at: place(unit),
        help:
          "give one of them another name, or let all that ask for it share one ('shared: true' of the resource)",
        related: [.init(label: "rendered from here too", place: place(other))]), about: file, unit)
  }

  private func sharedDiffers(
    _ file: RenderedFiles.File, _ unit: RenderedFiles, _ other: RenderedFiles
  ) -> Finding {
    finding(
      Finding(
        rule: "output/shared-differs",
        "the shared object '\(file.identity.reference)' differs from that of "
          + "'\(intents[other.intent].reference)'", at: place(unit),
        help: "objects that several intents ask for must be equal byte for byte",
        related: [.init(label: "first asked for here", place: place(other))]), about: file, unit)
  }

  private func finding(
    _ finding: Finding, about file: RenderedFiles.File, _ unit: RenderedFiles
  ) -> Finding {
    var finding = finding
    finding.object = file.identity.reference
    finding.environment = platform.environments[unit.environment].name
    finding.intent = intents[unit.intent].reference
    return finding
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

  /// The fingerprints that come twice in an environment: where there are none, no object does.
  private func repeatedObjects(_ units: [RenderedFiles]) -> Set<UInt64> {
    var seen: Set<UInt64> = []
    var repeated: Set<UInt64> = []
    var environment: Int?
    for unit in units {
      if unit.environment != environment {
        environment = unit.environment
        seen.removeAll(keepingCapacity: true)
      }
      for object in unit.fingerprints where !seen.insert(object).inserted {
        repeated.insert(object)
      }
    }
    return repeated
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
      files: rendered.manifests.map {
        .init(
          identity: $0.identity, range: 0..<0, sharedBytes: $0.isShared ? yamlBytes(of: $0) : nil)
      },
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

/// An object of an environment, whatever the version that it is written in.
struct PlacedObject: Hashable {
  let environment: String
  let identity: ObjectIdentity

  init(_ environment: String, _ identity: ObjectIdentity) {
    self.environment = environment
    self.identity = identity.withoutVersion
  }
}

/// The YAML of one object.
func yamlBytes(of manifest: Manifest) -> [UInt8] {
  let writer = YAMLWriter()
  withExtendedLifetime(manifest.document) { writer.write(manifest.value) }
  return writer.bytes
}
