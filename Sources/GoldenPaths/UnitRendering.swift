import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Quantities
import Schemas

/// The rendering of one unit, while it goes on.
final class UnitRendering {
  /// A finished object.
  struct Output {
    var value: Value
    unowned(unsafe) var path: GoldenPath
    var resource: Int
    /// Where it stands among the objects of its resource.
    var isCollection: Bool
  }

  /// What a golden path makes of an instance.
  struct Instance {
    /// A map with `apiVersion`, `kind`, `metadata` and `spec`.
    var value: Value
    /// `metadata.namespace`; absent when it has none.
    var namespace: Value
  }

  enum State { case rendered, leftOut, failed }

  let renderer: Renderer
  let intent: EffectiveIntent
  let path: GoldenPath?
  let arena: Arena
  var outputs: [Output] = []
  var findings: [Finding] = []
  var borrowed: [Document]

  init(renderer: Renderer, intent: EffectiveIntent, path: GoldenPath?) {
    self.renderer = renderer
    self.intent = intent
    self.path = path
    arena = Arena(firstChunkByteCount: path.map { $0.byteEstimate } ?? 256)
    borrowed = [
      intent.document, renderer.context.environmentDocument, renderer.context.platformDocument,
    ]
  }

  func unit() -> RenderedUnit {
    if let path, let instance = instance(of: path) {
      borrow(path)
      checkRules(path, instance)
      if findings.isEmpty { render(path, instance, depth: 0) }
    }
    let hasErrors = findings.contains { $0.severity == .error }
    let objects = hasErrors ? [] : outputs.map(\.value)
    let document = Document(root: arena.list(objects), arena: arena, borrowing: borrowed)
    var manifests: [Manifest] = []
    if !hasErrors {
      manifests.reserveCapacity(outputs.count)
      for output in outputs {
        manifests.append(
          Manifest(
            document: document, value: output.value,
            resource: output.path.resources[output.resource].id))
      }
      checkIdentities(manifests)
      if findings.contains(where: { $0.severity == .error }) { manifests = [] }
    }
    return RenderedUnit(
      identity: intent.intent.unit(in: renderer.context.environment), document: document,
      manifests: manifests, findings: findings)
  }

  private func borrow(_ path: GoldenPath) {
    if !borrowed.contains(where: { $0 === path.memory }) { borrowed.append(path.memory) }
  }

  // MARK: the instance

  /// The intent with its defaults, as `schema` shows it; nil when it does not fit the schema.
  private func instance(of path: GoldenPath) -> Instance? {
    let root = intent.document.root
    let spec = root["spec"]
    let defaulted = path.schema.defaulted(spec, in: arena)
    let problems = path.schema.problems(
      in: defaulted, at: FieldPath(keys: "spec"), rules: renderer.rules)
    for problem in problems {
      var finding = Finding(
        rule: "intent/\(problem.kind.rawValue)", problem.message,
        at: intent.place(of: problem.anchor, part: problem.part), help: problem.help)
      finding.path = problem.path
      report(finding)
    }
    guard problems.isEmpty else { return nil }
    return instance(root, spec: defaulted, path)
  }

  private func instance(_ root: Value, spec: Value, _ path: GoldenPath) -> Instance {
    var entries: [MapEntry] = []
    entries.reserveCapacity(4)
    var hasSpec = false
    for entry in root.entries {
      if entry.key.isString("spec") {
        hasSpec = true
        if spec.isAbsent || spec.isNull { continue }
        entries.append(
          MapEntry(key: entry.key, value: path.hasDoubles ? typed(spec, path.schema.root) : spec))
      } else {
        entries.append(entry)
      }
    }
    if !hasSpec, !spec.isAbsent {
      entries.append(
        MapEntry(
          key: arena.string("spec"),
          value: path.hasDoubles ? typed(spec, path.schema.root) : spec))
    }
    let namespace = root["metadata"]["namespace"]
    return Instance(
      value: arena.map(entries), namespace: namespace.isKind(.string) ? namespace : .absent)
  }

  /// A value whose numbers have the kinds that the schema says: what expressions count on.
  private func typed(_ value: Value, _ node: SchemaNode) -> Value {
    switch value.kind {
    case .int where node.types == .number: return .double(Double(value.intPayload))
    case .double where node.types == .integer:
      return Int64(exactly: value.doublePayload).map { .int($0) } ?? value
    case .map:
      return arena.map(
        value.entries.map { entry in
          guard let key = entry.key.asString, let child = node.child(key) else { return entry }
          return MapEntry(key: entry.key, value: typed(entry.value, child))
        })
    case .list:
      guard let items = node.items else { return value }
      return arena.list(value.elements.map { typed($0, items) })
    default: return value
    }
  }

  /// Holds the intent against the golden path's own rules.
  private func checkRules(_ path: GoldenPath, _ instance: Instance) {
    guard !path.rules.isEmpty else { return }
    let frame = prepared(path, instance, depth: 0)
    for rule in path.rules {
      let result = frame.evaluator.evaluate(rule.condition.program)
      if result.isTrue { continue }
      if result.isKind(.error) {
        let failure = frame.evaluator.explain(result)
        reportFailure(
          .init(
            expression: 0, message: failure.message, range: failure.range, help: failure.help),
          rule.condition, path, resource: nil)
        continue
      }
      var finding = Finding(
        rule: "intent/rule", rule.message,
        at: intent.place(of: rule.field ?? FieldPath(keys: "spec")),
        related: [.init(label: "the rule", place: path.place(of: rule.condition))])
      finding.path = rule.field
      report(finding)
    }
    frame.evaluator.reset()
  }

  // MARK: resources

  /// The frame of a depth with the variables of a golden path set.
  private func prepared(_ path: GoldenPath, _ instance: Instance, depth: Int) -> RenderFrame {
    let frame = renderer.frame(depth, slotCount: path.slotCount)
    frame.evaluator.reset()
    for slot in 0..<path.slotCount { frame.set(.absent, slot: slot) }
    frame.set(instance.value, slot: 0)
    if path.dialect == .goldenPath {
      frame.set(renderer.context.environmentDocument.root, slot: 1)
      frame.set(renderer.context.platformDocument.root, slot: 2)
      frame.set(instance.value, slot: 3)
    }
    return frame
  }

  private func render(_ path: GoldenPath, _ instance: Instance, depth: Int) {
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

  private func render(
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
    guard let plan = resource.plan, let root = plan.nodes.baseAddress else { return .rendered }
    if !resource.clusterReads.isEmpty, !resource.isCollection {
      return reportClusterReads(path, resource)
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

  private func slot(_ path: GoldenPath, _ resource: Resource) -> Int {
    path.firstResourceSlot + resource.index
  }

  /// Whether a resource is wanted: all its conditions hold.
  private func inclusion(_ path: GoldenPath, _ resource: Resource, _ frame: RenderFrame) -> State {
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
  private func object(
    _ path: GoldenPath, _ resource: Resource, _ plan: TemplatePlan,
    _ root: UnsafePointer<PlanNode>, _ instance: Instance, _ frame: RenderFrame
  ) -> Value? {
    var walker = TemplateWalker(
      plan: plan, root: root, slots: frame.slots, arena: arena, evaluator: frame.evaluator,
      namespace: instance.namespace, leavesOutNone: path.dialect == .goldenPath)
    let object = walker.object()
    if walker.failures.isEmpty && !walker.lacksNamespace {
      return named(object, path, resource, instance)
    }
    for failure in walker.failures {
      reportFailure(failure, plan.expressions[failure.expression], path, resource: resource)
    }
    if walker.lacksNamespace { reportMissingNamespace(path, resource) }
    return nil
  }

  /// The object with a name that an API server takes, and a namespace if its kind has one.
  private func named(
    _ object: Value, _ path: GoldenPath, _ resource: Resource, _ instance: Instance
  ) -> Value? {
    let metadata = object["metadata"]
    let name = metadata["name"]
    guard name.isKind(.string), isName(name, of: resource) else {
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

  private func isName(_ name: Value, of resource: Resource) -> Bool {
    if resource.group == "rbac.authorization.k8s.io" {
      return name.count > 0 && name.count <= 253
        && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
    }
    return NameFormat.dns1123Subdomain.accepts(name.utf8)
  }

  // MARK: collections

  private func renderCollection(
    _ path: GoldenPath, _ resource: Resource, _ plan: TemplatePlan,
    _ root: UnsafePointer<PlanNode>, _ link: GoldenPath?, _ instance: Instance,
    _ frame: RenderFrame, depth: Int
  ) -> State {
    guard let lists = lists(path, resource, frame) else { return .failed }
    var count = 1
    for list in lists {
      count *= list.count
      if count > RenderLimits.collectionCount { break }
    }
    guard count > 0 else {
      if resource.isRead { frame.set(.emptyList, slot: slot(path, resource)) }
      return .rendered
    }
    if count > RenderLimits.collectionCount {
      reportCollection(lists.map(\.count), path, resource)
      return .failed
    }
    if !resource.clusterReads.isEmpty { return reportClusterReads(path, resource) }
    var objects: [Value] = []
    var position = Array(repeating: 0, count: lists.count)
    for _ in 0..<count {
      for (dimension, index) in position.enumerated() {
        frame.set(lists[dimension].elements[index], slot: resource.forEach[dimension].slot)
      }
      guard
        let object = object(path, resource, plan, root, instance, frame),
        emit(object, path, resource, link, frame, depth: depth)
      else { return .failed }
      if resource.isRead { objects.append(seen(object, resource, link)) }
      advance(&position, lists)
    }
    if resource.isRead { frame.set(arena.list(objects), slot: slot(path, resource)) }
    return .rendered
  }

  /// The next element of the cartesian product: the last dimension turns fastest.
  private func advance(_ position: inout [Int], _ lists: [Value]) {
    for dimension in position.indices.reversed() {
      position[dimension] += 1
      if position[dimension] < lists[dimension].count { return }
      position[dimension] = 0
    }
  }

  private func lists(_ path: GoldenPath, _ resource: Resource, _ frame: RenderFrame) -> [Value]? {
    var lists: [Value] = []
    for dimension in resource.forEach {
      if let read = resource.clusterReads.first(where: {
        $0.expression.path == dimension.expression.path
      }) {
        report(
          clusterFinding(read, at: path.place(of: read.expression, read.range)), path.kind)
        return nil
      }
      let result = frame.evaluator.evaluate(dimension.expression.program)
      var failure: TemplateWalker.Failure?
      if result.isKind(.error) {
        let explained = frame.evaluator.explain(result)
        failure = .init(
          expression: 0, message: explained.message, range: explained.range, help: explained.help)
      } else {
        switch frame.evaluator.plain(result, in: arena) {
        case .value(let list) where list.isKind(.list): lists.append(list)
        case .value(let other):
          failure = .init(expression: 0, message: "gives \(described(other)), expected a list")
        case .none, .omitted:
          failure = .init(expression: 0, message: "gives nothing, expected a list")
        case .failure(let message): failure = .init(expression: 0, message: message)
        }
      }
      if let failure {
        reportFailure(failure, dimension.expression, path, resource: resource)
        return nil
      }
    }
    return lists
  }

  // MARK: results

  /// Keeps an object, or what the golden path of its kind makes of it; false after a failure.
  private func emit(
    _ object: Value, _ path: GoldenPath, _ resource: Resource, _ link: GoldenPath?,
    _ frame: RenderFrame, depth: Int
  ) -> Bool {
    guard let link, renderer.expands else {
      outputs.append(
        Output(
          value: object, path: path, resource: resource.index,
          isCollection: resource.isCollection))
      return true
    }
    guard depth + 1 < RenderLimits.depth else {
      report(
        Finding(
          rule: "golden-path/too-deep",
          "golden paths are expanded more than \(RenderLimits.depth) levels deep",
          at: path.place(resource.templatePath(FieldPath(keys: "kind")))))
      return false
    }
    let spec = link.schema.defaulted(object["spec"], in: arena)
    let problems = link.schema.problems(
      in: spec, at: FieldPath(keys: "spec"), rules: renderer.rules)
    for problem in problems { reportInner(problem, path, resource, link) }
    guard problems.isEmpty else { return false }
    borrow(link)
    let count = findings.count
    render(link, instance(object, spec: spec, link), depth: depth + 1)
    return findings.count == count
  }

  /// An object as other resources of the golden path read it.
  private func seen(_ object: Value, _ resource: Resource, _ link: GoldenPath?) -> Value {
    if let link {
      let spec = link.schema.defaulted(object["spec"], in: arena)
      guard !spec.isAbsent else { return object }
      return replacing("spec", in: object, by: spec)
    }
    guard resource.isSecret, object["data"].isKind(.map) else { return object }
    return replacing(
      "data", in: object,
      by: arena.map(
        object["data"].entries.map { entry in
          guard let bytes = decodedBase64(entry.value) else { return entry }
          return MapEntry(
            key: entry.key, value: bytes.withUnsafeBufferPointer { arena.bytes($0) })
        }))
  }

  private func replacing(_ key: StaticString, in map: Value, by value: Value) -> Value {
    var entries = Array(map.entries)
    if let index = entries.firstIndex(where: { $0.key.isString(key) }) {
      entries[index].value = value
    } else {
      entries.append(MapEntry(key: arena.string("\(key)"), value: value))
    }
    return arena.map(entries)
  }
}

/// The bytes that a base64 text stands for; nil when it is none.
func decodedBase64(_ text: Value) -> [UInt8]? {
  guard text.isKind(.string) else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count / 4 * 3)
  var bits: UInt32 = 0
  var bitCount = 0
  var padding = 0
  for character in text.utf8 {
    let digit: UInt32
    switch character {
    case 0x41...0x5A: digit = UInt32(character - 0x41)
    case 0x61...0x7A: digit = UInt32(character - 0x61) + 26
    case 0x30...0x39: digit = UInt32(character - 0x30) + 52
    case UInt8(ascii: "+"): digit = 62
    case UInt8(ascii: "/"): digit = 63
    case UInt8(ascii: "="):
      padding += 1
      continue
    case 0x0A, 0x0D: continue
    default: return nil
    }
    guard padding == 0 else { return nil }
    bits = bits << 6 | digit
    bitCount += 6
    if bitCount >= 8 {
      bitCount -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      bits &= (1 << UInt32(bitCount)) - 1
    }
  }
  return padding <= 2 && bitCount < 6 ? bytes : nil
}
