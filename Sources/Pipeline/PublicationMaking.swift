import Intents
import OutputTrees
import Remotes
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

  /// What makes the notes on the tips of branches say up to which source commit they were processed,
  /// also where nothing changed; nil where they do.
  ///
  /// A note on a commit is the business of the platform that made it: a tip that another one made, or
  /// a person, gets none.
  func notes(
    on tips: [ObjectID], from source: Commit, in repository: Repository
  ) throws(RepositoryError) -> ReferenceUpdate? {
    var own: [ObjectID] = []
    for tip in unique(tips) {
      let commit = try repository.commit(tip)
      if Publication.recordedSource(in: commit, platform: platform.name) != nil { own.append(tip) }
    }
    let notes = try PublicationNotes.write(
      source: source.id, on: own, in: repository, as: source.committer)
    return notes.map { ReferenceUpdate(PublicationNotes.reference, from: $0.old, to: $0.new) }
  }
}
