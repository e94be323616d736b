import Documents
import Intents
import Manifests
import Repositories

extension LoadedPlatform {
  /// The keys of the units of environments, whose policies may ask about `surroundings` (by environment): objects
  /// that are rendered here. Nil when nothing is to be taken over.
  func unitKeys(_ environments: [Int], _ surroundings: [[Manifest]]) -> UnitKeys? {
    guard let known else { return nil }
    let render = RenderKeys(self)
    var verdicts: [ObjectID?] = platform.environments.map { _ in nil }
    for environment in environments {
      verdicts[environment] = verdictDigest(
        environment, surroundings[environment], render.digests[environment])
    }
    return UnitKeys(known, render, verdicts: verdicts)
  }

  /// The digest of what the verdicts of an environment come from.
  private func verdictDigest(
    _ environment: Int, _ surroundings: [Manifest], _ rendering: ObjectID?
  ) -> ObjectID? {
    guard let rendering, environment < inputs.verdicts.count else { return nil }
    var writer = RecordWriter()
    writer.add(rendering)
    guard writer.add(inputs.verdicts[environment]) else { return nil }
    let yaml = YAMLWriter()
    for object in surroundings { yaml.write(object.value) }
    writer.add(yaml.byteCount)
    writer.add(raw: yaml.bytes)
    yaml.reset()
    if let request { yaml.write(request.root) }
    writer.add(raw: yaml.bytes)
    return writer.digest
  }
}
