import CEL
import Diagnostics
import Documents
import Schemas

/// A file of variables and parts that golden paths import: `pave.dev/v1alpha1 GoldenPathLibrary`.
final class ImportedLibrary: Sendable {
  /// A variable, by its file and its name there.
  struct VariableID: Hashable, Sendable {
    var file: String
    var name: String
  }

  /// A value with a name: an expression, a text with expressions, or a plain scalar.
  struct NamedValue: Sendable {
    var name: String
    var value: Value
    /// `spec.variables.<name>`
    var path: FieldPath
  }

  /// What a part takes.
  struct Parameter: Sendable {
    var name: String
    var node: SchemaNode
    /// `spec.parts.<part>.parameters.<name>`
    var path: FieldPath

    var type: CELType { celType(of: node, name: name) }
    var isRequired: Bool { node.defaultValue.isAbsent }
  }

  /// A subtree with a name.
  struct Part: Sendable {
    var name: String
    var parameters: [Parameter]
    /// What the parameters' schemas point into.
    var schema: Schema
    var template: Value
    /// `spec.parts.<name>`
    var path: FieldPath

    var templatePath: FieldPath { path.key("template") }
  }

  let file: String
  /// Keeps alive all that the variables and parts point into.
  let memory: Document
  let imports: [Import]
  /// The libraries of its imports, by alias.
  let libraries: [String: ImportedLibrary]
  let variables: [NamedValue]
  let parts: [Part]
  /// Whether it, or what it imports, has mistakes: nothing can be made with it.
  let isBroken: Bool

  init(
    file: String, document: Document, imports: [Import], libraries: [String: ImportedLibrary],
    variables: [NamedValue], parts: [Part], isBroken: Bool
  ) {
    self.file = file
    memory = Document(
      root: .null, arena: Arena(firstChunkByteCount: 64),
      borrowing: [document] + parts.map(\.schema.document))
    self.imports = imports
    self.libraries = libraries
    self.variables = variables
    self.parts = parts
    self.isBroken = isBroken
  }

  /// The library and all that it imports, each once, itself first.
  var closure: [ImportedLibrary] {
    var all: [ImportedLibrary] = []
    var waiting = [self]
    while let next = waiting.popLast() {
      guard !all.contains(where: { $0 === next }) else { continue }
      all.append(next)
      waiting += next.imports.compactMap { next.libraries[$0.alias] }
    }
    return all
  }

  func variable(_ name: String) -> NamedValue? { variables.first { $0.name == name } }
}

/// What the expressions of a file can name of libraries: `labels.team` in a golden path, `team` in the library itself.
struct VisibleNames: Sendable {
  /// The variables, by the name that the file uses.
  private(set) var variables: [String: ImportedLibrary.VariableID] = [:]
  /// The parts, with their libraries.
  private(set) var parts: [String: (library: ImportedLibrary, part: ImportedLibrary.Part)] = [:]
  private var libraries: [String: ImportedLibrary] = [:]

  /// No names: a file without imports.
  init() {}

  /// The names of a file with imports; `own` is the library that it is itself.
  init(_ imports: [String: ImportedLibrary], own: ImportedLibrary? = nil) {
    libraries = imports
    if let own { add(own, prefix: "") }
    for (alias, library) in imports { add(library, prefix: alias + ".") }
  }

  private mutating func add(_ library: ImportedLibrary, prefix: String) {
    for variable in library.variables {
      variables[prefix + variable.name] = .init(file: library.file, name: variable.name)
    }
    for part in library.parts { parts[prefix + part.name] = (library, part) }
  }

  /// Whether a name is that of an import.
  func isImport(_ name: String) -> Bool { libraries[name] != nil }

  /// The variables that an expression's source may read.
  func variables(in source: String) -> [ImportedLibrary.VariableID] {
    possibleNames(source).compactMap { variables[$0] }
  }

  /// What is wrong with the names of libraries in a source that does not compile; nil when they are right.
  func problem(in source: String) -> (range: Range<Int>, message: String, help: String?)? {
    for mention in mentions(in: source) {
      if parts[mention.name] != nil { return misplaced(mention.name, mention.range) }
      guard let library = libraries[mention.name] else { continue }
      let known = (library.variables.map(\.name) + library.parts.map(\.name)).sorted()
      let list = known.prefix(8).map { "\(mention.name).\($0)" }.joined(separator: ", ")
      guard let field = mention.field else {
        return (
          mention.range, "'\(mention.name)' is an import and no value",
          list.isEmpty ? nil : "it has: \(list)"
        )
      }
      let name = "\(mention.name).\(field)"
      if parts[name] != nil { return misplaced(name, mention.range) }
      guard variables[name] == nil else { continue }
      return (
        mention.range, "'\(mention.name)' has no variable or part '\(field)'",
        nearestName(to: field, in: known).map { "did you mean '\(mention.name).\($0)'?" }
          ?? (list.isEmpty ? nil : "it has: \(list)")
      )
    }
    return nil
  }

  private func misplaced(
    _ name: String, _ range: Range<Int>
  ) -> (range: Range<Int>, message: String, help: String?) {
    (
      range, "'\(name)' is a part, which stands alone in a template",
      "write it as the whole of a field's value, or merge it into a map with '<<: ${\(name)}'"
    )
  }
}

/// The names, alone and with their first field, that may be variables in a source.
private func possibleNames(_ source: String) -> [String] {
  mentions(in: source).flatMap { mention in
    [mention.name] + (mention.field.map { ["\(mention.name).\($0)"] } ?? [])
  }
}
