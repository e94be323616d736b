extension PolicySet {
  /// Whether its policies say of an object that is created what they say of one that stays as it is: none reads the old side
  /// or the request, takes parameters, or is about one of the two operations alone.
  public var holdsCreationsLikeUpdates: Bool {
    policies.allSatisfy { policy in
      let expressions =
        policy.matchConditions + policy.variables + policy.auditAnnotations
        + policy.validations.flatMap { [$0.expression] + ($0.message.map { [$0] } ?? []) }
      let matches =
        [policy.policy.matchConstraints] + policy.bindings.compactMap(\.binding.matchResources)
      return policy.takesNoParameters
        && expressions.allSatisfy {
          $0.program != nil && !$0.reads("oldObject") && !$0.reads("request")
        }
        && matches.flatMap { $0.resourceRules + $0.excludeResourceRules }.allSatisfy {
          $0.operations.contains(.create) == $0.operations.contains(.update)
        }
    }
  }
}

extension CompiledPolicy {
  fileprivate var takesNoParameters: Bool { if case .none = params { true } else { false } }
}
