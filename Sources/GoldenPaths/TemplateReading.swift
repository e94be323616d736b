import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Schemas

extension GoldenPathReader {
  /// The plan of a resource's template, and what its expressions read.
  mutating func plan(
    of draft: ResourceDraft, _ scope: ExpressionScope
  ) -> (plan: TemplatePlan, reads: Reads) {
    let inherits =
      draft.scope == .namespaced && draft.template["metadata"].isKind(.map)
      && isMissing(draft.template["metadata"]["namespace"])
    var compiler = TemplateCompiler(
      reader: self, draft: draft, scope: scope, inheritsNamespace: inherits)
    compiler.compileRoot()
    self = compiler.reader
    return (compiler.plan, compiler.reads)
  }
}

/// Turns a template's tree into a plan.
private struct TemplateCompiler {
  var reader: GoldenPathReader
  let draft: ResourceDraft
  var scope: ExpressionScope
  let inheritsNamespace: Bool
  var reads = Reads()
  private var nodes: [PlanNode] = []
  private var steps: [Value] = []
  private var expressions: [Expression] = []
  private var path: FieldPath
  private let arena = Arena(firstChunkByteCount: 512)
  /// A CustomResourceDefinition holds texts of its own with `${`: only its metadata is a template.
  private let isDefinition: Bool
  private var depth = 0
  /// The scopes of the parts' expressions, by use.
  private var useScopes: [Int: ExpressionScope] = [:]
  private var arguments: [ImportedArgument] = []
  /// The scope of what the golden path itself writes.
  private let ownScope: ExpressionScope

  init(
    reader: GoldenPathReader, draft: ResourceDraft, scope: ExpressionScope, inheritsNamespace: Bool
  ) {
    self.reader = reader
    self.draft = draft
    self.scope = scope
    ownScope = scope
    self.inheritsNamespace = inheritsNamespace
    path = draft.path.key(draft.chartFolder == nil ? "template" : "chart")
    isDefinition =
      draft.kind == "CustomResourceDefinition"
      && splitAPIVersion(draft.apiVersion).group == "apiextensions.k8s.io"
  }

  var plan: TemplatePlan {
    TemplatePlan(
      nodes: nodes, steps: steps, expressions: expressions,
      document: Document(root: .null, arena: arena, borrowing: [reader.document]),
      arguments: arguments)
  }

  mutating func compileRoot() {
    nodes = [PlanNode(kind: .constant, value: draft.template)]
    fill(0, draft.template)
  }

  /// Fills in the node at `index` for a value, its children behind all nodes there are.
  private mutating func fill(_ index: Int, _ value: Value) {
    depth += 1
    let outerScope = scope
    if !reader.imports.regions.isEmpty, let use = reader.imports.regions[path] {
      scope = useScope(use)
    }
    defer {
      depth -= 1
      scope = outerScope
    }
    let isOwnMetadata = depth == 2 && nodes[index].key.isString("metadata")
    let needsNamespace = inheritsNamespace && isOwnMetadata
    switch value.kind {
    case .string: fillText(index, value)
    case .map:
      checkKeys(value)
      guard needsNamespace || holdsExpression(value) || inheritsNamespace && depth == 1 else {
        return
      }
      fillMap(index, value, addingNamespace: needsNamespace)
    case .list:
      guard holdsExpression(value) else { return }
      fillList(index, value)
    default: break
    }
  }

  /// The scope of the expressions that a use of a part puts here; what it is given is compiled when it is first met.
  private mutating func useScope(_ index: Int) -> ExpressionScope {
    if let known = useScopes[index] { return known }
    let outer = reader.imports.uses[index].outer.map { useScope($0) } ?? ownScope
    let builtIn = GoldenPath.variableNames(reader.dialect).count
    let made = reader.scope(
      ofUse: index, in: outer, firstSlot: ownScope.variables.count + arguments.count,
      builtInCount: builtIn, &arguments)
    reads.append(made.reads)
    useScopes[index] = made.scope
    reader.mostSlots = max(reader.mostSlots, made.scope.variables.count)
    return made.scope
  }

  private mutating func fillMap(_ index: Int, _ value: Value, addingNamespace: Bool) {
    let start = nodes.count
    // The namespace that is written as null gives way to the inherited one.
    let entries = value.entries.filter {
      !$0.key.isString("<<") && (!addingNamespace || !$0.key.isString("namespace"))
    }
    let merged = value["<<"]
    let count = entries.count + merged.elements.count + (addingNamespace ? 1 : 0)
    nodes[index] = PlanNode(
      kind: merged.isAbsent ? .map : .mergingMap, key: nodes[index].key, start: Int32(start),
      count: Int32(count))
    for entry in entries {
      nodes.append(PlanNode(kind: .constant, key: entry.key, value: entry.value))
    }
    let firstMerged = nodes.count
    for item in merged.elements {
      nodes.append(PlanNode(kind: .constant, key: arena.string("<<"), value: item))
    }
    if addingNamespace {
      nodes.append(PlanNode(kind: .inheritedNamespace, key: arena.string("namespace")))
    }
    for (offset, entry) in entries.enumerated() {
      path.steps.append(.key(entry.key.asString ?? ""))
      fill(start + offset, entry.value)
      path.steps.removeLast()
    }
    for (offset, item) in merged.elements.enumerated() {
      path.steps += [.key("<<"), .index(offset)]
      fill(firstMerged + offset, item)
      checkIsMap(firstMerged + offset)
      path.steps.removeLast(2)
    }
  }

  /// What is merged must be a map.
  private mutating func checkIsMap(_ index: Int) {
    let node = nodes[index]
    switch node.kind {
    case .text:
      reader.fields.report("invalid-merge", "'<<' merges maps, found a text", at: path)
    case .path, .program:
      guard expressions.indices.contains(Int(node.expression)) else { return }
      let expression = expressions[Int(node.expression)]
      var type = expression.type
      if case .optional(let inner) = type { type = inner }
      guard let types = schemaTypes(of: type), !types.contains(.object) else { return }
      reader.fields.report(
        "invalid-merge", "'<<' merges maps, '\(expression.shown)' gives \(type)", at: path,
        part: expression.part())
    default: break
    }
  }

  private mutating func fillList(_ index: Int, _ value: Value) {
    let start = nodes.count
    nodes[index] = PlanNode(
      kind: .list, key: nodes[index].key, start: Int32(start), count: Int32(value.count))
    for element in value.elements { nodes.append(PlanNode(kind: .constant, value: element)) }
    for (offset, element) in value.elements.enumerated() {
      path.steps.append(.index(offset))
      fill(start + offset, element)
      path.steps.removeLast()
    }
  }

  /// Expressions in keys are no expressions: kro leaves them as text, a GoldenPath refuses them.
  private mutating func checkKeys(_ value: Value) {
    for entry in value.entries where Interpolation.mayContainExpression(entry.key.utf8) {
      guard let key = entry.key.asString else { continue }
      let isOwn = reader.dialect == .goldenPath
      reader.fields.append(
        Finding(
          rule: "golden-path/expression-in-key", severity: isOwn ? .error : .warning,
          isOwn ? "a key cannot hold an expression" : "the expression in a key stays as it is",
          at: reader.fields.place(path.key(key), part: .key),
          help: "write the whole map as one expression: ${{name: value}}"))
    }
  }

  // MARK: texts

  private mutating func fillText(_ index: Int, _ value: Value) {
    guard Interpolation.mayContainExpression(value.utf8), let text = value.asString,
      !isPatchExpression
    else { return }
    switch Interpolation.parse(text) {
    case .failure(let failure):
      reader.fields.report(failure, at: path)
    case .success(let parts):
      if parts.expressions.isEmpty { return }
      guard isAllowedHere(parts) else { return }
      if parts.isStandalone, let only = parts.expressions.first {
        fillExpression(index, only.source, only.range)
      } else {
        fillParts(index, parts)
      }
    }
  }

  /// Whether the text is the expression of a chart's patch, which is compiled with `object` in scope.
  private var isPatchExpression: Bool {
    let inside = path.steps.dropFirst(draft.path.steps.count)
    return draft.chartFolder != nil && inside.count == 4 && inside.last == .key("expression")
      && inside.dropFirst().first == .key("patches")
  }

  private mutating func isAllowedHere(_ parts: Interpolation) -> Bool {
    guard isDefinition, path.steps.count > draft.path.steps.count + 1,
      path.steps[draft.path.steps.count + 1] != .key("metadata")
    else { return true }
    reader.fields.report(
      "expression-in-definition",
      "the template of a CustomResourceDefinition can hold expressions in 'metadata' only",
      at: path, part: .text(parts.expressions[0].range))
    return false
  }

  private mutating func fillParts(_ index: Int, _ parts: Interpolation) {
    let start = nodes.count
    nodes[index] = PlanNode(
      kind: .text, key: nodes[index].key, start: Int32(start), count: Int32(parts.parts.count))
    for part in parts.parts {
      if case .literal(let text, _) = part {
        nodes.append(PlanNode(kind: .constant, value: arena.string(text)))
      } else {
        nodes.append(PlanNode(kind: .constant))
      }
    }
    for (offset, part) in parts.parts.enumerated() {
      guard case .expression(let source, let range) = part,
        let expression = fillExpression(start + offset, source, range)
      else { continue }
      checkIsText(expression)
    }
  }

  private mutating func checkIsText(_ expression: Expression) {
    switch expression.type {
    case .string, .dyn, .error, .parameter, .wrapper(.string): break
    case let type:
      reader.fields.report(
        "wrong-type",
        "'\(expression.shown)' gives \(type), but only text can stand between other text", at: path,
        part: expression.part(), help: "write ${string(\(expression.shown))}")
    }
  }

  @discardableResult
  private mutating func fillExpression(
    _ index: Int, _ source: String, _ range: Range<Int>
  ) -> Expression? {
    guard let expression = reader.compile(source, range: range, at: path, scope) else { return nil }
    reads.append(reader.checkReads(of: expression, scope, by: draft))
    checkIdentity(expression)
    nodes[index].kind = .program
    nodes[index].expression = Int32(expressions.count)
    expressions.append(expression)
    makePlain(index, source)
    return expression
  }

  /// The name, and a namespace that nothing else gives, cannot be taken away.
  private mutating func checkIdentity(_ expression: Expression) {
    let metadata = draft.path.key("template").key("metadata")
    if path == metadata.key("name") {
      reader.checkNoOmit(expression, in: "'metadata.name'")
    } else if path == metadata.key("namespace"), reader.header.isClusterScoped {
      reader.checkNoOmit(expression, in: "'metadata.namespace' of a cluster-scoped intent")
    }
  }

  /// Makes a node that only walks down from a variable one that needs no evaluator.
  private mutating func makePlain(_ index: Int, _ source: String) {
    guard let plain = scope.plain(source),
      !reader.drafts.contains(where: { $0.isSecret && $0.id == scope.variables[plain.slot].name })
    else { return }
    nodes[index].kind = .path
    nodes[index].slot = Int32(plain.slot)
    nodes[index].start = Int32(steps.count)
    nodes[index].count = Int32(plain.steps.count)
    for step in plain.steps {
      switch step {
      case .key(let key): steps.append(arena.string(key))
      case .index(let position): steps.append(.int(Int64(position)))
      }
    }
  }
}

/// Whether any text in a value may hold an expression.
func holdsExpression(_ value: Value) -> Bool {
  switch value.kind {
  case .string: Interpolation.mayContainExpression(value.utf8)
  case .list: value.elements.contains(where: holdsExpression)
  case .map: value.entries.contains { holdsExpression($0.value) }
  default: false
  }
}
