import Diagnostics
import Intents
import Manifests
import OutputTrees
import Repositories

/// Where the objects as they were before the change come from.
enum OldSide: Sendable {
  /// Nowhere: every object counts as created.
  case nothing
  /// Every object was what it is: the verdict on a state that stands.
  case itself
  /// The same platform at another commit, rendered.
  case base(BaseUnits)
  /// What the output's branches hold.
  case published(PublishedUnits)

  /// The objects of which nothing says that they are still there, once all units have been looked at.
  var mayHoldOthers: Bool {
    switch self {
    case .nothing, .itself: false
    case .base, .published: true
    }
  }
}

/// The units of a platform as it was, found by those of one as it is.
final class BaseUnits: Sendable {
  let loaded: LoadedPlatform
  private let environments: [String: Int]
  private let intents: [UnitIdentity: Int]
  /// What tells units that are what they were; nil when everything is to be looked at.
  private let keys: RenderKeys?

  init(_ loaded: LoadedPlatform) {
    self.loaded = loaded
    keys = loaded.known.map { _ in RenderKeys(loaded) }
    environments = Dictionary(
      loaded.platform.environments.map { ($0.name, $0.index) },
      uniquingKeysWith: { first, _ in first })
    intents = Dictionary(
      loaded.intents.enumerated().filter { !loaded.unusableIntents.contains($0.offset) }
        .map { ($0.element.unit(in: ""), $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  /// The unit of an intent in an environment, as it was; nil when there was none.
  func job(of intent: Intent, in environment: String) -> UnitJob? {
    guard let index = intents[intent.unit(in: "")], let place = environments[environment],
      loaded.intents[index].isFor(environment)
    else { return nil }
    return UnitJob(environment: place, intent: index)
  }

  /// The key of the unit of an intent in an environment, as it was; nil when there was none.
  func renderKey(of intent: Intent, in environment: String) -> ObjectID? {
    guard let keys, let job = job(of: intent, in: environment) else { return nil }
    return keys.key(of: job)
  }

  /// The units that are none of `jobs` of `head` any more, for environments that are still there.
  func others(than jobs: [UnitJob], of head: LoadedPlatform) -> [UnitJob] {
    var known: Set<UnitIdentity> = []
    for job in jobs {
      let name = head.platform.environments[job.environment].name
      known.insert(head.intents[job.intent].unit(in: name))
    }
    let wanted = Set(jobs.map { head.platform.environments[$0.environment].name })
      .union(jobs.isEmpty ? head.platform.environments.map(\.name) : [])
    return loaded.platform.environments.filter { wanted.contains($0.name) }.flatMap { environment in
      loaded.intents.indices.compactMap { index -> UnitJob? in
        let intent = loaded.intents[index]
        guard !loaded.unusableIntents.contains(index), intent.isFor(environment.name),
          !known.contains(intent.unit(in: environment.name))
        else { return nil }
        return UnitJob(environment: environment.index, intent: index)
      }
    }
  }
}

/// An object of the old side that no unit has in the same place any more.
struct GoneObject: Sendable {
  /// The index of its environment.
  let environment: Int
  let manifest: Manifest
  /// The intent it came from, as `Kind/namespace/name`.
  let intent: String
  /// Where it can be seen what it came from.
  let place: Place
}

/// An object of the new side that was in no unit's place before: it moved here, or is created.
struct NewcomingObject: Sendable {
  /// The unit's index among the jobs.
  let index: Int
  let job: UnitJob
  let manifest: Manifest
  /// Its index among the objects of its resource.
  let iteration: Int
}
