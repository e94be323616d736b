public import Diagnostics
import Manifests
public import Documents

/// One `ValidatingAdmissionPolicy`, read and checked but not compiled.
///
/// Fields as in `admissionregistration.k8s.io/v1` (Kubernetes 1.36), defaults filled in.
public struct Policy: Sendable {
  /// `metadata.name`; empty when the file has none.
  public let name: String
  /// Where it was read.
  public let source: PolicySource
  /// Whether an API server would store it, as far as its form goes. What is not valid is not
  /// evaluated.
  public let isValid: Bool
  /// The Kubernetes versions that it is for: the annotation `pave.dev/kubernetes`.
  public let kubernetes: KubernetesRange
  /// What an error of evaluation means.
  public let failurePolicy: FailurePolicy
  /// The kind of the objects that are `params`; nil when the policy takes none.
  public let paramKind: ParamKind?
  /// The requests it looks at.
  public let matchConstraints: MatchResources
  /// Conditions that must all be true for the policy to look at a request.
  public let matchConditions: [NamedExpression]
  /// What expressions find under `variables`, in order: one may use those before it.
  public let variables: [NamedExpression]
  /// The rules.
  public let validations: [Validation]
  /// What is written to the audit log.
  public let auditAnnotations: [NamedExpression]

  /// An annotation of the policy; nil when it has none of that key.
  public func annotation(_ key: String) -> String? {
    source.document.root["metadata"]["annotations"][key].asString
  }
}

/// The document that a policy or a binding was read from.
public struct PolicySource: Sendable {
  /// The file's path.
  public let file: String
  /// The 0-based index of the document in the file.
  public let documentIndex: Int
  /// The document: what selectors of the policy point into.
  public let document: Document

  /// Whether it is part of the program rather than a file of the user's.
  var isBuiltIn: Bool { file.hasPrefix("builtin:") }

  /// The place of a field of the policy, or of a part of it.
  public func place(_ path: FieldPath, part: Place.Part = .value) -> Place {
    .field(file, document: documentIndex, path, part: part)
  }
}

/// What an error of evaluation means. A clean `false` is a refusal in either case.
public enum FailurePolicy: String, Sendable, CaseIterable {
  /// The request is refused.
  case fail = "Fail"
  /// The expression counts as passed.
  case ignore = "Ignore"
}

/// The kind of the objects that parametrise a policy.
public struct ParamKind: Hashable, Sendable {
  /// Such as `v1` or `rules.example.com/v1`.
  public let apiVersion: String
  /// Such as `ConfigMap`.
  public let kind: String

  /// The API group of `apiVersion`; empty for the core group.
  public var group: String { splitAPIVersion(apiVersion).group }
}

/// A CEL expression and where it stands in its policy.
public struct PolicyExpression: Hashable, Sendable {
  /// The text as written.
  public let text: String
  /// The field in the policy's document.
  public let path: FieldPath
}

/// An expression with a name: a match condition, a variable, or an audit annotation (by its key).
public struct NamedExpression: Hashable, Sendable {
  /// The name; the key of an audit annotation.
  public let name: String
  /// The expression.
  public let expression: PolicyExpression
}

/// One rule of a policy: an expression that must be true, and what is said when it is not.
public struct Validation: Sendable {
  /// What must be true.
  public let expression: PolicyExpression
  /// The text for a failure, white space at its ends removed; nil when there is none.
  public let message: String?
  /// A string expression that makes the text.
  public let messageExpression: PolicyExpression?
  /// The reason in the status of a refusal.
  public let reason: Reason
}

/// The reason in the status of a refusal, which decides its HTTP code.
public enum Reason: String, Sendable, CaseIterable {
  case forbidden = "Forbidden"
  case invalid = "Invalid"
  case requestEntityTooLarge = "RequestEntityTooLarge"

  /// The HTTP status code.
  public var code: Int {
    switch self {
    case .forbidden: 403
    case .invalid: 422
    case .requestEntityTooLarge: 413
    }
  }
}
