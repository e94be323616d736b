import CEL
import Documents

/// Renders one template: walks its plan and puts the object into an arena.
///
/// The hot loop of rendering: no texts, no dictionaries, nothing retained in it.
struct TemplateWalker {
  /// Why an expression gave no value.
  struct Failure {
    var expression: Int
    var message: String
    /// The part of the expression that failed.
    var range: Range<Int>?
    var help: String?
  }

  private let nodes: UnsafePointer<PlanNode>
  private let steps: UnsafePointer<Value>?
  private let slots: UnsafePointer<Value>
  private let plan: TemplatePlan
  private let arena: Arena
  private let evaluator: Evaluator
  private let namespace: Value
  /// Whether `optional.none()` leaves a field out; else it is null.
  private let leavesOutNone: Bool
  /// What went wrong; the object must not be used then.
  private(set) var failures: [Failure] = []
  /// Whether the template asked for a namespace that the unit does not have.
  private(set) var lacksNamespace = false

  /// A walker over a plan with at least one node.
  init(
    plan: TemplatePlan, root: UnsafePointer<PlanNode>, slots: UnsafePointer<Value>, arena: Arena,
    evaluator: Evaluator, namespace: Value, leavesOutNone: Bool
  ) {
    self.plan = plan
    nodes = root
    steps = plan.steps.baseAddress
    self.slots = slots
    self.arena = arena
    self.evaluator = evaluator
    self.namespace = namespace
    self.leavesOutNone = leavesOutNone
  }

  /// The object; good only if nothing failed.
  mutating func object() -> Value { value(of: nodes) }

  /// The value of a node; absent for one that is left out.
  private mutating func value(of node: UnsafePointer<PlanNode>) -> Value {
    switch node.pointee.kind {
    case .constant: return node.pointee.value
    case .path:
      let found = plainValue(of: node)
      return found.isAbsent ? evaluated(node) : found
    case .map: return map(node)
    case .mergingMap: return mergingMap(node)
    case .list: return list(node)
    case .text: return text(node)
    case .program: return evaluated(node)
    case .inheritedNamespace:
      if namespace.isAbsent { lacksNamespace = true }
      return namespace
    }
  }

  /// What a plain path leads to; absent if any step of it is not there.
  @inline(__always)
  private func plainValue(of node: UnsafePointer<PlanNode>) -> Value {
    var value = slots[Int(node.pointee.slot)]
    guard let steps else { return value }
    var index = Int(node.pointee.start)
    let end = index &+ Int(node.pointee.count)
    while index < end {
      let step = steps[index]
      if step.isKind(.string) {
        value = value.lookup(step)
      } else {
        let elements = value.elements
        let position = Int(truncatingIfNeeded: step.intPayload)
        value = position < elements.count ? elements[position] : .absent
      }
      index &+= 1
    }
    return value
  }

  private mutating func map(_ node: UnsafePointer<PlanNode>) -> Value {
    let count = Int(node.pointee.count)
    let entries = arena.allocate(byteCount: count &* 32).assumingMemoryBound(to: MapEntry.self)
    var used = 0
    var child = nodes + Int(node.pointee.start)
    let end = child + count
    while child < end {
      let value = value(of: child)
      if !value.isAbsent {
        entries[used] = MapEntry(key: child.pointee.key, value: value)
        used &+= 1
      }
      child += 1
    }
    return arena.map(adopting: UnsafeBufferPointer(start: entries, count: used))
  }

  /// A map whose children under `<<` are merged into it: keys that are there already win.
  @inline(never)
  private mutating func mergingMap(_ node: UnsafePointer<PlanNode>) -> Value {
    var entries: [MapEntry] = []
    func has(_ key: Value) -> Bool { entries.contains { $0.key.hasSameBytes(as: key) } }
    var child = nodes + Int(node.pointee.start)
    let end = child + Int(node.pointee.count)
    while child < end {
      defer { child += 1 }
      if child.pointee.kind == .inheritedNamespace, has(child.pointee.key) { continue }
      let value = value(of: child)
      if value.isAbsent { continue }
      guard child.pointee.key.isString("<<") else {
        entries.append(MapEntry(key: child.pointee.key, value: value))
        continue
      }
      guard value.isKind(.map) else {
        // Nothing is merged of null, as nothing is of an optional without a value.
        if !value.isNull {
          failures.append(
            Failure(
              expression: Int(child.pointee.expression),
              message: "gives \(evaluator.typeName(of: value)), and '<<' merges maps"))
        }
        continue
      }
      for entry in value.entries where !has(entry.key) { entries.append(entry) }
    }
    return arena.map(entries)
  }

  private mutating func list(_ node: UnsafePointer<PlanNode>) -> Value {
    let count = Int(node.pointee.count)
    let elements = arena.allocate(byteCount: count &* 16).assumingMemoryBound(to: Value.self)
    var used = 0
    var child = nodes + Int(node.pointee.start)
    let end = child + count
    while child < end {
      let value = value(of: child)
      if !value.isAbsent {
        elements[used] = value
        used &+= 1
      }
      child += 1
    }
    return used == 0 ? .emptyList : .list(UnsafeBufferPointer(start: elements, count: used))
  }

  // MARK: texts

  private mutating func text(_ node: UnsafePointer<PlanNode>) -> Value {
    let count = Int(node.pointee.count)
    let first = nodes + Int(node.pointee.start)
    return withUnsafeTemporaryAllocation(of: Value.self, capacity: count) { parts in
      var byteCount = 0
      var isASCII = true
      for index in 0..<count {
        let part = textPart(first + index)
        guard part.isKind(.string) else { return .absent }
        parts[index] = part
        byteCount &+= part.count
        isASCII = isASCII && part.isASCII
      }
      guard byteCount > 0, byteCount < 1 << 30 else { return .emptyString }
      let memory = arena.allocate(byteCount: byteCount)
      var end = memory
      for index in 0..<count {
        guard let source = parts[index].utf8.baseAddress else { continue }
        end.copyMemory(from: source, byteCount: parts[index].count)
        end += parts[index].count
      }
      return .string(
        at: UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)), count: byteCount,
        isASCII: isASCII)
    }
  }

  /// The value of a part of a text; absent after a failure. A text of the evaluator's own memory is
  /// not copied, since its bytes are.
  private mutating func textPart(_ node: UnsafePointer<PlanNode>) -> Value {
    var value = node.pointee.kind == .constant ? node.pointee.value : .absent
    if node.pointee.kind == .path { value = plainValue(of: node) }
    if value.isAbsent {
      value = evaluator.evaluate(plan.expressions[Int(node.pointee.expression)].program)
    }
    if value.isKind(.string) { return value }
    if value.isKind(.error) {
      fail(node, evaluator.explain(value))
      return .absent
    }
    return notText(node, value)
  }

  private mutating func notText(_ node: UnsafePointer<PlanNode>, _ value: Value) -> Value {
    let source = plan.expressions[Int(node.pointee.expression)].shown
    failures.append(
      Failure(
        expression: Int(node.pointee.expression),
        message: "gives \(evaluator.typeName(of: value)), only text can stand between other text",
        help: "write ${string(\(source))}"))
    return .absent
  }

  // MARK: expressions

  /// The value of an expression, copied out of the evaluator's memory.
  @inline(never)
  private mutating func evaluated(_ node: UnsafePointer<PlanNode>) -> Value {
    let expression = Int(node.pointee.expression)
    let result = evaluator.evaluate(plan.expressions[expression].program)
    if result.isKind(.error) {
      fail(node, evaluator.explain(result))
      return .absent
    }
    switch evaluator.plain(result, in: arena) {
    case .value(let value): return value
    case .none: return leavesOutNone ? .absent : .null
    case .omitted: return .absent
    case .failure(let message):
      failures.append(Failure(expression: expression, message: message))
      return .absent
    }
  }

  private mutating func fail(_ node: UnsafePointer<PlanNode>, _ failure: EvaluationFailure) {
    failures.append(
      Failure(
        expression: Int(node.pointee.expression), message: failure.message, range: failure.range,
        help: failure.help))
  }
}
