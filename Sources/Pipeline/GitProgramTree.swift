import Files
import Glibc
import OutputTrees
import Repositories
import Synchronization

/// The files of a commit, of which the repository can tell the ids of their blobs.
protocol CommitFileTree: FileTree {
  /// The id of the blob of the regular file at `path`; nil when there is none, or it cannot be told.
  func id(of path: String) -> ObjectID?
}

extension GitFileTree: CommitFileTree {}

/// The files of a commit as the program `git` reads them: for repositories that libgit2 1.5 cannot open,
/// such as partial clones (`extensions.partialClone`, git-clone(1) `--filter`).
///
/// Nothing is fetched: a file that this clone lacks is an error that says how to bring it. Submodules are
/// left out, and no symbolic link is followed.
final class GitProgramTree: CommitFileTree {
  private struct Entry {
    let isFile: Bool
    let id: ObjectID
  }

  private let git: GitProgram
  private let entries: [String: Entry]
  private let sorted: [String]
  private let known = Mutex<[ObjectID: [UInt8]]>([:])

  /// The files of a commit in and below a folder (`""`: its root).
  init(_ git: GitProgram, commit: ObjectID, folder: String) throws(OutputError) {
    self.git = git
    let root = folder.isEmpty ? "" : folder + "/"
    let listed = try git.output(
      ["ls-tree", "-r", "-z", "--full-tree", "\(commit)"] + (root.isEmpty ? [] : ["--", root]))
    var entries: [String: Entry] = [:]
    // `100644 blob ID\tPATH`, each ended by a NUL (git-ls-tree(1)).
    for line in listed.split(separator: 0) {
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { continue }
      let path = String(decoding: line[line.index(after: tab)...], as: UTF8.self)
      let facts = line[..<tab].split(separator: UInt8(ascii: " "))
      guard facts.count == 3, facts[1].elementsEqual("blob".utf8), path.hasPrefix(root),
        let id = ObjectID(String(decoding: facts[2], as: UTF8.self))
      else { continue }
      entries[String(path.dropFirst(root.count))] = Entry(
        isFile: !facts[0].elementsEqual("120000".utf8), id: id)
    }
    self.entries = entries
    sorted = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func id(of path: String) -> ObjectID? {
    entries[path].flatMap { $0.isFile ? $0.id : nil }
  }

  func read(_ path: String) throws(FileTreeError) -> [UInt8]? {
    guard staysInside(path) else {
      throw FileTreeError(
        code: .badPath, path: path, message: "'\(path)' is not a path inside the tree")
    }
    guard let entry = entries[path] else {
      var folder = path[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        if entries[String(folder)]?.isFile == false { throw .link(path) }
      }
      return nil
    }
    guard entry.isFile else { throw .link(path) }
    if let bytes = known.withLock({ $0[entry.id] }) { return bytes }
    guard let bytes = git.blob(entry.id) else { throw .missing(path) }
    guard bytes.count <= largestFileByteCount else {
      throw FileTreeError(
        code: .tooLarge, path: path,
        message: "'\(path)' is over \(largestFileByteCount >> 20) MiB")
    }
    known.withLock { $0[entry.id] = bytes }
    return bytes
  }

  func paths(under folder: String) throws(FileTreeError) -> [String] {
    guard folder.isEmpty || staysInside(folder) else { return [] }
    let inside = sorted.filter {
      folder.isEmpty || $0 == folder || $0.hasPrefix(folder + "/")
    }
    for path in inside where entries[path]?.isFile == false {
      guard let target = target(of: path) else { continue }
      if target.isEmpty || sorted.contains(where: { $0.hasPrefix(target + "/") }) {
        throw .link(path)
      }
    }
    return inside
  }

  /// Where a symbolic link leads to inside the tree; nil when that is outside of it, or not known.
  private func target(of link: String) -> String? {
    guard let id = entries[link]?.id, let bytes = git.blob(id) else { return nil }
    var steps = link.split(separator: "/").dropLast().map(String.init)
    for step in String(decoding: bytes, as: UTF8.self).split(separator: "/") {
      switch step {
      case ".": continue
      case ".." where steps.isEmpty: return nil
      case "..": steps.removeLast()
      default: steps.append(String(step))
      }
    }
    return steps.joined(separator: "/")
  }
}

/// Asks the program `git` about the repository that a folder is in. Nothing is fetched, no hook is run.
struct GitProgram: Sendable {
  /// The folder that it is run in.
  let folder: String
  private let environment: [String: String]

  /// How long one question may take.
  private static let timeoutSeconds = 60.0

  /// The program for a folder, with the environment of this process.
  init(folder: String, environment: [String: String]) {
    self.folder = folder
    var environment = environment
    // A partial clone asks its server for what it lacks: never here (git(1), GIT_NO_LAZY_FETCH from 2.45).
    environment["GIT_ALLOW_PROTOCOL"] = "none"
    environment["GIT_NO_LAZY_FETCH"] = "1"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    environment["LC_ALL"] = "C"
    self.environment = environment
  }

  /// The folder's path inside the work tree; empty at its root, and in a bare repository.
  func inside() -> String {
    let prefix = (try? output(["rev-parse", "--show-prefix"])) ?? []
    let text = line(prefix)
    return text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// The commit that a revision means.
  func commit(of revision: String) throws(OutputError) -> ObjectID {
    let result = try ask([
      "rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}",
    ])
    guard result.status == 0, let id = ObjectID(line(result.output)) else {
      throw OutputError(
        RepositoryError(
          .notFound, .resolve, "the repository '\(folder)' has no revision '\(revision)'"))
    }
    return id
  }

  /// The newest commit that HEAD and another commit both come from; nil when this clone knows none.
  func mergeBase(ofHeadAnd other: ObjectID) throws(OutputError) -> ObjectID? {
    let result = try ask(["merge-base", "HEAD", "\(other)"])
    return result.status == 0 ? ObjectID(line(result.output)) : nil
  }

  /// The bytes of a blob; nil when this clone does not have them.
  func blob(_ id: ObjectID) -> [UInt8]? {
    guard let result = try? ask(["cat-file", "--batch"], input: Array("\(id)\n".utf8)),
      result.status == 0, let end = result.output.firstIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    // `ID blob SIZE`, a line feed, the bytes, a line feed; or `ID missing` (git-cat-file(1)).
    let facts = result.output[..<end].split(separator: UInt8(ascii: " "))
    guard facts.count == 3, facts[1].elementsEqual("blob".utf8),
      let count = Int(String(decoding: facts[2], as: UTF8.self)), count >= 0,
      result.output.count - end - 1 >= count
    else { return nil }
    return Array(result.output[(end + 1)..<(end + 1 + count)])
  }

  /// What a command prints; throws what it says when it fails.
  func output(_ arguments: [String]) throws(OutputError) -> [UInt8] {
    let result = try ask(arguments)
    guard result.status == 0 else {
      throw OutputError("git \(arguments.first ?? "") failed: \(line(result.errors))")
    }
    return result.output
  }

  private func ask(
    _ arguments: [String], input: [UInt8] = []
  ) throws(OutputError) -> ProgramRun {
    do throws(ProgramFailure) {
      return try run(
        ["git", "-C", folder, "-c", "core.fsmonitor=false"] + arguments, input: input,
        environment: environment, timeoutSeconds: GitProgram.timeoutSeconds)
    } catch {
      switch error {
      case .notStarted(let reason): throw OutputError("git cannot be run: \(reason)")
      case .timedOut:
        throw OutputError(
          "git \(arguments.first ?? "") took over \(Int(GitProgram.timeoutSeconds)) s")
      }
    }
  }

  private func line(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
