import Documents
public import Repositories

/// The notes on an output's commits that say up to which source commit it was processed, also when
/// nothing changed since the commit was made (Argo CD `commitserver/commit`, `AddNote`; GitOps
/// Promoter, "custom hydrator").
public enum PublicationNotes {
  /// The reference that holds them.
  public static let reference = "refs/notes/hydrator.metadata"

  /// The text of a note: JSON with the source commit's id.
  public static func text(source: ObjectID) -> String { "{\"drySha\":\"\(source)\"}\n" }

  /// The source commit that the note on a commit names; nil without a note, or with one that says
  /// something else.
  public static func source(
    on commit: ObjectID, in repository: Repository
  ) throws(RepositoryError) -> ObjectID? {
    let notes = try tip(in: repository)
    guard let text = try repository.note(on: commit, in: notes) else { return nil }
    let parsed = parseJSON(Array(text.utf8), file: "")
    return parsed.documents.first?.root["drySha"].asString.flatMap { ObjectID($0) }
  }

  /// Writes notes by which the given commits name a source commit; gives what the reference must be
  /// moved from and to, or nil when the notes say so already.
  public static func write(
    source: ObjectID, on commits: [ObjectID], in repository: Repository, as author: Signature
  ) throws(RepositoryError) -> (old: ObjectID?, new: ObjectID)? {
    if commits.isEmpty { return nil }
    let old = try tip(in: repository)
    let draft = CommitDraft(author: author, message: "Processed \(source.abbreviated)\n")
    let notes = commits.map { (object: $0, text: text(source: source)) }
    guard let new = try repository.writeNotes(notes, on: old, as: draft), new != old else {
      return nil
    }
    return (old, new)
  }

  private static func tip(in repository: Repository) throws(RepositoryError) -> ObjectID? {
    try repository.reference(reference)
  }
}
