import GoTemplates
import Quantities

/// What `Chart.yaml` (and, in charts of apiVersion v1, `requirements.yaml`) says
/// (Helm 3.17.2, `pkg/chart/metadata.go`).
public struct ChartMetadata: Sendable {
  /// One of the charts that this one is made of.
  public struct Dependency: Sendable {
    /// The name of the chart; the alias once it is resolved.
    public var name = ""
    /// The versions that fit; empty: any.
    public var version = ""
    /// Where it was got from; never asked.
    public var repository = ""
    /// Paths in the values with commas between; the first that is a bool switches it.
    public var condition = ""
    /// Names under `tags` in the values that switch it.
    public var tags: [String] = []
    /// Whether it takes part.
    public var isEnabled = false
    /// What of its values the parent takes over.
    public var imports: [Import] = []
    /// The name that it goes by here.
    public var alias = ""
  }

  /// Values of a subchart that its parent takes over.
  public struct Import: Sendable {
    /// The path in the subchart's values.
    public var child: String
    /// The path in the parent's values; `.` for its root.
    public var parent: String
    /// The text of a short form (`exports.NAME`), nil for a pair.
    var isExport: Bool
  }

  /// Who looks after the chart.
  public struct Maintainer: Sendable {
    /// Name, mail address and page.
    public var name = "", email = "", url = ""
  }

  /// The fields that are one text each, by their key in the file.
  public var name = "", home = "", version = "", summary = "", icon = "", apiVersion = ""
  /// More of them.
  public var condition = "", tags = "", appVersion = "", kubeVersion = "", type = ""
  /// Pages of the sources, and words to search for.
  public var sources: [String] = [], keywords: [String] = []
  /// Who looks after it.
  public var maintainers: [Maintainer] = []
  /// Whether it should not be used any more.
  public var isDeprecated = false
  /// Whatever else its author wants to say.
  public var annotations: [(key: String, value: String)] = []
  /// The charts that it is made of; nil if it does not say.
  public var dependencies: [Dependency]?

  /// Whether it only defines templates.
  public var isLibrary: Bool { type.lowercased() == "library" }

  /// Reads the keys of a file over what is there.
  mutating func read(_ map: GoMap, from file: String) throws {
    let reader = MetadataReader(file: file)
    for entry in map.entries {
      let value = entry.value
      switch String(decoding: entry.key, as: UTF8.self) {
      case "name": name = try reader.text(value, "name")
      case "home": home = try reader.text(value, "home")
      case "version": version = try reader.text(value, "version")
      case "description": summary = try reader.text(value, "description")
      case "icon": icon = try reader.text(value, "icon")
      case "apiVersion": apiVersion = try reader.text(value, "apiVersion")
      case "condition": condition = try reader.text(value, "condition")
      case "tags": tags = try reader.text(value, "tags")
      case "appVersion": appVersion = try reader.text(value, "appVersion")
      case "kubeVersion": kubeVersion = try reader.text(value, "kubeVersion")
      case "type": type = try reader.text(value, "type")
      case "sources": sources = try reader.texts(value, "sources")
      case "keywords": keywords = try reader.texts(value, "keywords")
      case "deprecated": isDeprecated = try reader.flag(value, "deprecated")
      case "annotations": annotations = try reader.annotations(value)
      case "maintainers": maintainers = try reader.list(value, "maintainers", reader.maintainer)
      case "dependencies":
        dependencies =
          value.isNil ? nil : try reader.list(value, "dependencies", reader.dependency)
      default: break
      }
    }
  }

  /// Throws what Helm says of metadata that cannot be right.
  func validate() throws {
    func fail(_ message: String) -> ChartError {
      ChartError(.invalidChart, "validation: " + message, file: "Chart.yaml")
    }
    if apiVersion.isEmpty { throw fail("chart.metadata.apiVersion is required") }
    if name.isEmpty { throw fail("chart.metadata.name is required") }
    if name.contains("/") || name == "." || name == ".." {
      throw fail("chart.metadata.name \"\(name)\" is invalid")
    }
    if version.isEmpty { throw fail("chart.metadata.version is required") }
    guard looseVersion(version) != nil else {
      throw fail("chart.metadata.version \"\(version)\" is invalid")
    }
    guard ["", "application", "library"].contains(type) else {
      throw fail("chart.metadata.type must be application or library")
    }
    var names: Set<String> = []
    for dependency in dependencies ?? [] {
      let isPlain = dependency.alias.utf8.allSatisfy {
        $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 == 0x2D
      }
      if !isPlain {
        throw fail(
          "dependency \"\(dependency.name)\" has disallowed characters in the alias")
      }
      let key = dependency.alias.isEmpty ? dependency.name : dependency.alias
      guard names.insert(key).inserted else {
        throw fail("more than one dependency with name or alias \"\(key)\"")
      }
    }
  }
}

/// Reads fields into Go's types as sigs.k8s.io/yaml does: numbers and bools become texts where a text
/// is wanted.
private struct MetadataReader {
  let file: String

  func fail(_ value: GoValue, _ field: String, _ type: String) -> ChartError {
    let kind =
      switch value {
      case .list: "array"
      case .map, .object: "object"
      case .bool: "bool"
      case .string: "string"
      default: "number"
      }
    return ChartError(
      .invalidChart,
      "cannot load \(file): error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
        + "\(kind) into Go struct field Metadata.\(field) of type \(type)", file: file)
  }

  func text(_ value: GoValue, _ field: String) throws -> String {
    guard let text = scalarText(value) else { throw fail(value, field, "string") }
    return text
  }

  func flag(_ value: GoValue, _ field: String) throws -> Bool {
    switch value {
    case .bool(let flag): flag
    case .null, .invalid: false
    default: throw fail(value, field, "bool")
    }
  }

  func list<Element>(
    _ value: GoValue, _ field: String, _ element: (GoValue) throws -> Element
  ) throws -> [Element] {
    if value.isNil { return [] }
    guard let list = value.asList else { throw fail(value, field, "[]") }
    return try list.elements.map(element)
  }

  func texts(_ value: GoValue, _ field: String) throws -> [String] {
    try list(value, field) { try text($0, field) }
  }

  func annotations(_ value: GoValue) throws -> [(key: String, value: String)] {
    if value.isNil { return [] }
    guard let map = value.asMap else { throw fail(value, "annotations", "map[string]string") }
    return try map.entries.map {
      (String(decoding: $0.key, as: UTF8.self), try text($0.value, "annotations"))
    }
  }

  func maintainer(_ value: GoValue) throws -> ChartMetadata.Maintainer {
    if value.isNil {
      throw ChartError(
        .invalidChart, "validation: maintainers must not contain empty or null nodes", file: file)
    }
    guard let map = value.asMap else { throw fail(value, "maintainers", "chart.Maintainer") }
    var maintainer = ChartMetadata.Maintainer()
    maintainer.name = try text(map["name"] ?? .null, "maintainers.name")
    maintainer.email = try text(map["email"] ?? .null, "maintainers.email")
    maintainer.url = try text(map["url"] ?? .null, "maintainers.url")
    return maintainer
  }

  func dependency(_ value: GoValue) throws -> ChartMetadata.Dependency {
    if value.isNil {
      throw ChartError(
        .invalidChart, "validation: dependencies must not contain empty or null nodes", file: file)
    }
    guard let map = value.asMap else { throw fail(value, "dependencies", "chart.Dependency") }
    var dependency = ChartMetadata.Dependency()
    dependency.name = try text(map["name"] ?? .null, "dependencies.name")
    dependency.version = try text(map["version"] ?? .null, "dependencies.version")
    dependency.repository = try text(map["repository"] ?? .null, "dependencies.repository")
    dependency.condition = try text(map["condition"] ?? .null, "dependencies.condition")
    dependency.alias = try text(map["alias"] ?? .null, "dependencies.alias")
    dependency.isEnabled = try flag(map["enabled"] ?? .null, "dependencies.enabled")
    dependency.tags = try texts(map["tags"] ?? .null, "dependencies.tags")
    dependency.imports = try (map["import-values"]?.asList?.elements ?? []).compactMap(imported)
    return dependency
  }

  private func imported(_ value: GoValue) throws -> ChartMetadata.Import? {
    if let name = value.asString {
      return .init(child: "exports." + name, parent: ".", isExport: true)
    }
    guard let map = value.asMap else { return nil }
    guard let child = map["child"]?.asString, let parent = map["parent"]?.asString else {
      throw ChartError(
        .invalidChart, "an entry of 'import-values' has no text under 'child' and 'parent'",
        file: file)
    }
    return .init(child: child, parent: parent, isExport: false)
  }
}

/// The text that a scalar becomes where Go wants a string; nil for maps and lists.
func scalarText(_ value: GoValue) -> String? {
  switch value {
  case .null, .invalid: ""
  case .string(let bytes): String(decoding: bytes, as: UTF8.self)
  case .bool(let flag): flag ? "true" : "false"
  case .int(let number): String(number)
  case .int64(let number): String(number)
  case .uint64(let number): String(number)
  case .float(let number):
    if let whole = Int64(exactly: number) { String(whole) } else { "\(number)" }
  default: nil
  }
}
