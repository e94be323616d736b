import CEL
import Documents
import GoldenPaths
import Intents
public import OutputTrees
public import Repositories

extension LoadedPlatform {
  /// The folder of an intent's unit in the output; nil when `spec.output.path` gives none.
  func unitFolder(of intent: Int, in environment: Int) -> String? {
    guard let pattern = folders else { return nil }
    let context = RenderContext(platform.environments[environment], of: platform)
    let effective = EffectiveIntent(intents[intent], in: platform.environments[environment].name)
    let evaluator = Evaluator(slotCount: outputVariables.count)
    evaluator.set(context.environmentDocument.root, slot: 0)
    evaluator.set(context.platformDocument.root, slot: 1)
    evaluator.set(effective.document.root, slot: 2)
    return withExtendedLifetime((context, effective)) {
      guard case .success(let path) = pattern.text(evaluator) else { return nil }
      return path
    }
  }

  /// What the commit of a publication says, trailers included; nil when it makes none.
  public func commitText(
    of branch: BranchPublication, from source: Commit
  ) throws(OutputError) -> String? {
    if branch.changes.isEmpty { return nil }
    let text = try message?.text(for: branch.changes, from: source, to: branch.branch)
    let publication = Publication(
      platform: platform.name, source: source,
      committer: platform.output?.author.map { ($0.name, $0.email) })
    let draft = publication.draft(for: branch.changes, message: text)
    return "Author: \(draft.author.identity)\nDate:   \(draft.author.dateText)\n\n"
      + draft.message.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")
  }
}
