import Diagnostics
import Documents
public import GoldenPaths
import Schemas

/// The text of a new intent: what is required stands there to be filled in, what has a default is shown as a comment.
public struct IntentSkeleton {
  /// What is wanted that cannot be done.
  public struct Failure: Error {
    /// One line, lower case: what is wrong and what to do.
    public let message: String
  }

  /// What the intent is for.
  public struct Request {
    /// `metadata.name`.
    public var name: String
    /// Nil for a cluster-scoped kind.
    public var namespace: String?
    /// Values in YAML by field path below `spec`, in the order given: `image`, `autoscaling.max`. A field that is always
    /// a text takes any value as it is written.
    public var values: [(field: String, text: String)]
    /// The line for the YAML language server; nil for none.
    public var schemaReference: String?
    /// The environments that are named when promoted fields must stand under one.
    public var environments: [String]

    /// A request for an intent of a name.
    public init(
      name: String, namespace: String?, values: [(field: String, text: String)] = [],
      schemaReference: String? = nil, environments: [String] = []
    ) {
      self.name = name
      self.namespace = namespace
      self.values = values
      self.schemaReference = schemaReference
      self.environments = environments
    }
  }

  private let path: GoldenPath
  private let request: Request
  private var given: [String: Value] = [:]
  /// What the given values point into.
  private var documents: [Document] = []
  private var lines: [String] = []

  /// A skeleton of an intent of the golden path; throws when a value is for a field that there is not.
  public init(_ path: GoldenPath, _ request: Request) throws(Failure) {
    self.path = path
    self.request = request
    for (field, text) in request.values {
      let plain = field.hasPrefix("spec.") ? String(field.dropFirst(5)) : field
      let node: SchemaNode
      do {
        node = try FieldPage(path, field: plain.split(separator: ".").map(String.init)).node
      } catch {
        throw Failure(message: error.message)
      }
      let parsed = parseYAML(Array(text.utf8), file: field)
      let error = parsed.findings.first { $0.severity == .error }
      var document = parsed.documents.first ?? Document { _ in .null }
      if node.types == .string, error != nil || !document.root.isKind(.string) {
        document = Document { $0.string(text) }
      } else if let error {
        throw Failure(message: "the value of '\(field)' is no YAML: \(error.message)")
      }
      documents.append(document)
      given[plain] = document.root
    }
  }

  /// The file, with a final newline.
  public var text: String {
    var writer = self
    return writer.write()
  }

  private mutating func write() -> String {
    if let reference = request.schemaReference {
      lines.append("# yaml-language-server: $schema=\(reference)")
    }
    for line in wrapped(path.schema.root.description, width: 96) { lines.append("# \(line)") }
    lines += ["apiVersion: \(path.apiVersion)", "kind: \(path.kind)", "metadata:"]
    lines.append("  name: \(scalar(request.name))")
    if let namespace = request.namespace, !path.isClusterScoped {
      lines.append("  namespace: \(scalar(namespace))")
    }
    let promoted =
      request.environments.isEmpty ? [] : Set(path.promoted.map { $0.steps.dropFirst() })
    let start = lines.count
    lines.append("spec:")
    writeFields(of: path.schema.root, way: [], indent: 2, isCommented: false, leavingOut: promoted)
    if !lines[(start + 1)...].contains(where: { !$0.drop(while: { $0 == " " }).hasPrefix("#") }) {
      lines[start] = "spec: {}"
    }
    writeEnvironments()
    return lines.joined(separator: "\n") + "\n"
  }

  /// Promoted fields stand under an environment: the first one is written out.
  private mutating func writeEnvironments() {
    guard let first = request.environments.first, !path.promoted.isEmpty else { return }
    lines += ["environments:", "  \(first):", "    spec:"]
    for field in path.promoted {
      let names = field.steps.dropFirst().compactMap { step -> String? in
        if case .key(let key) = step { return key }
        return nil
      }
      guard let node = path.schema.root.descendant(FieldPath(Array(field.steps.dropFirst()))) else {
        continue
      }
      var indent = 6
      for name in names.dropLast() {
        lines.append(blanks(indent) + "\(name):")
        indent += 2
      }
      let value = given[names.joined(separator: ".")]
      lines.append(
        blanks(indent) + "\(names.last ?? ""): \(value.map(flowText) ?? placeholder(node))"
          + note(node, isRequired: true))
    }
  }

  private mutating func writeFields(
    of node: SchemaNode, way: [String], indent: Int, isCommented: Bool,
    leavingOut promoted: Set<ArraySlice<FieldPath.Step>>
  ) {
    let required = Set(node.required)
    for name in node.propertyNames {
      guard let child = node.property(name), indent < 40 else { continue }
      let field = way + [name]
      if promoted.contains(field.map { .key($0) }[...]) { continue }
      let key = field.joined(separator: ".")
      let isGiven = given[key] != nil || given.keys.contains { $0.hasPrefix(key + ".") }
      let isShown = !isCommented && (isGiven || required.contains(name))
      if child.isDeprecated, !isGiven { continue }
      let lead = blanks(indent) + (isShown ? "" : "# ")
      for line in wrapped(child.description, width: 90 - indent) {
        lines.append(blanks(indent) + "# \(line)")
      }
      if let value = given[key] {
        lines.append(lead + "\(name): \(flowText(value))")
      } else if !child.propertyNames.isEmpty, isShown {
        lines.append(lead + "\(name):")
        writeFields(
          of: child, way: field, indent: indent + 2, isCommented: false, leavingOut: promoted)
      } else {
        let value =
          child.defaultValue.isAbsent ? placeholder(child) : flowText(child.defaultValue)
        lines.append(lead + "\(name): \(value)" + note(child, isRequired: required.contains(name)))
      }
    }
  }

  /// What stands for a value that is to be filled in: an example, the first allowed value, or an empty one.
  private func placeholder(_ node: SchemaNode) -> String {
    if let example = node.examples.first { return flowText(example) }
    if let allowed = node.allowedValues.first { return flowText(allowed) }
    if node.types.contains(.object) { return "{}" }
    if node.types.contains(.array) { return "[]" }
    if node.types.contains(.boolean) { return "false" }
    if node.types.contains(.integer) || node.types.contains(.number) {
      return node.bounds.minimum.flatMap { Int64(exactly: $0) }.map { "\($0)" } ?? "0"
    }
    return "\"\""
  }

  private func note(_ node: SchemaNode, isRequired: Bool) -> String {
    var words = constraints(of: node, isRequired: isRequired).filter { !$0.hasPrefix("default: ") }
    if node.defaultValue.isAbsent { words.insert(node.typeName, at: 0) }
    // A note is one line; what does not fit is what `pave explain` is for.
    let text = words.joined(separator: "; ").prefix { $0 != "\n" }
    return text.isEmpty ? "" : "  # \(text.prefix(100))"
  }

  private func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

  private func scalar(_ text: String) -> String {
    let arena = Arena(firstChunkByteCount: 256)
    return flowText(arena.string(text))
  }
}
