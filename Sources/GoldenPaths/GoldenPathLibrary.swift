import CEL
public import Diagnostics
public import Documents
public import Intents
import Manifests
import Schemas

/// The golden paths of a platform by the kind of their intents.
///
/// Immutable: renderers on any thread share it.
public struct GoldenPathLibrary: Sendable {
  /// The usable golden paths, in the order of their files.
  public let paths: [GoldenPath]

  private let byKind: [String: GoldenPath]
  /// The kinds of golden paths that could not be used.
  private let broken: Set<String>
  /// Whether a file could not be read so far that its kind is known.
  private let hasUnreadable: Bool
  /// For each resource of a golden path the one that its template is an intent of.
  private let links: [ObjectIdentifier: [GoldenPath?]]

  /// A library without golden paths.
  public init() {
    paths = []
    byKind = [:]
    broken = []
    hasUnreadable = false
    links = [:]
  }

  private init(
    paths: [GoldenPath], byKind: [String: GoldenPath], broken: Set<String>,
    hasUnreadable: Bool, links: [ObjectIdentifier: [GoldenPath?]]
  ) {
    self.paths = paths
    self.byKind = byKind
    self.broken = broken
    self.hasUnreadable = hasUnreadable
    self.links = links
  }

  /// The golden paths in parsed files, each document being one, and what is wrong with them.
  ///
  /// Everything that needs no intent is checked here: `golden-path/…` findings, the parsers' own
  /// included. `clusterKinds` are custom kinds without a namespace. `expands` tells whether a
  /// template whose kind is another golden path's will be expanded, so that a circle is a mistake.
  public static func load(
    _ files: [ParsedFile], clusterKinds: Set<GroupKind> = [], expands: Bool = true
  ) -> (library: GoldenPathLibrary, findings: [Finding]) {
    var loader = LibraryLoader(clusterKinds: clusterKinds)
    loader.collectKinds(files)
    for file in files { loader.load(file) }
    loader.checkTemplates()
    if expands { loader.checkCircles() }
    let usable = loader.paths.filter { !loader.broken.contains(kindKey($0.apiVersion, $0.kind)) }
    let library = GoldenPathLibrary(
      paths: usable, byKind: loader.byKind.filter { !loader.broken.contains($0.key) },
      broken: loader.broken, hasUnreadable: loader.hasUnreadable, links: loader.links)
    return (library, loader.findings)
  }

  /// The golden path for intents of a kind; nil when there is none that can be used.
  public func path(apiVersion: String, kind: String) -> GoldenPath? {
    byKind[kindKey(apiVersion, kind)]
  }

  /// What is wrong with an intent in every environment: its kind is no golden path's, it patches
  /// what the golden path does not open, or it has promoted fields in its base on a platform where
  /// environments promote.
  ///
  /// Empty for a kind whose golden path is itself broken, or may be: that was said once.
  public func findings(about intent: Intent, isPromoting: Bool = false) -> [Finding] {
    let key = kindKey(intent.apiVersion, intent.kind)
    guard let path = byKind[key] else {
      return broken.contains(key) || hasUnreadable ? [] : [unknownKind(intent)]
    }
    var findings: [Finding] = []
    if path.isClusterScoped, intent.namespace != nil {
      findings.append(
        Finding(
          rule: "intent/cluster-scoped", "'\(path.kind)' is cluster-scoped and has no namespace",
          at: intent.place(FieldPath(keys: "metadata", "namespace"), part: .key),
          help: "remove 'metadata.namespace'"))
    }
    for patches in intent.patchesPaths {
      findings += patchFindings(intent, at: patches, path)
    }
    if path.hasDeprecated { findings += deprecatedFields(of: intent, path) }
    guard isPromoting else { return findings }
    for field in path.promoted where !intent.document.root[field].isAbsent {
      findings.append(
        Finding(
          rule: "intent/promoted-field",
          "'\(field)' moves from environment to environment and cannot stand in the base",
          at: intent.place(field, part: .key),
          help: "write it under 'environments.<environment>'",
          related: [.init(label: "the golden path", place: Place(file: path.file))]))
    }
    return findings
  }

  /// A warning for each deprecated field that the intent or one of its environments sets.
  private func deprecatedFields(of intent: Intent, _ path: GoldenPath) -> [Finding] {
    let root = intent.document.root
    var findings: [Finding] = []
    func walk(_ value: Value, _ node: SchemaNode, _ way: FieldPath) {
      if node.isDeprecated {
        findings.append(
          Finding(
            rule: "intent/deprecated-field", severity: .warning,
            "'\(way.steps.last.map { FieldPath([$0]).description } ?? "spec")' is deprecated",
            at: intent.place(way, part: .key),
            help: node.description.isEmpty ? nil : node.description))
      }
      for entry in value.entries {
        guard let key = entry.key.asString, let child = node.child(key) else { continue }
        walk(entry.value, child, way.key(key))
      }
      guard let items = node.items else { return }
      for (index, element) in value.elements.enumerated() { walk(element, items, way.index(index)) }
    }
    let own = root["environments"].entries.compactMap(\.key.asString)
      .map { FieldPath(keys: "environments", $0, "spec") }
    for way in [FieldPath(keys: "spec")] + own where !root[way].isAbsent {
      walk(root[way], path.schema.root, way)
    }
    return findings
  }

  /// Patches of resources that there are not, or of fields that are not open to patches.
  private func patchFindings(
    _ intent: Intent, at patches: FieldPath, _ path: GoldenPath
  ) -> [Finding] {
    var findings: [Finding] = []
    let open = path.patchable.flatMap { id, fields in fields.map { "\(id).\($0)" } }.sorted()
    let help =
      open.isEmpty
      ? "'\(path.kind)' opens no field to patches" : "open are: \(open.joined(separator: ", "))"
    for entry in intent.document.root[patches].entries {
      guard let id = entry.key.asString else { continue }
      let allowed = path.patchable[id] ?? []
      for leaf in leaves(of: entry.value) where !allowed.contains(where: { $0.contains(leaf) }) {
        findings.append(
          Finding(
            rule: "intent/not-patchable", "'\(id).\(leaf)' cannot be changed by a patch",
            at: intent.place(patches.key(id).appending(leaf), part: .key), help: help,
            related: [.init(label: "the golden path", place: Place(file: path.file))]))
      }
    }
    return findings
  }

  /// For each resource of a golden path the one that its template is an intent of.
  func links(of path: GoldenPath) -> [GoldenPath?] { links[ObjectIdentifier(path)] ?? [] }

  private func unknownKind(_ intent: Intent) -> Finding {
    let sameKind = paths.filter { $0.kind == intent.kind }.map(\.apiVersion)
    let kinds = paths.map(\.kind)
    let field: FieldPath
    let help: String?
    if sameKind.isEmpty {
      field = FieldPath(keys: "kind")
      help =
        nearestName(to: intent.kind, in: kinds).map { "did you mean '\($0)'?" }
        ?? (kinds.isEmpty ? nil : "kinds: \(Set(kinds).sorted().joined(separator: ", "))")
    } else {
      field = FieldPath(keys: "apiVersion")
      help = "'\(intent.kind)' has: \(sameKind.joined(separator: ", "))"
    }
    return Finding(
      rule: "intent/unknown-kind",
      "no golden path is for kind '\(intent.kind)' of '\(intent.apiVersion)'",
      at: intent.place(field), help: help)
  }
}

/// The paths of everything in a map that is no map with entries.
private func leaves(of value: Value) -> [FieldPath] {
  guard value.isKind(.map), value.count > 0 else { return [.root] }
  return value.entries.flatMap { entry in
    leaves(of: entry.value).map { FieldPath([.key(entry.key.asString ?? "")]).appending($0) }
  }
}

func kindKey(_ apiVersion: String, _ kind: String) -> String { "\(apiVersion) \(kind)" }

/// What a library is made of while its files are read.
private struct LibraryLoader {
  var surroundings: GoldenPathReader.Surroundings
  var paths: [GoldenPath] = []
  var byKind: [String: GoldenPath] = [:]
  var broken: Set<String> = []
  var hasUnreadable = false
  var links: [ObjectIdentifier: [GoldenPath?]] = [:]
  var findings: [Finding] = []

  init(clusterKinds: Set<GroupKind>) {
    surroundings = GoldenPathReader.Surroundings(clusterKinds: clusterKinds)
  }

  /// Notes the kinds of all golden paths: templates are read with them in mind.
  mutating func collectKinds(_ files: [ParsedFile]) {
    for document in files.flatMap(\.documents) {
      let schema = document.root["spec"]["schema"]
      guard let kind = schema["kind"].asString else { continue }
      let pair = GroupKind(group: schema["group"].asString ?? "kro.run", kind: kind)
      surroundings.goldenPathKinds.insert(pair)
      if schema["scope"].isString("Cluster") { surroundings.clusterKinds.insert(pair) }
    }
  }

  mutating func load(_ file: ParsedFile) {
    findings += file.findings
    if file.hasErrors { hasUnreadable = true }
    for (index, document) in file.documents.enumerated() where !document.root.isNull {
      var reader = GoldenPathReader(
        file: file.file, documentIndex: index, document: document, surroundings: surroundings)
      let path = reader.goldenPath()
      findings += reader.fields.findings
      let header = reader.header
      let apiVersion =
        header.group.isEmpty ? header.version : "\(header.group)/\(header.version)"
      let key = kindKey(apiVersion, header.kind)
      guard let path, !file.hasErrors else {
        if header.kind.isEmpty { hasUnreadable = true } else { broken.insert(key) }
        continue
      }
      if let first = byKind[key] {
        let field = FieldPath(keys: "spec", "schema", "kind")
        findings.append(
          Finding(
            rule: "golden-path/duplicate-kind",
            "there are two golden paths for kind '\(path.kind)' of '\(path.apiVersion)'",
            at: path.place(field),
            related: [.init(label: "the first one", place: first.place(field))]))
      } else {
        byKind[key] = path
        paths.append(path)
      }
    }
  }

  // MARK: templates of other golden paths' kinds

  mutating func checkTemplates() {
    for path in paths {
      var inner: [GoldenPath?] = []
      for resource in path.resources {
        let link =
          resource.isExternal ? nil : byKind[kindKey(resource.apiVersion, resource.kind)]
        inner.append(link)
        if let link { check(resource, of: path, against: link) }
      }
      links[ObjectIdentifier(path)] = inner
    }
  }

  private mutating func check(_ resource: Resource, of path: GoldenPath, against inner: GoldenPath)
  {
    let template = path.document.root[resource.templatePath()]
    for entry in template.entries {
      guard let key = entry.key.asString, !["apiVersion", "kind", "metadata", "spec"].contains(key)
      else { continue }
      report("unknown-field", "'\(inner.kind)' has no field '\(key)'", path, resource, [.key(key)])
    }
    var steps: [FieldPath.Step] = [.key("spec")]
    check(template["spec"], inner.schema.root, path, resource, inner, &steps)
  }

  private mutating func check(
    _ value: Value, _ node: SchemaNode, _ path: GoldenPath, _ resource: Resource,
    _ inner: GoldenPath, _ steps: inout [FieldPath.Step]
  ) {
    if value.isKind(.list) {
      guard let items = node.items else { return }
      for (index, element) in value.elements.enumerated() {
        steps.append(.index(index))
        check(element, items, path, resource, inner, &steps)
        steps.removeLast()
      }
      return
    }
    if let problem = typeProblem(value, node, resource, steps) {
      return report("wrong-type", problem, path, resource, steps, part: .value)
    }
    guard value.isKind(.map), node.types.contains(.object), !node.isOpen else { return }
    for entry in value.entries {
      guard let key = entry.key.asString else { continue }
      steps.append(.key(key))
      if let child = node.child(key) {
        check(entry.value, child, path, resource, inner, &steps)
      } else {
        report(
          "unknown-field", "'\(FieldPath(steps))' is no field of '\(inner.kind)'", path, resource,
          steps, help: nearestName(to: key, in: node.propertyNames).map { "did you mean '\($0)'?" })
      }
      steps.removeLast()
    }
    for name in node.required where value[name].isAbsent {
      report(
        "missing-field", "'\(FieldPath(steps).key(name))' is required by '\(inner.kind)'", path,
        resource, steps, part: .value)
    }
  }

  /// Why a scalar of a template cannot be what a field of another golden path takes.
  private func typeProblem(
    _ value: Value, _ node: SchemaNode, _ resource: Resource, _ steps: [FieldPath.Step]
  ) -> String? {
    guard !node.types.isEmpty, !node.isIntOrString else { return nil }
    let found: ValueTypes
    var what = "found \(described(value))"
    switch value.kind {
    case .bool: found = .boolean
    case .int: found = [.integer, .number]
    case .double:
      found =
        value.doublePayload.rounded() == value.doublePayload
        ? [.integer, .number] : .number
    case .string:
      let path = resource.templatePath(FieldPath(steps))
      let expression = resource.plan?.expressions.first { $0.path == path }
      if let expression, expression.range == 2..<value.count - 1 {
        guard let types = types(of: expression.type) else { return nil }
        found = types
        what = "'\(expression.shown)' gives \(expression.type)"
      } else {
        found = .string
      }
    default: return nil
    }
    guard node.types.isDisjoint(with: found) else { return nil }
    return "'\(FieldPath(steps))' must be \(node.typeName), \(what)"
  }

  /// The types that values of an expression's type can have in a schema; nil when that is not known.
  private func types(of type: CELType) -> ValueTypes? {
    switch type {
    case .string: .string
    case .int, .uint, .double: [.integer, .number]
    case .bool: .boolean
    case .list: .array
    case .map, .object: .object
    default: nil
    }
  }

  private mutating func report(
    _ rule: String, _ message: String, _ path: GoldenPath, _ resource: Resource,
    _ steps: [FieldPath.Step], part: Place.Part = .key, help: String? = nil
  ) {
    broken.insert(kindKey(path.apiVersion, path.kind))
    findings.append(
      Finding(
        rule: "golden-path/\(rule)", message,
        at: path.place(resource.templatePath(FieldPath(steps)), part: part), help: help))
  }

  mutating func checkCircles() {
    var index: [ObjectIdentifier: Int] = [:]
    for (position, path) in paths.enumerated() { index[ObjectIdentifier(path)] = position }
    var graph = DependencyGraph(
      dependencies: paths.map { path in
        (links[ObjectIdentifier(path)] ?? []).compactMap {
          $0.flatMap { index[ObjectIdentifier($0)] }
        }
      })
    while let cycle = graph.cycle, let first = cycle.first {
      let names = (cycle + [first]).map { "'\(paths[$0].kind)'" }
      let places = cycle.enumerated().compactMap { offset, position -> Place? in
        let next = paths[cycle[(offset + 1) % cycle.count]]
        let links = self.links[ObjectIdentifier(paths[position])] ?? []
        guard let resource = links.firstIndex(where: { $0 === next }) else { return nil }
        return paths[position].place(
          paths[position].resources[resource].templatePath(FieldPath(keys: "kind")))
      }
      findings.append(
        Finding(
          rule: "golden-path/cycle",
          "golden paths expand into each other: \(names.joined(separator: " -> "))",
          at: places.first, help: "one of them must make what it needs itself",
          related: places.dropFirst().map { .init(label: "expanded here", place: $0) }))
      for position in cycle {
        broken.insert(kindKey(paths[position].apiVersion, paths[position].kind))
      }
      graph = DependencyGraph(
        dependencies: graph.dependencies.enumerated().map { position, needs in
          cycle.contains(position) ? [] : needs
        })
    }
  }
}
