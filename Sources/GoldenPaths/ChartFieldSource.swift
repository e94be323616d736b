import Charts
public import Diagnostics
import Documents
import GoTemplates
public import Intents
public import Manifests

extension Renderer {
  /// What the field at a path of a chart's manifest is made of: the values that change it when they change. Nil when
  /// the intent is of no chart.
  ///
  /// A chart's templates are programs, so each value that may matter is changed in turn and the chart rendered again:
  /// first those of the intent, then the chart's own defaults. At most `attempts` of them; what was not tried counts as not
  /// mattering, and the template is left to blame.
  public func chartSource(
    of field: FieldPath, in manifest: Manifest, of intent: EffectiveIntent, attempts: Int = 64
  ) -> FieldSource? {
    guard
      let path = library.path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind),
      let chart = path.chart
    else { return nil }
    let subject = ChartSubject(manifest: manifest, field: field)
    let current = manifest.value[field]
    var left = attempts
    var sources: [FieldSource] = []
    func tryAll(_ candidates: [FieldPath], of values: Value, _ source: (FieldPath) -> FieldSource) {
      for candidate in candidates where left > 0 {
        left -= 1
        let old = values[candidate]
        let changed = intent.setting(candidate) { changedScalar(old, in: $0) }
        if let found = subject.value(in: render(changed).manifests), found != .same(as: current) {
          sources.append(source(candidate))
        }
      }
    }
    let root = intent.document.root
    tryAll(scalars(in: root["spec"], at: FieldPath(keys: "spec")), of: root) {
      FieldSource(kind: .intent($0), place: intent.place(of: $0), sources: [])
    }
    if sources.isEmpty {
      let defaults = Document { arena in
        arena.map(["spec": documentValue(.map(chart.chart.values), in: arena)])
      }
      let candidates = scalars(in: defaults.root["spec"], at: FieldPath(keys: "spec"))
        .filter { root[$0].isAbsent && mayMatter(defaults.root[$0], for: current) }
      tryAll(candidates, of: defaults.root) { field in
        let inside = FieldPath(Array(field.steps.dropFirst()))
        return FieldSource(
          kind: .schemaDefault(field), place: .field(chart.valuesFile, inside), sources: [])
      }
      withExtendedLifetime(defaults) {}
    }
    return FieldSource(
      kind: .template(resource: manifest.resource, text: nil),
      place: chart.place(ofFile: manifest.resource) ?? Place(file: chart.metadataFile),
      sources: sources)
  }
}

extension ChartSource {
  /// Where the chart's defaults stand.
  fileprivate var valuesFile: String { folder.isEmpty ? "values.yaml" : folder + "/values.yaml" }
}

/// A field of an object that is looked for in other renderings.
private struct ChartSubject {
  enum Found: Equatable {
    case absent
    case value(String)

    static func same(as value: Value) -> Found {
      value.isAbsent ? .absent : .value(String(decoding: jsonBytes(of: value), as: UTF8.self))
    }
  }

  let manifest: Manifest
  let field: FieldPath

  /// What stands in the field now; nil when the object cannot be told among the others.
  func value(in manifests: [Manifest]) -> Found? {
    let kind = manifest.kind.asString
    let alike = manifests.filter {
      $0.kind.asString == kind && $0.resource == manifest.resource
    }
    let same = alike.filter { $0.name.asString == manifest.name.asString }
    guard let found = same.count == 1 ? same[0] : alike.count == 1 ? alike[0] : nil else {
      return nil
    }
    return .same(as: found.value[field])
  }
}

/// Another value of the same kind.
private func changedScalar(_ value: Value, in arena: Arena) -> Value {
  switch value.kind {
  case .bool: .bool(!value.isTrue)
  case .int: .int(value.intPayload == 7 ? 8 : 7)
  case .double: .double(value.doublePayload == 7 ? 8 : 7)
  case .string: arena.string((value.asString ?? "") + "x")
  default: arena.string("x")
  }
}

/// Whether a default can be what a value is made of, or what leaves it out.
private func mayMatter(_ value: Value, for current: Value) -> Bool {
  if current.isAbsent || value.isKind(.bool) || value.isNull { return true }
  if let text = value.asString {
    guard let whole = current.asString, !text.isEmpty else { return true }
    return whole.utf8.count >= text.utf8.count
  }
  return true
}

/// The paths of all values that are neither maps nor lists with something in them.
private func scalars(in value: Value, at path: FieldPath) -> [FieldPath] {
  switch value.kind {
  case .map where value.count > 0:
    value.entries.flatMap { entry in
      entry.key.asString.map { scalars(in: entry.value, at: path.key($0)) } ?? []
    }
  case .list where value.count > 0:
    value.elements.enumerated().flatMap { scalars(in: $0.element, at: path.index($0.offset)) }
  case .map, .list, .absent: []
  default: [path]
  }
}
