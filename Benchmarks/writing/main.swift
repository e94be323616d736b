import Files
import Glibc
import Repositories

// usage: writing-benchmark FOLDER REPOSITORY [own|stock]
//
// Commits the files of a folder (but `.pave/` and such) to a branch of a new bare repository, and prints what that cost
// from the bytes in memory to the branch, hashing included: `wall s, CPU s, objects`.

func fail(_ message: String) -> Never {
  print("writing-benchmark: \(message)")
  exit(2)
}

func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

func cpuSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

func wallSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let folder = DiskFileTree(arguments[1]),
  let engine = WritingEngine(rawValue: arguments.count > 3 ? arguments[3] : "own")
else { fail("usage: writing-benchmark FOLDER REPOSITORY [own|stock]") }

do {
  var files: [(path: String, bytes: [UInt8])] = []
  for path in try folder.paths(under: "") where !path.hasPrefix(".") {
    files.append((path, try folder.read(path) ?? []))
  }
  let repository = try Repository.createBare(at: arguments[2], initialBranch: "main")
  let author = Signature(name: "Bench", email: "bench@bench.test", timeSeconds: 1_700_000_000)
  let (wall, cpu) = (wallSeconds(), cpuSeconds())
  let tree = try repository.tree(
    applying: files.map { .write($0.bytes[...], to: $0.path) }, to: nil)
  let commit = try repository.write(
    tree, as: CommitDraft(author: author, message: "Publish"), parents: [], engine: engine)
  try repository.moveBranch("main", from: nil, to: commit, reason: "publish")
  print(
    "wall \(wallSeconds() - wall) cpu \(cpuSeconds() - cpu) files \(files.count) commit \(commit)")
} catch {
  fail("\(error)")
}
