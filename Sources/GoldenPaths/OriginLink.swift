import CEL
import Diagnostics
import Documents
import Intents
import Manifests

extension GoldenPathLibrary {
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

extension Renderer {
  /// The way to a manifest that was rendered from an intent, told by rendering it once more: for
  /// golden paths whose ids and kinds repeat through composition. Nil for what a chart makes.
  func chain(to manifest: Manifest, of intent: EffectiveIntent) -> [OriginLink]? {
    notedChains = []
    let rendered = render(intent).manifests
    let chains = notedChains ?? []
    notedChains = nil
    guard chains.count == rendered.count,
      let index = rendered.firstIndex(where: { $0.identity == manifest.identity })
    else { return nil }
    return chains[index].isEmpty ? nil : chains[index]
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

  /// From a field of a resource's object to the line of the template that makes it.
  func step(from field: FieldPath, in resource: Resource) -> TemplateStep {
    var value = document.root[resource.templatePath()]
    var reached = FieldPath.root
    for (depth, step) in field.steps.enumerated() {
      if value.isKind(.string) {
        return TemplateStep(
          template: place(resource.templatePath(reached)), path: resource.templatePath(reached),
          rest: FieldPath(Array(field.steps.dropFirst(depth))))
      }
      if case .index(let index) = step, value.elements.prefix(index).contains(where: mayBeLeftOut) {
        break
      }
      let next = value[FieldPath([step])]
      if next.isAbsent {
        // The namespace of an object that has none in its template is the instance's.
        if field == FieldPath(keys: "metadata", "namespace") {
          return TemplateStep(
            template: place(resource.templatePath(reached)), path: resource.templatePath(reached),
            instanceField: field)
        }
        // What is merged into the map may have it.
        if value["<<"].count == 1, value["<<"].isKind(.list) {
          let path = resource.templatePath(reached).key("<<").index(0)
          return TemplateStep(
            template: place(path), path: path,
            rest: FieldPath(Array(field.steps.dropFirst(depth))))
        }
        break
      }
      value = next
      reached.steps.append(step)
    }
    // A scalar that is there is meant itself; of anything else the key.
    let isScalar = reached == field && !value.isKind(.map) && !value.isKind(.list)
    let part: Place.Part = reached.isRoot || isScalar ? .value : .key
    return TemplateStep(
      template: place(resource.templatePath(reached), part: part),
      path: resource.templatePath(reached))
  }
}

/// The line of a template that makes a field.
struct TemplateStep {
  /// The scalar, or the nearest thing around the field.
  let template: Place
  /// Its path in the golden path's tree.
  let path: FieldPath
  /// The field of the instance that stands there without an expression.
  var instanceField: FieldPath?
  /// The way from the scalar's value down to the field.
  var rest = FieldPath.root
}

/// Whether an element of a template's list can be missing in the object.
private func mayBeLeftOut(_ element: Value) -> Bool {
  guard let text = element.asString, Interpolation.mayContainExpression(element.utf8) else {
    return false
  }
  // What stands between other text is a text, and what a plain path does not find is an error.
  guard text.hasPrefix("${"), text.hasSuffix("}") else { return false }
  return PlainPath(String(text.dropFirst(2).dropLast())) == nil
}
