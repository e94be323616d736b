import CEL
import Diagnostics
import Manifests

/// Compiles the expressions of policies for one Kubernetes version; equal ones only once.
struct PolicyCompiler {
  private struct Key: Hashable {
    var environment: Int
    var text: String
  }

  private struct Signature: Hashable {
    var hasParams: Bool
    var hasAuthorizer: Bool
    var variables: [String]
  }

  /// What an expression may evaluate to.
  fileprivate enum Expected {
    case anything
    case bool
    case string
    case stringOrNull

    var names: String {
      switch self {
      case .anything: "anything"
      case .bool: "bool"
      case .string: "string"
      case .stringOrNull: "string or null"
      }
    }

    func accepts(_ type: CELType) -> Bool {
      switch (self, type) {
      case (.anything, _), (_, .error): true
      case (.bool, .bool), (.string, .string): true
      case (.stringOrNull, .string), (.stringOrNull, .null): true
      default: false
      }
    }
  }

  private let profile: Profile
  /// The Kubernetes 1.x minor version that is compiled for.
  private let minor: Int
  /// Whether the policies are of a repository: see `objects`.
  private let isRepository: Bool
  private var environments: [CELEnvironment] = []
  /// The variables of each environment.
  private var scopes: [[Variable]] = []
  private var environmentIDs: [Signature: Int] = [:]
  private var programs: [Key: Result<Program, CompileFailure>] = [:]
  private(set) var findings: [Finding] = []

  init(minor: Int, isRepository: Bool = false) {
    self.minor = minor
    profile = .kubernetes(minor: minor, inRepository: isRepository)
    self.isRepository = isRepository
  }

  /// The compiled expressions of a policy; nil, and findings, when one of them does not compile.
  mutating func compile(_ policy: Policy) -> PolicyExpressions? {
    var result = PolicyExpressions()
    let findingCount = findings.count
    let hasParams = policy.paramKind != nil
    let plain = environment(hasParams: hasParams, hasAuthorizer: true, variables: [])
    result.matchConditions = policy.matchConditions.compactMap {
      compile($0.expression, name: $0.name, plain, .bool, policy)
    }
    var variables: [Variable] = []
    for variable in policy.variables {
      let scope = environment(hasParams: hasParams, hasAuthorizer: true, variables: variables)
      let compiled = compile(
        variable.expression, name: variable.name, scope, .anything, policy)
      if let compiled { result.variables.append(compiled) }
      variables.append(
        Variable("variables.\(variable.name)", type: declaredType(compiled?.program?.resultType)))
    }
    let full = environment(hasParams: hasParams, hasAuthorizer: true, variables: variables)
    let message = environment(hasParams: hasParams, hasAuthorizer: false, variables: variables)
    for validation in policy.validations {
      let expression = compile(validation.expression, name: "", full, .bool, policy)
      let messageExpression = validation.messageExpression.flatMap {
        compile($0, name: "", message, .string, policy)
      }
      guard let expression else { continue }
      result.validations.append(
        CompiledValidation(
          validation: validation, expression: expression, message: messageExpression))
    }
    result.auditAnnotations = policy.auditAnnotations.compactMap {
      compile($0.expression, name: $0.name, full, .stringOrNull, policy)
    }
    return findings.count == findingCount ? result : nil
  }

  /// The type that a variable is declared with (apiserver, `plugin/cel/composition.go`).
  private func declaredType(_ type: CELType?) -> CELType {
    switch type {
    case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .list, .map,
      .optional,
      .opaque:
      type ?? .dyn
    default: .dyn
    }
  }

  private mutating func environment(
    hasParams: Bool, hasAuthorizer: Bool, variables: [Variable]
  ) -> Int {
    let signature = Signature(
      hasParams: hasParams, hasAuthorizer: hasAuthorizer,
      variables: variables.map { "\($0.name):\($0.type)" })
    if let id = environmentIDs[signature] { return id }
    let scope =
      RequestTypes.variables(
        hasParams: hasParams, hasAuthorizer: hasAuthorizer, hasObjects: isRepository) + variables
    environments.append(CELEnvironment(profile: profile, variables: scope))
    scopes.append(scope)
    environmentIDs[signature] = environments.count - 1
    return environments.count - 1
  }

  private mutating func compile(
    _ expression: PolicyExpression, name: String, _ environment: Int, _ expected: Expected,
    _ policy: Policy
  ) -> CompiledExpression? {
    let key = Key(environment: environment, text: expression.text)
    let result = programs[key] ?? environments[environment].compile(expression.text)
    programs[key] = result
    switch result {
    case .success(let program):
      if !expected.accepts(program.resultType) {
        add(
          "the expression must evaluate to \(expected.names), found \(program.resultType)",
          at: 0..<expression.text.utf8.count, of: expression, policy,
          help: program.resultType == .dyn
            ? "its type is not known before it runs: wrap it, as in '\(expected.cast)(…)'" : nil)
        return nil
      }
      return CompiledExpression(name: name, expression: expression, program: program)
    case .failure(let failure):
      let newer = firstMinor(taking: expression.text, scopes[environment]).map {
        "it needs Kubernetes 1.\($0), and is checked for 1.\(minor): guard the policy with the annotation "
          + "'pave.dev/kubernetes: \">=1.\($0)\"'"
      }
      for issue in failure.issues {
        add(issue.message, at: issue.range, of: expression, policy, help: newer ?? issue.help)
      }
      return nil
    }
  }

  /// The first newer version of Kubernetes that takes an expression; nil when none does.
  ///
  /// What a version brings to CEL may be used in policies from the next one on (apiserver,
  /// `cel/environment`: a cluster that is rolled back must still compile what it stored).
  private func firstMinor(taking text: String, _ scope: [Variable]) -> Int? {
    guard minor < KindTable.newestMinor else { return nil }
    return (minor + 1...KindTable.newestMinor).first { minor in
      let newer = CELEnvironment(
        profile: .kubernetes(minor: minor, inRepository: isRepository), variables: scope)
      if case .success = newer.compile(text) { return true }
      return false
    }
  }

  private mutating func add(
    _ message: String, at range: Range<Int>, of expression: PolicyExpression, _ policy: Policy,
    help: String?
  ) {
    var finding = Finding(
      rule: "policy/does-not-compile", message,
      at: policy.source.place(expression.path, part: .text(range)), help: help)
    finding.policy = policy.name
    finding.path = expression.path
    findings.append(finding)
  }
}

extension PolicyCompiler.Expected {
  fileprivate var cast: String { self == .bool ? "bool" : "string" }
}
