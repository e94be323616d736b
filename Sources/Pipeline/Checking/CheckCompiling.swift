import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Policies

extension LoadedPlatform {
  /// What policies of an environment may ask about beside the object itself and is rendered here.
  func surroundings(_ environment: Int, _ jobs: [UnitJob]) -> [Manifest] {
    let wanted = Surroundings(checks[environment].policies)
    let mayRender = library.paths.map { library.mayRender(wanted.kinds, $0) }
    if !mayRender.contains(true) { return [] }
    let early = jobs.filter { job in
      job.environment == environment && pathOfIntent[job.intent].map { mayRender[$0] } ?? false
    }
    let workers = eachIndex(
      below: early.count, blockCount: 8,
      makeState: { UnitWorker(self, tasks: [], policySets: [], keeping: wanted) }
    ) { index, worker in
      worker.work(on: early[index], index: index)
    }
    return workers.flatMap { $0.keptSurroundings() }.sorted { $0.index < $1.index }
      .flatMap(\.manifests)
  }

  /// The compiled policies of environments, on all cores; environments that are held to the same share them.
  func compileChecks(
    _ environments: [Int], _ surroundings: [[Manifest]]
  ) -> [CompiledChecks] {
    var firsts: [Int] = []
    let places = environments.map { environment in
      let like = firsts.firstIndex {
        surroundings[$0].isEmpty && surroundings[environment].isEmpty
          && platform.environments[$0].isHeldLike(platform.environments[environment])
      }
      if let like { return like }
      firsts.append(environment)
      return firsts.count - 1
    }
    let different = firsts
    let compiled = eachResult(below: different.count) { index in
      let environment = different[index]
      let checks = checks[environment]
      let cluster = ClusterState(
        objects: checks.admitter.stored(
          surroundings[environment] + checks.cluster, for: checks.policies))
      let result = PolicySet.compile(
        checks.policies, directory: checks.directory, cluster: cluster, requester: requester,
        types: checks.admitter.objectTypes)
      let ofRepository =
        checks.policies.repositoryPolicies.isEmpty
        ? nil
        : PolicySet.compileRepositoryPolicies(
          checks.policies, directory: checks.directory, cluster: cluster,
          types: checks.admitter.objectTypes)
      return CompiledChecks(
        set: result.set, repositorySet: ofRepository?.set,
        findings: result.findings + (ofRepository?.findings ?? []))
    }
    return places.map { compiled[$0] }
  }
}

/// The objects beside the one of a request that policies can ask about: Namespaces, and those that may be parameters.
struct Surroundings: Sendable {
  /// Their kinds.
  private(set) var kinds: Set<GroupKind> = [GroupKind(group: "", kind: "Namespace")]
  /// For kinds of parameters that are looked for in some namespaces only, those.
  private var namespaces: [GroupKind: Set<String>] = [:]

  init(_ policies: PolicyFiles) {
    for place in policies.paramPlaces {
      let kind = GroupKind(group: place.group, kind: place.kind)
      if kinds.insert(kind).inserted { namespaces[kind] = place.namespaces }
    }
  }

  /// Whether an object is one of them.
  func contains(_ object: Manifest) -> Bool {
    let kind = GroupKind(group: object.group.asString ?? "", kind: object.kind.asString ?? "")
    guard kinds.contains(kind) else { return false }
    guard let namespaces = namespaces[kind] else { return true }
    return namespaces.contains(object.namespace.asString ?? "default")
  }
}

/// The policies of an environment, ready to be asked.
struct CompiledChecks: Sendable {
  let set: PolicySet
  let repositorySet: PolicySet?
  let findings: [Finding]
}

extension Environment {
  /// Whether another environment of the platform has the same policies, schemas and objects in its cluster.
  fileprivate func isHeldLike(_ other: Environment) -> Bool {
    kubernetes.minor == other.kubernetes.minor && missingSchema == other.missingSchema
      && policies.map(\.text) == other.policies.map(\.text)
      && cluster.map(\.text) == other.cluster.map(\.text)
      && schemaFiles.map(\.text) == other.schemaFiles.map(\.text)
  }
}
