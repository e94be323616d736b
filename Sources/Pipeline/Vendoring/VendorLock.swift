import CEL
import Diagnostics
import Documents
import Files
import Intents

/// The files of another repository that a platform keeps.
public struct VendoredFiles: Sendable {
  /// The repository and commit, with the folders that are kept of it.
  public var entry: VendorLock.Entry
  /// The bytes by path in that repository.
  public var files: [String: [UInt8]]
}

/// `pave.lock`: what was brought from other repositories.
public struct VendorLock: Sendable, Hashable {
  /// One repository at one commit.
  public struct Entry: Sendable, Hashable {
    /// The name of its folder.
    public var name: String
    /// Its URL as `pave.yaml` has it.
    public var url: String
    /// The commit's id.
    public var commit: String
    /// The golden paths' folders there, sorted.
    public var paths: [String]
    /// See `contentHash(of:)`; empty before anything was brought.
    public var hash: String

    /// The host that it is on, in lower case; nil for a repository on this disk.
    public var host: String? {
      if case .host(let host)? = RepositoryAddress.address(of: url).address { host } else { nil }
    }

    /// Where it is on this disk, from the platform's folder unless absolute; nil for another machine's.
    public var localPath: String? {
      if case .local(let path)? = RepositoryAddress.address(of: url).address { path } else { nil }
    }
  }

  /// The repositories, sorted by name.
  public var entries: [Entry]

  /// The lock's file.
  static let file = "pave.lock"
  /// The folder that everything stands in, one folder a repository.
  static let folder = "vendor/golden-paths"

  static func folder(of name: String) -> String { "\(folder)/\(name)" }

  /// What a platform asks for.
  init(_ paths: [VendoredPath]) {
    var entries: [String: Entry] = [:]
    for path in paths {
      entries[
        path.name,
        default: Entry(name: path.name, url: path.url, commit: path.commit, paths: [], hash: "")
      ].paths.append(path.path)
    }
    self.entries = entries.values.sorted { $0.name < $1.name }.map { entry in
      var entry = entry
      entry.paths.sort()
      return entry
    }
  }

  init(entries: [Entry]) { self.entries = entries.sorted { $0.name < $1.name } }

  func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

  /// The lock that a file holds; nil, with findings, for one that does not read.
  static func read(_ bytes: [UInt8]) -> (lock: VendorLock?, findings: [Finding]) {
    let parsed = parseYAML(bytes, file: file)
    guard !parsed.hasErrors, let root = parsed.documents.first?.root,
      root["apiVersion"].isString("pave.dev/v1alpha1"), root["kind"].isString("Lock"),
      root["goldenPaths"].isKind(.list)
    else {
      return (nil, parsed.findings.filter { $0.severity == .error })
    }
    let entries = root["goldenPaths"].elements.map { entry in
      Entry(
        name: entry["name"].asString ?? "", url: entry["git"].asString ?? "",
        commit: entry["ref"].asString ?? "", paths: entry["paths"].elements.compactMap(\.asString),
        hash: entry["sha256"].asString ?? "")
    }
    return (VendorLock(entries: entries), [])
  }

  /// The file's bytes.
  var bytes: [UInt8] {
    let arena = Arena()
    let list = entries.map { entry in
      arena.map([
        "name": arena.string(entry.name), "git": arena.string(entry.url),
        "ref": arena.string(entry.commit),
        "paths": arena.list(entry.paths.map { arena.string($0) }),
        "sha256": arena.string(entry.hash),
      ])
    }
    let root = arena.map([
      "apiVersion": arena.string("pave.dev/v1alpha1"), "kind": arena.string("Lock"),
      "goldenPaths": arena.list(list),
    ])
    return Array(
      "# Written by 'pave vendor'; commit it with the folder '\(VendorLock.folder)'.\n".utf8)
      + yamlBytes(of: root)
  }

  /// The hash of files by their paths: SHA-256 over lines of `sha256sum`, sorted by path.
  ///
  /// So `cd FOLDER && find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum` prints it.
  static func contentHash(of files: [String: [UInt8]]) -> String {
    let lines = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "\(sha256Text($0.value))  \($0.key)\n" }
    return sha256Text(Array(lines.joined().utf8))
  }
}
