import Intents
public import OutputTrees
public import Repositories

/// One commit of the output that changed an intent's units.
public struct LoggedPublication: Sendable {
  /// The branch, without `refs/heads/`.
  public let branch: String
  /// The environments whose units it changed, in the platform's order.
  public let environments: [String]
  /// The commit, its source, and what it did to the files of the first of them.
  public let commit: Commit
  /// The source commit that it was rendered from; nil for one that was made by hand.
  public let source: ObjectID?
  /// How many files it made.
  public internal(set) var created: Int
  /// How many it changed.
  public internal(set) var updated: Int
  /// How many it took away.
  public internal(set) var deleted: Int
}

extension LoadedPlatform {
  /// The commits of the output that changed the units of an intent, newest first, at most `limit`.
  ///
  /// `proposed` as for `status`. Throws when the output cannot be read.
  public func log(
    ofIntent index: Int, in selection: [Int], platformFolder folder: String, proposed: Bool,
    limit: Int
  ) throws(OutputError) -> (entries: [LoggedPublication], missing: [String]) {
    let reference = intents[index].reference
    let (found, missing) = try readBranches(
      selection, platformFolder: folder, proposed: proposed
    ) { (group, repository, tip) throws(RepositoryError) in
      try log(reference, index, group, repository, tip, limit: limit)
    }
    let entries = found.flatMap { $0 }
    // Branches have histories of their own: by time, each in its own order.
    let sorted = entries.enumerated().sorted {
      ($1.element.commit.committer.timeSeconds, $0.offset)
        < ($0.element.commit.committer.timeSeconds, $1.offset)
    }
    return (Array(sorted.map(\.element).prefix(limit)), missing)
  }

  private func log(
    _ reference: String, _ index: Int, _ group: BranchGroup, _ repository: Repository,
    _ tip: ObjectID, limit: Int
  ) throws(RepositoryError) -> [LoggedPublication] {
    let history = OutputHistory(repository, platform: platform.name)
    let published = try history.units(at: tip).filter { $0.intent == reference }
    var merged: [ObjectID: Int] = [:]
    var entries: [LoggedPublication] = []
    for environment in group.environments {
      let name = platform.environments[environment].name
      let paths = published.filter { $0.environment == name }.map(\.path)
      let folder = unitFolder(of: index, in: environment).map { [$0] } ?? []
      for path in unique(paths + folder) {
        for change in try history.changes(of: path, at: tip, limit: limit) {
          if let place = merged[change.commit.id] {
            let known = entries[place]
            entries[place] = LoggedPublication(
              branch: known.branch, environments: unique(known.environments + [name]),
              commit: known.commit, source: known.source, created: known.created + change.created,
              updated: known.updated + change.updated, deleted: known.deleted + change.deleted)
          } else {
            merged[change.commit.id] = entries.count
            entries.append(
              LoggedPublication(
                branch: group.branch, environments: [name], commit: change.commit,
                source: change.source, created: change.created, updated: change.updated,
                deleted: change.deleted))
          }
        }
      }
    }
    return entries
  }
}
