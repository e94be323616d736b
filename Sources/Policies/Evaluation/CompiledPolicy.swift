import CEL
import Diagnostics

/// A policy whose expressions are compiled for one Kubernetes version, with its bindings.
///
/// Immutable, which makes it `Sendable`: only the unowned programs hide it from the compiler.
final class CompiledPolicy: @unchecked Sendable {
  let policy: Policy
  /// The position in its set: the order of evaluation.
  let index: Int
  let matchConditions: [CompiledExpression]
  /// In slot order, from `RequestTypes.firstVariableSlot` on.
  let variables: [CompiledExpression]
  /// The programs of `variables`, which own them, and which computation of its set each is: equal ones have a number in
  /// common, so that they are computed once a request. Nil for what depends on more than the request.
  let variablePrograms: [(program: Unmanaged<Program>, computation: Int?)?]
  let validations: [CompiledValidation]
  /// The programs of `validations`, which own them: the loop over them counts no references.
  let validationPrograms: [Unmanaged<Program>?]
  let auditAnnotations: [CompiledExpression]
  let params: ParamSource
  let bindings: [CompiledBinding]
  /// Whether a match condition reads `namespaceObject`, which is null there and only there.
  let conditionsReadNamespace: Bool

  init(
    policy: Policy, index: Int, expressions: PolicyExpressions, computations: [Int?],
    params: ParamSource, bindings: [CompiledBinding]
  ) {
    self.policy = policy
    self.index = index
    matchConditions = expressions.matchConditions
    variables = expressions.variables
    variablePrograms = zip(expressions.variables, computations).map { variable, computation in
      variable.program.map { (Unmanaged.passUnretained($0), computation) }
    }
    validations = expressions.validations
    validationPrograms = expressions.validations.map {
      $0.expression.program.map(Unmanaged.passUnretained)
    }
    auditAnnotations = expressions.auditAnnotations
    self.params = params
    self.bindings = bindings
    conditionsReadNamespace = expressions.matchConditions.contains { $0.reads("namespaceObject") }
  }
}

/// An expression of a policy, ready to be evaluated.
struct CompiledExpression: Sendable {
  let name: String
  let expression: PolicyExpression
  /// Nil when the expression asks the authorizer in a way that cannot be compiled here.
  let program: Program?

  /// The reads of variables in it.
  var references: [Program.Reference] { program?.references ?? [] }

  /// Whether it reads a variable.
  func reads(_ variable: String) -> Bool {
    references.contains { $0.variable == variable }
  }
}

/// A validation with its compiled expressions.
struct CompiledValidation: Sendable {
  let validation: Validation
  let expression: CompiledExpression
  let message: CompiledExpression?
}

/// All compiled expressions of a policy.
struct PolicyExpressions {
  var matchConditions: [CompiledExpression] = []
  var variables: [CompiledExpression] = []
  var validations: [CompiledValidation] = []
  var auditAnnotations: [CompiledExpression] = []

  /// All of them, in the order of the file's fields.
  var all: [CompiledExpression] {
    matchConditions + variables
      + validations.flatMap { [$0.expression] + ($0.message.map { [$0] } ?? []) }
      + auditAnnotations
  }
}

/// A binding of a policy.
final class CompiledBinding: Sendable {
  let binding: PolicyBinding
  /// The position among all bindings of its set.
  let index: Int

  init(_ binding: PolicyBinding, index: Int) {
    self.binding = binding
    self.index = index
  }
}

/// Where a policy's parameters come from.
enum ParamSource: Sendable {
  /// The policy takes none.
  case none
  /// Objects of a resource.
  case resource(Resource)
  /// The policy names a kind that is not known.
  case unknown(ParamKind)
}
