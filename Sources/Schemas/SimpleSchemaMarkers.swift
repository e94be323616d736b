import CEL
import Diagnostics
import Documents
import Regexes

/// The markers of SimpleSchema. The last three are Pave's own.
enum MarkerName: String, CaseIterable {
  case required
  case `default`
  case description
  case `enum`
  case minimum
  case maximum
  case minLength
  case maxLength
  case pattern
  case minItems
  case maxItems
  case uniqueItems
  case listType
  case listMapKey
  case immutable
  case validation
  case title
  case example
  case deprecated

  func isKnown(in dialect: SimpleSchema.Dialect) -> Bool {
    switch self {
    case .title, .example, .deprecated: dialect == .pave
    default: true
    }
  }

  /// Whether giving it several times adds up.
  var isRepeatable: Bool { self == .listMapKey || self == .validation || self == .example }
}

/// Applies the markers of one field to its draft.
struct MarkerApplier {
  let compiler: SimpleSchemaCompiler
  let path: FieldPath
  var draft: NodeDraft
  private(set) var isRequired = false
  /// The place of the default's value in the field's text; nil without one.
  private(set) var defaultRange: Range<Int>?
  private var listTypeMarker: MarkerSyntax?
  private var listKeys: [(name: String, marker: MarkerSyntax)] = []

  init(compiler: SimpleSchemaCompiler, path: FieldPath, draft: NodeDraft) {
    self.compiler = compiler
    self.path = path
    self.draft = draft
  }

  mutating func apply(_ markers: [MarkerSyntax]) {
    var seen: Set<MarkerName> = []
    for marker in markers {
      let dialect = compiler.source.dialect
      guard let name = MarkerName(rawValue: marker.key), name.isKnown(in: dialect) else {
        reportUnknown(marker, dialect)
        continue
      }
      if !seen.insert(name).inserted, !name.isRepeatable {
        warn("the marker '\(marker.key)' is given twice, and the last one counts", marker)
      }
      apply(name, marker)
    }
    checkListType()
    checkBounds(markers)
  }

  private mutating func apply(_ name: MarkerName, _ marker: MarkerSyntax) {
    switch name {
    case .required: if bool(marker) == true { isRequired = true }
    case .immutable: if bool(marker) == true { draft.constraints.isImmutable = true }
    case .default: applyDefault(marker)
    case .description: draft.notes.description = marker.value
    case .title: draft.notes.title = marker.value
    case .deprecated: draft.notes.isDeprecated = bool(marker) ?? false
    case .example: applyExample(marker)
    case .enum: applyEnum(marker)
    case .minimum: if let bound = number(marker) { draft.constraints.minimum = bound }
    case .maximum: if let bound = number(marker) { draft.constraints.maximum = bound }
    case .minLength: if let size = size(marker, .string) { draft.constraints.minLength = size }
    case .maxLength: if let size = size(marker, .string) { draft.constraints.maxLength = size }
    case .minItems: if let size = size(marker, .array) { draft.constraints.minItems = size }
    case .maxItems: if let size = size(marker, .array) { draft.constraints.maxItems = size }
    case .pattern: applyPattern(marker)
    case .uniqueItems: if isFor(.array, marker), bool(marker) == true { setListType(.set, marker) }
    case .listType: applyListType(marker)
    case .listMapKey: if isFor(.array, marker) { listKeys.append((marker.value, marker)) }
    case .validation: applyValidation(marker)
    }
  }

  // MARK: values of markers

  /// The words that Go's `strconv.ParseBool` takes.
  private func bool(_ marker: MarkerSyntax) -> Bool? {
    switch marker.value {
    case "1", "t", "T", "true", "TRUE", "True": return true
    case "0", "f", "F", "false", "FALSE", "False": return false
    default:
      report("'\(marker.key)' is '\(marker.value)', expected true or false", marker)
      return nil
    }
  }

  private func number(_ marker: MarkerSyntax) -> Double? {
    if draft.types.isDisjoint(with: [.integer, .number]) {
      warn("'\(marker.key)' has no effect on \(typeName)", marker)
    }
    guard let number = Double(marker.value), number.isFinite else {
      report("'\(marker.key)' is '\(marker.value)', expected a number", marker)
      return nil
    }
    return number
  }

  private func size(_ marker: MarkerSyntax, _ type: ValueTypes) -> Int? {
    guard isFor(type, marker) else { return nil }
    guard let size = Int(marker.value), size >= 0 else {
      report("'\(marker.key)' is '\(marker.value)', expected a whole number from 0 on", marker)
      return nil
    }
    return size
  }

  private func isFor(_ type: ValueTypes, _ marker: MarkerSyntax) -> Bool {
    if draft.types == type { return true }
    let what = type == .string ? "strings" : "lists"
    report("'\(marker.key)' is only for \(what), and the field is \(typeName)", marker, .key)
    return false
  }

  /// The field's type with its article.
  private var typeName: String {
    switch draft.types {
    case .string: "a string"
    case .integer: "an integer"
    case .number: "a float"
    case .boolean: "a boolean"
    case .array: "a list"
    default: "an object"
    }
  }

  // MARK: single markers

  /// kro puts a default for a string between quotes as it stands and reads the whole as JSON;
  /// any other default is JSON by itself.
  private mutating func applyDefault(_ marker: MarkerSyntax) {
    let isText = draft.types == .string
    let json = isText ? "\"\(marker.value)\"" : marker.value
    switch jsonValue(json, in: compiler.builder.arena) {
    case .success(let value):
      draft.defaultValue = value
      defaultRange = marker.valueRange
      if draft.types == .integer, !value.isKind(.int) {
        reportDefault("the default is \(shown(value)), expected an integer", marker)
      } else if draft.types == .number, ![.int, .double].contains(value.kind) {
        reportDefault("the default is \(shown(value)), expected a number", marker)
      } else if draft.types == .boolean, !value.isKind(.bool) {
        reportDefault("the default is \(shown(value)), expected true or false", marker)
      }
    case .failure(let failure):
      let shift = isText ? 1 : 0
      let range = marker.range(
        ofValue: failure.range.lowerBound - shift..<failure.range.upperBound - shift)
      if isText {
        reportDefault(
          "the default '\(marker.value)' is no JSON text once it stands in quotes", marker,
          at: range,
          help: "escape twice: write \\\\\\\" for a quote, \\\\\\\\ for a backslash")
      } else if draft.types == .integer || draft.types == .number || draft.types == .boolean {
        let expected =
          draft.types == .boolean
          ? "true or false" : draft.types == .integer ? "an integer" : "a number"
        reportDefault("the default is '\(marker.value)', expected \(expected)", marker)
      } else {
        reportDefault(
          "the default of \(typeName) is no JSON: \(failure.message)", marker, at: range,
          help: "write [\"a\", \"b\"] for a list, {\"key\": \"value\"} for a map")
      }
    }
  }

  private mutating func applyExample(_ marker: MarkerSyntax) {
    let arena = compiler.builder.arena
    let value: Value
    if draft.types == .string {
      value = arena.string(marker.value)
    } else {
      switch jsonValue(marker.value, in: arena) {
      case .success(let read): value = read
      case .failure(let failure):
        return report("the example is no JSON: \(failure.message)", marker)
      }
    }
    draft.notes.examples = arena.list(Array(draft.notes.examples.elements) + [value])
  }

  private mutating func applyEnum(_ marker: MarkerSyntax) {
    guard draft.types == .string || draft.types == .integer else {
      return report(
        "'enum' is only for strings and integers, and the field is \(typeName)", marker, .key)
    }
    let arena = compiler.builder.arena
    var allowed: [Value] = []
    for item in marker.value.split(separator: ",", omittingEmptySubsequences: false) {
      let text = item.trimmingSpace
      if text.isEmpty { return report("'enum' has an empty item", marker) }
      if draft.types == .string {
        allowed.append(arena.string(text))
      } else if let number = Int64(text) {
        allowed.append(.int(number))
      } else {
        return report("'enum' has '\(text)', expected an integer", marker)
      }
    }
    draft.constraints.allowed = arena.list(allowed)
  }

  private mutating func applyPattern(_ marker: MarkerSyntax) {
    guard isFor(.string, marker) else { return }
    guard !marker.value.isEmpty else { return report("'pattern' is empty", marker) }
    switch Pattern.compile(marker.value) {
    case .success(let pattern): draft.pattern = pattern
    case .failure(let error):
      let range = marker.range(ofValue: error.byteOffset..<error.byteOffset + 1)
      compiler.add(
        "invalid-pattern", "the pattern is not valid: \(error.message)",
        compiler.place(path, .text(range)), help: error.help)
    }
  }

  private mutating func applyValidation(_ marker: MarkerSyntax) {
    guard !marker.value.trimmingSpace.isEmpty else {
      return report("'validation' is empty", marker)
    }
    let compiler = self.compiler
    let path = self.path
    draft.rules.append(
      RuleDraft(source: marker.value, message: "validation failed") { issue, _ in
        compiler.add(
          "invalid-validation", "the validation is not valid: \(issue.message)",
          compiler.place(path, .text(marker.range(ofValue: issue.range))), help: issue.help)
      })
  }

  // MARK: lists

  private mutating func applyListType(_ marker: MarkerSyntax) {
    guard isFor(.array, marker) else { return }
    switch marker.value {
    case "atomic": setListType(.atomic, marker)
    case "set": setListType(.set, marker)
    case "map": setListType(.map, marker)
    default:
      report("'listType' is '\(marker.value)', expected 'atomic', 'set' or 'map'", marker)
    }
  }

  private mutating func setListType(_ type: Constraints.ListType, _ marker: MarkerSyntax) {
    if let earlier = listTypeMarker, draft.constraints.listType != type {
      return report("'\(marker.key)' contradicts '\(earlier.key)=\(earlier.value)'", marker)
    }
    draft.constraints.listType = type
    listTypeMarker = marker
  }

  /// The rules that the API server has for list types (apiextensions `validation.go`).
  private mutating func checkListType() {
    if let key = listKeys.first, draft.constraints.listType != .map {
      let found = listTypeMarker == nil ? "there is none" : "it is another"
      return report(
        "'listMapKey' needs 'listType=map', and \(found)", key.marker, .key,
        help: "add listType=map")
    }
    guard let marker = listTypeMarker, let items = draft.items else { return }
    let element = compiler.builder[items]
    switch draft.constraints.listType {
    case .atomic: return
    case .set:
      if element.types == .object {
        report(
          "the elements of a set are objects, expected scalars", marker,
          help: "use listType=map with a listMapKey")
      }
    case .map:
      guard !listKeys.isEmpty else {
        return report("'listType=map' needs a 'listMapKey'", marker, help: "add listMapKey=…")
      }
      checkListKeys(element)
    }
  }

  private mutating func checkListKeys(_ element: NodeDraft) {
    let arena = compiler.builder.arena
    draft.constraints.listKeys = arena.list(listKeys.map { arena.string($0.name) })
    for (name, marker) in listKeys {
      guard let property = element.properties.first(where: { $0.name == name }) else {
        let nearest = nearestName(to: name, in: element.properties.map(\.name))
        report(
          "the elements have no field '\(name)'", marker,
          help: nearest.map { "did you mean '\($0)'?" })
        continue
      }
      let key = compiler.builder[property.node]
      if key.types == .object || key.types == .array {
        report("the key '\(name)' is no scalar", marker)
      } else if !element.required.contains(name), key.defaultValue.isAbsent {
        report(
          "the key '\(name)' is neither required nor has it a default", marker,
          help: "add required=true to '\(name)'")
      }
    }
  }

  private func checkBounds(_ markers: [MarkerSyntax]) {
    let constraints = draft.constraints
    let pairs: [(String, Bool)] = [
      ("maximum", constraints.minimum > constraints.maximum),
      ("maxLength", constraints.minLength > constraints.maxLength),
      ("maxItems", constraints.minItems > constraints.maxItems),
    ]
    for (name, isInverted) in pairs where isInverted {
      if let marker = markers.last(where: { $0.key == name }) {
        warn("'\(name)' is below the minimum, so that no value fits", marker)
      }
    }
  }

  // MARK: findings

  private enum Part { case key, value }

  private func report(
    _ message: String, _ marker: MarkerSyntax, _ part: Part = .value, help: String? = nil
  ) {
    let range = part == .key || marker.valueRange.isEmpty ? marker.range : marker.valueRange
    compiler.add("invalid-marker", message, compiler.place(path, .text(range)), help: help)
  }

  private mutating func reportDefault(
    _ message: String, _ marker: MarkerSyntax, at range: Range<Int>? = nil, help: String? = nil
  ) {
    draft.defaultValue = .absent
    defaultRange = nil
    let range = range ?? (marker.valueRange.isEmpty ? marker.range : marker.valueRange)
    compiler.add("invalid-default", message, compiler.place(path, .text(range)), help: help)
  }

  private func warn(_ message: String, _ marker: MarkerSyntax) {
    compiler.add(
      "useless-marker", severity: .warning, message, compiler.place(path, .text(marker.range)))
  }

  private func reportUnknown(_ marker: MarkerSyntax, _ dialect: SimpleSchema.Dialect) {
    let known = MarkerName.allCases.filter { $0.isKnown(in: dialect) }.map(\.rawValue)
    let nearest = nearestName(to: marker.key, in: known)
    compiler.add(
      "unknown-marker", "unknown marker '\(marker.key)'",
      compiler.place(path, .text(marker.keyRange)),
      help: nearest.map { "did you mean '\($0)'?" }
        ?? "known markers: \(known.joined(separator: ", "))")
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  fileprivate var trimmingSpace: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
