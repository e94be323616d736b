import CEL
import Charts
import Diagnostics
import Documents
import GoTemplates
import Intents
import Manifests

extension UnitRendering {
  /// What is rendered when a chart is.
  struct ChartCall {
    var source: ChartSource
    /// The release's name; a string.
    var release: Value
    /// The namespace; absent for none.
    var namespace: Value
    /// A map, or absent.
    var values: Value
    /// The path of the values in the intent, when they are a part of it.
    var field: FieldPath?
    /// Where the values are written, when that is a golden path.
    var place: Place?
  }

  /// Renders a chart whose values are the intent's `spec`.
  func renderChart(_ source: ChartSource, _ instance: Instance, _ path: GoldenPath) {
    let root = intent.document.root
    let spec = root["spec"]
    let call = ChartCall(
      source: source, release: root["metadata"]["name"], namespace: instance.namespace,
      values: spec.isKind(.map) ? spec : .absent, field: FieldPath(keys: "spec"))
    _ = renderChart(call, path, nil)
  }

  /// Renders a chart; whether it could be.
  func renderChart(_ call: ChartCall, _ path: GoldenPath, _ resource: Resource?) -> Bool {
    guard let objects = objects(of: call) else { return false }
    for (object, template) in objects {
      guard outputs.count < RenderLimits.manifestCount else {
        reportLimit()
        return false
      }
      guard let object = placed(object, call, template) else { continue }
      outputs.append(
        Output(
          value: object, path: path, resource: resource?.index ?? -1, isCollection: false,
          template: template, chart: call.source))
    }
    return true
  }

  /// Renders a `chart` of a golden path: its values and its release's name are expressions.
  func renderChart(
    _ chart: ChartSource, _ path: GoldenPath, _ resource: Resource, _ plan: TemplatePlan,
    _ root: UnsafePointer<PlanNode>, _ instance: Instance, _ frame: RenderFrame
  ) -> State {
    if !plan.arguments.isEmpty { setArguments(of: plan, frame) }
    var walker = TemplateWalker(
      plan: plan, root: root, slots: frame.slots, arena: arena, evaluator: frame.evaluator,
      namespace: instance.namespace, leavesOutNone: true)
    let map = walker.object()
    guard walker.failures.isEmpty else {
      for failure in walker.failures {
        reportFailure(failure, plan.expressions[failure.expression], path, resource: resource)
      }
      return .failed
    }
    var source = chart
    if let hooks = map["hooks"].asString.flatMap(ChartSource.Hooks.init(rawValue:)) {
      source.hooks = hooks
    }
    if map["crds"].isString("skip") { source.includesCRDs = false }
    if map["nondeterminism"].isString("seeded") { source.isSeeded = true }
    if map["stripLabels"].isKind(.list) {
      source.strippedLabels = map["stripLabels"].elements.compactMap(\.asString)
    }
    let namespace = map["namespace"]
    let call = ChartCall(
      source: source, release: map["release"],
      namespace: namespace.isKind(.string) ? namespace : instance.namespace,
      values: map["values"],
      place: path.place(resource.templatePath(FieldPath(keys: "values")), part: .key))
    return renderChart(call, path, resource) ? .rendered : .failed
  }

  /// The objects of a chart, each with its template; nil after a failure.
  func objects(of call: ChartCall) -> [(value: Value, template: String)]? {
    let context = renderer.context
    var release = Release(
      name: call.release.asString ?? "", namespace: call.namespace.asString ?? "default")
    let version = context.environmentDocument.root["kubernetes"].asString ?? ""
    if let cluster = Capabilities(kubernetesVersion: version) { release.capabilities = cluster }
    if call.source.isSeeded {
      release.nondeterminism = .seeded(
        "\(context.environment)/\(intent.intent.reference)/\(release.name)")
      release.clock = Clock(unixSeconds: 0)
    }
    var values = GoMap()
    if case .map(let map) = goValue(call.values) { values = map }
    do {
      try release.validateName()
      let rendered = try call.source.chart.rendered(release, values: values)
      return try ChartObjects(source: call.source, arena: arena).objects(of: rendered)
    } catch let error as ChartError {
      report(error, call)
    } catch {
      report(Finding(rule: "chart/invalid-chart", "\(error)", at: nil))
    }
    return nil
  }

  /// The object with the release's namespace where its kind has one and it names none; nil after a
  /// failure.
  func placed(_ object: Value, _ call: ChartCall, _ template: String) -> Value? {
    let place = call.source.place(ofFile: template) ?? Place(file: call.source.metadataFile)
    guard let kind = object["kind"].asString, let apiVersion = object["apiVersion"].asString else {
      report(
        Finding(
          rule: "chart/manifest", "'\(template)' makes an object without 'apiVersion' or 'kind'",
          at: place))
      return nil
    }
    let group = splitAPIVersion(apiVersion).group
    let name = object["metadata"]["name"]
    guard isObjectName(name, group: group) else {
      report(
        Finding(rule: "chart/manifest", invalidNameMessage(name, kind: kind), at: place))
      return nil
    }
    let isCluster =
      KindTable.builtIn.kind(kind, group: group).map { $0.scope == .cluster }
      ?? renderer.library.clusterKinds.contains(GroupKind(group: group, kind: kind))
    let namespace = object["metadata"]["namespace"]
    if isCluster || namespace.isKind(.string) && namespace.count > 0 { return object }
    guard !call.namespace.isAbsent else { return object }
    let change = arena.map(["metadata": arena.map(["namespace": call.namespace])])
    return mergePatch(object, change, in: arena)
  }

  // MARK: findings

  private func report(_ error: ChartError, _ call: ChartCall) {
    if !error.problems.isEmpty {
      for problem in error.problems {
        report(
          Finding(
            rule: "intent/invalid-value", problem.message,
            at: place(of: problem.path, call, part: problem.part), help: problem.help,
            related: [
              .init(
                label: "the chart's schema",
                place: Place(
                  file: call.source.metadataFile.replacingName(with: "values.schema.json")))
            ]))
      }
      return
    }
    let steps = error.steps.compactMap(call.source.place(of:))
    let file = error.file.flatMap(call.source.place(ofFile:))
    let template = steps.last ?? file ?? Place(file: call.source.metadataFile)
    let way = steps.dropLast().reversed().map { Finding.Related(label: "included here", place: $0) }
    let isForIntent = error.code == .refused || error.code == .invalidValues
    var help: String?
    if error.code == .nondeterministic {
      help =
        "give the value in the intent, or let it be drawn from the unit's name with "
        + "'pave.dev/nondeterminism: seeded' in Chart.yaml"
    }
    report(
      Finding(
        rule: "chart/\(error.code.rawValue)", error.cause,
        at: isForIntent ? place(of: [], call) : template, help: help,
        related: isForIntent ? [.init(label: "the template", place: template)] + way : way))
  }

  /// The place of a value in the intent, or of the nearest thing around it that is written there.
  private func place(
    of path: [ChartError.PathStep], _ call: ChartCall, part: Place.Part = .value
  ) -> Place {
    guard var field = call.field else {
      return call.place ?? Place(file: call.source.metadataFile)
    }
    var value = intent.document.root[field]
    if value.isAbsent { return intent.place(of: FieldPath(keys: "kind")) }
    for step in path {
      let next: FieldPath.Step =
        switch step {
        case .key(let key): .key(key)
        case .index(let index): .index(index)
        }
      let inner = value[FieldPath([next])]
      if inner.isAbsent { return intent.place(of: field) }
      value = inner
      field.steps.append(next)
    }
    return intent.place(of: field, part: part)
  }
}

extension String {
  /// The path with another file's name at its end.
  fileprivate func replacingName(with name: String) -> String {
    guard let slash = lastIndex(of: "/") else { return name }
    return self[...slash] + name
  }
}
