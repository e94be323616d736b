import ArgumentParser
import Diagnostics
import Documents
import Files
import Pipeline
import Reports
import Repositories
import Synchronization

/// Platforms that are not taken apart piece by piece when the process is about to end.
private let untilExit = Mutex<[LoadedPlatform]>([])

/// One command at work on a platform: opens it, and prints what was found.
struct Session {
  /// The platform's folder as the user would write it.
  let folder: String
  var world: World
  /// Files as they stand at other commits, by the commit's id.
  var revisions: [String: any FileTree] = [:]
  /// What earlier runs found; nil to do everything.
  var known: KnownOutcomes?
  private let report: ReportOptions

  /// Finds the platform; throws when there is none.
  init(
    _ platform: PlatformOptions, _ report: ReportOptions, _ copies: CopyOptions? = nil
  ) throws {
    let files: DiskFileTree
    (files, folder) = try platform.open()
    world = World(
      files: files, version: PaveCommand.configuration.version, today: currentDay())
    world.remoteCopies = copies?.folder ?? CopyOptions.standardFolder
    world.build = programBuild()
    self.report = report
    ProgressLine.start()
  }

  /// The loaded platform.
  ///
  /// When it cannot be loaded the findings are printed to `stream`, and the command ends with 2.
  func load(findingsTo stream: Stream) throws -> (loaded: LoadedPlatform, findings: [Finding]) {
    let loading = Pipeline.load(world)
    guard var loaded = loading.loaded, !loading.isUnreadable else {
      try print(loading.findings, ledger: Ledger(), to: stream)
      throw CommandFailure(message: "the platform in '\(folder)' cannot be read")
    }
    loaded.known = known
    untilExit.withLock { $0.append(loaded) }
    return (loaded, loading.findings)
  }

  /// The platform with some of its files of intents alone, as loading left it; nothing is printed.
  func load(intentFiles: [String]) -> Loading {
    var world = world
    world.intentFiles = intentFiles
    var loading = Pipeline.load(world)
    loading.loaded?.known = KnownOutcomes()
    if let loaded = loading.loaded { untilExit.withLock { $0.append(loaded) } }
    return loading
  }

  /// The platform where HEAD parted from a revision. The session can read its files then.
  mutating func load(base revision: String) throws -> (BasePlatform, BaseSource) {
    let folder = folder
    let source = try reportingOutputErrors {
      try BaseSource(
        folder: folder, revision: revision, environment: processEnvironment())
    }
    revisions[source.commit.description] = source.files
    return (try load(source), source)
  }

  /// The platform at another commit. When it cannot be loaded the command ends with 2.
  func load(_ source: BaseSource) throws -> BasePlatform {
    var world = world
    world.files = source.files(beside: world.files)
    let loading = Pipeline.load(world)
    guard let loaded = loading.loaded, !loading.isUnreadable else {
      try print(
        loading.findings.map { $0.at(revision: source.commit) }, ledger: Ledger(), to: .error)
      throw CommandFailure(
        message: "the platform at \(source.commit.abbreviated) cannot be read; "
          + "name another commit with --base, or leave it out")
    }
    untilExit.withLock { $0.append(loaded) }
    return BasePlatform(loaded, findings: loading.findings, source)
  }

  /// Prints findings in the format asked for; JSON also has the ledger.
  func print(_ findings: [Finding], ledger: Ledger, to stream: Stream) throws {
    stream.write(
      try report.bytes(
        of: findings, ledger: ledger, places: places, stream: stream,
        repositoryFolder: RepositoryPaths.folder(of: folder)))
  }

  /// Finds places in the platform's files, in those of the commits that were loaded, and in the built-in pack.
  var places: PlaceFinder {
    let files = world.files
    let revisions = revisions
    return PlaceFinder { place in
      if let bytes = BuiltInPack.bytes(ofFile: place.file) { return bytes }
      let tree = place.revision.map { revisions[$0] } ?? files
      return (try? tree?.read(place.file)) ?? nil
    }
  }
}
