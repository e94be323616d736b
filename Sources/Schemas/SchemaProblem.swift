public import Diagnostics
import Documents

/// One way in which a value does not fit its schema.
public struct SchemaProblem: Sendable, Equatable {
  /// What kind of mistake it is; the raw value is the second half of a rule's id.
  public enum Kind: String, Sendable, CaseIterable {
    /// A field that the schema does not have.
    case unknownField = "unknown-field"
    /// A value of another type than expected.
    case wrongType = "wrong-type"
    /// A required field that is not there.
    case missingField = "missing-field"
    /// A number outside its bounds.
    case outOfRange = "out-of-range"
    /// A text, list or map that is too short or too long.
    case wrongSize = "wrong-size"
    /// A value that is none of those allowed.
    case notInEnum = "not-in-enum"
    /// A text that does not match its pattern.
    case pattern = "pattern"
    /// A text or number that does not have its format.
    case format = "format"
    /// An element that is in the list already.
    case duplicateItem = "duplicate-item"
    /// A rule in CEL that does not hold.
    case validation = "validation"
    /// A rule in CEL that could not be evaluated.
    case evaluation = "evaluation"
    /// A value that was changed although it must stay.
    case immutable = "immutable"
    /// A value that fits none of the alternatives, or one that it must not fit.
    case alternatives = "alternatives"
    /// A value that is nested too deeply, or takes too many steps, to be checked.
    case tooComplex = "too-complex"
  }

  /// What kind of mistake it is.
  public var kind: Kind
  /// The field that is meant, as Kubernetes would print it; for a missing field its own path.
  public var path: FieldPath
  /// The field to point at: `path`, or the map that lacks the field.
  public var anchor: FieldPath
  /// What of `anchor` to point at.
  public var part: Place.Part
  /// One line, lower case: what was found and what was expected.
  public var message: String
  /// The way out.
  public var help: String?

  /// The problem as a finding of the rule `area/kind`, in a document of a file.
  public func finding(area: String, file: String, document: Int = 0) -> Finding {
    var finding = Finding(
      rule: "\(area)/\(kind.rawValue)", message,
      at: .field(file, document: document, anchor, part: part), help: help)
    finding.path = path
    return finding
  }
}

/// A step of a path that retains nothing.
enum PathStep {
  case key(Value)
  case index(Int)

  var fieldPathStep: FieldPath.Step {
    switch self {
    case .key(let key): .key(shown(key))
    case .index(let index): .index(index)
    }
  }

  private func shown(_ key: Value) -> String {
    key.asString ?? plainText(key)
  }
}

/// A value for a message: texts in quotes and cut after 60 characters, numbers as they are,
/// `a list` and `a map` for what has parts.
func shown(_ value: Value) -> String {
  if let text = value.asString {
    let isLong = text.count > 60
    let line = text.prefix(60).split(separator: "\n", omittingEmptySubsequences: false)
    let cut = line.first.map(String.init) ?? ""
    return isLong || line.count > 1 ? "'\(cut)…'" : "'\(cut)'"
  }
  return plainText(value)
}

private func plainText(_ value: Value) -> String {
  switch value.kind {
  case .absent: "absent"
  case .null: "null"
  case .bool: value.isTrue ? "true" : "false"
  case .int: "\(value.intPayload)"
  case .uint: "\(value.payload)"
  case .double: plainNumber(value.doublePayload)
  case .string: value.asString ?? ""
  case .bytes: "bytes"
  case .list: value.count == 0 ? "an empty list" : "a list"
  case .map: value.count == 0 ? "an empty map" : "a map"
  case .error: "an error"
  case .box: "a value of another type"
  }
}

/// A number without a fraction of zero: `3` rather than `3.0`.
func plainNumber(_ number: Double) -> String {
  if let whole = Int64(exactly: number) { return "\(whole)" }
  return "\(number)"
}
