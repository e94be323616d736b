public import GoldenPaths
import Schemas

/// What a platform offers as Markdown: an index, and a page a golden path.
public struct CataloguePages {
  /// One file of the catalogue.
  public struct Page: Sendable {
    /// The file's name, such as `webservice.acme.dev.v1alpha1.md`.
    public let fileName: String
    /// Its text, with a final newline.
    public let text: String
  }

  private let platformName: String
  private let paths: [GoldenPath]

  /// The catalogue of a platform's golden paths.
  public init(platformName: String, paths: [GoldenPath]) {
    self.platformName = platformName
    self.paths = paths.sorted { ($0.kind, $0.apiVersion) < ($1.kind, $1.apiVersion) }
  }

  /// The index `README.md` and a page a golden path, in this order.
  public var pages: [Page] {
    var index = "# What \(platformName) offers\n\n| kind | version | for |\n|---|---|---|\n"
    for path in paths {
      let purpose = path.schema.root.description.isEmpty ? path.name : path.schema.root.description
      index +=
        "| [\(path.kind)](\(fileName(path))) | `\(path.apiVersion)` | \(cell(purpose)) |\n"
    }
    return [Page(fileName: "README.md", text: index)]
      + paths.map { Page(fileName: fileName($0), text: page($0)) }
  }

  private func fileName(_ path: GoldenPath) -> String {
    let group = path.group.isEmpty ? "" : ".\(path.group)"
    return "\(path.kind.lowercased())\(group).\(path.version).md"
  }

  private func page(_ path: GoldenPath) -> String {
    var text = "# \(path.kind)\n\n"
    let root = path.schema.root
    if !root.description.isEmpty { text += root.description + "\n\n" }
    text += "`apiVersion: \(path.apiVersion)`, "
    text += path.isClusterScoped ? "cluster-scoped" : "in a namespace"
    text += "; made by `\(path.file)`.\n\n"
    if let skeleton = try? IntentSkeleton(
      path,
      IntentSkeleton.Request(
        name: "example", namespace: path.isClusterScoped ? nil : "default"))
    {
      text += "```yaml\n\(skeleton.text)```\n\n"
    }
    text += "## Fields of spec\n\n| field | type | |\n|---|---|---|\n"
    text += rows(of: root, way: "", depth: 0)
    if !path.environments.isEmpty {
      text += "\nOnly for \(path.environments.map { "`\($0)`" }.joined(separator: ", ")).\n"
    }
    if !path.promoted.isEmpty {
      text +=
        "\nPromoted from environment to environment: "
        + path.promoted.map { "`\($0)`" }.joined(separator: ", ") + ".\n"
    }
    let open = path.patchable.flatMap { id, fields in fields.map { "`\(id).\($0)`" } }.sorted()
    if !open.isEmpty { text += "\nOpen to `patches`: \(open.joined(separator: ", ")).\n" }
    text +=
      "\n## What it makes\n\n" + path.resourceIDs.map { "- `\($0)`\n" }.joined()
    return text
  }

  private func rows(of node: SchemaNode, way: String, depth: Int) -> String {
    guard depth < 16 else { return "" }
    var text = ""
    let required = Set(node.required)
    for name in node.propertyNames {
      guard let child = node.property(name) else { continue }
      var words = constraints(of: child, isRequired: required.contains(name)).map(cell)
      let description = child.description.isEmpty ? child.title : child.description
      if !description.isEmpty { words.insert(cell(description), at: 0) }
      if child.isDeprecated { words.insert("**deprecated**", at: 0) }
      text += "| `\(way)\(name)` | \(cell(child.typeName)) | \(words.joined(separator: "; ")) |\n"
      let inner = fieldsNode(of: child)
      let mark =
        child.types.contains(.array)
        ? "[]." : inner.propertyNames == child.propertyNames ? "." : ".*."
      text += rows(of: inner, way: way + name + mark, depth: depth + 1)
    }
    return text
  }

  private func cell(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "<", "*", "[", "]", "`", "\\", "_":
        result += "\\"
        result.unicodeScalars.append(scalar)
      case "\n", "\r": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
