import Diagnostics
import Documents
public import Files
import GoldenPaths
import Intents
import Manifests
import OutputTrees

/// Runs the tests that stand beside golden paths: recorded cases under `tests/`, and assertions in
/// `tests.yaml`.
public struct GoldenPathTesting {
  private let files: any FileTree
  private let library: GoldenPathLibrary
  private let contexts: [RenderContext]
  private var run = TestRun()

  /// Tests of a platform's golden paths, in its environments.
  public init(_ files: any FileTree, platform loaded: LoadedPlatform) {
    self.files = files
    library = loaded.library
    contexts = loaded.platform.environments.map { RenderContext($0, of: loaded.platform) }
  }

  /// Tests of golden paths without a platform, in one nameless environment; `paths` are their files.
  ///
  /// `libraries` answers the bytes of a library that one of them imports. What is wrong with the golden paths themselves is
  /// among the findings of `run`.
  public init(
    _ files: any FileTree, paths: [String],
    libraries readLibrary: (String) -> [UInt8]? = { _ in nil }
  ) {
    self.files = files
    let parsed = paths.compactMap { path in
      ((try? files.read(path)) ?? nil).map { parseYAML($0, file: path) }
    }
    let libraries = importedLibraries(of: parsed, roots: .anywhere) { path in
      readLibrary(path).map { parseYAML($0, file: path) }
    }
    let result = GoldenPathLibrary.load(parsed, libraries: libraries, roots: .anywhere)
    library = result.library
    contexts = [.standalone]
    run.findings = result.findings
  }

  /// Runs the cases of the golden paths in some folders (each with a `path.yaml`).
  ///
  /// With `update`, what is rendered now is answered as files to be written, in place of differences.
  /// Findings: `test/not-as-recorded`, `test/failed-assertion`, `test/unexpected-verdict`,
  /// `test/unexpected-message` for cases that fail; `test/unreached` (note) for what no case reaches.
  public mutating func run(_ folders: [String], update: Bool) -> TestRun {
    let known = run.findings
    run = TestRun()
    run.findings = known
    for folder in folders {
      do {
        try run(folder, update: update)
      } catch {
        run.findings.append(
          Finding(rule: "files/unreadable", error.message, at: Place(file: error.path)))
      }
    }
    return run
  }

  private mutating func run(_ folder: String, update: Bool) throws(FileTreeError) {
    let prefix = folder.isEmpty ? "" : folder + "/"
    let paths = library.paths.filter { $0.file == "\(prefix)path.yaml" }
    guard !paths.isEmpty else { return }
    var coverage = GoldenPathCoverage(paths)
    for path in try files.paths(under: "\(prefix)tests") {
      guard path.hasSuffix("/intent.yaml"),
        !path.dropFirst(prefix.count + "tests/".count).dropLast("/intent.yaml".count).contains("/")
      else { continue }
      try runRecorded(path, update: update, &coverage)
    }
    let assertions = "\(prefix)tests.yaml"
    if let bytes = try files.read(assertions) {
      try runAssertions(
        parseYAML(bytes, file: assertions), paths, folder: prefix, &coverage)
    }
    guard coverage.hasCases else { return }
    run.coverage += coverage.summary
    run.findings += coverage.unreached
  }

  // MARK: rendering

  /// What the intents of a file become in each environment that they are for.
  private func rendered(
    _ intents: [Intent], in contexts: [RenderContext], _ coverage: inout GoldenPathCoverage
  ) -> [(context: RenderContext, intent: Intent, unit: RenderedUnit)] {
    var results: [(context: RenderContext, intent: Intent, unit: RenderedUnit)] = []
    for context in contexts {
      let renderer = Renderer(library: library, context: context)
      for intent in intents where context.environment.isEmpty || intent.isFor(context.environment) {
        let effective = EffectiveIntent(intent, in: context.environment)
        let unit = renderer.render(effective)
        coverage.add(effective, unit)
        results.append((context, intent, unit))
      }
    }
    return results
  }

  private func intents(in file: ParsedFile) -> (intents: [Intent], findings: [Finding]) {
    let result = Intents.intents(in: file, environments: contexts.map(\.environment))
    return (
      result.intents,
      result.findings + result.intents.flatMap { library.findings(about: $0) }
    )
  }

  // MARK: recorded cases

  private mutating func runRecorded(
    _ path: String, update: Bool, _ coverage: inout GoldenPathCoverage
  ) throws(FileTreeError) {
    guard let bytes = try files.read(path) else { return }
    let folder = String(path.dropLast("/intent.yaml".count))
    let name = String(folder.split(separator: "/").last ?? "")
    let (intents, problems) = intents(in: parseYAML(bytes, file: path))
    var findings = problems.filter { $0.severity == .error }
    var actual: [String: [UInt8]] = [:]
    if findings.isEmpty {
      for result in rendered(intents, in: contexts, &coverage) {
        findings += result.unit.findings.filter { $0.severity == .error }
        let environment = result.context.environment
        for manifest in result.unit.manifests {
          let name = fileName(of: manifest.identity, intentNamespace: result.intent.namespace)
          let inner = environment.isEmpty ? name : "\(environment)/\(name)"
          actual["\(folder)/expected/\(inner)"] = yamlBytes(of: manifest.value)
        }
      }
    }
    if findings.isEmpty {
      let recorded = try files.paths(under: "\(folder)/expected")
      if update {
        try noteChanges(actual, recorded)
      } else {
        findings = try differences(actual, recorded, name: name, intent: path)
      }
    }
    run.findings += findings
    run.cases.append(.init(file: folder, name: name, isPassed: findings.isEmpty))
  }

  private mutating func noteChanges(
    _ actual: [String: [UInt8]], _ recorded: [String]
  ) throws(FileTreeError) {
    for (path, bytes) in actual.sorted(by: { $0.key < $1.key })
    where try files.read(path) != bytes {
      run.written.append(.init(path: path, bytes: bytes))
    }
    for path in recorded where actual[path] == nil {
      run.written.append(.init(path: path, bytes: nil))
    }
  }

  private func differences(
    _ actual: [String: [UInt8]], _ recorded: [String], name: String, intent: String
  ) throws(FileTreeError) -> [Finding] {
    let help = "'pave test --update' records what is rendered now; read the difference before"
    func finding(_ message: String, _ place: Place) -> Finding {
      Finding(rule: "test/not-as-recorded", "'\(name)': \(message)", at: place, help: help)
    }
    if recorded.isEmpty {
      return [finding("nothing is recorded under 'expected'", Place(file: intent))]
    }
    var findings: [Finding] = []
    for (path, bytes) in actual.sorted(by: { $0.key < $1.key }) {
      let short = path.split(separator: "/").suffix(2).joined(separator: "/")
      guard let expected = try files.read(path) else {
        findings.append(finding("'\(short)' is rendered and not recorded", Place(file: intent)))
        continue
      }
      guard let difference = firstDifference(expected, bytes) else { continue }
      findings.append(
        finding(
          "expected '\(difference.expected)', found '\(difference.found)'",
          Place(file: path, anchor: .bytes(difference.range))))
    }
    for path in recorded where actual[path] == nil {
      findings.append(finding("recorded and not rendered any more", Place(file: path)))
    }
    return findings
  }

  // MARK: assertions

  private mutating func runAssertions(
    _ file: ParsedFile, _ paths: [GoldenPath], folder: String, _ coverage: inout GoldenPathCoverage
  ) throws(FileTreeError) {
    let (cases, problems) = GoldenPathTestReader.cases(
      in: file, paths, of: library, environments: contexts.map(\.environment))
    run.findings += problems
    for test in cases {
      var findings: [Finding] = []
      let parsed: ParsedFile
      if let inner = test.intentFile {
        guard let bytes = try files.read(folder + inner) else {
          findings = [
            Finding(
              rule: "test/missing-intent", "there is no file '\(folder + inner)'",
              at: test.intentPlace)
          ]
          run.findings += findings
          run.cases.append(.init(file: file.file, name: test.name, isPassed: false))
          continue
        }
        parsed = parseYAML(bytes, file: folder + inner)
      } else {
        parsed = test.inlineFile(file)
      }
      let read = intents(in: parsed)
      var refusals = read.findings.filter { $0.severity == .error }
      let contexts = contexts.filter {
        test.environment == nil || $0.environment == test.environment
      }
      if refusals.isEmpty {
        let results = rendered(read.intents, in: contexts, &coverage)
        refusals = results.flatMap(\.unit.findings).filter { $0.severity == .error }
        if test.fails == nil, refusals.isEmpty {
          findings += test.failures(results.map { ($0.context, $0.unit, $0.intent) })
        }
      }
      findings += test.verdict(refusals)
      run.findings += findings
      run.cases.append(
        .init(file: file.file, name: test.name, isPassed: findings.isEmpty && test.isSound))
    }
  }
}

/// The first line that differs: its bytes in the first text, and both lines.
private func firstDifference(
  _ expected: [UInt8], _ found: [UInt8]
) -> (range: Range<Int>, expected: String, found: String)? {
  if expected == found { return nil }
  let newline = UInt8(ascii: "\n")
  var start = 0
  var index = 0
  while index < expected.count, index < found.count, expected[index] == found[index] {
    if expected[index] == newline { start = index + 1 }
    index += 1
  }
  func line(_ bytes: [UInt8]) -> (end: Int, text: String) {
    let end = bytes[min(start, bytes.count)...].firstIndex(of: newline) ?? bytes.count
    return (end, String(decoding: bytes[min(start, bytes.count)..<end], as: UTF8.self))
  }
  let (end, text) = line(expected)
  return (min(start, expected.count)..<max(end, min(start, expected.count)), text, line(found).text)
}
