public import Diagnostics
public import Documents

/// What policy files hold: policies, bindings, and other objects such as parameters.
public struct PolicyFiles: Sendable {
  /// The policies, in the order read; also those that are not valid.
  public private(set) var policies: [Policy] = []
  /// The bindings, in the order read; also those that are not valid.
  public private(set) var bindings: [PolicyBinding] = []
  /// The RepositoryPolicies, in the order read; also those that are not valid.
  public private(set) var repositoryPolicies: [Policy] = []
  /// What a RepositoryPolicy says about its own actions and parameters.
  var repositoryBindings: [PolicyBinding] = []
  /// All other objects: a caller may take them as objects of the cluster (parameters).
  public private(set) var objects: [PolicySource] = []

  /// No files.
  public init() {}

  /// Adds the documents of one file and tells what is wrong with them.
  ///
  /// Findings: `policy/invalid` for what an API server would refuse, `policy/unknown-field` for what
  /// it would drop, `policy/duplicate-variable`.
  /// Empty documents are passed over; they count for places.
  public mutating func add(file: String, documents: [Document]) -> [Finding] {
    var findings: [Finding] = []
    for (index, document) in documents.enumerated() where !document.root.isNull {
      let log = ProblemLog(
        PolicySource(file: file, documentIndex: index, document: document))
      read(document.root, log)
      findings += log.findings
    }
    return findings
  }

  private static let kinds = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
  private static let versions = ["v1", "v1beta1"]

  private mutating func read(_ root: Value, _ log: ProblemLog) {
    guard root.isKind(.map) else {
      log.add("expected a policy, a binding or another object, found \(found(root))", at: .root)
      return
    }
    guard let apiVersion = root["apiVersion"].asString, let kind = root["kind"].asString else {
      let missing = root["kind"].asString == nil ? "kind" : "apiVersion"
      log.add("'\(missing)' is required", at: .root)
      return
    }
    if kind == RepositoryPolicyKind.name, apiVersion.hasPrefix("pave.dev/") {
      return readRepositoryPolicy(root, apiVersion, log)
    }
    let parts = apiVersion.split(separator: "/")
    guard parts.first == "admissionregistration.k8s.io", parts.count == 2 else {
      if PolicyFiles.kinds.contains(kind) {
        log.add(
          "'\(apiVersion)' has no kind '\(kind)'", at: FieldPath(keys: "apiVersion"),
          help: "write admissionregistration.k8s.io/v1")
      } else {
        objects.append(log.source)
      }
      return
    }
    guard PolicyFiles.versions.contains(String(parts[1])) else {
      log.add(
        "'\(apiVersion)' is not supported, expected v1 or v1beta1",
        at: FieldPath(keys: "apiVersion"))
      return
    }
    switch kind {
    case RepositoryPolicyKind.name:
      log.add(
        "'\(apiVersion)' has no kind '\(kind)'", at: FieldPath(keys: "apiVersion"),
        help: "write \(RepositoryPolicyKind.apiVersion)")
    case PolicyFiles.kinds[0]: policies.append(Policy(reading: root, log))
    case PolicyFiles.kinds[1]: bindings.append(PolicyBinding(reading: root, log))
    default:
      let nearest = nearestName(to: kind, in: PolicyFiles.kinds)
      log.add(
        "'\(kind)' is no kind of policy" + (nearest.map { ", did you mean '\($0)'?" } ?? ""),
        at: FieldPath(keys: "kind"),
        help: "known here: \(PolicyFiles.kinds.joined(separator: ", "))")
    }
  }

  private mutating func readRepositoryPolicy(
    _ root: Value, _ apiVersion: String, _ log: ProblemLog
  ) {
    guard apiVersion == RepositoryPolicyKind.apiVersion else {
      log.add(
        "'\(apiVersion)' is not supported, expected \(RepositoryPolicyKind.apiVersion)",
        at: FieldPath(keys: "apiVersion"))
      return
    }
    let policy = Policy(reading: root, log, ownKeys: RepositoryPolicyKind.ownKeys)
    repositoryPolicies.append(policy)
    repositoryBindings.append(PolicyBinding(of: policy, log))
  }
}

/// Pave's own kind of policy: what no request shows, such as whether some other object exists.
enum RepositoryPolicyKind {
  static let apiVersion = "pave.dev/v1alpha1"
  static let name = "RepositoryPolicy"
  /// The fields of `spec` beyond those of a ValidatingAdmissionPolicy.
  static let ownKeys = ["paramRef", "validationActions"]
}

extension PolicyFiles {
  /// Where parameters of one kind are looked for.
  public struct ParamPlace: Sendable {
    /// The API group; empty for the core group.
    public let group: String
    /// The kind.
    public let kind: String
    /// The namespaces; nil for all, and for a kind without.
    public internal(set) var namespaces: Set<String>?
  }

  /// Where bindings look for parameters, by kind; kinds that none looks for are left out.
  public var paramPlaces: [ParamPlace] {
    var places: [ParamPlace] = []
    for (policies, bindings) in [(policies, bindings), (repositoryPolicies, repositoryBindings)] {
      let kinds = Dictionary(
        policies.map { ($0.name, [$0]) }, uniquingKeysWith: +)
      for binding in bindings {
        guard let reference = binding.paramRef else { continue }
        for kind in (kinds[binding.policyName] ?? []).compactMap(\.paramKind) {
          add(kind, in: reference.namespace, to: &places)
        }
      }
    }
    return places
  }

  private func add(_ kind: ParamKind, in namespace: String?, to places: inout [ParamPlace]) {
    guard let index = places.firstIndex(where: { $0.group == kind.group && $0.kind == kind.kind })
    else {
      places.append(
        ParamPlace(group: kind.group, kind: kind.kind, namespaces: namespace.map { [$0] }))
      return
    }
    if let namespace {
      places[index].namespaces?.insert(namespace)
    } else {
      places[index].namespaces = nil
    }
  }
}
