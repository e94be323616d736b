import CEL
public import Diagnostics
import Documents
public import Intents
public import Manifests
import Schemas

/// What a field of a manifest is made of, all the way down: the template, and below it what its expressions read.
///
/// Worked out from the templates when it is asked for; rendering notes nothing.
public struct FieldSource: Sendable {
  /// What is read at one place.
  public enum Kind: Hashable, Sendable {
    /// A line of a template: the resource's id, and the text that stands there when it has expressions.
    case template(resource: String, text: String?)
    /// A field that the intent writes, or an environment of it.
    case intent(FieldPath)
    /// A field that the intent leaves to the schema's default.
    case schemaDefault(FieldPath)
    /// A field that neither the intent nor the schema gives.
    case missing(FieldPath)
    /// `environment` or `platform` and what is read below it.
    case setting(variable: String, FieldPath)
    /// A field of another resource of the golden path.
    case resource(id: String, FieldPath)
    /// What a `forEach` goes through.
    case iterator(String)
  }

  /// What it is.
  public let kind: Kind
  /// Where it stands; nil for a setting, whose place the platform knows, and for a resource.
  public let place: Place?
  /// What it is made of in turn, in the order of the expressions.
  public let sources: [FieldSource]
}

extension GoldenPathLibrary {
  /// What the field at a path of a manifest is made of; nil when that is not known for sure.
  ///
  /// `manifest` was rendered from `intent` with this library. For a field that is not there the answer is about the map
  /// or list that lacks it.
  public func source(
    of field: FieldPath, in manifest: Manifest, of intent: EffectiveIntent
  ) -> FieldSource? {
    guard let path = path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind) else {
      return nil
    }
    let chains = chains(to: manifest, from: path, depth: 0)
    guard chains.count == 1, let chain = chains.first, let last = chain.last else { return nil }
    if chain.count == 1, let patch = patchField(field, in: last.resource, of: intent) {
      return FieldSource(kind: .intent(patch), place: intent.place(of: patch), sources: [])
    }
    let walk = SourceWalk(chain: chain, intent: intent)
    return walk.template(of: field, depth: chain.count - 1)
  }
}

/// A walk from the resource that makes a manifest outwards to the intent.
private struct SourceWalk {
  /// Outermost first.
  let chain: [OriginLink]
  let intent: EffectiveIntent

  /// What makes a field of the resource at a depth of the chain.
  func template(of field: FieldPath, depth: Int) -> FieldSource {
    let link = chain[depth]
    let step = link.path.step(from: field, in: link.resource)
    let found = link.path.expressions(at: step.template, in: link.resource)
    var sources: [FieldSource] = []
    if found.isEmpty, let schemaField = step.schemaField {
      sources = [self.field(schemaField, depth: depth)]
    }
    for (index, expression) in found.enumerated() {
      for reference in expression.program.references {
        var path = FieldPath(reference.path)
        // A plain path is the whole value, so what is below it in the object is below it there.
        if found.count == 1, index == 0, reference.variable == "schema",
          PlainPath(expression.program.source) != nil, let whole = step.schemaField
        {
          path = whole
        }
        let source = self.source(reference.variable, path, depth: depth)
        if !sources.contains(where: { $0.kind == source.kind }) { sources.append(source) }
      }
    }
    let text = found.isEmpty ? nil : link.path.text(at: step.template)
    return FieldSource(
      kind: .template(resource: link.resource.id, text: text), place: step.template,
      sources: sources)
  }

  private func source(_ variable: String, _ path: FieldPath, depth: Int) -> FieldSource {
    let link = chain[depth]
    switch variable {
    case "schema", "intent": return field(path, depth: depth)
    case "environment", "platform":
      return FieldSource(kind: .setting(variable: variable, path), place: nil, sources: [])
    default: break
    }
    if let dimension = link.resource.forEach.first(where: { $0.name == variable }) {
      let references = dimension.expression.program.references.filter { $0.variable != variable }
      return FieldSource(
        kind: .iterator(variable), place: link.path.place(of: dimension.expression),
        sources: references.map { source($0.variable, FieldPath($0.path), depth: depth) })
    }
    guard let other = link.path.resources.first(where: { $0.id == variable }) else {
      return FieldSource(kind: .iterator(variable), place: nil, sources: [])
    }
    // A resource can read only those before it, so this ends.
    guard other.index != link.resource.index, other.plan != nil, !other.isCollection else {
      return FieldSource(kind: .resource(id: variable, path), place: nil, sources: [])
    }
    var inner = chain
    inner[depth] = OriginLink(path: link.path, resource: other)
    let made = SourceWalk(chain: inner, intent: intent).template(of: path, depth: depth)
    return FieldSource(
      kind: .resource(id: variable, path), place: made.place, sources: made.sources)
  }

  /// A field of the instance that the golden path at a depth of the chain is rendered for.
  private func field(_ field: FieldPath, depth: Int) -> FieldSource {
    let path = chain[depth].path
    let isDefaulted =
      path.schema.root.descendant(FieldPath(Array(field.steps.dropFirst())))
      .map { !$0.defaultValue.isAbsent } ?? false
    let isSpec = field.steps.first == .key("spec")
    func unwritten() -> FieldSource {
      isSpec && isDefaulted
        ? FieldSource(kind: .schemaDefault(field), place: path.schemaPlace(of: field), sources: [])
        : FieldSource(
          kind: .missing(field), place: isSpec ? path.schemaPlace(of: field) : nil, sources: [])
    }
    if depth == 0 {
      guard !intent.document.root[field].isAbsent else { return unwritten() }
      return FieldSource(kind: .intent(field), place: intent.place(of: field), sources: [])
    }
    guard chain[depth].isSet(field, in: chain) else { return unwritten() }
    return template(of: field, depth: depth - 1)
  }
}

extension GoldenPath {
  /// The expressions of the scalar at a place of a resource's template.
  fileprivate func expressions(at place: Place, in resource: Resource) -> [Expression] {
    guard case .field(_, let path, _) = place.anchor else { return [] }
    return resource.plan?.expressions.filter { $0.path == path } ?? []
  }

  /// The text of the scalar at a place of this golden path.
  fileprivate func text(at place: Place) -> String? {
    guard case .field(_, let path, _) = place.anchor else { return nil }
    return document.root[path].asString
  }
}
