import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Schemas

/// What a library is made of while its files are read.
struct LibraryLoader {
  var surroundings: GoldenPathReader.Surroundings
  var paths: [GoldenPath] = []
  var byKind: [String: GoldenPath] = [:]
  var broken: Set<String> = []
  var hasUnreadable = false
  var links: [ObjectIdentifier: [GoldenPath?]] = [:]
  /// The charts by their folder.
  var charts: [String: ChartSource] = [:]
  var findings: [Finding] = []

  init(clusterKinds: Set<GroupKind>, roots: ImportRoots) {
    surroundings = GoldenPathReader.Surroundings(clusterKinds: clusterKinds, roots: roots)
  }

  /// Reads the libraries of golden paths, those that others import first.
  mutating func loadLibraries(_ files: [ParsedFile]) {
    let known = files.map(\.file).sorted()
    var done: Set<String> = []
    func load(_ file: ParsedFile, _ way: [String]) {
      guard done.insert(file.file).inserted else { return }
      let way = way + [file.file]
      var circles: [Finding] = []
      var reader = ImportedLibraryReader(file, roots: surroundings.roots, known: known)
      let library = reader.library { entry in
        if way.contains(entry.file) {
          circles.append(
            Finding(
              rule: "golden-path/cycle",
              "libraries import each other: "
                + (way.drop { $0 != entry.file } + [entry.file]).map { "'\($0)'" }
                .joined(separator: " -> "),
              at: .field(file.file, entry.path.key("from")),
              help: "put what both need into a third library"))
          return nil
        }
        if let inner = files.first(where: { $0.file == entry.file }) { load(inner, way) }
        return surroundings.libraries[entry.file]
      }
      findings += reader.findings + circles
      if let library { surroundings.libraries[file.file] = library }
    }
    for file in files { load(file, []) }
    surroundings.libraryFiles = known
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
    let isOwn = !file.documents.contains {
      $0.root["kind"].isString("ResourceGraphDefinition")
    }
    let parsing = file.findings.filter { !isOwn || $0.rule != mergeExpressionRule }
    let hasErrors = parsing.contains { $0.severity == .error }
    findings += parsing
    if hasErrors { hasUnreadable = true }
    for (index, document) in file.documents.enumerated() where !document.root.isNull {
      var reader = GoldenPathReader(
        file: file.file, documentIndex: index, document: document, surroundings: surroundings)
      let path = reader.goldenPath()
      findings += reader.mappedFindings.filter { finding in
        // A mistake of a library's is one, however many golden paths it meets.
        finding.place?.file == file.file || !findings.contains { $0.isSame(as: finding) }
      }
      let header = reader.header
      let apiVersion =
        header.group.isEmpty ? header.version : "\(header.group)/\(header.version)"
      let key = kindKey(apiVersion, header.kind)
      guard let path, !hasErrors else {
        if header.kind.isEmpty { hasUnreadable = true } else { broken.insert(key) }
        continue
      }
      add(path, key)
    }
  }

  /// Takes a chart for what it is: a golden path.
  mutating func load(_ source: ChartSource) {
    var source = source
    let (path, found) = chartPath(&source)
    charts[source.folder] = source
    findings += found
    if let path {
      add(path, kindKey(path.apiVersion, path.kind))
    } else {
      broken.insert(kindKey(source.apiVersion, source.kind))
    }
  }

  private mutating func add(_ path: GoldenPath, _ key: String) {
    if let first = byKind[key] {
      let field = FieldPath(keys: "spec", "schema", "kind")
      func place(_ path: GoldenPath) -> Place {
        path.chart == nil ? path.place(field) : Place(file: path.file)
      }
      findings.append(
        Finding(
          rule: "golden-path/duplicate-kind",
          "there are two golden paths for kind '\(path.kind)' of '\(path.apiVersion)'",
          at: place(path), related: [.init(label: "the first one", place: place(first))]))
    } else {
      byKind[key] = path
      paths.append(path)
    }
  }

  /// Reports resources whose chart there is not.
  mutating func checkCharts() {
    for path in paths {
      for resource in path.resources {
        guard let folder = resource.chartFolder, charts[folder] == nil else { continue }
        broken.insert(kindKey(path.apiVersion, path.kind))
        findings.append(
          Finding(
            rule: "golden-path/unknown-chart", "there is no chart in '\(folder)'",
            at: path.place(resource.templatePath(FieldPath(keys: "path"))),
            help: nearestName(to: folder, in: Array(charts.keys)).map { "did you mean '\($0)'?" }
              ?? "list the chart's folder in 'goldenPaths' of pave.yaml"))
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
        // What a chart takes is known once its own values are below.
        if let link, link.chart == nil { check(resource, of: path, against: link) }
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
      guard let key = entry.key.asString, key != "<<" else { continue }
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
    for name in node.required where value[name].isAbsent && value["<<"].isAbsent {
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
        guard let types = schemaTypes(of: expression.type) else { return nil }
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

  private mutating func report(
    _ rule: String, _ message: String, _ path: GoldenPath, _ resource: Resource,
    _ steps: [FieldPath.Step], part: Place.Part = .key, help: String? = nil
  ) {
    broken.insert(kindKey(path.apiVersion, path.kind))
    findings.append(
      Finding(
        rule: "golden-path/\(rule)", message,
        at: path.place(resource.templatePath(FieldPath(steps)), part: part), help: help,
        related: path.usesRelated(resource.templatePath(FieldPath(steps)))))
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

/// The types that values of an expression's type can have in a schema; nil when that is not known.
func schemaTypes(of type: CELType) -> ValueTypes? {
  switch type {
  case .string: .string
  case .int, .uint, .double: [.integer, .number]
  case .bool: .boolean
  case .list: .array
  case .map, .object: .object
  default: nil
  }
}

extension Finding {
  /// Whether it says the same of the same place, whatever led there.
  fileprivate func isSame(as other: Finding) -> Bool {
    rule == other.rule && message == other.message && place == other.place
  }
}
