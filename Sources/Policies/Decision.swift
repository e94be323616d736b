public import CEL
public import Diagnostics

/// What a policy says against a request. Passed rules make none.
public struct Decision: Sendable {
  /// What kind of trouble it is.
  public enum Kind: Sendable, Equatable {
    /// A validation is false.
    case failed
    /// An expression failed to evaluate, and the policy refuses then.
    case error
    /// The policy or the binding cannot be used as it stands: refused under every action.
    case configuration
    /// An audit annotation failed to evaluate: refused under every action.
    case auditAnnotation
    /// It cannot be known here what a cluster would say.
    case notEvaluated
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The policy.
  public let policy: Policy
  /// The binding; nil when the policy itself is at fault.
  public let binding: PolicyBinding?
  /// The index of the validation; nil when none of them is at fault.
  public let validationIndex: Int?
  /// The expression at fault; nil when none is.
  public let expression: PolicyExpression?
  /// The text that an API server puts behind "denied request: ".
  public let message: String
  /// The reason in the status of the refusal.
  public let reason: Reason
  /// The object that was `params`.
  public let param: ObjectReference?
  /// What went wrong in the expression.
  public let error: EvaluationFailure?
  /// The fields of the object that decided: those that are not there, then the others, as they were
  /// read. Empty when they are not known for sure. At most 10.
  public let fields: [FieldPath]
  /// Those of `fields` whose keys decided, and not their values.
  public var keyFields: Set<FieldPath> = []
  /// Whether this is the refusal that a cluster would show: the first one that denies.
  public var isShown = false

  /// The value that the field should have: the policy's annotation `pave.dev/wanted`.
  public var wanted: String? { kind == .failed ? policy.annotation("pave.dev/wanted") : nil }

  /// Whether a cluster would refuse the request for it.
  public var denies: Bool {
    switch kind {
    case .configuration, .auditAnnotation: true
    case .failed, .error: binding?.actions.contains(.deny) ?? true
    case .notEvaluated: false
    }
  }

  /// The severity: that of the binding's actions, and error for what is refused under all.
  public var severity: Severity { denies ? .error : binding?.severity ?? .error }

  /// The decision as a finding about an object, without a primary place: the caller knows where
  /// the object can be mended. The policy's rule is a related place.
  public func finding(for request: AdmissionRequest) -> Finding {
    var finding = Finding(
      rule: kind == .notEvaluated ? "policy/not-evaluated" : policy.name, severity: severity,
      message, help: help, related: relatedPlaces)
    finding.policy = policy.name
    finding.binding =
      binding?.source.file == policy.source.file
        && binding?.source.documentIndex == policy.source.documentIndex ? nil : binding?.name
    finding.validation = validationIndex
    finding.object = request.reference
    finding.path = fields.first
    finding.shown = isShown
    return finding
  }

  /// The decision about the Pod that a workload would create: never an error, and nothing that a
  /// cluster shows about the workload. `path` and `object` are the Pod's.
  public func finding(for request: AdmissionRequest, derivedFrom workload: ObjectReference?)
    -> Finding
  {
    var finding = self.finding(for: request)
    finding.severity = min(finding.severity, .warning)
    finding.shown = false
    finding.derivedFrom = workload
    if let workload { finding.object?.name = workload.name }
    return finding
  }

  private var help: String? {
    if kind == .notEvaluated {
      return "check by hand whether the policy '\(policy.name)' allows it"
    }
    return error?.help ?? policy.annotation("pave.dev/fix")
  }

  private var relatedPlaces: [Finding.Related] {
    var places: [Finding.Related] = []
    if let expression {
      let part = error?.range.map { Place.Part.text($0) } ?? .value
      let label = error == nil ? "the rule" : "the expression"
      places.append(.init(label: label, place: policy.source.place(expression.path, part: part)))
    }
    if kind == .configuration, let binding {
      places.append(
        .init(label: "the binding", place: binding.source.place(FieldPath(keys: "spec"))))
    } else if kind == .configuration {
      places.append(
        .init(
          label: "the policy", place: policy.source.place(FieldPath(keys: "spec", "paramKind"))))
    }
    return places
  }
}
