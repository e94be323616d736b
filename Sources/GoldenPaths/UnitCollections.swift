import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Schemas

extension UnitRendering {
  // MARK: collections

  func renderCollection(
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
  func advance(_ position: inout [Int], _ lists: [Value]) {
    for dimension in position.indices.reversed() {
      position[dimension] += 1
      if position[dimension] < lists[dimension].count { return }
      position[dimension] = 0
    }
  }

  func lists(_ path: GoldenPath, _ resource: Resource, _ frame: RenderFrame) -> [Value]? {
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
  func emit(
    _ object: Value, _ path: GoldenPath, _ resource: Resource, _ link: GoldenPath?,
    _ frame: RenderFrame, depth: Int
  ) -> Bool {
    guard let link, renderer.expands else {
      outputs.append(
        Output(
          value: object, path: path, resource: resource.index,
          isCollection: resource.isCollection,
          isShared: resource.isShared || expansion.contains { $0.resource.isShared }))
      noteChain(to: path, resource)
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
    if let chart = link.chart {
      return renderFolder(
        ChartCall(
          source: chart, release: object["metadata"]["name"],
          namespace: object["metadata"]["namespace"], values: object["spec"],
          place: path.place(resource.templatePath(FieldPath(keys: "spec")))),
        path, resource, object)
    }
    let spec = link.schema.defaulted(object["spec"], in: arena)
    let problems = link.schema.problems(
      in: spec, at: FieldPath(keys: "spec"), rules: renderer.rules)
    for problem in problems { reportInner(problem, path, resource, link) }
    guard problems.isEmpty else { return false }
    borrow(link)
    let count = findings.count
    expansion.append((path, resource))
    render(link, instance(object, spec: spec, link), depth: depth + 1)
    expansion.removeLast()
    return findings.count == count
  }

  /// Notes which resources led to the object that was just finished, where that is asked.
  private func noteChain(to path: GoldenPath, _ resource: Resource) {
    guard renderer.notedChains != nil else { return }
    let outer = expansion.map { OriginLink(path: $0.path, resource: $0.resource) }
    renderer.notedChains?.append(outer + [OriginLink(path: path, resource: resource)])
  }

  /// An object as other resources of the golden path read it.
  func seen(_ object: Value, _ resource: Resource, _ link: GoldenPath?) -> Value {
    resource.known.isAbsent
      ? rendered(object, resource, link)
      : mergePatch(rendered(object, resource, link), resource.known, in: arena)
  }

  private func rendered(_ object: Value, _ resource: Resource, _ link: GoldenPath?) -> Value {
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

  func replacing(_ key: StaticString, in map: Value, by value: Value) -> Value {
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
