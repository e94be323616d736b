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
  /// Who writes the objects.
  public var engine = WritingEngine.own
  /// Signs the commits; nil leaves them unsigned.
  public var signer: CommitSigner?

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
  /// For publications to several branches: none moves before all are written. `message` is the message
  /// without the trailers; nil for the standard one.
  public func write(
    _ plan: OutputPlan, to repository: Repository, tip: ObjectID?, message: String? = nil
  ) throws(RepositoryError) -> ObjectID? {
    precondition(!plan.isRefused, "a plan with an error must not be carried out")
    guard plan.changesObjects else { return nil }
    let base = try tip.map { (id) throws(RepositoryError) in try repository.commit(id).tree }
    let metadata = HydratorMetadata(repositoryURL: repositoryURL, source: source).encoded
    var edits = plan.edits + [.write(metadata[...], to: HydratorMetadata.path)]
    if try TreeReader(repository, root: base).entry(at: Attributes.path) == nil {
      edits.append(.write(Attributes.bytes[...], to: Attributes.path))
    }
    let tree = try repository.tree(
      applying: edits, to: base, allowing: [inventoryFolder, Attributes.path])
    return try repository.write(
      tree, as: draft(for: plan.changes, message: message), parents: tip.map { [$0] } ?? [],
      engine: engine, signedBy: signer)
  }

  /// What the commit says of a change set: the message, and trailers that name the source commit, the
  /// platform, and the source commit's authors (git-interpret-trailers(1)).
  public func draft(for changes: ChangeSet, message: String? = nil) -> CommitDraft {
    var text = message ?? standardMessage(of: changes)
    while text.utf8.last == UInt8(ascii: "\n") || text.utf8.last == UInt8(ascii: " ") {
      text.removeLast()
    }
    // A message that ends in trailers of its own has ours among them.
    text += Commit.trailers(of: text).isEmpty ? "\n\n" : "\n"
    text += "\(Publication.sourceTrailer): \(source.id)\n"
    text += "\(Publication.platformTrailer): \(platform)\n"
    for author in coAuthors { text += "\(coAuthorTrailer): \(author)\n" }
    var person = source.committer
    person.name = committer?.name ?? source.author.name
    person.email = committer?.email ?? source.author.email
    return CommitDraft(author: person, message: text)
  }

  private func standardMessage(of changes: ChangeSet) -> String {
    var message = "\(source.id.abbreviated): \(source.subject)\n\n"
    message += "\(changes.summary) in \(changes.environments.joined(separator: ", "))\n"
    let intents = changes.intents
    for intent in intents.prefix(20) { message += "- \(intent)\n" }
    if intents.count > 20 { message += "- and \(intents.count - 20) more\n" }
    return message
  }

  /// Who wrote the source commit, each once: its author, and those its trailers name.
  private var coAuthors: [String] {
    var seen: Set<String> = []
    let named = source.trailers.filter { $0.key.lowercased() == coAuthorTrailer.lowercased() }
    return ([source.author.identity] + named.map(\.value)).filter { seen.insert($0).inserted }
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

  /// The source commit up to which a platform was published at `tip`: what the note on its newest
  /// commit says, else that commit's trailer; nil when it was never published there.
  public static func processedSource(
    of platform: String, at tip: ObjectID?, in repository: Repository
  ) throws(RepositoryError) -> ObjectID? {
    guard let latest = try latest(of: platform, from: tip, in: repository) else { return nil }
    return try PublicationNotes.source(on: latest.commit.id, in: repository) ?? latest.source
  }

  /// The source commit that a commit of an output was rendered from, by its trailers; nil when it
  /// names none, or one of another platform.
  public static func recordedSource(in commit: Commit, platform: String) -> ObjectID? {
    guard commit.trailer(platformTrailer) == platform else { return nil }
    return commit.trailer(sourceTrailer).flatMap { ObjectID($0) }
  }
}

private let coAuthorTrailer = "Co-authored-by"

/// `.gitattributes` at the root of an output: services fold what nobody reads. Written where there is
/// none; one that is there stays as it is.
private enum Attributes {
  static let path = ".gitattributes"
  static let bytes = Array(
    "**/hydrator.metadata linguist-generated=true\n.pave/** linguist-generated=true\n".utf8)
}
