import Glibc
import OutputTrees

/// The job could not be done: ends the command with exit code 2.
struct CommandFailure: Error {
  /// One line, lower case: what was wrong and what to do.
  let message: String
}

/// Where a command writes: what it was asked for, or trouble and progress.
enum Stream {
  case output
  case error

  /// Whether a person reads it as it comes.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Writes all of the text.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes all bytes; ends the process quietly when nobody reads any more.
  func write(_ bytes: [UInt8]) {
    ProgressLine.end()
    bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
  }

  private var descriptor: Int32 { self == .output ? STDOUT_FILENO : STDERR_FILENO }
}

/// The day it is in UTC, as `2026-11-25`.
func currentDay() -> String {
  var now = time(nil)
  var parts = tm()
  gmtime_r(&now, &parts)
  func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
}

/// A variable of the process environment.
func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = Glibc.write(
      descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if written > 0 {
      rest = rest.dropFirst(written)
    } else if errno != EINTR {
      if errno == EPIPE { exit(ExitStatus.clean) }
      if descriptor == STDOUT_FILENO {
        Stream.error.write(
          "pave: cannot write to standard output: \(String(cString: strerror(errno)))\n")
      }
      exit(ExitStatus.failure)
    }
  }
}

/// Calls the output's functions; what they throw ends the command with exit code 2.
func reportingOutputErrors<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as OutputError {
    throw CommandFailure(message: error.message + (error.help.map { "\n\($0)" } ?? ""))
  }
}

/// The bytes of a file that the command line names; one that is missing or cannot be read ends the
/// command with exit code 2.
func bytes(ofFile path: String) throws -> [UInt8] {
  guard let bytes = try bytesIfThere(ofFile: path) else {
    throw CommandFailure(message: "there is no file '\(path)'")
  }
  return bytes
}
