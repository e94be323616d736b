import Intents
import OutputTrees
import Repositories

extension LoadedPlatform {
  /// How the commits of a publication of a source commit are made.
  func publication(
    of source: Commit, in repository: Repository, _ options: PublishOptions
  ) throws(PublishInterruption) -> Publication {
    let remote = try interrupting { () throws(RepositoryError) in try repository.remoteURL() }
    var publication = Publication(
      platform: platform.name, source: source,
      repositoryURL: platform.output?.sourceURL ?? remote ?? "",
      committer: platform.output?.author.map { ($0.name, $0.email) })
    publication.engine = options.engine
    publication.signer = options.signer
    return publication
  }

  /// Makes the notes on the tips of branches say up to which source commit they were processed, also
  /// where nothing changed.
  ///
  /// A note on a commit is the business of the platform that made it: a tip that another one made, or
  /// a person, gets none.
  func note(
    _ tips: [ObjectID], from source: Commit, in repository: Repository
  ) throws(RepositoryError) {
    var stale: [ObjectID] = []
    for tip in tips {
      let commit = try repository.commit(tip)
      guard Publication.recordedSource(in: commit, platform: platform.name) != nil,
        try PublicationNotes.source(on: tip, in: repository) != source.id
      else { continue }
      stale.append(tip)
    }
    try PublicationNotes.write(
      source: source.id, on: unique(stale), in: repository, as: source.committer)
  }
}
