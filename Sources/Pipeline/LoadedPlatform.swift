import Charts
public import Diagnostics
public import Documents
import Files
public import GoldenPaths
public import Intents
import Manifests
import Policies
import ServedKinds

/// A platform read and compiled: everything that no single unit changes.
public struct LoadedPlatform: Sendable {
  /// What `pave.yaml` says.
  public let platform: Platform
  /// The intents, by file and place in it.
  public let intents: [Intent]
  /// The compiled golden paths.
  let library: GoldenPathLibrary
  /// What each environment is held to, by the environment's index.
  let checks: [EnvironmentChecks]
  /// The folder of each unit in the output; nil without `spec.output`, or when its path is invalid.
  let folders: OutputPattern?
  /// The branch of each environment, by its index; empty without `spec.output`.
  let branches: [String]
  /// The intents, by index, that are not rendered: of kinds that no golden path is for, or with other
  /// faults that hold in every environment.
  let unusableIntents: Set<Int>
  /// The reviewed exceptions.
  let waivers: [Waiver]
  /// The bytes of the files that have waivers for single lines.
  let waivedFiles: [String: [UInt8]]
  /// The day that their expiry is held against.
  let today: String
  /// The files that say what the platform is held to.
  let configuration: Configuration
  /// The commit that those are of, where it is another one.
  let rulesRevision: String?
  /// What could not be taken into account, with the reason.
  let notEvaluated: [Ledger.NotEvaluated]

  /// The golden paths that can be used, in the order of their files.
  public var goldenPaths: [GoldenPath] { library.paths }

  /// `metadata.name` of `pave.yaml`.
  public var name: String { platform.name }

  /// The names of the environments, in the order written.
  public var environmentNames: [String] { platform.environments.map(\.name) }

  /// Whether promoted fields stand only in the environments' blocks.
  public var isPromoting: Bool { platform.environments.contains { $0.promotesFrom != nil } }

  /// The patterns of the intents' files, as written.
  public var intentPatterns: [String] { platform.intents.map(\.text) }

  /// What is known of the requests that policies see: a map with any of `userInfo`, `dryRun` and
  /// `options`; nil for what the delivery engine would send.
  public var request: Document?

  /// Whether `pave.yaml` names any policies, for all environments or for one.
  public var hasPolicies: Bool {
    !platform.policies.isEmpty || platform.environments.contains { !$0.policies.isEmpty }
  }
}

/// The policies of one environment, and what exists in its cluster beside the rendering.
struct EnvironmentChecks: Sendable {
  let policies: PolicyFiles
  let directory: ResourceDirectory
  /// What the API server makes of objects before it asks policies.
  let admitter: ObjectAdmitter
  /// The objects of the `cluster:` files, and those that stand beside policies.
  let cluster: [Manifest]
}

/// What came of reading a platform.
public struct Loading: Sendable {
  /// The platform; nil when `pave.yaml` is missing or cannot be used.
  public let loaded: LoadedPlatform?
  /// What was found, whether or not there is a platform.
  public let findings: [Finding]
  /// Whether a file could not be read, so that the job cannot be done.
  public let isUnreadable: Bool
}

/// Reads `pave.yaml` and all files that it selects, and compiles them.
///
/// Every file is parsed once. A mistake in one file is a finding and leaves out what stands there;
/// only `pave.yaml` itself is needed to go on.
public func load(_ world: World) -> Loading {
  var loader = Loader(world: world)
  let loaded = loader.load()
  return Loading(
    loaded: loaded, findings: loader.findings, isUnreadable: loaded == nil || loader.isUnreadable)
}

private struct Loader {
  let world: World
  var findings: [Finding] = []
  var isUnreadable = false
  var notEvaluated: [Ledger.NotEvaluated] = []
  private var parsed: [String: ParsedFile] = [:]
  private var inlineWaivers: [Waiver] = []
  private var waivedFiles: [String: [UInt8]] = [:]
  private var configuration = Configuration()

  init(world: World) { self.world = world }

  mutating func load() -> LoadedPlatform? {
    guard let bytes = read(platformFile, rules: true) else {
      if !isUnreadable {
        findings.append(
          Finding(
            rule: "platform/missing", "there is no 'pave.yaml'", at: Place(file: platformFile),
            help: "put a pave.yaml at the platform's root, or name its folder with --platform"))
      }
      return nil
    }
    let result = Platform.read(parseYAML(bytes, file: platformFile))
    findings += result.findings
    guard let platform = result.platform, isForThisVersion(platform) else { return nil }
    let folders = loadFolders(platform)
    let branches = platform.output.map { branchNames(of: $0, platform) }
    findings += branches?.findings ?? []
    guard !findings.contains(where: { $0.severity == .error }) else { return nil }

    noteWhatIsLeftOut(platform)
    let library = loadGoldenPaths(platform)
    let (intents, faulty) = loadIntents(platform)
    let isPromoting = platform.environments.contains { $0.promotesFrom != nil }
    var unusable = faulty
    for (index, intent) in intents.enumerated() {
      let problems = library.findings(about: intent, isPromoting: isPromoting)
      findings += problems
      let isKnown = library.path(apiVersion: intent.apiVersion, kind: intent.kind) != nil
      if !isKnown || problems.contains(where: { $0.severity == .error }) { unusable.insert(index) }
    }
    let checks = platform.environments.map { loadChecks($0, of: platform, library) }
    return LoadedPlatform(
      platform: platform, intents: intents, library: library, checks: checks,
      folders: folders, branches: branches?.names ?? [], unusableIntents: unusable,
      waivers: loadWaivers(platform) + inlineWaivers, waivedFiles: waivedFiles, today: world.today,
      configuration: configuration, rulesRevision: world.rulesRevision,
      notEvaluated: notEvaluated)
  }

  private mutating func loadFolders(_ platform: Platform) -> OutputPattern? {
    guard let output = platform.output else { return nil }
    let place = platform.place(FieldPath(keys: "spec", "output", "path"))
    let result = OutputPattern.compile(output.path, at: place)
    findings += result.findings
    return result.pattern
  }

  /// What `pave.yaml` may say and this version does not act on: never passed over in silence.
  private mutating func noteWhatIsLeftOut(_ platform: Platform) {
    let builtIn = platform.policies + platform.environments.flatMap(\.policies)
    for pattern in builtIn where pattern.glob == nil {
      if BuiltInPack.files(matching: pattern.text) == nil {
        findings.append(BuiltInPack.unknown(pattern.text, at: pattern.place))
      }
    }
  }

  private mutating func isForThisVersion(_ platform: Platform) -> Bool {
    guard let requires = platform.requires, !requires.accepts(world.version) else { return true }
    findings.append(
      Finding(
        rule: "platform/requires",
        "this platform requires Pave '\(requires.text)', and this is \(world.version)",
        at: platform.place(FieldPath(keys: "spec", "requires")),
        help: "use a version of Pave that fits, so that everybody renders alike"))
    return false
  }

  // MARK: golden paths and intents

  private mutating func loadGoldenPaths(_ platform: Platform) -> GoldenPathLibrary {
    var files: [ParsedFile] = []
    var charts: [ChartSource] = []
    var seen: Set<String> = []
    for pattern in platform.goldenPaths {
      guard let glob = pattern.glob else { continue }
      let tree = PlatformFiles(world.files)
      let folders = listed { () throws(FileTreeError) in
        try tree.folders(matching: [glob], with: ["path.yaml", "Chart.yaml"])
      }
      if folders.isEmpty {
        findings.append(matchesNothing(pattern, "no folder with a path.yaml or Chart.yaml"))
      }
      for (folder, file) in folders where seen.insert(file).inserted {
        if file.hasSuffix("/Chart.yaml") {
          if let chart = loadChart(folder) { charts.append(chart) }
        } else if let file = parse(file) {
          files.append(file)
        }
      }
    }
    let result = GoldenPathLibrary.load(files, charts: charts)
    findings += result.findings
    return result.library
  }

  /// The chart in a folder; nil, with a finding, for what is none.
  private mutating func loadChart(_ folder: String) -> ChartSource? {
    do {
      return ChartSource(try Chart(folder: folder, of: world.files), folder: folder)
    } catch let error as ChartError {
      let file = "\(folder)/\(error.file ?? "Chart.yaml")"
      findings.append(
        Finding(rule: "chart/\(error.code.rawValue)", error.message, at: Place(file: file)))
    } catch {
      findings.append(
        Finding(rule: "chart/invalid-chart", "\(error)", at: Place(file: "\(folder)/Chart.yaml")))
    }
    return nil
  }

  /// The intents, and the indices of those that are not rendered, since whatever else was said of
  /// them would only follow from the fault already found.
  private mutating func loadIntents(_ platform: Platform) -> (intents: [Intent], faulty: Set<Int>) {
    let names = platform.environments.map(\.name)
    var all: [Intent] = []
    var faulty: Set<Int> = []
    var seen: Set<String> = []
    for pattern in platform.intents {
      let files = selected(pattern)
      if files.isEmpty { findings.append(matchesNothing(pattern, "no YAML file")) }
      for path in files where seen.insert(path).inserted {
        guard let file = parse(path) else { continue }
        let result = Intents.intents(in: file, environments: names)
        let isFaulty = result.findings.contains {
          $0.severity == .error && ($0.rule.hasPrefix("yaml/") || $0.rule == "intent/invalid-name")
        }
        if isFaulty { faulty.formUnion(all.count..<all.count + result.intents.count) }
        all += result.intents
        loadInlineWaivers(path, platform)
        findings += result.findings + result.intents.compactMap(forNoEnvironment)
      }
    }
    findings += duplicates(among: all)
    var known: Set<UnitIdentity> = []
    for (index, intent) in all.enumerated() where !known.insert(intent.unit(in: "")).inserted {
      faulty.insert(index)
    }
    return (all, faulty)
  }

  /// A warning for an intent whose `environments` is there and empty: it is rendered nowhere.
  private func forNoEnvironment(_ intent: Intent) -> Finding? {
    guard intent.environments?.isEmpty == true else { return nil }
    return Finding(
      rule: "intent/no-environment", severity: .warning,
      "'\(intent.reference)' is for no environment and is not rendered",
      at: intent.place(FieldPath(keys: "environments"), part: .key),
      help: "name environments, or take 'environments' out for all of them")
  }

  /// The waivers in the comments of a file of intents.
  private mutating func loadInlineWaivers(_ path: String, _ platform: Platform) {
    guard let bytes = waivedFiles[path] else { return }
    let result = Intents.inlineWaivers(in: bytes, file: path, allowed: platform.inlineWaivers)
    findings += result.findings
    inlineWaivers += result.waivers
  }

  private mutating func loadWaivers(_ platform: Platform) -> [Waiver] {
    let names = platform.environments.map(\.name)
    var all: [Waiver] = []
    for file in documents(platform.waivers, rules: true, skipping: { _ in false }) {
      let result = Intents.waivers(in: file, environments: names)
      all += result.waivers
      findings += result.findings
    }
    return all
  }

  // MARK: policies and what exists

  private mutating func loadChecks(
    _ environment: Environment, of platform: Platform, _ library: GoldenPathLibrary
  ) -> EnvironmentChecks {
    let patterns = platform.policies + environment.policies
    var policies = PolicyFiles()
    for file in documents(patterns, rules: true, skipping: isPolicyTest) {
      addOnce(policies.add(file: file.file, documents: file.documents))
    }
    let builtIn = builtInFiles(patterns)
    for file in builtIn { addOnce(policies.add(file: file.file, documents: file.documents)) }
    let clusterFiles = documents(
      platform.cluster + environment.cluster, rules: true, skipping: { _ in false })
    let definitions = documents(
      platform.schemaFiles + environment.schemaFiles, rules: false, skipping: { _ in false })
    let own = policies.objects.filter { !$0.file.hasPrefix(BuiltInPack.prefix) }
    let defaults = policies.objects.filter { $0.file.hasPrefix(BuiltInPack.prefix) }
    let cluster = clusterFiles.flatMap(\.documents) + own.map(\.document)
    return EnvironmentChecks(
      policies: policies,
      directory: ResourceDirectory(
        minor: environment.kubernetes.minor, definitions: definitions.flatMap(\.documents),
        intents: library.intentKinds),
      admitter: ObjectAdmitter(
        kinds: ServedKinds(
          minor: environment.kubernetes.minor, customResources: definitions.flatMap(\.documents)),
        missingSchema: environment.missingSchema ?? platform.missingSchema),
      cluster: objectsOnce(
        cluster.filter { $0.root.isKind(.map) }.map { Manifest($0) },
        and: defaults.map { Manifest($0.document) }))
  }

  /// The files of the built-in policies that the patterns choose, each once.
  private func builtInFiles(_ patterns: [Platform.Pattern]) -> [ParsedFile] {
    BuiltInPack.files(choices: patterns.filter { $0.glob == nil }.map(\.text))
  }

  /// The parsed files that the patterns select; their findings are taken in at the first parse.
  /// `rules` says whether they are what a change is held to, rather than what is held.
  private mutating func documents(
    _ patterns: [Platform.Pattern], rules: Bool, skipping isSkipped: (String) -> Bool
  ) -> [ParsedFile] {
    var files: [ParsedFile] = []
    var seen: Set<String> = []
    for pattern in patterns where pattern.glob != nil {
      let paths = selected(pattern, rules: rules).filter { !isSkipped($0) }
      if paths.isEmpty { addOnce([matchesNothing(pattern, "no YAML file")]) }
      for path in paths where seen.insert(path).inserted {
        let isFirst = parsed[key(path, rules)] == nil
        guard let file = parse(path, rules: rules) else { continue }
        if isFirst { findings += file.findings }
        files.append(file)
      }
    }
    return files
  }

  /// Takes in findings that several environments would repeat.
  private mutating func addOnce(_ new: [Finding]) {
    for finding in new where !findings.contains(finding) { findings.append(finding) }
  }

  // MARK: files

  private mutating func selected(_ pattern: Platform.Pattern, rules: Bool = false) -> [String] {
    guard let glob = pattern.glob else { return [] }
    let tree = PlatformFiles(files(rules))
    return listed { () throws(FileTreeError) in
      try tree.yamlFiles(matching: [glob])
    }
  }

  private mutating func listed<T>(_ list: () throws(FileTreeError) -> [T]) -> [T] {
    do {
      return try list()
    } catch {
      report(error)
      return []
    }
  }

  /// The file, parsed once; its findings are the caller's to take in.
  private mutating func parse(_ path: String, rules: Bool = false) -> ParsedFile? {
    if let known = parsed[key(path, rules)] { return known }
    guard let bytes = read(path, rules: rules) else { return nil }
    if !rules, mayHoldInlineWaivers(bytes) { waivedFiles[path] = bytes }
    let file = parseYAML(bytes, file: path)
    parsed[key(path, rules)] = file
    return file
  }

  private func files(_ rules: Bool) -> any FileTree {
    rules ? world.rules ?? world.files : world.files
  }

  private func key(_ path: String, _ rules: Bool) -> String {
    rules && world.rules != nil ? "rules:" + path : path
  }

  private mutating func read(_ path: String, rules: Bool = false) -> [UInt8]? {
    do {
      let bytes = try files(rules).read(path)
      if rules, let bytes { configuration.add(path, bytes) }
      return bytes
    } catch {
      report(error)
      return nil
    }
  }

  private mutating func report(_ error: FileTreeError) {
    isUnreadable = true
    findings.append(
      Finding(rule: "files/unreadable", error.message, at: Place(file: error.path)))
  }

  private func matchesNothing(_ pattern: Platform.Pattern, _ expected: String) -> Finding {
    Finding(
      rule: "platform/matches-nothing", severity: .warning,
      "'\(pattern.text)' matches \(expected)", at: pattern.place,
      help: "correct the pattern, or take it out")
  }
}

/// The platform's own file.
let platformFile = "pave.yaml"
