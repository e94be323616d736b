import ArgumentParser
import Diagnostics
import Documents
import Files
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
    let places = PlaceFinder { sources.bytes(of: $0.file) }
    let result = TestReport(
      cases: run.cases.map { .init(file: $0.file, name: $0.name, isPassed: $0.isPassed) },
      coverage: run.coverage.map {
        .init(subject: $0.subject, of: $0.of, reached: $0.reached, total: $0.total)
      },
      findings: run.findings, places: places)
    switch report.format {
    case .json: Stream.output.write(result.json())
    default:
      Stream.output.write(
        result.text(
          style: report.style(onTerminal: Stream.output.isTerminal),
          detail: report.format == .concise ? .concise : .full))
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
  /// CustomResourceDefinitions of the platform.
  private(set) var definitions: [Document] = []
  /// What was looked through, for a message.
  let description: String

  init(_ paths: [String], _ options: PlatformOptions) throws {
    if paths.isEmpty {
      let (files, folder) = try options.open()
      tree = files
      description = "the platform in '\(folder)'"
      try findTests(in: try Self.list(files, under: ""))
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
  }

  private func bytes(_ path: String) throws -> [UInt8]? {
    do {
      return try tree.read(path)
    } catch let error as FileTreeError {
      throw CommandFailure(message: error.message)
    }
  }

  func bytes(of file: String) -> [UInt8]? { (try? tree.read(file)) ?? nil }

  private static func list(_ tree: any FileTree, under folder: String) throws -> [String] {
    do {
      return try tree.paths(under: folder)
    } catch let error as FileTreeError {
      throw CommandFailure(message: error.message)
    }
  }
}
