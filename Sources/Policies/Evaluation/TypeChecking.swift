public import CEL
import Diagnostics
import Manifests

/// The type of an object of a kind in a version, where its schema is known: `apps/v1`, `Deployment`.
public typealias ObjectTypes = @Sendable (_ apiVersion: String, _ kind: String) -> CELType?

/// Checks the expressions of policies against the schemas of what they match, as an API server does
/// for `status.typeChecking` (apiserver, `policy/validating/typechecking.go`): at most ten kinds a
/// policy, none through a `*`.
///
/// One policy for several kinds asks first which it is, and cannot fit the schemas of all of them: only what
/// is wrong for every one of them is told.
struct TypeChecking {
  let directory: ResourceDirectory
  let types: ObjectTypes
  let profile: Profile

  private static let maximumKinds = 10

  /// `policy/type` (a warning) for each place that fits none of the kinds that the policy matches.
  func findings(_ policy: Policy) -> [Finding] {
    let kinds = matchedKinds(policy)
    guard let first = kinds.first else { return [] }
    var common = issues(policy, first)
    for kind in kinds.dropFirst() where !common.isEmpty {
      let own = issues(policy, kind)
      common = common.filter { issue in
        own.contains { $0.path == issue.path && $0.issue.range == issue.issue.range }
      }
    }
    let names = kinds.map(\.name).joined(separator: ", ")
    return common.map { found in
      var finding = Finding(
        rule: "policy/type", severity: .warning, "\(found.issue.message) (checked as \(names))",
        at: policy.source.place(found.path, part: .text(found.issue.range)),
        help: found.issue.help)
      finding.policy = policy.name
      finding.path = found.path
      return finding
    }
  }

  private struct Kind {
    let name: String
    let type: CELType
  }

  private struct Found {
    let path: FieldPath
    let issue: CompileFailure.Issue
  }

  /// The kinds that the policy's rules name outright; none when one of them has no schema, since it
  /// may be the one that an expression is about.
  private func matchedKinds(_ policy: Policy) -> [Kind] {
    var kinds: [Kind] = []
    for rule in policy.matchConstraints.resourceRules {
      let words = rule.apiGroups + rule.apiVersions + rule.resources
      guard !words.contains(where: { $0.contains("*") }) else { return [] }
      for resource in directory.resources
      where rule.apiGroups.contains(resource.group) && rule.resources.contains(resource.plural) {
        for version in resource.versions where rule.apiVersions.contains(version) {
          let apiVersion = resource.group.isEmpty ? version : "\(resource.group)/\(version)"
          guard let type = types(apiVersion, resource.kind), type != .dyn else { return [] }
          let name = "\(resource.kind) of \(apiVersion)"
          if !kinds.contains(where: { $0.name == name }) {
            kinds.append(Kind(name: name, type: type))
          }
        }
      }
    }
    return Array(kinds.prefix(Self.maximumKinds))
  }

  private func issues(_ policy: Policy, _ kind: Kind) -> [Found] {
    let base = RequestTypes.variables(
      hasParams: policy.paramKind != nil, hasAuthorizer: true, hasObjects: false,
      object: kind.type)
    var found: [Found] = []
    func check(_ expression: PolicyExpression, _ environment: CELEnvironment) -> CELType {
      switch environment.check(expression.text) {
      case .success(let type): return type
      case .failure(let failure):
        found += failure.issues.map { Found(path: expression.path, issue: $0) }
        return .dyn
      }
    }
    let plain = CELEnvironment(profile: profile, variables: base)
    for condition in policy.matchConditions { _ = check(condition.expression, plain) }
    var variables: [Variable] = []
    for variable in policy.variables {
      let type = check(
        variable.expression, CELEnvironment(profile: profile, variables: base + variables))
      variables.append(Variable("variables.\(variable.name)", type: type == .error ? .dyn : type))
    }
    let full = CELEnvironment(profile: profile, variables: base + variables)
    for validation in policy.validations {
      _ = check(validation.expression, full)
      if let message = validation.messageExpression { _ = check(message, full) }
    }
    for annotation in policy.auditAnnotations { _ = check(annotation.expression, full) }
    return found
  }
}
