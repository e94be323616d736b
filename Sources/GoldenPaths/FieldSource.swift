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
    /// A variable of an imported library, or what a part of one is given, by its name there.
    case variable(String)
  }

  /// What it is.
  public let kind: Kind
  /// Where it stands; nil for a setting, whose place the platform knows, and for a resource.
  public let place: Place?
  /// What it is made of in turn, in the order of the expressions.
  public let sources: [FieldSource]
  /// Whether only a part of what an expression puts together is meant, which may be from any of its sources or none.
  public var isPart = false
}

extension GoldenPathLibrary {
  /// What the field at a path of a manifest is made of; nil when that is not known for sure.
  ///
  /// `manifest` was rendered from `intent` with this library. For a field that is not there the answer is about the map
  /// or list that lacks it. `iteration` is the manifest's 0-based index among those of its resource, where that has a
  /// `forEach`; without it the answer is about the whole list. `renderer`, of this library and the manifest's environment, is
  /// asked where several resources of one id and kind could have made the manifest; without it that is not known.
  public func source(
    of field: FieldPath, in manifest: Manifest, of intent: EffectiveIntent, iteration: Int? = nil,
    tellingApart renderer: Renderer? = nil
  ) -> FieldSource? {
    guard let path = path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind) else {
      return nil
    }
    let chains = chains(to: manifest, from: path, depth: 0)
    let known = chains.count > 1 ? renderer?.chain(to: manifest, of: intent) : chains.first
    guard let chain = known, let last = chain.last else { return nil }
    if chain.count == 1, let patch = patchField(field, in: last.resource, of: intent) {
      return FieldSource(kind: .intent(patch), place: intent.place(of: patch), sources: [])
    }
    let walk = SourceWalk(
      chain: chain, intent: intent, iteration: chain.count == 1 ? iteration : nil)
    return walk.template(of: field, depth: chain.count - 1)
  }
}

extension GoldenPathLibrary {
  /// What a field of the template of a golden path's resource is made of; the path is from the template's root.
  func source(
    ofTemplate field: FieldPath, in resource: Resource, of path: GoldenPath,
    _ intent: EffectiveIntent
  ) -> FieldSource {
    SourceWalk(
      chain: [OriginLink(path: path, resource: resource)], intent: intent, iteration: nil
    ).template(of: field, depth: 0)
  }
}

/// A walk from the resource that makes a manifest outwards to the intent.
private struct SourceWalk {
  /// Outermost first.
  let chain: [OriginLink]
  let intent: EffectiveIntent
  /// Which object of a `forEach` is meant.
  let iteration: Int?

  /// What makes a field of the resource at a depth of the chain.
  func template(of field: FieldPath, depth: Int) -> FieldSource {
    let link = chain[depth]
    let step = link.path.step(from: field, in: link.resource)
    let found = link.path.expressions(at: step.path, in: link.resource)
    let text = found.isEmpty ? nil : link.path.document.root[step.path].asString
    let kind = FieldSource.Kind.template(resource: link.resource.id, text: text)
    func made(of sources: [FieldSource], isPart: Bool = false) -> FieldSource {
      FieldSource(kind: kind, place: step.template, sources: sources, isPart: isPart)
    }
    if found.isEmpty {
      return made(of: step.instanceField.map { [self.field($0, depth: depth)] } ?? [])
    }
    if found.count == 1, let exact = ExactRead(found[0].program.source, rest: step.rest) {
      switch exact {
      case .own: return made(of: [])
      case .read(let variable, let path):
        return made(of: [source(variable, path, depth: depth, scope: found[0].scope)])
      }
    }
    var sources: [FieldSource] = []
    for (reference, scope) in found.flatMap({ one in
      one.program.references.map { ($0, one.scope) }
    }) {
      let source = self.source(
        reference.variable, FieldPath(reference.path), depth: depth, scope: scope)
      if !sources.contains(where: { $0.kind == source.kind }) { sources.append(source) }
    }
    let isPart = !step.rest.isRoot && found.contains { makesParts($0.program.source) }
    return made(of: sources, isPart: isPart)
  }

  /// What a variable of a library, or what a part is given, is made of.
  private func source(
    _ name: ImportedName, _ rest: FieldPath, depth: Int
  ) -> FieldSource {
    let path = chain[depth].path
    let shown: String
    let expressions: [Expression]
    var place: Place
    switch name {
    case .variable(let index):
      let variable = path.imports.names.variables[index]
      shown = variable.id.name
      expressions = variable.expressions
      place = path.place(variable.path)
    case .argument(let index):
      let argument = path.imports.names.arguments[index]
      shown = argument.name
      place = argument.parameter
      expressions =
        if case .expression(let expression) = argument.content { [expression] } else { [] }
      if let expression = expressions.first { place = path.place(of: expression) }
    }
    var sources: [FieldSource] = []
    var isPart = false
    if expressions.count == 1, let exact = ExactRead(expressions[0].program.source, rest: rest) {
      if case .read(let variable, let inner) = exact {
        sources = [source(variable, inner, depth: depth, scope: expressions[0].scope)]
      }
    } else {
      for expression in expressions {
        for reference in expression.program.references {
          let source = self.source(
            reference.variable, FieldPath(reference.path), depth: depth, scope: expression.scope)
          if !sources.contains(where: { $0.kind == source.kind }) { sources.append(source) }
        }
      }
      isPart = !rest.isRoot && expressions.contains { makesParts($0.program.source) }
    }
    return FieldSource(kind: .variable(shown), place: place, sources: sources, isPart: isPart)
  }

  private func source(
    _ variable: String, _ path: FieldPath, depth: Int, scope: Int = 0
  ) -> FieldSource {
    let link = chain[depth]
    if let meaning = link.path.imports.names.meaning(variable, path, in: scope) {
      return source(meaning.name, meaning.path, depth: depth)
    }
    switch variable {
    case "schema", "intent": return field(path, depth: depth)
    case "environment", "platform":
      return FieldSource(kind: .setting(variable: variable, path), place: nil, sources: [])
    default: break
    }
    if let dimension = link.resource.forEach.first(where: { $0.name == variable }) {
      let references = dimension.expression.program.references.filter { $0.variable != variable }
      if let iteration, link.resource.forEach.count == 1,
        case .read(let list, let element)? = ExactRead(
          dimension.expression.program.source, rest: FieldPath([.index(iteration)]).appending(path))
      {
        return FieldSource(
          kind: .iterator(variable), place: link.path.place(of: dimension.expression),
          sources: [source(list, element, depth: depth)])
      }
      return FieldSource(
        kind: .iterator(variable), place: link.path.place(of: dimension.expression),
        sources: references.map {
          source($0.variable, FieldPath($0.path), depth: depth, scope: dimension.expression.scope)
        })
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
    let made = SourceWalk(chain: inner, intent: intent, iteration: nil)
      .template(of: path, depth: depth)
    return FieldSource(
      kind: .resource(id: variable, path), place: made.place, sources: made.sources,
      isPart: made.isPart)
  }

  /// A field of the instance that the golden path at a depth of the chain is rendered for.
  private func field(_ field: FieldPath, depth: Int) -> FieldSource {
    let path = chain[depth].path
    let isSpec = field.steps.first == .key("spec")
    func isWritten(_ field: FieldPath) -> Bool {
      depth == 0
        ? !intent.document.root[field].isAbsent : chain[depth].isSet(field, in: chain)
    }
    // The default of the field, or of the nearest thing around it that is not written.
    let defaulted = (2...max(2, field.steps.count)).reversed()
      .map { FieldPath(Array(field.steps.prefix($0))) }
      .first { prefix in
        isSpec && !isWritten(prefix)
          && path.schema.root.descendant(FieldPath(Array(prefix.steps.dropFirst())))
            .map { !$0.defaultValue.isAbsent } ?? false
      }
    func unwritten() -> FieldSource {
      defaulted.map {
        FieldSource(kind: .schemaDefault(field), place: path.schemaPlace(of: $0), sources: [])
      }
        ?? FieldSource(
          kind: .missing(field), place: isSpec ? path.schemaPlace(of: field) : nil, sources: [])
    }
    if depth == 0 {
      guard isWritten(field) else { return unwritten() }
      return FieldSource(kind: .intent(field), place: intent.place(of: field), sources: [])
    }
    guard isWritten(field) else {
      if defaulted != nil { return unwritten() }
      let outer = chain[depth - 1]
      return FieldSource(
        kind: .missing(field), place: outer.path.step(from: field, in: outer.resource).template,
        sources: [])
    }
    return template(of: field, depth: depth - 1)
  }
}

extension GoldenPath {
  /// The expressions of the scalar at a path of a resource's template.
  fileprivate func expressions(at path: FieldPath, in resource: Resource) -> [Expression] {
    resource.plan?.expressions.filter { $0.path == path } ?? []
  }
}
