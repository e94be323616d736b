import ArgumentParser
import Diagnostics
import Documents
import Files
import Glibc
import Manifests
import OutputTrees
import Pipeline

/// Files that no golden path made, for `pave lint`.
struct PlainOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Lint these manifests without a platform: folders, files, or - for standard input.",
      valueName: "path"))
  var manifests: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The same objects as they were before the change.", valueName: "path"))
  var old: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Policies and bindings: folders or files.", valueName: "path"))
  var policies: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What else is in the cluster: Namespaces, parameters.", valueName: "path"))
  var cluster: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("CustomResourceDefinitions: folders or files.", valueName: "path"))
  var schemas: [String] = []

  @Option(
    help: ArgumentHelp(
      "The cluster's version of Kubernetes. (default: 1.\(KindTable.newestMinor))",
      valueName: "version"))
  var kubernetes: String?

  @Option(
    help: ArgumentHelp(
      "A file with userInfo, dryRun and options of the AdmissionRequest. (default: the delivery engine asks)",
      valueName: "file"))
  var request: String?

  /// Who applies the objects.
  enum Delivery: String, CaseIterable, ExpressibleByArgument {
    case argocd
    case flux
  }

  @Option(help: "Who applies the objects of --manifests: their pitfalls are looked for too.")
  var delivery: Delivery?

  /// Whether plain files are to be linted.
  var isGiven: Bool { !manifests.isEmpty || !old.isEmpty }

  /// Throws when options do not go together.
  func validate(withPlatform isPlatformGiven: Bool, _ units: UnitOptions) throws {
    if isGiven {
      guard !isPlatformGiven, units.environments.isEmpty, units.intents.isEmpty else {
        throw ValidationError(
          "--manifests and --old need no platform: --platform, --environment and --intent do not go with them"
        )
      }
      return
    }
    for (name, isThere) in [
      ("policies", !policies.isEmpty), ("cluster", !cluster.isEmpty),
      ("schemas", !schemas.isEmpty), ("kubernetes", kubernetes != nil),
      ("delivery", delivery != nil),
    ] where isThere {
      throw ValidationError("--\(name) goes with --manifests or --old; a platform names its own")
    }
  }

  /// The files, read and parsed; throws when one is not there.
  func files(_ sources: PlainSources) throws -> PlainFiles {
    var files = PlainFiles(kubernetesMinor: try minor)
    files.manifests = try manifests.flatMap { try sources.parsed($0) }
    files.old = try old.flatMap { try sources.parsed($0) }
    files.policies = try policies.filter { !isBuiltIn($0) }
      .flatMap { try sources.parsed($0, skipping: isTestOfPolicy) }
    let builtIn = policies.filter(isBuiltIn)
    for choice in builtIn where BuiltInPack.files(matching: choice) == nil {
      throw CommandFailure(
        message: "there is no '\(choice)'; 'pave policy list' shows what is built in")
    }
    files.policies += BuiltInPack.files(choices: builtIn)
    files.cluster = try cluster.flatMap { try sources.parsed($0) }
    files.schemas = try schemas.flatMap { try sources.parsed($0) }
    files.request = try requestFacts(sources)
    files.delivery =
      switch delivery {
      case .argocd: .argocd
      case .flux: .flux
      case nil: nil
      }
    return files
  }

  private var minor: Int {
    get throws {
      try kubernetes.map(knownMinor) ?? KindTable.newestMinor
    }
  }

  /// What `--request` says; nil without it.
  func requestFacts(_ sources: PlainSources) throws -> Document? {
    guard let request else { return nil }
    let file = parseYAML(try sources.bytes(request), file: request)
    if let finding = file.findings.first(where: { $0.severity == .error }) {
      throw CommandFailure(message: "'\(request)': \(finding.message)")
    }
    guard let document = file.documents.first, document.root.isKind(.map) else {
      throw CommandFailure(
        message: "'\(request)' must hold a map with 'userInfo', 'dryRun' or 'options'")
    }
    return document
  }

  private func isBuiltIn(_ path: String) -> Bool { path.hasPrefix(BuiltInPack.prefix) }

  private func isTestOfPolicy(_ path: String) -> Bool {
    let steps = path.split(separator: "/")
    return steps.last == "tests.yaml" || steps.dropLast().contains("tests")
      || steps.contains { $0.hasPrefix("_") }
  }
}

/// The files that a command line names, kept for finding places in them.
final class PlainSources {
  private var bytesByPath: [String: [UInt8]] = [:]

  /// Finds places in the files that were read.
  var places: PlaceFinder {
    let known = bytesByPath
    return PlaceFinder { known[$0.file] ?? BuiltInPack.bytes(ofFile: $0.file) }
  }

  /// The bytes of a file; `-` is standard input. Throws when there is none.
  func bytes(_ path: String) throws -> [UInt8] {
    if let known = bytesByPath[path] { return known }
    let bytes = path == "-" ? readStandardInput() : try pave.bytes(ofFile: path)
    bytesByPath[path] = bytes
    return bytes
  }

  /// The file at a path, or the YAML and JSON files of a folder, parsed; paths that are skipped are
  /// judged below the folder.
  func parsed(
    _ path: String, skipping isSkipped: (String) -> Bool = { _ in false }
  ) throws -> [ParsedFile] {
    guard path != "-", let folder = DiskFileTree(path) else {
      return [parseYAML(try bytes(path), file: path)]
    }
    let names: [String]
    do {
      names = try folder.paths(under: "")
    } catch {
      throw CommandFailure(message: error.message)
    }
    let prefix = path.hasSuffix("/") ? path : path + "/"
    let paths = names.filter { isManifestFile($0) && !isSkipped($0) }.map { prefix + $0 }
    let known = bytesByPath
    let files = try parsedFiles(paths.count) { index throws in
      (path: paths[index], bytes: try known[paths[index]] ?? pave.bytes(ofFile: paths[index]))
    }
    for (path, file) in zip(paths, files) { bytesByPath[path] = file.bytes }
    return files.map(\.file)
  }

  private func isManifestFile(_ path: String) -> Bool {
    [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) }
  }

  private func readStandardInput() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return all }
      all += buffer[..<count]
    }
  }
}
