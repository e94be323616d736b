public import GoTemplates
import Synchronization

extension Chart {
  /// Renders the chart for a release with the user's values over its own.
  ///
  /// The values are not changed. Throws `ChartError`: one cause, the first that Helm would meet.
  public func rendered(_ release: Release, values: GoMap) throws -> RenderedChart {
    guard !metadata.isLibrary else {
      throw ChartError(.invalidChart, "library charts are not installable", file: "Chart.yaml")
    }
    let plan = try plan(for: values)
    let cluster = release.capabilities
    if !metadata.kubeVersion.isEmpty,
      !isCompatible(metadata.kubeVersion, cluster.kubernetesVersion)
    {
      throw ChartError(
        .kubernetesVersion,
        "chart requires kubeVersion: \(metadata.kubeVersion) which is incompatible with Kubernetes "
          + cluster.kubernetesVersion, file: "Chart.yaml")
    }
    let all = try plan.root.coalesced(values)
    try plan.root.validate(all)
    do {
      return try ChartRun(plan, release).render(all)
    } catch let error as ChartError where error.code == .nondeterministic {
      return try renderedTwice(plan, release, values, refusal: error)
    }
  }

  /// The rendering of a chart that asks for random values or the time, if they change nothing: two runs
  /// with other seeds and other clocks must give the same. Throws the refusal if they do not.
  private func renderedTwice(
    _ plan: ChartPlan, _ release: Release, _ values: GoMap, refusal: ChartError
  ) throws -> RenderedChart {
    var results: [RenderedChart] = []
    for (seed, time) in [("one", Int64(86_399)), ("other", Int64(1_893_456_000))] {
      var trial = release
      trial.clock = release.clock ?? Clock(unixSeconds: time)
      if case .refused = release.nondeterminism { trial.nondeterminism = .seeded(seed) }
      results.append(try ChartRun(plan, trial).render(try plan.root.coalesced(values)))
    }
    guard results[0].isSame(as: results[1]) else { throw refusal }
    return results[0]
  }

  /// The values as the templates would see them.
  public func effectiveValues(_ values: GoMap) throws -> GoMap {
    try plan(for: values).root.coalesced(values)
  }

  /// The charts that take part with these values, and their templates.
  private func plan(for values: GoMap) throws -> ChartPlan {
    let root = ChartNode(self)
    if root.dependencies == nil {
      return try prepared.plan("") {
        try root.resolveDependencies(values)
        return try ChartPlan(root)
      }
    }
    try root.resolveDependencies(values)
    return try prepared.plan(root.signature) { try ChartPlan(root) }
  }
}

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
/// Immutable once made.
final class ChartPlan: @unchecked Sendable {
  /// One file to execute.
  struct File {
    let name: String
    /// Which chart it belongs to: an index into `nodes`.
    let node: Int
    let isPartial: Bool
  }

  let root: ChartNode
  /// All charts, each before those below it.
  let nodes: [(node: ChartNode, path: String, parent: Int?)]
  /// The files in the order in which Helm parses and executes them.
  let files: [File]
  let templates: TemplateSet
  /// What templates see as `.Chart`, for each of `nodes`.
  let chartObjects: [GoValue]

  init(_ root: ChartNode) throws {
    self.root = root
    var nodes: [(node: ChartNode, path: String, parent: Int?)] = []
    func visit(_ node: ChartNode, _ path: String, unlisted: String, _ parent: Int?) {
      let index = nodes.count
      nodes.append((node, path, parent))
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
    self.nodes = nodes
    chartObjects = nodes.map { $0.node.chartObject(isRoot: $0.parent == nil) }
    var files: [String: (file: File, data: [UInt8])] = [:]
    for (index, entry) in nodes.enumerated() {
      for template in entry.node.chart.templates {
        let base = template.name.split(separator: "/").last ?? ""
        let isPartial = base.hasPrefix("_")
        if entry.node.chart.metadata.isLibrary, !isPartial { continue }
        let name = "\(entry.path)/\(template.name)"
        files[name] = (File(name: name, node: index, isPartial: isPartial), template.data)
      }
    }
    let ordered = files.values.map { ($0.file, $0.data, $0.file.name.utf8.count { $0 == 0x2F }) }
      .sorted { one, other in
        one.2 != other.2
          ? one.2 > other.2 : other.0.name.utf8.lexicographicallyPrecedes(one.0.name.utf8)
      }
    self.files = ordered.map(\.0)
    templates = TemplateSet(functions: helmFunctions, options: .helm)
    for (file, data, _) in ordered {
      do {
        try templates.parse(name: file.name, data)
      } catch {
        throw chartError(error, in: file.name)
      }
    }
  }
}

private let helmFunctions = FunctionTable.helm

/// One rendering.
private struct ChartRun {
  private let plan: ChartPlan
  private let release: Release

  init(_ plan: ChartPlan, _ release: Release) {
    self.plan = plan
    self.release = release
  }

  func render(_ values: GoMap) throws -> RenderedChart {
    let scopes = scopes(values)
    let execution = Execution(
      plan.templates, limits: release.limits, clock: release.clock,
      nondeterminism: release.nondeterminism)
    var written: [(name: String, text: [UInt8])] = []
    for file in plan.files where !file.isPartial {
      let scope = scopes[file.node]
      scope["Template"] = .map(
        GoMap(
          [
            ("Name", GoValue(file.name)),
            ("BasePath", GoValue(plan.nodes[file.node].path + "/templates")),
          ], type: .values))
      do {
        written.append((file.name, try execution.execute(file.name, .map(scope))))
      } catch {
        throw chartError(error, in: file.name)
      }
    }
    return try sorted(written, values)
  }

  /// What each chart's templates see.
  private func scopes(_ values: GoMap) -> [GoMap] {
    let release = self.release.object
    let capabilities = self.release.capabilities.object
    var scopes: [GoMap] = []
    for (index, (node, _, parent)) in plan.nodes.enumerated() {
      var own = values
      if let parent {
        own = GoMap(
          converting: scopes[parent]["Values"]?.table?[node.name]?.table ?? GoMap(), to: .values)
      }
      let scope = GoMap([
        ("Chart", plan.chartObjects[index]),
        ("Files", .object(FilesObject(node.chart.files))), ("Release", release),
        ("Capabilities", capabilities), ("Values", .map(own)), ("Subcharts", .map(GoMap())),
      ])
      scope.type = .values
      if let parent { scopes[parent]["Subcharts"]?.table?[node.name] = .map(scope) }
      scopes.append(scope)
    }
    return scopes
  }

  private func sorted(
    _ written: [(name: String, text: [UInt8])], _ values: GoMap
  ) throws -> RenderedChart {
    var sorter = ManifestSorter()
    let byName = written.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for (name, text) in byName where !name.hasSuffix("NOTES.txt") {
      try sorter.add(withoutNoValue(text), from: name)
    }
    sorter.sort()
    var crds: [RenderedChart.CRD] = []
    for (node, path, _) in plan.nodes {
      for file in node.chart.files where file.name.hasPrefix("crds/") && isManifest(file.name) {
        crds.append(.init(source: "\(path)/\(file.name)", text: file.data))
      }
    }
    return RenderedChart(
      manifests: sorter.manifests, hooks: sorter.hooks, crds: crds, values: values)
  }

  private func isManifest(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json")
  }
}

private let noValue = Array("<no value>".utf8)

/// The text without each `<no value>`: what Go prints for nothing, and Helm takes away again.
private func withoutNoValue(_ text: [UInt8]) -> [UInt8] {
  let mark = noValue
  var result: [UInt8] = []
  var start = 0
  var index = 0
  while let next = position(of: mark[0], in: text[...], from: index),
    next + mark.count <= text.count
  {
    index = next + 1
    guard text[next..<(next + mark.count)].elementsEqual(mark) else { continue }
    result += text[start..<next]
    index = next + mark.count
    start = index
  }
  return start == 0 ? text : result + text[start...]
}

/// A failure of the engine in Helm's words.
private func chartError(_ error: any Error, in file: String) -> ChartError {
  guard let failure = error as? TemplateError else {
    let message = (error as? FunctionError)?.message ?? "\(error)"
    return ChartError(.template, "\(message) in \(file)", file: file)
  }
  let code: ChartError.Code =
    switch failure.kind {
    case .refused: .refused
    case .limit: .limit
    case .nondeterministic: .nondeterministic
    default: .template
    }
  var text = failure.message
  if let first = failure.steps.first {
    let place = "\(first.file):\(first.line)" + (first.column.map { ":\($0)" } ?? "")
    switch failure.kind {
    case .refused: text = "execution error at (\(place)): \(failure.cause)"
    case .parse: text = "parse error at (\(place)): \(failure.cause)"
    default: break
    }
  }
  var result = ChartError(code, text, file: failure.steps.last?.file ?? file)
  result.cause = failure.cause
  result.steps = failure.steps.map {
    ChartError.Step(file: $0.file, line: $0.line, column: $0.column.map { $0 + 1 })
  }
  return result
}
