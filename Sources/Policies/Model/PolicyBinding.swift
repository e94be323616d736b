public import Diagnostics
public import Documents

/// One `ValidatingAdmissionPolicyBinding`: where a policy holds, with which parameters, and what
/// its refusals do.
public struct PolicyBinding: Sendable {
  /// `metadata.name`; empty when the file has none.
  public let name: String
  /// Where it was read.
  public let source: PolicySource
  /// Whether an API server would store it. What is not valid binds nothing.
  public let isValid: Bool
  /// The Kubernetes versions that it is for: the annotation `pave.dev/kubernetes`.
  public let kubernetes: KubernetesRange
  /// The policy's name.
  public let policyName: String
  /// Which parameters; nil evaluates once with `params` null.
  public let paramRef: ParamRef?
  /// Narrows the policy's own constraints; nil when it does not.
  public let matchResources: MatchResources?
  /// What a refusal does, in the order written; never empty for a valid binding.
  public let actions: [ValidationAction]

  /// The severity of a refusal under this binding: `Deny` error, `Warn` warning, `Audit` note.
  public var severity: Severity {
    if actions.contains(.deny) { return .error }
    return actions.contains(.warn) ? .warning : .note
  }
}

/// What a refusal does under a binding.
public enum ValidationAction: String, Sendable, CaseIterable {
  case deny = "Deny"
  case warn = "Warn"
  case audit = "Audit"
}

/// Which objects of the policy's `paramKind` are parameters.
public struct ParamRef: Sendable {
  /// By name, or by labels.
  public enum Choice: Sendable {
    case name(String)
    /// A `LabelSelector` in the binding's document.
    case selector(Value)
  }

  /// The name or the labels.
  public let choice: Choice
  /// The namespace of the parameters; nil means that of the request.
  public let namespace: String?
  /// Whether a request passes when no parameter is found (`parameterNotFoundAction: Allow`).
  public let allowsNotFound: Bool
}
