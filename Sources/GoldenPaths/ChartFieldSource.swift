import CEL
import Charts
public import Diagnostics
import Documents
import GoTemplates
public import Intents
public import Manifests

extension Renderer {
  /// What the field at a path of a chart's manifest is made of: the values that change it when they change. Nil when
  /// the manifest is of no chart.
  ///
  /// A patch of the chart that sets the field comes first. A chart's templates are programs, so each value that may
  /// matter is changed in turn and the chart rendered again: first what the chart is given, then its own defaults and
  /// those of the charts below it. At most `attempts` of them; what was not tried counts as not mattering, and the
  /// template is left to blame.
  public func chartSource(
    of field: FieldPath, in manifest: Manifest, of intent: EffectiveIntent, attempts: Int = 64
  ) -> FieldSource? {
    guard
      let path = library.path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind),
      let origin = chartOrigin(of: manifest, path)
    else { return nil }
    var trial = ChartTrial(
      renderer: self, intent: intent, subject: ChartSubject(manifest: manifest, field: field),
      resource: origin.resource?.index ?? -1, left: attempts)
    let given = given(to: origin, intent)
    if let patch = patchSource(of: field, manifest, origin, &trial) { return patch }
    var sources = trial.scalars(in: given.values).map { given.source($0) }
    if sources.isEmpty {
      let defaults = defaults(of: origin.chart.chart, below: given.values)
      sources = trial.scalars(in: defaults.root, notIn: given.values).map { field in
        FieldSource(
          kind: .schemaDefault(FieldPath(keys: "spec").appending(field)),
          place: origin.chart.placeOfDefault(field), sources: [])
      }
      withExtendedLifetime(defaults) {}
    }
    withExtendedLifetime(given.document) {}
    return FieldSource(
      kind: .template(resource: manifest.resource, text: nil),
      place: origin.chart.place(
        of: field, kind: manifest.kind.asString ?? "", inTemplate: manifest.resource)
        ?? Place(file: origin.chart.metadataFile),
      sources: sources)
  }

  /// The chart that a manifest is from; nil unless it is one.
  private func chartOrigin(of manifest: Manifest, _ path: GoldenPath) -> ChartOrigin? {
    if let chart = path.chart { return ChartOrigin(chart: chart) }
    let links = library.links(of: path)
    let origins = path.resources.compactMap { resource -> ChartOrigin? in
      let own = resource.chartFolder.flatMap { library.charts[$0] }
      guard let chart = own ?? links[resource.index]?.chart,
        chart.place(ofFile: manifest.resource) != nil,
        manifest.resource.hasPrefix(chart.chart.name + "/")
      else { return nil }
      return ChartOrigin(
        chart: chart, path: path, resource: resource, key: own == nil ? "spec" : "values")
    }
    return origins.count == 1 ? origins[0] : nil
  }

  /// The values that a chart is given, and where each is from.
  private func given(
    to origin: ChartOrigin, _ intent: EffectiveIntent
  ) -> (values: Value, document: Document, source: (FieldPath) -> FieldSource) {
    guard let outer = origin.path, let resource = origin.resource else {
      let spec = FieldPath(keys: "spec")
      return (
        intent.document.root["spec"], intent.document,
        { field in
          let field = spec.appending(field)
          return FieldSource(kind: .intent(field), place: intent.place(of: field), sources: [])
        }
      )
    }
    chartValues = [:]
    let unit = render(intent)
    let values = chartValues?[resource.index] ?? .absent
    chartValues = nil
    return (
      values, unit.document,
      { [library] field in
        library.source(
          ofTemplate: FieldPath(keys: origin.key).appending(field), in: resource, of: outer, intent)
      }
    )
  }

  /// The values as the chart's templates see them, with those of the charts below it.
  private func defaults(of chart: Chart, below given: Value) -> Document {
    var values = GoMap()
    if case .map(let map) = goValue(given) { values = map }
    let all = (try? chart.effectiveValues(values)) ?? chart.values
    return Document { documentValue(.map(all), in: $0) }
  }

  // MARK: patches

  /// The last patch of a chart that sets a field; nil when none does.
  private func patchSource(
    of field: FieldPath, _ manifest: Manifest, _ origin: ChartOrigin, _ trial: inout ChartTrial
  ) -> FieldSource? {
    let isOwn = origin.key == "values" && origin.resource != nil
    guard let path = isOwn ? origin.path : origin.chart.options,
      let resource = isOwn ? origin.resource : path.resources[0], !resource.patches.isEmpty,
      trial.isChangedByPatches()
    else { return nil }
    let list = path.document.root[resource.templatePath(FieldPath(keys: "patches"))]
    var found: FieldSource?
    for (patch, value) in zip(resource.patches, list.elements) {
      // A target with expressions may be meant.
      let call = ChartPatchCall(
        patch: patch, target: holdsExpression(value["target"]) ? .emptyMap : value["target"],
        merge: .absent)
      guard call.means(manifest.value) else { continue }
      if let expression = patch.expression {
        found = FieldSource(
          kind: .template(resource: manifest.resource, text: expression.program.source),
          place: path.place(of: expression), sources: [])
        continue
      }
      // The field itself, or the scalar above it whose value holds it.
      var steps = field.steps
      while !steps.isEmpty, value["merge"][FieldPath(steps)].isAbsent { steps.removeLast() }
      let reached = FieldPath(steps)
      let isWhole = reached == field || !value["merge"][reached].isKind(.map)
      guard !steps.isEmpty, isWhole else { continue }
      let place = patch.path.key("merge").appending(reached)
      let inside = place.steps.dropFirst(resource.templatePath().steps.count)
      found = library.source(
        ofTemplate: FieldPath(Array(inside)), in: resource, of: path, trial.intent)
    }
    return found
  }
}

/// The chart that made a manifest, and what gave it its values.
private struct ChartOrigin {
  let chart: ChartSource
  /// The golden path that renders the chart; nil where the intent itself does.
  var path: GoldenPath?
  var resource: Resource?
  /// Where in the template the values stand.
  var key = "spec"
}

/// Another value in the values of a chart.
struct ChartChange {
  /// The resource that renders the chart, or -1.
  let resource: Int
  let field: FieldPath
  let value: (Arena) -> Value

  func applied(to values: Value, in arena: Arena) -> Value {
    replaced(values.isKind(.map) ? values : .emptyMap, field.steps[...], value(arena), in: arena)
  }
}

/// Trying what a field depends on.
private struct ChartTrial {
  let renderer: Renderer
  let intent: EffectiveIntent
  let subject: ChartSubject
  /// The resource that renders the chart, or -1.
  let resource: Int
  var left: Int

  /// Whether the field would be another without the chart's patches.
  mutating func isChangedByPatches() -> Bool {
    renderer.leavesOutPatches = true
    defer { renderer.leavesOutPatches = false }
    left -= 1
    let found = subject.value(in: renderer.render(intent).manifests)
    return found != nil && found != .same(as: subject.manifest.value[subject.field])
  }

  /// The paths of the values on which the field depends; those that look like it are tried first.
  mutating func scalars(in values: Value, notIn given: Value = .absent) -> [FieldPath] {
    let current = subject.manifest.value[subject.field]
    let candidates = scalarPaths(in: values, at: .root)
      .filter { given.isAbsent || given[$0].isAbsent && mayMatter(values[$0], for: current) }
      .enumerated()
      .map { (rank: likeness(values[$0.element], current), order: $0.offset, path: $0.element) }
      .sorted { ($0.rank, $0.order) < ($1.rank, $1.order) }
    var found: [(order: Int, path: FieldPath)] = []
    for candidate in candidates where left > 0 {
      left -= 1
      let old = values[candidate.path]
      renderer.chartChange = ChartChange(resource: resource, field: candidate.path) {
        changedScalar(old, in: $0)
      }
      defer { renderer.chartChange = nil }
      let value = subject.value(in: renderer.render(intent).manifests)
      if let value, value != .same(as: current) { found.append((candidate.order, candidate.path)) }
    }
    return found.sorted { $0.order < $1.order }.map(\.path)
  }
}

extension ChartSource {
  /// Where a default stands: in the chart's values, or in those of a chart below it unless the outer one says it.
  fileprivate func placeOfDefault(_ field: FieldPath) -> Place {
    var (inner, prefix, rest) = (chart, "", field)
    while !isWritten(rest, in: inner), case .key(let name)? = rest.steps.first,
      let next = inner.subcharts.first(where: { $0.name == name })
    {
      inner = next
      prefix += "charts/\(name)/"
      rest = FieldPath(Array(rest.steps.dropFirst()))
    }
    return .field(path(ofFile: prefix + "values.yaml"), rest)
  }

  private func isWritten(_ field: FieldPath, in chart: Chart) -> Bool {
    let values = Document { documentValue(.map(chart.values), in: $0) }
    defer { withExtendedLifetime(values) {} }
    return !values.root[field].isAbsent
  }
}

/// A field of an object that is looked for in other renderings.
private struct ChartSubject {
  enum Found: Equatable {
    case absent
    case value(String)

    static func same(as value: Value) -> Found {
      value.isAbsent ? .absent : .value(String(decoding: jsonBytes(of: value), as: UTF8.self))
    }
  }

  let manifest: Manifest
  let field: FieldPath

  /// What stands in the field now; nil when the object cannot be told among the others.
  func value(in manifests: [Manifest]) -> Found? {
    let kind = manifest.kind.asString
    let alike = manifests.filter {
      $0.kind.asString == kind && $0.resource == manifest.resource
    }
    let same = alike.filter { $0.name.asString == manifest.name.asString }
    guard let found = same.count == 1 ? same[0] : alike.count == 1 ? alike[0] : nil else {
      return nil
    }
    return .same(as: found.value[field])
  }
}

/// Another value of the same kind.
private func changedScalar(_ value: Value, in arena: Arena) -> Value {
  switch value.kind {
  case .bool: .bool(!value.isTrue)
  case .int: .int(value.intPayload == 7 ? 8 : 7)
  case .double: .double(value.doublePayload == 7 ? 8 : 7)
  case .string: arena.string((value.asString ?? "") + "x")
  default: arena.string("x")
  }
}

/// Whether a default can be what a value is made of, or what leaves it out.
private func mayMatter(_ value: Value, for current: Value) -> Bool {
  if current.isAbsent || value.isKind(.bool) || value.isNull { return true }
  if let text = value.asString {
    guard let whole = current.asString, !text.isEmpty else { return true }
    return whole.utf8.count >= text.utf8.count
  }
  return true
}

/// How much a value looks like what a field is made of: the less the more.
private func likeness(_ value: Value, _ current: Value) -> Int {
  if value.isIdentical(to: current) { return 0 }
  if let text = value.asString, let whole = current.asString, text.utf8.count > 1,
    whole.contains(text)
  {
    return 1
  }
  return value.isKind(.bool) ? 2 : 3
}

/// The paths of all values that are neither maps nor lists with something in them.
private func scalarPaths(in value: Value, at path: FieldPath) -> [FieldPath] {
  switch value.kind {
  case .map where value.count > 0:
    value.entries.flatMap { entry in
      entry.key.asString.map { scalarPaths(in: entry.value, at: path.key($0)) } ?? []
    }
  case .list where value.count > 0:
    value.elements.enumerated().flatMap { scalarPaths(in: $0.element, at: path.index($0.offset)) }
  case .map, .list, .absent: []
  default: [path]
  }
}
