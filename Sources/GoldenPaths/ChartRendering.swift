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
    /// What is done with the objects; nil for nothing.
    var options: ChartOptions?
  }

  /// Renders a chart whose values are the intent's `spec`.
  func renderChart(_ source: ChartSource, _ instance: Instance, _ path: GoldenPath) {
    let root = intent.document.root
    let spec = root["spec"]
    let call = ChartCall(
      source: source, release: root["metadata"]["name"], namespace: instance.namespace,
      values: spec.isKind(.map) ? spec : .absent, field: FieldPath(keys: "spec"))
    _ = renderFolder(call, path, nil, instance.value)
  }

  /// Renders a chart with the options of its own folder; whether it could be.
  func renderFolder(
    _ call: ChartCall, _ path: GoldenPath, _ resource: Resource?, _ instance: Value
  ) -> Bool {
    guard let options = call.source.options, let plan = options.resources[0].plan,
      let root = plan.nodes.baseAddress
    else { return renderChart(call, path, resource) }
    borrow(options)
    let frame = RenderFrame(slotCount: options.slotCount)
    frame.set(instance, slot: 0)
    frame.set(renderer.context.environmentDocument.root, slot: 1)
    frame.set(renderer.context.platformDocument.root, slot: 2)
    frame.set(instance, slot: 3)
    guard
      let call = completed(
        call, options, options.resources[0], plan, root, call.namespace, frame)
    else { return false }
    return renderChart(call, path, resource)
  }

  /// Renders a chart; whether it could be.
  func renderChart(_ call: ChartCall, _ path: GoldenPath, _ resource: Resource?) -> Bool {
    var call = call
    let index = resource?.index ?? -1
    if let change = renderer.chartChange, change.resource == index {
      call.values = change.applied(to: call.values, in: arena)
    }
    renderer.chartValues?[index] = call.values
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
      // What a chart makes is told by the chart.
      renderer.notedChains?.append([])
    }
    return true
  }

  /// Renders a `chart` of a golden path: its values and its release's name are expressions.
  func renderChart(
    _ chart: ChartSource, _ path: GoldenPath, _ resource: Resource, _ plan: TemplatePlan,
    _ root: UnsafePointer<PlanNode>, _ instance: Instance, _ frame: RenderFrame
  ) -> State {
    let call = ChartCall(
      source: chart, release: .absent, namespace: instance.namespace, values: .absent,
      place: path.place(resource.templatePath(FieldPath(keys: "values")), part: .key))
    guard
      let call = completed(call, path, resource, plan, root, instance.namespace, frame),
      renderChart(call, path, resource)
    else { return .failed }
    return .rendered
  }

  /// A call with what a `chart` says once its expressions are evaluated; nil after a failure.
  private func completed(
    _ call: ChartCall, _ path: GoldenPath, _ resource: Resource, _ plan: TemplatePlan,
    _ root: UnsafePointer<PlanNode>, _ namespace: Value, _ frame: RenderFrame
  ) -> ChartCall? {
    if !plan.arguments.isEmpty { setArguments(of: plan, frame) }
    var walker = TemplateWalker(
      plan: plan, root: root, slots: frame.slots, arena: arena, evaluator: frame.evaluator,
      namespace: namespace, leavesOutNone: true)
    let map = walker.object()
    guard walker.failures.isEmpty else {
      for failure in walker.failures {
        reportFailure(failure, plan.expressions[failure.expression], path, resource: resource)
      }
      return nil
    }
    var call = call
    if let hooks = map["hooks"].asString.flatMap(ChartSource.Hooks.init(rawValue:)) {
      call.source.hooks = hooks
    }
    if map["crds"].isString("skip") { call.source.includesCRDs = false }
    if map["nondeterminism"].isString("seeded") { call.source.isSeeded = true }
    if let text = map["clock"].asString {
      guard let clock = Clock(text) else {
        report(
          Finding(
            rule: "chart/invalid-options", "'\(text)' is no time",
            at: path.place(resource.templatePath(FieldPath(keys: "clock"))),
            help: "write it as 2026-01-01T00:00:00Z"))
        return nil
      }
      call.source.clock = clock
    }
    if map["stripLabels"].isKind(.list) {
      call.source.strippedLabels = map["stripLabels"].elements.compactMap(\.asString)
    }
    if map["release"].isKind(.string) { call.release = map["release"] }
    if map["namespace"].isKind(.string) { call.namespace = map["namespace"] }
    if map["values"].isKind(.map) { call.values = map["values"] }
    let patches = zip(resource.patches, map["patches"].elements).map { patch, value in
      ChartPatchCall(patch: patch, target: value["target"], merge: value["merge"])
    }
    call.options = ChartOptions(
      path: path, resource: resource, patches: patches, frame: frame,
      objectSlot: path.firstResourceSlot + path.resources.count)
    return call
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
      release.clock = call.source.clock
    }
    var values = GoMap()
    if case .map(let map) = goValue(call.values) { values = map }
    do {
      try release.validateName()
      let rendered = try call.source.chart.rendered(release, values: values)
      let objects = try ChartObjects(source: call.source, arena: arena).objects(of: rendered)
      return patched(objects, call)
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

/// What a golden path does with the objects of a chart.
struct ChartOptions {
  let path: GoldenPath
  let resource: Resource
  let patches: [ChartPatchCall]
  let frame: RenderFrame
  /// The slot of `object`.
  let objectSlot: Int
}

extension String {
  /// The path with another file's name at its end.
  fileprivate func replacingName(with name: String) -> String {
    guard let slash = lastIndex(of: "/") else { return name }
    return self[...slash] + name
  }
}
