import GoTemplates

/// A chart in its place among the charts of one release: its name there, its values, and the charts
/// below it that take part.
final class ChartNode {
  let chart: Chart
  /// The name, or the alias that the parent gave it.
  let name: String
  let nameBytes: [UInt8]
  /// The defaults, with what was imported from below.
  var values: GoMap
  /// What `Chart.yaml` says of dependencies, as far as they take part; nil if it says nothing.
  var dependencies: [ChartMetadata.Dependency]?
  var children: [ChartNode]
  /// Whether `Chart.yaml` of the chart above lists it.
  let isListed: Bool

  /// A chart with all that stands in its `charts/`.
  init(_ chart: Chart, name: String? = nil, isListed: Bool = false) {
    self.chart = chart
    self.isListed = isListed
    self.name = name ?? chart.name
    nameBytes = Array(self.name.utf8)
    values = chart.values
    dependencies = chart.metadata.dependencies
    children = chart.subcharts.map { ChartNode($0) }
  }

  /// Takes out the charts that conditions and tags switch off, gives others their alias, and imports
  /// values (Helm 3.17.2, `pkg/chartutil/dependencies.go`).
  func resolveDependencies(_ values: GoMap) throws {
    try enableDependencies(values, path: "")
    try importValues()
  }

  private func enableDependencies(_ values: GoMap, path: String) throws {
    guard var wanted = dependencies else { return }
    let names = Set(children.map(\.name))
    let missing = Set(wanted.indices.filter { !names.contains(wanted[$0].name) })
    var found = children.filter { child in
      !wanted.contains {
        $0.name == child.name && isCompatible($0.version, child.chart.metadata.version)
      }
    }
    for index in wanted.indices {
      let dependency = wanted[index]
      let match = children.first {
        $0.name == dependency.name && isCompatible(dependency.version, $0.chart.metadata.version)
      }
      if let match {
        found.append(
          ChartNode(
            match.chart, name: dependency.alias.isEmpty ? nil : dependency.alias, isListed: true))
      }
      if !dependency.alias.isEmpty { wanted[index].name = dependency.alias }
      wanted[index].isEnabled = true
    }
    children = found
    let all = try coalesced(values)
    switchByTags(&wanted, all)
    switchByConditions(&wanted, all, path)
    if path.isEmpty {
      try checkPresence(missing.sorted().map { wanted[$0] }.filter(\.isEnabled).map(\.name))
    }
    let off = Set(wanted.filter { !$0.isEnabled }.map(\.name))
    children.removeAll { off.contains($0.name) }
    for child in children { try child.enableDependencies(all, path: path + child.name + ".") }
    wanted.removeAll { off.contains($0.name) }
    dependencies = wanted.isEmpty ? nil : wanted
  }

  /// Throws if a chart that `Chart.yaml` names and that takes part is not in `charts/`. Helm misses also
  /// those that are switched off.
  private func checkPresence(_ missing: [String]) throws {
    guard missing.isEmpty else {
      throw ChartError(
        .invalidChart,
        "found in Chart.yaml, but missing in charts/ directory: "
          + missing.joined(separator: ", "), file: "Chart.yaml")
    }
  }

  private func switchByTags(_ wanted: inout [ChartMetadata.Dependency], _ values: GoMap) {
    guard let tags = values["tags"]?.table else { return }
    for index in wanted.indices {
      let flags = wanted[index].tags.compactMap { tag -> Bool? in
        if case .bool(let flag)? = tags[tag] { flag } else { nil }
      }
      wanted[index].isEnabled = flags.isEmpty || flags.contains(true)
    }
  }

  private func switchByConditions(
    _ wanted: inout [ChartMetadata.Dependency], _ values: GoMap, _ path: String
  ) {
    for index in wanted.indices {
      for condition in trimmed(wanted[index].condition).split(separator: ",") {
        let steps = (path + condition).split(separator: ".", omittingEmptySubsequences: false)
        guard let table = table(steps.dropLast().map(String.init), in: values),
          case .bool(let flag)? = table[String(steps[steps.count - 1])]
        else { continue }
        wanted[index].isEnabled = flag
        break
      }
    }
  }

  /// Takes over values of the charts below, the deepest first.
  private func importValues() throws {
    for child in children { try child.importValues() }
    guard let dependencies else { return }
    let all = try coalesced(GoMap(), .merge)
    let imported = GoMap()
    for dependency in dependencies {
      for item in dependency.imports {
        let path = [dependency.name] + parts(of: item.child)
        guard let table = table(path, in: all) else { continue }
        var tree = deepCopy(table)
        if item.parent != "." {
          for key in parts(of: item.parent).reversed() { tree = GoMap([(key, .map(tree))]) }
        }
        coalesceTables(imported, tree, .merge)
      }
    }
    let copy = deepCopy(all)
    coalesceTables(copy, imported, .merge)
    values = copy
  }

  private func parts(of path: String) -> [String] {
    path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  private func table(_ path: [String], in values: GoMap) -> GoMap? {
    var table = values
    for key in path {
      guard let inner = table[key]?.table else { return nil }
      table = inner
    }
    return table
  }

  /// Which charts take part: equal texts have equal trees.
  var signature: String {
    children.isEmpty ? name : name + "(" + children.map(\.signature).joined(separator: ",") + ")"
  }
}
