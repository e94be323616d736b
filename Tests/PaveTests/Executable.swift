import Foundation

/// What a run of the built `pave` printed and how it ended.
struct Transcript: Equatable {
  var standardOutput: String
  var standardError: String
  var exitStatus: Int32
}

/// Runs the `pave` that was built with the tests, in the folder `folder`.
func runPave(
  _ arguments: [String], in folder: URL, environment: [String: String] = [:], input: String? = nil
) throws -> Transcript {
  let process = Process()
  process.executableURL = paveExecutable
  process.arguments = arguments
  process.currentDirectoryURL = folder
  process.environment = [
    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    "HOME": FileManager.default.temporaryDirectory.path, "LANG": "C.UTF-8",
  ].merging(environment) { $1 }
  // Files instead of pipes: neither stream can fill up and block the other.
  let scratch = FileManager.default.temporaryDirectory
    .appendingPathComponent("transcript-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: scratch) }
  let output = scratch.appendingPathComponent("stdout")
  let error = scratch.appendingPathComponent("stderr")
  for file in [output, error] { try Data().write(to: file) }
  process.standardOutput = try FileHandle(forWritingTo: output)
  process.standardError = try FileHandle(forWritingTo: error)
  if let input {
    let file = scratch.appendingPathComponent("stdin")
    try Data(input.utf8).write(to: file)
    process.standardInput = try FileHandle(forReadingFrom: file)
  } else {
    process.standardInput = FileHandle.nullDevice
  }
  try process.run()
  process.waitUntilExit()
  return Transcript(
    standardOutput: String(decoding: try Data(contentsOf: output), as: UTF8.self),
    standardError: String(decoding: try Data(contentsOf: error), as: UTF8.self),
    exitStatus: process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus)
}

/// The root of the checkout.
let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The `pave` that was built with the tests.
let paveExecutable: URL = {
  // The executable stands beside the test bundle, wherever the build folder is.
  let bundles = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
  for bundle in bundles where bundle.path.contains(".xctest") {
    let candidate = bundle.deletingLastPathComponent().appendingPathComponent("pave")
    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
  }
  return packageRoot.appendingPathComponent(".build/debug/pave")
}()
