public import Repositories

/// Carries a plan out on a branch of an output repository.
public struct Publication: Sendable {
  /// The platform's name.
  public var platform: String
  /// The commit that was rendered; who made the publication and when is taken from it, so that two
  /// runners make the same commit.
  public var source: Commit
  /// The source repository's URL for `hydrator.metadata`; empty when unknown.
  public var repositoryURL: String
  /// Who commits; nil takes the source commit's author. The time is always the source's.
  public var committer: (name: String, email: String)?

  /// The trailer that names the source commit.
  public static let sourceTrailer = "Pave-Source-Commit"
  /// The trailer that names the platform.
  public static let platformTrailer = "Pave-Platform"

  /// A publication of a source commit.
  ///
  /// `repositoryURL` other than http(s) is not written anywhere.
  public init(
    platform: String, source: Commit, repositoryURL: String = "",
    committer: (name: String, email: String)? = nil
  ) {
    self.platform = platform
    self.source = source
    self.repositoryURL = repositoryURL
    self.committer = committer
  }

  /// Writes the plan's objects and a commit on top of `tip`, and moves the branch from `tip` to it.
  ///
  /// Nil, and nothing is written, when the plan changes no object. Throws `moved` when the branch is
  /// no longer at `tip`: plan again on the new tip. The plan must come from the tree of `tip` and
  /// must not be refused.
  public func carryOut(
    _ plan: OutputPlan, on branch: String, of repository: Repository, tip: ObjectID?
  ) throws(RepositoryError) -> ObjectID? {
    guard let commit = try write(plan, to: repository, tip: tip) else { return nil }
    try repository.moveBranch(
      branch, from: tip, to: commit, reason: "publish: \(source.id.abbreviated)")
    return commit
  }

  /// Writes the plan's objects and a commit on top of `tip`; no branch names it yet.
  ///
  /// For publications to several branches: none moves before all are written.
  public func write(
    _ plan: OutputPlan, to repository: Repository, tip: ObjectID?
  ) throws(RepositoryError) -> ObjectID? {
    precondition(!plan.isRefused, "a plan with an error must not be carried out")
    guard plan.changesObjects else { return nil }
    let base = try tip.map { (id) throws(RepositoryError) in try repository.commit(id).tree }
    let metadata = HydratorMetadata(repositoryURL: repositoryURL, source: source).encoded
    let edits = plan.edits + [.write(metadata[...], to: HydratorMetadata.path)]
    let tree = try repository.tree(applying: edits, to: base, allowing: [inventoryFolder])
    return try repository.write(
      tree, as: draft(for: plan.changes), parents: tip.map { [$0] } ?? [])
  }

  /// What the commit says of a change set.
  public func draft(for changes: ChangeSet) -> CommitDraft {
    var message = "\(source.id.abbreviated): \(source.subject)\n\n"
    message += "\(changes.summary) in \(changes.environments.joined(separator: ", "))\n"
    let intents = changes.intents
    for intent in intents.prefix(20) { message += "- \(intent)\n" }
    if intents.count > 20 { message += "- and \(intents.count - 20) more\n" }
    message += "\n\(Publication.sourceTrailer): \(source.id)\n"
    message += "\(Publication.platformTrailer): \(platform)\n"
    var person = source.committer
    person.name = committer?.name ?? source.author.name
    person.email = committer?.email ?? source.author.email
    return CommitDraft(author: person, message: message)
  }

  /// The newest commit of a platform in the history of `tip` (first parents), and the source commit
  /// that it was rendered from; nil when the platform was never published there.
  public static func latest(
    of platform: String, from tip: ObjectID?, in repository: Repository
  ) throws(RepositoryError) -> (commit: Commit, source: ObjectID)? {
    var next = tip
    while let id = next {
      let commit = try repository.commit(id)
      if let source = recordedSource(in: commit, platform: platform) { return (commit, source) }
      next = commit.parents.first
    }
    return nil
  }

  /// The source commit that a commit of an output was rendered from, by its trailers; nil when it
  /// names none, or one of another platform.
  public static func recordedSource(in commit: Commit, platform: String) -> ObjectID? {
    guard commit.trailer(platformTrailer) == platform else { return nil }
    return commit.trailer(sourceTrailer).flatMap { ObjectID($0) }
  }
}
