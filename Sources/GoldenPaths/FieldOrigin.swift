import CEL
public import Diagnostics
import Documents
public import Intents
public import Manifests

/// Where a field of a manifest came from, worked out from the templates when it is asked for.
public struct FieldOrigin: Sendable {
  /// The line of the template that makes the field, or the nearest thing around it.
  public let template: Place
  /// The field of the intent that the value is made of; nil when it is the template's own, or made
  /// of several.
  public let intentField: FieldPath?
  /// Where the schema says the value, when the intent leaves the field to its default.
  public let schemaDefault: Place?
}

extension GoldenPathLibrary {
  /// Where the field at a path of a manifest came from; nil when that is not known for sure.
  ///
  /// `manifest` was rendered from `intent` with this library. For a field that is not there the
  /// origin is that of the map or list that lacks it.
  public func origin(
    of field: FieldPath, in manifest: Manifest, of intent: EffectiveIntent
  ) -> FieldOrigin? {
    guard let path = path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind) else {
      return nil
    }
    let chains = chains(to: manifest, from: path, depth: 0)
    guard chains.count == 1, let chain = chains.first else { return nil }
    if chain.count == 1, let patch = patchField(field, in: chain[0].resource, of: intent) {
      let step = path.step(from: field, in: chain[0].resource)
      return FieldOrigin(template: step.template, intentField: patch, schemaDefault: nil)
    }
    var field = field
    var innermost: Place?
    for link in chain.reversed() {
      let step = link.path.step(from: field, in: link.resource)
      if innermost == nil { innermost = step.template }
      guard let next = step.schemaField else {
        return innermost.map { FieldOrigin(template: $0, intentField: nil, schemaDefault: nil) }
      }
      field = next
      // A default of an inner path counts only when the outer template leaves the field to it.
      if link.path !== path, !link.isSet(field, in: chain) {
        return FieldOrigin(
          template: innermost ?? step.template, intentField: nil,
          schemaDefault: link.path.schemaPlace(of: field))
      }
    }
    let isWritten = !intent.document.root[field].isAbsent
    return innermost.map {
      FieldOrigin(
        template: $0, intentField: field,
        schemaDefault: isWritten ? nil : path.schemaPlace(of: field))
    }
  }

  /// The field of the intent's `patches` that sets a field of a resource; nil when none does.
  func patchField(
    _ field: FieldPath, in resource: Resource, of intent: EffectiveIntent
  ) -> FieldPath? {
    let patch = FieldPath(keys: "patches", resource.id).appending(field)
    return intent.document.root[patch].isAbsent ? nil : patch
  }

  /// The ways from a golden path to the resources that a manifest can have come from: one unless
  /// ids and kinds repeat through composition.
  func chains(
    to manifest: Manifest, from path: GoldenPath, depth: Int
  ) -> [[OriginLink]] {
    guard depth < RenderLimits.depth else { return [] }
    let apiVersion = manifest.apiVersion.asString
    let kind = manifest.kind.asString
    let inner = links(of: path)
    return path.resources.enumerated().flatMap { index, resource -> [[OriginLink]] in
      let link = OriginLink(path: path, resource: resource)
      if inner.indices.contains(index), let next = inner[index] {
        return chains(to: manifest, from: next, depth: depth + 1).map { [link] + $0 }
      }
      let isMeant =
        resource.id == manifest.resource && resource.apiVersion == apiVersion
        && resource.kind == kind
      return isMeant ? [[link]] : []
    }
  }
}

/// One resource on the way to a manifest.
struct OriginLink {
  let path: GoldenPath
  let resource: Resource

  /// Whether the template outside this link's golden path writes the field of its instance.
  func isSet(_ field: FieldPath, in chain: [OriginLink]) -> Bool {
    guard let index = chain.firstIndex(where: { $0.path === path }), index > 0 else { return true }
    let outer = chain[index - 1]
    var value = outer.path.document.root[outer.resource.templatePath()]
    for step in field.steps {
      // Below an expression nothing more can be told from the template.
      if value.isKind(.string) { return true }
      value = value[FieldPath([step])]
      if value.isAbsent { return false }
    }
    return true
  }
}

extension GoldenPath {
  /// The place of a field's definition in the schema, or of the nearest thing around it.
  func schemaPlace(of field: FieldPath) -> Place {
    let schema = FieldPath(keys: "spec", "schema")
    guard !document.root[schema.key("openAPIV3Schema")].isAbsent else {
      return place(schema.appending(field))
    }
    var path = schema.key("openAPIV3Schema")
    for step in field.steps.dropFirst() {
      switch step {
      case .index: path.steps.append(.key("items"))
      case .key(let key):
        let property = path.key("properties").key(key)
        path = document.root[property].isAbsent ? path.key("additionalProperties") : property
      }
    }
    return place(path)
  }

  /// From a field of a resource's object to the line of the template that makes it, and to the
  /// field of the instance that it is made of.
  func step(
    from field: FieldPath, in resource: Resource
  ) -> (template: Place, schemaField: FieldPath?) {
    var value = document.root[resource.templatePath()]
    var reached = FieldPath.root
    for (depth, step) in field.steps.enumerated() {
      if value.isKind(.string) {
        let rest = FieldPath(Array(field.steps.dropFirst(depth)))
        return source(at: resource.templatePath(reached), rest: rest, in: resource)
      }
      if case .index(let index) = step, value.elements.prefix(index).contains(where: mayBeLeftOut) {
        break
      }
      let next = value[FieldPath([step])]
      if next.isAbsent {
        // The namespace of an object that has none in its template is the instance's.
        if field == FieldPath(keys: "metadata", "namespace") {
          return (place(resource.templatePath(reached)), field)
        }
        break
      }
      value = next
      reached.steps.append(step)
    }
    if value.isKind(.string) {
      return source(at: resource.templatePath(reached), rest: .root, in: resource)
    }
    return (place(resource.templatePath(reached), part: reached.isRoot ? .value : .key), nil)
  }

  /// What the scalar at a path of the document is made of; `rest` are the steps below it.
  private func source(
    at path: FieldPath, rest: FieldPath, in resource: Resource
  ) -> (template: Place, schemaField: FieldPath?) {
    let expressions = resource.plan?.expressions.filter { $0.path == path } ?? []
    let references = expressions.flatMap(\.program.references)
    let fields = Set(references.map { FieldPath($0.path) })
    guard let only = fields.first, fields.count == 1,
      references.allSatisfy({ $0.variable == "schema" })
    else { return (place(path), nil) }
    let isPlain = expressions.count == 1 && PlainPath(expressions[0].program.source) != nil
    return (place(path), isPlain ? only.appending(rest) : only)
  }
}

/// Whether an element of a template's list can be missing in the object.
private func mayBeLeftOut(_ element: Value) -> Bool {
  element.isKind(.string) && Interpolation.mayContainExpression(element.utf8)
}
