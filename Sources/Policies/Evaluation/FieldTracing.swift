import CEL
import Diagnostics
import Documents

extension PolicyRun {
  /// Fields of the object that are named for one outcome.
  private static let maximumFields = 10

  /// Finds out which fields of the object decided each outcome of the policy just evaluated.
  ///
  /// Failures are rare, so they are evaluated again, with notes of what is read: some fifty times
  /// slower.
  func traceFields(of policy: CompiledPolicy) {
    // In a converted object fields have other places than in the one that was written.
    guard seenVersion == request?.versionIndex else { return }
    evaluator.stepLimit = CostLimits.tracedSteps
    defer { evaluator.stepLimit = stepLimit }
    for (index, variable) in policy.variables.enumerated() {
      guard let program = variable.program else { continue }
      evaluator.setLazy(
        slot: RequestTypes.firstVariableSlot + index, name: variable.name, program: program)
    }
    for index in outcomes.indices {
      guard let validation = outcomes[index].validationIndex,
        let program = policy.validations[validation].expression.program
      else { continue }
      let trace = evaluator.trace(program)
      // A trace that came out otherwise ran out of steps.
      guard trace.value.isKind(.error) == (outcomes[index].kind == .error),
        evaluator.remainingSteps >= 0
      else { return }
      outcomes[index].fields = fields(trace.deciding)
      outcomes[index].keyFields = Set(trace.deciding.filter(\.isKey).map(\.path))
        .subtracting(trace.deciding.filter { !$0.isKey }.map(\.path))
    }
  }

  /// The fields among reads, those that are missing first: what is not there is what to mend.
  /// A field above another one is left out.
  private func fields(_ reads: [Trace.Read]) -> [FieldPath] {
    let variables = request?.operation == .delete ? ["oldObject"] : ["object", "written"]
    let reads = reads.filter { variables.contains($0.variable) && !$0.path.isRoot }
    var fields: [FieldPath] = []
    for isMissing in [true, false] {
      for read in reads where read.isMissing == isMissing && !fields.contains(read.path) {
        let isAbove = reads.contains { $0.path != read.path && read.path.contains($0.path) }
        if !isAbove { fields.append(read.path) }
        if fields.count == PolicyRun.maximumFields { return fields }
      }
    }
    return fields
  }
}
