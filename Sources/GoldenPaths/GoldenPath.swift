public import Diagnostics
import CEL
import Charts
import Documents
import Manifests
public import Schemas

/// A compiled golden path: a schema for the intents of one kind, and the templates of what they
/// become.
///
/// Immutable: any thread's `Renderer` can use it.
public final class GoldenPath: Sendable {
  /// What the file is.
  public enum Dialect: Sendable {
    /// `pave.dev/v1alpha1 GoldenPath`
    case goldenPath
    /// `kro.run/v1alpha1 ResourceGraphDefinition`
    case resourceGraphDefinition
    /// The `Chart.yaml` of a Helm chart
    case chart
  }

  /// A rule over the whole intent (`spec.rules`).
  struct Rule: Sendable {
    /// A stretch of the message.
    enum MessagePart: Sendable {
      case literal(String)
      case expression(Expression)
    }

    var condition: Expression
    var message: [MessagePart]
    var field: FieldPath?
  }

  /// The file it was read from.
  public let file: String
  /// The 0-based index of its document in the file.
  public let documentIndex: Int
  /// `metadata.name`.
  public let name: String
  /// The form of the file.
  public let dialect: Dialect
  /// The group of the intents, such as `acme.dev`.
  public let group: String
  /// The version of the intents, such as `v1alpha1`.
  public let version: String
  /// The kind of the intents, such as `WebService`.
  public let kind: String
  /// Whether the intents have a namespace.
  public let isClusterScoped: Bool
  /// The schema of the intents' `spec`.
  public let schema: Schema
  /// Fields that stand only in an environment's block on a platform that promotes.
  public let promoted: [FieldPath]
  /// The environments that its intents may be for; all of them when it is empty.
  public let environments: [String]
  /// The fields of each resource that an intent's `patches` may change, by resource id.
  public let patchable: [String: [FieldPath]]

  /// The chart whose values the intents' `spec` is; nil for other forms.
  public let chart: ChartSource?

  /// What a golden path has of libraries.
  struct Imports: Sendable {
    var names = ImportedNames()
    var map = SourceMap()
    /// The libraries' files, sorted.
    var files: [String] = []
  }

  /// The golden path, with the parts of libraries in it.
  let document: Document
  let imports: Imports
  /// Whether the schema has fields that should no longer be used.
  let hasDeprecated: Bool
  /// Keeps alive all that rendered objects may point into.
  let memory: Document
  /// About how many bytes of an arena a unit takes.
  let byteEstimate: Int
  let resources: [Resource]
  /// Indices of `resources` in dependency order.
  let order: [Int]
  let rules: [Rule]
  /// The slots that expressions need: variables, resources, iterators.
  let slotCount: Int
  /// The slot of the first resource.
  let firstResourceSlot: Int
  /// Whether the schema has numbers that expressions must see as doubles.
  let hasDoubles: Bool

  init(
    file: String, documentIndex: Int, name: String, dialect: Dialect, header: Header,
    schema: Schema, promoted: [FieldPath] = [], environments: [String] = [],
    patchable: [String: [FieldPath]] = [:], document: Document, resources: [Resource],
    order: [Int], rules: [Rule], slotCount: Int, firstResourceSlot: Int,
    imports: Imports = Imports(), hasDoubles: Bool, chart: ChartSource? = nil
  ) {
    self.chart = chart
    self.imports = imports
    self.file = file
    self.documentIndex = documentIndex
    self.name = name
    self.dialect = dialect
    group = header.group
    version = header.version
    kind = header.kind
    isClusterScoped = header.isClusterScoped
    self.schema = schema
    self.promoted = promoted
    self.environments = environments
    self.patchable = patchable
    self.document = document
    self.resources = resources
    self.order = order
    self.rules = rules
    self.slotCount = slotCount
    self.firstResourceSlot = firstResourceSlot
    self.hasDoubles = hasDoubles
    hasDeprecated = holds(schema.root) { $0.isDeprecated }
    memory = Document(
      root: .null, arena: Arena(firstChunkByteCount: 256),
      borrowing: [document, schema.document] + resources.compactMap { $0.plan?.document }
        + imports.names.variables.compactMap {
          if case .text(let plan) = $0.content { plan.document } else { nil }
        })
    byteEstimate = 1024 + resources.reduce(0) { $0 + ($1.plan?.byteEstimate ?? 0) }
  }

  /// What kind of intents a golden path is for.
  struct Header: Sendable {
    var group: String
    var version: String
    var kind: String
    var isClusterScoped: Bool
  }

  /// The `apiVersion` of the intents.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The files that it is itself made of: its own and those of the libraries that it imports, directly or not.
  /// `GoldenPathLibrary.closure(of:)` has also those of the golden paths that it expands into.
  public var files: [String] { [file] + imports.files }

  /// The ids of the resources in dependency order, or the templates of a chart: what is rendered.
  public var resourceIDs: [String] {
    guard let chart else { return order.map { resources[$0].id } }
    return chart.chart.templates.map(\.name).filter { name in
      !(name.split(separator: "/").last ?? "").hasPrefix("_") && !name.hasSuffix("NOTES.txt")
    }
  }

  /// The place of a field of its document.
  public func place(_ path: FieldPath, part: Place.Part = .value) -> Place {
    imports.map.place(file, document: documentIndex, path, part: part)
  }

  /// The places of the expressions that put the part of a library there that holds a field; empty for what stands in the
  /// golden path itself.
  func usesRelated(_ path: FieldPath) -> [Finding.Related] {
    imports.map.uses(of: path).map { .init(label: "used here", place: place($0)) }
  }

  /// Where a resource's template starts in the document; nil for an id that there is not.
  public func templatePath(ofResource id: String) -> FieldPath? {
    resources.first { $0.id == id && !$0.isExternal }?.templatePath()
  }

  func place(of expression: Expression, _ inner: Range<Int>? = nil) -> Place {
    place(expression.path, part: expression.part(inner))
  }

  /// The variables that every expression may use, in the order of their slots.
  static func variableNames(_ dialect: Dialect) -> [String] {
    dialect == .goldenPath ? ["schema"] + ReservedWords.goldenPathVariables : ["schema"]
  }
}

/// Whether anything in a schema has a property; schemas that nest deeper than 32 count as if.
func holds(_ node: SchemaNode, depth: Int = 0, _ property: (SchemaNode) -> Bool) -> Bool {
  guard depth < 32 else { return true }
  if property(node) { return true }
  let children =
    node.propertyNames.compactMap(node.property) + [node.items, node.values].compactMap { $0 }
  return children.contains { holds($0, depth: depth + 1, property) }
}
