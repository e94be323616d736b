import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Schemas

/// What an expression reads, beside the intent.
struct Reads: Sendable {
  /// Indices of resources, with the expression that reads them.
  var resources: [(index: Int, expression: Expression)] = []
  /// Reads of what only a cluster knows.
  var cluster: [Resource.ClusterRead] = []

  mutating func append(_ other: Reads) {
    resources += other.resources
    cluster += other.cluster
  }
}

extension GoldenPathReader {
  /// Compiles an expression; reports what is wrong with it.
  mutating func compile(
    _ source: String, range: Range<Int>, at path: FieldPath, _ scope: ExpressionScope
  ) -> Expression? {
    if source.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
      fields.report(
        "invalid-expression", "the expression is empty", at: path, part: .text(range))
      return nil
    }
    switch scope.typed.compile(source) {
    case .success(let program):
      var expression = Expression(program: program, path: path, range: range)
      expression.scope = scope.id
      expression.type = type(of: program, scope)
      if let place = omitPlace(expression) { gatedPlaces.append(place) }
      return expression
    case .failure(let failure):
      if let problem = scope.names.problem(in: source) {
        fields.report(
          "unknown-name", problem.message, at: path,
          part: .text(Expression.part(problem.range, in: range)), help: problem.help)
        return nil
      }
      // Where only the types are wrong, the intent's schema tells it in better words.
      if case .success(let program) = scope.untyped.compile(source) {
        var expression = Expression(program: program, path: path, range: range)
        expression.scope = scope.id
        let count = fields.findings.count
        checkReads(of: expression, scope, by: nil)
        if fields.findings.count > count { return nil }
      }
      for issue in failure.issues.prefix(5) {
        let place = Expression.part(issue.range, in: range)
        fields.report(
          "invalid-expression", "'\(shortened(source))': \(firstLine(issue.message))", at: path,
          part: .text(place), help: issue.help)
      }
      return nil
    }
  }

  /// The expression that must be the whole of a scalar; reports what else stands there.
  mutating func standalone(
    _ value: Value, at path: FieldPath, what: String, _ scope: ExpressionScope
  ) -> Expression? {
    guard let text = value.asString else {
      fields.reportType(value, expected: "one expression '${…}'", at: path)
      return nil
    }
    switch Interpolation.parse(text) {
    case .failure(let failure):
      fields.report("invalid-expression", failure.message, at: path, part: .text(failure.range))
      return nil
    case .success(let parts):
      guard parts.isStandalone, let only = parts.expressions.first else {
        let help =
          text.hasSuffix("}\n")
          ? "write '|-' instead of '|': the line end belongs to the text" : nil
        fields.report(
          "not-standalone", "\(what) must be one expression '${…}' and nothing else", at: path,
          help: help)
        return nil
      }
      return compile(only.source, range: only.range, at: path, scope)
    }
  }

  private func type(of program: Program, _ scope: ExpressionScope) -> CELType {
    if program.resultType != .dyn { return program.resultType }
    guard let path = scope.plain(program.source) else { return .dyn }
    var type = scope.variables[path.slot].type
    for step in path.steps {
      switch (type, step) {
      case (.object(let object), .key(let key)): type = object.fields[key] ?? .dyn
      case (.map(_, let value), .key): type = value
      case (.list(let element), .index): type = element
      default: return .dyn
      }
    }
    return type
  }

  /// Reports `omit()` where it cannot take anything away: everywhere but in a template's fields.
  mutating func checkNoOmit(_ expression: Expression, in what: String) {
    guard let range = callRange(of: "omit", in: expression.program.source) else { return }
    fields.report(
      "misplaced-omit", "'omit()' cannot be used in \(what)", at: expression.path,
      part: expression.part(range))
  }

  /// Reports an expression that cannot give a bool.
  mutating func checkBool(_ expression: Expression, what: String) {
    checkNoOmit(expression, in: what)
    switch expression.type {
    case .bool, .dyn, .null, .error, .optional(.bool), .optional(.dyn), .wrapper(.bool): break
    case .optional(.parameter): break
    case let type:
      fields.report(
        "wrong-type", "\(what) must give true or false, '\(expression.shown)' gives \(type)",
        at: expression.path, part: expression.part())
    }
  }

  // MARK: reads

  /// Holds what an expression reads against what there is: fields of the intent's schema, fields
  /// of other resources' templates.
  @discardableResult
  mutating func checkReads(
    of expression: Expression, _ scope: ExpressionScope, by reader: ResourceDraft?
  ) -> Reads {
    var reads = Reads()
    for reference in expression.program.references {
      if let name = imports.imported.meaning(reference.variable, in: scope.id) {
        // What a part is given was read where it is given.
        if case .variable(let index) = name, imports.imported.variables.indices.contains(index) {
          reads.append(imports.imported.variables[index].reads)
        }
        continue
      }
      switch reference.variable {
      case "schema": checkIntentRead(reference, expression, &reads)
      case "environment", "platform", "intent":
        guard dialect == .goldenPath else { fallthrough }
        if reference.variable == "intent" {
          checkIntentRead(reference, expression, &reads)
        } else {
          checkPlatformRead(reference, expression)
        }
      default:
        guard scope.seesResources,
          let draft = drafts.first(where: { $0.id == reference.variable })
        else { continue }
        reads.resources.append((draft.index, expression))
        checkResourceRead(reference, of: draft, expression, &reads)
      }
    }
    return reads
  }

  private mutating func checkPlatformRead(
    _ reference: Program.Reference, _ expression: Expression
  ) {
    guard case .key(let key)? = reference.path.first else { return }
    let known =
      reference.variable == "environment" ? PlatformFields.environment : PlatformFields.platform
    if !known.contains(key) {
      reportUnknownRead(reference, expression, key: key, of: reference.variable, known: known)
    }
  }

  private mutating func checkIntentRead(
    _ reference: Program.Reference, _ expression: Expression, _ reads: inout Reads
  ) {
    guard case .key(let first)? = reference.path.first else { return }
    let rest = Array(reference.path.dropFirst())
    switch first {
    case "spec":
      if let problem = schemaProblem(rest, below: specNode, named: "\(reference.variable).spec") {
        fields.report(
          problem.rule, problem.message, at: expression.path,
          part: expression.part(reference.range), help: problem.help)
      }
    case "metadata": checkMetadataRead(reference, rest, expression, &reads)
    case "apiVersion", "kind": reportScalarRead(reference, rest[...], below: first, expression)
    default:
      reportUnknownRead(
        reference, expression, key: first, of: reference.variable,
        known: ["apiVersion", "kind", "metadata", "spec"])
    }
  }

  private mutating func checkMetadataRead(
    _ reference: Program.Reference, _ steps: [FieldPath.Step], _ expression: Expression,
    _ reads: inout Reads
  ) {
    guard case .key(let field)? = steps.first else { return }
    if MetadataFields.assigned.contains(field) {
      reads.cluster.append(
        .init(
          expression: expression, range: reference.range,
          reason: "'metadata.\(field)' is assigned by the cluster"))
    } else if field == "name" || field == "namespace" {
      if field == "namespace", header.isClusterScoped {
        fields.report(
          "unknown-field", "'\(header.kind)' is cluster-scoped and has no namespace",
          at: expression.path, part: expression.part(reference.range))
      }
      reportScalarRead(reference, steps.dropFirst(), below: "metadata.\(field)", expression)
    } else if !MetadataFields.written.contains(field) {
      reportUnknownRead(
        reference, expression, key: field, of: "\(reference.variable).metadata",
        known: MetadataFields.written)
    } else {
      // labels and annotations: any key, and below it a text.
      reportScalarRead(reference, steps.dropFirst(2), below: "metadata.\(field)", expression)
    }
  }

  private mutating func reportScalarRead(
    _ reference: Program.Reference, _ steps: ArraySlice<FieldPath.Step>, below name: String,
    _ expression: Expression
  ) {
    guard let step = steps.first else { return }
    fields.report(
      "wrong-type", "'\(reference.variable).\(name)' is text and has no \(described(step))",
      at: expression.path, part: expression.part(reference.range))
  }

  private mutating func reportUnknownRead(
    _ reference: Program.Reference, _ expression: Expression, key: String, of owner: String,
    known: [String]
  ) {
    fields.report(
      "unknown-field", "'\(owner)' has no field '\(key)'", at: expression.path,
      part: expression.part(reference.range),
      help: nearestName(to: key, in: known).map { "did you mean '\($0)'?" }
        ?? "it has: \(known.joined(separator: ", "))")
  }

  /// Why a path leads nowhere in a schema; nil when it may lead somewhere.
  func schemaProblem(
    _ steps: [FieldPath.Step], below root: SchemaNode?, named name: String
  ) -> (rule: String, message: String, help: String?)? {
    guard var node = root else {
      guard let step = steps.first else { return nil }
      return ("unknown-field", "'\(name)' has no \(described(step)): the schema is empty", nil)
    }
    var way = name
    for step in steps {
      let isObject = node.types.isEmpty || node.types.contains(.object)
      let isList = node.types.isEmpty || node.types.contains(.array)
      switch step {
      case .key(let key):
        guard isObject else {
          return ("wrong-type", "'\(way)' is \(node.typeName) and has no field '\(key)'", nil)
        }
        guard let child = node.child(key) else {
          if node.isOpen || node.types.isEmpty { return nil }
          let names = node.propertyNames
          return (
            "unknown-field", "'\(way)' has no field '\(key)'",
            nearestName(to: key, in: names).map { "did you mean '\($0)'?" }
              ?? (names.isEmpty ? nil : "it has: \(names.joined(separator: ", "))")
          )
        }
        node = child
        way += "." + key
      case .index(let index):
        guard isList else {
          return ("wrong-type", "'\(way)' is \(node.typeName) and no list", nil)
        }
        guard let child = node.items else { return nil }
        node = child
        way += "[\(index)]"
      }
    }
    return nil
  }

  // MARK: reads of other resources

  private mutating func checkResourceRead(
    _ reference: Program.Reference, of draft: ResourceDraft, _ expression: Expression,
    _ reads: inout Reads
  ) {
    func needsCluster(_ reason: String) {
      reads.cluster.append(
        .init(expression: expression, range: reference.range, reason: reason))
    }
    if !draft.externalRef.isAbsent {
      if draft.known.isAbsent || draft.isSelector {
        return needsCluster("'\(draft.id)' is an object of the cluster")
      }
      if draft.known[FieldPath(reference.path)].isAbsent {
        needsCluster("'static' of '\(draft.id)' does not say '\(FieldPath(reference.path))'")
      }
      return
    }
    var steps = reference.path[...]
    if !draft.iterators.isEmpty {
      guard let first = steps.first else { return }
      guard case .index = first else {
        fields.report(
          "wrong-type", "'\(draft.id)' is a list, since it has 'forEach'", at: expression.path,
          part: expression.part(reference.range))
        return
      }
      steps = steps.dropFirst()
    }
    if !draft.known.isAbsent, !draft.known[FieldPath(Array(steps))].isAbsent { return }
    if steps.first == .key("status") {
      return needsCluster("'status' is written by the cluster")
    }
    guard let missing = missingField(Array(steps), in: draft, isOptional: reference.isOptional)
    else { return }
    needsCluster("the template of '\(draft.id)' does not set '\(missing)'")
  }

  /// The field of a template that a path needs and that the template does not set; nil when it is
  /// there, or may be.
  private func missingField(
    _ steps: [FieldPath.Step], in draft: ResourceDraft, isOptional: Bool
  ) -> FieldPath? {
    let kind = GroupKind(group: splitAPIVersion(draft.apiVersion).group, kind: draft.kind)
    if surroundings.goldenPathKinds.contains(kind), steps.first == .key("spec") { return nil }
    if isOptional, steps.count > 1, holdsFreeKeys(steps) { return nil }
    if steps == [.key("metadata"), .key("namespace")], draft.scope == .namespaced { return nil }
    var value = draft.template
    for (index, step) in steps.enumerated() {
      if value.isKind(.string), Interpolation.mayContainExpression(value.utf8) { return nil }
      // What is merged into a map may have the field.
      if !value["<<"].isAbsent { return nil }
      let next = value[FieldPath([step])]
      guard next.isAbsent else {
        value = next
        continue
      }
      return FieldPath(Array(steps.prefix(index + 1)))
    }
    return nil
  }

  /// Whether a path leads into a map whose keys nobody but the template sets.
  private func holdsFreeKeys(_ steps: [FieldPath.Step]) -> Bool {
    switch (steps[0], steps[1]) {
    case (.key("data"), _), (.key("stringData"), _), (.key("binaryData"), _): true
    case (.key("metadata"), .key("labels")), (.key("metadata"), .key("annotations")): true
    default: false
    }
  }

  private func omitPlace(_ expression: Expression) -> Place? {
    guard let range = callRange(of: "omit", in: expression.program.source) else { return nil }
    return fields.place(expression.path, part: expression.part(range))
  }
}

extension Expression {
  /// A range of an expression's source as a range of the scalar's text.
  static func part(_ inner: Range<Int>, in range: Range<Int>) -> Range<Int> {
    let start = min(range.lowerBound + inner.lowerBound, range.upperBound)
    return start..<min(max(start, range.lowerBound + inner.upperBound), range.upperBound)
  }
}

private func described(_ step: FieldPath.Step) -> String {
  switch step {
  case .key(let key): "field '\(key)'"
  case .index(let index): "element \(index)"
  }
}

func firstLine(_ text: String) -> String {
  String(text.prefix { $0 != "\n" })
}

/// Where a function without arguments is called in a source text, strings passed over.
private func callRange(of name: String, in source: String) -> Range<Int>? {
  let bytes = Array(source.utf8)
  let wanted = Array(name.utf8) + [UInt8(ascii: "(")]
  var quote: UInt8?
  var position = 0
  while position < bytes.count {
    let byte = bytes[position]
    if let open = quote {
      if byte == UInt8(ascii: "\\") { position += 1 } else if byte == open { quote = nil }
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      quote = byte
    } else if bytes[position...].starts(with: wanted),
      position == 0 || !isNameByte(bytes[position - 1])
    {
      return position..<position + name.utf8.count
    }
    position += 1
  }
  return nil
}

private func isNameByte(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
    || byte == UInt8(ascii: ".")
}

extension FieldReader {
  /// Reports a text of a template that cannot be cut into its expressions.
  mutating func report(_ failure: Interpolation.Failure, at path: FieldPath) {
    report(
      "invalid-expression", failure.message, at: path, part: .text(failure.range),
      help: "a text that holds '${' itself is written ${\"${…}\"}")
  }
}
