import CEL
import Diagnostics
import Documents
import GoldenPaths
import Intents
import OutputTrees
import Repositories

/// `spec.output.message`: what the commits of the output say, before their trailers.
///
/// Its expressions see `source` (the commit that was rendered: `commit`, `short`, `subject`, `body`,
/// `author`, `email`, `date`), `changes` (`summary`, `created`, `updated`, `deleted`, `environments`,
/// `intents`), `branch` and `platform`.
struct CommitMessage: Sendable {
  private let pattern: OutputPattern
  private let platform: Document

  private static let variables = [
    Variable("source"), Variable("changes"), Variable("branch"), Variable("platform"),
  ]

  /// The message of a platform's output; nil when it writes none, or what is wrong with it.
  static func compile(
    _ output: Output, _ platform: Platform
  ) -> (message: CommitMessage?, findings: [Finding]) {
    guard let text = output.message, let environment = platform.environments.first else {
      return (nil, [])
    }
    let place = platform.place(FieldPath(keys: "spec", "output", "message"))
    let compiled = OutputPattern.compile(
      text, at: place, rule: "output/message", variables: variables)
    let document = RenderContext(environment, of: platform).platformDocument
    return (
      compiled.pattern.map { CommitMessage(pattern: $0, platform: document) }, compiled.findings
    )
  }

  /// The text for a publication; throws when an expression fails.
  func text(
    for changes: ChangeSet, from source: Commit, to branch: String
  ) throws(OutputError) -> String {
    let document = Document { arena in
      func list(_ texts: [String]) -> Value { arena.list(texts.map { arena.string($0) }) }
      func count(_ kind: ChangeSet.Kind) -> Value { .int(Int64(changes.count(of: kind))) }
      return arena.map([
        "source": arena.map([
          "commit": arena.string("\(source.id)"), "short": arena.string(source.id.abbreviated),
          "subject": arena.string(source.subject), "body": arena.string(source.body),
          "author": arena.string(source.author.name), "email": arena.string(source.author.email),
          "date": arena.string(source.author.dateText),
        ]),
        "changes": arena.map([
          "summary": arena.string(changes.summary), "created": count(.created),
          "updated": count(.updated), "deleted": count(.deleted),
          "environments": list(changes.environments), "intents": list(changes.intents),
        ]),
        "branch": arena.string(branch),
      ])
    }
    let evaluator = Evaluator(slotCount: CommitMessage.variables.count)
    evaluator.set(document.root["source"], slot: 0)
    evaluator.set(document.root["changes"], slot: 1)
    evaluator.set(document.root["branch"], slot: 2)
    evaluator.set(platform.root, slot: 3)
    let result = withExtendedLifetime(document) { pattern.text(evaluator) }
    switch result {
    case .success(let text): return text
    case .failure(let failure):
      throw OutputError(
        "spec.output.message gives no text: \(failure.finding.message)",
        help: "correct 'spec.output.message' in pave.yaml")
    }
  }
}
