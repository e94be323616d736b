import CEL
import Diagnostics
import Documents
import GoldenPaths
import Intents
import Remotes
import Repositories

/// Where the manifests of one environment go.
struct OutputTarget: Sendable, Hashable {
  /// The path or URL of the repository, as `pave.yaml` gives it.
  let repository: String
  /// The branch that the delivery engine reads.
  let activeBranch: String
  /// The branch that is written: the active one, or `<branch>-next` where something else promotes.
  let branch: String
  /// The URL by which the delivery engine reads the repository.
  let deliveryURL: String

  /// The branch that is written: environments of one home are published together.
  var home: OutputHome {
    OutputHome(repository: repository, branch: branch, activeBranch: activeBranch)
  }

  /// The target of each environment, by its index, from `spec.output`; empty with a finding.
  static func targets(
    of output: Output, _ platform: Platform
  ) -> (targets: [OutputTarget], findings: [Finding]) {
    var findings: [Finding] = []
    func texts(_ text: String, at keys: [String]) -> [String] {
      let path = keys.reduce(FieldPath(keys: "spec", "output")) { $0.key($1) }
      let place = platform.place(path)
      let result = environmentTexts(text, at: place, rule: "output/repository", platform)
      findings += result.findings
      return result.texts
    }
    let repositories = texts(output.repository, at: ["repository"])
    let branches = branchNames(of: output, platform)
    findings += branches.findings
    let urls = texts(
      output.delivery.repositoryURL ?? output.repository, at: ["delivery", "repoURL"])
    guard findings.isEmpty else { return ([], findings) }
    return (
      platform.environments.indices.map { index in
        let branch = branches.names[index]
        return OutputTarget(
          repository: repositories[index], activeBranch: branch,
          branch: output.isProposal ? branch + proposalSuffix : branch,
          deliveryURL: RemoteAddress.withoutSecrets(urls[index]))
      }, []
    )
  }
}

/// A branch of an output repository that is written.
struct OutputHome: Sendable, Hashable {
  /// The path or URL of the repository, as `pave.yaml` gives it.
  let repository: String
  /// The branch, without `refs/heads/`.
  let branch: String
  /// The branch that the delivery engine reads.
  let activeBranch: String

  /// Where the branch stands in a repository, nil when it is not there, and the commit that is
  /// published on: for the first proposal of a branch, the branch's own tip.
  func tips(
    in repository: Repository
  ) throws(RepositoryError) -> (expected: ObjectID?, tip: ObjectID?) {
    let expected = try repository.tip(of: branch)
    if expected != nil || branch == activeBranch { return (expected, expected) }
    return (nil, try repository.tip(of: activeBranch))
  }
}

/// What GitOps Promoter appends to a branch for the branch of what is proposed for it
/// ("custom hydrator").
let proposalSuffix = "-next"

/// A text of `spec.output` for each environment, by its index; empty with a finding.
func environmentTexts(
  _ text: String, at place: Place, rule: String, _ platform: Platform
) -> (texts: [String], findings: [Finding]) {
  let compiled = OutputPattern.compile(
    text, at: place, rule: rule, variables: Array(outputVariables.dropLast()))
  guard let pattern = compiled.pattern else { return ([], compiled.findings) }
  let evaluator = Evaluator(slotCount: outputVariables.count)
  var texts: [String] = []
  for environment in platform.environments {
    let context = RenderContext(environment, of: platform)
    evaluator.set(context.environmentDocument.root, slot: 0)
    evaluator.set(context.platformDocument.root, slot: 1)
    switch withExtendedLifetime(context, { pattern.text(evaluator) }) {
    case .failure(let failure): return ([], [failure.finding])
    case .success(let text): texts.append(text)
    }
  }
  return (texts, [])
}
