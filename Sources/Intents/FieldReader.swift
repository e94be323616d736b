package import Diagnostics
package import Documents

/// Reads the fields of a document that a person wrote, and collects what is wrong with them.
///
/// A key without a value (null) counts as not written, as in the Kubernetes API.
package struct FieldReader {
  /// The file that is read, and which of its documents.
  package let file: String
  package let document: Int
  /// The first half of the rule ids of the findings: `platform`, `intent`, `golden-path`.
  package let area: String
  package private(set) var findings: [Finding] = []

  package init(file: String, document: Int, area: String) {
    self.file = file
    self.document = document
    self.area = area
  }

  package func place(_ path: FieldPath, part: Place.Part = .value) -> Place {
    .field(file, document: document, path, part: part)
  }

  package mutating func report(
    _ rule: String, _ message: String, at path: FieldPath, part: Place.Part = .value,
    help: String? = nil, related: [Finding.Related] = []
  ) {
    findings.append(
      Finding(
        rule: "\(area)/\(rule)", message, at: place(path, part: part), help: help,
        related: related))
  }

  package mutating func append(_ finding: Finding) { findings.append(finding) }

  // MARK: fields

  /// The map itself, after its keys were held against those that are known; an empty one when the
  /// value is no map.
  package mutating func fields(_ value: Value, at path: FieldPath, known: [String]) -> Value {
    let map = self.map(value, at: path)
    for entry in map.entries {
      guard let key = entry.key.asString, !known.contains(key) else { continue }
      reportUnknown(key, at: path, known: known)
    }
    return map
  }

  package mutating func reportUnknown(_ key: String, at path: FieldPath, known: [String]) {
    let owner = path.isRoot ? "" : " in '\(path)'"
    let help =
      nearestName(to: key, in: known).map { "did you mean '\($0)'?" }
      ?? "known fields: \(known.joined(separator: ", "))"
    report(
      "unknown-field", "unknown field '\(key)'\(owner)", at: path.key(key), part: .key, help: help)
  }

  package mutating func map(_ value: Value, at path: FieldPath) -> Value {
    if value.isKind(.map) { return value }
    if !isMissing(value) { reportType(value, expected: "a map", at: path) }
    return .emptyMap
  }

  package mutating func list(_ map: Value, _ key: String, at path: FieldPath) -> [Value] {
    let value = map[key]
    if value.isKind(.list) { return Array(value.elements) }
    if !isMissing(value) { reportType(value, expected: "a list", at: path.key(key)) }
    return []
  }

  package mutating func string(
    _ map: Value, _ key: String, at path: FieldPath, isRequired: Bool = false
  ) -> String? {
    let value = map[key]
    if let text = value.asString, !(isRequired && text.isEmpty) { return text }
    if isMissing(value) || value.isKind(.string) {
      if isRequired { reportMissing(key, at: path) }
    } else {
      reportType(value, expected: "text", at: path.key(key))
    }
    return nil
  }

  package mutating func bool(_ map: Value, _ key: String, at path: FieldPath) -> Bool? {
    let value = map[key]
    if let bool = value.asBool { return bool }
    if !isMissing(value) { reportType(value, expected: "true or false", at: path.key(key)) }
    return nil
  }

  package mutating func strings(_ map: Value, _ key: String, at path: FieldPath) -> [String] {
    let path = path.key(key)
    var texts: [String] = []
    for (index, value) in list(map, key, at: path.parent ?? .root).enumerated() {
      if let text = value.asString {
        texts.append(text)
      } else {
        reportType(value, expected: "text", at: path.index(index))
      }
    }
    return texts
  }

  /// A text that must be one of a few words.
  package mutating func choice<Word: RawRepresentable & CaseIterable>(
    _ map: Value, _ key: String, at path: FieldPath, of type: Word.Type
  ) -> Word? where Word.RawValue == String {
    guard let text = string(map, key, at: path) else { return nil }
    if let word = Word(rawValue: text) { return word }
    let words = Word.allCases.map(\.rawValue)
    report(
      "invalid-value", "'\(text)' is no value of '\(key)', expected \(alternatives(words))",
      at: path.key(key), help: nearestName(to: text, in: words).map { "did you mean '\($0)'?" })
    return nil
  }

  package mutating func reportMissing(_ key: String, at path: FieldPath) {
    let owner = path.isRoot ? "" : " in '\(path)'"
    report("missing-field", "required field '\(key)' is missing\(owner)", at: path, part: .key)
  }

  package mutating func reportType(_ value: Value, expected: String, at path: FieldPath) {
    var help: String?
    if expected == "text", value.isKind(.int) || value.isKind(.double) || value.isKind(.bool) {
      help = "put it in quotes"
    }
    report(
      "wrong-type", "'\(path)' must be \(expected), found \(described(value))", at: path,
      help: help)
  }
}

/// Whether a field is not written: absent or null.
package func isMissing(_ value: Value) -> Bool { value.isAbsent || value.isNull }

/// What a value is, for messages: `a map`, `the number 3`.
package func described(_ value: Value) -> String {
  switch value.kind {
  case .absent: "nothing"
  case .null: "null"
  case .bool: value.isTrue ? "true" : "false"
  case .int: "the number \(value.intPayload)"
  case .uint: "the number \(value.payload)"
  case .double: "the number \(value.doublePayload)"
  case .string: "text"
  case .bytes: "bytes"
  case .list: "a list"
  case .map: "a map"
  case .error, .box: "a value of an expression"
  }
}

/// `a, b or c`.
package func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}
