extension PolicyTally {
  /// The number of policies of the set that it is about.
  public var policyCount: Int { isMatched.count }

  /// The indices of the policies that a request matched, rising.
  public var matched: [Int] { isMatched.indices.filter { isMatched[$0] } }

  /// The policies that could not be evaluated, by index, with how often; rising.
  public var notEvaluatedCounts: [(policy: Int, count: Int)] {
    notEvaluated.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
  }

  /// Adds what evaluators of the same set did; indices are those of the set's policies.
  public mutating func add(
    requests: Int, evaluations: Int, matched: [Int], notEvaluated: [(policy: Int, count: Int)]
  ) {
    self.requests += requests
    self.evaluations += evaluations
    for index in matched { isMatched[index] = true }
    for entry in notEvaluated { self.notEvaluated[entry.policy] += entry.count }
  }

  /// Adds what another evaluator of the same set did.
  public mutating func add(_ other: PolicyTally) {
    requests += other.requests
    evaluations += other.evaluations
    for index in isMatched.indices {
      if other.isMatched[index] { isMatched[index] = true }
      notEvaluated[index] += other.notEvaluated[index]
    }
  }

  /// The same, as if nothing of it had been evaluated now: what was matched and left out stays.
  public var withoutEvaluations: PolicyTally {
    var tally = self
    tally.evaluations = 0
    return tally
  }
}
