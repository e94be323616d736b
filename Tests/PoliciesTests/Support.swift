import Diagnostics
import Documents
import Manifests
import Policies

/// Texts of YAML files, held against each other as an API server would.
struct Scenario {
  var policies: String
  var bindings = ""
  var cluster = ""
  var definitions = ""
  var minor = 36
  var requester = Requester(engine: "argocd")
  /// The schemas that expressions are checked against.
  var types: ObjectTypes?

  /// A policy with a Deny binding for all of its constraints.
  init(_ policies: String, bindings: String = Scenario.deny, cluster: String = "") {
    self.policies = policies
    self.bindings = bindings
    self.cluster = cluster
  }

  /// What Kubernetes 1.36 serves by itself; made once, as that takes a while.
  static let directory = ResourceDirectory(minor: 36)

  static let deny = """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata: {name: b}
    spec: {policyName: p, validationActions: [Deny]}
    """

  /// What came of a scenario.
  struct Result {
    var findings: [Finding]
    var decisions: [Decision]
    var ledger: Ledger
    /// Why no request was made.
    var problem: AdmissionRequest.Problem?

    /// The messages of the decisions.
    var messages: [String] { decisions.map(\.message) }
    /// The rules and messages of the findings about the files.
    var problems: [String] { findings.map { "\($0.rule): \($0.message)" } }
  }

  func result(object: String? = nil, old: String? = nil) -> Result {
    let directory =
      minor == 36 && definitions.isEmpty
      ? Scenario.directory
      : ResourceDirectory(minor: minor, definitions: documents(definitions))
    let cluster = ClusterState(
      objects: documents(cluster).map { inNamespace($0, directory) })
    var files = PolicyFiles()
    var findings = files.add(file: "policy.yaml", documents: documents(policies))
    findings += files.add(file: "bindings.yaml", documents: documents(bindings))
    let (set, more) = PolicySet.compile(
      files, directory: directory, cluster: cluster, types: types)
    findings += more
    let evaluator = PolicyEvaluator(set, requester: requester)
    var decisions: [Decision] = []
    var problem: AdmissionRequest.Problem?
    if object != nil || old != nil {
      switch request(object, old, directory) {
      case .success(let request): evaluator.evaluate(request, into: &decisions)
      case .failure(let failure): problem = failure
      }
    }
    return Result(
      findings: findings, decisions: decisions, ledger: set.ledger([evaluator.tally]),
      problem: problem)
  }

  private func request(
    _ object: String?, _ old: String?, _ directory: ResourceDirectory
  ) -> Result_ {
    let new = object.flatMap { documents($0).first }.map { inNamespace($0, directory) }
    let old = old.flatMap { documents($0).first }.map { inNamespace($0, directory) }
    if let new, let old { return AdmissionRequest.update(new, from: old, in: directory) }
    if let new { return AdmissionRequest.create(new, in: directory) }
    if let old { return AdmissionRequest.delete(old, in: directory) }
    return .failure(.noKind)
  }

  private typealias Result_ = Swift.Result<AdmissionRequest, AdmissionRequest.Problem>
}

/// The documents of a YAML text that are not empty.
func documents(_ text: String) -> [Document] {
  parseYAML(Array(text.utf8), file: "test.yaml").documents.filter { !$0.root.isNull }
}

/// An object in the namespace `default` where it is namespaced and names none, as `kubectl` does.
func inNamespace(_ document: Document, _ directory: ResourceDirectory) -> Manifest {
  let manifest = Manifest(document)
  guard let resource = directory.resource(kind: manifest.kind, group: manifest.group),
    resource.scope == .namespaced, manifest.namespace.isAbsent
  else { return manifest }
  let arena = Arena()
  let metadata =
    manifest.value["metadata"].entries
    + [MapEntry(key: arena.string("namespace"), value: arena.string("default"))]
  let root = arena.map(
    manifest.value.entries.filter { !$0.key.isString("metadata") }
      + [MapEntry(key: arena.string("metadata"), value: arena.map(Array(metadata)))])
  return Manifest(Document(root: root, arena: arena, borrowing: [document]))
}
