public import Diagnostics
public import Documents

/// A schema in kro's SimpleSchema as it stands in a file: a map of fields and custom types.
///
/// kro.run, "SimpleSchema" (`pkg/simpleschema` at 0302e659). Example of a field:
/// `replicas: integer | default=2 minimum=1 maximum=10`.
public struct SimpleSchema {
  /// Which markers are known.
  public enum Dialect: Sendable {
    /// Those of kro.
    case kro
    /// Those of kro, and `title`, `example` and `deprecated` for docs and editors.
    case pave
  }

  /// The map of fields; absent or null when there are none.
  public var fields: Value
  /// The map of custom types; absent or null when there are none.
  public var types: Value
  /// The file that findings point into, and the index of the document in it.
  public var file: String
  /// The 0-based index of the document in the file.
  public var documentIndex: Int
  /// Where `fields` stands in the document.
  public var fieldsPath: FieldPath
  /// Where `types` stands in the document.
  public var typesPath: FieldPath
  /// Which markers are known.
  public var dialect: Dialect
  /// The first half of rule ids.
  public var area: String

  /// A schema that stands in a file.
  public init(
    fields: Value, types: Value = .absent, file: String, documentIndex: Int = 0,
    fieldsPath: FieldPath = FieldPath(keys: "spec", "schema", "spec"),
    typesPath: FieldPath = FieldPath(keys: "spec", "schema", "types"),
    dialect: Dialect = .kro, area: String = "golden-path"
  ) {
    self.fields = fields
    self.types = types
    self.file = file
    self.documentIndex = documentIndex
    self.fieldsPath = fieldsPath
    self.typesPath = typesPath
    self.dialect = dialect
    self.area = area
  }

  /// The schema of the fields' values, and what its author should mend.
  ///
  /// Where a field is wrong the schema allows anything there, so that one mistake is found once.
  /// Rules: `invalid-schema`, `invalid-type`, `unknown-type`, `type-cycle`, `invalid-marker`,
  /// `unknown-marker`, `invalid-default`, `invalid-pattern`, `invalid-validation` (errors) and
  /// `useless-marker` (a warning).
  public func compiled() -> (schema: Schema, findings: [Finding]) {
    let compiler = SimpleSchemaCompiler(self)
    return compiler.compile()
  }
}

/// Turns fields into drafts.
final class SimpleSchemaCompiler {
  /// A field or type, and whether the object that has it must have it.
  struct Compiled {
    var node: Int
    var isRequired = false
  }

  private enum CustomType {
    case unvisited(Value)
    case visiting
    case done(Compiled)
  }

  /// A default that is checked once the schema is whole.
  private struct PendingDefault {
    var node: Int
    var path: FieldPath
    var range: Range<Int>
  }

  let source: SimpleSchema
  let builder = SchemaBuilder()
  private(set) var findings: [Finding] = []
  private var customTypes: [String: CustomType] = [:]
  private var visiting: [String] = []
  private var pendingDefaults: [PendingDefault] = []

  init(_ source: SimpleSchema) { self.source = source }

  func compile() -> (schema: Schema, findings: [Finding]) {
    loadCustomTypes()
    let root: Int
    switch source.fields.kind {
    case .absent, .null: root = builder.add(NodeDraft(types: .object, structural: true))
    case .map: root = compileFields(source.fields, source.fieldsPath)
    default:
      add(
        "invalid-schema",
        "the fields are \(shown(source.fields)), expected a map of names to types",
        .field(source.file, document: source.documentIndex, source.fieldsPath))
      root = anything()
    }
    let schema = builder.freeze(root: root)
    checkDefaults(schema)
    return (schema, findings)
  }

  private func loadCustomTypes() {
    switch source.types.kind {
    case .absent, .null: return
    case .map: break
    default:
      return add(
        "invalid-schema", "'types' is \(shown(source.types)), expected a map of names to types",
        .field(source.file, document: source.documentIndex, source.typesPath))
    }
    let names = source.types.entries.compactMap(\.key.asString)
    for entry in source.types.entries {
      if let name = entry.key.asString { customTypes[name] = .unvisited(entry.value) }
    }
    for name in names {
      if TypeSyntax.builtInNames.contains(name) {
        add(
          "invalid-schema", "the custom type '\(name)' has the name of a built-in type",
          place(source.typesPath.key(name), .key), help: "give it another name")
      }
      _ = customType(name, at: place(source.typesPath.key(name), .key))
    }
  }

  // MARK: fields

  private func compileFields(_ map: Value, _ path: FieldPath) -> Int {
    var draft = NodeDraft(types: .object, structural: true)
    for entry in map.entries {
      let name = entry.key.asString ?? shown(entry.key)
      let field = compileField(entry.value, path.key(name), name: name)
      draft.properties.append((name, field.node))
      if field.isRequired { draft.required.insert(name) }
    }
    let hasDefault = draft.properties.contains { !builder[$0.node].defaultValue.isAbsent }
    if draft.required.isEmpty, hasDefault { draft.defaultValue = .emptyMap }
    return builder.add(draft)
  }

  private func compileField(_ value: Value, _ path: FieldPath, name: String) -> Compiled {
    guard path.steps.count < 100 else {
      add("invalid-schema", "the fields are nested too deeply", place(path, .key))
      return Compiled(node: anything())
    }
    switch value.kind {
    case .string: return compileText(value.asString ?? "", path)
    case .map:
      if let inline = inlineForm(ofOpenAPI: value) {
        add(
          "invalid-schema", "'\(name)' is written as an OpenAPI schema, expected SimpleSchema",
          place(path, .key), help: "write '\(name)' as: \(inline)")
        return Compiled(node: anything())
      }
      return Compiled(node: compileFields(value, path))
    default:
      add(
        "invalid-schema", "'\(name)' is \(shown(value)), expected a type or a map of fields",
        place(path, .value), help: "write a type such as 'string', or fields below it")
      return Compiled(node: anything())
    }
  }

  /// What a schema in OpenAPI's words would be in SimpleSchema; nil when a map is one of fields.
  private func inlineForm(ofOpenAPI map: Value) -> String? {
    guard let type = map["type"].asString else { return nil }
    switch type {
    case "object" where map["additionalProperties"].isKind(.map):
      return "map[string]\(map[["additionalProperties", "type"]].asString ?? "string")"
    case "array" where map["items"].isKind(.map):
      return "[]\(map[["items", "type"]].asString ?? "string")"
    case "object" where map["properties"].isKind(.map): return "a map of its properties"
    case "string" where map["enum"].isKind(.list), "integer" where map["enum"].isKind(.list):
      return "\(type) | enum=\"…\""
    default: return nil
    }
  }

  private func compileText(_ text: String, _ path: FieldPath) -> Compiled {
    let (field, problems) = FieldSyntax.parse(text)
    for problem in problems {
      add(problem.rule, problem.message, place(path, .text(problem.range)), help: problem.help)
    }
    guard let field, var compiled = compile(field.type, path) else {
      return Compiled(node: anything())
    }
    guard !field.markers.isEmpty else { return compiled }
    var draft = builder[compiled.node]
    var applier = MarkerApplier(compiler: self, path: path, draft: draft)
    applier.apply(field.markers)
    draft = applier.draft
    compiled.isRequired = compiled.isRequired || applier.isRequired
    compiled.node = builder.add(draft)
    if let range = applier.defaultRange {
      pendingDefaults.append(PendingDefault(node: compiled.node, path: path, range: range))
    }
    return compiled
  }

  // MARK: types

  private func compile(_ type: TypeSyntax, _ path: FieldPath) -> Compiled? {
    switch type {
    case .scalar(let types):
      return Compiled(node: builder.add(NodeDraft(types: types, structural: true)))
    case .object:
      var draft = NodeDraft(types: .object, structural: true)
      draft.flags.insert(.preservesUnknown)
      return Compiled(node: builder.add(draft))
    case .list(let element):
      guard let element = compile(element, path) else { return nil }
      var draft = NodeDraft(types: .array, structural: true)
      draft.items = element.node
      return Compiled(node: builder.add(draft))
    case .map(let value):
      guard let value = compile(value, path) else { return nil }
      var draft = NodeDraft(types: .object, structural: true)
      draft.additional = .node(value.node)
      return Compiled(node: builder.add(draft))
    case .custom(let name, let range):
      if customTypes[name] == nil {
        reportUnknownType(name, place(path, .text(range)))
        return nil
      }
      return customType(name, at: place(path, .text(range)))
    }
  }

  /// The type of a name, which is used at a place; nil when it is part of a cycle, which is reported
  /// there.
  private func customType(_ name: String, at place: Place) -> Compiled? {
    switch customTypes[name] {
    case nil: return nil
    case .done(let compiled): return compiled
    case .visiting:
      let start = visiting.firstIndex(of: name) ?? 0
      let chain = (visiting[start...] + [name]).joined(separator: " → ")
      add(
        "type-cycle", "the custom type '\(name)' contains itself: \(chain)", place,
        help: "let one of them hold 'object', which may contain anything")
      return nil
    case .unvisited(let value):
      customTypes[name] = .visiting
      visiting.append(name)
      let compiled = compileField(value, source.typesPath.key(name), name: name)
      visiting.removeLast()
      customTypes[name] = .done(compiled)
      return compiled
    }
  }

  private func reportUnknownType(_ name: String, _ place: Place) {
    let known = TypeSyntax.builtInNames + source.types.entries.compactMap(\.key.asString)
    let meant: String? =
      switch name {
      case "int", "int32", "int64", "Integer": "integer"
      case "bool", "Boolean": "boolean"
      case "number", "double": "float"
      case "str", "text": "string"
      case "any", "dict", "map": "object"
      case "list", "array": "[]string"
      default: nearestName(to: name, in: known)
      }
    add(
      "unknown-type", "unknown type '\(name)'", place,
      help: meant.map { "did you mean '\($0)'?" } ?? "known types: \(known.joined(separator: ", "))"
    )
  }

  // MARK: defaults

  private func checkDefaults(_ schema: Schema) {
    for pending in pendingDefaults {
      let value = schema.nodes[pending.node].defaultValue
      guard !value.isAbsent else { continue }
      var validator = Validator(schema: schema, base: pending.path, evaluator: nil)
      validator.check(value, Int32(pending.node), old: .absent)
      for problem in validator.allProblems {
        let below = problem.path.steps.count > pending.path.steps.count
        let prefix = below ? "the default does not fit: " : "the default of "
        add(
          "invalid-default", prefix + problem.message, place(pending.path, .text(pending.range)),
          help: problem.help)
      }
    }
  }

  // MARK: findings

  private func anything() -> Int {
    var draft = NodeDraft(types: [])
    draft.additional = .any
    return builder.add(draft)
  }

  func place(_ path: FieldPath, _ part: Place.Part) -> Place {
    .field(source.file, document: source.documentIndex, path, part: part)
  }

  func add(
    _ rule: String, severity: Severity = .error, _ message: String, _ place: Place,
    help: String? = nil
  ) {
    findings.append(
      Finding(
        rule: "\(source.area)/\(rule)", severity: severity, message, at: place, help: help))
  }
}

extension NodeDraft {
  /// A draft of a structural schema: nulls that are not allowed count as not written.
  init(types: ValueTypes, structural: Bool) {
    self.init(types: types)
    if structural { flags.insert(.dropsNulls) }
  }
}
