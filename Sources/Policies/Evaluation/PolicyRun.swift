import CEL
import Diagnostics
import Documents
import Manifests

/// Evaluates the expressions of policies for one request after the other.
final class PolicyRun {
  /// What one expression of a policy says against a request, whatever the binding.
  struct Outcome {
    var kind: Decision.Kind
    var validationIndex: Int?
    var expression: PolicyExpression?
    var message: String
    var reason = Reason.invalid
    var error: EvaluationFailure?
    /// The fields of the object that decided.
    var fields: [FieldPath] = []
    /// Those of them whose keys decided, and not their values.
    var keyFields: Set<FieldPath> = []
  }

  /// Evaluations that ended at the match conditions.
  @exclusivity(unchecked) private(set) var skippedCount = 0
  /// What the last evaluation found; empty when the request passed.
  @exclusivity(unchecked) var outcomes: [Outcome] = []
  /// Whether cost is counted: the evaluation took so many steps that it may be over a budget.
  @exclusivity(unchecked) private(set) var isCounting = false
  /// The cost of all expressions since it was last set to 0, when counting.
  @exclusivity(unchecked) var spent: UInt64 = 0

  let evaluator: Evaluator
  private let requestArena: Arena
  private let mayDoEverything: Bool
  /// The policy that is evaluated.
  @exclusivity(unchecked) private var policy: Unmanaged<CompiledPolicy>?
  @exclusivity(unchecked) private var computed: ComputedVariables
  @exclusivity(unchecked) private(set) var request: AdmissionRequest?
  @exclusivity(unchecked) private var namespaceIndex: Int?
  /// The version of the resource that expressions see now.
  @exclusivity(unchecked) private(set) var seenVersion = 0
  /// Whether a shared variable holds an error, which lives no longer than the evaluation.
  @exclusivity(unchecked) private var holdsError = false
  /// What computes the shared variables; made once.
  private var computeRequest: (Evaluator) -> Value = { _ in .null }
  private var computeNamespaceObject: (Evaluator) -> Value = { _ in .null }
  private var computeAuthorizer: (Evaluator) -> Value = { _ in .null }

  /// The steps that a policy may take; its cost is counted then, where a cluster would count it.
  let stepLimit: Int
  private let isRepository: Bool
  private let objects: RepositoryObjects?

  init(
    _ set: PolicySet, requester: Requester, requestArena: Arena, objects: RepositoryObjects?
  ) {
    self.requestArena = requestArena
    mayDoEverything = requester.mayDoEverything
    self.objects = objects
    isRepository = set.isRepository
    stepLimit = set.isRepository ? CostLimits.repositorySteps : CostLimits.uncountedSteps
    evaluator = Evaluator(slotCount: set.slotCount)
    evaluator.stepLimit = stepLimit
    evaluator.set(objects?.document.root ?? .emptyMap, slot: RequestTypes.objectsSlot)
    computed = ComputedVariables(count: set.computationCount)
    evaluator.computeArmed = { [unowned self] _, slot in
      self.variable(slot - RequestTypes.firstVariableSlot)
    }
    computeRequest = { [unowned self] _ in
      guard let request = self.request else { return .null }
      return RequestValues.request(
        request, matchedVersion: self.seenVersion, requester: requester, requestArena)
    }
    computeNamespaceObject = { [unowned self] evaluator in
      guard let index = self.namespaceIndex else {
        self.holdsError = true
        return evaluator.error(Unknown.namespaceObject)
      }
      return RequestValues.namespaceObject(set.cluster.namespaces[index], requestArena)
    }
    computeAuthorizer = { [unowned self] evaluator in
      self.holdsError = true
      return evaluator.error(Unknown.authorizer)
    }
  }

  /// The value of a variable of the policy that is evaluated; taken from another policy that computed the same for this
  /// request, but where cost is counted.
  private func variable(_ index: Int) -> Value {
    guard let policy = policy?._withUnsafeGuaranteedRef({ $0 }),
      let (program, computation) = policy.variablePrograms[index]
    else { return evaluator.error(Unknown.authorizer) }
    if let computation, !isCounting, let known = computed[computation] {
      evaluator.spend(known.steps)
      return known.value
    }
    let steps = evaluator.remainingSteps
    let value = program._withUnsafeGuaranteedRef { evaluate($0) }
    if value.isKind(.error) {
      return evaluator.error(
        "composited variable \"\(policy.variables[index].name)\" fails to evaluate: "
          + evaluator.explain(value).message)
    }
    if let computation, !isCounting, evaluator.remainingSteps >= 0 {
      computed.set(
        value, steps: steps - evaluator.remainingSteps + policy.stepsBefore(index, computed),
        computation)
    }
    return value
  }

  // MARK: a request

  /// Gives the shared variables their values for a request.
  func begin(_ request: AdmissionRequest, namespaceIndex: Int?) {
    forgetTemporaries()
    self.request = request
    self.namespaceIndex = namespaceIndex
    seenVersion = request.versionIndex
    setObjects(request.object?.value ?? .null, request.oldObject?.value ?? .null)
    if isRepository {
      evaluator.set(
        (request.written ?? request.object)?.value ?? .null, slot: RequestTypes.writtenSlot)
    }
    armNamespaceObject()
    armAuthorizer()
    holdsError = false
  }

  private func setObjects(_ object: Value, _ oldObject: Value) {
    evaluator.set(object, slot: RequestTypes.objectSlot)
    evaluator.set(oldObject, slot: RequestTypes.oldObjectSlot)
    evaluator.setLazy(slot: RequestTypes.requestSlot, computeRequest)
  }

  /// Shows the objects in a version of their resource; false when they cannot be converted.
  func sees(_ version: Int) -> Bool {
    if version == seenVersion { return true }
    guard let request else { return false }
    let converter = VersionConverter(request.resource, to: version, requestArena)
    guard
      let object = converter.converted(request.object?.value ?? .null, from: request.versionIndex),
      let old = converter.converted(request.oldObject?.value ?? .null, from: request.versionIndex)
    else { return false }
    seenVersion = version
    computed.forget()
    setObjects(object, old)
    return true
  }

  private func armNamespaceObject() {
    guard let request, request.resource.scope == .namespaced, !request.namespace.isAbsent else {
      evaluator.set(.null, slot: RequestTypes.namespaceObjectSlot)
      return
    }
    evaluator.setLazy(slot: RequestTypes.namespaceObjectSlot, computeNamespaceObject)
  }

  private func armAuthorizer() {
    if mayDoEverything {
      evaluator.set(Authorization.everythingAllowed, slot: RequestTypes.authorizerSlot)
      evaluator.set(Authorization.everyResourceAllowed, slot: RequestTypes.requestResourceSlot)
      return
    }
    evaluator.setLazy(slot: RequestTypes.authorizerSlot, computeAuthorizer)
    evaluator.setLazy(slot: RequestTypes.requestResourceSlot, computeAuthorizer)
  }

  // MARK: a policy

  /// Evaluates a policy for the request with one parameter; `outcomes` has what was found.
  func evaluate(_ policy: CompiledPolicy, param: Value, _ tally: inout PolicyTally) {
    if !outcomes.isEmpty { outcomes.removeAll(keepingCapacity: true) }
    tally.evaluations += 1
    evaluator.set(param, slot: RequestTypes.paramsSlot)
    evaluateExpressions(of: policy)
    let isOver = evaluator.remainingSteps < 0
    if !isOver, !outcomes.isEmpty { traceFields(of: policy) }
    finish()
    if isOver { evaluateCounting(policy) }
  }

  /// Evaluates again what took many steps, with an eye on the budgets.
  private func evaluateCounting(_ policy: CompiledPolicy) {
    outcomes.removeAll(keepingCapacity: true)
    if isRepository {
      let message =
        "'\(policy.policy.name)' could not be evaluated: it takes over \(stepLimit) steps"
      outcomes.append(Outcome(kind: .notEvaluated, message: message))
      return
    }
    isCounting = true
    evaluateExpressions(of: policy)
    isCounting = false
    if !outcomes.isEmpty { traceFields(of: policy) }
    evaluator.stepLimit = stepLimit
    finish()
  }

  private func forgetTemporaries() {
    computed.forget()
    evaluator.reset()
  }

  /// Gives all steps again, and forgets what points to errors. What was made stays for the request's other policies, unless
  /// it is much.
  private func finish() {
    if evaluator.arena.isBeyondFirstChunk { forgetTemporaries() } else { evaluator.resetSteps() }
    guard holdsError else { return }
    armNamespaceObject()
    armAuthorizer()
    holdsError = false
  }

  private func evaluateExpressions(of policy: CompiledPolicy) {
    if !policy.matchConditions.isEmpty, !conditionsHold(policy) {
      skippedCount += 1
      return
    }
    self.policy = Unmanaged.passUnretained(policy)
    let start = RequestTypes.firstVariableSlot
    evaluator.arm(start..<start + policy.variablePrograms.count)
    if isCounting { return countValidations(of: policy) }
    for index in policy.validationPrograms.indices {
      let value =
        policy.validationPrograms[index]?._withUnsafeGuaranteedRef { evaluator.evaluate($0) }
        ?? evaluator.error(Unknown.authorizer)
      if value.isTrue { continue }
      add(failed: policy.validations[index], at: index, value, policy)
    }
    for annotation in policy.auditAnnotations { evaluate(annotation, policy) }
  }

  func value(of expression: CompiledExpression) -> Value {
    guard let program = expression.program else { return evaluator.error(Unknown.authorizer) }
    return evaluate(program)
  }

  func evaluate(_ program: Program) -> Value {
    guard isCounting else { return evaluator.evaluate(program) }
    return evaluateCounting(program)
  }

  /// Whether all match conditions are true. One that is false wins over others that fail; failures
  /// alone are an outcome unless the policy ignores them (`matchconditions/matcher.go`).
  private func conditionsHold(_ policy: CompiledPolicy) -> Bool {
    if policy.conditionsReadNamespace {
      evaluator.set(.null, slot: RequestTypes.namespaceObjectSlot)
    }
    defer { if policy.conditionsReadNamespace { armNamespaceObject() } }
    var failures: [Outcome] = []
    spent = 0
    for condition in policy.matchConditions {
      let value = value(of: condition)
      if isCounting, spent > CostLimits.matchConditions {
        collapse(policy)
        return false
      }
      if value.isTrue { continue }
      guard value.isKind(.error) else { return false }
      failures.append(failure(of: condition.expression, value))
    }
    guard var first = failures.first else { return true }
    if let unknown = failures.first(where: { $0.kind == .notEvaluated }) {
      outcomes.append(unknown)
    } else if policy.policy.failurePolicy == .fail {
      var messages: [String] = []
      for failure in failures where !messages.contains(failure.message) {
        messages.append(failure.message)
      }
      if messages.count > 1 { first.message = "[\(messages.joined(separator: ", "))]" }
      outcomes.append(first)
    }
    return false
  }

  func add(
    failed validation: CompiledValidation, at index: Int, _ value: Value, _ policy: CompiledPolicy
  ) {
    if value.isKind(.error) {
      var outcome = failure(of: validation.expression.expression, value)
      outcome.validationIndex = index
      if outcome.kind == .notEvaluated || policy.policy.failurePolicy == .fail {
        outcomes.append(outcome)
      }
      return
    }
    outcomes.append(
      Outcome(
        kind: .failed, validationIndex: index, expression: validation.expression.expression,
        message: message(of: validation), reason: validation.validation.reason))
  }

  /// What a failed validation says: its message expression if that gives a line of at most 5 KiB,
  /// else its message, else its expression (`validating/validator.go`).
  private func message(of validation: CompiledValidation) -> String {
    validation.message.flatMap(messageText)
      ?? validation.validation.message
      ?? "failed expression: \(trimmed(validation.validation.expression.text))"
  }

  /// The text of a message expression; nil when it gives none that is fit to be shown.
  private func messageText(_ expression: CompiledExpression) -> String? {
    guard let text = value(of: expression).asString.map(trimmed), !text.isEmpty,
      text.utf8.count <= 5 * 1024, !text.utf8.contains(0x0A)
    else { return nil }
    return text
  }

  func evaluate(_ annotation: CompiledExpression, _ policy: CompiledPolicy) {
    let value = value(of: annotation)
    guard value.isKind(.error) else { return }
    var outcome = failure(of: annotation.expression, value)
    if outcome.kind == .error {
      guard policy.policy.failurePolicy == .fail else { return }
      outcome.kind = .auditAnnotation
    }
    outcomes.append(outcome)
  }

  /// The outcome of an expression that evaluated to an error.
  private func failure(of expression: PolicyExpression, _ error: Value) -> Outcome {
    let failure = evaluator.explain(error)
    for unknown in [Unknown.authorizer, Unknown.namespaceObject]
    where failure.message.hasSuffix(unknown) {
      return Outcome(
        kind: .notEvaluated, expression: expression,
        message: "'\(trimmed(expression.text))' could not be evaluated: \(unknown)", error: failure)
    }
    return Outcome(
      kind: .error, expression: expression,
      message: "expression '\(expression.text)' resulted in error: \(failure.message)",
      error: failure)
  }
}
