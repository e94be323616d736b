import CEL
public import Diagnostics
import Documents
public import ServedKinds

extension GoldenPathLibrary {
  /// What is wrong with the templates as objects of a Kubernetes version, told before any intent is rendered: fields that
  /// their kind does not have, values and expressions of another type than their field takes.
  ///
  /// Templates of kinds that are not known there are passed over, and so are fields whose types do not tell.
  public func typeFindings(in kinds: ServedKinds) -> [Finding] {
    paths.flatMap { path in
      path.resources.flatMap { resource -> [Finding] in
        guard !resource.isExternal,
          let kind = kinds.kind(apiVersion: resource.apiVersion, kind: resource.kind)
        else { return [] }
        var check = TemplateTypeCheck(
          path: path, resource: resource, version: "1.\(kinds.minor)")
        check.check(path.document.root[resource.templatePath()], kind.celType)
        return check.findings
      }
    }
  }
}

private struct TemplateTypeCheck {
  let path: GoldenPath
  let resource: Resource
  let version: String
  var findings: [Finding] = []
  private var steps: [FieldPath.Step] = []

  init(path: GoldenPath, resource: Resource, version: String) {
    self.path = path
    self.resource = resource
    self.version = version
  }

  mutating func check(_ value: Value, _ type: CELType) {
    switch (value.kind, type) {
    case (.absent, _), (.null, _), (_, .dyn): return
    case (.map, .object(let object)): checkFields(value, object)
    case (.map, .map(_, let element)):
      for entry in value.entries where !entry.key.isString("<<") {
        descend(.key(entry.key.asString ?? ""), entry.value, element)
      }
    case (.list, .list(let element)):
      for (index, item) in value.elements.enumerated() { descend(.index(index), item, element) }
    case (.string, _): checkText(value, type)
    default: checkKind(value, type)
    }
  }

  private mutating func descend(_ step: FieldPath.Step, _ value: Value, _ type: CELType) {
    guard steps.count < 64 else { return }
    steps.append(step)
    check(value, type)
    steps.removeLast()
  }

  private mutating func checkFields(_ value: Value, _ object: ObjectType) {
    for entry in value.entries {
      guard let key = entry.key.asString, key != "<<" else { continue }
      guard let type = object.fields[key] else {
        // A CustomResourceDefinition's schema without its own fields tells nothing.
        if object.fields.isEmpty { return }
        steps.append(.key(key))
        report(
          "unknown-field",
          "\(resource.kind) of Kubernetes \(version) has no field '\(FieldPath(steps))'",
          part: .key,
          help: nearestName(to: key, in: object.fields.keys.sorted()).map {
            "did you mean '\($0)'?"
          })
        steps.removeLast()
        continue
      }
      descend(.key(key), entry.value, type)
    }
  }

  private mutating func checkText(_ value: Value, _ type: CELType) {
    let way = resource.templatePath(FieldPath(steps))
    let expressions = resource.plan?.expressions.filter { $0.path == way } ?? []
    guard let first = expressions.first else { return checkKind(value, type) }
    // An expression among other text gives a text.
    let isWhole = expressions.count == 1 && first.range == 2..<value.count - 1
    let given = isWhole ? first.type : .string
    guard let word = Self.mismatch(of: given, with: type) else { return }
    report(
      "wrong-type",
      "'\(FieldPath(steps))' takes \(word), "
        + (isWhole ? "'\(first.shown)' gives \(given)" : "found a text with expressions"),
      part: .value, help: nil)
  }

  private mutating func checkKind(_ value: Value, _ type: CELType) {
    let given: CELType
    switch value.kind {
    case .bool: given = .bool
    case .int, .uint: given = .int
    case .double: given = .double
    case .string: given = .string
    case .list: given = .list(.dyn)
    case .map: given = .map(.string, .dyn)
    default: return
    }
    guard let word = Self.mismatch(of: given, with: type) else { return }
    report("wrong-type", "'\(FieldPath(steps))' takes \(word)", part: .value, help: nil)
  }

  /// What a field takes that a value of a type can never be; nil when it may be. Quantities and times are texts in the
  /// schemas, and take numbers too, so a number for a text is passed over.
  private static func mismatch(of given: CELType, with wanted: CELType) -> String? {
    if case .optional(let inner) = given { return mismatch(of: inner, with: wanted) }
    if case .wrapper(let inner) = given { return mismatch(of: inner, with: wanted) }
    enum Shape { case text, flag, number, list, map }
    func shape(_ type: CELType) -> Shape? {
      switch type {
      case .string, .bytes, .timestamp: .text
      case .bool: .flag
      case .int, .uint, .double: .number
      case .list: .list
      case .map, .object: .map
      default: nil
      }
    }
    guard let wantedShape = shape(wanted), let givenShape = shape(given),
      wantedShape != givenShape, !(wantedShape == .text && givenShape == .number)
    else { return nil }
    switch wantedShape {
    case .text: return "a text"
    case .flag: return "true or false"
    case .number: return "a number"
    case .list: return "a list"
    case .map: return "a map"
    }
  }

  private mutating func report(
    _ rule: String, _ message: String, part: Place.Part, help: String?
  ) {
    findings.append(
      Finding(
        rule: "golden-path/\(rule)", message,
        at: path.place(resource.templatePath(FieldPath(steps)), part: part), help: help,
        related: path.usesRelated(resource.templatePath(FieldPath(steps)))))
  }
}
