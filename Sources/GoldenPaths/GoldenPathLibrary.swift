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
  /// The charts by their folder.
  let charts: [String: ChartSource]
  /// Custom kinds whose objects have no namespace.
  let clusterKinds: Set<GroupKind>

  /// A library without golden paths.
  public init() {
    paths = []
    byKind = [:]
    broken = []
    hasUnreadable = false
    links = [:]
    clusterKinds = []
    charts = [:]
  }

  private init(
    paths: [GoldenPath], byKind: [String: GoldenPath], broken: Set<String>,
    hasUnreadable: Bool, links: [ObjectIdentifier: [GoldenPath?]], clusterKinds: Set<GroupKind>,
    charts: [String: ChartSource]
  ) {
    self.clusterKinds = clusterKinds
    self.charts = charts
    self.paths = paths
    self.byKind = byKind
    self.broken = broken
    self.hasUnreadable = hasUnreadable
    self.links = links
  }

  /// The golden paths in parsed files, each document being one, and what is wrong with them.
  ///
  /// Everything that needs no intent is checked here: `golden-path/…` findings, the parsers' own
  /// included. `charts` are golden paths by themselves. `libraries` are the files that `spec.imports` may name
  /// (`importedLibraries(of:roots:reading:)` finds them). `clusterKinds` are custom kinds without a namespace. `expands` tells
  /// whether a template whose kind is another golden path's will be expanded, so that a circle is a mistake. `isIncomplete` says that golden paths
  /// are known to be missing: then a kind without one is no mistake of its intent.
  public static func load(
    _ files: [ParsedFile], charts: [ChartSource] = [], libraries: [ParsedFile] = [],
    roots: ImportRoots = ImportRoots(), clusterKinds: Set<GroupKind> = [], expands: Bool = true,
    isIncomplete: Bool = false
  ) -> (library: GoldenPathLibrary, findings: [Finding]) {
    var loader = LibraryLoader(clusterKinds: clusterKinds, roots: roots)
    loader.hasUnreadable = isIncomplete
    loader.loadLibraries(libraries)
    loader.collectKinds(files)
    for file in files { loader.load(file) }
    for chart in charts { loader.load(chart) }
    loader.checkCharts()
    loader.checkTemplates()
    if expands { loader.checkCircles() }
    let usable = loader.paths.filter { !loader.broken.contains(kindKey($0.apiVersion, $0.kind)) }
    let library = GoldenPathLibrary(
      paths: usable, byKind: loader.byKind.filter { !loader.broken.contains($0.key) },
      broken: loader.broken, hasUnreadable: loader.hasUnreadable, links: loader.links,
      clusterKinds: clusterKinds, charts: loader.charts)
    return (library, loader.findings)
  }

  /// Whether some resource lets many intents ask for its object.
  public var sharesObjects: Bool {
    paths.contains { $0.resources.contains(where: \.isShared) }
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

  /// Whether a kind that has no usable golden path may have a broken one, which was said.
  func cannotTell(_ apiVersion: String, _ kind: String) -> Bool {
    hasUnreadable || broken.contains(kindKey(apiVersion, kind))
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
