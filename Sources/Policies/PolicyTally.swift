public import Diagnostics

/// What an evaluator did, in numbers: for the ledger.
public struct PolicyTally: Sendable, Equatable {
  /// Requests that came.
  public internal(set) var requests = 0
  /// Evaluations: one for each request, policy and parameter.
  public internal(set) var evaluations = 0
  /// For each policy of the set, whether a request matched it.
  var isMatched: [Bool]
  /// For each policy of the set, how often it could not be evaluated.
  var notEvaluated: [Int]

  /// Nothing done yet with a set of so many policies.
  public init(policyCount: Int) {
    isMatched = Array(repeating: false, count: policyCount)
    notEvaluated = Array(repeating: 0, count: policyCount)
  }
}

extension PolicySet {
  /// What the evaluators of this set did together. Policies that matched nothing are named.
  public func ledger(_ tallies: [PolicyTally]) -> Ledger {
    var ledger = Ledger()
    ledger.policies = policies.count
    ledger.notEvaluated = notEvaluated
    for tally in tallies {
      ledger.manifests += tally.requests
      ledger.evaluations += tally.evaluations
    }
    for (index, policy) in policies.enumerated() {
      let name = policy.policy.name
      if !tallies.contains(where: { $0.isMatched[index] }) { ledger.notMatched.append(name) }
      let count = tallies.reduce(0) { $0 + $1.notEvaluated[index] }
      if count > 0 {
        ledger.notEvaluated.append(
          Ledger.NotEvaluated(
            subject: "policy \(name)",
            reason: "it could not be evaluated in \(count) \(count == 1 ? "case" : "cases")"))
      }
    }
    ledger.notEvaluated.sort { ($0.subject, $0.reason) < ($1.subject, $1.reason) }
    return ledger
  }
}
