import CEL
import Diagnostics
import Schemas

/// The variables that an expression of a golden path may use, with their slots and types.
struct ExpressionScope {
  let variables: [Variable]
  /// Knows the types: finds mistakes before any intent is rendered.
  let typed: CELEnvironment
  /// Knows only the names.
  let untyped: CELEnvironment
  /// Its index in `ImportedNames.scopes`.
  var id = 0
  /// What of libraries can be named.
  var names = VisibleNames()
  /// Whether the ids of resources mean resources here.
  var seesResources = true

  init(_ variables: [Variable]) {
    self.variables = variables
    typed = CELEnvironment(profile: .kro, variables: variables)
    untyped = CELEnvironment(profile: .kro, variables: variables.map { Variable($0.name) })
  }

  func slot(of name: String) -> Int? { variables.firstIndex { $0.name == name } }

  func type(of name: String) -> CELType { slot(of: name).map { variables[$0].type } ?? .dyn }

  /// This scope with further variables, whose slots follow.
  func adding(_ more: [Variable]) -> ExpressionScope {
    var scope = ExpressionScope(variables + more)
    scope.id = id
    scope.names = names
    scope.seesResources = seesResources
    return scope
  }

  /// The slot and the steps of an expression that only walks down from a variable; nil for any other.
  func plain(_ source: String) -> (slot: Int, steps: [FieldPath.Step])? {
    guard let plain = PlainPath(source) else { return nil }
    if case .key(let field)? = plain.steps.first, let slot = slot(of: "\(plain.variable).\(field)")
    {
      return (slot, Array(plain.steps.dropFirst()))
    }
    return slot(of: plain.variable).map { ($0, plain.steps) }
  }
}

/// The type that expressions see for a value of a schema.
func celType(of node: SchemaNode, name: String, depth: Int = 0) -> CELType {
  guard depth < 32, !node.isIntOrString else { return .dyn }
  switch node.types {
  case .string:
    switch node.format {
    case "date-time": return .timestamp
    case "byte": return .bytes
    default: return .string
    }
  case .integer: return .int
  case .number: return .double
  case .boolean: return .bool
  case .array:
    return .list(node.items.map { celType(of: $0, name: name + "[]", depth: depth + 1) } ?? .dyn)
  case .object:
    if node.isOpen { return node.propertyNames.isEmpty ? .map(.string, .dyn) : .dyn }
    if let values = node.values {
      return .map(.string, celType(of: values, name: name + "{}", depth: depth + 1))
    }
    var fields: [String: CELType] = [:]
    for property in node.propertyNames {
      guard let child = node.property(property) else { continue }
      fields[property] = celType(of: child, name: "\(name).\(property)", depth: depth + 1)
    }
    return .object(ObjectType(name: name, fields: fields))
  default: return .dyn
  }
}

/// The fields of an intent's `metadata` that expressions may name.
enum MetadataFields {
  /// What an intent file says.
  static let written = ["name", "namespace", "labels", "annotations"]
  /// What only a cluster knows.
  static let assigned = [
    "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields", "selfLink",
    "generateName",
  ]
}

/// The type of `schema`: an intent without its status.
func intentType(spec: SchemaNode?, isClusterScoped: Bool, name: String) -> CELType {
  var metadata: [String: CELType] = [
    "name": .string, "labels": .map(.string, .string), "annotations": .map(.string, .string),
  ]
  if !isClusterScoped { metadata["namespace"] = .string }
  for field in MetadataFields.assigned { metadata[field] = .dyn }
  var fields: [String: CELType] = [
    "apiVersion": .string, "kind": .string,
    "metadata": .object(ObjectType(name: "\(name).metadata", fields: metadata)),
  ]
  if let spec { fields["spec"] = celType(of: spec, name: "\(name).spec") }
  return .object(ObjectType(name: name, fields: fields))
}

/// What `environment` and `platform` hold beside their values.
enum PlatformFields {
  static let environment = ["name", "kubernetes", "values"]
  static let platform = ["name", "values"]

  static func variable(_ name: String) -> Variable {
    let fields: [String: CELType] =
      name == "environment"
      ? ["name": .string, "kubernetes": .string, "values": .dyn]
      : ["name": .string, "values": .dyn]
    return Variable(name, type: .object(ObjectType(name: name, fields: fields)))
  }
}
