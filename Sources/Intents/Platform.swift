public import Diagnostics
public import Documents
public import Files
public import Manifests

/// What `pave.yaml` says: where the files of a platform are, its environments, where it goes.
public struct Platform: Sendable {
  /// How an object of a kind without a schema is treated.
  public enum MissingSchema: String, Sendable, CaseIterable {
    case note
    case error
  }

  /// What a rule's findings weigh on this platform.
  public enum RuleSetting: Hashable, Sendable {
    /// Reported with the given severity.
    case severity(Severity)
    /// Not reported.
    case off
  }

  /// A list of globs or of other texts, each with the place it was written at.
  public struct Pattern: Sendable {
    /// The pattern as written.
    public var text: String
    /// The compiled pattern; nil for a name such as `builtin:recommended`.
    public var glob: GlobPattern?
    /// Where it was written.
    public var place: Place
  }

  /// The file it was read from, such as `pave.yaml`.
  public let file: String
  /// The parsed file; the values of the platform and its environments point into it.
  public let document: Document
  /// `metadata.name`: an RFC 1123 label.
  public var name: String
  /// The versions of Pave that may render the platform; nil for any.
  public var requires: VersionRequirement?
  /// The intents' files.
  public var intents: [Pattern]
  /// The golden paths' folders.
  public var goldenPaths: [Pattern]
  /// Files or folders of policies, or `builtin:<pack>`.
  public var policies: [Pattern]
  /// The files of waivers.
  public var waivers: [Pattern]
  /// The files of CustomResourceDefinitions.
  public var schemaFiles: [Pattern]
  /// What to do about kinds without a schema; `note` unless written.
  public var missingSchema: MissingSchema
  /// Files of objects that are in the cluster and not rendered here.
  public var cluster: [Pattern]
  /// Settings by rule id.
  public var rules: [String: RuleSetting]
  /// The rules that a waiver inside an intent may name; none unless written.
  public var inlineWaivers: [String]
  /// `platform.values` in templates: a map.
  public var values: Value
  /// The environments in the order written; names differ.
  public var environments: [Environment]
  /// Where the manifests go; nil when nothing is said.
  public var output: Output?

  /// The place of a field of `pave.yaml`.
  public func place(_ path: FieldPath, part: Place.Part = .value) -> Place {
    .field(file, path, part: part)
  }

  /// The environment of a name; nil when there is none.
  public func environment(named name: String) -> Environment? {
    environments.first { $0.name == name }
  }
}

/// One cluster that manifests go to.
public struct Environment: Sendable {
  /// Its name: an RFC 1123 label.
  public var name: String
  /// The version of the cluster's API server.
  public var kubernetes: KubernetesVersion
  /// The environment that changes are tried in before; nil for the first.
  public var promotesFrom: String?
  /// The environment whose values it starts from; nil for none.
  public var inherits: String?
  /// `environment.values` in templates, with what it inherits: a map.
  public var values: Value
  /// The memory that `values` points into.
  public var valuesDocument: Document
  /// Policies beyond the platform's.
  public var policies: [Platform.Pattern]
  /// Objects of the cluster beyond the platform's.
  public var cluster: [Platform.Pattern]
  /// Files of definitions beyond the platform's.
  public var schemaFiles: [Platform.Pattern]
  /// What to do about kinds without a schema; nil for the platform's setting.
  public var missingSchema: Platform.MissingSchema?
  /// Settings by rule id that go before the platform's.
  public var rules: [String: Platform.RuleSetting]
  /// How Argo CD or Flux name the cluster.
  public var destination: Destination?
  /// Its 0-based index in `spec.environments`.
  public var index: Int

  /// The cluster as a delivery engine names it.
  public struct Destination: Sendable, Hashable {
    /// The API server's URL; nil for the cluster that the engine runs in.
    public var server: String?
    /// The engine's name for the cluster.
    public var name: String?
  }
}

/// Where the manifests of a platform go.
public struct Output: Sendable {
  /// What syncs the output repository.
  public enum Engine: String, Sendable, CaseIterable {
    case argocd
    case flux
    case none
  }

  /// How the engine is told of the units.
  public struct Delivery: Sendable, Hashable {
    /// The engine; `none` unless written.
    public var engine: Engine
    /// The URL by which the engine reads the output repository.
    public var repositoryURL: String?
    /// The Argo CD project.
    public var project: String?
    /// The namespace of the engine's own objects.
    public var namespace: String?
  }

  /// Who makes the commits of the output.
  public struct Author: Sendable, Hashable {
    /// A person's or a bot's name.
    public var name: String
    /// The address.
    public var email: String
  }

  /// A path or URL, which may hold `${…}`; `.` for the repository of the platform itself.
  public var repository: String
  /// The branch, which may hold `${…}`.
  public var branch: String
  /// The folder of a unit, which may hold `${…}`.
  public var path: String
  /// What commits say, which may hold `${…}`; nil for the standard message.
  public var message: String?
  /// Who makes commits; nil for whoever wrote the source commit.
  public var author: Author?
  /// Whether commits go to `<branch>-next`, from which something else promotes them to the branch.
  public var isProposal: Bool
  /// The URL of the platform's own repository in `hydrator.metadata`; nil for that of its remote.
  public var sourceURL: String?
  /// How the engine is told of it.
  public var delivery: Delivery

  /// The folder of a unit where `spec.output.path` is not written.
  public static let standardPath =
    "${environment.name}/${has(intent.metadata.namespace) ? intent.metadata.namespace : \"_cluster\"}"
    + "/${intent.metadata.name}"
}
