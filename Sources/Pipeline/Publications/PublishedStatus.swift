import Documents
import Intents
import Manifests
public import OutputTrees
public import Repositories

/// What is published of the intents of a platform, environment by environment.
public struct PublishedStatus: Sendable {
  /// One intent in one environment.
  public struct Cell: Sendable {
    /// How it stands.
    public enum State: String, Sendable {
      /// It is in the output.
      case published
      /// The intent is for the environment, and nothing of it is in the output.
      case missing
      /// It is in the output, and the platform (as it is here) has no such intent in the environment.
      case leftover
      /// The intent is not for the environment.
      case none
    }

    /// How it stands.
    public let state: State
    /// Its folder in the output; nil unless it is there.
    public let path: String?
    /// The commit of the output that last changed it.
    public let commit: Commit?
    /// The source commit that this one was rendered from; nil when it was made by hand.
    public let source: ObjectID?
    /// The images of its Pods, sorted, each once.
    public let images: [String]

    /// What tells versions apart for people: the tags of the images; nil without any.
    public var version: String? {
      var seen: Set<String> = []
      let tags = images.map(imageVersion).filter { seen.insert($0).inserted }
      return tags.isEmpty ? nil : tags.joined(separator: ",")
    }
  }

  /// One intent.
  public struct Row: Sendable {
    /// `Kind/namespace/name`.
    public let intent: String
    /// By environment, in the order of `environments`.
    public let cells: [Cell]
  }

  /// The names of the environments.
  public let environments: [String]
  /// For each of them, the branch that was read.
  public let branches: [String]
  /// Sorted by namespace and name.
  public let rows: [Row]
  /// Why there is nothing to be read of an environment, in a few words.
  public let missing: [String]
}

/// What of an image's name changes from version to version: its tag, else the start of its digest, else `latest`.
func imageVersion(_ image: String) -> String {
  let name = image.split(separator: "/").last.map(String.init) ?? image
  let parts = name.split(separator: "@", maxSplits: 1)
  if let first = parts.first, let colon = first.firstIndex(of: ":") {
    return String(first[first.index(after: colon)...])
  }
  guard parts.count == 2, let colon = parts[1].firstIndex(of: ":") else { return "latest" }
  return String(parts[1][parts[1].index(after: colon)...].prefix(12))
}

extension LoadedPlatform {
  /// What is published of the intents (all, when the list is empty) in environments, by their indices.
  ///
  /// Reads what is on this machine; of a server's repository that is what was fetched last. With `proposed` the branches that
  /// hold proposals are read instead of those that the delivery engine reads. Throws when the output cannot be read.
  public func status(
    ofIntents selected: [Int], in selection: [Int], platformFolder folder: String, proposed: Bool
  ) throws(OutputError) -> PublishedStatus {
    let wanted = Set(selected.map { intents[$0].reference })
    let (found, missing) = try readBranches(
      selection, platformFolder: folder, proposed: proposed
    ) { (group, repository, tip) throws(RepositoryError) in
      try published(group, in: repository, at: tip, wanted)
    }
    var cells: [String: [Int: PublishedStatus.Cell]] = [:]
    for (environment, intent, cell) in found.joined() {
      cells[intent, default: [:]][environment] = cell
    }
    let shown = selected.isEmpty ? Array(intents.indices) : selected
    var rows: [PublishedStatus.Row] = []
    let known = Dictionary(
      shown.map { (intents[$0].reference, intents[$0]) }, uniquingKeysWith: { first, _ in first })
    for reference in Set(known.keys).union(cells.keys).sorted(by: isReferenceBefore) {
      let row = selection.map { environment -> PublishedStatus.Cell in
        let isFor = known[reference]?.isFor(platform.environments[environment].name) ?? false
        guard let cell = cells[reference]?[environment] else {
          return PublishedStatus.Cell(
            state: isFor ? .missing : .none, path: nil, commit: nil, source: nil, images: [])
        }
        return PublishedStatus.Cell(
          state: isFor ? .published : .leftover, path: cell.path, commit: cell.commit,
          source: cell.source, images: cell.images)
      }
      rows.append(PublishedStatus.Row(intent: reference, cells: row))
    }
    return PublishedStatus(
      environments: selection.map { platform.environments[$0].name },
      branches: selection.map { proposed ? targets[$0].branch : targets[$0].activeBranch },
      rows: rows, missing: missing)
  }

  private func published(
    _ group: BranchGroup, in repository: Repository, at tip: ObjectID, _ wanted: Set<String>
  ) throws(RepositoryError) -> [(Int, String, PublishedStatus.Cell)] {
    let history = OutputHistory(repository, platform: platform.name)
    let places = Dictionary(
      group.environments.map { (platform.environments[$0].name, $0) },
      uniquingKeysWith: { first, _ in first })
    let units = try history.units(at: tip).filter {
      places[$0.environment] != nil && (wanted.isEmpty || wanted.contains($0.intent))
    }
    let commits = try history.lastChanges(of: Set(units.map(\.path)), at: tip)
    var sources: [ObjectID: ObjectID?] = [:]
    var found: [(Int, String, PublishedStatus.Cell)] = []
    for unit in units {
      guard let environment = places[unit.environment] else { continue }
      let commit = commits[unit.path]
      var source: ObjectID?
      if let commit {
        if let known = sources[commit.id] {
          source = known
        } else {
          source = try history.source(of: commit)
          sources[commit.id] = .some(source)
        }
      }
      found.append(
        (
          environment, unit.intent,
          PublishedStatus.Cell(
            state: .published, path: unit.path, commit: commit, source: source,
            images: try images(of: unit, in: repository))
        ))
    }
    return found
  }

  /// The images in the Pods of a published unit.
  private func images(
    of unit: OutputHistory.Unit, in repository: Repository
  ) throws(RepositoryError) -> [String] {
    var images: Set<String> = []
    for (path, id) in unit.files {
      let name = path.split(separator: "/").last ?? ""
      guard path.hasPrefix(unit.path + "/"), workloadNames.contains(where: name.hasPrefix),
        let manifest = (try? repository.blob(id)).flatMap({ publishedManifest(in: $0) }),
        let spec = podSpecPath(of: manifest)
      else { continue }
      for list in ["containers", "initContainers"] {
        for container in manifest.value[spec][list].elements {
          if let image = container["image"].asString { images.insert(image) }
        }
      }
    }
    return images.sorted()
  }
}

/// How the files of objects with Pods begin.
private let workloadNames = [
  "pod-", "deployment-", "statefulset-", "daemonset-", "replicaset-", "job-", "cronjob-",
  "replicationcontroller-", "rollout.argoproj.io-",
]

/// By namespace and name, then kind.
private func isReferenceBefore(_ left: String, _ right: String) -> Bool {
  func rest(_ text: String) -> Substring { text.drop { $0 != "/" } }
  return (rest(left), left) < (rest(right), right)
}
