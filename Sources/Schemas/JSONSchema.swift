public import Diagnostics
public import Documents

/// A schema in JSON Schema's words as it stands in a file: `openAPIV3Schema` of a golden path or a
/// CustomResourceDefinition, or the `values.schema.json` of a chart.
public struct JSONSchema {
  /// Which rules hold.
  public enum Dialect: Sendable {
    /// Structural schemas of Kubernetes (apiextensions v1): fields that are not named are not
    /// allowed, nulls that are not allowed count as not written, `x-kubernetes-*` is read, and
    /// `default` fills in.
    case structural
    /// JSON Schema, drafts 4 to 2020-12: fields that are not named are allowed, `$ref` is followed
    /// inside the document, `default` only informs.
    case draft
  }

  /// The schema: a map, or true or false.
  public var value: Value
  /// Which rules hold.
  public var dialect: Dialect
  /// The file that findings point into.
  public var file: String
  /// The 0-based index of the document in the file.
  public var documentIndex: Int
  /// Where `value` stands in the document.
  public var path: FieldPath
  /// The first half of rule ids.
  public var area: String
  /// Whether the value is a whole Kubernetes object, whose `apiVersion`, `kind` and `metadata` are
  /// not the schema's matter (structural schemas).
  public var isWholeObject: Bool

  /// A schema that stands in a file.
  public init(
    _ value: Value, dialect: Dialect = .structural, file: String, documentIndex: Int = 0,
    path: FieldPath = .root, area: String = "golden-path", isWholeObject: Bool = false
  ) {
    self.value = value
    self.dialect = dialect
    self.file = file
    self.documentIndex = documentIndex
    self.path = path
    self.area = area
    self.isWholeObject = isWholeObject
  }

  /// The compiled schema, and what its author should mend.
  ///
  /// Rules: `invalid-schema`, `invalid-pattern`, `invalid-validation`, `invalid-default` (errors),
  /// `unknown-keyword` (an error with the nearest name in structural schemas, where the API server
  /// refuses it; a warning otherwise).
  public func compiled() -> (schema: Schema, findings: [Finding]) {
    JSONSchemaCompiler(self).compile()
  }
}

/// Turns schemas in JSON Schema's words into drafts.
final class JSONSchemaCompiler {
  let source: JSONSchema
  let builder = SchemaBuilder()
  private(set) var findings: [Finding] = []
  /// What `$ref`s stand for; a draft is reserved before it is compiled, so circles are fine.
  private var references: [String: Int] = [:]
  private var defaults: [(node: Int, path: FieldPath)] = []

  init(_ source: JSONSchema) { self.source = source }

  var isStructural: Bool { source.dialect == .structural }

  /// Whether `$ref` stands for the whole schema: what is written beside it counts from 2019-09 on.
  private lazy var replacesByReference: Bool = {
    let draft = source.value["$schema"].asString ?? ""
    return ["draft-03", "draft-04", "draft-06", "draft-07"].contains { draft.contains("/\($0)/") }
  }()

  func compile() -> (schema: Schema, findings: [Finding]) {
    let root = compile(source.value, source.path, isValidationOnly: false)
    if source.isWholeObject { builder[root].makeEmbedded() }
    let schema = builder.freeze(root: root)
    for (node, path) in defaults {
      var validator = Validator(schema: schema, base: path, evaluator: nil)
      validator.check(schema.nodes[node].defaultValue, Int32(node), old: .absent)
      for problem in validator.allProblems {
        add("invalid-default", "the default does not fit: \(problem.message)", problem.path)
      }
    }
    return (schema, findings)
  }

  /// The index of the draft of a schema. Schemas that only validate, inside `allOf` and the like,
  /// never forbid fields that they do not name.
  func compile(_ value: Value, _ path: FieldPath, isValidationOnly: Bool) -> Int {
    if path.steps.count > source.path.steps.count + 200 {
      add("invalid-schema", "the schema is nested too deeply", path)
      return builder.add(anything)
    }
    if !isStructural, value.isKind(.bool) {
      guard !value.isTrue else { return builder.add(anything) }
      var nothing = anything
      nothing.not = builder.add(anything)
      return builder.add(nothing)
    }
    guard value.isKind(.map) else {
      add("invalid-schema", "the schema is \(shown(value)), expected a map", path)
      return builder.add(anything)
    }
    if !isStructural, value.count == 1 || replacesByReference,
      let reference = value["$ref"].asString
    {
      return resolve(reference, path)
    }
    let index = builder.add(anything)
    compile(value, path, into: index, isValidationOnly: isValidationOnly)
    return index
  }

  private func compile(
    _ value: Value, _ path: FieldPath, into index: Int, isValidationOnly: Bool
  ) {
    var reader = KeywordReader(
      compiler: self, map: value, path: path, isValidationOnly: isValidationOnly)
    let draft = reader.read()
    builder[index] = draft
    if isStructural, !draft.defaultValue.isAbsent {
      defaults.append((index, path.key("default")))
    }
  }

  private var anything: NodeDraft {
    var draft = NodeDraft(types: [])
    draft.additional = .any
    return draft
  }

  /// The schemas that have a name of their own (`$anchor`, from 2019-09 on).
  private lazy var anchors: [String: (value: Value, path: FieldPath)] = {
    var found: [String: (value: Value, path: FieldPath)] = [:]
    var waiting = [(value: source.value, path: source.path)]
    while let (value, path) = waiting.popLast() {
      guard path.steps.count < source.path.steps.count + 200 else { continue }
      if value.isKind(.map), let name = value["$anchor"].asString { found[name] = (value, path) }
      for entry in value.entries {
        waiting.append((entry.value, path.key(entry.key.asString ?? "")))
      }
      for (index, element) in value.elements.enumerated() {
        waiting.append((element, path.index(index)))
      }
    }
    return found
  }()

  /// The draft that a reference inside the document stands for: `#`, or `#/definitions/port`.
  func resolve(_ reference: String, _ path: FieldPath) -> Int {
    if let known = references[reference] { return known }
    let index = builder.add(anything)
    references[reference] = index
    guard reference.utf8.first == UInt8(ascii: "#") else {
      add(
        "invalid-schema", "'$ref' is '\(reference)', expected a place in this file",
        path.key("$ref"))
      return index
    }
    let anchored = anchors[String(reference.dropFirst())]
    var target = anchored?.value ?? source.value
    var targetPath = anchored?.path ?? source.path
    let pointer = anchored == nil ? reference.dropFirst() : ""
    for part in pointer.split(separator: "/") {
      let key = unescapedPointer(part)
      if target.isKind(.list), let position = Int(key), target.elements.indices.contains(position) {
        target = target.elements[position]
        targetPath = targetPath.index(position)
      } else {
        target = target[key]
        targetPath = targetPath.key(key)
      }
    }
    if target.isAbsent {
      add("invalid-schema", "'$ref' is '\(reference)', which is not in this file", path.key("$ref"))
    } else if target.isKind(.map),
      target["$ref"].isAbsent || target.count > 1 && !replacesByReference
    {
      compile(target, targetPath, into: index, isValidationOnly: false)
    } else {
      var draft = anything
      draft.allOf = [compile(target, targetPath, isValidationOnly: false)]
      builder[index] = draft
    }
    return index
  }

  func add(
    _ rule: String, severity: Severity = .error, _ message: String, _ path: FieldPath,
    part: Place.Part = .value, help: String? = nil
  ) {
    findings.append(
      Finding(
        rule: "\(source.area)/\(rule)", severity: severity, message,
        at: .field(source.file, document: source.documentIndex, path, part: part), help: help))
  }
}

/// A part of a JSON pointer (RFC 6901) without its escapes.
private func unescapedPointer(_ part: Substring) -> String {
  var text = ""
  var rest = part[...]
  while let character = rest.popFirst() {
    if character == "~", let code = rest.first, code == "0" || code == "1" {
      rest.removeFirst()
      text += code == "0" ? "~" : "/"
    } else {
      text.append(character)
    }
  }
  return text
}
