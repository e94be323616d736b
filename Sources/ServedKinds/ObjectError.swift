public import Diagnostics

/// One reason for which the API server would refuse an object: a field, what is wrong with it, and the rule.
///
/// The kinds are those of apimachinery's `field.Error` (`pkg/util/validation/field/errors.go`), which a refusal lists
/// as `details.causes[].reason`.
public struct ObjectError: Sendable, Equatable {
  /// What kind of mistake it is; the raw value is what `details.causes[].reason` says.
  public enum Reason: String, Sendable, CaseIterable {
    case required = "FieldValueRequired"
    case invalid = "FieldValueInvalid"
    case notSupported = "FieldValueNotSupported"
    case duplicate = "FieldValueDuplicate"
    case forbidden = "FieldValueForbidden"
    case typeInvalid = "FieldValueTypeInvalid"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case notFound = "FieldValueNotFound"
    /// The text is no object at all: `BadRequest` without a cause (unknown and duplicate fields, wrong JSON types).
    case badRequest = "BadRequest"
  }

  /// The id of the rule in Pave: `area/name`, such as `workload/selector-mismatch`.
  public var rule: String
  /// What kind of mistake it is.
  public var reason: Reason
  /// Where the value that is meant stands in the object.
  public var path: FieldPath
  /// The field as the API server prints it: keys of maps in brackets (`data[a]`), and now and then another name than
  /// the one that the object has it under (`metadata.taints[0]` for `spec.taints[0]` of a Node).
  public var field: String
  /// One line, lower case: what was found and what was expected.
  public var message: String
  /// The way out; nil where the message says it.
  public var help: String?
}

extension ObjectError {
  /// Whether it is about how an update changes the object, and not about the object as it is.
  public var isAboutChange: Bool {
    rule.hasSuffix("immutable") || rule.hasSuffix("-changed") || rule.hasSuffix("/changed")
      || message.hasSuffix("cannot be changed") || message.hasSuffix("is immutable")
  }
}
