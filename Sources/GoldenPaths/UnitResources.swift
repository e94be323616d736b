import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Quantities
import Schemas

extension UnitRendering {
  // MARK: resources

  /// The frame of a depth with the variables of a golden path set.
  func prepared(_ path: GoldenPath, _ instance: Instance, depth: Int) -> RenderFrame {
    let frame = renderer.frame(depth, slotCount: path.slotCount)
    frame.evaluator.reset()
    for slot in 0..<path.slotCount { frame.set(.absent, slot: slot) }
    frame.set(instance.value, slot: 0)
    if path.dialect == .goldenPath {
      frame.set(renderer.context.environmentDocument.root, slot: 1)
      frame.set(renderer.context.platformDocument.root, slot: 2)
      frame.set(instance.value, slot: 3)
      if !path.imports.names.variables.isEmpty { setVariables(of: path, frame) }
    }
    return frame
  }

  func render(_ path: GoldenPath, _ instance: Instance, depth: Int) {
    let frame = prepared(path, instance, depth: depth)
    var states: [State] = Array(repeating: .leftOut, count: path.resources.count)
    let links = renderer.library.links(of: path)
    for index in path.order {
      states[index] = render(
        path, path.resources[index], links[index], instance, frame, states, depth: depth)
      if outputs.count > RenderLimits.manifestCount { return reportLimit() }
    }
    frame.evaluator.reset()
  }

  func render(
    _ path: GoldenPath, _ resource: Resource, _ link: GoldenPath?, _ instance: Instance,
    _ frame: RenderFrame, _ states: [State], depth: Int
  ) -> State {
    for dependency in resource.dependencies where states[dependency] != .rendered {
      return states[dependency]
    }
    if !resource.includeWhen.isEmpty {
      let state = inclusion(path, resource, frame)
      if state != .rendered { return state }
    }
    guard let plan = resource.plan, let root = plan.nodes.baseAddress else {
      frame.set(resource.known, slot: slot(path, resource))
      return .rendered
    }
    if !resource.clusterReads.isEmpty, !resource.isCollection {
      return reportClusterReads(path, resource)
    }
    if let folder = resource.chartFolder, let chart = renderer.library.charts[folder] {
      return renderChart(chart, path, resource, plan, root, instance, frame)
    }
    guard resource.isCollection else {
      guard
        let object = object(path, resource, plan, root, instance, frame),
        emit(object, path, resource, link, frame, depth: depth)
      else { return .failed }
      if resource.isRead { frame.set(seen(object, resource, link), slot: slot(path, resource)) }
      return .rendered
    }
    return renderCollection(path, resource, plan, root, link, instance, frame, depth: depth)
  }

  func slot(_ path: GoldenPath, _ resource: Resource) -> Int {
    path.firstResourceSlot + resource.index
  }

  /// Whether a resource is wanted: all its conditions hold.
  func inclusion(_ path: GoldenPath, _ resource: Resource, _ frame: RenderFrame) -> State {
    var isIncluded = true
    for expression in resource.includeWhen {
      if let read = resource.clusterReads.first(where: { $0.expression.path == expression.path }) {
        report(
          clusterFinding(read, at: path.place(of: read.expression, read.range)), path.kind)
        return .failed
      }
      let result = frame.evaluator.evaluate(expression.program)
      if result.isKind(.error) {
        let failure = frame.evaluator.explain(result)
        reportFailure(
          .init(expression: 0, message: failure.message, range: failure.range, help: failure.help),
          expression, path, resource: resource)
        return .failed
      }
      var plain = result
      switch frame.evaluator.plain(result, in: arena) {
      case .value(let value): plain = value
      case .none, .omitted, .failure: plain = .null
      }
      if plain.isTrue { continue }
      isIncluded = false
      if plain.isKind(.bool) || plain.isNull { continue }
      reportFailure(
        .init(expression: 0, message: "gives \(described(plain)), expected true or false"),
        expression, path, resource: resource)
      return .failed
    }
    return isIncluded ? .rendered : .leftOut
  }

  /// The rendered object; nil after a failure.
  func object(
    _ path: GoldenPath, _ resource: Resource, _ plan: TemplatePlan,
    _ root: UnsafePointer<PlanNode>, _ instance: Instance, _ frame: RenderFrame
  ) -> Value? {
    if !plan.arguments.isEmpty { setArguments(of: plan, frame) }
    var walker = TemplateWalker(
      plan: plan, root: root, slots: frame.slots, arena: arena, evaluator: frame.evaluator,
      namespace: instance.namespace, leavesOutNone: path.dialect == .goldenPath)
    let object = walker.object()
    if walker.failures.isEmpty && !walker.lacksNamespace {
      return named(patched(object, resource, instance), path, resource, instance)
    }
    for failure in walker.failures {
      reportFailure(failure, plan.expressions[failure.expression], path, resource: resource)
    }
    if walker.lacksNamespace { reportMissingNamespace(path, resource) }
    return nil
  }

  /// The object with the intent's patch for its resource; what may be patched was checked before.
  private func patched(_ object: Value, _ resource: Resource, _ instance: Instance) -> Value {
    guard !instance.patches.isAbsent else { return object }
    let patch = instance.patches[resource.id]
    return patch.isKind(.map) ? mergePatch(object, patch, in: arena) : object
  }

  /// The object with a name that an API server takes, and a namespace if its kind has one.
  func named(
    _ object: Value, _ path: GoldenPath, _ resource: Resource, _ instance: Instance
  ) -> Value? {
    let metadata = object["metadata"]
    let name = metadata["name"]
    guard isObjectName(name, group: resource.group) else {
      reportName(name, path, resource)
      return nil
    }
    guard resource.scope == .namespaced else { return object }
    let namespace = metadata["namespace"]
    if namespace.isKind(.string), namespace.count > 0 {
      if NameFormat.dns1123Label.accepts(namespace.utf8) { return object }
      reportNamespace(namespace, path, resource)
      return nil
    }
    // An expression gave no namespace: the unit's is taken, as where none is written.
    guard !instance.namespace.isAbsent else {
      reportMissingNamespace(path, resource)
      return nil
    }
    let change = arena.map(["metadata": arena.map(["namespace": instance.namespace])])
    return mergePatch(object, change, in: arena)
  }
}

/// Whether a value is a name that an API server takes: a DNS subdomain, or for roles and bindings
/// a step of a path (apimachinery `path.ValidatePathSegmentName`).
func isObjectName(_ name: Value, group: String) -> Bool {
  guard name.isKind(.string) else { return false }
  if group == "rbac.authorization.k8s.io" {
    return name.count > 0 && name.count <= 253 && !name.isString(".") && !name.isString("..")
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
  }
  return NameFormat.dns1123Subdomain.accepts(name.utf8)
}

/// What is wrong with a name that no API server takes.
func invalidNameMessage(_ name: Value, kind: String) -> String {
  let found = name.asString.map { "'\($0)'" } ?? described(name)
  return "\(found) is no name for '\(kind)': expected small letters, digits, '-' and '.', at most "
    + "253, a letter or digit at both ends"
}
