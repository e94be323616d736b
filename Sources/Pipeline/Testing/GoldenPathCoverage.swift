import Diagnostics
import Documents
import Manifests
import GoldenPaths
import Intents
import Schemas

/// Which resources, conditions and fields of golden paths the cases reached.
struct GoldenPathCoverage {
  private struct Subject {
    let path: GoldenPath
    /// Ids of resources that some case rendered, and that some case left out.
    var rendered: Set<String> = []
    var leftOut: Set<String> = []
    /// Fields of the schema without fields of their own, and those that some case set.
    let fields: [FieldPath]
    var written: Set<FieldPath> = []
  }

  private var subjects: [Subject]
  private(set) var hasCases = false

  init(_ paths: [GoldenPath]) {
    subjects = paths.map { Subject(path: $0, fields: leaves(of: $0.schema.root)) }
  }

  mutating func add(_ intent: EffectiveIntent, _ unit: RenderedUnit) {
    hasCases = true
    guard
      let index = subjects.firstIndex(where: {
        $0.path.apiVersion == intent.intent.apiVersion && $0.path.kind == intent.intent.kind
      })
    else { return }
    let spec = intent.document.root["spec"]
    for field in subjects[index].fields where isWritten(field.steps[...], in: spec) {
      subjects[index].written.insert(field)
    }
    guard !unit.findings.contains(where: { $0.severity == .error }) else { return }
    let ids = Set(unit.manifests.map(\.resource))
    subjects[index].rendered.formUnion(ids)
    for facts in subjects[index].path.resourceFacts where !ids.contains(facts.id) {
      subjects[index].leftOut.insert(facts.id)
    }
  }

  var summary: [TestRun.Coverage] {
    subjects.flatMap { subject -> [TestRun.Coverage] in
      let name = "\(subject.path.kind) \(subject.path.version)"
      let facts = subject.path.resourceFacts
      let conditional = facts.filter(\.isConditional)
      return [
        .init(
          subject: name, of: "resources",
          reached: facts.count { subject.rendered.contains($0.id) || isExpanded($0.id, subject) },
          total: facts.count),
        .init(
          subject: name, of: "conditions",
          reached: conditional.count { isBoth($0.id, subject) }, total: conditional.count),
        .init(
          subject: name, of: "fields", reached: subject.written.count,
          total: subject.fields.count),
      ]
    }
  }

  /// Notes for what no case reached.
  var unreached: [Finding] {
    subjects.flatMap { subject -> [Finding] in
      let path = subject.path
      var notes: [Finding] = []
      func note(_ message: String, _ place: Place?) {
        notes.append(Finding(rule: "test/unreached", severity: .note, message, at: place))
      }
      for facts in path.resourceFacts {
        let place = path.place(ofResource: facts.id)
        if !subject.rendered.contains(facts.id), !isExpanded(facts.id, subject) {
          note("no case renders the resource '\(facts.id)'", place)
        } else if facts.isConditional, !isBoth(facts.id, subject) {
          note("no case leaves the resource '\(facts.id)' out", place)
        }
      }
      for field in subject.fields where !subject.written.contains(field) {
        let at = FieldPath(keys: "spec", "schema", "spec").appending(withoutItems(field))
        note("no case sets the field '\(field)'", path.place(at))
      }
      return notes
    }
  }

  /// Whether the resource is expanded by another golden path: its objects have other ids.
  private func isExpanded(_ id: String, _ subject: Subject) -> Bool {
    let own = Set(subject.path.resourceFacts.map(\.id))
    return !subject.rendered.isEmpty && !subject.rendered.isSubset(of: own)
      && !subject.rendered.contains(id)
      && !subject.path.resourceFacts.contains {
        $0.id == id && $0.isConditional
      }
  }

  private func isBoth(_ id: String, _ subject: Subject) -> Bool {
    subject.rendered.contains(id) && subject.leftOut.contains(id)
  }
}

/// The path in the schema as it is written: without the steps into lists and free maps.
private func withoutItems(_ path: FieldPath) -> FieldPath {
  FieldPath(path.steps.filter { if case .key(let key) = $0 { key != "*" } else { false } })
}

/// The fields without fields of their own; `[0]` stands for any element, `*` for any key.
private func leaves(of root: SchemaNode) -> [FieldPath] {
  var found: [FieldPath] = []
  func walk(_ node: SchemaNode, _ path: FieldPath) {
    guard path.steps.count < 12, found.count < 2000 else { return }
    if !node.propertyNames.isEmpty {
      for name in node.propertyNames.sorted() {
        if let property = node.property(name) { walk(property, path.key(name)) }
      }
    } else if let items = node.items, !items.propertyNames.isEmpty {
      walk(items, path.index(0))
    } else if let values = node.values, !values.propertyNames.isEmpty {
      walk(values, path.key("*"))
    } else if !path.isRoot {
      found.append(path)
    }
  }
  walk(root, .root)
  return found
}

/// Whether any value stands at the path.
private func isWritten(_ steps: ArraySlice<FieldPath.Step>, in value: Value) -> Bool {
  guard let step = steps.first else { return !value.isAbsent }
  let rest = steps.dropFirst()
  switch step {
  case .index: return value.elements.contains { isWritten(rest, in: $0) }
  case .key("*"): return value.entries.contains { isWritten(rest, in: $0.value) }
  case .key(let key): return isWritten(rest, in: value[key])
  }
}
