import Documents
import Schemas

/// A value as a person writes it on one line: texts as they are, lists and maps as JSON.
func shortText(_ value: Value) -> String {
  value.asString ?? String(decoding: jsonBytes(of: value), as: UTF8.self)
}

/// A value as YAML on one line: texts quoted only where they have to be, lists and maps in flow form.
func flowText(_ value: Value) -> String {
  guard value.isKind(.string) else { return String(decoding: jsonBytes(of: value), as: UTF8.self) }
  let writer = YAMLWriter()
  writer.write(value)
  let lines = writer.bytes.split(separator: UInt8(ascii: "\n"))
  // A text of several lines is written as JSON, which is YAML too.
  return String(decoding: lines.count == 1 ? Array(lines[0]) : jsonBytes(of: value), as: UTF8.self)
}

/// What a field's schema demands beyond its type, in a few words each: `required`, `default: 2`,
/// `1 to 20`, `one of: small, medium`.
func constraints(of node: SchemaNode, isRequired: Bool) -> [String] {
  var words: [String] = []
  if isRequired { words.append("required") }
  if !node.defaultValue.isAbsent { words.append("default: \(shortText(node.defaultValue))") }
  if !node.allowedValues.isEmpty {
    words.append("one of: " + node.allowedValues.map(shortText).joined(separator: ", "))
  }
  let bounds = node.bounds
  words += range(bounds.minimum.map(numberText), bounds.maximum.map(numberText), unit: "")
  let sizes = node.sizes
  let unit =
    node.types.contains(.string) ? " characters" : node.items == nil ? " entries" : " items"
  words += range(sizes.minimum.map { "\($0)" }, sizes.maximum.map { "\($0)" }, unit: unit)
  if let pattern = node.pattern { words.append("matches: \(pattern)") }
  if let format = node.format { words.append("format: \(format)") }
  if node.hasUniqueItems { words.append("no two items equal") }
  if !node.listKeys.isEmpty {
    words.append("items told apart by: \(node.listKeys.joined(separator: ", "))")
  }
  if node.isImmutable { words.append("cannot be changed later") }
  for rule in node.rules {
    words.append(rule.message.isEmpty ? "rule: \(rule.source)" : rule.message)
  }
  return words
}

private func range(_ minimum: String?, _ maximum: String?, unit: String) -> [String] {
  switch (minimum, maximum) {
  case (nil, nil): []
  case (let minimum?, nil): ["at least \(minimum)\(unit)"]
  case (nil, let maximum?): ["at most \(maximum)\(unit)"]
  case (let minimum?, let maximum?):
    [minimum == maximum ? "exactly \(minimum)\(unit)" : "\(minimum) to \(maximum)\(unit)"]
  }
}

private func numberText(_ number: Double) -> String {
  Int64(exactly: number).map { "\($0)" } ?? "\(number)"
}

/// The text in lines of at most `width` characters, broken at blanks; a longer word stands alone.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(whereSeparator: \.isWhitespace) {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}

/// The node whose fields a reader sees below a field: of an object itself, of a list's elements, of a map's values.
func fieldsNode(of node: SchemaNode) -> SchemaNode {
  var node = node
  for _ in 0..<8 {
    if !node.propertyNames.isEmpty { return node }
    guard let inner = node.items ?? node.values else { return node }
    node = inner
  }
  return node
}
