import Charts
public import Diagnostics
public import Documents
import Files
public import GoldenPaths
public import Intents
import Manifests
import Policies
import ServedKinds

/// A platform read and compiled: everything that no single unit changes.
public struct LoadedPlatform: Sendable {
  /// What `pave.yaml` says.
  public let platform: Platform
  /// The intents, by file and place in it.
  public let intents: [Intent]
  /// The compiled golden paths.
  let library: GoldenPathLibrary
  /// What each environment is held to, by the environment's index.
  let checks: [EnvironmentChecks]
  /// The folder of each unit in the output; nil without `spec.output`, or when its path is invalid.
  let folders: OutputPattern?
  /// Where each environment goes, by its index; empty without `spec.output`.
  let targets: [OutputTarget]
  /// What commits of the output say; nil for the standard message.
  let message: CommitMessage?
  /// The intents, by index, that are not rendered: of kinds that no golden path is for, or with other
  /// faults that hold in every environment.
  let unusableIntents: Set<Int>
  /// The reviewed exceptions.
  let waivers: [Waiver]
  /// The bytes of the files that have waivers for single lines.
  let waivedFiles: [String: [UInt8]]
  /// The day that their expiry is held against.
  let today: String
  /// The files that say what the platform is held to.
  let configuration: Configuration
  /// The commit that those are of, where it is another one.
  let rulesRevision: String?
  /// What could not be taken into account, with the reason.
  let notEvaluated: [Ledger.NotEvaluated]

  /// The golden paths that can be used, in the order of their files.
  public var goldenPaths: [GoldenPath] { library.paths }

  /// `metadata.name` of `pave.yaml`.
  public var name: String { platform.name }

  /// The names of the environments, in the order written.
  public var environmentNames: [String] { platform.environments.map(\.name) }

  /// Whether promoted fields stand only in the environments' blocks.
  public var isPromoting: Bool { platform.environments.contains { $0.promotesFrom != nil } }

  /// The patterns of the intents' files, as written.
  public var intentPatterns: [String] { platform.intents.map(\.text) }

  /// What is known of the requests that policies see: a map with any of `userInfo`, `dryRun` and
  /// `options`; nil for what the delivery engine would send.
  public var request: Document?

  /// The folder that holds the copies of servers' repositories; nil without one.
  var remoteCopies: String?

  /// What earlier runs found, which is taken over where nothing changed; nil to do everything.
  public var known: KnownOutcomes?

  /// The golden path of each intent, as an index into those of the library; nil for one without.
  let pathOfIntent: [Int?]

  /// What all this was read from.
  let inputs: PlatformInputs

  /// Whether only some of the intents were read: what is rendered is a part of the output then, and what was
  /// found about policies and templates is known.
  let isPart: Bool

  /// The CustomResourceDefinitions of the first environment.
  public var definitions: [Document] { checks.first?.definitions ?? [] }

  /// Whether `pave.yaml` names any policies, for all environments or for one.
  public var hasPolicies: Bool {
    !platform.policies.isEmpty || platform.environments.contains { !$0.policies.isEmpty }
  }
}

/// The policies of one environment, and what exists in its cluster beside the rendering.
struct EnvironmentChecks: Sendable {
  let policies: PolicyFiles
  let directory: ResourceDirectory
  /// What the API server makes of objects before it asks policies.
  let admitter: ObjectAdmitter
  /// The CustomResourceDefinitions.
  let definitions: [Document]
  /// The objects of the `cluster:` files, and those that stand beside policies.
  let cluster: [Manifest]
}

/// What came of reading a platform.
public struct Loading: Sendable {
  /// The platform; nil when `pave.yaml` is missing or cannot be used.
  public var loaded: LoadedPlatform?
  /// What was found, whether or not there is a platform.
  public let findings: [Finding]
  /// Whether a file could not be read, so that the job cannot be done.
  public let isUnreadable: Bool
  /// Whether anything was found about intents.
  let isAboutIntents: Bool
}

/// Reads `pave.yaml` and all files that it selects, and compiles them.
///
/// Every file is parsed once. A mistake in one file is a finding and leaves out what stands there;
/// only `pave.yaml` itself is needed to go on.
public func load(_ world: World) -> Loading {
  var loader = PlatformLoader(world: world)
  let loaded = loader.load()
  return Loading(
    loaded: loaded, findings: loader.findings, isUnreadable: loaded == nil || loader.isUnreadable,
    isAboutIntents: loader.isAboutIntents)
}

/// The platform's own file.
let platformFile = "pave.yaml"
