import Files
import Glibc
import Remotes
import Repositories

// usage: writing-benchmark FOLDER REPOSITORY [own|stock]
//        writing-benchmark FOLDER URL COPIES PAVE
//
// Commits the files of a folder (but `.pave/` and such) to a branch of a new bare repository, and prints what that cost
// from the bytes in memory to the branch, hashing included: `wall s, CPU s, objects`. With a URL it commits to a copy of the
// server's repository in the folder COPIES, and prints what pushing that cost, the process that speaks http (PAVE) included.

func fail(_ message: String) -> Never {
  print("writing-benchmark: \(message)")
  exit(2)
}

func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

/// Of this process and of those that it started and that have ended.
func cpuSeconds() -> Double {
  [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue].reduce(0) { sum, who in
    var usage = rusage()
    getrusage(__rusage_who_t(who), &usage)
    return sum + seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}

func wallSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

let arguments = CommandLine.arguments
let isPush = arguments.count == 5
let chosen = !isPush && arguments.count > 3 ? arguments[3] : "own"
guard arguments.count >= 3, let folder = DiskFileTree(arguments[1]),
  let engine = WritingEngine(rawValue: chosen)
else { fail("usage: writing-benchmark FOLDER REPOSITORY [own|stock], or FOLDER URL COPIES PAVE") }

do {
  var files: [(path: String, bytes: [UInt8])] = []
  for path in try folder.paths(under: "") where !path.hasPrefix(".") {
    files.append((path, try folder.read(path) ?? []))
  }
  var copy: RemoteCopy?
  if isPush {
    var options = ConnectionOptions()
    options.allowedHosts = ["*"]
    options.httpProgram = [arguments[4], "http-transport"]
    copy = try RemoteCopy(RemoteAddress(arguments[2]), in: arguments[3], options)
    try copy?.refresh(branches: ["main"], prefixes: [])
  }
  let repository =
    try copy?.repository ?? Repository.createBare(at: arguments[2], initialBranch: "main")
  let author = Signature(name: "Bench", email: "bench@bench.test", timeSeconds: 1_700_000_000)
  var (wall, cpu) = (wallSeconds(), cpuSeconds())
  let tree = try repository.tree(
    applying: files.map { .write($0.bytes[...], to: $0.path) }, to: nil)
  let commit = try repository.write(
    tree, as: CommitDraft(author: author, message: "Publish"), parents: [], engine: engine)
  if let copy {
    (wall, cpu) = (wallSeconds(), cpuSeconds())
    try copy.push([ReferenceUpdate("refs/heads/main", from: nil, to: commit)])
  } else {
    try repository.moveBranch("main", from: nil, to: commit, reason: "publish")
  }
  print(
    "wall \(wallSeconds() - wall) cpu \(cpuSeconds() - cpu) files \(files.count) commit \(commit)")
} catch {
  fail("\(error)")
}
