import ArgumentParser
import Diagnostics
import Files
import Glibc
import Pipeline
import Reports

/// `pave vendor`: golden paths of other repositories into the platform.
struct VendorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vendor",
    abstract: "Bring the golden paths of other repositories that pave.yaml names.",
    discussion: """
      Files go to vendor/golden-paths, and pave.lock notes their commits and hashes; commit both. \
      Rendering reads these files and never connects. Git is run to fetch; what is there as pave.lock \
      says is not asked for again.
      """)

  @OptionGroup var platform: PlatformOptions

  @Option(
    name: .customLong("allow-host"),
    help: ArgumentHelp(
      "A host that may be connected to; may be repeated. PAVE_ALLOWED_HOSTS adds more, separated by commas.",
      valueName: "host"))
  var allowedHosts: [String] = []

  @Flag(help: "Allow repositories on this disk: a path, or file://.")
  var allowLocal = false

  @Flag(help: "Write nothing and connect to nothing; fail when anything is not as pave.lock says.")
  var check = false

  @Flag(help: "Bring everything again, over files that were changed here.")
  var force = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (vendoring, found) = Vendoring.plan(session.world)
    guard let vendoring else {
      try session.print(found, ledger: Ledger(), to: .error)
      throw CommandFailure(message: "the platform in '\(session.folder)' cannot be read")
    }
    if check { return try verify(vendoring, session) }
    var brought: [VendoredFiles] = []
    for entry in vendoring.wanted.entries {
      guard try mustFetch(entry, vendoring) else {
        Stream.output.write("\(entry.name): as pave.lock says\n")
        continue
      }
      brought.append(try fetched(entry, vendoring, session.folder))
    }
    let changes = try changes(vendoring, brought)
    for change in changes {
      let path = "\(session.folder)/\(change.path)"
      if let bytes = change.bytes { try writeFile(bytes, path) } else { try remove(path) }
    }
    for one in brought {
      let count = one.files.count
      Stream.output.write(
        "\(one.entry.name): \(count) file\(count == 1 ? "" : "s") of "
          + "\(one.entry.commit.prefix(10))\n")
    }
    if vendoring.wanted.entries.isEmpty {
      Stream.output.write("pave.yaml names no golden path of another repository\n")
    }
  }

  private func verify(_ vendoring: Vendoring, _ session: Session) throws {
    let findings: [Finding]
    do throws(FileTreeError) {
      findings = try vendoring.check()
    } catch {
      throw CommandFailure(message: error.message)
    }
    try session.print(findings, ledger: Ledger(), to: .output)
    throw ExitCode(report.exitStatus(of: findings))
  }

  private func mustFetch(_ entry: VendorLock.Entry, _ vendoring: Vendoring) throws -> Bool {
    if force { return true }
    do throws(FileTreeError) {
      guard try vendoring.mustFetch(entry) else { return false }
      // Files that were changed here would be lost.
      if try vendoring.isChanged(entry) {
        throw FileTreeError(
          code: .unreadable, path: entry.name,
          message: "the files of '\(entry.name)' were changed here and would be lost\n"
            + "change them where they are from, or bring them again with --force")
      }
      return true
    } catch {
      throw CommandFailure(message: error.message)
    }
  }

  private func fetched(
    _ entry: VendorLock.Entry, _ vendoring: Vendoring, _ folder: String
  ) throws -> VendoredFiles {
    var url = entry.url
    if let host = entry.host {
      guard isAllowed(host) else {
        throw CommandFailure(
          message: "'\(host)' is no host that may be connected to, and '\(entry.name)' is there\n"
            + "allow it with --allow-host \(host), or with PAVE_ALLOWED_HOSTS=\(host) in the environment"
        )
      }
    } else if let path = entry.localPath {
      guard allowLocal else {
        throw CommandFailure(
          message: "'\(entry.url)' is a repository on this disk; allow such with --allow-local")
      }
      let full = path.hasPrefix("/") ? path : "\(folder)/\(path)"
      guard let real = realPath(full) else {
        throw CommandFailure(message: "there is no repository '\(entry.url)'")
      }
      url = real
    }
    let fetched = try GitFetch(allowsLocal: allowLocal).fetch(entry.commit, from: url)
    defer { fetched.remove() }
    return try reportingOutputErrors { try vendoring.files(of: entry, in: fetched.repository) }
  }

  private func isAllowed(_ host: String) -> Bool {
    let more = (environmentVariable("PAVE_ALLOWED_HOSTS") ?? "").split { ", ".contains($0) }
    return (allowedHosts + more.map(String.init)).contains { allowed in
      let allowed = allowed.lowercased()
      return allowed == host || allowed.hasPrefix("*.") && host.hasSuffix(allowed.dropFirst())
    }
  }

  private func changes(
    _ vendoring: Vendoring, _ brought: [VendoredFiles]
  ) throws -> [Vendoring.Change] {
    do throws(FileTreeError) {
      return try vendoring.changes(for: brought)
    } catch {
      throw CommandFailure(message: error.message)
    }
  }

  /// Takes a file away, and the folders that it leaves empty.
  private func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw CommandFailure(
        message: "cannot remove '\(path)': \(String(cString: strerror(errno)))")
    }
    var folder = path
    while let slash = folder.lastIndex(of: "/"), folder[..<slash].contains("/vendor/") {
      folder = String(folder[..<slash])
      if rmdir(folder) != 0 { break }
    }
  }
}
