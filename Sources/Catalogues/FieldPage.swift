import Diagnostics
public import GoldenPaths
import Schemas

/// What `pave explain KIND[.field.path]` prints: what a golden path is for, or one of its fields.
public struct FieldPage {
  /// Why there is no page.
  public struct UnknownField: Error {
    /// One line: the field that there is not, and the nearest or all that there are.
    public let message: String
  }

  private let path: GoldenPath
  private let field: [String]
  /// The field's schema.
  let node: SchemaNode
  private let isRequired: Bool

  /// The page of a field of the intents, such as `["spec", "autoscaling"]`; of the kind itself without any.
  ///
  /// Indices and the keys of maps are left out: a list's field leads to its elements' fields. `spec` may be left out.
  public init(_ path: GoldenPath, field: [String]) throws(UnknownField) {
    self.path = path
    var names = field[...]
    if names.first == "spec" { names.removeFirst() }
    var node = path.schema.root
    var isRequired = false
    var way = "spec"
    for name in names {
      let owner = fieldsNode(of: node)
      guard let next = owner.property(name) else {
        let known = owner.propertyNames
        let hint =
          nearestName(to: name, in: known).map { "did you mean '\($0)'?" }
          ?? (known.isEmpty ? "it has no fields" : "its fields: \(known.joined(separator: ", "))")
        throw UnknownField(message: "'\(way)' of \(path.kind) has no field '\(name)'; \(hint)")
      }
      isRequired = owner.required.contains(name)
      node = next
      way += ".\(name)"
    }
    self.field = Array(names)
    self.node = node
    self.isRequired = isRequired
  }

  /// The page as plain text for a terminal.
  public var text: String {
    var lines = ["KIND:     \(path.kind)", "VERSION:  \(path.apiVersion)"]
    if field.isEmpty {
      lines.append("SCOPE:    \(path.isClusterScoped ? "Cluster" : "Namespaced")")
      lines.append("FILE:     \(path.file)")
    } else {
      lines += ["", "FIELD: spec.\(field.joined(separator: ".")) <\(node.typeName)>"]
    }
    let rules = field.isEmpty ? [] : constraints(of: node, isRequired: isRequired)
    var description = node.description.isEmpty ? node.title : node.description
    if node.isDeprecated { description = "DEPRECATED. " + description }
    if !description.isEmpty || !rules.isEmpty { lines += ["", "DESCRIPTION:"] }
    lines += wrapped(description, width: 76).map { "    " + $0 }
    lines += rules.map { "    - \($0)" }
    for example in node.examples { lines.append("    example: \(flowText(example))") }
    lines += fields
    if field.isEmpty {
      if !path.environments.isEmpty {
        lines += ["", "ONLY FOR: \(path.environments.joined(separator: ", "))"]
      }
      if !path.promoted.isEmpty {
        let names = path.promoted.map(\.description).joined(separator: ", ")
        lines += ["", "PROMOTED from environment to environment: \(names)"]
      }
      let open = path.patchable.flatMap { id, fields in fields.map { "\(id).\($0)" } }.sorted()
      if !open.isEmpty { lines += ["", "PATCHABLE:"] + open.map { "  \($0)" } }
      lines += ["", "MAKES: \(path.resourceIDs.joined(separator: ", "))"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var fields: [String] {
    let owner = fieldsNode(of: node)
    guard !owner.propertyNames.isEmpty else { return [] }
    var lines = ["", field.isEmpty ? "FIELDS OF spec:" : "FIELDS:"]
    let required = Set(owner.required)
    let width = owner.propertyNames.map(\.count).max() ?? 0
    for name in owner.propertyNames {
      guard let child = owner.property(name) else { continue }
      let pad = String(repeating: " ", count: width - name.count)
      let rules = constraints(of: child, isRequired: required.contains(name))
      lines.append(
        "  \(name)\(pad)  <\(child.typeName)>"
          + (child.isDeprecated ? "  DEPRECATED" : "")
          + (rules.isEmpty ? "" : "  " + rules.joined(separator: "; ")))
      let description = child.description.isEmpty ? child.title : child.description
      lines += wrapped(description, width: 70).map { "      " + $0 }
    }
    return lines
  }
}
