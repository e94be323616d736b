public import Diagnostics
import Documents
public import Files
import GoldenPaths
import Intents
public import OutputTrees
public import Repositories

/// What `pave vendor` is to bring, and what it is to write.
public struct Vendoring: Sendable {
  /// What `pave.yaml` asks for.
  public let wanted: VendorLock
  private let platform: Platform
  /// The lock that is there; nil without one.
  private let present: VendorLock?
  private let files: any FileTree

  /// One file to be written, or removed when it has no bytes.
  public struct Change: Sendable {
    /// The path in the platform's folder.
    public var path: String
    /// The bytes; nil for a file to be removed.
    public var bytes: [UInt8]?
  }

  /// What a platform's `pave.yaml` asks for; nil, with findings, when that cannot be used.
  public static func plan(_ world: World) -> (vendoring: Vendoring?, findings: [Finding]) {
    let parsed: (platform: Platform?, findings: [Finding])
    let lock: [UInt8]?
    do throws(FileTreeError) {
      guard let bytes = try world.files.read(platformFile) else { return (nil, []) }
      parsed = Platform.read(parseYAML(bytes, file: platformFile))
      lock = try world.files.read(VendorLock.file)
    } catch {
      let place = Place(file: error.path)
      return (nil, [Finding(rule: "files/unreadable", error.message, at: place)])
    }
    guard let platform = parsed.platform,
      !parsed.findings.contains(where: { $0.severity == .error })
    else { return (nil, parsed.findings) }
    return (
      Vendoring(
        wanted: VendorLock(platform.vendoredPaths), platform: platform,
        present: lock.flatMap { VendorLock.read($0).lock }, files: world.files),
      parsed.findings
    )
  }

  /// What is not as `pave.yaml` and `pave.lock` say.
  public func check() throws(FileTreeError) -> [Finding] {
    var check = VendorCheck(platform, files)
    _ = try check.folders()
    return check.findings
  }

  /// Whether a repository has to be asked for an entry: what is kept of it is not what is wanted.
  public func mustFetch(_ entry: VendorLock.Entry) throws(FileTreeError) -> Bool {
    guard let locked = present?.entry(entry.name), locked.url == entry.url,
      locked.commit == entry.commit, locked.paths == entry.paths
    else { return true }
    let found = try VendorCheck.files(in: VendorLock.folder(of: entry.name), of: files)
    return VendorLock.contentHash(of: found) != locked.hash
  }

  /// Whether files that are kept of an entry's repository are other than they were brought.
  public func isChanged(_ entry: VendorLock.Entry) throws(FileTreeError) -> Bool {
    let found = try VendorCheck.files(in: VendorLock.folder(of: entry.name), of: files)
    guard !found.isEmpty else { return false }
    return present?.entry(entry.name).map { $0.hash != VendorLock.contentHash(of: found) } ?? true
  }

  /// The files of an entry in its repository: its golden paths, the libraries that they import and the charts that they
  /// render, without tests.
  ///
  /// Throws when there is no such commit or folder, and for links and submodules.
  public func files(
    of entry: VendorLock.Entry, in repository: Repository
  ) throws(OutputError) -> VendoredFiles {
    var gathering = VendorGathering(entry: entry, repository: repository)
    return try gathering.files()
  }

  /// What has to be written and removed so that the platform has the entries, and the lock last; nothing when it is as it is.
  public func changes(for all: [VendoredFiles]) throws(FileTreeError) -> [Change] {
    var changes: [Change] = []
    let kept = Set(wanted.entries.map(\.name))
    let old = (present?.entries.map(\.name) ?? []).filter { !kept.contains($0) }
    for name in old where staysInside(VendorLock.folder(of: name)) && !name.contains("/") {
      for path in try files.paths(under: VendorLock.folder(of: name)) {
        changes.append(Change(path: path, bytes: nil))
      }
    }
    for one in all {
      let folder = VendorLock.folder(of: one.entry.name)
      for (path, bytes) in one.files.sorted(by: { $0.key < $1.key })
      where try files.read("\(folder)/\(path)") != bytes {
        changes.append(Change(path: "\(folder)/\(path)", bytes: bytes))
      }
      for path in try files.paths(under: folder)
      where one.files[String(path.dropFirst(folder.utf8.count + 1))] == nil {
        changes.append(Change(path: path, bytes: nil))
      }
    }
    let entries = wanted.entries.compactMap { entry in
      all.first { $0.entry.name == entry.name }?.entry ?? present?.entry(entry.name)
    }
    let lock = entries.isEmpty ? nil : VendorLock(entries: entries).bytes
    if try files.read(VendorLock.file) != lock {
      changes.append(Change(path: VendorLock.file, bytes: lock))
    }
    return changes
  }
}

/// Finds what golden paths of another repository are made of.
private struct VendorGathering {
  private static let mostFiles = 2000
  private static let mostBytes = 64 << 20

  let entry: VendorLock.Entry
  let repository: Repository
  private var found: [String: [UInt8]] = [:]
  private var byteCount = 0

  init(entry: VendorLock.Entry, repository: Repository) {
    self.entry = entry
    self.repository = repository
  }

  mutating func files() throws(OutputError) -> VendoredFiles {
    let commit = try git { () throws(RepositoryError) in
      try repository.commit(try repository.commitID(of: entry.commit))
    }
    for path in entry.paths { try addGoldenPath(path, root: commit.tree) }
    var result = entry
    result.hash = VendorLock.contentHash(of: found)
    return VendoredFiles(entry: result, files: found)
  }

  private mutating func addGoldenPath(_ folder: String, root: ObjectID) throws(OutputError) {
    try addFolder(folder, root: root, isGoldenPath: true)
    if found["\(folder)/path.yaml"] == nil, found["\(folder)/Chart.yaml"] == nil {
      throw OutputError(
        "'\(folder)' of '\(entry.url)' at \(entry.commit.prefix(10)) has neither a path.yaml nor a "
          + "Chart.yaml", help: "correct 'path' in pave.yaml")
    }
    guard let bytes = found["\(folder)/path.yaml"] else { return }
    let file = parseYAML(bytes, file: "\(folder)/path.yaml")
    var failure: OutputError?
    let libraries = importedLibraries(of: [file]) { path in
      do throws(OutputError) {
        try addFile(path, root: root)
      } catch {
        failure = failure ?? error
      }
      return found[path].map { parseYAML($0, file: path) }
    }
    if let failure { throw failure }
    _ = libraries
    for chart in chartFolders(of: file) { try addFolder(chart, root: root, isGoldenPath: false) }
  }

  private mutating func addFile(_ path: String, root: ObjectID) throws(OutputError) {
    guard found[path] == nil, let entry = try treeEntry(at: path, root: root) else { return }
    try add(path, entry)
  }

  private mutating func addFolder(
    _ folder: String, root: ObjectID, isGoldenPath: Bool
  ) throws(OutputError) {
    guard let entry = try treeEntry(at: folder, root: root) else {
      throw OutputError(
        "'\(self.entry.url)' at \(self.entry.commit.prefix(10)) has no folder '\(folder)'",
        help: "correct 'path' in pave.yaml")
    }
    guard entry.isTree else { return try add(folder, entry) }
    try addTree(entry.id, folder, skipsTests: isGoldenPath, depth: 0)
  }

  private mutating func addTree(
    _ id: ObjectID, _ folder: String, skipsTests: Bool, depth: Int
  ) throws(OutputError) {
    guard depth < 32 else { throw OutputError("'\(folder)' is nested over 32 folders deep") }
    let tree = try git { () throws(RepositoryError) in try repository.tree(id) }
    for entry in tree.entries {
      if skipsTests, depth == 0, ["tests", "tests.yaml"].contains(entry.name) { continue }
      let path = "\(folder)/\(entry.name)"
      if entry.isTree {
        try addTree(entry.id, path, skipsTests: skipsTests, depth: depth + 1)
      } else {
        try add(path, entry)
      }
    }
  }

  /// The entry at a path of a tree; nil when there is none.
  private func treeEntry(at path: String, root: ObjectID) throws(OutputError) -> TreeEntry? {
    guard staysInside(path) else { return nil }
    var id = root
    var result: TreeEntry?
    for step in path.split(separator: "/") {
      if let result, !result.isTree { return nil }
      let tree = try git { () throws(RepositoryError) in try repository.tree(id) }
      guard let next = tree.entry(named: String(step)) else { return nil }
      try refuseLinks(path, next)
      id = next.id
      result = next
    }
    return result
  }

  private mutating func add(_ path: String, _ entry: TreeEntry) throws(OutputError) {
    guard found[path] == nil else { return }
    try refuseLinks(path, entry)
    guard staysInside(path), entry.nameBytes.elementsEqual(entry.name.utf8),
      !path.split(separator: "/").contains(where: { $0.lowercased() == ".git" })
    else { throw OutputError("'\(path)' of '\(self.entry.url)' is no path for a file") }
    let bytes = try git { () throws(RepositoryError) in try repository.blob(entry.id) }
    byteCount += bytes.count
    guard found.count < VendorGathering.mostFiles, byteCount <= VendorGathering.mostBytes else {
      throw OutputError(
        "the golden paths of '\(self.entry.url)' are over \(VendorGathering.mostFiles) files or "
          + "\(VendorGathering.mostBytes >> 20) MiB")
    }
    found[path] = bytes
  }

  private func refuseLinks(_ path: String, _ entry: TreeEntry) throws(OutputError) {
    guard !entry.isTree, !entry.isFile else { return }
    throw OutputError(
      "'\(path)' of '\(self.entry.url)' is a \(entry.isLink ? "symbolic link" : "submodule"), which "
        + "is not vendored", help: "put the files themselves there")
  }

  /// The folders of the charts that a golden path's resources render.
  private func chartFolders(of file: ParsedFile) -> [String] {
    var folders: [String] = []
    for document in file.documents {
      for resource in document.root["spec"]["resources"].elements {
        guard let path = resource["chart"]["path"].asString else { continue }
        var steps = file.file.split(separator: "/").dropLast().map(String.init)
        for step in path.split(separator: "/") where step != "." {
          if step == ".." { _ = steps.popLast() } else { steps.append(String(step)) }
        }
        folders.append(steps.joined(separator: "/"))
      }
    }
    return folders
  }
}
