import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Quantities
import Schemas

/// Reads one document that is a golden path: checks everything that needs no intent, and compiles.
struct GoldenPathReader {
  /// What the other golden paths and the definitions of a platform tell.
  struct Surroundings {
    /// Custom kinds whose objects have no namespace.
    var clusterKinds: Set<GroupKind> = []
    /// The kinds of golden paths, whose templates may lean on their defaults.
    var goldenPathKinds: Set<GroupKind> = []
    /// The libraries that can be imported, by file.
    var libraries: [String: ImportedLibrary] = [:]
    /// The files of all libraries, those that cannot be used included.
    var libraryFiles: [String] = []
    var roots = ImportRoots()
  }

  var fields: FieldReader
  /// The golden path, with the parts of libraries in it once imports are read.
  var document: Document
  /// The root of the document as it was read.
  let originalRoot: Value
  let surroundings: Surroundings
  let spec = FieldPath(keys: "spec")
  var dialect = GoldenPath.Dialect.goldenPath
  var schema = Schema.anything
  /// The schema of `schema.spec`; nil when the golden path has none, so that nothing can be read.
  var specNode: SchemaNode?
  var header = GoldenPath.Header(group: "", version: "", kind: "", isClusterScoped: false)
  var drafts: [ResourceDraft] = []
  /// What each resource reads, by its index.
  var edges: [Int: [(index: Int, expression: Expression)]] = [:]
  /// The first places that switch on what kro has only behind a feature gate.
  var gatedPlaces: [Place] = []
  /// What is imported.
  var imports = ReadImports()
  /// The most slots that any expression needs.
  var mostSlots = 0

  init(file: String, documentIndex: Int, document: Document, surroundings: Surroundings) {
    fields = FieldReader(file: file, document: documentIndex, area: "golden-path")
    self.document = document
    originalRoot = document.root
    self.surroundings = surroundings
  }

  /// The compiled golden path; nil when there are findings of severity error.
  mutating func goldenPath() -> GoldenPath? {
    guard document.root.isKind(.map) else {
      fields.reportType(document.root, expected: "a map", at: .root)
      return nil
    }
    guard let dialect = readDialect() else { return nil }
    self.dialect = dialect
    let isOwn = dialect == .goldenPath
    let root = fields.fields(
      document.root, at: .root,
      known: ["apiVersion", "kind", "metadata", "spec"] + (isOwn ? [] : ["status"]))
    let name = readName(root)
    if isMissing(root["spec"]) { fields.reportMissing("spec", at: .root) }
    let map = fields.fields(
      root["spec"], at: spec,
      known: ["schema", "resources"]
        + (isOwn ? ["imports", "rules", "environments", "promoted", "patchable"] : []))
    guard root["spec"].isKind(.map) else { return nil }
    readSchema(map)
    readImports()
    guard !imports.isBroken else { return nil }
    readResourceHeaders(document.root["spec"])
    let scope = ownScope()
    let resources = compiledResources(scope)
    let order = checkedOrder(resources)
    checkStatus(map["schema"]["status"], scope)
    let rules = compiledRules(map, scope)
    let promoted = readPromoted(map)
    let environments = readEnvironments(map)
    let patchable = readPatchable(map)
    reportGates()
    reportCertainClusterReads(resources)
    guard !fields.findings.contains(where: { $0.severity == .error }), let order else { return nil }
    return GoldenPath(
      file: fields.file, documentIndex: fields.document, name: name, dialect: dialect,
      header: header, schema: schema, promoted: promoted, environments: environments,
      patchable: patchable, document: document, resources: resources.compactMap { $0 },
      order: order, rules: rules,
      slotCount: max(
        mostSlots,
        scope.variables.count
          + (drafts.map { max($0.iterators.count, $0.chartFolder == nil ? 0 : 1) }.max() ?? 0)),
      firstResourceSlot: GoldenPath.variableNames(dialect).count
        + imports.imported.variables.count,
      imports: GoldenPath.Imports(
        names: imports.imported, map: imports.map,
        files: imports.libraries.map(\.file).sorted()),
      hasDoubles: specNode.map { holds($0) { $0.types.contains(.number) } } ?? false)
  }

  /// What the file that a chart's annotation `pave.dev/options` names says: a golden path of one resource,
  /// whose intents are the chart's own. Nil when there are findings of severity error.
  mutating func chartOptions(_ header: GoldenPath.Header, _ schema: Schema) -> GoldenPath? {
    self.header = header
    self.schema = schema
    specNode = schema.root
    let root = fields.fields(document.root, at: .root, known: ["chart"])
    guard document.root.isKind(.map) else { return nil }
    var draft = ResourceDraft(id: "chart", index: 0, path: .root, map: root)
    readChart(&draft, isOfFolder: true)
    drafts = [draft]
    let scope = ownScope()
    let resources = compiledResources(scope).compactMap { $0 }
    guard !fields.findings.contains(where: { $0.severity == .error }), resources.count == 1,
      resources[0].plan != nil
    else { return nil }
    return GoldenPath(
      file: fields.file, documentIndex: fields.document, name: "", dialect: .goldenPath,
      header: header, schema: schema, document: document,
      resources: resources, order: [0], rules: [], slotCount: scope.variables.count + 1,
      firstResourceSlot: GoldenPath.variableNames(dialect).count, hasDoubles: false)
  }

  // MARK: header

  private mutating func readDialect() -> GoldenPath.Dialect? {
    let apiVersion = fields.string(document.root, "apiVersion", at: .root, isRequired: true)
    let kind = fields.string(document.root, "kind", at: .root, isRequired: true)
    guard let apiVersion, let kind else { return nil }
    let known: [(String, String, GoldenPath.Dialect)] = [
      ("GoldenPath", "pave.dev/v1alpha1", .goldenPath),
      ("ResourceGraphDefinition", "kro.run/v1alpha1", .resourceGraphDefinition),
    ]
    guard let match = known.first(where: { $0.0 == kind }) else {
      fields.report(
        "wrong-kind", "kind '\(kind)', expected 'GoldenPath' or 'ResourceGraphDefinition'",
        at: FieldPath(keys: "kind"),
        help: nearestName(to: kind, in: known.map(\.0)).map { "did you mean '\($0)'?" })
      return nil
    }
    guard match.1 == apiVersion else {
      fields.report(
        "wrong-kind", "apiVersion '\(apiVersion)', expected '\(match.1)'",
        at: FieldPath(keys: "apiVersion"))
      return nil
    }
    return match.2
  }

  private mutating func readName(_ root: Value) -> String {
    let path = FieldPath(keys: "metadata")
    if isMissing(root["metadata"]) { fields.reportMissing("metadata", at: .root) }
    let metadata = fields.map(root["metadata"], at: path)
    guard root["metadata"].isKind(.map) else { return "" }
    return fields.string(metadata, "name", at: path, isRequired: true) ?? ""
  }

  private mutating func readSchema(_ map: Value) {
    let path = spec.key("schema")
    if isMissing(map["schema"]) { fields.reportMissing("schema", at: spec) }
    let schema = fields.fields(
      map["schema"], at: path,
      known: [
        "apiVersion", "kind", "group", "scope", "spec", "types", "status",
        "additionalPrinterColumns", "shortNames", "categories", "metadata",
      ] + (dialect == .goldenPath ? ["openAPIV3Schema"] : []))
    guard map["schema"].isKind(.map) else { return }
    header.group = fields.string(schema, "group", at: path) ?? "kro.run"
    checkGroup(at: path.key("group"))
    if let kind = fields.string(schema, "kind", at: path, isRequired: true) {
      header.kind = kind
      if !isKindName(kind) {
        fields.report(
          "invalid-name", "'\(kind)' is no name of a kind", at: path.key("kind"),
          help: "start with a capital, then up to 62 letters and digits")
      }
    }
    if let version = fields.string(schema, "apiVersion", at: path, isRequired: true) {
      header.version = version
      if !isVersionName(version) {
        fields.report(
          "invalid-name", "'\(version)' is no version", at: path.key("apiVersion"),
          help: "write it as v1, v1beta1 or v1alpha1; the group stands in 'group'")
      }
    }
    if let scope = fields.string(schema, "scope", at: path) {
      header.isClusterScoped = scope == "Cluster"
      if Scope(rawValue: scope) == nil {
        fields.report(
          "invalid-value", "'\(scope)' is no scope, expected 'Namespaced' or 'Cluster'",
          at: path.key("scope"),
          help: nearestName(to: scope, in: ["Namespaced", "Cluster"]).map {
            "did you mean '\($0)'?"
          })
      }
    }
    compileSchema(schema, at: path)
  }

  /// The group must be one that a CustomResourceDefinition can have: a domain with a dot.
  private mutating func checkGroup(at path: FieldPath) {
    let problem =
      NameFormat.dns1123Subdomain.problems(in: header.group).first
      ?? (header.group.utf8.contains(UInt8(ascii: ".")) ? nil : "should be a domain with a dot")
    guard let problem else { return }
    fields.report("invalid-name", "'\(header.group)' is no group: \(problem)", at: path)
  }

  private mutating func compileSchema(_ map: Value, at path: FieldPath) {
    let compiled: (schema: Schema, findings: [Finding])
    let openAPI = map["openAPIV3Schema"]
    if dialect == .goldenPath, !isMissing(openAPI) {
      for key in ["spec", "types"] where !isMissing(map[key]) {
        fields.report(
          "two-schemas", "'\(key)' cannot stand beside 'openAPIV3Schema'", at: path.key(key),
          part: .key, help: "write the schema in one of the two languages")
      }
      compiled = JSONSchema(
        openAPI, file: fields.file, documentIndex: fields.document,
        path: path.key("openAPIV3Schema")
      ).compiled()
      specNode = compiled.schema.root
    } else {
      compiled = SimpleSchema(
        fields: map["spec"], types: map["types"], file: fields.file,
        documentIndex: fields.document, fieldsPath: path.key("spec"), typesPath: path.key("types"),
        dialect: dialect == .goldenPath ? .pave : .kro
      ).compiled()
      specNode = isMissing(map["spec"]) ? nil : compiled.schema.root
    }
    for finding in compiled.findings { fields.append(finding) }
    schema = compiled.schema
  }

  /// The findings, those about what libraries say at its place there.
  var mappedFindings: [Finding] {
    var findings: [Finding] = []
    for finding in fields.findings {
      let mapped = imports.map.mapped(finding, file: fields.file, document: fields.document)
      // A part that is used twice says everything twice.
      if mapped.place?.file == fields.file || !findings.contains(mapped) { findings.append(mapped) }
    }
    return findings
  }

  /// The scope of the golden path's own expressions: the variables of the dialect, those of libraries, the resources.
  private mutating func ownScope() -> ExpressionScope {
    let builtIn = builtInVariables()
    compileVariables(builtIn)
    let resources = drafts.map { draft in
      Variable(draft.id, type: draft.iterators.isEmpty && !draft.isSelector ? .dyn : .list(.dyn))
    }
    var scope = ExpressionScope(builtIn + importedVariables(imports.names) + resources)
    scope.names = imports.names
    return scope
  }

  private func builtInVariables() -> [Variable] {
    let intent = intentType(
      spec: specNode, isClusterScoped: header.isClusterScoped, name: header.kind)
    return GoldenPath.variableNames(dialect).map { name in
      name == "schema" || name == "intent"
        ? Variable(name, type: intent) : PlatformFields.variable(name)
    }
  }

  /// Reads of what needs a cluster in resources that every intent makes.
  private mutating func reportCertainClusterReads(_ resources: [Resource?]) {
    // Where something else is wrong, the reads may mean something else once that is mended.
    guard !fields.findings.contains(where: { $0.severity == .error }) else { return }
    for resource in resources.compactMap({ $0 }) where isCertain(resource, resources) {
      for read in resource.clusterReads {
        fields.append(
          clusterFinding(
            read, at: fields.place(read.expression.path, part: read.expression.part(read.range))))
      }
    }
  }

  /// Whether a resource is made whatever the intent says.
  private func isCertain(_ resource: Resource, _ resources: [Resource?]) -> Bool {
    guard !resource.isCollection else { return false }
    var seen: Set<Int> = []
    var waiting = [resource.index]
    while let index = waiting.popLast() {
      guard seen.insert(index).inserted else { continue }
      guard let next = resources[index], next.includeWhen.isEmpty else { return false }
      waiting += next.dependencies
    }
    return true
  }

  private mutating func reportGates() {
    guard dialect == .resourceGraphDefinition else { return }
    for place in gatedPlaces {
      fields.append(
        Finding(
          rule: "golden-path/feature-gate", severity: .warning,
          "'omit()' is refused by kro unless its feature gate CELOmitFunction is on", at: place,
          help: "a GoldenPath leaves a field out with optional.none()"))
    }
  }
}

/// A group and a kind.
public struct GroupKind: Hashable, Sendable {
  /// The API group; empty for the core group.
  public var group: String
  /// The kind.
  public var kind: String

  /// A pair of the two.
  public init(group: String, kind: String) {
    self.group = group
    self.kind = kind
  }
}

/// The finding for a read of what only a cluster knows.
func clusterFinding(_ read: Resource.ClusterRead, at place: Place) -> Finding {
  let source = read.expression.program.source
  let bytes = Array(source.utf8)
  let range = read.range.clamped(to: 0..<bytes.count)
  let text = shortened(String(decoding: bytes[range], as: UTF8.self))
  return Finding(
    rule: "golden-path/needs-cluster", "'\(text)' needs a cluster: \(read.reason)", at: place,
    help: "read only what the intent or a template says; manifests are rendered without a cluster")
}
