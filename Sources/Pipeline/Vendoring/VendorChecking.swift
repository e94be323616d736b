import Diagnostics
import Files
import Intents

/// Whether what a platform keeps of other repositories is what its `pave.yaml` and `pave.lock` say.
struct VendorCheck {
  let platform: Platform
  let files: any FileTree
  private(set) var findings: [Finding] = []
  /// Whether a golden path is not there at all, so that kinds may be unknown because of it.
  private(set) var isIncomplete = false

  private static let help = "run 'pave vendor' and commit what it writes"

  init(_ platform: Platform, _ files: any FileTree) {
    self.platform = platform
    self.files = files
  }

  /// The folders of the vendored golden paths that are there.
  mutating func folders() throws(FileTreeError) -> [String] {
    let bytes = try files.read(VendorLock.file)
    guard !platform.vendoredPaths.isEmpty else {
      if bytes != nil { reportLeftOver("pave.lock is there, and pave.yaml names no repository") }
      return []
    }
    guard let bytes else {
      isIncomplete = true
      for entry in VendorLock(platform.vendoredPaths).entries {
        report("not-vendored", "'\(entry.name)' is not there: there is no pave.lock", entry.name)
      }
      return []
    }
    let (lock, problems) = VendorLock.read(bytes)
    guard let lock else {
      isIncomplete = true
      findings += problems
      if problems.isEmpty {
        findings.append(
          Finding(
            rule: "platform/stale-lock", "pave.lock does not read as a lock",
            at: Place(file: VendorLock.file), help: VendorCheck.help))
      }
      return []
    }
    for wanted in VendorLock(platform.vendoredPaths).entries {
      try check(wanted, lock.entry(wanted.name))
    }
    for entry in lock.entries
    where !platform.vendoredPaths.contains(where: { $0.name == entry.name }) {
      reportLeftOver("pave.lock has '\(entry.name)', which pave.yaml does not name")
    }
    return platform.vendoredPaths.map { "\(VendorLock.folder(of: $0.name))/\($0.path)" }
  }

  private mutating func check(
    _ wanted: VendorLock.Entry, _ locked: VendorLock.Entry?
  ) throws(FileTreeError) {
    guard let locked else {
      isIncomplete = true
      return report("not-vendored", "'\(wanted.name)' is not in pave.lock", wanted.name)
    }
    guard locked.url == wanted.url, locked.commit == wanted.commit, locked.paths == wanted.paths
    else {
      if locked.paths != wanted.paths { isIncomplete = true }
      return report("stale-lock", difference(wanted, locked), wanted.name)
    }
    let folder = VendorLock.folder(of: wanted.name)
    let found = try VendorCheck.files(in: folder, of: files)
    guard !found.isEmpty else {
      isIncomplete = true
      return report("not-vendored", "the folder '\(folder)' is not there", wanted.name)
    }
    guard VendorLock.contentHash(of: found) == locked.hash else {
      return report(
        "changed-vendor",
        "the files in '\(folder)' are not those of commit \(wanted.commit.prefix(10)) that pave.lock has",
        wanted.name,
        help: "bring them again with 'pave vendor --force'; change them where they are from")
    }
  }

  /// The files below a folder by their paths in it.
  static func files(
    in folder: String, of tree: any FileTree
  ) throws(FileTreeError) -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for path in try tree.paths(under: folder) {
      found[String(path.dropFirst(folder.utf8.count + 1))] = try tree.read(path) ?? []
    }
    return found
  }

  private func difference(_ wanted: VendorLock.Entry, _ locked: VendorLock.Entry) -> String {
    if locked.commit != wanted.commit {
      return "pave.lock has commit \(locked.commit.prefix(10)) of '\(wanted.name)', and pave.yaml "
        + "asks for \(wanted.commit.prefix(10))"
    }
    if locked.url != wanted.url {
      return
        "pave.lock has '\(wanted.name)' from '\(locked.url)', and pave.yaml from '\(wanted.url)'"
    }
    let missing = wanted.paths.filter { !locked.paths.contains($0) }
    return missing.isEmpty
      ? "pave.lock has more golden paths of '\(wanted.name)' than pave.yaml names"
      : "pave.lock does not have '\(missing[0])' of '\(wanted.name)'"
  }

  private mutating func report(
    _ rule: String, _ message: String, _ name: String, help: String = VendorCheck.help
  ) {
    let field = platform.vendoredPaths.first { $0.name == name }?.field ?? FieldPath(keys: "spec")
    findings.append(
      Finding(rule: "platform/\(rule)", message, at: platform.place(field), help: help))
  }

  private mutating func reportLeftOver(_ message: String) {
    findings.append(
      Finding(
        rule: "platform/stale-lock", severity: .warning, message, at: Place(file: VendorLock.file),
        help: VendorCheck.help))
  }
}
