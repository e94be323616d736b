import CEL

/// Numbers the computations of the variables of a set's policies: those that give the same for the same request have
/// one number.
///
/// Packs of policies begin with the same lines (`object.kind == "Pod" ? object.spec : …`), which then cost a request
/// once, and not once a policy.
struct SharedComputations {
  /// A program gives the same where the variables that it reads do.
  private struct Computation: Hashable {
    let program: ObjectIdentifier
    let variables: [Int]
  }

  private var numbers: [Computation: Int] = [:]

  /// How many computations there are.
  var count: Int { numbers.count }

  /// For each variable of a policy its computation's number; nil for what reads parameters, which
  /// differ between the evaluations of a request.
  mutating func add(_ variables: [CompiledExpression]) -> [Int?] {
    var known: [String: Int] = [:]
    return variables.map { variable in
      guard let program = variable.program,
        let inputs = inputs(of: program.references.map(\.variable), known)
      else {
        known["variables.\(variable.name)"] = nil
        return nil
      }
      let computation = Computation(program: ObjectIdentifier(program), variables: inputs)
      let number = numbers[computation] ?? numbers.count
      numbers[computation] = number
      known["variables.\(variable.name)"] = number
      return number
    }
  }

  /// The computations of the variables among reads; nil where something differs within a request.
  private func inputs(of reads: [String], _ known: [String: Int]) -> [Int]? {
    var inputs: [Int] = []
    for read in reads where !SharedComputations.ofRequests.contains(read) {
      guard let number = known[read] else { return nil }
      inputs.append(number)
    }
    return inputs
  }

  /// What is the same for all policies that see a request in one version.
  private static let ofRequests: Set = ["object", "oldObject", "request", "namespaceObject"]
}
