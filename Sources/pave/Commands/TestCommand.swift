import ArgumentParser
import Diagnostics
import Documents
import Files
import Glibc
import Pipeline
import Reports

/// `pave test`: runs the tests that stand beside policies and golden paths.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the tests of policies and golden paths.",
    discussion: """
      Beside a policy, tests.yaml holds cases: an object, and whether it is admitted. Beside a \
      golden path, tests/CASE/ holds an intent.yaml and the manifests expected of it, and \
      tests.yaml assertions about them. Without paths, all tests of the platform are run.

      Ends with 1 when a case fails or a test file is not right, with 2 when there is no case.
      """)

  @Argument(help: "Folders with tests, or files of tests.")
  var paths: [String] = []

  @OptionGroup var platform: PlatformOptions

  @Flag(help: "Write what golden paths render now as what their tests expect.")
  var update = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let sources = try TestSources(paths, platform)
    var run = TestRun()
    var policies = PolicyTesting(sources.tree, definitions: sources.definitions)
    run.add(policies.run(sources.policyTests))
    var paths = try sources.goldenPathTesting()
    run.add(paths.run(sources.goldenPathFolders, update: update))
    for file in run.written {
      guard let bytes = file.bytes else {
        _ = unlink(sources.diskPath(of: file.path))
        continue
      }
      try writeFile(bytes, sources.diskPath(of: file.path))
    }
    if !run.written.isEmpty {
      Stream.error.write("\(run.written.count) files brought up to date\n")
    }
    let places = PlaceFinder { sources.bytes(of: $0.file) }
    let result = TestReport(
      cases: run.cases.map { .init(file: $0.file, name: $0.name, isPassed: $0.isPassed) },
      coverage: run.coverage.map {
        .init(subject: $0.subject, of: $0.of, reached: $0.reached, total: $0.total)
      },
      findings: run.findings, places: places)
    // Also writes the forms that were asked for as files.
    let other = try report.bytes(
      of: run.findings, ledger: Ledger(), places: places, stream: .output)
    switch report.format {
    case .json: Stream.output.write(result.json())
    case .text, .concise:
      Stream.output.write(
        result.text(
          style: report.style(onTerminal: Stream.output.isTerminal),
          detail: report.format == .text ? .full : .concise))
    default: Stream.output.write(other)
    }
    if run.cases.isEmpty, !run.findings.contains(where: { $0.severity == .error }) {
      throw CommandFailure(message: "there is no test case in \(sources.description)")
    }
    throw ExitCode(report.exitStatus(of: run.findings))
  }
}

/// Where tests are looked for: the files of a platform, or folders that the command line names.
private struct TestSources {
  let tree: any FileTree
  /// The `tests.yaml` files beside policies.
  private(set) var policyTests: [String] = []
  /// The folders of golden paths.
  private(set) var goldenPathFolders: [String] = []
  /// The platform that the golden paths are of; nil when the command line names folders.
  private var loaded: LoadedPlatform?
  /// What comes before a path of the tree to make it one of the disk.
  private var diskPrefix = ""
  /// CustomResourceDefinitions of the platform.
  private(set) var definitions: [Document] = []
  /// What was looked through, for a message.
  let description: String

  init(_ paths: [String], _ options: PlatformOptions) throws {
    if paths.isEmpty {
      let (files, folder) = try options.open()
      tree = files
      description = "the platform in '\(folder)'"
      use(files)
      try findTests(in: try Self.list(files, under: ""))
      return
    }
    if let (disk, inner) = Self.platform(of: paths, options) {
      tree = disk
      description = paths.map { "'\($0)'" }.joined(separator: ", ")
      use(disk)
      let all = try Self.list(disk, under: "")
      try findTests(
        in: all.filter { path in
          inner.contains { $0.isEmpty || path == $0 || path.hasPrefix($0 + "/") }
        })
      return
    }
    var files: [String: [UInt8]] = [:]
    var tests: [String] = []
    for path in paths {
      let (folder, name) = try Self.folder(of: path)
      guard let disk = DiskFileTree(folder.isEmpty ? "." : folder) else {
        throw CommandFailure(message: "there is no folder '\(folder)'")
      }
      let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
      for inner in try Self.list(disk, under: "") where Self.isRead(inner) {
        files[prefix + inner] = (try? disk.read(inner)) ?? nil
        if name == nil || name == inner { tests.append(prefix + inner) }
      }
    }
    tree = MemoryFileTree(files)
    description = paths.map { "'\($0)'" }.joined(separator: ", ")
    try findTests(in: tests)
  }

  /// The platform that all paths are in, and the paths in it; nil when there is none.
  private static func platform(
    of paths: [String], _ options: PlatformOptions
  ) -> (files: DiskFileTree, inner: [String])? {
    let real = paths.compactMap { realPath($0) }
    guard real.count == paths.count, let first = real.first else { return nil }
    var root = options.folder.flatMap { realPath($0) }
    var folder = first[...]
    while root == nil, !folder.isEmpty {
      if DiskFileTree.hasFile("pave.yaml", in: String(folder)) { root = String(folder) }
      folder = folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex)
    }
    guard let root, let files = DiskFileTree(root),
      real.allSatisfy({ $0 == root || $0.hasPrefix(root + "/") })
    else { return nil }
    return (files, real.map { String($0.dropFirst(min(root.count + 1, $0.count))) })
  }

  /// Takes the platform's environments and definitions.
  private mutating func use(_ files: DiskFileTree) {
    diskPrefix = files.root == "/" ? "/" : files.root + "/"
    let loading = Pipeline.load(World(files: files, version: PaveCommand.configuration.version))
    loaded = loading.loaded
    definitions = loading.loaded?.definitions ?? []
  }

  /// The folder that a path names or is in, and the file's name when it names a file.
  private static func folder(of path: String) throws -> (folder: String, name: String?) {
    if DiskFileTree(path) != nil { return (path, nil) }
    let steps = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = steps.dropLast().joined(separator: "/")
    guard let name = steps.last,
      DiskFileTree.hasFile(String(name), in: folder.isEmpty ? "." : folder)
    else { throw CommandFailure(message: "there is no file or folder '\(path)'") }
    return (folder, String(name))
  }

  private static func isRead(_ path: String) -> Bool {
    path.hasSuffix(".yaml") || path.hasSuffix(".yml")
  }

  private mutating func findTests(in paths: [String]) throws {
    for path in Set(paths).sorted() {
      let steps = path.split(separator: "/")
      guard steps.last == "tests.yaml", !steps.contains(where: { $0.hasPrefix("_") }) else {
        continue
      }
      let folder = path.dropLast("tests.yaml".count)
      if try bytes("\(folder)path.yaml") == nil { policyTests.append(path) }
    }
    for path in Set(paths).sorted() where path.split(separator: "/").last == "path.yaml" {
      goldenPathFolders.append(String(path.dropLast("/path.yaml".count)))
    }
  }

  /// The tests of golden paths: in the platform's environments, or without any.
  func goldenPathTesting() throws -> GoldenPathTesting {
    if let loaded { return GoldenPathTesting(tree, platform: loaded) }
    return GoldenPathTesting(tree, paths: goldenPathFolders.map { $0 + "/path.yaml" }) { path in
      bytes(of: path) ?? ((try? readFile(path, named: path)) ?? nil)
    }
  }

  func diskPath(of path: String) -> String { diskPrefix + path }

  private func bytes(_ path: String) throws -> [UInt8]? {
    do {
      return try tree.read(path)
    } catch {
      throw CommandFailure(message: error.message)
    }
  }

  func bytes(of file: String) -> [UInt8]? { (try? tree.read(file)) ?? nil }

  private static func list(_ tree: any FileTree, under folder: String) throws -> [String] {
    do {
      return try tree.paths(under: folder)
    } catch {
      throw CommandFailure(message: error.message)
    }
  }
}
