import Diagnostics
import Documents
public import Files
import Manifests
import Policies
import ServedKinds

/// Runs the tests that stand beside policies.
public struct PolicyTesting {
  private let files: any FileTree
  private let definitions: [Document]
  private var directories: [Int: ResourceDirectory] = [:]
  private var admitters: [Int: ObjectAdmitter] = [:]
  private var run = TestRun()

  /// Tests of policies in a tree; `definitions` are CustomResourceDefinitions of kinds in cases.
  public init(_ files: any FileTree, definitions: [Document] = []) {
    self.files = files
    self.definitions = definitions
  }

  /// Runs the cases of `tests.yaml` files, each against the policies of its folder.
  ///
  /// Findings: `test/unexpected-verdict`, `test/unexpected-message`, `test/nothing-evaluated` for cases
  /// that fail; `test/no-policy`, `test/no-cases` and others for the files; what is wrong with the
  /// policies; `test/unreached` (note) for a validation that no case makes fail.
  public mutating func run(_ testFiles: [String]) -> TestRun {
    run = TestRun()
    for file in testFiles {
      do {
        try run(file)
      } catch {
        run.findings.append(
          Finding(rule: "files/unreadable", error.message, at: Place(file: error.path)))
      }
    }
    return run
  }

  private mutating func run(_ testFile: String) throws(FileTreeError) {
    guard let bytes = try files.read(testFile) else { return }
    let (cases, problems) = PolicyTestReader.cases(in: parseYAML(bytes, file: testFile))
    run.findings += problems
    let folder = String(testFile.dropLast("tests.yaml".count))
    var policies = PolicyFiles()
    for path in try files.paths(under: folder.isEmpty ? "" : String(folder.dropLast()))
    where isPolicyFile(path, in: folder) {
      guard let bytes = try files.read(path) else { continue }
      let file = parseYAML(bytes, file: path)
      run.findings += file.findings + policies.add(file: path, documents: file.documents)
    }
    guard !policies.policies.isEmpty || !policies.repositoryPolicies.isEmpty else {
      run.findings.append(
        Finding(
          rule: "test/no-policy", "there is no policy beside these tests",
          at: Place(file: testFile), help: "tests stand in the folder of their policy"))
      return
    }
    bindUnbound(&policies, testFile)
    var coverage = ValidationCoverage()
    for test in cases { run(test, policies, testFile, &coverage) }
    let all = policies.policies + policies.repositoryPolicies
    run.coverage += coverage.summary(all)
    run.findings += coverage.unreached(all)
  }

  private func isPolicyFile(_ path: String, in folder: String) -> Bool {
    guard path.hasPrefix(folder), path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
      return false
    }
    let rest = path.dropFirst(folder.count)
    return !rest.contains("/") && rest != "tests.yaml" && !rest.hasPrefix("_")
  }

  /// Gives policies whose binding stands elsewhere one that denies.
  private func bindUnbound(_ policies: inout PolicyFiles, _ testFile: String) {
    let bound = Set(policies.bindings.map(\.policyName))
    for name in Set(policies.policies.map(\.name)).subtracting(bound).sorted() where !name.isEmpty {
      let text = """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: "\(name)"}
        spec: {policyName: "\(name)", validationActions: [Deny]}
        """
      _ = policies.add(
        file: testFile, documents: parseYAML(Array(text.utf8), file: testFile).documents)
    }
  }

  // MARK: a case

  private mutating func run(
    _ test: PolicyTestCase, _ policies: PolicyFiles, _ testFile: String,
    _ coverage: inout ValidationCoverage
  ) {
    let findings = failures(of: test, policies, &coverage)
    run.findings += findings
    run.cases.append(.init(file: testFile, name: test.name, isPassed: findings.isEmpty))
  }

  private mutating func failures(
    of test: PolicyTestCase, _ policies: PolicyFiles, _ coverage: inout ValidationCoverage
  ) -> [Finding] {
    let directory = directory(test.minor)
    let trial = PolicyTrial(test, policies, directory, admitter(test.minor))
    for finding in trial.problems where !run.findings.contains(finding) {
      run.findings.append(finding)
    }
    if let problem = trial.noRequest {
      return [
        failure(
          "nothing-evaluated", "'\(test.name)': no policy can be asked: \(problem)", at: test.place)
      ]
    }
    coverage.add(trial)
    if trial.evaluatedCount == 0, trial.decisions.isEmpty {
      if test.expected == .notMatched { return [] }
      return [
        failure(
          "nothing-evaluated",
          "'\(test.name)': expected \(test.expected.rawValue), but no policy was asked",
          at: test.expectedPlace,
          help: "the object, its namespace or the Kubernetes version match no policy here; "
            + "write 'expect: not-matched' if that is meant")
      ]
    }
    guard trial.isAs(test.expected) else {
      return [
        failure(
          "unexpected-verdict",
          "'\(test.name)': expected \(test.expected.rawValue), found \(trial.verdict)",
          at: test.expectedPlace, help: trial.saidText)
      ]
    }
    return test.messages.filter { message in
      !trial.decisions.contains { $0.message == message.text }
    }.map { message in
      failure(
        "unexpected-message", "'\(test.name)': no policy said '\(message.text)'", at: message.place,
        help: trial.saidText)
    }
  }

  private func failure(
    _ rule: String, _ message: String, at place: Place, help: String? = nil
  ) -> Finding {
    Finding(rule: "test/\(rule)", message, at: place, help: help)
  }

  private mutating func admitter(_ minor: Int) -> ObjectAdmitter {
    if let known = admitters[minor] { return known }
    let admitter = ObjectAdmitter(
      kinds: ServedKinds(minor: minor, customResources: definitions))
    admitters[minor] = admitter
    return admitter
  }

  private mutating func directory(_ minor: Int) -> ResourceDirectory {
    if let known = directories[minor] { return known }
    let directory = ResourceDirectory(minor: minor, definitions: definitions)
    directories[minor] = directory
    return directory
  }
}

/// One case, carried out.
private struct PolicyTrial {
  private(set) var decisions: [Decision] = []
  /// What is wrong with the policies.
  private(set) var problems: [Finding] = []
  /// Why no request could be made; nil when one was.
  private(set) var noRequest: String?
  /// How often validations were asked.
  private(set) var evaluatedCount = 0

  /// Policies see objects as a server would store them, those of a repository also as written.
  init(
    _ test: PolicyTestCase, _ policies: PolicyFiles, _ directory: ResourceDirectory,
    _ admitter: ObjectAdmitter
  ) {
    let object = test.object.map { inNamespace(Manifest($0), directory) }
    let old = test.oldObject.map { inNamespace(Manifest($0), directory) }
    let given = test.exists.map { inNamespace(Manifest($0), directory) }
    var exists = objectsOnce(
      given, and: policies.objects.map { inNamespace(Manifest($0.document), directory) })
    if let namespace = PolicyTrial.namespace(of: object ?? old) {
      exists = objectsOnce(exists, and: [namespace])
    }
    let cluster = ClusterState(objects: admitter.stored(exists, for: policies))
    let requester = test.request.map(Requester.init) ?? Requester(engine: "argocd")
    // Cases are seldom whole objects: what a server would refuse stays as it is written.
    let stored = ObjectChange(
      object: object.map(admitter.stored), oldObject: old.map(admitter.stored), written: object)
    let request: AdmissionRequest
    switch stored.request(in: directory) {
    case .success(let made): request = made
    case .failure(let problem):
      noRequest = problem.reason
      return
    }
    let plain = PolicySet.compile(
      policies, directory: directory, cluster: cluster, requester: requester)
    let repository = PolicySet.compileRepositoryPolicies(
      policies, directory: directory, cluster: cluster)
    problems = (plain.findings + repository.findings).filter { $0.severity == .error }
    let all = objectsOnce([object].compactMap { $0 }, and: exists).map(admitter.stored)
    for set in [plain.set, repository.set] where !set.names.isEmpty {
      let evaluator = PolicyEvaluator(
        set, requester: requester,
        objects: set.isRepository ? RepositoryObjects(all, for: set) : nil)
      evaluator.evaluate(request, into: &decisions)
      evaluatedCount += evaluator.tally.evaluations - evaluator.skippedCount
    }
  }

  /// The namespace of an object, for cases that say nothing of it.
  private static func namespace(of manifest: Manifest?) -> Manifest? {
    guard let manifest, manifest.namespace.count > 0 else { return nil }
    let arena = Arena(firstChunkByteCount: 256)
    let root = arena.map([
      "apiVersion": arena.string("v1"), "kind": arena.string("Namespace"),
      "metadata": arena.map(["name": manifest.namespace]),
    ])
    return Manifest(Document(root: root, arena: arena, borrowing: [manifest.document]))
  }

  func isAs(_ expected: ExpectedVerdict) -> Bool {
    if decisions.contains(where: { $0.kind == .notEvaluated }) { return false }
    let failed = decisions.filter { $0.kind == .failed }
    let hasError = decisions.contains { $0.kind != .failed }
    switch expected {
    case .admit: return decisions.isEmpty && evaluatedCount > 0
    case .deny: return !hasError && failed.contains(where: \.denies)
    case .warn:
      return !hasError && !failed.isEmpty && !failed.contains(where: \.denies)
        && failed.contains { $0.severity == .warning }
    case .audit: return !hasError && !failed.isEmpty && failed.allSatisfy { $0.severity == .note }
    case .error: return hasError
    case .notMatched: return evaluatedCount == 0 && decisions.isEmpty
    }
  }

  /// What was found, in the words of `expect`.
  var verdict: String {
    if let unknown = decisions.first(where: { $0.kind == .notEvaluated }) {
      return "what cannot be known here (\(unknown.message))"
    }
    return ExpectedVerdict.allCases.first(where: isAs)?.rawValue ?? "nothing"
  }

  /// What the policies said, for a help text; nil when they said nothing.
  var saidText: String? {
    if decisions.isEmpty { return nil }
    return "said: " + decisions.map { "'\($0.message)'" }.joined(separator: ", ")
  }
}

/// Which validations the cases made fail and pass.
private struct ValidationCoverage {
  private struct Key: Hashable {
    var policy: String
    var index: Int
  }

  private var failed: Set<Key> = []

  mutating func add(_ trial: PolicyTrial) {
    for decision in trial.decisions {
      guard let index = decision.validationIndex else { continue }
      failed.insert(Key(policy: decision.policy.name, index: index))
    }
  }

  private func reached(_ name: String, count: Int) -> Int {
    (0..<count).count { failed.contains(Key(policy: name, index: $0)) }
  }

  /// For each policy by name, how many of its validations failed in some case.
  func summary(_ policies: [Policy]) -> [TestRun.Coverage] {
    let totals = Dictionary(policies.map { ($0.name, $0.validations.count) }, uniquingKeysWith: max)
    return totals.sorted { $0.key < $1.key }.map { name, total in
      .init(
        subject: name, of: "validations", reached: reached(name, count: total), total: total)
    }
  }

  /// Notes for the validations that no case makes fail. Variants of a policy count as one.
  func unreached(_ policies: [Policy]) -> [Finding] {
    var seen: Set<Key> = []
    return policies.flatMap { policy in
      policy.validations.indices.compactMap { index -> Finding? in
        let key = Key(policy: policy.name, index: index)
        guard !failed.contains(key), seen.insert(key).inserted else { return nil }
        return Finding(
          rule: "test/unreached", severity: .note,
          "no case makes this validation of '\(policy.name)' fail",
          at: policy.source.place(policy.validations[index].expression.path))
      }
    }
  }
}
