import Diagnostics
import Documents
import Intents
import Manifests
import OutputTrees
import Repositories

/// What is published of the rendered units, and how a ledger names it.
struct PublishedSide: Sendable {
  let units: PublishedUnits
  let description: String
}

/// Why there is no published side to hold anything against.
struct NoPublishedSide: Error, Sendable {
  /// The reason, in a few words.
  let text: String
}

extension LoadedPlatform {
  /// What the output's branches hold of the selected units.
  func publishedSide(
    _ selection: UnitSelection, platformFolder folder: String
  ) -> Result<PublishedSide, NoPublishedSide> {
    guard platform.output != nil else {
      return .failure(NoPublishedSide(text: "pave.yaml says nothing about the output"))
    }
    do throws(OutputError) {
      // Before anything is rendered: most platforms that cannot be compared have no repository here.
      let names = try outputNames
      var isAnyThere = false
      for name in names where !isAnyThere {
        isAnyThere = try outputRepository(named: name, platformFolder: folder) != nil
      }
      guard isAnyThere else {
        return .failure(NoPublishedSide(text: missingOutput(names.first ?? "")))
      }
      return .success(
        try publishedSide(of: render(selection, [.bytes]), platformFolder: folder))
    } catch {
      return .failure(NoPublishedSide(text: error.message))
    }
  }

  /// What the output's branches hold in place of a rendering, which must have its bytes.
  func publishedSide(
    of rendering: Rendering, platformFolder folder: String
  ) throws(OutputError) -> PublishedSide {
    let comparison = try compare(rendering, platformFolder: folder)
    let places = Dictionary(
      platform.environments.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    let known = Dictionary(
      intents.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    var units = PublishedUnits()
    for change in comparison.changes {
      guard let environment = places[change.environment] else { continue }
      let old = change.old.flatMap { manifest(in: $0) }
      if let index = change.manifestIndex {
        let unit = PublishedUnits.Unit(environment: environment, folder: change.unit)
        units.changes[unit, default: [:]][index] = old.map { .changed($0) } ?? .absent
      } else if change.new == nil, change.path.hasPrefix(change.unit + "/"), let old {
        let place =
          known[change.intent]?.place(FieldPath(keys: "metadata", "name"))
          ?? Place(file: platformFile)
        units.gone.append(
          GoneObject(
            environment: environment, manifest: old, intent: change.intent, place: place))
      }
    }
    let repository = unique(targets.map { shownOutput($0.repository) }).joined(separator: "', '")
    return PublishedSide(
      units: units,
      description: comparison.missing.map { "nothing: \($0)" } ?? "what '\(repository)' holds")
  }

  private func manifest(in bytes: [UInt8]) -> Manifest? {
    let file = parseYAML(bytes, file: "")
    guard !file.hasErrors, let document = file.documents.first, document.root.isKind(.map) else {
      return nil
    }
    return Manifest(document)
  }
}
