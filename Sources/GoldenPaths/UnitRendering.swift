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
    /// The template of a chart that it is from.
    var template: String?
    /// The chart of that template.
    var chart: ChartSource?
    /// Whether other intents may ask for it too.
    var isShared = false
  }

  /// What a golden path makes of an instance.
  struct Instance {
    /// A map with `apiVersion`, `kind`, `metadata` and `spec`.
    var value: Value
    /// `metadata.namespace`; absent when it has none.
    var namespace: Value
    /// The intent's merge patches by resource id; absent when there are none.
    var patches: Value = .absent
  }

  enum State { case rendered, leftOut, failed }

  let renderer: Renderer
  let intent: EffectiveIntent
  /// What the intent was before, for fields that must not change.
  let replaced: EffectiveIntent?
  let path: GoldenPath?
  let arena: Arena
  var outputs: [Output] = []
  var findings: [Finding] = []
  var borrowed: [Document]
  /// Why variables that are made when they are first read have no value, by the message that stands for it.
  var lazyFailures: [String: LazyFailure] = [:]
  /// The resources that are being expanded, outermost first.
  var expansion: [(path: GoldenPath, resource: Resource)] = []

  init(
    renderer: Renderer, intent: EffectiveIntent, replacing replaced: EffectiveIntent?,
    path: GoldenPath?
  ) {
    self.renderer = renderer
    self.intent = intent
    self.replaced = replaced
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
      if findings.isEmpty {
        if let chart = path.chart {
          renderChart(chart, instance, path)
        } else {
          render(path, instance, depth: 0)
        }
      }
    }
    let hasErrors = findings.contains { $0.severity == .error }
    let objects = hasErrors ? [] : outputs.map(\.value)
    let document = Document(root: arena.list(objects), arena: arena, borrowing: borrowed)
    var manifests: [Manifest] = []
    if !hasErrors {
      manifests.reserveCapacity(outputs.count)
      for output in outputs {
        var manifest = Manifest(
          document: document, value: output.value,
          resource: output.template ?? output.path.resources[output.resource].id)
        manifest.isShared = output.isShared
        manifests.append(manifest)
      }
      checkIdentities(manifests)
      if findings.contains(where: { $0.severity == .error }) { manifests = [] }
    }
    return RenderedUnit(
      identity: intent.intent.unit(in: renderer.context.environment), document: document,
      manifests: manifests, findings: findings)
  }

  func borrow(_ path: GoldenPath) {
    if !borrowed.contains(where: { $0 === path.memory }) { borrowed.append(path.memory) }
  }

  // MARK: the instance

  /// The intent with its defaults, as `schema` shows it; nil when it does not fit the schema.
  private func instance(of path: GoldenPath) -> Instance? {
    let root = intent.document.root
    var spec = root["spec"]
    // A GoldenPath takes a missing spec for an empty one; kro does not (a CRD's spec is optional).
    if path.dialect != .resourceGraphDefinition, spec.isAbsent || spec.isNull { spec = .emptyMap }
    // A chart holds its values against its schema once its defaults are in.
    if path.chart != nil { return self.instance(root, spec: spec, path) }
    let defaulted = path.schema.defaulted(spec, in: arena)
    let old = replaced.map { path.schema.defaulted($0.document.root["spec"], in: arena) }
    let problems = path.schema.problems(
      in: defaulted, at: FieldPath(keys: "spec"), old: old ?? .absent, rules: renderer.rules)
    for problem in problems {
      var finding = Finding(
        rule: "intent/\(problem.kind.rawValue)", problem.message,
        at: intent.place(of: problem.anchor, part: problem.part), help: problem.help)
      finding.path = problem.path
      report(finding)
    }
    guard problems.isEmpty else { return nil }
    var instance = instance(root, spec: defaulted, path)
    let patches = root["patches"]
    if patches.isKind(.map), patches.count > 0 { instance.patches = patches }
    return instance
  }

  func instance(_ root: Value, spec: Value, _ path: GoldenPath) -> Instance {
    var entries: [MapEntry] = []
    entries.reserveCapacity(4)
    var hasSpec = false
    for entry in root.entries {
      if entry.key.isString("patches") { continue }
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
        rule: "intent/rule", message(of: rule, frame),
        at: intent.place(of: rule.field ?? FieldPath(keys: "spec")),
        related: [.init(label: "the rule", place: path.place(of: rule.condition))])
      finding.path = rule.field
      report(finding)
    }
    frame.evaluator.reset()
  }

  private func message(of rule: GoldenPath.Rule, _ frame: RenderFrame) -> String {
    var message = ""
    for part in rule.message {
      switch part {
      case .literal(let text): message += text
      case .expression(let expression):
        let result = frame.evaluator.evaluate(expression.program)
        if case .value(let value) = frame.evaluator.plain(result, in: arena) {
          message += shown(value)
        } else {
          message += "'\(expression.shown)'"
        }
      }
    }
    return message
  }
}

/// A value inside a message: texts and numbers as they are, what has parts by its kind.
private func shown(_ value: Value) -> String {
  switch value.kind {
  case .string: value.asString ?? ""
  case .int: "\(value.intPayload)"
  case .double: "\(value.doublePayload)"
  case .bool: value.isTrue ? "true" : "false"
  default: described(value)
  }
}
