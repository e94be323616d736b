import Diagnostics
import Documents
import Intents
import Manifests
public import OutputTrees
import Repositories
import Synchronization

/// What one branch of the output should hold.
public struct DesiredBranch: Sendable {
  /// Where it is.
  let home: OutputHome
  /// Its environments, by name.
  public let environments: [String]
  /// Its files.
  public let tree: OutputTree

  /// The repository, as `pave.yaml` gives it; empty for a folder on disk.
  public var repository: String { home.repository }
  /// The branch, without `refs/heads/`; empty for a folder on disk.
  public var branch: String { home.branch }
  /// The branch that the delivery engine reads; another one where the branch holds proposals.
  public var activeBranch: String { home.activeBranch }
}

/// What the output should hold, branch by branch.
public struct DesiredOutput: Sendable {
  /// In the order of the environments.
  public let branches: [DesiredBranch]
  /// What is wrong; with an error nothing must be written.
  public let findings: [Finding]
}

extension LoadedPlatform {
  /// What rendered units (with their bytes) should look like in the output, branch by branch; in one
  /// tree whatever their branches when `isOneFolder`.
  ///
  /// Files are hashed on all cores. Throws when the platform has no `spec.output`.
  public func desiredOutput(
    of rendering: Rendering, isOneFolder: Bool = false
  ) throws(OutputError) -> DesiredOutput {
    guard let output = platform.output else {
      throw OutputError(
        "pave.yaml says nothing about the output",
        help: "write 'spec.output.repository' and 'spec.output.branch'")
    }
    return try desiredOutput(
      try outputUnits(of: rendering, output), of: rendering.environments,
      isOneFolder: isOneFolder)
  }

  /// As above, of units that are known as they should stand there; `environments` are the indices of those that were
  /// rendered.
  func desiredOutput(
    _ units: [OutputUnit], of environments: [Int], isOneFolder: Bool = false
  ) throws(OutputError) -> DesiredOutput {
    // An environment that pave.yaml no longer has is pruned only by a rendering of all others.
    let isWhole = environments.count == platform.environments.count
    var desired: [DesiredBranch] = []
    var findings: [Finding] = []
    let homes = targets.map {
      isOneFolder ? OutputHome(repository: "", branch: "", activeBranch: "") : $0.home
    }
    for home in unique(environments.map { homes[$0] }) {
      let names = environments.filter { homes[$0] == home }
        .map { platform.environments[$0].name }
      let own = units.filter { names.contains($0.environment) }
      let made = try git { () throws(RepositoryError) in
        try OutputTree.make(
          own, platform: platform.name,
          scope: isPart ? .units : isWhole ? .everything : .environments(Set(names)),
          isKustomized: platform.output?.delivery.engine == .flux,
          sharedDelivery: { environment, folder in
            let made = DeliveryRendering(self)?.sharedObject(of: environment, folder: folder)
            findings += made?.findings ?? []
            return made?.object.map {
              yamlBytes(of: Manifest(document: $0.document, value: $0.value))
            }
          })
      }
      findings += made.findings
      desired.append(
        DesiredBranch(home: home, environments: names, tree: made.tree))
    }
    return DesiredOutput(branches: desired, findings: findings)
  }

  private func outputUnits(
    of rendering: Rendering, _ output: Output
  ) throws(OutputError) -> [OutputUnit] {
    let failure = Mutex<RepositoryError?>(nil)
    let made = eachIndex(
      below: rendering.units.count, blockCount: 32,
      makeState: { UnitFiles(delivery: DeliveryRendering(self)) }
    ) { index, state in
      let files = rendering.units[index]
      do throws(RepositoryError) {
        state.units.append((index, try outputUnit(files, output, state.writer, state.delivery)))
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw OutputError(failure) }
    return made.flatMap(\.units).sorted { $0.index < $1.index }.map(\.unit)
  }

  /// One rendered unit as it should stand in the output.
  func outputUnit(
    _ files: RenderedFiles, _ output: Output, _ writer: YAMLWriter, _ delivery: DeliveryRendering?
  ) throws(RepositoryError) -> OutputUnit {
    let intent = intents[files.intent]
    let environment = platform.environments[files.environment]
    writer.reset()
    // There is no folder to sync without a manifest.
    let made =
      files.files.isEmpty
      ? nil
      : delivery?.object(
        ofIntent: files.intent, in: files.environment, folder: files.folder,
        sharesObjects: files.files.contains { $0.sharedBytes != nil })
    if let object = made?.object {
      withExtendedLifetime(object.document) { writer.write(object.value) }
    }
    return try OutputUnit(
      environment: environment.name, path: files.folder, intent: intent.reference,
      namespace: intent.namespace, place: intent.place(FieldPath(keys: "metadata", "name")),
      manifests: files.files.map {
        OutputManifest(
          identity: $0.identity, bytes: files.bytes[$0.range], isShared: $0.sharedBytes != nil)
      },
      delivery: made?.object == nil ? nil : writer.bytes[...],
      isKustomized: output.delivery.engine == .flux, problems: made?.findings ?? [])
  }
}

/// What one thread makes of units.
private struct UnitFiles {
  let writer = YAMLWriter()
  let delivery: DeliveryRendering?
  var units: [(index: Int, unit: OutputUnit)] = []
}

/// The elements without repetitions, in the order of their first.
func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
  var seen: Set<Element> = []
  return elements.filter { seen.insert($0).inserted }
}

/// Calls Git and throws what it reports as an error of the output.
func git<Result>(
  _ body: () throws(RepositoryError) -> Result
) throws(OutputError) -> Result {
  do throws(RepositoryError) {
    return try body()
  } catch {
    throw OutputError(error)
  }
}
