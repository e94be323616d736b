import CEL
import Diagnostics
import Documents
import Intents
import Manifests

/// One entry of `spec.resources` before its expressions are compiled.
struct ResourceDraft {
  var id: String
  var index: Int
  var path: FieldPath
  /// A map, or absent.
  var template: Value = .absent
  var externalRef: Value = .absent
  /// The folder of a chart, from the platform's root; nil for a template.
  var chartFolder: String?
  var apiVersion = ""
  var kind = ""
  var scope = Scope.namespaced
  var iterators: [(name: String, value: Value, path: FieldPath)] = []
  /// What the cluster will have said, as its author knows it; absent when nothing is said.
  var known: Value = .absent
  /// Whether other intents may ask for its objects too.
  var isShared = false
  /// The entry's other fields.
  var map: Value

  /// Whether it stands for the list of objects that a selector finds.
  var isSelector: Bool { !isMissing(externalRef["metadata"]["selector"]) }
  var isSecret: Bool { kind == "Secret" && apiVersion == "v1" }
}

extension GoldenPathReader {
  /// Fills `drafts`: everything about the resources that needs no expression.
  mutating func readResourceHeaders(_ map: Value) {
    for (index, value) in fields.list(map, "resources", at: spec).enumerated() {
      let path = spec.key("resources").index(index)
      if isMissing(value) { fields.reportType(value, expected: "a map", at: path) }
      let map = fields.fields(
        value, at: path,
        known: ["id", "template", "externalRef", "readyWhen", "includeWhen", "forEach"]
          + (dialect == .goldenPath ? ["static", "chart", "shared"] : []))
      guard value.isKind(.map) else { continue }
      var draft = ResourceDraft(id: "", index: drafts.count, path: path, map: map)
      draft.id = readID(map, at: path)
      let hasTemplate = !isMissing(map["template"])
      let hasReference = !isMissing(map["externalRef"])
      let hasChart = dialect == .goldenPath && !isMissing(map["chart"])
      if hasChart, hasTemplate || hasReference || !isMissing(map["forEach"]) {
        fields.report(
          "invalid-resource",
          "resource '\(draft.id)' cannot have 'chart' beside 'template', 'externalRef' or 'forEach'",
          at: path)
      } else if hasChart {
        readChart(&draft)
      } else if hasTemplate == hasReference {
        let found = hasTemplate ? "both 'template' and 'externalRef'" : "neither"
        fields.report(
          "invalid-resource",
          "resource '\(draft.id)' needs exactly one of 'template' and 'externalRef', found \(found)",
          at: path)
      }
      if hasReference { readExternalReference(&draft) }
      if hasTemplate, !hasChart { readTemplate(&draft) }
      if dialect == .goldenPath {
        readKnown(&draft)
        readShared(&draft)
      }
      readIterators(&draft)
      drafts.append(draft)
    }
    checkIteratorNames()
  }

  /// `shared`: whether many intents may ask for the objects of a template.
  private mutating func readShared(_ draft: inout ResourceDraft) {
    draft.isShared = fields.bool(draft.map, "shared", at: draft.path) ?? false
    if draft.isShared, draft.template.isAbsent {
      fields.report(
        "invalid-resource", "only what a 'template' makes can be shared",
        at: draft.path.key("shared"), help: "take 'shared' out of '\(draft.id)'")
    }
  }

  /// `static`: values that expressions read where only a cluster would know them.
  private mutating func readKnown(_ draft: inout ResourceDraft) {
    let path = draft.path.key("static")
    let value = fields.map(draft.map["static"], at: path)
    guard value.count > 0 else { return }
    if holdsExpression(value) {
      fields.report(
        "invalid-static", "'static' holds plain values, no expressions", at: path, part: .key)
    }
    draft.known = value
  }

  private mutating func readID(_ map: Value, at path: FieldPath) -> String {
    guard let id = fields.string(map, "id", at: path, isRequired: true) else { return "" }
    let path = path.key("id")
    checkVariableName(id, what: "the id of a resource", at: path, part: .value)
    if let first = drafts.first(where: { $0.id == id }) {
      fields.report(
        "duplicate-id", "there are two resources '\(id)'", at: path,
        related: [.init(label: "the first one", place: fields.place(first.path.key("id")))])
    }
    checkIsNoImport(id, what: "resource", at: path)
    return id
  }

  private mutating func checkIsNoImport(
    _ name: String, what: String, at path: FieldPath, part: Place.Part = .value
  ) {
    guard imports.names.isImport(name) else { return }
    fields.report(
      "duplicate-id", "the \(what) '\(name)' has the name of an import", at: path, part: part,
      related: [.init(label: "the imports", place: fields.place(spec.key("imports"), part: .key))])
  }

  private mutating func checkVariableName(
    _ name: String, what: String, at path: FieldPath, part: Place.Part
  ) {
    if !isLowerCamelCase(name) {
      fields.report(
        "invalid-name", "'\(name)' cannot be \(what): it must be lowerCamelCase", at: path,
        part: part, help: "start with a small letter, then letters and digits")
    } else if ReservedWords.contains(name)
      || dialect == .goldenPath && ReservedWords.goldenPathVariables.contains(name)
    {
      fields.report(
        "reserved-name", "'\(name)' cannot be \(what): the word is reserved", at: path, part: part)
    }
  }

  // MARK: charts

  /// `chart`: the folder of a chart, beside this golden path's, and what it is given.
  mutating func readChart(_ draft: inout ResourceDraft, isOfFolder: Bool = false) {
    let path = draft.path.key("chart")
    let chart = fields.fields(
      draft.map["chart"], at: path,
      known: (isOfFolder ? [] : ["path", "release", "namespace", "values"]) + [
        "hooks", "crds", "stripLabels", "nondeterminism", "clock", "patches",
      ])
    guard draft.map["chart"].isKind(.map) else { return }
    draft.template = chart
    readChartPatches(chart, at: path)
    if isOfFolder {
      draft.chartFolder = ""
      return
    }
    let folder = fields.string(chart, "path", at: path, isRequired: true) ?? ""
    var steps = fields.file.split(separator: "/").dropLast().map(String.init)
    for step in folder.split(separator: "/") where step != "." {
      if step == ".." { _ = steps.popLast() } else { steps.append(String(step)) }
    }
    draft.chartFolder = steps.joined(separator: "/")
    if isMissing(chart["release"]) { fields.reportMissing("release", at: path) }
  }

  // MARK: templates

  private mutating func readTemplate(_ draft: inout ResourceDraft) {
    let path = draft.path.key("template")
    let template = fields.map(draft.map["template"], at: path)
    guard draft.map["template"].isKind(.map) else { return }
    draft.template = template
    draft.apiVersion = literal("apiVersion", of: template, draft) ?? ""
    draft.kind = literal("kind", of: template, draft) ?? ""
    let metadata = template["metadata"]
    if isMissing(metadata) {
      fields.report(
        "invalid-template", "the template of '\(draft.id)' has no 'metadata'", at: draft.path)
    } else if !metadata.isKind(.map) {
      fields.reportType(metadata, expected: "a map", at: path.key("metadata"))
    }
    checkReservedLabels(metadata, at: path.key("metadata"))
    guard !draft.kind.isEmpty, !draft.apiVersion.isEmpty else { return }
    draft.scope = scope(of: draft)
    checkName(metadata, draft)
    checkNamespace(metadata, draft)
  }

  /// A field of a template that is read before rendering: a text without expressions.
  private mutating func literal(
    _ key: String, of template: Value, _ draft: ResourceDraft
  ) -> String? {
    let value = template[key]
    let path = draft.path.key("template").key(key)
    if isMissing(value) {
      fields.report(
        "invalid-template", "the template of '\(draft.id)' has no '\(key)'", at: draft.path)
      return nil
    }
    guard let text = value.asString else {
      fields.reportType(value, expected: "text", at: path)
      return nil
    }
    if text.isEmpty {
      fields.report("invalid-template", "'\(key)' of a template cannot be empty", at: path)
      return nil
    }
    if Interpolation.mayContainExpression(value.utf8) {
      fields.report(
        "invalid-template", "'\(key)' of a template cannot hold an expression", at: path)
      return nil
    }
    return text
  }

  /// A name that is written out must be one that an API server takes.
  private mutating func checkName(_ metadata: Value, _ draft: ResourceDraft) {
    guard metadata.isKind(.map) else { return }
    let name = metadata["name"]
    if isMissing(name), !metadata["<<"].isAbsent { return }
    let path = draft.path.key("template").key("metadata")
    if isMissing(name) {
      fields.report(
        "missing-name", "the template of '\(draft.id)' sets no name", at: path, part: .key,
        help: "set 'metadata.name'")
    } else if !holdsExpression(name),
      !isObjectName(name, group: splitAPIVersion(draft.apiVersion).group)
    {
      fields.report(
        "invalid-name",
        invalidNameMessage(name, kind: draft.kind), at: path.key("name"),
        help: name.isKind(.string) ? nil : "put it in quotes")
    }
  }

  private mutating func checkReservedLabels(_ metadata: Value, at path: FieldPath) {
    for group in ["labels", "annotations"] {
      for entry in metadata[group].entries {
        guard let key = entry.key.asString,
          key.hasPrefix("kro.run/") || key.hasPrefix("internal.kro.run/")
        else { continue }
        fields.report(
          "reserved-label", "'\(key)' is reserved for kro's controller",
          at: path.key(group).key(key), part: .key)
      }
    }
  }

  private func scope(of draft: ResourceDraft) -> Scope {
    let group = splitAPIVersion(draft.apiVersion).group
    if let known = KindTable.builtIn.kind(draft.kind, group: group) { return known.scope }
    let isCluster = surroundings.clusterKinds.contains(GroupKind(group: group, kind: draft.kind))
    return isCluster ? .cluster : .namespaced
  }

  private mutating func checkNamespace(_ metadata: Value, _ draft: ResourceDraft) {
    let namespace = metadata["namespace"]
    let path = draft.path.key("template").key("metadata").key("namespace")
    if draft.scope == .cluster, !isMissing(namespace) {
      fields.report(
        "cluster-scoped-namespace", "'\(draft.kind)' is cluster-scoped and has no namespace",
        at: path, help: "remove 'metadata.namespace'")
    } else if draft.scope == .namespaced, header.isClusterScoped, isBlank(namespace),
      metadata.isKind(.map)
    {
      fields.report(
        "missing-namespace",
        "the template of '\(draft.id)' must set 'metadata.namespace': "
          + "'\(draft.kind)' is namespaced and '\(header.kind)' is not", at: draft.path)
    }
  }

  /// Whether a field is not written, or only with space.
  private func isBlank(_ value: Value) -> Bool {
    guard let text = value.asString else { return true }
    return text.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  // MARK: external references

  private mutating func readExternalReference(_ draft: inout ResourceDraft) {
    let path = draft.path.key("externalRef")
    let known = ["apiVersion", "kind", "metadata"]
    let reference = fields.fields(draft.map["externalRef"], at: path, known: known)
    guard draft.map["externalRef"].isKind(.map) else { return }
    draft.externalRef = reference
    draft.apiVersion = fields.string(reference, "apiVersion", at: path, isRequired: true) ?? ""
    draft.kind = fields.string(reference, "kind", at: path, isRequired: true) ?? ""
    if !isMissing(draft.map["forEach"]) {
      fields.report(
        "invalid-resource", "resource '\(draft.id)' cannot have both 'externalRef' and 'forEach'",
        at: draft.path)
    }
    let metadata = reference["metadata"]
    if isMissing(metadata) { return fields.reportMissing("metadata", at: path) }
    let metadataPath = path.key("metadata")
    let map = fields.fields(metadata, at: metadataPath, known: ["name", "namespace", "selector"])
    guard metadata.isKind(.map) else { return }
    if isMissing(map["name"]) == isMissing(map["selector"]) {
      fields.report(
        "invalid-resource", "an external reference needs exactly one of 'name' and 'selector'",
        at: metadataPath)
    }
    checkSelector(map["selector"], at: metadataPath.key("selector"))
  }

  /// A selector is a label selector or one expression that gives one.
  private mutating func checkSelector(_ selector: Value, at path: FieldPath) {
    guard !isMissing(selector), !selector.isKind(.string) else { return }
    let map = fields.fields(selector, at: path, known: ["matchLabels", "matchExpressions"])
    guard selector.isKind(.map), !holdsExpression(map) else { return }
    for problem in selectorProblems(map) {
      fields.report("invalid-selector", problem.message, at: path.appending(problem.path))
    }
  }

  // MARK: forEach

  private mutating func readIterators(_ draft: inout ResourceDraft) {
    let path = draft.path.key("forEach")
    let entries = fields.list(draft.map, "forEach", at: draft.path)
    if entries.count > 10 {
      fields.report(
        "too-many-dimensions", "'forEach' has \(entries.count) dimensions, at most 10 are allowed",
        at: path, part: .key)
    }
    for (index, entry) in entries.enumerated() {
      let path = path.index(index)
      let map = fields.map(entry, at: path)
      guard map.count == 1, let name = map.entries[0].key.asString else {
        if entry.isKind(.map) || isMissing(entry) {
          fields.report(
            "invalid-for-each", "an entry of 'forEach' must have one key, found \(map.count)",
            at: path, help: "write it as '- name: ${list}'")
        }
        continue
      }
      draft.iterators.append((name, map.entries[0].value, path.key(name)))
    }
  }

  private mutating func checkIteratorNames() {
    for draft in drafts {
      for (index, iterator) in draft.iterators.enumerated() {
        checkVariableName(iterator.name, what: "an iterator", at: iterator.path, part: .key)
        checkIsNoImport(iterator.name, what: "iterator", at: iterator.path, part: .key)
        if let resource = drafts.first(where: { $0.id == iterator.name }) {
          fields.report(
            "duplicate-id", "the iterator '\(iterator.name)' has the name of a resource",
            at: iterator.path, part: .key,
            related: [.init(label: "the resource", place: fields.place(resource.path.key("id")))])
        }
        if let first = draft.iterators[..<index].first(where: { $0.name == iterator.name }) {
          fields.report(
            "duplicate-id", "there are two iterators '\(iterator.name)'", at: iterator.path,
            part: .key,
            related: [.init(label: "the first one", place: fields.place(first.path, part: .key))])
        }
      }
    }
  }
}
