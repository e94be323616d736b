/// What a run did and did not do: nothing is passed over in silence.
public struct Ledger: Sendable, Equatable {
  /// Something that was not evaluated, and why.
  public struct NotEvaluated: Sendable, Equatable, Hashable {
    /// What: a policy, a kind, a file.
    public var subject: String
    /// Why not, as the rest of a sentence.
    public var reason: String

    /// An entry from what was left out and why.
    public init(subject: String, reason: String) {
      self.subject = subject
      self.reason = reason
    }
  }

  /// Rendered objects that were looked at.
  public var manifests = 0
  /// Policies that were loaded and compiled.
  public var policies = 0
  /// Policy evaluations: one for each manifest, policy, binding and parameter.
  public var evaluations = 0
  /// Verdicts taken from an earlier run.
  public var reused = 0
  /// Policies, by name and sorted, that matched no manifest.
  public var notMatched: [String] = []
  /// Findings that a waiver holds back.
  public var waived = 0
  /// What objects were before the change, in words: a commit, what is published, or nothing; nil where
  /// that was no question.
  public var oldSide: String?
  /// What was not evaluated, sorted by subject.
  public var notEvaluated: [NotEvaluated] = []

  /// An empty ledger.
  public init() {}
}
