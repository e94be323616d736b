import CEL
import Diagnostics
import Documents

/// What a name of an expression means, beside `schema`, settings, resources and iterators.
enum ImportedName: Sendable, Hashable {
  /// A library's variable, by its index in the golden path.
  case variable(Int)
  /// A parameter of a part, by the index of what it is given.
  case argument(Int)
}

/// A variable of a library, compiled for the golden path that imports it.
struct ImportedVariable: Sendable {
  /// How its value is made.
  enum Content: Sendable {
    case expression(Expression)
    /// A text with expressions.
    case text(TemplatePlan)
    case constant(Value)
  }

  var id: ImportedLibrary.VariableID
  /// The variable's slot.
  var slot: Int
  /// The path that stands for its text in the golden path's tree.
  var path: FieldPath
  var content: Content
  var type = CELType.dyn
  /// What it reads of clusters, through the variables that it reads.
  var reads = Reads()

  /// Its expressions.
  var expressions: [Expression] {
    switch content {
    case .expression(let expression): [expression]
    case .text(let plan): plan.expressions
    case .constant: []
    }
  }
}

/// What a part is given for one of its parameters.
struct ImportedArgument: Sendable {
  enum Content: Sendable {
    case expression(Expression)
    /// The parameter's default.
    case constant(Value)
  }

  var name: String
  var slot: Int
  /// Where the parameter is declared.
  var parameter: Place
  var content: Content
}

/// What the expressions of a golden path can name of libraries.
struct ImportedNames: Sendable {
  /// The variables that are used, in dependency order.
  var variables: [ImportedVariable] = []
  var arguments: [ImportedArgument] = []
  /// The names of each scope that expressions are compiled in; the golden path's own is the first.
  var scopes: [[String: ImportedName]] = [[:]]

  /// What a name in an expression means; nil for a name that is no library's.
  func meaning(_ name: String, in scope: Int) -> ImportedName? {
    scopes.indices.contains(scope) ? scopes[scope][name] : nil
  }

  /// What a read means: the name may have its first field with it, as in `labels.team`. The path is what is read below.
  func meaning(
    _ variable: String, _ path: FieldPath, in scope: Int
  ) -> (name: ImportedName, path: FieldPath)? {
    if let name = meaning(variable, in: scope) { return (name, path) }
    guard case .key(let field)? = path.steps.first,
      let name = meaning("\(variable).\(field)", in: scope)
    else { return nil }
    return (name, FieldPath(Array(path.steps.dropFirst())))
  }

  /// The variables of the golden path's own scope that an expression reads, through arguments and variables.
  func outerVariables(of expression: Expression) -> Set<String> {
    var names: Set<String> = []
    var seen: Set<ImportedName> = []
    var waiting = [expression]
    while let next = waiting.popLast() {
      for reference in next.program.references {
        guard let name = meaning(reference.variable, in: next.scope) else {
          names.insert(reference.variable)
          continue
        }
        guard seen.insert(name).inserted else { continue }
        switch name {
        case .variable(let index): waiting += variables[index].expressions
        case .argument(let index):
          if case .expression(let inner) = arguments[index].content { waiting.append(inner) }
        }
      }
    }
    return names
  }
}
