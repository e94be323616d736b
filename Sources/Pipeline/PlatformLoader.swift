import Charts
import Diagnostics
import Documents
import Files
import GoldenPaths
import Intents
import Manifests
import Policies
import ServedKinds

/// Reads the files of a platform, each once, and keeps what was found.
struct PlatformLoader {
  let world: World
  private let files: HashedFileTree
  /// Where rules are read instead; nil for `files`.
  private let ruleFiles: HashedFileTree?
  var findings: [Finding] = []
  var isUnreadable = false
  var notEvaluated: [Ledger.NotEvaluated] = []
  private var parsed: [String: ParsedFile] = [:]
  private var inlineWaivers: [Waiver] = []
  /// The bytes of files that may have waivers in comments.
  private var waivedFiles: [String: [UInt8]] = [:]
  private var configuration = Configuration()
  private var servedKinds: [[String]: KnownTypes] = [:]
  /// The files of built-in policies by what chose them.
  private var builtIn: [[String]: [ParsedFile]] = [:]
  private var inputs = PlatformInputs()
  /// The files that were read as something else than what units are rendered from.
  private var readOtherwise: Set<String> = []
  private var readForRendering: Set<String> = []
  private var intentPaths: Set<String> = []
  /// Whether anything was found about intents.
  private(set) var isAboutIntents = false

  init(world: World) {
    self.world = world
    files = HashedFileTree(world.files)
    ruleFiles = world.rules.map { HashedFileTree($0) }
  }

  mutating func load() -> LoadedPlatform? {
    guard let bytes = read(platformFile, as: .rule) else {
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
    let targets = platform.output.map { OutputTarget.targets(of: $0, platform) }
    let message = platform.output.map { CommitMessage.compile($0, platform) }
    findings += (targets?.findings ?? []) + (message?.findings ?? [])
    guard !findings.contains(where: { $0.severity == .error }) else { return nil }

    noteWhatIsLeftOut(platform)
    let library = loadGoldenPaths(platform)
    let foundBefore = findings.count
    let (intents, faulty) = loadIntents(platform)
    let isPromoting = platform.environments.contains { $0.promotesFrom != nil }
    let names = platform.environments.map(\.name)
    findings += library.unknownEnvironments(among: names)
    var unusable = faulty
    var pathOfIntent: [Int?] = []
    let indices = Dictionary(
      library.paths.enumerated().map { (ObjectIdentifier($0.element), $0.offset) },
      uniquingKeysWith: { first, _ in first })
    for (index, intent) in intents.enumerated() {
      let problems =
        library.findings(about: intent, isPromoting: isPromoting)
        + library.refusedEnvironments(of: intent, among: names)
      findings += problems
      let path = library.path(apiVersion: intent.apiVersion, kind: intent.kind)
      pathOfIntent.append(path.flatMap { indices[ObjectIdentifier($0)] })
      if path == nil || problems.contains(where: { $0.severity == .error }) {
        unusable.insert(index)
      }
    }
    isAboutIntents = findings.count > foundBefore
    let checks = platform.environments.map { loadChecks($0, of: platform, library) }
    let waivers = loadWaivers(platform) + inlineWaivers
    noteInputs(intents)
    return LoadedPlatform(
      platform: platform, intents: intents, library: library, checks: checks,
      folders: folders, targets: targets?.targets ?? [], message: message?.message,
      unusableIntents: unusable, waivers: waivers, waivedFiles: waivedFiles, today: world.today,
      configuration: configuration, rulesRevision: world.rulesRevision,
      notEvaluated: notEvaluated, remoteCopies: world.remoteCopies, pathOfIntent: pathOfIntent,
      inputs: inputs, isPart: world.intentFiles != nil)
  }

  /// Sorts what was read by what depends on it. What is not known to be for something else may be part of any
  /// rendering.
  private mutating func noteInputs(_ intents: [Intent]) {
    inputs.program = "\(world.version) \(world.build)"
    for (path, content) in files.reads
    where !readOtherwise.contains(path) || readForRendering.contains(path) {
      inputs.rendering[path] = content
    }
    inputs.rendering[platformFile] = (ruleFiles ?? files).content(platformFile)
    inputs.intents = intents.map { files.content($0.file)?.id }
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
      let tree = PlatformFiles(self.files)
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
    var check = VendorCheck(platform, world.files)
    let vendored = listed { () throws(FileTreeError) in try check.folders() }
    findings += check.findings
    for folder in vendored {
      if isThere("\(folder)/path.yaml") {
        if seen.insert("\(folder)/path.yaml").inserted, let file = parse("\(folder)/path.yaml") {
          files.append(file)
        }
      } else if isThere("\(folder)/Chart.yaml") {
        if seen.insert("\(folder)/Chart.yaml").inserted, let chart = loadChart(folder) {
          charts.append(chart)
        }
      }
    }
    let roots = ImportRoots(
      folders: Set(platform.vendoredPaths.map(\.name)).map(VendorLock.folder(of:)))
    let libraries = importedLibraries(of: files, roots: roots) { parse($0) }
    let result = GoldenPathLibrary.load(
      files, charts: charts, libraries: libraries, roots: roots,
      isIncomplete: check.isIncomplete)
    findings += result.findings
    return result.library
  }

  private func isThere(_ path: String) -> Bool { ((try? world.files.read(path)) ?? nil) != nil }

  /// The chart in a folder; nil, with a finding, for what is none.
  private mutating func loadChart(_ folder: String) -> ChartSource? {
    do {
      return ChartSource(try Chart(folder: folder, of: files), folder: folder)
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
      let files = world.intentFiles ?? selected(pattern, as: .intent)
      parseIntents(files)
      if files.isEmpty, world.intentFiles == nil {
        findings.append(matchesNothing(pattern, "no YAML file"))
      }
      for path in files where seen.insert(path).inserted {
        guard let file = parse(path, as: .intent) else { continue }
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
    for file in documents(platform.waivers, as: .rule, skipping: { _ in false }) {
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
    let policyFiles = documents(patterns, as: .rule, skipping: isPolicyTest)
    for file in policyFiles {
      addOnce(policies.add(file: file.file, documents: file.documents))
    }
    let own = Set((policies.policies + policies.repositoryPolicies).map(\.name))
    for file in builtInFiles(patterns, replacedBy: own) {
      addOnce(policies.add(file: file.file, documents: file.documents))
    }
    let clusterFiles = documents(
      platform.cluster + environment.cluster, as: .rule, skipping: { _ in false })
    let definitions = documents(
      platform.schemaFiles + environment.schemaFiles, as: .schema, skipping: { _ in false })
    var contents: [String: HashedFileTree.Content] = [:]
    for file in policyFiles + clusterFiles {
      contents["rule " + file.file] = (ruleFiles ?? files).content(file.file)
    }
    for file in definitions { contents["schema " + file.file] = files.content(file.file) }
    inputs.verdicts.append(contents)
    let given = policies.objects.filter { !$0.file.hasPrefix(BuiltInPack.prefix) }
    let defaults = policies.objects.filter { $0.file.hasPrefix(BuiltInPack.prefix) }
    let cluster = clusterFiles.flatMap(\.documents) + given.map(\.document)
    return EnvironmentChecks(
      policies: policies,
      directory: ResourceDirectory(
        minor: environment.kubernetes.minor, definitions: definitions.flatMap(\.documents),
        intents: library.intentKinds),
      admitter: ObjectAdmitter(
        types: kinds(environment.kubernetes.minor, definitions),
        missingSchema: environment.missingSchema ?? platform.missingSchema),
      definitions: definitions.flatMap(\.documents),
      cluster: objectsOnce(
        cluster.filter { $0.root.isKind(.map) }.map { Manifest($0) },
        and: defaults.map { Manifest($0.document) }))
  }

  /// The kinds that a version with some definitions serves: shared by environments that are alike.
  private mutating func kinds(_ minor: Int, _ definitions: [ParsedFile]) -> KnownTypes {
    let key = [String(minor)] + definitions.map(\.file)
    if let known = servedKinds[key] { return known }
    let types = KnownTypes(
      ServedKinds(minor: minor, customResources: definitions.flatMap(\.documents)))
    servedKinds[key] = types
    return types
  }

  /// The files of the built-in policies that the patterns choose, each once; a policy of the platform
  /// goes before the built-in one of its name.
  private mutating func builtInFiles(
    _ patterns: [Platform.Pattern], replacedBy own: Set<String>
  ) -> [ParsedFile] {
    let choices = patterns.filter { $0.glob == nil }.map(\.text)
    let chosen = builtIn[choices] ?? BuiltInPack.files(choices: choices)
    builtIn[choices] = chosen
    return chosen.filter { file in
      guard let name = BuiltInPack.name(ofFile: file.file), own.contains(name) else { return true }
      let left = Ledger.NotEvaluated(
        subject: "policy \(BuiltInPack.prefix)\(name)",
        reason: "the platform has a policy of that name itself")
      if !notEvaluated.contains(left) { notEvaluated.append(left) }
      return false
    }
  }

  /// The parsed files that the patterns select; their findings are taken in at the first parse.
  private mutating func documents(
    _ patterns: [Platform.Pattern], as use: Use, skipping isSkipped: (String) -> Bool
  ) -> [ParsedFile] {
    var found: [ParsedFile] = []
    var seen: Set<String> = []
    for pattern in patterns where pattern.glob != nil {
      let paths = selected(pattern, as: use).filter { !isSkipped($0) }
      if paths.isEmpty { addOnce([matchesNothing(pattern, "no YAML file")]) }
      for path in paths where seen.insert(path).inserted {
        let isFirst = parsed[key(path, use)] == nil
        guard let file = parse(path, as: use) else { continue }
        if isFirst { findings += file.findings }
        found.append(file)
      }
    }
    return found
  }

  /// Takes in findings that several environments would repeat.
  private mutating func addOnce(_ new: [Finding]) {
    for finding in new where !findings.contains(finding) { findings.append(finding) }
  }

  // MARK: files

  /// What a file is read as.
  private enum Use {
    /// What units are rendered from, intents aside.
    case rendering
    case intent
    /// What a change is held to, rather than what is held.
    case rule
    case schema
  }

  private mutating func selected(_ pattern: Platform.Pattern, as use: Use) -> [String] {
    guard let glob = pattern.glob else { return [] }
    let tree = PlatformFiles(tree(use))
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
  private mutating func parse(_ path: String, as use: Use = .rendering) -> ParsedFile? {
    if use == .intent {
      intentPaths.insert(path)
    } else if intentPaths.contains(path) {
      inputs.mixedIntents.insert(path)
    }
    if use == .rendering {
      readForRendering.insert(path)
    } else if use != .rule || ruleFiles == nil {
      readOtherwise.insert(path)
    }
    if let known = parsed[key(path, use)] { return known }
    guard let bytes = read(path, as: use) else { return nil }
    if use != .rule, mayHoldInlineWaivers(bytes) { waivedFiles[path] = bytes }
    let file = parseYAML(bytes, file: path)
    parsed[key(path, use)] = file
    return file
  }

  /// Parses the files of intents on all cores. What cannot be read is left to be told of in its turn.
  private mutating func parseIntents(_ paths: [String]) {
    let waiting = paths.filter { parsed[$0] == nil }
    let (files, known) = (files, world.parsedFiles)
    let done = eachIndex(
      below: waiting.count, blockCount: 16, makeState: { [(path: String, file: IntentFile)]() }
    ) { index, done in
      let path = waiting[index]
      guard let bytes = (try? files.read(path)) ?? nil else { return }
      let content = files.content(path)?.id
      let file = known.file(path, content) {
        IntentFile(
          file: parseYAML(bytes, file: path),
          waivedBytes: mayHoldInlineWaivers(bytes) ? bytes : nil)
      }
      done.append((path, file))
    }
    for (path, file) in done.flatMap({ $0 }) {
      readOtherwise.insert(path)
      parsed[path] = file.file
      if let bytes = file.waivedBytes { waivedFiles[path] = bytes }
    }
  }

  private func tree(_ use: Use) -> HashedFileTree {
    use == .rule ? ruleFiles ?? files : files
  }

  private func key(_ path: String, _ use: Use) -> String {
    use == .rule && ruleFiles != nil ? "rules:" + path : path
  }

  private mutating func read(_ path: String, as use: Use) -> [UInt8]? {
    do {
      let bytes = try tree(use).read(path)
      if use == .rule, let bytes { configuration.add(path, bytes) }
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
