public import Diagnostics
public import Manifests
public import Repositories

/// What one intent becomes in one environment: the files of one folder of the output.
///
/// Names, blob ids and the folder's tree id are worked out once, when the unit is made, so that
/// rendering threads share that work.
public struct OutputUnit: Sendable {
  /// One file, with the blob id that Git gives its bytes.
  public struct File: Sendable {
    /// Relative to the unit's folder; with a `/` in front, from the root of the output.
    public let path: String
    /// UTF-8, line feeds only, with a final one.
    public let bytes: ArraySlice<UInt8>
    /// The id of the blob of `bytes`.
    public let id: ObjectID
    /// The index of the object among the manifests that the unit was made of; nil for the object
    /// that makes an engine sync the unit, and in a folder of shared objects.
    public var manifestIndex: Int? = nil
  }

  /// An object that other units of the environment may ask for too.
  public struct SharedManifest: Sendable {
    /// Tells the object from others.
    public let identity: ObjectIdentity
    /// Its file in the folder of shared objects.
    public let file: File
  }

  /// The environment's name.
  public let environment: String
  /// The folder in the output, `/`-separated; no unit's folder is inside another's.
  public let path: String
  /// The intent as `Kind/namespace/name`.
  public let intent: String
  /// Where the intent stands, for findings.
  public let place: Place?
  /// The files that it owns, sorted by path; those it shares are in `shared`.
  public let files: [File]
  /// The objects that it asks for and does not own alone.
  public let shared: [SharedManifest]
  /// What is wrong with the unit by itself.
  public let findings: [Finding]
  /// The id of the folder's tree when it holds the unit's files and nothing else.
  let treeID: ObjectID
  let inventory: File
  /// For a folder of shared objects: the intents that ask for each file.
  let askers: [String: [String]]
  /// Whether it is known by ids alone: `files` are those outside its folder, and have no bytes.
  public private(set) var isKept = false
  /// How many files it owns.
  public private(set) var fileCount: Int

  /// A unit of rendered manifests.
  ///
  /// `namespace` is the intent's, nil for one without. `delivery` is the object that makes an engine
  /// sync this unit, from the caller, and `problems` what is wrong with that. With `isKustomized` a `kustomization.yaml` lists
  /// the manifests. Two manifests that would have one file are a finding
  /// (`output/file-clash`), as is a path that cannot be written (`output/bad-path`). Throws what
  /// `treeID(of:)` does for another reason.
  public init(
    environment: String, path: String, intent: String, namespace: String?, place: Place? = nil,
    manifests: [OutputManifest], delivery: ArraySlice<UInt8>? = nil, isKustomized: Bool = false,
    problems others: [Finding] = []
  ) throws(RepositoryError) {
    self.environment = environment
    self.path = path
    self.intent = intent
    self.place = place
    var files: [(file: File, identity: ObjectIdentity?)] = []
    var shared: [SharedManifest] = []
    files.reserveCapacity(manifests.count + 1)
    for (index, manifest) in manifests.enumerated() {
      let home = manifest.isShared ? nil : namespace
      var file = File(
        path: fileName(of: manifest.identity, intentNamespace: home), bytes: manifest.bytes)
      file.manifestIndex = index
      if manifest.isShared {
        shared.append(SharedManifest(identity: manifest.identity, file: file))
      } else {
        files.append((file, manifest.identity))
      }
    }
    if isKustomized, !files.isEmpty {
      let names = files.map(\.file.path)
      files.append((File(path: kustomizationFile, bytes: kustomization(of: names)), nil))
    }
    if let delivery {
      let place = deliveryPath(environment: environment, unit: path)
      files.append((File(path: "/" + place, bytes: delivery), nil))
    }
    files.sort { isPathBefore($0.file.path, $1.file.path) }
    var problems = others + pathFindings(environment, path, place)
    var unique: [File] = []
    unique.reserveCapacity(files.count)
    for (index, entry) in files.enumerated() {
      if index > 0, files[index - 1].file.path == entry.file.path {
        problems.append(clash(files[index - 1].identity, entry.identity, entry.file.path, place))
      } else {
        unique.append(entry.file)
      }
    }
    askers = [:]
    self.files = unique
    fileCount = unique.count
    self.shared = shared
    let inside = unique.filter { !$0.isOutsideUnit }.map { ($0.path, $0.id) }
    do throws(RepositoryError) {
      treeID = try Repositories.treeID(of: inside)
    } catch {
      guard error.code == .badPath else { throw error }
      problems.append(badPath(error, place))
      treeID = try Repositories.treeID(of: [])
    }
    let findings = problems.map { (finding) -> Finding in
      var finding = finding
      finding.environment = environment
      finding.intent = intent
      return finding
    }
    self.findings = findings
    let inventory = Inventory(
      environment: environment, intent: intent, files: unique.map { ($0.path, $0.id) })
    self.inventory = File(path: path, bytes: inventory.encoded[...])
  }

  /// A unit of ready files, for the folder of shared objects.
  init(
    environment: String, path: String, files: [File], askers: [String: [String]]
  ) throws(RepositoryError) {
    self.environment = environment
    self.path = path
    intent = ""
    self.askers = askers
    place = nil
    self.files = files
    fileCount = files.count
    shared = []
    findings = []
    treeID = try Repositories.treeID(
      of: files.filter { !$0.isOutsideUnit }.map { ($0.path, $0.id) })
    let inventory = Inventory(
      environment: environment, intent: "", files: files.map { ($0.path, $0.id) }, askers: askers)
    self.inventory = File(path: path, bytes: inventory.encoded[...])
  }

  /// A unit that stands in the output already.
  public init(
    _ kept: KeptUnit, environment: String, path: String, intent: String, place: Place?
  ) {
    self.environment = environment
    self.path = path
    self.intent = intent
    self.place = place
    files = kept.elsewhere.map { File(path: "/" + $0.path, bytes: [], id: $0.id) }
    fileCount = kept.fileCount
    shared = []
    findings = []
    treeID = kept.tree
    inventory = File(path: path, bytes: [], id: kept.inventory)
    askers = [:]
    isKept = true
  }

  /// Whether this is an environment's folder of shared objects.
  var isShared: Bool { path == sharedFolder(environment: environment) }

  /// Its files and those it shares, with their paths from the root of the output.
  public var filesInOutput: [(file: File, path: String)] {
    files.map { ($0, outputPath(of: $0)) }
      + shared.map { ($0.file, sharedFolder(environment: environment) + "/" + $0.file.path) }
  }

  /// The path of one of its files from the root of the output.
  public func outputPath(of file: File) -> String {
    file.isOutsideUnit ? String(file.path.dropFirst()) : path + "/" + file.path
  }
}

/// The path from the root of the output of a file that an inventory lists.
func outputPath(of file: String, unit: String) -> String {
  file.utf8.first == UInt8(ascii: "/") ? String(file.dropFirst()) : unit + "/" + file
}

/// One rendered object: who it is, and its YAML.
public struct OutputManifest: Sendable {
  /// Tells the object from others; gives the file its name.
  public var identity: ObjectIdentity
  /// Its YAML: UTF-8, line feeds only, with a final one. A slice of a buffer of many is fine.
  public var bytes: ArraySlice<UInt8>
  /// Whether other units of the environment may ask for the same object, byte for byte.
  public var isShared: Bool

  /// A manifest of the given bytes.
  public init(identity: ObjectIdentity, bytes: ArraySlice<UInt8>, isShared: Bool = false) {
    self.identity = identity
    self.bytes = bytes
    self.isShared = isShared
  }
}

extension OutputUnit.File {
  init(path: String, bytes: ArraySlice<UInt8>) {
    self.init(path: path, bytes: bytes, id: ObjectID(of: .blob, bytes))
  }

  /// Whether it stands elsewhere than in the unit's folder.
  var isOutsideUnit: Bool { path.utf8.first == UInt8(ascii: "/") }
}

func isPathBefore(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

private func clash(
  _ first: ObjectIdentity?, _ second: ObjectIdentity?, _ path: String, _ place: Place?
) -> Finding {
  if let first, let second, first.withoutVersion == second.withoutVersion {
    var finding = Finding(
      rule: "output/duplicate-object", "the object '\(second)' is rendered twice by one intent",
      at: place, help: "give the two objects names of their own")
    finding.object = second.reference
    return finding
  }
  return Finding(
    rule: "output/file-clash",
    "'\(first?.description ?? path)' and '\(second?.description ?? path)' would both be '\(path)'",
    at: place, help: "rename one of the two objects")
}

private func pathFindings(_ environment: String, _ path: String, _ place: Place?) -> [Finding] {
  do throws(RepositoryError) {
    try checkPath(path)
  } catch {
    return [badPath(error, place)]
  }
  guard let taken = reservedOutputPath(holding: path, environment: environment) else { return [] }
  return [
    Finding(
      rule: "output/bad-path",
      "the output path '\(path)' is inside '\(taken)', which pave uses itself", at: place,
      help: "choose another output.path in pave.yaml")
  ]
}

private func badPath(_ error: RepositoryError, _ place: Place?) -> Finding {
  Finding(
    rule: "output/bad-path", error.message, at: place,
    help: "the path comes from output.path in pave.yaml and from names in the intent")
}

/// The file by which Kustomize, and so Flux, knows what belongs to a unit.
public let kustomizationFile = "kustomization.yaml"

/// The list of a unit's files (kustomize.config.k8s.io/v1beta1): a file of somebody else in the folder is not applied.
func kustomization(of names: [String]) -> ArraySlice<UInt8> {
  var text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
  for name in names.sorted(by: isPathBefore) { text += "- \(name)\n" }
  return Array(text.utf8)[...]
}
