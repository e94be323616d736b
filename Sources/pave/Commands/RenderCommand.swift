import ArgumentParser
import Charts
import Diagnostics
import Documents
import Files
import GoldenPaths
import Manifests
import Pipeline
import Reports

/// `pave render`: intents in, manifests out.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Render intents into manifests: to standard output, or into a folder.",
    discussion: """
      Without --output every manifest goes to standard output, one document each. Findings go to \
      standard error; when there is an error nothing is written.

      With --golden-path no pave.yaml is needed: the given intents are rendered with the given \
      golden paths (or kro ResourceGraphDefinitions) in one nameless environment. Without an intent \
      the golden paths are only checked.
      """)

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var units: UnitOptions

  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "Write the files there, and remove those of ours that are stale.", valueName: "dir"))
  var output: String?

  @Flag(help: "With --output: write nothing, and fail when the folder is out of date.")
  var check = false

  @Option(
    name: .customLong("golden-path"),
    help: ArgumentHelp(
      "Render without a platform, with this golden path's file or folder.", valueName: "path"))
  var goldenPaths: [String] = []

  @Flag(help: "With --golden-path: expand a template whose kind is another given path's.")
  var expand = false

  @OptionGroup var report: ReportOptions

  func validate() throws {
    if !goldenPaths.isEmpty,
      output != nil || check || !units.environments.isEmpty || platform.folder != nil
    {
      throw ValidationError(
        "--golden-path renders without a platform: --platform, --environment, --output and --check do not go with it"
      )
    }
    if expand && goldenPaths.isEmpty { throw ValidationError("--expand needs --golden-path PATH") }
    if check && output == nil { throw ValidationError("--check needs --output DIR") }
    if output != nil && !units.intents.isEmpty {
      throw ValidationError("--output holds whole environments: --intent does not go with it")
    }
  }

  func run() throws {
    if !goldenPaths.isEmpty { return try renderWithoutPlatform() }
    let session = try Session(platform, report)
    let (loaded, found) = try session.load(findingsTo: .error)
    let rendering = loaded.render(try units.selection(in: loaded), [.bytes])
    let findings = loaded.withSettings(found) + rendering.findings
    if let output, report.exitStatus(of: findings) == ExitStatus.clean {
      return try write(rendering, of: loaded, to: output, session, findings)
    }
    try session.print(findings, ledger: rendering.ledger, to: .error)
    guard report.exitStatus(of: findings) == ExitStatus.clean else {
      throw ExitCode(ExitStatus.findings)
    }
    rendering.writeDocuments { Stream.output.write($0) }
  }

  // MARK: into a folder

  private func write(
    _ rendering: Rendering, of loaded: LoadedPlatform, to folder: String, _ session: Session,
    _ found: [Finding]
  ) throws {
    let isCheck = check
    let result = try reportingOutputErrors {
      try loaded.write(rendering, toFolder: folder, isCheck: isCheck)
    }
    try session.print(found + result.findings, ledger: rendering.ledger, to: .error)
    guard report.exitStatus(of: result.findings) == ExitStatus.clean else {
      throw ExitCode(ExitStatus.findings)
    }
    let changesReport = ChangesReport(style: report.style(onTerminal: Stream.error.isTerminal))
    if isCheck, !result.changes.isEmpty {
      Stream.error.write(
        changesReport.stat(of: result.changes)
          + "'\(folder)' is out of date: run 'pave render --output \(folder)'\n")
      throw ExitCode(ExitStatus.findings)
    }
    Stream.error.write("\(folder): \(changesReport.summary(of: result.changes))\n")
  }

  // MARK: without a platform

  private func renderWithoutPlatform() throws {
    var paths: [ParsedFile] = []
    var charts: [ChartSource] = []
    for path in goldenPaths {
      if let chart = try chart(path) {
        charts.append(chart)
      } else {
        paths += try parsed(path, folderFile: "path.yaml")
      }
    }
    let libraries = importedLibraries(of: paths, roots: .anywhere) { path in
      ((try? readFile(path, named: path)) ?? nil).map { parseYAML($0, file: path) }
    }
    let intents = try units.intents.flatMap { try parsed($0, folderFile: nil) }
    let rendering = StandaloneRendering(
      goldenPaths: paths, charts: charts, libraries: libraries, intents: intents, expands: expand)
    let places = PlaceFinder { place in (try? readFile(place.file, named: place.file)) ?? nil }
    var ledger = Ledger()
    ledger.manifests = rendering.manifests.count
    Stream.error.write(
      try report.bytes(of: rendering.findings, ledger: ledger, places: places, stream: .error))
    guard report.exitStatus(of: rendering.findings) == ExitStatus.clean, rendering.isUsable else {
      throw ExitCode(ExitStatus.findings)
    }
    let writer = YAMLWriter()
    for manifest in rendering.manifests { writer.writeDocument(manifest.value) }
    Stream.output.write(writer.bytes)
  }

  /// The chart that a folder is, unless it has a `path.yaml`; nil for anything else.
  private func chart(_ path: String) throws -> ChartSource? {
    let name = path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let folder = DiskFileTree(path) else { return nil }
    if DiskFileTree.hasFile("path.yaml", in: path) { return nil }
    guard DiskFileTree.hasFile("Chart.yaml", in: path) else {
      throw CommandFailure(
        message: "the folder '\(name)' has neither a path.yaml nor a Chart.yaml")
    }
    do {
      return ChartSource(try Chart(folder: "", of: folder), folder: name)
    } catch let error as ChartError {
      throw CommandFailure(message: "'\(name)/\(error.file ?? "Chart.yaml")': \(error.message)")
    } catch let error as FileTreeError {
      throw CommandFailure(message: "'\(name)/\(error.path)': \(error.message)")
    }
  }

  /// The file at a path on disk, or of a folder its YAML files (or the one named), parsed.
  private func parsed(_ path: String, folderFile: String?) throws -> [ParsedFile] {
    guard let folder = DiskFileTree(path) else { return [try parsedFile(path)] }
    let names =
      try folderFile.map { [$0] }
      ?? folder.paths(under: "").filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
    return try names.map { try parsedFile(path.hasSuffix("/") ? path + $0 : "\(path)/\($0)") }
  }

  private func parsedFile(_ path: String) throws -> ParsedFile {
    parseYAML(try bytes(ofFile: path), file: path)
  }
}
