import Diagnostics
import Documents

/// What is wrong with one document of a policy file, collected while it is read.
final class ProblemLog {
  let source: PolicySource
  /// The policy's or binding's name as far as it is known.
  var policy: String?
  var binding: String?
  private(set) var findings: [Finding] = []

  init(_ source: PolicySource) { self.source = source }

  /// Whether anything was found for which an API server would refuse the object.
  var hasErrors: Bool { findings.contains { $0.severity == .error } }

  func add(
    _ message: String, at path: FieldPath, part: Place.Part = .value, help: String? = nil,
    severity: Severity = .error, rule: String = "policy/invalid"
  ) {
    var finding = Finding(
      rule: rule, severity: severity, message, at: source.place(path, part: part), help: help)
    finding.policy = policy
    finding.binding = binding
    finding.path = path
    findings.append(finding)
  }
}

/// One map of a policy file, read field by field. What has the wrong form is logged and nil.
struct FieldReader {
  let value: Value
  let path: FieldPath
  let log: ProblemLog

  /// A reader of the map at a path; logs what is no map, and keys that are not known.
  init(_ value: Value, at path: FieldPath, known: [String], log: ProblemLog) {
    self.value = value
    self.path = path
    self.log = log
    guard value.isKind(.map) else {
      log.add("expected a map, found \(found(value))", at: path)
      return
    }
    for entry in value.entries {
      guard let key = entry.key.asString, !known.contains(key) else { continue }
      // Not an error: an API server drops it with a warning, and refuses only under
      // `fieldValidation=Strict`.
      let nearest = nearestName(to: key, in: known)
      log.add(
        "unknown field '\(key)'" + (nearest.map { ", did you mean '\($0)'?" } ?? ""),
        at: path.key(key), part: .key,
        help: nearest == nil ? "known here: \(known.joined(separator: ", "))" : nil,
        severity: .warning, rule: "policy/unknown-field")
    }
  }

  /// Whether the field is there and not null.
  func has(_ key: String) -> Bool {
    let field = value[key]
    return !field.isAbsent && !field.isNull
  }

  /// Logs a problem of a field; on the map itself where the field is not there.
  func fail(_ key: String, _ message: String, help: String? = nil) {
    log.add(message, at: value[key].isAbsent ? path : path.key(key), help: help)
  }

  /// A string field; nil when it is not there.
  func string(_ key: String) -> String? {
    guard has(key) else { return nil }
    if let text = value[key].asString { return text }
    fail(key, "'\(key)' must be a string, found \(found(value[key]))")
    return nil
  }

  /// A string field that must be there and not blank.
  func requiredString(_ key: String) -> String? {
    if has(key), !value[key].isKind(.string) { return string(key) }
    guard let text = string(key), !trimmed(text).isEmpty else {
      fail(key, "'\(key)' is required")
      return nil
    }
    return text
  }

  /// A field with one of a few values; nil when it is not there.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, of type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    string(key).flatMap { choice($0, at: path.key(key), of: type) }
  }

  /// A text as one of a few values.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ text: String, at path: FieldPath, of type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    let nearest = nearestName(to: text, in: known).map { ", did you mean '\($0)'?" } ?? ""
    log.add(
      "'\(text)' is not one of \(known.joined(separator: ", "))\(nearest)", at: path)
    return nil
  }

  /// The elements of a list field with their paths; empty when it is not there.
  func elements(_ key: String) -> [(value: Value, path: FieldPath)] {
    guard has(key) else { return [] }
    let list = value[key]
    guard list.isKind(.list) else {
      fail(key, "'\(key)' must be a list, found \(found(list))")
      return []
    }
    return list.elements.enumerated().map { ($1, path.key(key).index($0)) }
  }

  /// The strings of a list field with their paths; empty when it is not there.
  func strings(_ key: String) -> [(text: String, path: FieldPath)] {
    elements(key).compactMap { element in
      guard let text = element.value.asString else {
        log.add("expected a string, found \(found(element.value))", at: element.path)
        return nil
      }
      return (text, element.path)
    }
  }

  /// Readers of the maps of a list field.
  func maps(_ key: String, known: [String]) -> [FieldReader] {
    elements(key).map { FieldReader($0.value, at: $0.path, known: known, log: log) }
  }

  /// A reader of a map field; nil when it is not there.
  func map(_ key: String, known: [String]) -> FieldReader? {
    has(key) ? FieldReader(value[key], at: path.key(key), known: known, log: log) : nil
  }

  /// An expression that must be there and not blank.
  func expression(_ key: String) -> PolicyExpression? {
    requiredString(key).map { PolicyExpression(text: $0, path: path.key(key)) }
  }
}

/// What a value is, for a message: `a list`, `the number 3`.
func found(_ value: Value) -> String {
  switch value.kind {
  case .absent, .null: "nothing"
  case .bool: value.isTrue ? "the word true" : "the word false"
  case .int: "the number \(value.intPayload)"
  case .uint: "the number \(value.payload)"
  case .double: "the number \(value.doublePayload)"
  case .string: "the text '\(value.asString ?? "")'"
  case .list: "a list"
  case .map: "a map"
  case .bytes, .error, .box: "something else"
  }
}

/// A text without white space at its ends, as Go's `strings.TrimSpace` leaves it.
func trimmed(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
  else { return "" }
  return String(scalars[first...last])
}

/// Whether a text has a line feed or a carriage return.
func hasLineBreak(_ text: String) -> Bool { text.utf8.contains { $0 == 0x0A || $0 == 0x0D } }
