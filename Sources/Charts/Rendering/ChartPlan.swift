import GoTemplates
import Synchronization

/// The plans of one chart by which charts take part.
final class PreparedCharts: Sendable {
  private let plans = Mutex<[String: ChartPlan]>([:])

  /// The plan of a signature, made when it is first asked for.
  func plan(_ signature: String, _ make: () throws -> ChartPlan) throws -> ChartPlan {
    if let plan = plans.withLock({ $0[signature] }) { return plan }
    let plan = try make()
    plans.withLock { $0[signature] = plan }
    return plan
  }
}

/// What of a rendering is the same for all releases with the same charts: parsed templates in order.
///
/// Immutable once made, but for `memory`.
final class ChartPlan: @unchecked Sendable {
  /// One file to execute.
  struct File {
    let name: String
    /// Which chart it belongs to: an index into `nodes`.
    let node: Int
    let isPartial: Bool
    /// What templates see as `.Template.Name` and `.Template.BasePath`.
    let nameValue: GoValue, baseValue: GoValue
  }

  /// A chart in its place.
  struct Node {
    let node: ChartNode
    /// Where it stands: `web/charts/redis`.
    let path: String
    /// The chart above it, an index into `nodes`.
    let parent: Int?
    /// What templates see as `.Chart`.
    let chartObject: GoValue
    /// What `.Files` holds, sorted by name.
    let files: [FilesObject.File]
  }

  let root: ChartNode
  /// All charts, each before those below it.
  let nodes: [Node]
  /// The files in the order in which Helm executes them, without partials.
  let files: [File]
  /// Which of `files` write manifests, in the order of their names.
  let manifestFiles: [Int]
  /// The files of `crds/`.
  let crds: [RenderedChart.CRD]
  let templates: TemplateSet
  /// What earlier releases left.
  let memory = RenderingMemory()

  init(_ root: ChartNode) throws {
    self.root = root
    nodes = Self.nodes(below: root)
    crds = nodes.flatMap { entry in
      entry.node.chart.files.filter { $0.name.hasPrefix("crds/") && isManifest($0.name) }
        .map { .init(source: "\(entry.path)/\($0.name)", text: $0.data) }
    }
    let ordered = Self.templateFiles(of: nodes)
    templates = TemplateSet(functions: helmFunctions, options: .helm)
    for (file, data) in ordered {
      do {
        try templates.parse(name: file.name, data)
      } catch {
        throw chartError(error, in: file.name)
      }
    }
    files = ordered.map(\.0).filter { !$0.isPartial }
    let names = files.map(\.name)
    manifestFiles = files.indices.filter { !names[$0].hasSuffix("NOTES.txt") }
      .sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
  }

  private static func nodes(below root: ChartNode) -> [Node] {
    var nodes: [Node] = []
    func visit(_ node: ChartNode, _ path: String, unlisted: String, _ parent: Int?) {
      let index = nodes.count
      nodes.append(
        Node(
          node: node, path: path, parent: parent,
          chartObject: node.chartObject(isRoot: parent == nil),
          files: FilesObject.sorted(node.chart.files)))
      for child in node.children {
        let base = child.isListed ? path : unlisted
        // In Helm the charts that a chart under several names holds and does not list are the same
        // below all of them: they stand below the last, or below its own name where it lists none.
        let last = node.children.last { $0.chart === child.chart } ?? child
        let name = child.chart.metadata.dependencies == nil ? child.chart.name : last.name
        visit(
          child, "\(base)/charts/\(child.name)", unlisted: "\(base)/charts/\(name)", index)
      }
    }
    visit(root, root.name, unlisted: root.name, nil)
    return nodes
  }

  /// The files of `templates/` with their texts, in the order in which Helm parses and executes them.
  private static func templateFiles(of nodes: [Node]) -> [(File, [UInt8])] {
    var files: [String: (file: File, data: [UInt8])] = [:]
    for (index, entry) in nodes.enumerated() {
      let baseValue = GoValue(entry.path + "/templates")
      for template in entry.node.chart.templates {
        let base = template.name.split(separator: "/").last ?? ""
        let isPartial = base.hasPrefix("_")
        if entry.node.chart.metadata.isLibrary, !isPartial { continue }
        let name = "\(entry.path)/\(template.name)"
        let file = File(
          name: name, node: index, isPartial: isPartial, nameValue: GoValue(name),
          baseValue: baseValue)
        files[name] = (file, template.data)
      }
    }
    return files.values.map { ($0.file, $0.data, $0.file.name.utf8.count { $0 == 0x2F }) }
      .sorted { one, other in
        one.2 != other.2
          ? one.2 > other.2 : other.0.name.utf8.lexicographicallyPrecedes(one.0.name.utf8)
      }
      .map { ($0.0, $0.1) }
  }
}

private let helmFunctions = FunctionTable.helm

private func isManifest(_ name: String) -> Bool {
  let name = name.lowercased()
  return name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json")
}

/// What the last rendering of a plan came to, so that the next one does only what differs.
final class RenderingMemory: Sendable {
  /// What one file wrote, and the documents that it holds.
  struct Written: Sendable {
    let text: [UInt8]
    let manifests: [RenderedChart.Manifest]
  }

  private struct State {
    var written: [Written] = []
    var byteCounts: [Int] = []
    var needsTwoRuns = false
  }

  private let state = Mutex(State())

  /// What the files that write manifests wrote last, in the order of their names; empty at first.
  var written: [Written] {
    get { state.withLock { $0.written } }
    set { state.withLock { $0.written = newValue } }
  }

  /// How many bytes each file wrote last, in the order of `files`; empty at first.
  var byteCounts: [Int] {
    get { state.withLock { $0.byteCounts } }
    set { state.withLock { $0.byteCounts = newValue } }
  }

  /// Whether a random value or the time changed what a file wrote, or maps that others see.
  var needsTwoRuns: Bool {
    get { state.withLock { $0.needsTwoRuns } }
    set { state.withLock { $0.needsTwoRuns = newValue } }
  }
}
