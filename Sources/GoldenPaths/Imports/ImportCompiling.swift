import CEL
import Diagnostics
import Documents
import Intents
import Schemas

/// What a golden path imports, while it is read.
struct ReadImports {
  /// The library of each import that can be used.
  var names = VisibleNames()
  /// Whether an import cannot be used, which was said.
  var isBroken = false
  /// All libraries, imports of imports included.
  var libraries: [ImportedLibrary] = []
  var uses: [PartExpansion.Use] = []
  var regions: [FieldPath: Int] = [:]
  var map = SourceMap()
  /// What is compiled so far.
  var imported = ImportedNames()
  /// The index of each variable in `imported.variables`.
  var indices: [ImportedLibrary.VariableID: Int] = [:]
  /// The scope of each library's own expressions, by its file.
  var libraryScopes: [String: Int] = [:]
  /// The names in each library, by its file.
  var libraryNames: [String: VisibleNames] = [:]
}

extension GoldenPathReader {
  /// Reads `spec.imports`, and puts the parts that templates use where they are used: `document` is another one then.
  mutating func readImports() {
    guard dialect == .goldenPath else { return }
    let root = document.root
    let libraries = surroundings.libraries
    var reader = ImportsReader(
      fields: fields, roots: surroundings.roots, known: libraries.keys.sorted())
    let list = reader.imports(root["spec"])
    fields = reader.fields
    guard !isMissing(root["spec"]["imports"]) else { return }
    var usable: [String: ImportedLibrary] = [:]
    for entry in list {
      guard let library = libraries[entry.file], !library.isBroken else {
        imports.isBroken = true
        continue
      }
      usable[entry.alias] = library
      for inner in library.closure where !imports.libraries.contains(where: { $0 === inner }) {
        imports.libraries.append(inner)
        imports.libraryNames[inner.file] = VisibleNames(inner.libraries, own: inner)
        for variable in inner.variables {
          imports.map.add(
            .init(file: inner.file, document: 0, path: variable.path, use: entry.path),
            at: variablePath(.init(file: inner.file, name: variable.name)))
        }
      }
    }
    guard !imports.isBroken else { return }
    imports.names = VisibleNames(usable)
    let mentioned = Set(sources(of: root).flatMap { mentions(in: $0) }.map(\.name))
    for entry in list where !mentioned.contains(entry.alias) {
      fields.append(unusedImport(entry, fields))
    }
    var expansion = PartExpansion(imports.names, map: imports.map, fields: fields)
    document = expansion.expanded(document, borrowing: imports.libraries.map(\.memory))
    fields = expansion.fields
    imports.uses = expansion.uses
    imports.regions = expansion.regions
    imports.map = expansion.map
  }

  /// The sources of a golden path's expressions; those of its rules may stand without `${` and `}`.
  private func sources(of root: Value) -> [String] {
    expressionSources(in: root["spec"])
      + root["spec"]["rules"].elements.compactMap { $0["rule"].asString }
  }

  private func variablePath(_ id: ImportedLibrary.VariableID) -> FieldPath {
    FieldPath(keys: "\u{1}library", id.file, id.name)
  }

  // MARK: variables

  /// Compiles the variables that anything uses, against the types of this golden path: those that others need first.
  mutating func compileVariables(_ builtIn: [Variable]) {
    guard !imports.libraries.isEmpty else { return }
    var found: [ImportedLibrary.VariableID] = []
    func visit(_ id: ImportedLibrary.VariableID) {
      guard !found.contains(id), let value = variable(id)?.value,
        let names = imports.libraryNames[id.file]
      else { return }
      for source in expressionSources(in: value) { names.variables(in: source).forEach(visit) }
      if !found.contains(id) { found.append(id) }
    }
    for source in sources(of: originalRoot) { imports.names.variables(in: source).forEach(visit) }
    for use in imports.uses {
      guard let names = imports.libraryNames[use.library.file] else { continue }
      for source in expressionSources(in: use.part.template) {
        names.variables(in: source).forEach(visit)
      }
    }
    for (index, id) in found.enumerated() { imports.indices[id] = index }
    imports.imported.scopes[0] = imported(imports.names)
    for library in imports.libraries {
      guard let names = imports.libraryNames[library.file] else { continue }
      imports.libraryScopes[library.file] = imports.imported.scopes.count
      imports.imported.scopes.append(imported(names))
    }
    for id in found { compileVariable(id, builtIn) }
  }

  private func variable(_ id: ImportedLibrary.VariableID) -> ImportedLibrary.NamedValue? {
    imports.libraries.first { $0.file == id.file }?.variable(id.name)
  }

  private func imported(_ names: VisibleNames) -> [String: ImportedName] {
    names.variables.compactMapValues { imports.indices[$0].map(ImportedName.variable) }
  }

  private mutating func compileVariable(
    _ id: ImportedLibrary.VariableID, _ builtIn: [Variable]
  ) {
    guard let variable = variable(id), let names = imports.libraryNames[id.file],
      let scopeID = imports.libraryScopes[id.file]
    else { return }
    let path = variablePath(id)
    var scope = ExpressionScope(builtIn + importedVariables(names))
    scope.id = scopeID
    scope.names = names
    scope.seesResources = false
    var result = ImportedVariable(
      id: id, slot: builtIn.count + imports.imported.variables.count, path: path,
      content: .constant(variable.value))
    var plain = variable.value
    if plain.isKind(.string), Interpolation.mayContainExpression(plain.utf8) { plain = .absent }
    switch plain.kind {
    case .absent:
      let text = variable.value.asString ?? ""
      guard case .success(let parts) = Interpolation.parse(text) else { break }
      if parts.isStandalone, let only = parts.expressions.first {
        guard let expression = compile(only.source, range: only.range, at: path, scope) else {
          result.type = .error
          break
        }
        result.content = .expression(expression)
        result.type = expression.type
      } else {
        result.content = .text(textPlan(parts, at: path, scope))
        result.type = .string
      }
    case .bool: result.type = .bool
    case .int: result.type = .int
    case .double: result.type = .double
    case .string: result.type = .string
    default: break
    }
    for expression in result.expressions {
      result.reads.append(checkReads(of: expression, scope, by: nil))
      checkNoOmit(expression, in: "a variable")
    }
    imports.imported.variables.append(result)
  }

  /// The plan of a text with expressions.
  private mutating func textPlan(
    _ parts: Interpolation, at path: FieldPath, _ scope: ExpressionScope
  ) -> TemplatePlan {
    let arena = Arena(firstChunkByteCount: 256)
    var nodes = [PlanNode(kind: .text, start: 1, count: Int32(parts.parts.count))]
    var expressions: [Expression] = []
    for part in parts.parts {
      switch part {
      case .literal(let text, _):
        nodes.append(PlanNode(kind: .constant, value: arena.string(text)))
      case .expression(let source, let range):
        nodes.append(PlanNode(kind: .program, expression: Int32(expressions.count)))
        guard let expression = compile(source, range: range, at: path, scope) else { continue }
        checkText(expression)
        expressions.append(expression)
      }
    }
    return TemplatePlan(
      nodes: nodes, steps: [], expressions: expressions,
      document: Document(root: .null, arena: arena))
  }

  /// The variables in the order of their slots, by the names that a file uses; hidden ones have names that nothing can.
  func importedVariables(_ names: VisibleNames) -> [Variable] {
    var visible: [Int: String] = [:]
    for (name, id) in names.variables {
      if let index = imports.indices[id] { visible[index] = name }
    }
    let known = imports.imported.variables
    return (0..<imports.indices.count).map { index in
      Variable(
        visible[index] ?? "#\(index)",
        type: known.indices.contains(index) ? known[index].type : .dyn)
    }
  }

  // MARK: parts

  /// The scope of the expressions that a use of a part puts into a resource's template; what it is given is compiled in
  /// `outer`, the scope where the use stands.
  mutating func scope(
    ofUse index: Int, in outer: ExpressionScope, firstSlot: Int, builtInCount: Int,
    _ arguments: inout [ImportedArgument]
  ) -> (scope: ExpressionScope, reads: Reads) {
    let use = imports.uses[index]
    let names = imports.libraryNames[use.library.file] ?? VisibleNames()
    var variables = Array(outer.variables.prefix(builtInCount)) + importedVariables(names)
    // Resources, iterators and what other parts take are not seen from here.
    while variables.count < firstSlot { variables.append(Variable("#\(variables.count)")) }
    var visible = imported(names)
    var reads = Reads()
    for parameter in use.part.parameters {
      var type = parameter.type
      var argument = ImportedArgument(
        name: parameter.name, slot: variables.count,
        parameter: .field(use.library.file, parameter.path),
        content: .constant(parameter.node.defaultValue))
      if let given = use.expression.arguments.first(where: { $0.name == parameter.name }) {
        guard
          let expression = compile(given.source, range: given.range, at: use.path, outer)
        else {
          variables.append(Variable(parameter.name, type: .error))
          continue
        }
        reads.append(checkReads(of: expression, outer, by: nil))
        checkNoOmit(expression, in: "what a part is given")
        checkType(expression, parameter, of: use)
        if type == .dyn || expression.type != .dyn && !isScalar(type) { type = expression.type }
        argument.content = .expression(expression)
      }
      visible[parameter.name] = .argument(imports.imported.arguments.count)
      imports.imported.arguments.append(argument)
      arguments.append(argument)
      variables.append(Variable(parameter.name, type: type))
    }
    var scope = ExpressionScope(variables)
    scope.id = imports.imported.scopes.count
    scope.names = names
    scope.seesResources = false
    imports.imported.scopes.append(visible)
    return (scope, reads)
  }

  private func isScalar(_ type: CELType) -> Bool {
    switch type {
    case .string, .int, .double, .bool: true
    default: false
    }
  }

  private mutating func checkType(
    _ expression: Expression, _ parameter: ImportedLibrary.Parameter, of use: PartExpansion.Use
  ) {
    var type = expression.type
    if case .optional(let inner) = type { type = inner }
    guard !parameter.node.types.isEmpty, !parameter.node.isIntOrString,
      let given = schemaTypes(of: type), parameter.node.types.isDisjoint(with: given)
    else { return }
    fields.report(
      "wrong-type",
      "'\(parameter.name)' must be \(parameter.node.typeName), '\(expression.shown)' gives \(type)",
      at: use.path, part: expression.part(),
      related: [.init(label: "the parameter", place: .field(use.library.file, parameter.path))])
  }
}
