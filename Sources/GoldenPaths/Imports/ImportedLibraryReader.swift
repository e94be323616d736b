import CEL
import Diagnostics
import Documents
import Intents
import Schemas

/// Reads a library's file: checks everything that does not depend on the golden path that imports it.
struct ImportedLibraryReader {
  private var reader: ImportsReader
  private let parsed: ParsedFile
  private let spec = FieldPath(keys: "spec")
  private var mentioned: Set<String> = []

  init(_ parsed: ParsedFile, roots: ImportRoots, known: [String]) {
    self.parsed = parsed
    reader = ImportsReader(
      fields: FieldReader(file: parsed.file, document: 0, area: "golden-path"), roots: roots,
      known: known)
  }

  /// The findings, the parser's included.
  var findings: [Finding] {
    parsed.findings.filter { $0.rule != mergeExpressionRule } + reader.fields.findings
  }

  /// The library; `load` answers the library of a file that it imports, nil for one that cannot be used.
  mutating func library(_ load: (Import) -> ImportedLibrary?) -> ImportedLibrary? {
    guard let document = parsed.documents.first, !document.root.isNull else {
      if parsed.findings.isEmpty {
        reader.fields.append(
          Finding(
            rule: "golden-path/wrong-kind", "'\(parsed.file)' is empty",
            at: Place(file: parsed.file),
            help: "it must hold one document of kind GoldenPathLibrary"))
      }
      return nil
    }
    if parsed.documents.count > 1 {
      reader.fields.append(
        Finding(
          rule: "golden-path/wrong-kind", "a library is one document",
          at: .field(parsed.file, document: 1, .root)))
    }
    let root = reader.fields.fields(
      document.root, at: .root, known: ["apiVersion", "kind", "metadata", "spec"])
    guard isLibrary(root) else { return nil }
    let map = reader.fields.fields(
      root["spec"], at: spec, known: ["imports", "variables", "parts"])
    let imports = reader.imports(map)
    var libraries: [String: ImportedLibrary] = [:]
    for entry in imports { libraries[entry.alias] = load(entry) }
    let variables = self.variables(map)
    let parts = self.parts(map)
    checkNames(imports, variables, parts)
    let isUsable = libraries.count == imports.count && libraries.values.allSatisfy { !$0.isBroken }
    if isUsable {
      let draft = ImportedLibrary(
        file: parsed.file, document: document, imports: imports, libraries: libraries,
        variables: variables, parts: parts, isBroken: false)
      check(draft, VisibleNames(libraries, own: draft))
    }
    return ImportedLibrary(
      file: parsed.file, document: document, imports: imports, libraries: libraries,
      variables: variables, parts: parts,
      isBroken: !isUsable || findings.contains { $0.severity == .error })
  }

  private mutating func isLibrary(_ root: Value) -> Bool {
    let apiVersion = reader.fields.string(root, "apiVersion", at: .root, isRequired: true)
    let kind = reader.fields.string(root, "kind", at: .root, isRequired: true)
    if let kind, kind != "GoldenPathLibrary" {
      reader.fields.report(
        "wrong-kind", "kind '\(kind)', expected 'GoldenPathLibrary'", at: FieldPath(keys: "kind"))
    } else if let apiVersion, apiVersion != "pave.dev/v1alpha1" {
      reader.fields.report(
        "wrong-kind", "apiVersion '\(apiVersion)', expected 'pave.dev/v1alpha1'",
        at: FieldPath(keys: "apiVersion"))
    } else {
      return kind != nil && apiVersion != nil
    }
    return false
  }

  // MARK: variables and parts

  private mutating func variables(_ map: Value) -> [ImportedLibrary.NamedValue] {
    let path = spec.key("variables")
    return reader.fields.map(map["variables"], at: path).entries.compactMap { entry in
      guard let name = entry.key.asString else { return nil }
      let path = path.key(name)
      guard reader.isName(name, at: path, part: .key) else { return nil }
      switch entry.value.kind {
      case .string, .int, .uint, .double, .bool:
        return .init(name: name, value: entry.value, path: path)
      default:
        reader.fields.report(
          "wrong-type",
          "a variable is one expression '${…}', a text or a number, found "
            + described(entry.value), at: path,
          help: "write it as one expression, ${{\"key\": value}}, or as a part")
        return nil
      }
    }
  }

  private mutating func parts(_ map: Value) -> [ImportedLibrary.Part] {
    let path = spec.key("parts")
    return reader.fields.map(map["parts"], at: path).entries.compactMap { entry in
      guard let name = entry.key.asString else { return nil }
      let path = path.key(name)
      guard reader.isName(name, at: path, part: .key) else { return nil }
      if isMissing(entry.value) {
        reader.fields.reportType(entry.value, expected: "a map", at: path)
      }
      let part = reader.fields.fields(entry.value, at: path, known: ["parameters", "template"])
      guard entry.value.isKind(.map) else { return nil }
      if part["template"].isAbsent { reader.fields.reportMissing("template", at: path) }
      let (parameters, schema) = self.parameters(part, at: path)
      return .init(
        name: name, parameters: parameters, schema: schema, template: part["template"], path: path)
    }
  }

  private mutating func parameters(
    _ part: Value, at path: FieldPath
  ) -> ([ImportedLibrary.Parameter], Schema) {
    let path = path.key("parameters")
    guard !isMissing(part["parameters"]) else { return ([], .anything) }
    let compiled = SimpleSchema(
      fields: part["parameters"], types: .absent, file: parsed.file, documentIndex: 0,
      fieldsPath: path, typesPath: path, dialect: .pave
    ).compiled()
    for finding in compiled.findings { reader.fields.append(finding) }
    let parameters = compiled.schema.root.propertyNames.compactMap {
      name -> ImportedLibrary.Parameter? in
      guard reader.isName(name, at: path.key(name), part: .key),
        let node = compiled.schema.root.property(name)
      else { return nil }
      return .init(name: name, node: node, path: path.key(name))
    }
    return (parameters, compiled.schema)
  }

  /// No name of the file may mean two things.
  private mutating func checkNames(
    _ imports: [Import], _ variables: [ImportedLibrary.NamedValue], _ parts: [ImportedLibrary.Part]
  ) {
    var seen: [String: Place] = [:]
    for entry in imports { seen[entry.alias] = reader.fields.place(entry.path.key("as")) }
    func check(_ name: String, _ path: FieldPath, _ what: String) {
      let place = reader.fields.place(path, part: .key)
      if let first = seen[name] {
        reader.fields.report(
          "duplicate-id", "the \(what) '\(name)' has a name that is taken", at: path, part: .key,
          related: [.init(label: "the first one", place: first)])
      } else {
        seen[name] = place
      }
    }
    for variable in variables { check(variable.name, variable.path, "variable") }
    for part in parts { check(part.name, part.path, "part") }
    for part in parts {
      for parameter in part.parameters where seen[parameter.name] != nil {
        reader.fields.report(
          "duplicate-id", "the parameter '\(parameter.name)' has a name that is taken",
          at: parameter.path, part: .key,
          related: seen[parameter.name].map { [.init(label: "the first one", place: $0)] } ?? [])
      }
    }
  }

  // MARK: expressions

  /// Compiles everything with the names alone: the types are known where it is imported.
  private mutating func check(_ library: ImportedLibrary, _ names: VisibleNames) {
    let base =
      [Variable("schema"), Variable("intent")]
      + ["environment", "platform"].map(PlatformFields.variable)
      + names.variables.keys.sorted().map { Variable($0) }
    let environment = CELEnvironment(profile: .kro, variables: base)
    for variable in library.variables {
      check(variable.value, at: variable.path, environment, names, isTemplate: false)
    }
    for part in library.parts {
      let inner = CELEnvironment(
        profile: .kro,
        variables: base + part.parameters.map { Variable($0.name, type: $0.type) })
      check(part.template, at: part.templatePath, inner, names, isTemplate: true)
    }
    checkCycles(library, names)
    for entry in library.imports where !mentioned.contains(entry.alias) {
      reader.fields.append(unusedImport(entry, reader.fields))
    }
  }

  private mutating func check(
    _ value: Value, at path: FieldPath, _ environment: CELEnvironment, _ names: VisibleNames,
    isTemplate: Bool
  ) {
    for (index, element) in value.elements.enumerated() {
      check(element, at: path.index(index), environment, names, isTemplate: isTemplate)
    }
    for entry in value.entries {
      let key = entry.key.asString ?? ""
      if Interpolation.mayContainExpression(entry.key.utf8) {
        reader.fields.report(
          "expression-in-key", "a key cannot hold an expression", at: path.key(key), part: .key,
          help: "write the whole map as one expression: ${{name: value}}")
      }
      check(entry.value, at: path.key(key), environment, names, isTemplate: isTemplate)
    }
    guard let text = value.asString, Interpolation.mayContainExpression(value.utf8) else { return }
    if isTemplate, let use = PartUse(text), names.parts[use.name] != nil {
      mentioned.formUnion(use.name.split(separator: ".").prefix(1).map(String.init))
      // What it is given is compiled as any other expression; whether it fits, where it is used.
      for argument in use.arguments {
        compile(argument.source, argument.range, at: path, environment, names)
      }
      return
    }
    switch Interpolation.parse(text) {
    case .failure(let failure):
      reader.fields.report(failure, at: path)
    case .success(let parts):
      for (source, range) in parts.expressions {
        compile(source, range, at: path, environment, names)
      }
    }
  }

  private mutating func compile(
    _ source: String, _ range: Range<Int>, at path: FieldPath, _ environment: CELEnvironment,
    _ names: VisibleNames
  ) {
    mentioned.formUnion(mentions(in: source).map(\.name))
    guard case .failure(let failure) = environment.compile(source) else { return }
    if let problem = names.problem(in: source) {
      reader.fields.report(
        "unknown-name", problem.message, at: path,
        part: .text(Expression.part(problem.range, in: range)), help: problem.help)
      return
    }
    for issue in failure.issues.prefix(5) {
      reader.fields.report(
        "invalid-expression", "'\(shortened(source))': \(firstLine(issue.message))", at: path,
        part: .text(Expression.part(issue.range, in: range)), help: issue.help)
    }
  }

  // MARK: circles

  /// Variables that need each other, and parts that hold each other, are never done.
  private mutating func checkCycles(_ library: ImportedLibrary, _ names: VisibleNames) {
    let variables = library.variables.map(\.name)
    reportCycle(
      "variables need each other", variables, library.variables.map(\.path),
      library.variables.map { variable in
        expressionSources(in: variable.value)
          .flatMap { names.variables(in: $0) }.filter { $0.file == library.file }
          .compactMap { variables.firstIndex(of: $0.name) }
      })
    let parts = library.parts.map(\.name)
    reportCycle(
      "parts hold each other", parts, library.parts.map(\.path),
      library.parts.map { part in
        partUses(in: part.template).compactMap { use in
          names.parts[use.name].flatMap { found in
            found.library.file == library.file ? parts.firstIndex(of: found.part.name) : nil
          }
        }
      })
  }

  private mutating func reportCycle(
    _ what: String, _ names: [String], _ paths: [FieldPath], _ dependencies: [[Int]]
  ) {
    let graph = DependencyGraph(dependencies: dependencies)
    guard graph.order == nil, let cycle = graph.cycle, let first = cycle.first else { return }
    let way = (cycle + [first]).map { "'\(names[$0])'" }.joined(separator: " -> ")
    reader.fields.report(
      "cycle", "\(what): \(way)", at: paths[first], part: .key,
      related: cycle.dropFirst().map {
        .init(label: "by way of", place: reader.fields.place(paths[$0], part: .key))
      })
  }
}

/// The rule of `<<` with an expression, which only templates of golden paths may have.
let mergeExpressionRule = "yaml/merge-expression"

/// The warning for an import that nothing names.
func unusedImport(_ entry: Import, _ fields: FieldReader) -> Finding {
  Finding(
    rule: "golden-path/unused-import", severity: .warning,
    "nothing uses the import '\(entry.alias)'", at: fields.place(entry.path), help: "take it out")
}

/// The sources of all expressions in a value.
func expressionSources(in value: Value) -> [String] {
  var sources: [String] = []
  if let text = value.asString, Interpolation.mayContainExpression(value.utf8),
    case .success(let parts) = Interpolation.parse(text)
  {
    sources += parts.expressions.map(\.source)
  }
  for element in value.elements { sources += expressionSources(in: element) }
  for entry in value.entries { sources += expressionSources(in: entry.value) }
  return sources
}

/// The uses of parts in a template, as far as their form tells.
private func partUses(in value: Value) -> [PartUse] {
  var uses = value.asString.flatMap { PartUse($0) }.map { [$0] } ?? []
  for element in value.elements { uses += partUses(in: element) }
  for entry in value.entries { uses += partUses(in: entry.value) }
  return uses
}
