import CEL
import Diagnostics
import Documents
import Intents
import Manifests

extension GoldenPathReader {
  /// The resources with their expressions compiled; nil for one that could not be.
  mutating func compiledResources(_ scope: ExpressionScope) -> [Resource?] {
    var resources: [Resource?] = []
    for draft in drafts { resources.append(compiled(draft, scope)) }
    let read = Set(resources.flatMap { $0?.dependencies ?? [] })
    for index in read { resources[index]?.isRead = true }
    return resources
  }

  private mutating func compiled(_ draft: ResourceDraft, _ base: ExpressionScope) -> Resource? {
    var reads = Reads()
    var includeWhen: [Expression] = []
    let includePath = draft.path.key("includeWhen")
    for (index, value) in fields.list(draft.map, "includeWhen", at: draft.path).enumerated() {
      guard
        let expression = standalone(
          value, at: includePath.index(index), what: "an entry of 'includeWhen'", base)
      else { continue }
      reads.append(checkReads(of: expression, base, by: draft))
      checkBool(expression, what: "'includeWhen'")
      includeWhen.append(expression)
    }
    let (dimensions, iterators) = compiledDimensions(draft, base, &reads)
    let scope = base.adding(iterators)
    var plan: TemplatePlan?
    var patches: [ChartPatch] = []
    if draft.template.isKind(.map) {
      let compiled = self.plan(of: draft, scope)
      plan = compiled.plan
      reads.append(compiled.reads)
      if draft.chartFolder != nil { patches = chartPatches(of: draft, base, &reads) }
      if !dimensions.isEmpty { checkIdentity(draft, dimensions, compiled.plan) }
    } else if !draft.externalRef.isAbsent {
      compileExternal(draft, base)
    }
    checkReadyWhen(draft, base)
    edges[draft.index] = reads.resources
    return Resource(
      id: draft.id, chartFolder: draft.chartFolder, index: draft.index, path: draft.path,
      plan: plan,
      apiVersion: draft.apiVersion, kind: draft.kind, scope: draft.scope,
      includeWhen: includeWhen, forEach: dimensions,
      dependencies: Set(reads.resources.map(\.index)).sorted(), clusterReads: reads.cluster,
      isSecret: draft.isSecret, patches: patches, isShared: draft.isShared,
      known: draft.known)
  }

  private mutating func compiledDimensions(
    _ draft: ResourceDraft, _ base: ExpressionScope, _ reads: inout Reads
  ) -> (dimensions: [Resource.Dimension], variables: [Variable]) {
    var dimensions: [Resource.Dimension] = []
    var variables: [Variable] = []
    for iterator in draft.iterators {
      let what = "the list of '\(iterator.name)'"
      var element = CELType.dyn
      if let expression = standalone(iterator.value, at: iterator.path, what: what, base) {
        reads.append(checkReads(of: expression, base, by: draft))
        checkNoOmit(expression, in: what)
        switch expression.type {
        case .list(let type): element = type
        case .dyn, .error, .parameter: break
        case let type:
          fields.report(
            "wrong-type", "\(what) must be a list, '\(expression.shown)' gives \(type)",
            at: iterator.path, part: expression.part())
        }
        dimensions.append(
          Resource.Dimension(
            name: iterator.name, expression: expression,
            slot: base.variables.count + variables.count))
      }
      variables.append(Variable(iterator.name, type: element))
    }
    return (dimensions, variables)
  }

  /// Every iterator must be in the name or, for a namespaced kind, in the namespace: else two
  /// objects of the collection would be one.
  private mutating func checkIdentity(
    _ draft: ResourceDraft, _ dimensions: [Resource.Dimension], _ plan: TemplatePlan
  ) {
    let metadata = draft.path.key("template").key("metadata")
    let paths =
      [metadata.key("name")] + (draft.scope == .namespaced ? [metadata.key("namespace")] : [])
    let merged = metadata.key("<<")
    let used = Set(
      plan.expressions
        .filter { paths.contains($0.path) || $0.path == metadata || merged.contains($0.path) }
        .flatMap { imports.imported.outerVariables(of: $0) })
    for iterator in draft.iterators where !used.contains(iterator.name) {
      fields.report(
        "iterator-not-in-name",
        "the iterator '\(iterator.name)' is not used in 'metadata.name', so that objects would "
          + "share a name", at: iterator.path, part: .key,
        related: [.init(label: "the name", place: fields.place(metadata.key("name")))])
    }
  }

  private mutating func compileExternal(_ draft: ResourceDraft, _ scope: ExpressionScope) {
    var waiting: [(Value, FieldPath)] = [
      (draft.externalRef["metadata"], draft.path.key("externalRef").key("metadata"))
    ]
    while let (value, path) = waiting.popLast() {
      for entry in value.entries {
        waiting.append((entry.value, path.key(entry.key.asString ?? "")))
      }
      for (index, element) in value.elements.enumerated() {
        waiting.append((element, path.index(index)))
      }
      guard let text = value.asString else { continue }
      for expression in compiledParts(text, at: path, scope) {
        checkReads(of: expression, scope, by: draft)
      }
    }
  }

  /// The expressions of a text that may have several.
  mutating func compiledParts(
    _ text: String, at path: FieldPath, _ scope: ExpressionScope
  ) -> [Expression] {
    switch Interpolation.parse(text) {
    case .failure(let failure):
      fields.report("invalid-expression", failure.message, at: path, part: .text(failure.range))
      return []
    case .success(let parts):
      var expressions: [Expression] = []
      for (source, range) in parts.expressions {
        guard let expression = compile(source, range: range, at: path, scope) else { continue }
        if !parts.isStandalone { checkText(expression) }
        expressions.append(expression)
      }
      return expressions
    }
  }

  mutating func checkText(_ expression: Expression) {
    switch expression.type {
    case .string, .dyn, .error, .parameter, .wrapper(.string): break
    case let type:
      fields.report(
        "wrong-type",
        "'\(expression.shown)' gives \(type), but only text can stand between other text",
        at: expression.path, part: expression.part(),
        help: "write ${string(\(expression.shown))}")
    }
  }

  /// `readyWhen` is about the cluster: it is checked, then ignored.
  private mutating func checkReadyWhen(_ draft: ResourceDraft, _ base: ExpressionScope) {
    let path = draft.path.key("readyWhen")
    let scope = draft.iterators.isEmpty ? base : base.adding([Variable("each")])
    for (index, value) in fields.list(draft.map, "readyWhen", at: draft.path).enumerated() {
      guard
        let expression = standalone(
          value, at: path.index(index), what: "an entry of 'readyWhen'", scope)
      else { continue }
      checkBool(expression, what: "'readyWhen'")
      checkReadyReads(expression, of: draft)
    }
  }

  /// `readyWhen` sees only the resource itself, or one object of its collection.
  private mutating func checkReadyReads(_ expression: Expression, of draft: ResourceDraft) {
    let known = draft.iterators.isEmpty ? draft.id : "each"
    for reference in expression.program.references where reference.variable != known {
      fields.report(
        "out-of-scope", "'readyWhen' of '\(draft.id)' cannot read '\(reference.variable)'",
        at: expression.path, part: expression.part(reference.range),
        help: "it can read '\(known)' only")
    }
  }

  // MARK: order

  /// The indices of the resources in dependency order; nil and a finding when there is a cycle.
  mutating func checkedOrder(_ resources: [Resource?]) -> [Int]? {
    let graph = DependencyGraph(dependencies: resources.map { $0?.dependencies ?? [] })
    if let order = graph.order { return order }
    guard let cycle = graph.cycle, let first = cycle.first else { return nil }
    let names = (cycle + [first]).map { "'\(drafts[$0].id)'" }
    var places: [(Expression, String)] = []
    for (offset, index) in cycle.enumerated() {
      let next = cycle[(offset + 1) % cycle.count]
      guard let edge = edges[index]?.first(where: { $0.index == next }) else { continue }
      places.append((edge.expression, "'\(drafts[index].id)' reads '\(drafts[next].id)'"))
    }
    guard let main = places.first else { return nil }
    fields.report(
      "cycle", "resources need each other: \(names.joined(separator: " -> "))", at: main.0.path,
      part: main.0.part(),
      related: places.dropFirst().map {
        .init(label: $0.1, place: fields.place($0.0.path, part: $0.0.part()))
      })
    return nil
  }

  // MARK: status

  /// `status` is about the cluster: it is checked, then ignored.
  mutating func checkStatus(_ status: Value, _ scope: ExpressionScope) {
    guard !isMissing(status) else { return }
    let path = spec.key("schema").key("status")
    for entry in fields.map(status, at: path).entries {
      let path = path.key(entry.key.asString ?? "")
      if entry.key.isString("conditions") {
        checkConditions(entry.value, at: path, scope)
      } else {
        checkStatusField(entry.value, at: path, scope)
      }
    }
  }

  private mutating func checkConditions(
    _ value: Value, at path: FieldPath, _ scope: ExpressionScope
  ) {
    guard value.isKind(.list) else {
      return fields.reportType(value, expected: "a list of expressions", at: path)
    }
    let scope = scope.adding([Variable("runtime")])
    for (index, element) in value.elements.enumerated() {
      _ = standalone(element, at: path.index(index), what: "a condition", scope)
    }
  }

  private mutating func checkStatusField(
    _ value: Value, at path: FieldPath, _ scope: ExpressionScope
  ) {
    switch value.kind {
    case .map:
      for entry in value.entries {
        checkStatusField(entry.value, at: path.key(entry.key.asString ?? ""), scope)
      }
    case .list:
      for (index, element) in value.elements.enumerated() {
        checkStatusField(element, at: path.index(index), scope)
      }
    default:
      guard let text = value.asString, Interpolation.mayContainExpression(value.utf8) else {
        return fields.report(
          "invalid-status",
          "a field of 'status' must hold an expression, found \(described(value))",
          at: path)
      }
      let count = fields.findings.count
      let expressions = compiledParts(text, at: path, scope)
      for expression in expressions { checkNoOmit(expression, in: "'status'") }
      guard fields.findings.count == count else { return }
      if expressions.allSatisfy({ $0.program.references.isEmpty }) {
        fields.report(
          "invalid-status", "a field of 'status' must read 'schema' or a resource", at: path,
          part: expressions.first?.part() ?? .value)
      }
    }
  }
}
