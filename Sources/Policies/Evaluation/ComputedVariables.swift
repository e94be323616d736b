import Documents

/// The values of variables that were computed for a request, by the number of their computation.
struct ComputedVariables {
  struct Entry {
    let value: Value
    /// The steps that it takes when nothing is known yet, or more.
    let steps: Int
    /// The round in which it was computed.
    let round: Int
  }

  private var entries: [Entry]
  private var round = 1

  init(count: Int) {
    entries = Array(repeating: Entry(value: .absent, steps: 0, round: 0), count: count)
  }

  /// What was computed since values were forgotten; nil for what was not.
  subscript(computation: Int) -> Entry? {
    let entry = entries[computation]
    return entry.round == round ? entry : nil
  }

  mutating func set(_ value: Value, steps: Int, _ computation: Int) {
    entries[computation] = Entry(value: value, steps: steps, round: round)
  }

  /// Forgets all values.
  mutating func forget() { round += 1 }
}

extension CompiledPolicy {
  /// The steps of the variables above one, which it may read without taking their steps again.
  func stepsBefore(_ index: Int, _ computed: ComputedVariables) -> Int {
    variablePrograms[..<index].reduce(0) { steps, variable in
      steps + (variable?.computation.flatMap { computed[$0]?.steps } ?? 0)
    }
  }
}
